"""Public holidays and make-up working days of China as exceptions of a working calendar.

Source: the yearly notices of the State Council on public holidays, as the package ``chinesecalendar`` carries them.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from chinese_calendar import constants

from jieli.lib.business_time import Interval


def known_years() -> range:
    """Return the years whose notice the installed package carries; later years are announced each autumn."""
    years = [on.year for on in constants.holidays]
    return range(min(years), max(years) + 1)


def china_exceptions(
    year_from: int, year_to: int, weekly: Mapping[int, Sequence[Interval]]
) -> dict[date, tuple[Interval, ...]]:
    """Return the exceptions of the years, both included: no hours on a public holiday, a working day's hours on a make-up day.

    A make-up day has the hours of the first weekday that has any, Monday as a rule. Years not yet announced
    (see `known_years`) have no exceptions, so the week runs as usual.
    """
    working_hours = next((tuple(weekly[day]) for day in range(7) if weekly.get(day)), ())
    exceptions: dict[date, tuple[Interval, ...]] = {on: () for on in constants.holidays if year_from <= on.year <= year_to}
    exceptions.update({on: working_hours for on in constants.workdays if year_from <= on.year <= year_to})
    return dict(sorted(exceptions.items()))
