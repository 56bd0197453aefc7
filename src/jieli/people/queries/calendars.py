"""When a unit works: calendars of the policy, holidays, and closures of its own."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.utils.translation import get_language

from jieli.events.recent import kept_a_moment
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
    return next((hours for hours in all_calendar_hours() if hours.code == code), None)


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


@kept_a_moment
def working_calendar(unit_id: int, code: str | None = None) -> WorkingCalendar:
    """Return the hours in which a unit works: a calendar of the policy (its own unless named) and the unit's closures.

    The code "unit" means its own. A code that the policy no longer knows counts as around the clock: due times may come
    early, never late. One query, kept for a moment; compiled
    calendars are kept by content. Raises Unit.DoesNotExist.
    """
    rows = list(
        Unit.objects.filter(pk=unit_id).order_by("closures__on").values_list("calendar", "closures__on", "closures__intervals")
    )
    if not rows:
        raise Unit.DoesNotExist
    closures = tuple(
        (on, tuple((str(opens), str(closes)) for opens, closes in intervals)) for _code, on, intervals in rows if on
    )
    wanted = rows[0][0] if code in (None, "", "unit") else str(code)
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
    """Return a unit's closures from a day on, in order."""
    return list(UnitClosure.objects.filter(unit=unit, on__gte=since).order_by("on"))


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
