"""Windows of visits: how a day is cut into them, and whether people work in one; pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

Window = tuple[datetime, datetime]

LEAST_OPEN = 0.5
"""So much of a window must be working time: one that lies over the lunch break or reaches past closing is still a window."""

LONGEST = timedelta(hours=24)


def windows_of_day(on: date, *, first_from: str, last_until: str, minutes: int, zone: tzinfo) -> list[Window]:
    """Return the windows of a day in order; what is left at the end and shorter than a window is none."""
    begins, ends = _at(on, first_from, zone), _at(on, last_until, zone)
    step = timedelta(minutes=minutes)
    found = []
    while begins + step <= ends:
        found.append((begins, begins + step))
        begins += step
    return found


def _at(on: date, clock: str, zone: tzinfo) -> datetime:
    if clock == "24:00":
        return datetime.combine(on + timedelta(days=1), time(), tzinfo=zone)
    return datetime.combine(on, time.fromisoformat(clock), tzinfo=zone)


def window_with(at: datetime, windows: Iterable[Window], *, minutes: int) -> Window:
    """Return the window of a day in which an instant lies, or one of `minutes` that begins with it where none does."""
    inside = (one for one in windows if one[0] <= at < one[1])
    return next(inside, (at, at + timedelta(minutes=minutes)))


def is_worked(window: Window, stretches: Iterable[Window]) -> bool:
    """Tell whether enough of a window is working time."""
    begins, ends = window
    worked = sum((min(ends, b) - max(begins, a) for a, b in stretches if a < ends and b > begins), timedelta())
    return worked >= (ends - begins) * LEAST_OPEN


def touch(one: Window, other: Window) -> bool:
    """Tell whether two windows have time in common."""
    return one[0] < other[1] and one[1] > other[0]


def seats_left(window: Window, *, taken: Sequence[Window], a_window: int, a_day: int, today: int) -> int:
    """Return how many more visits a person can make in a window: by what he has in it, and by what he has that day."""
    return max(0, min(a_window - sum(touch(window, one) for one in taken), a_day - today))
