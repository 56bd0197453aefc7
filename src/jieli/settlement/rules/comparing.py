"""Two outcomes of the same outlet and month held against each other: how much more or less, and which rules make it so."""

from decimal import Decimal
from typing import Protocol

CAUSES = ("gate", "fee", "score", "grade", "rank", "coefficient", "incentives")
"""What can differ, in the order in which it is made."""


class Outcome(Protocol):
    """What an outlet gets for a month."""

    payable: int
    held: int
    rejected: int
    labour_amount: Decimal
    coefficient: Decimal
    incentives_amount: Decimal
    payout_amount: Decimal
    debt_amount: Decimal
    score: Decimal | None
    grade: str
    rank: int | None
    group_size: int


def difference(old: Outcome, new: Outcome) -> Decimal:
    """Return how much more the outlet gets; what is carried as a debt counts as less."""
    return (new.payout_amount - new.debt_amount) - (old.payout_amount - old.debt_amount)


def causes(old: Outcome, new: Outcome) -> list[str]:
    """Return what differs: other orders pass the gates, other fees for the same orders, score, grade, rank, coefficient, Q."""
    found = {
        "gate": (old.payable, old.held, old.rejected) != (new.payable, new.held, new.rejected),
        "score": old.score != new.score,
        "grade": old.grade != new.grade,
        "rank": (old.rank, old.group_size) != (new.rank, new.group_size),
        "coefficient": old.coefficient != new.coefficient,
        "incentives": old.incentives_amount != new.incentives_amount,
    }
    found["fee"] = not found["gate"] and old.labour_amount != new.labour_amount
    return [cause for cause in CAUSES if found[cause]]
