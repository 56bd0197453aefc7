"""The tables behind a working calendar: intervals of local dates compiled into open pieces of UTC time.

Only `business_time` uses them.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Interval = tuple[str, str]
Pieces = tuple[tuple[int, int], ...]

DAY_SECONDS = 86_400
EPOCH_DAY = date(1970, 1, 1).toordinal()
# No zone is further than 26 hours from another, so two days on each side hold every local date of an instant.
MARGIN_DAYS = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Table:
    """The open pieces of a span of local dates; piece 0 is an empty one before all others.

    Instants are epoch seconds. ``shift`` turns working seconds into an instant of the piece; ``clock`` turns an instant
    into seconds since the local midnight of the piece's date. A working day is (midnight or None on a day when the clock
    changes, opening, closing, first piece, last piece).
    """

    first_day: int
    last_day: int
    starts: list[int]
    ends: list[int]
    shift: list[int]
    worked: list[int]
    clock: list[int]
    day_of: list[int]
    days: list[tuple[int | None, int, int, int, int]]
    midnights: list[int]
    changes: list[int]
    offsets: list[int]
    local_ends: list[int]

    def covers(self, earliest: int, latest: int) -> bool:
        """Say whether every piece near both instants is in the table, and those between."""
        return (self.first_day + MARGIN_DAYS) * DAY_SECONDS <= earliest and latest < (self.last_day - MARGIN_DAYS) * DAY_SECONDS

    def instant(self, local: int, unit: int = 1) -> int:
        """Return the first instant at which the wall clock reads `local`, or the end of the gap that skips it.

        Both count in 1/`unit` seconds.
        """
        piece = bisect_right(self.local_ends, local // unit)
        instant = local - self.offsets[piece] * unit
        return instant if piece == 0 else max(instant, self.changes[piece - 1] * unit)


def _clock_seconds(text: str) -> int:
    hours, colon, minutes = text.partition(":")
    if not (
        colon and len(hours) in (1, 2) and len(minutes) == 2 and (hours + minutes).isascii() and (hours + minutes).isdigit()
    ):
        raise ValueError(f"{text!r} is not a time of day such as 09:00")
    seconds = int(hours) * 3600 + int(minutes) * 60
    if int(minutes) > 59 or seconds > DAY_SECONDS:
        raise ValueError(f"{text!r} is not a time of day between 00:00 and 24:00")
    return seconds


def _split(intervals: Sequence[Interval]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the pieces of these intervals on their own date, and on the next one."""
    own: list[tuple[int, int]] = []
    next_: list[tuple[int, int]] = []
    for from_, until in intervals:
        start, end = _clock_seconds(from_), _clock_seconds(until)
        if start in {DAY_SECONDS, end}:
            raise ValueError(f"the interval {from_}-{until} is empty")
        if start < end:
            own.append((start, end))
        else:
            own.append((start, DAY_SECONDS))
            if end:
                next_.append((0, end))
    return own, next_


def _merged(pieces: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    result: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)


def compile_week(weekly: Mapping[int, Sequence[Interval]]) -> tuple[Pieces, ...]:
    """Return the pieces of each weekday in seconds since local midnight, sorted and merged. Raises ValueError."""
    pieces: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for weekday, intervals in weekly.items():
        own, next_ = _split(intervals)
        pieces[weekday] += own
        pieces[(weekday + 1) % 7] += next_
    return tuple(_merged(day) for day in pieces)


def compile_exceptions(exceptions: Mapping[date, Sequence[Interval]], week: tuple[Pieces, ...]) -> dict[int, Pieces]:
    """Return the pieces by day since 1970 of every date whose hours are not those of its weekday."""
    days: dict[int, list[tuple[int, int]]] = {}
    tails: dict[int, list[tuple[int, int]]] = {}
    for on, intervals in exceptions.items():
        day = on.toordinal() - EPOCH_DAY
        own, next_ = _split(intervals)
        days[day] = own
        if next_:
            tails[day + 1] = next_
    for day, next_ in tails.items():
        days[day] = [*days.get(day, week[(day + 3) % 7]), *next_]
    return {day: _merged(pieces) for day, pieces in days.items()}


@lru_cache(maxsize=20_000)
def _changes_of(zone: str, year: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Return the UTC offset at the start of a UTC year, and its changes as (instant, new offset)."""
    info = ZoneInfo(zone)

    def offset_at(second: int) -> int:
        offset = (_EPOCH + timedelta(seconds=second)).astimezone(info).utcoffset()
        assert offset is not None
        return int(offset.total_seconds())

    first = (date(year, 1, 1).toordinal() - EPOCH_DAY) * DAY_SECONDS
    last = (date(year + 1, 1, 1).toordinal() - EPOCH_DAY) * DAY_SECONDS
    before = beginning = offset_at(first)
    changes: list[tuple[int, int]] = []
    for second in range(first, last, DAY_SECONDS):
        after = offset_at(second + DAY_SECONDS)
        if after != before:
            low, high = second, second + DAY_SECONDS
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset_at(middle) == before else (low, middle)
            changes.append((high, after))
            before = after
    return beginning, tuple(changes)


def compile_table(zone: str, week: tuple[Pieces, ...], days_off: Mapping[int, Pieces], first_day: int, last_day: int) -> Table:
    """Compile the hours of these days since 1970, both included, into a table."""
    timeline = changes, offsets = _timeline(zone, first_day, last_day)
    bottom = (first_day - MARGIN_DAYS) * DAY_SECONDS
    table = Table(
        first_day=first_day,
        last_day=last_day,
        starts=[bottom],
        ends=[bottom],
        shift=[bottom],
        worked=[0],
        clock=[0],
        day_of=[-1],
        days=[],
        midnights=[],
        changes=changes,
        offsets=offsets,
        local_ends=[instant + offset for instant, offset in zip(changes, offsets, strict=False)],
    )
    number_of: dict[int, int] = {}
    total = 0
    for begin, finish, clock, day, is_plain in _open_pieces(week, days_off, range(first_day, last_day + 1), timeline):
        index = len(table.starts)
        table.starts.append(begin)
        table.ends.append(finish)
        table.shift.append(begin - total)
        table.clock.append(clock)
        total += finish - begin
        table.worked.append(total)
        number = number_of.setdefault(day, len(table.days))
        table.day_of.append(number)
        if number == len(table.days):
            table.midnights.append(day * DAY_SECONDS)
            table.days.append((-clock if is_plain else None, begin, finish, index, index))
        else:
            midnight, opening, _, first, _ = table.days[number]
            table.days[number] = (midnight, opening, finish, first, index)
    return table


def _timeline(zone: str, first_day: int, last_day: int) -> tuple[list[int], list[int]]:
    """Return the changes of the UTC offset around these days, and the offsets before, between and after them."""
    years = range(date.fromordinal(first_day - 1 + EPOCH_DAY).year, date.fromordinal(last_day + 1 + EPOCH_DAY).year + 1)
    changes: list[int] = []
    offsets = [_changes_of(zone, years[0])[0]]
    for year in years:
        for instant, offset in _changes_of(zone, year)[1]:
            changes.append(instant)
            offsets.append(offset)
    return changes, offsets


def _open_pieces(
    week: tuple[Pieces, ...],
    days_off: Mapping[int, Pieces],
    span: range,
    timeline: tuple[Sequence[int], Sequence[int]],
) -> list[tuple[int, int, int, int, bool]]:
    """Return (start, end, seconds from instant to clock, day, no change of the clock near) of all open time, in order."""
    changes, offsets = timeline
    pieces: list[tuple[int, int, int, int, bool]] = []
    period = 0
    for day in span:
        hours = days_off.get(day, week[(day + 3) % 7])
        if not hours:
            continue
        local_midnight = day * DAY_SECONDS
        while period < len(changes) and changes[period] <= local_midnight - 2 * DAY_SECONDS:
            period += 1
        if period == len(changes) or changes[period] > local_midnight + 3 * DAY_SECONDS:
            clock = offsets[period] - local_midnight
            pieces += [(start - clock, end - clock, clock, day, True) for start, end in hours]
            continue
        near = period
        while near <= len(changes) and (near == period or changes[near - 1] <= local_midnight + 3 * DAY_SECONDS):
            clock = offsets[near] - local_midnight
            for start, end in hours:
                begin = start - clock if near == 0 else max(start - clock, changes[near - 1])
                finish = end - clock if near == len(changes) else min(end - clock, changes[near])
                if begin < finish:
                    pieces.append((begin, finish, clock, day, False))
            near += 1
    # Where the clock goes back, the same clock times come twice and the pieces of an interval are no longer neighbours.
    pieces.sort()
    return pieces
