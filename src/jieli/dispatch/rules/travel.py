"""How long the way takes, and when somebody who set out is there; pure (spec 3, Travel times)."""

from datetime import datetime, timedelta

from jieli.policies.schemas.dispatch import Travel

STEP = timedelta(minutes=5)
"""A forecast is told in steps: nobody is there to the minute."""


def travel_minutes(road_km: float, vehicle: str, travel: Travel) -> float:
    """Return the minutes of a way by road in kilometres, by the speed class of the vehicle; never below the policy's least."""
    speed = travel.motorcycle_kmh if vehicle == "motorcycle" else travel.car_kmh
    return max(60 * road_km / float(speed), float(travel.least_minutes))


def expected_arrival(set_out_at: datetime, minutes: float) -> datetime:
    """Return about when somebody who set out is there, rounded up to the next five minutes of the clock."""
    exact = set_out_at + timedelta(minutes=minutes)
    hour = exact.replace(minute=0, second=0, microsecond=0)
    return hour + -((hour - exact) // STEP) * STEP
