"""Due times a second on one core, in bulk and one by one, against day-stepping and against a floor of the same run.

Run ``jieli bench due_times`` or ``python bench/due_times.py``. Holidays and make-up days of China count. The floor does for
each start two bisects in a list of 2,000 numbers and one append; days need one long bisect only, so they may beat it. Ratios
are what to compare between machines; the speed itself depends on the machine and its load. Exit code 1 when the goal is
missed or the three ways disagree.
"""

import random
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

from jieli.lib.business_time import WorkingCalendar
from jieli.lib.holidays import china_exceptions

GOAL_PER_SECOND = 500_000
STARTS = 500_000
NAIVE_STARTS = 3_000
ROUNDS = 3
MINUTES = 8 * 60
DAYS = 3
ZONE = "Asia/Shanghai"
WEEK = {day: [("09:00", "12:00"), ("13:00", "18:00")] for day in range(5)}


class DaySteppingCalendar:
    """The way without a table: walk from day to day and look at each one's hours."""

    def __init__(self) -> None:
        self.zone = ZoneInfo(ZONE)
        self.exceptions = china_exceptions(2004, 2026, WEEK)

    def hours(self, on: date) -> list[tuple[datetime, datetime]]:
        """Return the open intervals of a date."""
        intervals = self.exceptions.get(on, WEEK.get(on.weekday(), ()))

        def instant(clock: str) -> datetime:
            return datetime.combine(on, time.fromisoformat(clock), self.zone)

        return [(instant(start), instant(end)) for start, end in intervals]

    def add_minutes(self, start: datetime, minutes: float) -> datetime:
        """Use up the minutes interval by interval."""
        left = timedelta(minutes=minutes)
        on = start.astimezone(self.zone).date()
        while True:
            for begin, end in self.hours(on):
                begun = max(begin, start)
                if begun < end:
                    if left <= end - begun:
                        return begun + left
                    left -= end - begun
            on += timedelta(days=1)

    def add_days(self, start: datetime, days: int) -> datetime:
        """Count working days one by one."""
        start = start.astimezone(self.zone)
        on = start.date()
        while not (hours := [span for span in self.hours(on) if span[1] >= start]):
            on += timedelta(days=1)
        begun = max(start, hours[0][0])
        while days:
            on += timedelta(days=1)
            days -= bool(self.hours(on))
        due = datetime.combine(on, begun.time(), self.zone)
        for begin, end in self.hours(on):
            if due <= end:
                return max(begin, due)
        return end


def best_seconds(work: Callable[[], object]) -> float:
    """Return the least time of some rounds: what the machine can do when nothing disturbs it."""
    times = []
    for _ in range(ROUNDS):
        begin = perf_counter()
        work()
        times.append(perf_counter() - begin)
    return min(times)


def floor(starts: Sequence[int], table: Sequence[int]) -> list[int]:
    """Look each start up twice and keep one number."""
    result: list[int] = []
    append = result.append
    for at in starts:
        append(at + bisect_left(table, at) + bisect_right(table, at))
    return result


def main() -> int:
    """Measure, print, and judge."""
    chance = random.Random(20261122)
    low, high = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2024, 2026))
    starts = [chance.randrange(low, high) for _ in range(STARTS)]
    few = [datetime.fromtimestamp(start, UTC) for start in starts[:NAIVE_STARTS]]
    calendar = WorkingCalendar(ZONE, WEEK, china_exceptions(2004, 2026, WEEK))
    naive = DaySteppingCalendar()
    edges = list(range(low, high, (high - low) // 2_000))

    floor_rate = STARTS / best_seconds(lambda: floor(starts, edges))
    print(f"{'floor: two bisects and an append':44} {floor_rate:12,.0f}/s")
    is_well = True
    measured: list[tuple[str, Callable[[], list[int]], Callable[[], list[datetime]], Callable[[], list[datetime]]]] = [
        (
            f"{MINUTES} working minutes",
            lambda: calendar.add_seconds_bulk(starts, MINUTES * 60),
            lambda: [calendar.add_minutes(start, MINUTES) for start in few],
            lambda: [naive.add_minutes(start, MINUTES) for start in few],
        ),
        (
            f"{DAYS} working days",
            lambda: calendar.add_days_bulk(starts, DAYS),
            lambda: [calendar.add_days(start, DAYS) for start in few],
            lambda: [naive.add_days(start, DAYS) for start in few],
        ),
    ]
    for name, bulk, one, stepping in measured:
        agree = [due.timestamp() for due in stepping()] == [due.timestamp() for due in one()] == bulk()[:NAIVE_STARTS]
        bulk_rate = STARTS / best_seconds(bulk)
        one_rate = NAIVE_STARTS / best_seconds(one)
        naive_rate = NAIVE_STARTS / best_seconds(stepping)
        reached = bulk_rate >= GOAL_PER_SECOND
        is_well = is_well and agree and reached
        print(
            f"{name + ', in bulk':44} {bulk_rate:12,.0f}/s   goal {GOAL_PER_SECOND:,}/s: {'reached' if reached else 'MISSED'}"
        )
        print(f"{name + ', one by one':44} {one_rate:12,.0f}/s")
        print(f"{name + ', day-stepping':44} {naive_rate:12,.0f}/s")
        print(f"  ratio bulk / day-stepping {bulk_rate / naive_rate:10,.1f}")
        print(f"  ratio one / day-stepping  {one_rate / naive_rate:10,.1f}")
        print(f"  ratio bulk / floor        {bulk_rate / floor_rate:10,.2f}")
        print(f"  all three agree on {NAIVE_STARTS:,} starts: {'yes' if agree else 'NO'}")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
