"""What the base templates know about the reader's look."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from jieli.lib import clock
from jieli.ui import display
from jieli.ui.templatetags.ui import company_zone

THEME_COOKIE = "theme"
THEMES = ("light", "dark", "auto")


def look(request: HttpRequest) -> dict[str, object]:
    """Context processor: `look.theme`, `look.now_stamp` for counting scripts, `look.clock` when the demo clock was moved."""

    def resolve() -> dict[str, object]:
        chosen = request.COOKIES.get(THEME_COOKIE, "auto")
        at = clock.now()
        known: dict[str, object] = {
            "theme": chosen if chosen in THEMES else "auto",
            "now_stamp": round(at.timestamp()),
            "clock": None,
        }
        if settings.DEMO:
            machine = datetime.now(UTC)
            if abs(at - machine) > timedelta(minutes=1):
                known["clock"] = at
                known["clock_text"] = display.instant_text(
                    at, now=at, zone=company_zone(), language=get_language() or settings.LANGUAGE_CODE
                )
        return known

    return {"look": SimpleLazyObject(resolve)}
