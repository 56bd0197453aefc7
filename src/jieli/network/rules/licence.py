"""What the ledger of a licence comes to, and what follows from it (spec 6, Engineers); pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from jieli.policies.schemas.licence import Licence

StandingCode = Literal["demonstration", "normal", "warning", "revoked"]
BEGINNINGS = ("issued", "imported", "reviewed", "reexamined")
"""The kinds of postings that begin the ledger anew."""


@dataclass(frozen=True, slots=True)
class Line:
    """One posting as the reckoning sees it; `sets_to` begins the ledger anew, an annulled line does not count."""

    points: int
    at: datetime
    sets_to: int | None = None
    is_annulled: bool = False


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a ledger comes to: the points, and since when the licence is revoked."""

    points: int
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How an engineer stands: points, additions of the last days, the standing and whether his dispatch is less."""

    points: int
    additions: int
    code: StandingCode

    @property
    def is_dispatchable(self) -> bool:
        """Tell whether the standing allows dispatch at all."""
        return self.code != "revoked"


def reckon(lines: Iterable[Line], policy: Licence) -> Reckoned:
    """Return what a ledger in its order comes to.

    Points never rise above the full number nor fall below zero. Zero revokes, and then nothing but a new beginning (a
    re-examination) gives points back.
    """
    points, revoked_at = policy.full_points, None
    for line in lines:
        if line.is_annulled:
            continue
        if line.sets_to is not None:
            points = min(line.sets_to, policy.full_points)
            revoked_at = None if points else line.at
        elif revoked_at is None:
            points = max(0, min(policy.full_points, points + line.points))
            revoked_at = None if points else line.at
    return Reckoned(points, revoked_at)


def additions_in(lines: Iterable[Line], *, at: datetime, policy: Licence) -> int:
    """Return how many additions fell into the days that count for demonstration, also those that came at full points."""
    since = counted_since(at, policy)
    return sum(1 for line in lines if line.points > 0 and not line.is_annulled and since <= line.at <= at)


def counted_since(at: datetime, policy: Licence) -> datetime:
    """Return from when on additions count for demonstration."""
    return at - timedelta(days=policy.demonstration.within_days)


def standing_of(*, points: int, additions: int, policy: Licence) -> Standing:
    """Return the standing: revoked at zero, warning at few points, demonstration at full points with additions, else normal."""
    code: StandingCode = "normal"
    if points <= 0:
        code = "revoked"
    elif points <= policy.warning.at_points:
        code = "warning"
    elif points >= policy.full_points and additions >= policy.demonstration.additions:
        code = "demonstration"
    return Standing(points, additions, code)


def dispatch_share(capacity: int, code: StandingCode, policy: Licence) -> int:
    """Return how many orders a day an engineer of this standing gets: less in warning, rounded up; none when revoked."""
    if code == "revoked":
        return 0
    if code == "warning":
        return int((Decimal(capacity) * policy.warning.share).to_integral_value(ROUND_CEILING))
    return capacity


def expires_on(issued_on: date, policy: Licence) -> date:
    """Return the last day of a licence issued or reviewed on a day: so many months later, at most the month's last day."""
    months = issued_on.year * 12 + issued_on.month - 1 + policy.valid_months
    year, month = divmod(months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = first_of_next - timedelta(days=1)
    return min(date(year, month + 1, 1) + timedelta(days=issued_on.day - 1), last)
