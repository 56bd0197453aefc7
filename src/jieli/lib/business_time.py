"""Working time: due times in the hours when a unit works (spec 1, Calendars).

A calendar is compiled into one table of open pieces in UTC, with the working seconds that lie before each. A due time is
then two bisects, whatever lies between: nights, weekends, holidays, changes of the clock. An instant is open exactly when
the wall clock in the calendar's zone reads a time inside an interval of that local date, so an hour which the clock skips
in spring is never worked and an hour which it repeats in autumn is worked twice.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jieli.lib.calendar_table import (
    DAY_SECONDS,
    EPOCH_DAY,
    MARGIN_DAYS,
    Interval,
    Table,
    compile_exceptions,
    compile_table,
    compile_week,
)

__all__ = ["CalendarRefusal", "Interval", "NeverOpen", "OutOfCalendar", "WorkingCalendar"]

_MICRO = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# Promises live within a few years; the bounds keep a mistyped year from filling the memory with a table.
FIRST_YEAR, LAST_YEAR = 1900, 2299
_FIRST_DAY = date(FIRST_YEAR, 1, 1).toordinal() - EPOCH_DAY
_LAST_DAY = date(LAST_YEAR, 12, 31).toordinal() - EPOCH_DAY
_DAYS_BEHIND, _DAYS_AHEAD = 40, 400


class CalendarRefusal(ValueError):
    """A calendar cannot answer; the message says why."""


class NeverOpen(CalendarRefusal):
    """The calendar has no working time after the asked instant, so nothing can ever fall due."""


class OutOfCalendar(CalendarRefusal):
    """The answer or the question lies outside the years which calendars cover."""


class WorkingCalendar:
    """The working hours of a unit: immutable, compiled, safe to share between threads.

    `weekly` maps a weekday (0 = Monday) to its intervals, `exceptions` a date to the intervals that replace those of its
    weekday: none on a public holiday or closure, some on a make-up working day. Times are "HH:MM", an end may be
    "24:00". An interval that ends at or before its start runs over midnight and counts as two, each of its own date.
    `always` stands for 24 x 7; exceptions still apply. Equality and hash are by identity.

    Raises ValueError for an unknown zone or a malformed interval. An instant at the end of an interval is closed, yet
    time that runs out there falls due there: 12:00, not 13:00.
    """

    __slots__ = (
        "_days_off",
        "_has_weekly",
        "_last_open_day",
        "_lock",
        "_table",
        "_week",
        "always",
        "exceptions",
        "weekly",
        "zone",
    )

    def __init__(
        self,
        zone: str,
        weekly: Mapping[int, Sequence[Interval]],
        exceptions: Mapping[date, Sequence[Interval]] = MappingProxyType({}),
        always: bool = False,
    ) -> None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {zone!r}") from error
        if unknown := sorted(set(weekly) - set(range(7))):
            raise ValueError(f"unknown weekday {unknown[0]!r}: 0 is Monday, 6 is Sunday")
        self.zone = zone
        self.always = always
        self.weekly: Mapping[int, tuple[Interval, ...]] = MappingProxyType({day: tuple(weekly[day]) for day in sorted(weekly)})
        self.exceptions: Mapping[date, tuple[Interval, ...]] = MappingProxyType(
            {on: tuple(exceptions[on]) for on in sorted(exceptions)}
        )
        self._week = compile_week({day: [("00:00", "24:00")] for day in range(7)} if always else weekly)
        self._days_off = compile_exceptions(exceptions, self._week)
        self._has_weekly = any(self._week)
        self._last_open_day = max((day for day, open_ in self._days_off.items() if open_), default=_FIRST_DAY - 1)
        self._lock = Lock()
        self._table: Table | None = None

    def __repr__(self) -> str:
        hours = "24x7" if self.always else f"{sum(end - start for day in self._week for start, end in day) / 3600:g} h a week"
        return f"<WorkingCalendar {self.zone}, {hours}, {len(self.exceptions)} exceptions>"

    def add_minutes(self, start: datetime, minutes: float) -> datetime:
        """Return the instant, in UTC, at which `minutes` of working time have passed since `start`.

        Nothing added is nothing moved. Raises NeverOpen, OutOfCalendar, and ValueError for a naive start or negative minutes.
        """
        amount = round(minutes * 60 * _MICRO)
        if amount < 0:
            raise ValueError(f"cannot add {minutes} minutes: the length is negative")
        at = _micros(start)
        if amount == 0:
            return _datetime(at)
        second = at // _MICRO
        table, target = self._reaching(self._covering(second, second), at, amount)
        piece = bisect_left(table.worked, -(-target // _MICRO))
        return _datetime(target + table.shift[piece] * _MICRO)

    def add_days(self, start: datetime, days: int) -> datetime:
        """Return the instant, in UTC, `days` working days after the date of `start`, at the same clock time.

        The clock starts at the next opening when `start` is closed. A clock time before that day's opening becomes the
        opening, after its closing the closing, in a break the break's end. Raises as `add_minutes`.
        """
        if days < 0:
            raise ValueError(f"cannot add {days} working days: the number is negative")
        at = _micros(start)
        second = at // _MICRO
        table = self._covering(second, second)
        while True:
            piece = bisect_right(table.starts, second) - 1
            if at > table.ends[piece] * _MICRO:
                piece += 1
            if piece < len(table.starts) and table.day_of[piece] + days < len(table.days):
                break
            table = self._longer(table)
        begun = max(at, table.starts[piece] * _MICRO)
        clock = begun + table.clock[piece] * _MICRO
        day = table.day_of[piece] + days
        midnight, opening, closing, first, last = table.days[day]
        if midnight is None:
            due = table.instant(table.midnights[day] * _MICRO + clock, _MICRO)
        else:
            due = midnight * _MICRO + clock
        if due <= opening * _MICRO:
            return _datetime(opening * _MICRO)
        if due >= closing * _MICRO:
            return _datetime(closing * _MICRO)
        piece = bisect_right(table.starts, due // _MICRO, first, last + 1) - 1
        return _datetime(due if due <= table.ends[piece] * _MICRO else table.starts[piece + 1] * _MICRO)

    def minutes_between(self, a: datetime, b: datetime) -> float:
        """Return the working minutes from `a` to `b`; negative when `b` is the earlier one."""
        return self.micros_between(a, b) / (60 * _MICRO)

    def micros_between(self, a: datetime, b: datetime) -> int:
        """Return the working microseconds from `a` to `b`, exactly: what `minutes_between` gives as a float."""
        from_, until = _micros(a), _micros(b)
        table = self._covering(min(from_, until) // _MICRO, max(from_, until) // _MICRO)
        return _worked_micros(table, until) - _worked_micros(table, from_)

    def is_open(self, at: datetime) -> bool:
        """Say whether `at` is working time; the first instant of an interval is, the last is not."""
        micros = _micros(at)
        table = self._covering(micros // _MICRO, micros // _MICRO)
        piece = bisect_right(table.starts, micros // _MICRO) - 1
        return micros < table.ends[piece] * _MICRO

    def next_opening(self, at: datetime) -> datetime:
        """Return `at` itself, in UTC, when it is open, else the next instant that is. Raises NeverOpen, OutOfCalendar."""
        micros = _micros(at)
        table = self._covering(micros // _MICRO, micros // _MICRO)
        piece = bisect_right(table.starts, micros // _MICRO) - 1
        if micros < table.ends[piece] * _MICRO:
            return _datetime(micros)
        while piece + 1 >= len(table.starts):
            table = self._longer(table)
            piece = bisect_right(table.starts, micros // _MICRO) - 1
        return _datetime(table.starts[piece + 1] * _MICRO)

    def add_seconds_bulk(self, starts: Sequence[int], seconds: int) -> list[int]:
        """Return `add_minutes` for many starts at once: epoch seconds in, epoch seconds out, `seconds` of working time added.

        Cost: two bisects each, no date arithmetic. Raises as `add_minutes`, for all starts together.
        """
        if seconds < 0:
            raise ValueError(f"cannot add {seconds} seconds: the length is negative")
        if not starts or seconds == 0:
            return list(starts)
        latest = max(starts)
        table, _ = self._reaching(self._covering(min(starts), latest), latest * _MICRO, seconds * _MICRO)
        begins, ends, shift, worked = table.starts, table.ends, table.shift, table.worked
        right, left = bisect_right, bisect_left
        result: list[int] = []
        append = result.append
        for at in starts:
            piece = right(begins, at) - 1
            end = ends[piece]
            due = (at if at < end else end) - shift[piece] + seconds  # noqa: FURB136 - min() halves the speed
            append(due + shift[left(worked, due)])
        return result

    def add_days_bulk(self, starts: Sequence[int], days: int) -> list[int]:
        """Return `add_days` for many starts at once: epoch seconds in, epoch seconds out. Raises as `add_days`."""
        if days < 0:
            raise ValueError(f"cannot add {days} working days: the number is negative")
        if not starts:
            return []
        latest = max(starts)
        table = self._covering(min(starts), latest)
        while True:
            piece = bisect_right(table.starts, latest) - 1
            piece += latest > table.ends[piece]
            if piece < len(table.starts) and table.day_of[piece] + days < len(table.days):
                break
            table = self._longer(table)
        begins, ends, clock, day_of, table_days = table.starts, table.ends, table.clock, table.day_of, table.days
        right = bisect_right
        result: list[int] = []
        append = result.append
        for at in starts:
            piece = right(begins, at) - 1
            if at > ends[piece]:
                piece += 1
                at = begins[piece]  # noqa: PLW2901 - the clock starts at the opening
            day = day_of[piece] + days
            midnight, opening, closing, first, last = table_days[day]
            due = table.instant(table.midnights[day] + at + clock[piece]) if midnight is None else midnight + at + clock[piece]
            if due <= opening:
                append(opening)
            elif due >= closing:
                append(closing)
            elif first == last:
                append(due)
            else:
                piece = right(begins, due, first, last + 1) - 1
                append(due if due <= ends[piece] else begins[piece + 1])
        return result

    def _covering(self, earliest: int, latest: int) -> Table:
        """Return a table in which both instants lie, building a wider one when the present one is too short."""
        table = self._table
        if table is not None and table.covers(earliest, latest):
            return table
        low, high = earliest // DAY_SECONDS, latest // DAY_SECONDS
        if low < _FIRST_DAY + MARGIN_DAYS or high >= _LAST_DAY - MARGIN_DAYS:
            raise OutOfCalendar(f"working calendars cover the years {FIRST_YEAR} to {LAST_YEAR}")
        # Old files are read row by row in either direction: growing by half keeps the number of builds small.
        half = 0 if table is None else (table.last_day - table.first_day) // 2
        return self._build(low - max(_DAYS_BEHIND, half), high + max(_DAYS_AHEAD, half))

    def _longer(self, table: Table) -> Table:
        """Return a table that reaches about twice as far ahead, or refuse when nothing can lie there."""
        first_day, last_day = table.first_day, table.last_day
        if not self._has_weekly and last_day > self._last_open_day + MARGIN_DAYS:
            raise NeverOpen(f"{self!r} has no working hours after {_day(last_day)}")
        if last_day >= _LAST_DAY:
            raise OutOfCalendar(f"the due time lies after the year {LAST_YEAR}, where working calendars end")
        return self._build(first_day, last_day + max(last_day - first_day, _DAYS_AHEAD))

    def _reaching(self, table: Table, at: int, amount: int) -> tuple[Table, int]:
        """Return a table in which `amount` working microseconds pass after `at`, and the sum counted from its beginning."""
        target = _worked_micros(table, at) + amount
        while target > table.worked[-1] * _MICRO:
            table = self._longer(table)
            target = _worked_micros(table, at) + amount
        return table, target

    def _build(self, first_day: int, last_day: int) -> Table:
        """Build a table over these days and all that the present one has, and keep it; another thread may have done so."""
        first_day, last_day = max(first_day, _FIRST_DAY), min(last_day, _LAST_DAY)
        with self._lock:
            present = self._table
            if present is not None:
                if present.first_day <= first_day and last_day <= present.last_day:
                    return present
                first_day = min(first_day, present.first_day)
                last_day = max(last_day, present.last_day)
            table = compile_table(self.zone, self._week, self._days_off, first_day, last_day)
            self._table = table
            return table


def _worked_micros(table: Table, at: int) -> int:
    piece = bisect_right(table.starts, at // _MICRO) - 1
    return min(at, table.ends[piece] * _MICRO) - table.shift[piece] * _MICRO


def _micros(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone: working time needs an aware instant")
    return (at - _EPOCH) // _MICROSECOND


def _datetime(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _day(day: int) -> date:
    return date.fromordinal(day + EPOCH_DAY)
