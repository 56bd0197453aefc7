"""Why a candidate is proposed, or not: codes with values, and their words; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jieli.network.rules import reasons as network

_NETWORK = {one.code: one for one in vars(network).values() if isinstance(one, network.Reason)}


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: a stable code and the value that fills its words; one that `blocks` forbids to ask somebody."""

    code: str
    value: str = ""
    total: str = ""
    blocks: bool = False

    @property
    def words(self) -> str:
        """Return the words in the language of the moment."""
        if self.code in _NETWORK:
            return str(_NETWORK[self.code].words)
        values = {"value": self.value, "total": self.total}
        words = _words().get(self.code)
        return words % values if words else self.value or self.code

    def as_json(self) -> dict[str, Any]:
        """Return it as an offer keeps it."""
        return {"code": self.code} | {key: one for key in ("value", "total") if (one := getattr(self, key))}


def _words() -> dict[str, str]:
    return {
        "covers": _("serves the address and the product line"),
        "covers_place": _("serves %(value)s and the product line"),
        "distance": _("%(value)s km by road"),
        "no_distance": _("the distance is not known"),
        "same_place": _("is in %(value)s, too"),
        "room": _("%(value)s of %(total)s orders free that day"),
        "room_open": _("says no limit of orders"),
        "grade": _("last graded %(value)s"),
        "demonstration": _("demonstration licence"),
        "warning": _("licence in warning: half the orders"),
        "earlier": _("%(value)s was with this customer, who was content"),
        "earlier_self": _("was with this customer, who was content"),
        "least": _("%(value)s of %(total)s orders that day"),
        "full": _("fully booked that day"),
        "window_full": _("has no room at that time"),
        "closed": _("is closed at that time"),
        "off": _("does not work at that time"),
        "not_covering": _("is not known to serve this address"),
        "nobody": _("nobody is there who could accept"),
        "closed_now": _("closed now, answers from %(value)s"),
        "asked": _("was asked already"),
        "refused": pgettext("an outlet", "refused: %(value)s"),
        "has_it": _("has it now"),
        "document_expired": _("expired: %(value)s"),
    }


def of_network(found: Iterable[network.Reason]) -> list[Why]:
    """Return the network's reasons against somebody as reasons that block."""
    return [Why(one.code, "" if one.code in _NETWORK else _last_part(str(one.words)), blocks=True) for one in found]


def _last_part(words: str) -> str:
    for sign in (": ", "："):
        if sign in words:
            return words.split(sign, 1)[1]
    return words


def from_json(kept: Iterable[Mapping[str, Any]]) -> list[Why]:
    """Return reasons that an offer keeps."""
    return [Why(str(one["code"]), str(one.get("value", "")), str(one.get("total", ""))) for one in kept]
