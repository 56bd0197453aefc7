"""Promises: made, told, paused, broken, ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.cases.events.base import CaseFact


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfPromise(CaseFact):
    promise_id: int
    promise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMade(_OfPromise):
    """A time was promised, by a rule or by a person."""

    type: ClassVar[str] = "cases.promise_made"
    sentence: ClassVar = _("Promised: %(promise)s by %(due_at)s (%(rule)s, %(policy)s)")
    customer_sees: ClassVar = True

    due_at: datetime
    rule: str
    policy: str
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseTold(_OfPromise):
    """The other side was told of a promise."""

    type: ClassVar[str] = "cases.promise_told"
    sentence: ClassVar = _("The time of %(promise)s was told (%(how)s)")

    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseEnded(_OfPromise):
    """A promise was kept, kept late, or cancelled with a reason."""

    type: ClassVar[str] = "cases.promise_ended"
    sentence: ClassVar = _("%(promise)s: %(outcome)s")
    customer_sees: ClassVar = True

    outcome: str
    due_at: datetime
    late_minutes: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisePaused(_OfPromise):
    """The clock stands, with the customer's consent, until a given time."""

    type: ClassVar[str] = "cases.promise_paused"
    sentence: ClassVar = _("The clock of %(promise)s stands until %(until)s (%(reason)s, agreed)")
    customer_sees: ClassVar = True

    reason: str
    until: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseResumed(_OfPromise):
    """The clock runs again."""

    type: ClassVar[str] = "cases.promise_resumed"
    sentence: ClassVar = _("The clock of %(promise)s runs again; due %(due_at)s")
    customer_sees: ClassVar = True

    due_at: datetime
    woke_by_itself: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseReplanned(_OfPromise):
    """Another rule applies now; the due time was worked out anew from all segments."""

    type: ClassVar[str] = "cases.promise_replanned"
    sentence: ClassVar = _("%(promise)s re-planned from %(old_due_at)s to %(due_at)s: %(rule)s, %(policy)s")
    customer_sees: ClassVar = True

    old_due_at: datetime
    due_at: datetime
    rule: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseWarned(_OfPromise):
    """A share of the time of a promise is used up; the ones who should know were told."""

    type: ClassVar[str] = "cases.promise_warned"
    sentence: ClassVar = _("%(share)s %% of the time for %(promise)s is used")

    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseBroken(_OfPromise):
    """The due time passed; the promise runs on until it is kept late or cancelled."""

    type: ClassVar[str] = "cases.promise_broken"
    sentence: ClassVar = _("%(promise)s was not kept by %(due_at)s")
    staff_fields: ClassVar = ("responsible_id", "steward_id")
    customer_sees: ClassVar = True

    due_at: datetime
    responsible_id: int
    steward_id: int
