"""When customers are called: hours, half-days, the sample (spec 4, Call-back; defaults, call-back); pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo

NOON = time(12)


@dataclass(frozen=True, slots=True)
class Hours:
    """In which hours of the day customers are called, in the company's zone."""

    opens: time
    ends: time
    zone: ZoneInfo

    def are_open(self, at: datetime) -> bool:
        """Tell whether a customer may be called at an instant."""
        return self.opens <= at.astimezone(self.zone).time() < self.ends

    def last_before(self, at: datetime) -> datetime:
        """Return the latest instant up to `at` at which a call may still end: `at` itself, or the end of the hours before."""
        local = at.astimezone(self.zone)
        if self.opens < local.time() <= self.ends:
            return at
        day = local.date() if local.time() > self.ends else local.date() - timedelta(days=1)
        return datetime.combine(day, self.ends, self.zone).astimezone(at.tzinfo)

    def half_day_end(self, at: datetime) -> datetime:
        """Return when the half-day of an instant ends."""
        local = at.astimezone(self.zone)
        end = NOON if local.time() < NOON < self.ends else self.ends
        return datetime.combine(local.date(), end, self.zone).astimezone(at.tzinfo)

    def next_half_day_end(self, at: datetime) -> datetime:
        """Return until when the attempt after one at `at` is due: the end of the next half-day in which people are called."""
        local = at.astimezone(self.zone)
        day, in_morning = local.date(), local.time() < NOON
        if in_morning and self.ends > NOON:
            return datetime.combine(day, self.ends, self.zone).astimezone(at.tzinfo)
        tomorrow = datetime.combine(day + timedelta(days=1), self.opens, self.zone)
        return self.half_day_end(tomorrow.astimezone(at.tzinfo))


def half_day_of(at: datetime, zone: ZoneInfo) -> str:
    """Return the half-day of an instant: ``2026-11-23 am`` or ``pm``."""
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d} {'am' if local.time() < NOON else 'pm'}"


def half_days_used(half_days: Iterable[str]) -> int:
    """Return how many attempts count: each half-day once."""
    return len(set(half_days))


def is_sampled(case_id: int, number: int, share: Decimal) -> bool:
    """Tell whether the call-back of a case is in the sample: the same answer each time, and a share of all cases."""
    if share >= 1:
        return True
    digest = sha256(f"call-back {case_id} {number}".encode()).digest()
    return int.from_bytes(digest[:8]) < int(share * 2**64)


def hours_of(opens: str, ends: str, zone: ZoneInfo) -> Hours:
    """Return hours written as ``08:00``; an end of ``24:00`` is the last minute of the day."""
    return Hours(_time(opens), _time(ends), zone)


def _time(text: str) -> time:
    return time.max if text == "24:00" else time.fromisoformat(text)
