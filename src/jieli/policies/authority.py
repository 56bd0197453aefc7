"""What each role may spend by itself to put something right (授权, empowerment; defaults, authority to compensate); pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to which amount a role spends by itself."""

    role: str
    amount: Decimal


def limit_of(roles: Collection[str], limits: Iterable[Limit]) -> Limit:
    """Return the widest limit of somebody's roles; nothing for roles without any."""
    return max((one for one in limits if one.role in roles), key=lambda one: one.amount, default=Limit("", NOTHING))


def highest(limits: Iterable[Limit]) -> Limit:
    """Return the widest limit of all roles: above it an amount takes two people."""
    return max(limits, key=lambda one: one.amount, default=Limit("", NOTHING))


def is_within(amount: Decimal, spent: Decimal, limit: Limit) -> bool:
    """Tell whether somebody may spend an amount by himself; what he spent on the same recovery before counts, too.

    Otherwise an amount above one's authority could be spent in parts.
    """
    return spent + amount <= limit.amount
