"""The notices that dispatch sends to people's bells."""

from django.utils.translation import gettext_lazy as _

from jieli.dispatch.models import Offer
from jieli.notify.kinds import register

OFFERED = "dispatch.offered"
COUNTERED = "dispatch.countered"
COUNTER_ANSWERED = "dispatch.counter_answered"
MOVED = "dispatch.moved"
NOBODY = "dispatch.nobody"
OUTLET_OUT = "dispatch.outlet_out"
NEXT_NOT_SET = "dispatch.next_not_set"


def register_kinds() -> None:
    """Register every kind with its sentence."""
    register(
        OFFERED,
        _("Work order on %(number)s: %(subject)s. Please accept or refuse."),
        label=_("a work order is offered to me"),
        by_email=True,
        icon="truck",
    )
    register(
        COUNTERED,
        _("%(receiver)s proposes another time for %(number)s"),
        label=_("another time is proposed to me"),
        icon="calendar",
    )
    register(
        COUNTER_ANSWERED,
        _("Your time for %(number)s was answered: %(answer)s"),
        label=_("my proposed time was answered"),
        icon="calendar",
        words={"answer": lambda: dict(Offer.CounterState.choices)},
    )
    register(MOVED, _("The appointment of %(number)s was moved"), label=_("an appointment was moved"), icon="calendar-event")
    register(
        NOBODY,
        _("Nobody is left to be asked for %(number)s: plan it by hand"),
        label=_("nobody is left to be asked"),
        by_email=True,
        icon="user-question",
    )
    register(
        OUTLET_OUT,
        _("%(outlet)s takes no orders any more: %(number)s must be dispatched anew"),
        label=_("an outlet fell out"),
        by_email=True,
        icon="building-off",
    )
    register(
        NEXT_NOT_SET,
        _("The time agreed for the next visit of %(number)s is not free: set its appointment"),
        label=_("the next visit of an order needs an appointment"),
        by_email=True,
        icon="calendar-x",
    )
