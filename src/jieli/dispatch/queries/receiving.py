"""Who answers for an outlet, and until when an offer waits: in the working hours of whom it asks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from jieli.cases.models import Case
from jieli.lib import clock
from jieli.lib.business_time import CalendarRefusal, WorkingCalendar
from jieli.network.models import Engineer, Outlet
from jieli.network.rules.shifts import WEEKDAYS
from jieli.people.models import DutyShift, Grant, Role, Staff, Unit
from jieli.people.queries import absent_ids, closures_of, local_date, present, working_calendar
from jieli.policies.queries import current


def receivers_of(units: Sequence[Unit], at: datetime) -> dict[int, Staff]:
    """Return who would be asked for each outlet: its leader, else one who manages it; for the absent who stands in.

    Three queries, and some for each who is absent.
    """
    ids = [unit.pk for unit in units]
    managers: dict[int, list[int]] = {}
    for unit in units:
        if unit.leader_id is not None:
            managers.setdefault(unit.pk, []).append(unit.leader_id)
    grants = Grant.objects.filter(unit__in=ids, role=Role.OUTLET_MANAGER).order_by("staff__code")
    for unit_id, staff_id in grants.values_list("unit_id", "staff_id"):
        managers.setdefault(unit_id, []).append(staff_id)
    people = Staff.objects.active().select_related("unit").in_bulk({one for found in managers.values() for one in found})
    away = absent_ids(at)
    found = {}
    for unit_id, staff_ids in managers.items():
        here = next((people[one] for one in staff_ids if one in people and one not in away), None)
        if here is None:
            stand_ins = (present(one, at) for one in staff_ids if one in people)
            here = next((one for one in stand_ins if one is not None), None)
        if here is not None:
            found[unit_id] = here
    return found


def calendar_of_outlet(outlet: Outlet) -> WorkingCalendar:
    """Return when an outlet works: its own opening hours, else the calendar of its unit; without closures. Reads its unit."""
    if not outlet.hours:
        return working_calendar(outlet.unit_id)
    return _weekly(outlet.hours, outlet.unit)


def calendar_of_engineer(engineer: Engineer) -> WorkingCalendar:
    """Return when an engineer works: his shifts, else the hours of his outlet."""
    if engineer.shifts and engineer.outlet is not None:
        return _weekly(engineer.shifts, engineer.outlet.unit)
    return working_calendar(engineer.staff.unit_id) if engineer.outlet is None else calendar_of_outlet(engineer.outlet)


_KnownHours = dict[str, list[list[str]]]


def _weekly(hours: _KnownHours, unit: Unit) -> WorkingCalendar:
    weekly = {WEEKDAYS.index(day): [(one[0], one[1]) for one in found] for day, found in hours.items()}
    closures = closures_of(unit, since=local_date(clock.now()))
    exceptions = {one.on: [(begins, ends) for begins, ends in one.intervals] for one in closures}
    return WorkingCalendar(settings.TIME_ZONE, weekly, exceptions)


def answer_by(case: Case, calendar: WorkingCalendar, minutes: int, receiver_id: int, at: datetime) -> datetime:
    """Return until when an offer waits: working minutes of whom it asks, but the promise to the customer never breaks first.

    The end of the receiver's shift counts, as for every pass. One query.
    """
    clocks = current("dispatch").data.clocks
    try:
        due = calendar.add_minutes(at, minutes)
    except CalendarRefusal:
        due = at + timedelta(minutes=minutes)
    if current("numbers").data.passes.end_of_shift_counts:
        shift = DutyShift.objects.at(at).filter(staff_id=receiver_id).order_by("ends_at").first()
        due = due if shift is None else min(due, shift.ends_at)
    if case.next_due_at is not None:
        latest = case.next_due_at - timedelta(minutes=clocks.before_promise_minutes)
        due = min(due, max(latest, at + timedelta(minutes=clocks.urgent_minutes)))
    return due
