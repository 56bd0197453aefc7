"""A decided month as a journal: what each outlet gets, booked so that debits and credits are equal in every cost centre."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from jieli.policies.schemas.settlement import Accounts

NOTHING = Decimal("0.00")


class Booked(NamedTuple):
    """What one outlet gets, by where it comes from; `carried_debt_amount` is below zero, as in Q."""

    cost_centre: str
    labour_amount: Decimal
    incentives_amount: Decimal
    adjustments_amount: Decimal
    carried_debt_amount: Decimal
    payout_amount: Decimal
    debt_amount: Decimal

    @property
    def coefficient_amount(self) -> Decimal:
        """Return what T adds or takes, with the rounding of R: the rest."""
        others = self.labour_amount + self.incentives_amount + self.adjustments_amount + self.carried_debt_amount
        return self.payout_amount - self.debt_amount - others


class Entry(NamedTuple):
    """One line of the journal; `name` says which account of the policy it is."""

    cost_centre: str
    account: str
    name: str
    debit_amount: Decimal
    credit_amount: Decimal


def journal(outlets: Iterable[Booked], accounts: Accounts) -> list[Entry]:
    """Return the journal by cost centre and account, without empty lines; costs are debits, what is to pay is a credit."""
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for one in outlets:
        for name, amount in _amounts(one):
            if amount:
                both = sums.setdefault((one.cost_centre, name), [NOTHING, NOTHING])
                both[0 if amount > 0 else 1] += abs(amount)
    order = list(Accounts.model_fields)
    return [
        Entry(centre, getattr(accounts, name), name, debit, credit)
        for (centre, name), (debit, credit) in sorted(sums.items(), key=lambda item: (item[0][0], order.index(item[0][1])))
    ]


def _amounts(one: Booked) -> list[tuple[str, Decimal]]:
    """Return signed amounts by account, debits above zero; they add up to nothing."""
    return [
        ("labour", one.labour_amount),
        ("coefficient", one.coefficient_amount),
        ("incentives", one.incentives_amount),
        ("adjustments", one.adjustments_amount),
        ("debts", one.carried_debt_amount),
        ("debts", one.debt_amount),
        ("payable", -one.payout_amount),
    ]
