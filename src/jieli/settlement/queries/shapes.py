"""What a settled, graded or previewed month looks like, whether calculated or read from what was decided."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from jieli.settlement.queries.months import Month
from jieli.settlement.rules.grading import Share


@dataclass(frozen=True, slots=True)
class OutletGrade:
    """The month of one outlet: its facts, the points of each part, score, grade, rank and coefficient.

    An ungraded outlet has neither score, grade nor rank, and the coefficient 1. `parts` holds ``bonus`` too; the points are
    rounded for people, the score is not made of them.
    """

    outlet_id: int
    outlet: str
    name: str
    tier: str
    region: str
    finished: int
    facts: dict[str, Share]
    parts: dict[str, Decimal]
    score: Decimal | None
    grade: str
    rank: int | None
    group_size: int
    coefficient: Decimal

    @property
    def peers(self) -> str:
        """Return the peer group in words that are kept."""
        return f"{self.tier} · {self.region}"


@dataclass(frozen=True, slots=True)
class OutletResult:
    """What one outlet gets for a month: R = L × T + Q, and what Q is made of."""

    grade: OutletGrade
    payable: int
    held: int
    rejected: int
    labour_amount: Decimal
    own_incentives_amount: Decimal
    charged_back_amount: Decimal
    carried_debt_amount: Decimal
    adjustments_amount: Decimal
    incentives_amount: Decimal
    payout_amount: Decimal
    debt_amount: Decimal

    @property
    def outlet_id(self) -> int:
        """Return the unit."""
        return self.grade.outlet_id

    @property
    def outlet(self) -> str:
        """Return the code of the outlet."""
        return self.grade.outlet

    @property
    def coefficient(self) -> Decimal:
        """Return T."""
        return self.grade.coefficient


class LineRow(NamedTuple):
    """One order in a run. The fee holds the surcharges; what explains it is the order as it is known today."""

    outlet_id: int
    outlet: str
    order_id: int
    number: str
    decision: str
    gate: str
    fee_amount: Decimal | None
    rate_amount: Decimal | None
    rate: str
    earlier: str
    charged_outlet: str
    finished_at: datetime
    product_line: str
    service_type: str
    in_warranty: bool | None
    distance_km: Decimal | None
    night: bool
    holiday: bool
    high_floor: bool


class ChargeRow(NamedTuple):
    """One line of Q: an incentive, a charge-back of a repeating order, the carried debt, or a granted dispute.

    `month` is the month for which an incentive was recorded, or whose statement was disputed; it may be earlier than the one
    in which it counts.
    """

    outlet_id: int
    kind: str
    amount: Decimal
    incentive_kind: str
    reason: str
    order: str
    month: date | None


@dataclass(frozen=True, kw_only=True)
class MonthResult(ABC):
    """A month for all outlets together, in the order of their codes.

    `policy`, `grade_policy` and `rates` name the versions used. `is_provisional` tells that the cut-off is not over,
    `earlier_orders` how many of the orders looked at were finished before the month and are in no run before.
    """

    month: Month
    policy: str
    grade_policy: str
    rates: tuple[str, ...]
    is_decided: bool
    is_provisional: bool
    earlier_orders: int
    outlets: list[OutletResult] = field(repr=False)

    @abstractmethod
    def lines(self, outlet_id: int | None = None) -> Iterator[LineRow]:
        """Give the lines, by outlet code and order number, as they are read; of one outlet when given."""

    @abstractmethod
    def charges(self, outlet_id: int | None = None) -> list[ChargeRow]:
        """Return the lines of Q, by outlet, kind and order; of one outlet when given."""

    @abstractmethod
    def changed_after_decision(self, outlet_id: int | None = None) -> list[str]:
        """Return the numbers of the orders decided here whose facts changed afterwards; they move nothing."""

    def of(self, outlet: str) -> OutletResult | None:
        """Return the result of one outlet by its code."""
        return next((one for one in self.outlets if one.outlet == outlet), None)
