"""The relay of one case as lengths of time: who had it from when until when, at which stage it stood; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

WIDTH = 1000
"""How many parts the whole way is drawn with."""
_LEAST = 6


@dataclass(frozen=True, slots=True)
class Change:
    """The case came to somebody; `how` is the code of the way, `offer_id` the pass by which it came."""

    at: datetime
    owner_id: int
    unit_id: int
    how: str
    from_id: int | None = None
    offer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One person's stretch of the way; `until` is None while it lasts."""

    owner_id: int
    unit_id: int
    how: str
    since: datetime
    until: datetime | None
    from_id: int | None = None
    offer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay at a stage; `until` is None while it lasts."""

    code: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Station:
    """A stage on the line: done, now, later, stopped, or passed by; entered first at `since`, for `seconds` in all."""

    code: str
    state: str
    since: datetime | None = None
    seconds: float = 0.0
    times: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Where a stretch of time lies on the drawn way."""

    x: int
    width: int


def legs(changes: Iterable[Change], ended_at: datetime | None) -> list[Leg]:
    """Return the stretches of a relay in order; the last one ends with the case.

    Events of phones may tell an earlier time than those before them: nobody's stretch is shorter than nothing.
    """
    found: list[Leg] = []
    for change in changes:
        since = change.at if not found else max(change.at, found[-1].since)
        if found:
            found[-1] = replace(found[-1], until=since)
        found.append(Leg(change.owner_id, change.unit_id, change.how, since, None, change.from_id, change.offer_id))
    if found and ended_at is not None:
        found[-1] = replace(found[-1], until=max(ended_at, found[-1].since))
    return found


def leg_at(found: Sequence[Leg], at: datetime, owner_id: int | None = None) -> Leg | None:
    """Return who had the case at an instant; where several had it at the same one, `owner_id` when he is among them."""
    if owner_id is not None:
        own = [leg for leg in found if leg.owner_id == owner_id and leg.since <= at and (leg.until is None or at <= leg.until)]
        if own:
            return own[-1]
    held = [leg for leg in found if leg.since <= at]
    return held[-1] if held else (found[0] if found else None)


def stays(first: str, since: datetime, moves: Iterable[tuple[datetime, str]], ended_at: datetime | None) -> list[Stay]:
    """Return the stays of a case at its stages, from the moves ``(when, to where)`` in order."""
    found = [Stay(first, since, None)]
    for moved_at, code in moves:
        at = max(moved_at, found[-1].since)
        found[-1] = replace(found[-1], until=at)
        found.append(Stay(code, at, None))
    if ended_at is not None:
        found[-1] = replace(found[-1], until=max(ended_at, found[-1].since))
    return found


def stations(route: Sequence[str], stayed: Sequence[Stay], now: datetime, *, last: str = "now") -> list[Station]:
    """Return the line of stages of a case: those of its route, and each other one behind the stage from which it was entered.

    `last` is the state of the stage where it stands: now, done, or stopped for a case that was called off.
    """
    order = list(route)
    for place, stay in enumerate(stayed):
        if stay.code not in order:
            before = stayed[place - 1].code if place else ""
            order.insert(order.index(before) + 1 if before in order else 0, stay.code)
    current = stayed[-1].code if stayed else ""
    here = order.index(current) if current in order else -1
    line = []
    for place, code in enumerate(order):
        mine = [stay for stay in stayed if stay.code == code]
        if code == current:
            state = last
        elif place > here:
            state = "later"
        else:
            state = "done" if mine else "passed"
        seconds = sum(((stay.until or now) - stay.since).total_seconds() for stay in mine)
        line.append(Station(code, state, mine[0].since if mine else None, seconds, len(mine)))
    return line


def span(since: datetime, until: datetime, begin: datetime, end: datetime) -> Span:
    """Return where a stretch lies on a way from `begin` to `end`; the shortest can still be seen."""
    whole = max((end - begin).total_seconds(), 1.0)
    x = round(WIDTH * min(max((since - begin).total_seconds() / whole, 0.0), 1.0))
    right = round(WIDTH * min(max((until - begin).total_seconds() / whole, 0.0), 1.0))
    width = max(right - x, _LEAST)
    return Span(min(x, WIDTH - width), width)
