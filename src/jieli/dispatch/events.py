"""The facts that dispatch records, on the chain of the case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.events.facts import Fact, Text, Words


def _sides() -> Mapping[str, Any]:
    return {"outlet": _("to the outlet"), "engineer": _("to the engineer")}


class DispatchFact(Fact):
    """A fact of the dispatch of one case."""

    stream: ClassVar[str] = "case"
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"side": _sides}

    case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOffered(DispatchFact):
    """A work order was offered to an outlet or an engineer; `grounds` says by which figures the candidate was chosen."""

    type: ClassVar[str] = "dispatch.offered"
    icon: ClassVar = ("truck", "accent")
    sentence: ClassVar = _("Dispatch %(side)s %(outlet)s (%(policy)s)")
    staff_fields: ClassVar = ("engineer_id",)

    case_id: int
    pass_id: int
    side: str
    outlet: str
    outlet_id: int
    engineer_id: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    policy: str = ""
    by_itself: bool = False
    grounds: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCountered(DispatchFact):
    """Who was asked proposes another window; until it is answered the offer stands."""

    type: ClassVar[str] = "dispatch.time_countered"
    icon: ClassVar = ("calendar", "risk")
    sentence: ClassVar = _("Another time was proposed: %(starts_at)s – %(ends_at)s: %(reason)s")

    case_id: int
    pass_id: int
    starts_at: datetime
    ends_at: datetime
    reason: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterAnswered(DispatchFact):
    """The proposed window was agreed to, or not."""

    type: ClassVar[str] = "dispatch.counter_answered"
    icon: ClassVar = ("calendar", "accent")
    sentence: ClassVar = _("The proposed time was answered: %(answer)s")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {
        "answer": lambda: {
            "agreed": pgettext_lazy("a counter-proposal", "agreed"),
            "refused": pgettext_lazy("a counter-proposal", "refused"),
        }
    }

    case_id: int
    pass_id: int
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentSet(DispatchFact):
    """A window for the visit stands; `state` says whether an outlet has accepted it."""

    type: ClassVar[str] = "dispatch.appointment_set"
    icon: ClassVar = ("calendar-event", "accent")
    sentence: ClassVar = _("Appointment: %(starts_at)s – %(ends_at)s")
    customer_sees: ClassVar = True
    staff_fields: ClassVar = ("engineer_id",)

    case_id: int
    appointment_id: int
    starts_at: datetime
    ends_at: datetime
    outlet: str = ""
    engineer_id: int | None = None
    by_customer: bool = False
    visit: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMoved(DispatchFact):
    """The window for the visit is another one; the old one is told beside it."""

    type: ClassVar[str] = "dispatch.appointment_moved"
    icon: ClassVar = ("calendar-event", "risk")
    sentence: ClassVar = _("Appointment moved from %(old_starts_at)s to %(starts_at)s – %(ends_at)s")
    customer_sees: ClassVar = True
    staff_fields: ClassVar = ("engineer_id",)

    case_id: int
    appointment_id: int
    old_starts_at: datetime
    old_ends_at: datetime
    starts_at: datetime
    ends_at: datetime
    outlet: str = ""
    engineer_id: int | None = None
    by_customer: bool = False
    reason: Text = ""
    visit: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentAccepted(DispatchFact):
    """The outlet, or the engineer, comes in this window."""

    type: ClassVar[str] = "dispatch.appointment_accepted"
    icon: ClassVar = ("calendar-check", "ok")
    sentence: ClassVar = _("Appointment confirmed: %(starts_at)s – %(ends_at)s, %(outlet)s")
    customer_sees: ClassVar = True
    staff_fields: ClassVar = ("engineer_id",)

    case_id: int
    appointment_id: int
    starts_at: datetime
    ends_at: datetime
    outlet: str
    engineer_id: int | None = None
    visit: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentEnded(DispatchFact):
    """The appointment came about, or was called off."""

    type: ClassVar[str] = "dispatch.appointment_ended"
    icon: ClassVar = ("calendar", "grey")
    sentence: ClassVar = _("Appointment %(state)s")
    customer_sees: ClassVar = True
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {
        "state": lambda: {
            "done": pgettext_lazy("an appointment", "kept"),
            "cancelled": pgettext_lazy("an appointment", "called off"),
        }
    }

    case_id: int
    appointment_id: int
    state: str


def _told() -> Mapping[str, Any]:
    return {
        "window": _("the window of the visit"),
        "reminder": _("a reminder of the visit"),
        "on_the_way": _("the engineer is on the way"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTold(DispatchFact):
    """The customer was told of a visit, by a message on the case and by e-mail when there is an address."""

    type: ClassVar[str] = "dispatch.customer_told"
    icon: ClassVar = ("mail-forward", "grey")
    sentence: ClassVar = _("The customer was told: %(what)s")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"what": _told}

    case_id: int
    appointment_id: int
    what: str
    by_email: bool
    starts_at: datetime
    ends_at: datetime
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextVisitNotSet(DispatchFact):
    """The time agreed on site for another visit is not free: the promise stands, and a person sets the appointment."""

    type: ClassVar[str] = "dispatch.next_visit_not_set"
    icon: ClassVar = ("calendar-x", "risk")
    sentence: ClassVar = _("The time agreed for the next visit is not free: %(agreed_at)s (%(why)s)")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {
        "why": lambda: {
            "closed": _("nobody works then"),
            "nobody": pgettext_lazy("a window", "nobody to send"),
            "full": _("taken by others"),
            "past": _("too soon or too far ahead"),
            "outlet": _("the outlet takes no orders"),
        }
    }

    case_id: int
    agreed_at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyToAsk(DispatchFact):
    """No candidate is left that may be asked by itself; who has the case plans on by hand."""

    type: ClassVar[str] = "dispatch.nobody_to_ask"
    icon: ClassVar = ("user-question", "risk")
    sentence: ClassVar = _("Nobody is left to be asked by itself (%(asked)s were asked)")

    case_id: int
    pass_id: int
    asked: int
    policy: str = ""
