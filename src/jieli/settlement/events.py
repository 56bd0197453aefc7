"""The facts that settlement records."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact, Text


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


@dataclass(frozen=True, slots=True)
class MonthApproved(Fact):
    """A person approved a decided month; the digest is that of the run which he approved."""

    type: ClassVar[str] = "settlement.month_approved"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("%(month)s was approved (%(place)s of 2)")

    company_id: int
    month: str
    run_id: int
    place: int
    role: str
    digest: str


@dataclass(frozen=True, slots=True)
class StatementSealed(Fact):
    """The statement of an outlet was sealed; nobody changes it any more."""

    type: ClassVar[str] = "settlement.statement_sealed"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("The statement of %(month)s was sealed: %(payout_amount)s to pay")

    unit_id: int
    month: str
    statement_id: int
    payout_amount: Decimal
    sha256: str


@dataclass(frozen=True, slots=True)
class StatementPrinted(Fact):
    """A PDF of a sealed statement was handed out for the first time; its hash is known from then on."""

    type: ClassVar[str] = "settlement.statement_printed"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("The statement of %(month)s was printed")

    unit_id: int
    month: str
    statement_id: int
    language: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StatementConfirmed(Fact):
    """An outlet agreed with its statement."""

    type: ClassVar[str] = "settlement.statement_confirmed"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("The statement of %(month)s was confirmed")

    unit_id: int
    month: str
    statement_id: int


@dataclass(frozen=True, slots=True)
class LineDisputed(Fact):
    """An outlet disputed one line of its statement: an order, or a line of Q."""

    type: ClassVar[str] = "settlement.line_disputed"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("A line of %(month)s was disputed: %(line)s")

    unit_id: int
    month: str
    dispute_id: int
    line: str
    claimed_amount: Decimal | None
    reason: Text


@dataclass(frozen=True, slots=True)
class DisputeGranted(Fact):
    """A dispute was granted; the amount is a line of Q in the next open month."""

    type: ClassVar[str] = "settlement.dispute_granted"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("A disputed line of %(month)s was granted with %(amount)s: %(line)s")

    unit_id: int
    month: str
    dispute_id: int
    line: str
    amount: Decimal
    reason: Text


@dataclass(frozen=True, slots=True)
class DisputeRefused(Fact):
    """A dispute was refused."""

    type: ClassVar[str] = "settlement.dispute_refused"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("A disputed line of %(month)s was refused: %(line)s")

    unit_id: int
    month: str
    dispute_id: int
    line: str
    reason: Text


@dataclass(frozen=True, slots=True)
class PayDecided(Fact):
    """The pay of all engineers for a month was decided; the digest vouches for the slips."""

    type: ClassVar[str] = "settlement.pay_decided"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("The pay of %(month)s was decided: %(slips)s slips, %(total_amount)s")

    company_id: int
    month: str
    run_id: int
    slips: int
    total_amount: Decimal
    policy: str
    digest: str
