"""Rows of parts.csv and stock.csv: the master, and what was counted at each place; twice changes nothing."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from jieli.events.actor import Actor
from jieli.events.refusals import Refused, require
from jieli.lib.batches import BatchOutcome, BatchRow
from jieli.parts.actions.bringing import NewPart, bring_parts
from jieli.parts.actions.stock import count_stock, make_place
from jieli.parts.models import Part, Place
from jieli.parts.policy import may_bring_parts
from jieli.parts.rules.part_rows import StockRow, read_part, read_stock
from jieli.people.models import Staff, Unit


@transaction.atomic
def import_parts(rows: Sequence[BatchRow], *, actor: Actor) -> BatchOutcome:
    """Add or change the parts of these codes; an empty cell leaves what is stored. Raises NotAllowed."""
    require(may_bring_parts(actor))
    outcome = BatchOutcome()
    read = [(line, row, read_part(row)) for line, row in rows]
    stored = {part.code: part for part in Part.objects.filter(code__in=[one.code for _line, _row, one in read])}
    wanted: list[NewPart] = []
    for line, row, one in read:
        known = stored.get(one.code)
        if known is None and "name" not in one.values:
            one.faults.setdefault("name", _("A new part needs a name."))
        if one.faults:
            outcome.refuse(line, row, one.faults)
            continue
        before = {} if known is None else {name: getattr(known, name) for name in _KEPT}
        attributes = {**(known.attributes if known is not None else {}), **one.attributes}
        wanted.append(NewPart(code=one.code, **(before | one.values), attributes=attributes))
    outcome.imported = bring_parts(wanted, actor=actor)
    outcome.unchanged = len(wanted) - outcome.imported
    outcome.events = 1 if outcome.imported else 0
    return outcome


_KEPT = ("name", "name_en", "kind", "price_amount", "warranty_code", "is_returnable", "is_active")


@transaction.atomic
def import_stock(rows: Sequence[BatchRow], *, actor: Actor) -> BatchOutcome:
    """Correct the stock of places to what these rows counted; a place that nobody knows is made from kind, unit and staff.

    Raises NotAllowed.
    """
    require(may_bring_parts(actor))
    outcome = BatchOutcome()
    read = [(line, row, read_stock(row)) for line, row in rows]
    parts = set(Part.objects.filter(code__in={one.part for _line, _row, one in read}).values_list("code", flat=True))
    counted: dict[str, dict[str, tuple[int, BatchRow]]] = {}
    for line, row, one in read:
        if one.part and one.part not in parts:
            one.faults["part"] = _("There is no part with the code “%(part)s”.") % {"part": one.part[:60]}
        elif one.part in counted.get(one.place, {}):
            one.faults["part"] = _("this part of the place was counted above already; only the first counts.")
        elif not one.faults:
            _place_of(one, actor)
        if one.faults:
            outcome.refuse(line, row, one.faults)
        else:
            counted.setdefault(one.place, {})[one.part] = (one.quantity, (line, row))
    for code, lines in counted.items():
        place = Place.objects.real().get(code=code)
        quantities = {part: quantity for part, (quantity, _row) in lines.items()}
        try:
            movement = count_stock(place.pk, counted=quantities, reason="stock.csv", actor=actor)
        except Refused as refused:
            for _quantity, (line, row) in lines.values():
                outcome.refuse(line, row, {"quantity": str(refused)})
            continue
        changed = movement.entries.filter(place=place).count() if movement is not None else 0
        outcome.imported += changed
        outcome.unchanged += len(lines) - changed
        outcome.events += 1 if movement is not None else 0
    return outcome


def _place_of(one: StockRow, actor: Actor) -> None:
    """Make the place of a row when nobody knows it; what is wrong goes to the row's faults."""
    known = Place.objects.filter(code=one.place).first()
    if known is not None:
        if not known.is_stocked or not known.is_active:
            one.faults["place"] = _("There is no such place for parts.")
        return
    unit = Unit.objects.filter(code=one.unit).first()
    staff = Staff.objects.filter(code=one.staff).first() if one.staff else None
    if unit is None or (one.staff and staff is None):
        one.faults["place"] = _("There is no such place: name its kind, its unit and for a van its engineer.")
        return
    try:
        with transaction.atomic():
            make_place(unit.pk, kind=one.kind, code=one.place, staff_id=staff.pk if staff is not None else None, actor=actor)
    except Refused as refused:
        one.faults["place"] = str(next(iter(refused.fields.values()), refused.message))
