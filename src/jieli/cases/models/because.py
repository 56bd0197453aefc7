"""Why something of a case ended or went on: kept as a code, so that each reader has it in his own language."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Because(models.TextChoices):
    """What the software says for a reason where no person wrote one."""

    BY_HAND = "by_hand", _("by hand")
    CASE_RESOLVED = "case_resolved", _("the case was resolved")
    CASE_CLOSED = "case_closed", _("the case was closed")
    CASE_CANCELLED = "case_cancelled", _("the case was cancelled")
    CASE_REOPENED = "case_reopened", _("the case was reopened")
    CASE_MERGED = "case_merged", _("the case was merged")
    CHANGED_IN_SOURCE = "changed_in_source", _("by its state in the source")
    CUSTOMER_WROTE = "customer_wrote", _("the customer wrote")
    TIME_CAME = "time_came", _("the agreed time has come")
    TIME_CHOSEN = "time_chosen", _("the customer chose a time")
    NOTHING_WAITS = "nothing_waits", _("no promise waits any more")
    NOTHING_ON_ORDER = "nothing_on_order", _("nothing is on order any more")
    NOTHING_ASKED = "nothing_asked", _("nothing more was asked")
    NEW_TIME = "new_time", _("a new time was promised in its place")
    OFFER_WITHDRAWN = "offer_withdrawn", _("the offer was withdrawn")
    BY_GIVER = "by_giver", _("by the giver")
    SOMEBODY_TOOK_IT = "somebody_took_it", _("somebody took it")
    TAKEN_OVER = "taken_over", _("a superior took it over")
    OWNER_AWAY = "owner_away", _("the owner is away")
    DEPUTY = "deputy", _("deputy")
    NO_DEPUTY = "no_deputy", _("away, and no deputy is present: the duty officer")
    DISPATCHED = "dispatched", _("it was dispatched")
    OUTLET_OUT = "outlet_out", _("the outlet takes no orders now")
    ORDER_CALLED_OFF = "order_called_off", _("the work order was called off")
    TO_CALL_BACK = "to_call_back", _("is to call the customer back")
    CALLS_BACK = "calls_back", _("makes the call-back")
    ANOTHER_CALLS_BACK = "another_calls_back", _("somebody else makes the call-back")
    CALLED_BACK = "called_back", _("the customer was called back")
    SATISFIED = "satisfied_at_call_back", _("call-back: satisfied")
    UNREACHED = "unreached_at_call_back", _("call-back: unreached")
    DISSATISFIED = "dissatisfied_at_call_back", _("the customer is dissatisfied")
    MAKES_GOOD = "makes_good", _("makes it good: the customer knows the steward")


def becauses() -> Mapping[str, Any]:
    """Return the words of each code."""
    return dict(Because.choices)


_FOR = "stands_in_for:"


def standing_in(reason: str, absent: str) -> str:
    """Return a reason to which is added for whom somebody stands in."""
    return f"{reason}\n{_FOR}{absent}".strip()


def reason_words(reason: str) -> str:
    """Return a kept reason in the language of the moment: the words of a code, or what a person wrote."""
    said, _for, absent = reason.partition(_FOR)
    said = said.strip() if absent else said
    said = str(Because(said).label) if said in Because.values else said
    if not absent:
        return said
    stands = gettext("stands in for %(absent)s") % {"absent": absent}
    return gettext("%(why)s; %(stands)s") % {"why": said, "stands": stands} if said else stands
