"""The facts that people record: about staff, about units and about the company."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact, Text


@dataclass(frozen=True, slots=True)
class StaffHired(Fact):
    """A person joined the company."""

    type: ClassVar[str] = "people.staff_hired"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("%(name)s (%(code)s) joined the unit %(unit)s")

    staff_id: int
    code: str
    name: Text
    unit_id: int
    unit: str


@dataclass(frozen=True, slots=True)
class StaffChanged(Fact):
    """Something in a person's record was changed; old and new values stand in the texts."""

    type: ClassVar[str] = "people.staff_changed"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Changed: %(after)s (before: %(before)s)")

    staff_id: int
    changed: tuple[str, ...]
    before: Text
    after: Text


@dataclass(frozen=True, slots=True)
class StaffMoved(Fact):
    """A person went to another unit."""

    type: ClassVar[str] = "people.staff_moved"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Moved from the unit %(from_unit)s to %(unit)s")

    staff_id: int
    from_unit_id: int
    from_unit: str
    unit_id: int
    unit: str


@dataclass(frozen=True, slots=True)
class StaffDeactivated(Fact):
    """A person left: no more login, no more duty; the record stays."""

    type: ClassVar[str] = "people.staff_deactivated"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Deactivated; %(tokens)s tokens were revoked and %(shifts)s coming duty shifts removed")

    staff_id: int
    tokens: int
    shifts: int


@dataclass(frozen=True, slots=True)
class StaffReactivated(Fact):
    """A person who had left is back."""

    type: ClassVar[str] = "people.staff_reactivated"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Activated again")

    staff_id: int


@dataclass(frozen=True, slots=True)
class RoleGranted(Fact):
    """A person holds a role in a unit and below from now on."""

    type: ClassVar[str] = "people.role_granted"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Received the role %(role)s in the unit %(unit)s")

    staff_id: int
    role: str
    unit_id: int
    unit: str


@dataclass(frozen=True, slots=True)
class RoleRevoked(Fact):
    """A person holds a role no longer."""

    type: ClassVar[str] = "people.role_revoked"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Lost the role %(role)s in the unit %(unit)s")

    staff_id: int
    role: str
    unit_id: int
    unit: str


@dataclass(frozen=True, slots=True)
class AbsenceDeclared(Fact):
    """A person will be away; deputies act meanwhile."""

    type: ClassVar[str] = "people.absence_declared"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Absent from %(starts_at)s to %(ends_at)s: %(reason)s")

    staff_id: int
    absence_id: int
    starts_at: datetime
    ends_at: datetime
    reason: Text


@dataclass(frozen=True, slots=True)
class AbsenceEnded(Fact):
    """A person is back early, or the absence was called off before it began."""

    type: ClassVar[str] = "people.absence_ended"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Back at %(ended_at)s instead of %(ends_at)s")

    staff_id: int
    absence_id: int
    ends_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class DeputyNamed(Fact):
    """A person named a deputy."""

    type: ClassVar[str] = "people.deputy_named"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Named %(deputy_id)s as deputy from %(starts_on)s to %(ends_on)s")
    staff_fields: ClassVar[tuple[str, ...]] = ("deputy_id",)

    staff_id: int
    deputy_id: int
    starts_on: date
    ends_on: date | None
    order: int


@dataclass(frozen=True, slots=True)
class DeputyRemoved(Fact):
    """A deputy stands in no longer."""

    type: ClassVar[str] = "people.deputy_removed"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("%(deputy_id)s is no longer deputy")
    staff_fields: ClassVar[tuple[str, ...]] = ("deputy_id",)

    staff_id: int
    deputy_id: int
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class PasswordChanged(Fact):
    """A password was set, by the person or for the person."""

    type: ClassVar[str] = "people.password_changed"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("The password was changed")

    staff_id: int


@dataclass(frozen=True, slots=True)
class SignedIn(Fact):
    """A person logged in."""

    type: ClassVar[str] = "people.signed_in"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Logged in from %(address)s")

    staff_id: int
    address: Text


@dataclass(frozen=True, slots=True)
class SignInLocked(Fact):
    """The login name was locked for a while after too many wrong passwords."""

    type: ClassVar[str] = "people.sign_in_locked"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Login locked until %(until)s after %(failures)s wrong passwords")

    staff_id: int
    failures: int
    until: datetime


@dataclass(frozen=True, slots=True)
class TokenIssued(Fact):
    """A program received a key to act as this person."""

    type: ClassVar[str] = "people.token_issued"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Token %(name)s issued: role %(role)s in the unit %(unit)s")

    staff_id: int
    token_id: int
    name: str
    role: str
    unit_id: int
    unit: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenRevoked(Fact):
    """A key opens nothing any more."""

    type: ClassVar[str] = "people.token_revoked"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Token %(name)s revoked")

    staff_id: int
    token_id: int
    name: str


@dataclass(frozen=True, slots=True)
class UnitMade(Fact):
    """A unit was added to the tree."""

    type: ClassVar[str] = "people.unit_made"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("Unit %(name)s (%(code)s) made")

    unit_id: int
    code: str
    name: str
    kind: str
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class UnitChanged(Fact):
    """Something in a unit's record was changed: place in the tree, leader, calendar, name …"""

    type: ClassVar[str] = "people.unit_changed"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("Changed: %(after)s (before: %(before)s)")

    unit_id: int
    changed: tuple[str, ...]
    before: Text
    after: Text


@dataclass(frozen=True, slots=True)
class DutyShiftSet(Fact):
    """A person is the duty officer of a unit for a stretch of time."""

    type: ClassVar[str] = "people.duty_shift_set"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("%(duty_id)s is on duty from %(starts_at)s to %(ends_at)s")
    staff_fields: ClassVar[tuple[str, ...]] = ("duty_id",)

    unit_id: int
    shift_id: int
    duty_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class DutyShiftRemoved(Fact):
    """A duty shift was taken out of the rota."""

    type: ClassVar[str] = "people.duty_shift_removed"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("The duty of %(duty_id)s from %(starts_at)s to %(ends_at)s was removed")
    staff_fields: ClassVar[tuple[str, ...]] = ("duty_id",)

    unit_id: int
    shift_id: int
    duty_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class UnitClosedOn(Fact):
    """A unit keeps other hours on one day, or is closed."""

    type: ClassVar[str] = "people.unit_closed_on"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("On %(on)s open %(hours)s: %(note)s")

    unit_id: int
    on: date
    hours: str
    note: Text


@dataclass(frozen=True, slots=True)
class UnitClosureLifted(Fact):
    """A unit keeps its usual hours again on that day."""

    type: ClassVar[str] = "people.unit_closure_lifted"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("On %(on)s the usual hours again")

    unit_id: int
    on: date


@dataclass(frozen=True, slots=True)
class CompanyDutySet(Fact):
    """The last place where a case can land has another person."""

    type: ClassVar[str] = "people.company_duty_set"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("%(duty_id)s is the duty officer of the company")
    staff_fields: ClassVar[tuple[str, ...]] = ("duty_id", "former_id")

    company_id: int
    duty_id: int
    former_id: int | None
