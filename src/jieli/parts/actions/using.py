"""Parts for a work order: kept for it, put in, taken back."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from jieli.cases.models import Case
from jieli.customers.actions.devices import find_device
from jieli.customers.rules import normalise_serial
from jieli.events.actions import record, reserve_ids
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.orders.actions.living import learn
from jieli.orders.models import WorkOrder
from jieli.parts.actions.booking import (
    Held,
    book,
    booking,
    held,
    locked_order,
    locked_order_for_stock,
    outside,
    part_of,
    require_stock,
    right_quantity,
    stocked_place,
)
from jieli.parts.events import PartReleased, PartReserved, PartUsed, UseTakenBack
from jieli.parts.models import MachineReturn, Movement, Part, PartFit, Place, Reservation, UsedPart
from jieli.parts.policy import may_order_part, may_release_part, may_take_from, may_use_part
from jieli.parts.queries.machines import machine_approved_for
from jieli.parts.refusals import (
    AlreadyReturned,
    BadParts,
    MachineNotApproved,
    NotInStock,
    PartNotForModel,
    ReturnNotUse,
    SameNameOtherAct,
    SerialUsedTwice,
    StockReserved,
    UnknownPlace,
)
from jieli.parts.rules.fitting import fits
from jieli.parts.rules.returning import Owed, order_parts
from jieli.policies.product_lines import product_words
from jieli.policies.queries import current


@booking
def reserve(order_id: int, *, part_code: str, quantity: int, place_id: int, actor: Actor) -> Reservation:
    """Keep parts at a place for a work order; nobody else can take them then.

    Raises NotFound, NotAllowed, CaseEnded, OrderCalledOff, UnknownPart, BadQuantity, PartNotForModel, MachineNotApproved,
    NotInStock, StockReserved.
    """
    order = locked_order(order_id, actor)
    require(may_order_part(actor, order))
    part = part_of(part_code)
    right_quantity(quantity)
    place = stocked_place(place_id)
    require_fit(part, order)
    require_approved(part, order)
    require_stock(place, [(part, quantity)])
    return keep(order, part, quantity, place, actor=actor, at=clock.now())


def keep(order: WorkOrder, part: Part, quantity: int, place: Place, *, actor: Actor, at: datetime) -> Reservation:
    """Reserve for a locked order what is known to be there."""
    kept = Reservation.objects.create(
        place=place, part=part, order=order, quantity=quantity, left=quantity, made_at=at, made_by_id=actor.id
    )
    fact = PartReserved(case_id=order.case_id, order=order.number, part=part.code, quantity=quantity, place=place.name)
    record(fact, actor=actor, at=at)
    return kept


@booking
def release(reservation_id: int, *, actor: Actor) -> Reservation:
    """Let others have what was kept for an order; a second time changes nothing. Raises NotFound, NotAllowed."""
    order_id = Reservation.objects.filter(pk=reservation_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFound
    order = locked_order_for_stock(order_id)
    kept = Reservation.objects.select_for_update(of=("self",)).select_related("part", "place__unit").get(pk=reservation_id)
    require(may_release_part(actor, order, kept.place))
    if kept.left:
        _let_go(kept, order, actor=actor, at=clock.now())
    return kept


def _release_all(order: WorkOrder, *, actor: Actor, at: datetime) -> int:
    open_ones = Reservation.objects.filter(order=order, left__gt=0).order_by("place_id", "part_id", "pk")
    found = list(open_ones.select_for_update(of=("self",)).select_related("part", "place"))
    for kept in found:
        _let_go(kept, order, actor=actor, at=at)
    return len(found)


@booking
def release_ended(order_id: int, *, actor: Actor) -> int:
    """Let go of what is kept for an order that is finished or called off; return how many reservations that were.

    Raises NotFound, NotAllowed.
    """
    order = locked_order(order_id, actor, must_be_open=False)
    require(may_order_part(actor, order))
    if order.finished_at is None and order.cancelled_at is None:
        return 0
    return _release_all(order, actor=actor, at=clock.now())


def _let_go(kept: Reservation, order: WorkOrder, *, actor: Actor, at: datetime) -> None:
    left, kept.left, kept.ended_at = kept.left, 0, at
    kept.save(update_fields=["left", "ended_at"])
    fact = PartReleased(case_id=order.case_id, order=order.number, part=kept.part.code, quantity=left, place=kept.place.name)
    record(fact, actor=actor, at=at)


@booking
def use_part(
    order_id: int,
    *,
    part_code: str,
    actor: Actor,
    place_id: int | None = None,
    old_serial: str = "",
    new_serial: str = "",
    client_id: UUID | None = None,
    at: datetime | None = None,
) -> UsedPart:
    """Put one part into the customer's device: it leaves its place, and the old one is owed from now on.

    Without a place it comes from the van of the actor or of the order's engineer, else from the outlet's store, whichever has
    it. What was kept for this order is taken first. `client_id` makes the act happen once: again it answers the same. `at` is
    when it was done, for phones that were offline. The work order learns which part has to come back.
    Raises NotFound, NotAllowed, CaseEnded, OrderCalledOff, UnknownPart, UnknownPlace, PartNotForModel, NotInStock,
    StockReserved, SerialUsedTwice, SameNameOtherAct, MachineNotApproved for a whole machine that nobody approved for this order
    or that was given already, BadParts for other serials than were approved.
    """
    order = locked_order(order_id, actor, must_be_open=False)
    require(may_use_part(actor, order))
    if client_id is not None and (again := UsedPart.objects.filter(client_id=client_id).select_related("part").first()):
        if (again.order_id, again.part.code) != (order.pk, part_code.strip().upper()):
            raise SameNameOtherAct
        return again
    order = locked_order(order_id, actor)
    part = part_of(part_code)
    require_fit(part, order)
    machine = require_approved(part, order)
    old_serial, new_serial = _serials(part, old_serial, new_serial)
    if machine is not None:
        old_serial = _machine_serials(machine, order, old_serial, new_serial)
    place = _taken_from(order, part, place_id, actor)
    require(may_take_from(actor, place, order))
    now = clock.now()
    at = min(at, now) if at is not None else now
    _take_kept(order, part, place, held(place, [part])[part.pk], at)
    comes_back = part.is_returnable if machine is None else machine.old_machine.is_returnable
    is_owed = comes_back and (machine is not None or order.in_warranty is not False)
    due_at = at + timedelta(days=current("settlement").data.return_days) if is_owed else None
    used = UsedPart(
        pk=reserve_ids("parts_usedpart", 1)[0],
        order=order,
        part=part,
        place=place,
        machine_return=machine,
        old_serial=old_serial,
        new_serial=new_serial,
        in_warranty=order.in_warranty,
        is_returnable=comes_back,
        used_at=at,
        used_by_id=actor.id,
        return_due_at=due_at,
        client_id=client_id,
    )
    fact = PartUsed(
        case_id=order.case_id,
        order=order.number,
        part=part.code,
        used_part_id=used.pk,
        place=place.name,
        old_serial=old_serial,
        new_serial=new_serial,
        in_warranty=order.in_warranty,
        return_due_at=due_at,
        machine_return_id=None if machine is None else machine.pk,
    )
    event = record(fact, actor=actor, at=at)
    used.movement_id = book(
        Movement.Kind.USE,
        source=place,
        to=outside(Place.Kind.USED),
        lines=[(part, 1)],
        event=event,
        order=order,
    )
    used.save(force_insert=True)
    tell_order(order, actor=actor, at=at)
    return used


def require_fit(part: Part, order: WorkOrder) -> None:
    """Refuse a part that is neither for the order's machine nor stands in for one that is."""
    model = order.device.model if order.device is not None else ""
    product_line = order.product_line or (order.device.product_line if order.device is not None else "")
    families = [part.pk, *part.stands_in_for.values_list("part_id", flat=True)]
    master: dict[int, list[tuple[str, str]]] = {pk: [] for pk in families}
    for part_id, line, of_model in PartFit.objects.filter(part__in=families).values_list("part_id", "product_line", "model"):
        master[part_id].append((line, of_model))
    own = master.pop(part.pk)
    if not fits(own, product_line=product_line, model=model) and not any(
        fits(one, product_line=product_line, model=model) for one in master.values() if one
    ):
        raise PartNotForModel(part.code, model or product_line)


def require_approved(part: Part, order: WorkOrder) -> MachineReturn | None:
    """Return what allows a whole machine to be given on an order, None for a part; raises MachineNotApproved."""
    if part.kind != Part.Kind.MACHINE:
        return None
    approved = machine_approved_for(order, part)
    if approved is None:
        raise MachineNotApproved(part.code)
    return approved


def _machine_serials(machine: MachineReturn, order: WorkOrder, old_serial: str, new_serial: str) -> str:
    """Return the serial of the machine that was approved to come back; refuse another, and one that cannot be given."""
    if old_serial not in ("", machine.old_serial):
        said = _("Approved is the exchange of the machine with serial number %(serial)s.") % {"serial": machine.old_serial}
        raise BadParts(fields={"old_serial": said})
    if not new_serial:
        raise BadParts(fields={"new_serial": _("Give the serial number of the machine that is handed over.")})
    if new_serial == machine.old_serial:
        raise BadParts(fields={"new_serial": _("The new part has the serial number of the old one.")})
    device = find_device(new_serial)
    if device is None:
        return machine.old_serial
    if order.product_line and device.product_line and device.product_line != order.product_line:
        said = _("Serial number %(serial)s is of %(theirs)s; the work order is about %(ours)s.") % {
            "serial": new_serial,
            "theirs": product_words(device.product_line),
            "ours": product_words(order.product_line),
        }
        raise BadParts(fields={"new_serial": said})
    if device.customer_id not in (None, order.case.customer_id):
        raise BadParts(fields={"new_serial": _("The machine with this serial number belongs to another customer.")})
    return machine.old_serial


def _serials(part: Part, old_serial: str, new_serial: str) -> tuple[str, str]:
    old, new = normalise_serial(old_serial), normalise_serial(new_serial)
    if max(len(old), len(new)) > 80:
        raise BadParts(fields={"new_serial": _("A serial number has at most 80 characters.")})
    if old and old == new:
        raise BadParts(fields={"new_serial": _("The new part has the serial number of the old one.")})
    same = UsedPart.objects.standing().filter(part=part).select_related("order")
    if new and (taken := same.filter(new_serial=new).first()):
        raise SerialUsedTwice(new, taken.order.number)
    if old and (taken := same.filter(old_serial=old).first()):
        raise SerialUsedTwice(old, taken.order.number)
    return old, new


def _taken_from(order: WorkOrder, part: Part, place_id: int | None, actor: Actor) -> Place:
    """Return the place that was named, or the nearest that has the part: own van, engineer's van, outlet's store."""
    if place_id is not None:
        return stocked_place(place_id)
    near = Place.objects.real().filter(is_active=True).select_related("unit")
    own = [actor.id] if actor.is_staff else []
    vans = near.filter(kind=Place.Kind.VAN, staff_id__in=[*own, order.engineer_id])
    stores = near.filter(unit_id=order.outlet_id).exclude(kind=Place.Kind.VAN)
    places = sorted(vans, key=lambda van: van.staff_id != actor.id) + list(stores)
    if not places:
        raise UnknownPlace
    having = {
        place_id
        for place_id, quantity in part.balances.filter(place__in=places).values_list("place_id", "quantity")
        if quantity > 0
    }
    return next((place for place in places if place.pk in having), places[0])


def _take_kept(order: WorkOrder, part: Part, place: Place, there: Held, at: datetime) -> None:
    """Use what is kept for this order first; refuse when nothing is there, or only what is kept for others."""
    kept = Reservation.objects.filter(order=order, part=part, place=place, left__gt=0).order_by("pk").first()
    if there.quantity < 1:
        raise NotInStock(part.code, place.name, there.quantity)
    if kept is not None:
        kept.left -= 1
        kept.ended_at = at if kept.left == 0 else None
        kept.save(update_fields=["left", "ended_at"])
    elif there.quantity - there.reserved < 1:
        raise StockReserved


@booking
def undo_use(used_part_id: int, *, reason: str, actor: Actor) -> UsedPart:
    """Take back a part that was booked as used but was not; a second time changes nothing.

    Raises NotFound, NotAllowed, AlreadyReturned when its old part is back, ReturnNotUse when nothing was put in, BadParts
    without a reason.
    """
    order_id = UsedPart.objects.filter(pk=used_part_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFound
    order = locked_order(order_id, actor, must_be_open=False)
    require(may_use_part(actor, order))
    used = UsedPart.objects.select_related("part", "place").get(pk=used_part_id)
    if used.undone_at is not None:
        return used
    if used.returned_at is not None:
        raise AlreadyReturned
    if used.place is None:
        raise ReturnNotUse
    if not reason.strip():
        raise BadParts(fields={"reason": _("Say why.")})
    now = clock.now()
    fact = UseTakenBack(
        case_id=order.case_id,
        order=order.number,
        part=used.part.code,
        used_part_id=used.pk,
        place=used.place.name,
        reason=reason.strip()[:300],
    )
    event = record(fact, actor=actor, at=now)
    used.undone_at = now
    used.undo_id = book(
        Movement.Kind.UNDO,
        source=outside(Place.Kind.USED),
        to=used.place,
        lines=[(used.part, 1)],
        event=event,
        reason=reason.strip(),
        order=order,
    )
    used.save(update_fields=["undone_at", "undo"])
    tell_order(order, actor=actor, at=now)
    return used


def tell_order(order: WorkOrder, *, actor: Actor, at: datetime) -> None:
    """Let a locked work order learn what its parts say together: which must come back, when all are, what the lab found."""
    if order.cancelled_at is not None:
        return
    owing = (
        UsedPart.objects.standing()
        .filter(order=order, return_due_at__isnull=False)
        .select_related("machine_return__old_machine", "part")
        .order_by("pk")
    )
    said = order_parts([Owed(one.old_part.code, one.returned_at, one.lab_finding, one.lab_at) for one in owing])
    learn(
        order.pk,
        actor=actor,
        at=at,
        part=said.part,
        part_returned_at=said.part_returned_at,
        lab_finding=said.lab_finding,
        lab_at=said.lab_at,
    )


def is_waiting_for_part(case: Case) -> bool:
    """Tell whether a case waits because a part is on order."""
    return (
        case.status == Case.Status.WAITING
        and case.promises.unended().filter(paused_until__isnull=False, history__kind="pause", history__reason="part").exists()
    )
