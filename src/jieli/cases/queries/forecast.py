"""How often a promised time was kept in the past: promise less, do more (spec 1, Promises)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from jieli.cases.models import Case, Promise
from jieli.lib import clock
from jieli.lib.statistics import percentile, wilson
from jieli.policies.queries import current

_MOST = 500
_FEWEST = 10
_REPLIES = ("first_reply", "next_reply")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the past says about a time: the share of answers that took no longer, and the time which would be kept enough.

    `n` is how many past answers of the unit it rests on; with fewer than ten there is no forecast (`is_known` is false).
    """

    n: int
    kept_ratio: float
    low_ratio: float
    warns: bool
    proposed_at: datetime | None
    propose_ratio: float

    @property
    def is_known(self) -> bool:
        """Tell whether enough is known to say anything."""
        return self.n >= _FEWEST

    @property
    def kept_percent(self) -> int:
        """Return the share kept, in whole per cent."""
        return round(self.kept_ratio * 100)

    @property
    def propose_percent(self) -> int:
        """Return the share at which a time is proposed, in whole per cent."""
        return round(self.propose_ratio * 100)


def forecast(case: Case, due_at: datetime) -> Forecast:
    """Return how often an answer within such a time was given by this unit; one query over its last 500 answers."""
    now = clock.now()
    policy = current("numbers").data.forecast
    rows = (
        Promise.objects.filter(calendar_unit_id=case.unit_id, kind__in=_REPLIES, outcome__in=["kept", "late"], by_import=False)
        .order_by("-id")
        .values_list("started_at", "ended_at")[:_MOST]
    )
    took = [(ended - started).total_seconds() for started, ended in rows if ended is not None]
    given = (due_at - now).total_seconds()
    kept = sum(seconds <= given for seconds in took)
    if len(took) < _FEWEST:
        return Forecast(len(took), 0.0, 0.0, False, None, float(policy.propose))
    estimate = wilson(kept, len(took))
    ratio = kept / len(took)
    warns = ratio < float(policy.warn_below)
    enough = percentile(took, float(policy.propose) * 100)
    proposed = now + timedelta(minutes=5 * ceil(enough / 300))
    return Forecast(len(took), ratio, estimate.low, warns, proposed if warns else None, float(policy.propose))
