"""When engineers work: their shifts or the hours of their outlet, without closures and absences."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta

from jieli.lib.business_time import WorkingCalendar
from jieli.network.models import Engineer, Outlet
from jieli.network.rules.shifts import WEEKDAYS, Window, common, windows, without
from jieli.people import rules as people_rules
from jieli.people.models import Absence, UnitClosure
from jieli.people.queries import company_zone, local_midnight, read_hours, working_calendar

_ALL_DAY = (("00:00", "24:00"),)


def working_windows(engineer: Engineer, on: date) -> list[Window]:
    """Return the stretches of a day in which an engineer works, in order. As `windows_of`."""
    return windows_of([engineer], on)[engineer.pk]


def windows_of(engineers: Collection[Engineer], on: date) -> dict[int, list[Window]]:
    """Return for each engineer the stretches of a company day in which he works, by id.

    Own shifts count before the hours of the outlet, those before the calendar of its unit. A closure of the outlet (the nearest
    unit's) cuts all of them, an absence of the person, too. Who has left or belongs to no outlet does not work. Cost: three
    queries whatever the number, when `outlet__unit` and `staff` were read with the engineers.
    """
    open_hours = opening_of({one.outlet.pk: one.outlet for one in engineers if one.outlet is not None}.values(), on)
    absences = _absences([one.pk for one in engineers], on)
    found: dict[int, list[Window]] = {}
    for engineer in engineers:
        if engineer.outlet_id is None or not engineer.staff.is_active or _has_left(engineer, on):
            found[engineer.pk] = []
            continue
        opening = open_hours[engineer.outlet_id]
        hours = opening.hours
        if engineer.shifts:
            own = windows(engineer.shifts.get(WEEKDAYS[on.weekday()], ()), on, company_zone())
            hours = own if opening.closure is None else common(own, opening.closure)
        found[engineer.pk] = without(hours, absences[engineer.pk])
    return found


class Opening:
    """The opening hours of an outlet on a day, and those that a closure leaves (None: no closure)."""

    __slots__ = ("closure", "hours")

    def __init__(self, hours: list[Window], closure: list[Window] | None) -> None:
        self.hours = hours
        self.closure = closure


def opening_windows(outlet: Outlet, on: date) -> list[Window]:
    """Return the stretches of a day in which an outlet is open. As `opening_of`."""
    return opening_of([outlet], on)[outlet.pk].hours


def opening_of(outlets: Collection[Outlet], on: date) -> dict[int, Opening]:
    """Return the opening of outlets on a company day, by id. Two queries when their `unit` was read with them."""
    outlets = list(outlets)
    if not outlets:
        return {}
    closures = _closures(outlets, on)
    by_calendar = [outlet.pk for outlet in outlets if not outlet.hours]
    if len(by_calendar) > 1:
        read_hours(by_calendar)
    found: dict[int, Opening] = {}
    for outlet in outlets:
        closure = closures.get(outlet.pk)
        if outlet.hours:
            hours = windows(outlet.hours.get(WEEKDAYS[on.weekday()], ()), on, company_zone())
            hours = hours if closure is None else common(hours, closure)
        else:
            hours = closure if closure is not None else _of_calendar(working_calendar(outlet.pk), on)
        found[outlet.pk] = Opening(hours, closure)
    return found


def _of_calendar(calendar: WorkingCalendar, on: date) -> list[Window]:
    hours = calendar.exceptions.get(on)
    if hours is None:
        hours = _ALL_DAY if calendar.always else calendar.weekly.get(on.weekday(), ())
    return windows(hours, on, company_zone())


def _closures(outlets: Collection[Outlet], on: date) -> dict[int, list[Window]]:
    above = {outlet.pk: people_rules.ancestor_ids(outlet.unit.path) for outlet in outlets}
    wanted = {unit_id for ids in above.values() for unit_id in ids}
    by_unit = {row.unit_id: row for row in UnitClosure.objects.filter(unit__in=wanted, on=on)}
    found = {}
    for outlet_id, ids in above.items():
        nearest = next((by_unit[unit_id] for unit_id in ids if unit_id in by_unit), None)
        if nearest is not None:
            found[outlet_id] = windows(nearest.intervals, on, company_zone())
    return found


def _absences(staff_ids: Collection[int], on: date) -> dict[int, list[Window]]:
    # A night shift runs into the next day.
    begin, end = local_midnight(on), local_midnight(on + timedelta(days=2))
    found: dict[int, list[Window]] = defaultdict(list)
    rows = Absence.objects.filter(staff__in=staff_ids, starts_at__lt=end, ends_at__gt=begin)
    for staff_id, starts_at, ends_at in rows.values_list("staff_id", "starts_at", "ends_at"):
        found[staff_id].append((starts_at, ends_at))
    return found


def _has_left(engineer: Engineer, on: date) -> bool:
    return engineer.ended_on is not None and engineer.ended_on < on
