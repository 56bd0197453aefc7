"""Who is on duty for a unit, and its rota."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Refused
from jieli.people import rules
from jieli.people.models import CompanyDuty, DutyShift, Staff, Unit
from jieli.people.queries.days import company_zone, local_midnight
from jieli.people.queries.presence import present


class NoDutyOfficer(Refused):
    """Nobody can be reached: the company has not named its duty officer yet."""

    code = "no_duty_officer"
    message = _("The company has no duty officer. An administrator must name one first.")


Via = Literal["rota", "leader", "company"]


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on duty for a unit, and why: which unit's rota or leader it was, and for whom a deputy stands in."""

    staff: Staff
    via: Via
    unit: Unit | None
    stands_in_for_id: int | None


def duty(unit_id: int, at: datetime) -> Duty:
    """Return the duty officer with the reason: the unit's rota, its leader, the same upward, at last the company's.

    The absent are replaced by their deputies, or skipped when nobody stands in. The company's duty officer answers even when
    away, because a case must have an owner (invariant 1). Raises Unit.DoesNotExist, NoDutyOfficer. Three queries usually.
    """
    unit_ids = rules.ancestor_ids(Unit.objects.values_list("path", flat=True).get(pk=unit_id))
    on_duty = DutyShift.objects.at(at).filter(unit_id=OuterRef("pk")).values("staff_id")[:1]
    units = Unit.objects.filter(pk__in=unit_ids).annotate(on_duty_id=Subquery(on_duty)).in_bulk()
    for ancestor_id in unit_ids:
        unit = units[ancestor_id]
        candidates: list[tuple[Via, int | None]] = [("rota", unit.on_duty_id), ("leader", unit.leader_id)]  # type: ignore[attr-defined]
        for via, candidate in candidates:
            if candidate is None:
                continue
            staff = present(candidate, at)
            if staff is not None:
                return Duty(staff, via, unit, None if staff.pk == candidate else candidate)
    company = CompanyDuty.objects.select_related("staff").first()
    if company is None:
        raise NoDutyOfficer
    staff = present(company.staff_id, at) or company.staff
    return Duty(staff, "company", None, None if staff.pk == company.staff_id else company.staff_id)


def duty_or_none(unit_id: int, at: datetime) -> Duty | None:
    """Return the duty officer with the reason, or None before the company has named one."""
    try:
        return duty(unit_id, at)
    except NoDutyOfficer:
        return None


def duty_officer(unit_id: int, at: datetime) -> Staff:
    """Return who is on duty for a unit at an instant; see `duty`."""
    return duty(unit_id, at).staff


def duty_officers(unit_ids: Collection[int], at: datetime) -> dict[int, int]:
    """Return who is on duty for each of many units at an instant, by id: as `duty_officer` one by one.

    Cost: two queries, and two more for each different person who comes in question. Raises NoDutyOfficer.
    """
    paths = {pk: rules.ancestor_ids(path) for pk, path in Unit.objects.filter(pk__in=unit_ids).values_list("pk", "path")}
    on_duty = DutyShift.objects.at(at).filter(unit_id=OuterRef("pk")).values("staff_id")[:1]
    above = {unit_id for path in paths.values() for unit_id in path}
    units = (
        Unit.objects.filter(pk__in=above).annotate(on_duty_id=Subquery(on_duty)).values_list("pk", "on_duty_id", "leader_id")
    )
    candidates = {pk: [one for one in (shift_id, leader_id) if one is not None] for pk, shift_id, leader_id in units}
    standing_in: dict[int, int | None] = {}

    def answers(staff_id: int) -> int | None:
        if staff_id not in standing_in:
            staff = present(staff_id, at)
            standing_in[staff_id] = None if staff is None else staff.pk
        return standing_in[staff_id]

    found: dict[int, int] = {}
    nobody: list[int] = []
    for unit_id, path in paths.items():
        asked = (answers(one) for ancestor_id in path for one in candidates[ancestor_id])
        officer = next((one for one in asked if one is not None), None)
        if officer is None:
            nobody.append(unit_id)
        else:
            found[unit_id] = officer
    if nobody:
        company = CompanyDuty.objects.first()
        if company is None:
            raise NoDutyOfficer
        found |= dict.fromkeys(nobody, answers(company.staff_id) or company.staff_id)
    return found


@dataclass(frozen=True, slots=True)
class RotaDay:
    """One day of a unit's rota: its shifts as far as they lie in it, and the stretches that nobody covers, as clock times."""

    on: date
    shifts: list[tuple[DutyShift, str, str]]
    gaps: list[tuple[str, str]]


def _clock(at: datetime, on: date) -> str:
    local = at.astimezone(company_zone())
    return "24:00" if local.date() > on else local.strftime("%H:%M")


def rota_week(unit: Unit, monday: date) -> list[RotaDay]:
    """Return seven days of a unit's rota with the gaps in them; a shift stands on each day it touches. One query."""
    starts_at, ends_at = local_midnight(monday), local_midnight(monday + timedelta(days=7))
    shifts = list(DutyShift.objects.filter(unit=unit).between(starts_at, ends_at).select_related("staff").order_by("starts_at"))
    days = []
    for number in range(7):
        on = monday + timedelta(days=number)
        begins, ends = local_midnight(on), local_midnight(on + timedelta(days=1))
        touching = [shift for shift in shifts if shift.starts_at < ends and shift.ends_at > begins]
        gaps = rules.free_stretches(((shift.starts_at, shift.ends_at) for shift in touching), starts_at=begins, ends_at=ends)
        shown = [(shift, _clock(max(shift.starts_at, begins), on), _clock(min(shift.ends_at, ends), on)) for shift in touching]
        days.append(RotaDay(on, shown, [(_clock(opens, on), _clock(closes, on)) for opens, closes in gaps]))
    return days
