"""Stock of a place: made, received, moved, counted, scrapped. Nobody writes a quantity; each act is a double entry."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.parts.actions.booking import (
    MOST,
    Lines,
    book,
    booking,
    held,
    outside,
    parts_of,
    require_stock,
    stocked_place,
)
from jieli.parts.events import PlaceMade, StockCounted, StockMoved, StockReceived, StockScrapped
from jieli.parts.models import Movement, Part, Place
from jieli.parts.policy import may_keep_stock, may_make_place, may_move_stock
from jieli.parts.refusals import BadParts, BadQuantity, UnknownPart
from jieli.people.models import Staff, Unit

Kind = Place.Kind


def _seen(place_id: int, actor: Actor) -> Place:
    """Return a place that the actor sees; raises NotFound, UnknownPlace."""
    if not Place.objects.visible_to(actor).filter(pk=place_id).exists():
        raise NotFound
    return stocked_place(place_id)


@booking
def make_place(unit_id: int, *, kind: str, actor: Actor, code: str = "", name: str = "", staff_id: int | None = None) -> Place:
    """Make a store of a unit, or the van of one of its people; without a name it is called after them.

    Raises NotFound for no such unit, NotAllowed, BadParts for a kind that is no store, a code that is taken, a second van.
    """
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None:
        raise NotFound
    require(may_make_place(actor, unit))
    if kind not in Place.STOCKED:
        raise BadParts(fields={"kind": _("Choose a store or a van.")})
    if (kind == Kind.VAN) != (staff_id is not None):
        raise BadParts(fields={"staff": _("A van, and only a van, belongs to a person.")})
    staff = Staff.objects.filter(pk=staff_id).first() if staff_id is not None else None
    if staff_id is not None and staff is None:
        raise BadParts(fields={"staff": _("There is no such person.")})
    return _made(unit, kind, staff, code=code, name=name, actor=actor)


def _made(unit: Unit, kind: str, staff: Staff | None, *, actor: Actor, code: str = "", name: str = "") -> Place:
    code = (code.strip() or (staff.code if staff is not None else unit.code)).upper()
    if kind == Kind.VAN and not code.startswith("V-"):
        code = f"V-{code}"
    name = name.strip() or (staff.name if staff is not None else unit.name)
    try:
        with transaction.atomic():
            place = Place.objects.create(code=code[:40], name=name[:120], kind=kind, unit=unit, staff=staff)
    except IntegrityError:
        raise BadParts(fields={"code": _("There is such a place already.")}) from None
    record(PlaceMade(unit_id=unit.pk, place=place.code, name=place.name, kind=kind), actor=actor)
    return place


def place_for(unit: Unit, staff: Staff | None, *, actor: Actor) -> Place:
    """Return the van of a person, else the store of his outlet, which is made when there is none yet."""
    van = Place.objects.filter(kind=Kind.VAN, staff=staff, is_active=True).first() if staff is not None else None
    store = van or Place.objects.filter(unit=unit, kind__in=Place.STOCKED, is_active=True).exclude(kind=Kind.VAN).first()
    return store or _made(unit, Kind.OUTLET, None, actor=actor)


@booking
def receive_stock(place_id: int, *, lines: Lines, actor: Actor, reason: str = "") -> Movement:
    """Receive parts from the supplier; `lines` are codes with quantities.

    Raises NotFound, NotAllowed, UnknownPart, BadQuantity.
    """
    place = _seen(place_id, actor)
    require(may_keep_stock(actor, place))
    parts = parts_of(lines)
    now = clock.now()
    fact = StockReceived(unit_id=_unit(place), place=place.name, total=_total(parts), lines=_told(parts))
    event = record(fact, actor=actor, at=now)
    movement_id = book(
        Movement.Kind.RECEIVE, source=outside(Kind.SUPPLIER), to=place, lines=parts, event=event, reason=reason.strip()
    )
    return Movement.objects.get(pk=movement_id)


@booking
def move_stock(from_place_id: int, *, to_place_id: int, lines: Lines, actor: Actor, reason: str = "") -> Movement:
    """Move parts from one place to another. Whoever may take from the one moves; the other end sees it.

    Raises NotFound, NotAllowed, UnknownPlace, UnknownPart, BadQuantity, NotInStock, StockReserved, BadParts for one place.
    """
    source = _seen(from_place_id, actor)
    require(may_move_stock(actor, source))
    to = stocked_place(to_place_id)
    if to == source:
        raise BadParts(fields={"to": _("Choose another place.")})
    parts = parts_of(lines)
    now = clock.now()
    require_stock(source, parts, beside=to)
    fact = StockMoved(unit_id=_unit(source), place=source.name, to=to.name, total=_total(parts), lines=_told(parts))
    event = record(fact, actor=actor, at=now)
    movement_id = book(Movement.Kind.MOVE, source=source, to=to, lines=parts, event=event, reason=reason.strip())
    return Movement.objects.get(pk=movement_id)


@booking
def scrap_stock(place_id: int, *, lines: Lines, reason: str, actor: Actor) -> Movement:
    """Throw parts away, with the reason. Raises as `move_stock`, BadParts without a reason."""
    place = _seen(place_id, actor)
    require(may_keep_stock(actor, place))
    reason = _reason(reason)
    parts = parts_of(lines)
    now = clock.now()
    require_stock(place, parts)
    fact = StockScrapped(unit_id=_unit(place), place=place.name, total=_total(parts), reason=reason, lines=_told(parts))
    event = record(fact, actor=actor, at=now)
    movement_id = book(Movement.Kind.SCRAP, source=place, to=outside(Kind.SCRAP), lines=parts, event=event, reason=reason)
    return Movement.objects.get(pk=movement_id)


@booking
def count_stock(place_id: int, *, counted: Mapping[str, int], reason: str, actor: Actor) -> Movement | None:
    """Correct the book to what somebody counted, part by part; None when everything was right.

    The stock is locked while it is compared, so that a part taken meanwhile is not booked twice. Raises NotFound, NotAllowed,
    UnknownPart, BadQuantity, BadParts without a reason, StockReserved when fewer are there than are reserved.
    """
    place = _seen(place_id, actor)
    require(may_keep_stock(actor, place))
    reason = _reason(reason)
    wanted = {code.strip().upper(): quantity for code, quantity in counted.items()}
    if not wanted or any(isinstance(one, bool) or not 0 <= one <= MOST for one in wanted.values()):
        raise BadQuantity
    parts = list(Part.objects.filter(code__in=wanted).order_by("pk"))
    for code in wanted.keys() - {part.code for part in parts}:
        raise UnknownPart(code)
    there = held(place, parts)
    differences = [(part, wanted[part.code] - there[part.pk].quantity) for part in parts]
    differences = [(part, more) for part, more in differences if more]
    if not differences:
        return None
    now = clock.now()
    total = sum(abs(more) for _part, more in differences)
    fact = StockCounted(unit_id=_unit(place), place=place.name, total=total, reason=reason, lines=_told(differences))
    event = record(fact, actor=actor, at=now)
    movement_id = book(
        Movement.Kind.COUNT,
        source=outside(Kind.DIFFERENCE),
        to=place,
        lines=differences,
        event=event,
        reason=reason,
    )
    return Movement.objects.get(pk=movement_id)


def _unit(place: Place) -> int:
    assert place.unit_id is not None
    return place.unit_id


def _reason(reason: str) -> str:
    text = reason.replace("\x00", "").strip()
    if not text:
        raise BadParts(fields={"reason": _("Say why.")})
    return text[:300]


def _total(lines: list[tuple[Part, int]]) -> int:
    return sum(quantity for _part, quantity in lines)


def _told(lines: list[tuple[Part, int]]) -> list[list[object]]:
    return [[part.code, quantity] for part, quantity in lines]
