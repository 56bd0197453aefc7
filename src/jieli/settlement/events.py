"""The facts that settlement records."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact


@dataclass(frozen=True, slots=True)
class MonthDecided(Fact):
    """A month was graded and settled for all outlets together; the digest vouches for its results and lines."""

    type: ClassVar[str] = "settlement.month_decided"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("%(month)s was settled: %(orders)s orders, %(payout_amount)s to pay")

    company_id: int
    month: str
    run_id: int
    orders: int
    payable: int
    held: int
    rejected: int
    payout_amount: Decimal
    debt_amount: Decimal
    held_without_rate: int
    policy: str
    grade_policy: str
    digest: str


@dataclass(frozen=True, slots=True)
class IncentiveRecorded(Fact):
    """A signed amount for or against an outlet was recorded."""

    type: ClassVar[str] = "settlement.incentive_recorded"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("%(amount)s (%(kind)s) was recorded for %(month)s")

    unit_id: int
    incentive_id: int
    month: date
    kind: str
    amount: Decimal
    order: str
