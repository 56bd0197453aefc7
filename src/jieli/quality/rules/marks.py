"""The four marks of a visit (spec 4): on call, fixed on arrival, moved, information; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What marks ask of one work order."""

    promised_until: datetime | None
    arrived_at: datetime | None
    fixed_first: bool | None
    information_accepted: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of the visit for one case; null while unknown. `moved` is the degree which the customer said."""

    on_call: bool | None
    fixed_on_arrival: bool | None
    moved: str
    is_moved_confirmed: bool
    information: bool


def marks_of(
    orders: Iterable[OrderFacts], *, on_time: bool | None, solved: bool | None, moved: str, is_moved_confirmed: bool
) -> Marks:
    """Return the marks: of several orders each must have it; the customer's own word takes a mark away, never gives it."""
    found = list(orders)
    return Marks(
        on_call=_all((_came_in_time(one) for one in found), on_time),
        fixed_on_arrival=_all((one.fixed_first for one in found), solved),
        moved=moved,
        is_moved_confirmed=is_moved_confirmed,
        information=any(one.information_accepted for one in found),
    )


def _came_in_time(order: OrderFacts) -> bool | None:
    if order.arrived_at is None or order.promised_until is None:
        return None
    return order.arrived_at <= order.promised_until


def _all(known: Iterable[bool | None], said: bool | None) -> bool | None:
    values = list(known)
    if said is False or False in values:
        return False
    return None if not values or None in values else True
