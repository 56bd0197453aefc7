"""R = L × T + Q (spec 6, Settlement)."""

from decimal import Decimal
from typing import NamedTuple

from jieli.lib.money import cents

NOTHING = Decimal("0.00")


class Paid(NamedTuple):
    """What is paid, and the debt that is carried to the next month; one of both is zero."""

    payout_amount: Decimal
    debt_amount: Decimal


def paid(labour_amount: Decimal, coefficient: Decimal, incentives_amount: Decimal) -> Paid:
    """Return what R pays or owes: rounded half-up to cents once, at the end."""
    result = cents(labour_amount * coefficient + incentives_amount)
    return Paid(result, NOTHING) if result >= 0 else Paid(NOTHING, -result)
