"""System checks: a misconfiguration is said at start, with a hint."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register
def environment_is_sound(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check combinations of settings that Django cannot know."""
    found: list[CheckMessage] = []
    if settings.DATABASE_ROLE not in ("app", "owner"):
        found.append(
            Error("JIELI_DATABASE_ROLE must be 'app' or 'owner'.", hint="Leave it unset.", id="jieli.E001"),
        )
    if settings.LANGUAGE_CODE not in dict(settings.LANGUAGES):
        found.append(Error("JIELI_LANGUAGE must be 'zh-hans' or 'en'.", id="jieli.E002"))
    if settings.PUBLIC_URL and not settings.PUBLIC_URL.startswith(("http://", "https://")):
        found.append(
            Error(
                "JIELI_PUBLIC_URL must begin with http:// or https://.", hint="Such as https://service.example", id="jieli.E003"
            )
        )
    if settings.PUBLIC_URL.startswith("https://") and not settings.HTTPS:
        found.append(
            Warning(
                "JIELI_PUBLIC_URL is https, but JIELI_HTTPS is off: cookies may travel unprotected.",
                hint="Set JIELI_HTTPS=1 behind a proxy which sets X-Forwarded-Proto.",
                id="jieli.W001",
            )
        )
    if settings.DEBUG and not settings.DEMO and settings.HTTPS:
        found.append(Warning("JIELI_DEBUG is on for a site reached by HTTPS.", hint="Unset it.", id="jieli.W002"))
    return found
