"""Times of phones: corrected by how far their clock is off, and what contradicts itself (spec 3, offline); pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

CLOCK = "clock_off"
FUTURE = "in_the_future"
BEFORE_ORDER = "before_the_order"
FINISHED_BEFORE_ARRIVED = "finished_before_arrived"
ARRIVED_BEFORE_SET_OUT = "arrived_before_set_out"
WORKED_BEFORE_ARRIVED = "worked_before_arrived"
OTHER_DEVICE = "other_device"
LATE = "long_on_the_phone"

LATE_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Judged:
    """The time that counts, and what is odd about it."""

    at: datetime
    flags: tuple[str, ...] = ()


def judged_time(phone_at: datetime, *, sent_at: datetime | None, now: datetime, limit: timedelta) -> Judged:
    """Return when an entry happened: the phone's time, corrected when its clock was off by more than `limit` on sending.

    Nothing happens in the future: what still lies there counts as now. All instants are aware.
    """
    flags: list[str] = []
    at = phone_at
    if sent_at is not None and abs(now - sent_at) > limit:
        at = phone_at + (now - sent_at)
        flags.append(CLOCK)
    if at > now:
        if at > now + limit:
            flags.append(FUTURE)
        at = now
    if now - at > LATE_AFTER:
        flags.append(LATE)
    return Judged(at, tuple(flags))


_ORDER = (
    ("set_out", "arrived", ARRIVED_BEFORE_SET_OUT),
    ("arrived", "worked", WORKED_BEFORE_ARRIVED),
    ("arrived", "finished", FINISHED_BEFORE_ARRIVED),
    ("ordered", "arrived", BEFORE_ORDER),
)


def contradictions(times: Mapping[str, datetime | None]) -> list[str]:
    """Return what contradicts itself among the times of a visit: ordered, set_out, arrived, worked (first), finished."""
    found = []
    for earlier, later, flag in _ORDER:
        first, second = times.get(earlier), times.get(later)
        if first is not None and second is not None and second < first:
            found.append(flag)
    return found
