"""Parts, places, stock and used parts by the thousand, for imports and the demo: the same rows and events as the live acts.

Few statements whatever the number; everything at its own time in the past, and nobody is told. What the work orders say of
their parts is written by whoever brings the orders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from jieli.cases.actions.bringing import Later
from jieli.cases.actions.past import copy_rows
from jieli.customers.rules import normalise_serial
from jieli.events.actions import Batch, append_batch, encoded, reserve_ids
from jieli.events.actor import Actor
from jieli.events.facts import Fact, split_texts
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.lib.damm import check_digit
from jieli.orders.models import WorkOrder
from jieli.parts.events import (
    OldPartReturned,
    PartFound,
    PartMasterChanged,
    PartUsed,
    PlaceMade,
    StockReceived,
)
from jieli.parts.models import Movement, Part, PartFit, Place
from jieli.parts.policy import may_bring_parts
from jieli.policies.queries import current

_TOLD_CODES = 200


def _data(fact: Fact) -> dict[str, Any]:
    values, _texts = split_texts(fact)
    return {name: value for name, value in values.items() if value or value == 0}


@dataclass(frozen=True, slots=True)
class NewPart:
    """A part of the master; `fits` are product lines with models, an empty model is the whole line."""

    code: str
    name: str
    name_en: str = ""
    kind: str = "part"
    price_amount: Decimal | None = None
    warranty_code: str = ""
    is_returnable: bool = True
    is_active: bool = True
    fits: Sequence[tuple[str, str]] | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


_PART_FIELDS = ("name", "name_en", "kind", "price_amount", "warranty_code", "is_returnable", "is_active", "attributes")


@transaction.atomic
def bring_parts(parts: Sequence[NewPart], *, actor: Actor, at: datetime | None = None) -> int:
    """Add parts to the master, or change those of these codes; return how many are other than before. Raises NotAllowed."""
    require(may_bring_parts(actor))
    wanted = {one.code: one for one in parts}
    stored = {part.code: part for part in Part.objects.filter(code__in=wanted).prefetch_related("fits")}
    changed: list[str] = []
    fresh: list[Part] = []
    other: list[Part] = []
    for code, one in wanted.items():
        values = {name: getattr(one, name) for name in _PART_FIELDS} | {"attributes": dict(one.attributes)}
        part = stored.get(code)
        if part is None:
            fresh.append(Part(code=code, created_at=at or clock.now(), **values))
        elif any(getattr(part, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(part, name, value)
            other.append(part)
        elif one.fits is None or set(one.fits) == {(fit.product_line, fit.model) for fit in part.fits.all()}:
            continue
        changed.append(code)
    Part.objects.bulk_create(fresh)
    Part.objects.bulk_update(other, _PART_FIELDS, batch_size=1000)
    ids = dict(Part.objects.filter(code__in=changed).values_list("code", "pk"))
    refit = [code for code in changed if wanted[code].fits is not None]
    PartFit.objects.filter(part__in=[ids[code] for code in refit]).delete()
    PartFit.objects.bulk_create(
        [
            PartFit(part_id=ids[code], product_line=line, model=model)
            for code in refit
            for line, model in sorted(set(wanted[code].fits or ()))
        ]
    )
    if changed:
        batch = Batch()
        fact = PartMasterChanged(company_id=1, total=len(changed), codes=changed[:_TOLD_CODES])
        batch.add("company", 1, at or clock.now(), fact.type, encoded(_data(fact)))
        append_batch(batch, actor=actor)
    return len(changed)


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A store of a unit, or with `staff_id` a van."""

    code: str
    name: str
    kind: str
    unit_id: int
    staff_id: int | None = None


@transaction.atomic
def bring_places(places: Sequence[NewPlace], *, actor: Actor, at: datetime | None = None) -> dict[str, int]:
    """Make places at one time; return their ids by code. Raises NotAllowed, IntegrityError for a code that is taken."""
    require(may_bring_parts(actor))
    batch = Batch()
    for one in places:
        fact = PlaceMade(unit_id=one.unit_id, place=one.code, name=one.name, kind=one.kind)
        batch.add("unit", one.unit_id, at or clock.now(), fact.type, encoded(_data(fact)))
    append_batch(batch, actor=actor)
    made = Place.objects.bulk_create(
        [Place(code=one.code, name=one.name, kind=one.kind, unit_id=one.unit_id, staff_id=one.staff_id) for one in places]
    )
    return {place.code: place.pk for place in made}


@dataclass(frozen=True, slots=True)
class NewStock:
    """What came to a place from the supplier at a time: codes of parts with quantities, each code once."""

    place: str
    lines: Sequence[tuple[str, int]]
    at: datetime


@transaction.atomic
def bring_stock(deliveries: Sequence[NewStock], *, source: str, actor: Actor) -> int:
    """Receive deliveries, each a movement of its own; `source` is their reason. Returns how many entries that makes.

    Raises NotAllowed, KeyError for a place or a part that nobody knows.
    """
    require(may_bring_parts(actor))
    if not deliveries:
        return 0
    codes = {one.place for one in deliveries}
    places = {place.code: place for place in Place.objects.real().filter(code__in=codes)}
    parts = _part_ids({code for one in deliveries for code, _quantity in one.lines})
    batch = Batch()
    movements: list[_Moved] = []
    supplier = Place.objects.get(kind=Place.Kind.SUPPLIER).pk
    for one in deliveries:
        place = places[one.place]
        fact = StockReceived(
            unit_id=place.unit_id or 0,
            place=place.name,
            total=sum(quantity for _code, quantity in one.lines),
            lines=[[code, quantity] for code, quantity in one.lines],
        )
        batch.add("unit", fact.unit_id, one.at, fact.type, encoded(_data(fact)))
        lines = tuple((parts[code], quantity) for code, quantity in one.lines)
        movements.append(_Moved(Movement.Kind.RECEIVE, one.at, source, None, supplier, place.pk, lines))
    return _book(movements, append_batch(batch, actor=actor))[1]


@dataclass(frozen=True, slots=True)
class _Moved:
    kind: str
    at: datetime
    reason: str
    order_id: int | None
    source_id: int
    to_id: int
    lines: tuple[tuple[int, int], ...]


def _book(movements: Sequence[_Moved], event_ids: Sequence[int]) -> tuple[list[int], int]:
    """Write movements with their entries; return the ids of the movements and the number of entries."""
    ids = reserve_ids("parts_movement", len(movements))
    copy_rows(
        "parts_movement",
        [
            {
                "id": movement_id,
                "kind": str(one.kind),
                "at": one.at,
                "reason": one.reason[:300],
                "order_id": one.order_id,
                "event_id": event_id,
                "xact": 0,
            }
            for movement_id, one, event_id in zip(ids, movements, event_ids, strict=True)
        ],
    )
    entries = [
        {"movement_id": movement_id, "place_id": place_id, "part_id": part_id, "quantity": sign * quantity}
        for movement_id, one in zip(ids, movements, strict=True)
        for part_id, quantity in one.lines
        for place_id, sign in ((one.source_id, -1), (one.to_id, 1))
    ]
    copy_rows("parts_entry", entries)
    return ids, len(entries)


def _part_ids(codes: set[str]) -> dict[str, int]:
    return dict(Part.objects.filter(code__in=codes).values_list("code", "pk"))


@dataclass(frozen=True, slots=True)
class BroughtUse:
    """One part that was put in for a work order, from a place by its code; `finding` needs the return, and `lab_at`."""

    case_id: int
    order: str
    part: str
    place: str
    used_at: datetime
    old_serial: str = ""
    new_serial: str = ""
    in_warranty: bool | None = None
    used_by_id: int | None = None
    returned_at: datetime | None = None
    returned_by_id: int | None = None
    finding: str = ""
    lab_at: datetime | None = None
    lab_by_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedUse:
    """A used part with its id, and its events to be written on the chain of its case (`later` of a brought case)."""

    used_part_id: int
    use: BroughtUse
    is_returnable: bool
    return_due_at: datetime | None
    later: tuple[Later, ...]


def plan_used_parts(uses: Sequence[BroughtUse]) -> list[PlannedUse]:
    """Reserve ids for used parts and write down their events; whoever brings their cases puts these among his own.

    Write the rows with `write_used_parts`, in the transaction that wrote the events. Raises KeyError for an unknown part.
    """
    if not uses:
        return []
    master = dict(Part.objects.filter(code__in={one.part for one in uses}).values_list("code", "is_returnable"))
    names = dict(Place.objects.filter(code__in={one.place for one in uses}).values_list("code", "name"))
    days = timedelta(days=current("settlement").data.return_days)
    planned: list[PlannedUse] = []
    for used_part_id, one in zip(reserve_ids("parts_usedpart", len(uses)), uses, strict=True):
        is_returnable = master[one.part]
        due_at = one.used_at + days if is_returnable and one.in_warranty is not False else None
        planned.append(
            PlannedUse(used_part_id, one, is_returnable, due_at, tuple(_events(used_part_id, one, names[one.place], due_at)))
        )
    return planned


def _events(used_part_id: int, one: BroughtUse, place: str, due_at: datetime | None) -> list[Later]:
    tag = f"OP-{used_part_id:06d}-{check_digit(f'{used_part_id:06d}')}"
    about: dict[str, Any] = {"case_id": one.case_id, "order": one.order, "part": one.part, "used_part_id": used_part_id}
    used = PartUsed(
        **about,
        place=place,
        old_serial=normalise_serial(one.old_serial),
        new_serial=normalise_serial(one.new_serial),
        in_warranty=one.in_warranty,
        return_due_at=due_at,
    )
    told: list[tuple[datetime, Fact]] = [(one.used_at, used)]
    if one.returned_at is not None:
        told.append((one.returned_at, OldPartReturned(**about, tag=tag, serial=used.old_serial)))
        if one.finding and one.lab_at is not None:
            told.append((one.lab_at, PartFound(**about, tag=tag, finding=one.finding)))
    return [(at, fact.type, encoded(_data(fact))) for at, fact in told]


@transaction.atomic
def bring_used_parts(uses: Sequence[BroughtUse], *, actor: Actor) -> int:
    """Write used parts of known work orders with their events, after whatever their cases have; return their number.

    Cost: a fixed number of statements. Raises NotAllowed, KeyError for an order, a part or a place that nobody knows,
    IntegrityError for a serial that is there already or a place that has not so many.
    """
    require(may_bring_parts(actor))
    planned = plan_used_parts(uses)
    batch = Batch()
    told = sorted(
        ((at, one.use.case_id, type_, data) for one in planned for at, type_, data in one.later), key=lambda line: line[0]
    )
    for at, case_id, type_, data in told:
        batch.add("case", case_id, at, type_, data)
    append_batch(batch, actor=actor)
    return write_used_parts(planned, actor=actor)


@transaction.atomic
def write_used_parts(planned: Sequence[PlannedUse], *, actor: Actor) -> int:
    """Write the rows of planned used parts: their events were recorded in this transaction. Raises as `bring_used_parts`."""
    require(may_bring_parts(actor))
    if not planned:
        return 0
    uses = [one.use for one in planned]
    orders = dict(WorkOrder.objects.filter(number__in={one.order for one in uses}).values_list("number", "pk"))
    places = dict(Place.objects.real().filter(code__in={one.place for one in uses}).values_list("code", "pk"))
    parts = _part_ids({one.part for one in uses})
    events = _used_events(planned)
    used_place = Place.objects.get(kind=Place.Kind.USED).pk
    movements = [
        _Moved(Movement.Kind.USE, one.used_at, "", orders[one.order], places[one.place], used_place, ((parts[one.part], 1),))
        for one in uses
    ]
    movement_ids, _entries = _book(movements, [events[one.used_part_id] for one in planned])
    copy_rows(
        "parts_usedpart",
        [
            {
                "id": one.used_part_id,
                "order_id": orders[one.use.order],
                "part_id": parts[one.use.part],
                "place_id": places[one.use.place],
                "movement_id": movement_id,
                "old_serial": normalise_serial(one.use.old_serial),
                "new_serial": normalise_serial(one.use.new_serial),
                "in_warranty": one.use.in_warranty,
                "is_returnable": one.is_returnable,
                "used_at": one.use.used_at,
                "used_by_id": one.use.used_by_id,
                "return_due_at": one.return_due_at,
                "lab_finding": "",
                "lab_note": "",
            }
            for one, movement_id in zip(planned, movement_ids, strict=True)
        ],
    )
    _come_back([one for one in planned if one.use.returned_at is not None])
    return len(planned)


def _used_events(planned: Sequence[PlannedUse]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """select (data ->> 'used_part_id')::bigint, id from events_event
               where stream = 'case' and stream_id = any (%s) and type = %s""",
            [list({one.use.case_id for one in planned}), PartUsed.type],
        )
        return dict(cursor.fetchall())


_COME_BACK = """
update parts_usedpart u set returned_at = b.returned_at, returned_by_id = b.returned_by_id, lab_finding = b.lab_finding,
  lab_at = b.lab_at, lab_by_id = b.lab_by_id
from unnest(%s::bigint[], %s::timestamptz[], %s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[])
  b (id, returned_at, returned_by_id, lab_finding, lab_at, lab_by_id)
where u.id = b.id
"""


def _come_back(planned: Sequence[PlannedUse]) -> None:
    if not planned:
        return
    found = [one.use if one.use.lab_at is not None and one.use.finding else None for one in planned]
    columns: list[list[Any]] = [
        [one.used_part_id for one in planned],
        [one.use.returned_at for one in planned],
        [one.use.returned_by_id for one in planned],
        [one.finding if one is not None else "" for one in found],
        [one.lab_at if one is not None else None for one in found],
        [one.lab_by_id if one is not None else None for one in found],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_COME_BACK, columns)
