"""When a unit works: calendars of the policy, holidays, and closures of its own."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.db import connection
from django.utils.translation import get_language

from jieli.events.recent import keep, kept_a_moment
from jieli.lib import holidays
from jieli.lib.business_time import WorkingCalendar
from jieli.people import rules
from jieli.people.models import Unit, UnitClosure
from jieli.people.queries.days import company_zone
from jieli.policies.queries import current
from jieli.policies.schemas import Calendars
from jieli.policies.schemas.calendars import Weekday

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class CalendarHours:
    """One working calendar of the policy in plain hashable values; weekdays count from 0 = Monday."""

    code: str
    zone: str
    weekly: tuple[rules.Intervals, ...]
    always: bool
    holidays: str
    exceptions: tuple[tuple[date, rules.Intervals], ...] = ()
    label_zh: str = ""
    label_en: str = ""


def calendar_hours(code: str) -> CalendarHours | None:
    """Return a calendar of the present policy, or None when the policy does not know the code."""
    return _by_code(current("calendars").data).get(code)


_last: list[tuple[Calendars, dict[str, CalendarHours]]] = []


def _by_code(calendars: Calendars) -> dict[str, CalendarHours]:
    """Return the hours of a policy by code; those of the last policy asked for are kept."""
    if not _last or _last[0][0] is not calendars:
        _last[:] = [(calendars, {hours.code: hours for hours in all_calendar_hours()})]
    return _last[0][1]


def all_calendar_hours() -> list[CalendarHours]:
    """Return the calendars of the present policy, in its order. No query: policies are cached."""
    calendars: Calendars = current("calendars").data
    return [
        CalendarHours(
            code=code,
            zone=entry.zone,
            weekly=tuple(entry.weekly.get(day) or () for day in WEEKDAYS),
            always=entry.always,
            holidays=entry.holidays or "",
            exceptions=tuple((day.on, day.intervals) for day in entry.exceptions),
            label_zh=entry.label.zh,
            label_en=entry.label.en,
        )
        for code, entry in calendars.calendars.items()
    ]


@lru_cache(maxsize=512)
def compiled_calendar(hours: CalendarHours, closures: tuple[tuple[date, rules.Intervals], ...] = ()) -> WorkingCalendar:
    """Return the calendar ready for counting, made once for each different content."""
    weekly = dict(enumerate(hours.weekly))
    return WorkingCalendar(hours.zone, weekly, {**special_hours(hours), **dict(closures)}, always=hours.always)


def special_hours(hours: CalendarHours) -> dict[date, rules.Intervals]:
    """Return the days with hours of their own: public holidays (none), make-up days, and what the policy itself names."""
    found: dict[date, rules.Intervals] = {}
    if hours.holidays == "CN":
        years = holidays.known_years()
        found.update(holidays.china_exceptions(years[0], years[-1], dict(enumerate(hours.weekly))))
    found.update(dict(hours.exceptions))
    return found


def is_public_holiday(on: date) -> bool:
    """Tell whether a date is a public holiday for the company: a day off in a calendar of its that keeps public holidays.

    Days which the calendar itself names count before those of the country, so that a year not yet announced can be kept by
    hand. No query: policies are cached.
    """
    keeping = (hours for hours in all_calendar_hours() if hours.holidays)
    return any(special_hours(hours).get(on) == () for hours in keeping)


_Hours = tuple[str, tuple[tuple[date, rules.Intervals], ...]]


# Each unit with the closures of its own and of the units above it, the highest first: what comes later is nearer.
_HOURS = """
select unit.id, unit.calendar, closure."on", closure.intervals
from people_unit unit
left join people_unit above on above.id = any (string_to_array(trim(both '/' from unit.path), '/')::bigint[])
left join people_unitclosure closure on closure.unit_id = above.id
where unit.id = any (%s)
order by length(above.path)
"""


def _hours_of(unit_ids: Collection[int]) -> dict[int, _Hours]:
    """Return the calendar's code and the closures of units; for each day the nearest unit's closure counts. One query."""
    units: dict[int, tuple[str, dict[date, rules.Intervals]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [list(unit_ids)])
        for unit_id, code, on, intervals in cursor.fetchall():
            closures = units.setdefault(unit_id, (code, {}))[1]
            if on:
                pairs = json.loads(intervals) if isinstance(intervals, str) else intervals
                closures[on] = tuple((str(opens), str(closes)) for opens, closes in pairs)
    return {unit_id: (code, tuple(sorted(closures.items()))) for unit_id, (code, closures) in units.items()}


@kept_a_moment
def _own_hours(unit_id: int) -> _Hours:
    found = _hours_of([unit_id])
    if not found:
        raise Unit.DoesNotExist
    return found[unit_id]


def read_hours(unit_ids: Collection[int]) -> None:
    """Read the hours of many units at once, so that `working_calendar` answers from memory for a moment. One query."""
    for unit_id, hours in _hours_of(unit_ids).items():
        keep(_own_hours, hours, unit_id)


def working_calendar(unit_id: int, code: str | None = None) -> WorkingCalendar:
    """Return the hours in which a unit works: a calendar of the policy (its own unless named), and closures.

    Closures of a unit hold for the units below it, too; for one day the nearest unit's counts. The code "unit" means
    its own calendar. A code that the policy no longer knows counts as around the clock: due times may come early, never late.
    One query, kept for a moment; compiled calendars are kept by content. Raises Unit.DoesNotExist.
    """
    own, closures = _own_hours(unit_id)
    wanted = own if code in (None, "", "unit") else str(code)
    hours = calendar_hours(wanted) or CalendarHours(wanted, str(company_zone()), ((),) * 7, True, "")
    return compiled_calendar(hours, closures)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day of a year on which a calendar differs from its week: closed, or open at other hours."""

    on: date
    intervals: rules.Intervals
    is_make_up: bool


def special_days(hours: CalendarHours, year: int) -> list[SpecialDay]:
    """Return the holidays and make-up working days of a year, in order."""
    return [
        SpecialDay(on, intervals, bool(intervals))
        for on, intervals in sorted(special_hours(hours).items())
        if on.year == year and intervals != hours.weekly[on.weekday()]
    ]


def closures_of(unit: Unit, *, since: date) -> list[UnitClosure]:
    """Return the closures that hold for a unit from a day on, in order: its own and those of units above. One query."""
    above = UnitClosure.objects.filter(unit__in=rules.ancestor_ids(unit.path), on__gte=since).select_related("unit")
    nearest = {closure.on: closure for closure in sorted(above, key=lambda closure: len(closure.unit.path))}
    return [closure for _on, closure in sorted(nearest.items())]


def calendar_label(hours: CalendarHours) -> str:
    """Return a calendar's name in the reader's language."""
    return hours.label_zh if (get_language() or "").startswith("zh") else hours.label_en


def working_days(hours: CalendarHours, year: int) -> int:
    """Return on how many days of a year the calendar has any hours."""
    special = special_hours(hours)
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range(366))
    return sum(
        1 for on in days if on.year == year and (special[on] if on in special else hours.always or hours.weekly[on.weekday()])
    )
