"""Hours of a week as people write them, and the stretches of a day that they come to; pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Any

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Interval = tuple[str, str]
Window = tuple[datetime, datetime]
Week = dict[str, list[list[str]]]


def clean_week(week: Any) -> Week:
    """Return hours by weekday in one form, in order and without empty days. Raises ValueError for anything else.

    A time is ``HH:MM``, an end may be ``24:00``; an interval ends after it begins and does not touch another of its day.
    """
    if not isinstance(week, Mapping) or set(week) - set(WEEKDAYS):
        raise ValueError("hours are given by weekday: mon to sun")
    clean: Week = {}
    for day in WEEKDAYS:
        intervals = sorted(_interval(one) for one in week.get(day) or [])
        if any(first[1] > second[0] for first, second in pairwise(intervals)):
            raise ValueError("two stretches of a day overlap")
        if intervals:
            clean[day] = [list(one) for one in intervals]
    return clean


def read_week(text: str) -> Week:
    """Return the hours in a text such as ``mon-fri 09:00-12:00 13:00-18:00; sat 09:00-12:00``. Raises ValueError."""
    week: dict[str, list[list[str]]] = {}
    for part in text.split(";"):
        words = part.split()
        if not words:
            continue
        for day in _days(words[0].lower()):
            if day in week:
                raise ValueError("a day stands twice")
            week[day] = [one.split("-") for one in words[1:]]
    return clean_week(week)


def write_week(week: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Return hours as `read_week` reads them: days that follow each other with equal hours as one."""
    parts: list[tuple[list[str], str]] = []
    for day in WEEKDAYS:
        hours = " ".join("-".join(one) for one in week.get(day) or [])
        if hours and parts and parts[-1][1] == hours and WEEKDAYS.index(parts[-1][0][-1]) + 1 == WEEKDAYS.index(day):
            parts[-1][0].append(day)
        elif hours:
            parts.append(([day], hours))
    return "; ".join(f"{days[0]}-{days[-1]} {hours}" if len(days) > 1 else f"{days[0]} {hours}" for days, hours in parts)


def windows(intervals: Iterable[Sequence[str]], on: date, zone: tzinfo) -> list[Window]:
    """Return the stretches of a day: an end at or before the start lies on the next day."""
    found = []
    for starts, ends in intervals:
        begin, end = _instant(on, starts, zone), _instant(on, ends, zone)
        if end <= begin:
            end = _instant(on + timedelta(days=1), ends, zone)
        found.append((begin, end))
    return sorted(found)


def common(some: Sequence[Window], others: Sequence[Window]) -> list[Window]:
    """Return the stretches that lie in both."""
    both = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return sorted((start, end) for start, end in both if start < end)


def without(some: Sequence[Window], taken: Iterable[Window]) -> list[Window]:
    """Return the stretches without what is taken."""
    left = list(some)
    for begin, end in taken:
        left = [piece for a, b in left for piece in ((a, min(b, begin)), (max(a, end), b)) if piece[0] < piece[1]]
    return sorted(left)


def _days(text: str) -> list[str]:
    first, _, last = text.partition("-")
    if first not in WEEKDAYS or (last and last not in WEEKDAYS):
        raise ValueError("a day is one of mon to sun")
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    if end < begin:
        raise ValueError("the days run from Monday to Sunday")
    return list(WEEKDAYS[begin : end + 1])


def _interval(one: Any) -> Interval:
    if not isinstance(one, Sequence) or isinstance(one, str) or len(one) != 2:
        raise ValueError("a stretch has a start and an end")
    starts, ends = (_clock(part) for part in one)
    if starts >= ends:
        raise ValueError("a stretch ends after it begins")
    return starts, ends


def _clock(text: Any) -> str:
    if not isinstance(text, str) or len(text) != 5:
        raise ValueError("a time is written like 08:00")
    if text != "24:00":
        time.fromisoformat(text)
    return text


def _instant(on: date, clock: str, zone: tzinfo) -> datetime:
    if clock == "24:00":
        return datetime.combine(on + timedelta(days=1), time(), tzinfo=zone)
    return datetime.combine(on, time.fromisoformat(clock), tzinfo=zone)
