"""Units, staff and duty for tests, made by the same actions that people use."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count

from jieli.events.actor import SYSTEM, Actor
from jieli.people import actions
from jieli.people.models import Absence, CompanyDuty, Deputy, DutyShift, Staff, Unit
from jieli.people.queries import actor_for

PASSWORD = "long enough to try"
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday 10:00 in the company's zone

_numbers = count(1)


def a_company(*, code: str = "boss", password: str | None = None) -> Staff:
    """Found the company: root unit, administrator, duty officer of the company."""
    number = next(_numbers)
    return actions.found_company(
        unit_code=f"HQ{number}", unit_name="总部", code=f"{code}{number}", name="韩梅梅", password=password
    )


def the_root() -> Unit:
    """Return the root unit, founding the company when there is none."""
    root = Unit.objects.filter(parent__isnull=True).first()
    return root or a_company().unit


def a_unit(
    *, parent: Unit | None = None, name: str = "客服一组", code: str = "", leader: Staff | None = None, calendar: str = "desk"
) -> Unit:
    """Make a unit below `parent`, or below the root."""
    return actions.make_unit(
        code=code or f"U{next(_numbers)}",
        name=name,
        parent_id=(parent or the_root()).pk,
        leader_id=None if leader is None else leader.pk,
        calendar=calendar,
        actor=SYSTEM,
    )


def a_person(
    *,
    unit: Unit | None = None,
    roles: Iterable[str] = ("agent",),
    name: str = "李雷",
    code: str = "",
    password: str | None = None,
) -> Staff:
    """Hire a person into `unit`, or into the root unit, with roles there."""
    return actions.hire(
        code=code or f"p{next(_numbers)}",
        name=name,
        unit_id=(unit or the_root()).pk,
        roles=roles,
        password=password,
        actor=SYSTEM,
    )


def acting(staff: Staff) -> Actor:
    """Return the person as an actor, with the roles held now."""
    return actor_for(staff)


def an_administrator() -> Actor:
    """Return an administrator of the whole company as an actor."""
    return acting(a_person(unit=the_root(), roles=("administrator",), name="管理员"))


def a_shift(unit: Unit, staff: Staff, *, starts_at: datetime = MONDAY, hours: float = 8) -> DutyShift:
    """Put a person on duty for a unit."""
    return actions.set_duty_shift(
        unit.pk, staff_id=staff.pk, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), actor=SYSTEM
    )


def an_absence(staff: Staff, *, starts_at: datetime = MONDAY, days: float = 5) -> Absence:
    """Let a person be away."""
    return actions.declare_absence(
        staff.pk, starts_at=starts_at, ends_at=starts_at + timedelta(days=days), reason="年假", actor=acting(staff)
    )


def a_deputy(
    staff: Staff, deputy: Staff, *, starts_on: date = date(2026, 1, 1), ends_on: date | None = None, order: int = 1
) -> Deputy:
    """Let a person name a deputy."""
    return actions.name_deputy(
        staff.pk, deputy_id=deputy.pk, starts_on=starts_on, ends_on=ends_on, order=order, actor=acting(staff)
    )


def on_company_duty(staff: Staff) -> CompanyDuty:
    """Make a person the duty officer of the company."""
    return actions.set_company_duty(staff_id=staff.pk, actor=SYSTEM)
