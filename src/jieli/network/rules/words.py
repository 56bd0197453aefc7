"""Codes of the network in words."""

from collections.abc import Iterable

from django.utils.functional import Promise as Lazy
from django.utils.translation import pgettext_lazy

from jieli.policies.codes import ServiceType
from jieli.policies.product_lines import product_words

STANDING_WORDS: dict[str, str | Lazy] = {
    "demonstration": pgettext_lazy("licence", "demonstration"),
    "normal": pgettext_lazy("licence", "normal"),
    "warning": pgettext_lazy("licence", "warning"),
    "revoked": pgettext_lazy("licence", "revoked"),
}
STANDING_LOOKS = {
    "demonstration": ("ok", "star"),
    "normal": ("grey", "check"),
    "warning": ("risk", "alert-triangle"),
    "revoked": ("bad", "circle-minus"),
}
"""The tone and the icon of each standing."""
STATUS_LOOKS = {
    "active": ("ok", "check"),
    "suspended": ("risk", "player-pause"),
    "ended": ("grey", "circle-minus"),
}
"""The tone and the icon of the status of an outlet or a provider."""


def service_words(code: str) -> str:
    """Return a service type in words."""
    return str(ServiceType(code).label) if code in ServiceType.values else code


def product_choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return product lines for a select, in words and in their order."""
    return sorted(((code, product_words(code)) for code in set(codes) if code), key=lambda one: one[1])


def masked_account(number: str) -> str:
    """Return a bank account of which the last four digits are seen."""
    return f"•••• {number[-4:]}" if len(number) > 4 else "••••" if number else ""
