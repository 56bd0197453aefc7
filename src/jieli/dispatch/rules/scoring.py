"""Who is asked first: each side of a candidate from 0 to 1, weighed by the policy; pure (spec 3, Outlet choice)."""

from dataclasses import dataclass
from decimal import Decimal

from jieli.policies.schemas.dispatch import Weights

GRADES = {"A": 1.0, "B": 0.6, "C": 0.0}
UNGRADED = 0.5
"""Nobody knows: neither good nor bad."""
STANDINGS = {"demonstration": 1.0, "normal": 0.6, "warning": 0.0, "revoked": 0.0}


@dataclass(frozen=True, slots=True)
class Sides:
    """What is known of a candidate; None where nobody knows."""

    distance_km: float | None = None
    room_ratio: float | None = None
    merit: float = UNGRADED
    is_earlier: bool = False


def score_of(sides: Sides, weights: Weights, *, far_km: Decimal) -> float:
    """Return the score of a candidate, from 0 to 100; a higher one is asked first."""
    near = UNGRADED if sides.distance_km is None else max(0.0, 1 - sides.distance_km / float(far_km))
    room = UNGRADED if sides.room_ratio is None else max(0.0, min(1.0, sides.room_ratio))
    parts = (
        (float(weights.distance), near),
        (float(weights.capacity), room),
        (float(weights.grade), sides.merit),
        (float(weights.earlier), 1.0 if sides.is_earlier else 0.0),
    )
    whole = sum(weight for weight, _ in parts)
    return round(100 * sum(weight * value for weight, value in parts) / whole, 1) if whole else 0.0
