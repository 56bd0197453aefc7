"""Due times derived from what happened to a promise, and the working time that each owner had it (spec 1, Calendars).

A due time is never patched: every change replays all segments from the start, so a pause keeps its credit when the target
changes (statistics.md, line 43; the open bugs of others in lessons.md, "SLA wrongness").
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jieli.lib.business_time import WorkingCalendar

Pause = tuple[datetime, datetime]
_MICROS_A_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Minutes:
    """Due after so many working minutes."""

    count: float


@dataclass(frozen=True, slots=True)
class Days:
    """Due so many working days later, at the same clock time."""

    count: int


@dataclass(frozen=True, slots=True)
class Instant:
    """Due at a time that a person gave."""

    at: datetime


Target = Minutes | Days | Instant


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the story of a due time: from `at` on it was `due`; a pause added `minutes` of working time."""

    at: datetime
    until: datetime | None
    minutes: float
    due: datetime


def replay(start: datetime, target: Target, pauses: Sequence[Pause], calendar: WorkingCalendar) -> datetime:
    """Return when a promise is due: its target from `start`, moved by the working time of its pauses, in every mode.

    A pause is (from, until); a pause that still runs counts to its agreed end. Pauses may come in any order and overlap;
    time before the start counts for nothing, nor does a pause that begins when the promise is due already. To re-target,
    replay with the new target and the same pauses. Raises what the calendar raises.
    """
    return replay_steps(start, target, pauses, calendar)[-1].due


def replay_steps(start: datetime, target: Target, pauses: Sequence[Pause], calendar: WorkingCalendar) -> list[Step]:
    """Return the story of a due time: the target first, then each pause that moved it, in order of time."""
    if isinstance(target, Minutes):
        due = calendar.add_minutes(start, target.count)
    elif isinstance(target, Days):
        due = calendar.add_days(start, target.count)
    else:
        due = target.at
    steps = [Step(start, None, 0.0, due)]
    for begin, end in merged(pauses, start):
        if begin >= due:
            break
        minutes = calendar.micros_between(begin, end) / _MICROS_A_MINUTE
        due = calendar.add_minutes(due, minutes)
        steps.append(Step(begin, end, minutes, due))
    return steps


def merged(pauses: Iterable[Pause], start: datetime) -> list[Pause]:
    """Return the pauses in order, overlapping ones joined, nothing before `start`. An empty or backward pause is none."""
    result: list[Pause] = []
    for begin, end in sorted((max(begin, start), end) for begin, end in pauses):
        if end <= begin:
            continue
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((begin, end))
    return result


class Act(StrEnum):
    """What a mark does to the clock."""

    START = "start"
    PASS = "pass"  # noqa: S105 - a baton pass
    PAUSE = "pause"
    RESUME = "resume"
    RETARGET = "retarget"
    END = "end"


@dataclass(frozen=True, slots=True)
class Mark:
    """One act at an instant; `owner` is who has the clock from then on, and counts for a start and a pass only."""

    at: datetime
    act: Act
    owner: str = ""


def working_seconds_by_owner(
    marks: Iterable[Mark], until: datetime, calendar_of: WorkingCalendar | Callable[[str], WorkingCalendar]
) -> dict[str, float]:
    """Return the working seconds that ran while each owner had the promise; paused time runs for nobody.

    `until` closes a clock that still runs. `calendar_of` is one calendar, or gives that of an owner. A re-targeting leaves
    what has run alone; a pass during a pause moves the paused clock. Marks of the same instant keep their order.
    Source: statistics.md, line 43.
    """
    seconds: dict[str, float] = {}
    owner: str | None = None
    since: datetime | None = None

    def run_to(at: datetime) -> None:
        if owner is not None and since is not None and at > since:
            calendar = calendar_of if isinstance(calendar_of, WorkingCalendar) else calendar_of(owner)
            seconds[owner] += calendar.micros_between(since, at) / 1_000_000

    for mark in sorted(marks, key=lambda mark: mark.at):
        at = min(mark.at, until)
        running = since is not None
        run_to(at)
        if mark.act in (Act.START, Act.PASS):
            owner = mark.owner
            seconds.setdefault(owner, 0.0)
            since = at if running or mark.act is Act.START else None
        elif mark.act is Act.RETARGET:
            since = at if running else None
        else:
            since = at if mark.act is Act.RESUME else None
    run_to(until)
    return seconds
