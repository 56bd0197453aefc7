"""What an engineer is paid for a month (spec 6, Pay): base, valid orders, early ones, installations, bonuses."""

from decimal import Decimal
from typing import NamedTuple

from jieli.network.rules.licence import Standing
from jieli.policies.schemas.pay import Pay


class Work(NamedTuple):
    """What an engineer did in a month; of the orders so many are valid, of these so many were finished early."""

    orders: int
    valid: int
    early: int
    installations: int
    delighted: int = 0


class Paid(NamedTuple):
    """What that is worth, part by part."""

    base_amount: Decimal
    commission_amount: Decimal
    early_amount: Decimal
    installation_amount: Decimal
    delight_amount: Decimal
    licence_amount: Decimal

    @property
    def total_amount(self) -> Decimal:
        """Return the sum."""
        return sum(self, Decimal("0.00"))


def pay_of(work: Work, policy: Pay, standing: Standing | None = None) -> Paid:
    """Return the pay for the work of a month; `standing` is that of the licence at its end, None without a licence."""
    return Paid(
        policy.base_amount,
        work.valid * policy.commission_amount,
        work.early * policy.early_amount,
        work.installations * policy.installation_amount,
        work.delighted * policy.delight_amount,
        policy.licence_amount if standing is not None and standing.code == "demonstration" else Decimal("0.00"),
    )
