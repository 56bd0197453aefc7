"""What the customer said afterwards, the four marks of the visit, and how a dissatisfaction was made good."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch

from jieli.orders.models import WorkOrder
from jieli.quality.models import Attempt, CallBack, Recovery, Spending
from jieli.quality.queries.pages import marks
from jieli.quality.rules.marks import Marks

CALLS = 20


@dataclass(frozen=True, slots=True)
class Called:
    """One call-back with its attempts and, when the customer was not content, what was done about it."""

    callback: CallBack
    attempts: list[Attempt]
    recovery: Recovery | None
    spendings: list[Spending]

    @property
    def spent_amount(self) -> Decimal:
        """Return what was spent on the recovery."""
        return sum((one.amount for one in self.spendings if one.state == Spending.State.SPENT), Decimal(0))


@dataclass(frozen=True, slots=True)
class Asked:
    """The stage of quality control: every call-back, oldest first, and the marks of the visit."""

    calls: list[Called]
    marks: Marks | None

    @property
    def first(self) -> CallBack | None:
        """Return the first call-back that has a result: grade and gate count it."""
        return next((one.callback for one in self.calls if one.callback.result), None)


def asked(case_id: int, orders: Sequence[WorkOrder]) -> Asked:
    """Return what the customer of a case was asked and answered. Four queries."""
    found = (
        CallBack.objects.filter(case_id=case_id)
        .select_related("caller", "excused_by", "delight_by", "recovery__recorded_by")
        .prefetch_related(
            Prefetch("attempts", Attempt.objects.select_related("by").order_by("number")),
            Prefetch("recovery__spendings", Spending.objects.select_related("by", "second_by").order_by("id")),
        )
        .order_by("number")[:CALLS]
    )
    calls = []
    for one in found:
        recovery = getattr(one, "recovery", None)
        spendings = [] if recovery is None else list(recovery.spendings.all())
        calls.append(Called(one, list(one.attempts.all()), recovery, spendings))
    done = [one for one in orders if one.finished_at is not None and one.cancelled_at is None]
    first = next((one.callback for one in calls if one.callback.result), None)
    return Asked(calls, marks(first or CallBack(), done) if done else None)
