"""What every movement shares: the header with its event, balanced entries, and the database's own word before going on.

Lock order: case, work order, then stock by place and part.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, connection, transaction

from jieli.cases.actions import changing as cases
from jieli.cases.models import Case
from jieli.cases.refusals import CaseEnded
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.events.refusals import NotFound, Refused
from jieli.orders.models import WorkOrder
from jieli.parts.models import Movement, Part, Place
from jieli.parts.refusals import (
    BadQuantity,
    MachineAskedAlready,
    MachineDecided,
    MachineGiven,
    NotInStock,
    OrderCalledOff,
    PartOrderOver,
    SerialUsedTwice,
    StockKept,
    StockReserved,
    UnknownPart,
    UnknownPlace,
)

_P = ParamSpec("_P")
_R = TypeVar("_R")

MOST = 100_000
Lines = Sequence[tuple[str, int]]
"""Codes of parts with quantities."""

_REFUSALS: dict[str, type[Refused]] = {
    "parts_never_below_zero": NotInStock,
    "parts_reserved_is_there": StockReserved,
    "parts_new_serial_once": SerialUsedTwice,
    "parts_old_serial_once": SerialUsedTwice,
    "parts_order_goes_on": PartOrderOver,
    "parts_machine_asked_once": MachineAskedAlready,
    "parts_machine_given_once": MachineGiven,
    "parts_machine_goes_on": MachineDecided,
}


def refusal_of(error: IntegrityError) -> Refused:
    """Return the refusal that tells people what the database means."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    if name in _REFUSALS:
        return _REFUSALS[name]()
    return StockKept() if name.startswith("parts_") else cases.refusal_of(error)


def booking(action: Callable[_P, _R]) -> Callable[_P, _R]:
    """Run an action in a transaction and ask the deferred constraints before it ends, so that their word is a Refused."""

    @wraps(action)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            with transaction.atomic():
                result = action(*args, **kwargs)
                with connection.cursor() as cursor:
                    cursor.execute("set constraints all immediate; set constraints all deferred")
                return result
        except IntegrityError as error:
            raise refusal_of(error) from error

    return run


def locked_order(order_id: int, actor: Actor, *, must_be_open: bool = True) -> WorkOrder:
    """Return a work order, its case locked first; raises NotFound when its case is hidden, CaseEnded, OrderCalledOff."""
    case_id = WorkOrder.objects.filter(pk=order_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    return _locked(cases.locked_case(case_id, actor, must_be_open=False), order_id, must_be_open=must_be_open)


def locked_order_for_stock(order_id: int) -> WorkOrder:
    """Return a work order, its case locked first, for those whose right comes from the stock, who may not see the case."""
    case_id = WorkOrder.objects.values_list("case_id", flat=True).get(pk=order_id)
    case = Case.objects.select_related("unit", "customer", "owner", "steward").lock(case_id)
    return _locked(case, order_id, must_be_open=False)


def _locked(case: Case, order_id: int, *, must_be_open: bool) -> WorkOrder:
    # The outlet and the device are read beside the lock, not with it.
    list(WorkOrder.objects.filter(pk=order_id).select_for_update(of=("self",)).values_list("pk"))
    order = WorkOrder.objects.select_related("outlet", "device", "engineer").get(pk=order_id)
    order.case = case
    if must_be_open:
        if not case.is_open:
            raise CaseEnded
        if order.cancelled_at is not None:
            raise OrderCalledOff
    return order


def stocked_place(place_id: int) -> Place:
    """Return a place in use where parts lie; raises UnknownPlace."""
    place = Place.objects.real().filter(pk=place_id, is_active=True).select_related("unit").first()
    if place is None:
        raise UnknownPlace
    return place


def outside(kind: str) -> Place:
    """Return the one place of a kind that belongs to no unit: supplier, used, scrap, on the way …"""
    return Place.objects.get(kind=kind, unit=None)


def part_of(code: str) -> Part:
    """Return the part in use with this code; raises UnknownPart."""
    part = Part.objects.filter(code=code.strip().upper(), is_active=True).first()
    if part is None:
        raise UnknownPart(code)
    return part


def right_quantity(quantity: int) -> int:
    """Return a quantity that somebody can move; raises BadQuantity."""
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 < quantity <= MOST:
        raise BadQuantity
    return quantity


def parts_of(lines: Lines) -> list[tuple[Part, int]]:
    """Return the parts of lines, each once with its sum, in the order of their ids; raises UnknownPart, BadQuantity."""
    sums: dict[str, int] = {}
    for code, quantity in lines:
        known = code.strip().upper()
        sums[known] = right_quantity(sums.get(known, 0) + right_quantity(quantity))
    if not sums:
        raise BadQuantity
    found = {part.code: part for part in Part.objects.filter(code__in=sums, is_active=True)}
    for code in sums:
        if code not in found:
            raise UnknownPart(code)
    return sorted(((found[code], quantity) for code, quantity in sums.items()), key=lambda line: line[0].pk)


@dataclass(frozen=True, slots=True)
class Held:
    """How many of a part lie at a place and how many are reserved, locked until the transaction ends."""

    quantity: int
    reserved: int


def held(place: Place, parts: Iterable[Part], *, beside: Place | None = None) -> dict[int, Held]:
    """Lock what a place has of some parts, and return it by the id of the part.

    A movement between two places locks both here, `beside` being the other: in one order, whichever way the parts go.
    """
    places = [place.pk] if beside is None else [place.pk, beside.pk]
    with connection.cursor() as cursor:
        cursor.execute("select * from parts_held(%s, %s)", [places, [part.pk for part in parts]])
        found = cursor.fetchall()
    return {part_id: Held(quantity, reserved) for place_id, part_id, quantity, reserved in found if place_id == place.pk}


def require_stock(place: Place, lines: Iterable[tuple[Part, int]], *, beside: Place | None = None) -> None:
    """Lock what is there and refuse when it is not enough: NotInStock, StockReserved, with the place and the number."""
    lines = list(lines)
    there = held(place, [part for part, _quantity in lines], beside=beside)
    for part, quantity in lines:
        one = there[part.pk]
        if one.quantity < quantity:
            raise NotInStock(part.code, place.name, one.quantity)
        if one.quantity - one.reserved < quantity:
            raise StockReserved


_MOVEMENT = """
insert into parts_movement (kind, at, reason, order_id, event_id, xact) values (%s, %s, %s, %s, %s, 0) returning id
"""
_ENTRIES = """
insert into parts_entry (movement_id, place_id, part_id, quantity)
select %s, place_id, part_id, quantity from unnest(%s::bigint[], %s::bigint[], %s::int[]) e (place_id, part_id, quantity)
"""


def book(
    kind: Movement.Kind,
    *,
    source: Place,
    to: Place,
    lines: Iterable[tuple[Part, int]],
    event: Event,
    reason: str = "",
    order: WorkOrder | None = None,
) -> int:
    """Move quantities from one place to another as double entries; a negative quantity goes the other way.

    Returns the id of the movement. Three statements, whatever the number of lines. `event` is the fact that says so, recorded
    in this transaction, and no other movement's.
    """
    ways = [(source, to, part, quantity) for part, quantity in lines]
    return book_ways(kind, ways=ways, event=event, reason=reason, order=order)


def book_ways(
    kind: Movement.Kind,
    *,
    ways: Iterable[tuple[Place, Place, Part, int]],
    event: Event,
    reason: str = "",
    order: WorkOrder | None = None,
) -> int:
    """Book one movement in which parts go several ways, each from one place to another; as `book` otherwise."""
    places: list[int] = []
    parts: list[int] = []
    quantities: list[int] = []
    for source, to, part, quantity in ways:
        places += [source.pk, to.pk]
        parts += [part.pk, part.pk]
        quantities += [-quantity, quantity]
    with connection.cursor() as cursor:
        cursor.execute(_MOVEMENT, [kind.value, event.at, reason[:300], None if order is None else order.pk, event.pk])
        (movement_id,) = cursor.fetchone()
        cursor.execute(_ENTRIES, [movement_id, places, parts, quantities])
    return int(movement_id)
