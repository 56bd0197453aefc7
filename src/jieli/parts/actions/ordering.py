"""A part that a visit lacks: ordered with a promise to the customer, shipped, received and kept for the work order."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from jieli.cases.actions.changing import locked_case
from jieli.cases.actions.conversing import say
from jieli.cases.actions.promises import end_promise, pause_case, planned_promise, resume_locked, start_promise
from jieli.cases.models import Case, Message, Promise
from jieli.cases.models.because import Because
from jieli.cases.queries.planning import facts_of_case, plan_of_kind
from jieli.cases.rules.promising import Plan, given
from jieli.events.actions import record, reserve_ids
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.parts.actions.booking import (
    book,
    booking,
    locked_order,
    locked_order_for_stock,
    outside,
    part_of,
    require_stock,
    right_quantity,
    stocked_place,
)
from jieli.parts.actions.stock import place_for
from jieli.parts.actions.using import is_waiting_for_part, keep, require_approved, require_fit
from jieli.parts.events import PartArrived, PartOrderCancelled, PartOrdered, PartShipped
from jieli.parts.models import Movement, Part, PartOrder, Place
from jieli.parts.policy import may_keep_stock, may_move_stock, may_order_part, may_release_part
from jieli.parts.refusals import BadParts, PartOrderOver

KIND = Promise.Kind.PART_DELIVERY


@booking
def order_missing_part(
    order_id: int,
    *,
    part_code: str,
    quantity: int = 1,
    actor: Actor,
    to_place_id: int | None = None,
    due_at: datetime | None = None,
    consent: bool = False,
) -> PartOrder:
    """Order a part for a work order: the customer gets a promise when it comes and is told so.

    It comes to the engineer's van, else to the outlet's store, unless `to_place_id` says otherwise; until `due_at`, else by the
    rule of the policy. The case's other promises wait for it only with the customer's `consent`.
    Raises NotFound, NotAllowed, CaseEnded, OrderCalledOff, UnknownPart, BadQuantity, PartNotForModel, MachineNotApproved,
    UnknownPlace, BadParts for a time that has passed, BadCase for a pause that the policy does not allow.
    """
    order = locked_order(order_id, actor)
    require(may_order_part(actor, order))
    part = part_of(part_code)
    right_quantity(quantity)
    require_fit(part, order)
    require_approved(part, order)
    now = clock.now()
    if to_place_id is not None:
        place = stocked_place(to_place_id)
    else:
        place = place_for(order.outlet, order.engineer, actor=actor)
    plan = _plan(order.case, due_at, now, actor)
    due = planned_promise(order.case, plan, at=now).due_at
    case = order.case
    if consent and _can_pause(case, now):
        pause_case(case.pk, reason="part", until=due, consent=True, actor=actor)
        case = locked_case(case.pk, actor)
    part_order = PartOrder(
        pk=reserve_ids("parts_partorder", 1)[0],
        order=order,
        part=part,
        quantity=quantity,
        to_place=place,
        ordered_at=now,
        ordered_by_id=actor.id,
        due_at=due,
    )
    fact = PartOrdered(
        case_id=case.pk,
        order=order.number,
        part=part.code,
        part_order_id=part_order.pk,
        quantity=quantity,
        place=place.name,
        due_at=due,
    )
    record(fact, actor=actor, at=now)
    _tell_customer(case, part, due, actor=actor, at=now)
    part_order.promise = start_promise(case, plan, actor=actor, at=now, told_how="message")
    part_order.save(force_insert=True)
    return part_order


def _plan(case: Case, due_at: datetime | None, now: datetime, actor: Actor) -> Plan:
    if due_at is not None:
        if not now < due_at <= now + timedelta(days=366):
            raise BadParts(fields={"due_at": gettext_lazy("Promise a time that lies ahead, at most a year.")})
        return given(KIND, due_at, policy="", by=f"by hand: {actor.name}"[:80])
    plan = plan_of_kind(KIND, facts_of_case(case), starts="part_ordered") or plan_of_kind(KIND, facts_of_case(case))
    if plan is None:
        raise BadParts(fields={"due_at": gettext_lazy("Say when the part comes: the policy has no rule for it.")})
    return plan


def _can_pause(case: Case, now: datetime) -> bool:
    running = case.promises.unended().to_customer()
    return case.status != Case.Status.WAITING and running.filter(breached_at=None, due_at__gt=now, paused_until=None).exists()


def _tell_customer(case: Case, part: Part, due: datetime, *, actor: Actor, at: datetime) -> None:
    with override(case.language or settings.LANGUAGE_CODE):
        text = _(
            "For your repair we have ordered: %(part)s. It will be here by %(date)s; then we arrange the visit with you."
        ) % {
            "part": part.label,
            "date": date_format(timezone.localtime(due), "DATETIME_FORMAT"),
        }
    say(case, text, direction=Message.Direction.OUT, actor=actor, at=at)


def _locked(part_order_id: int) -> tuple[PartOrder, WorkOrder]:
    order_id = PartOrder.objects.filter(pk=part_order_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFound
    order = locked_order_for_stock(order_id)
    rows = PartOrder.objects.select_for_update(of=("self",)).select_related("part", "to_place__unit", "promise")
    return rows.get(pk=part_order_id), order


@booking
def ship_part_order(part_order_id: int, *, from_place_id: int, actor: Actor, waybill: str = "") -> PartOrder:
    """Send an ordered part from a place that the actor keeps.

    Raises NotFound, UnknownPlace, NotAllowed, PartOrderOver, NotInStock, StockReserved, BadParts for its own destination.
    """
    part_order, order = _locked(part_order_id)
    source = stocked_place(from_place_id)
    require(may_keep_stock(actor, source))
    if part_order.state != PartOrder.State.ORDERED:
        raise PartOrderOver
    if source == part_order.to_place:
        raise BadParts(fields={"place": gettext_lazy("It is there already: reserve it for the work order.")})
    transit = outside(Place.Kind.TRANSIT)
    require_stock(source, [(part_order.part, part_order.quantity)], beside=transit)
    now = clock.now()
    fact = PartShipped(
        case_id=order.case_id,
        order=order.number,
        part=part_order.part.code,
        part_order_id=part_order.pk,
        quantity=part_order.quantity,
        place=source.name,
        waybill=waybill.strip()[:60],
    )
    part_order.shipment_id = book(
        Movement.Kind.SHIP,
        source=source,
        to=transit,
        lines=[(part_order.part, part_order.quantity)],
        event=record(fact, actor=actor, at=now),
        order=order,
    )
    part_order.state, part_order.shipped_at, part_order.from_place = PartOrder.State.SHIPPED, now, source
    part_order.waybill = waybill.strip()[:60]
    part_order.save(update_fields=["state", "shipped_at", "from_place", "shipment", "waybill"])
    return part_order


@booking
def receive_part_order(part_order_id: int, *, actor: Actor) -> PartOrder:
    """Note that an ordered part came: it is kept for its work order, the promise ends, and a case that waited for it goes on.

    Raises NotFound, NotAllowed, PartOrderOver unless it is on the way.
    """
    part_order, order = _locked(part_order_id)
    require(may_move_stock(actor, part_order.to_place))
    if part_order.state != PartOrder.State.SHIPPED:
        raise PartOrderOver
    now = clock.now()
    fact = PartArrived(
        case_id=order.case_id,
        order=order.number,
        part=part_order.part.code,
        part_order_id=part_order.pk,
        quantity=part_order.quantity,
        place=part_order.to_place.name,
    )
    part_order.receipt_id = book(
        Movement.Kind.ARRIVE,
        source=outside(Place.Kind.TRANSIT),
        to=part_order.to_place,
        lines=[(part_order.part, part_order.quantity)],
        event=record(fact, actor=actor, at=now),
        order=order,
    )
    part_order.state, part_order.received_at = PartOrder.State.RECEIVED, now
    part_order.save(update_fields=["state", "received_at", "receipt"])
    if order.finished_at is None and order.cancelled_at is None and order.case.is_open:
        keep(order, part_order.part, part_order.quantity, part_order.to_place, actor=actor, at=now)
    _part_came(order.case, part_order, actor=actor, at=now)
    return part_order


def _part_came(case: Case, part_order: PartOrder, *, actor: Actor, at: datetime, cancelled_because: str = "") -> None:
    """End the promise of a part order on a locked case, and wake the case when nothing else is on order."""
    waits = is_waiting_for_part(case)
    promise = part_order.promise
    if promise is not None and case.is_open:
        promise = Promise.objects.select_for_update(of=("self",)).get(pk=promise.pk)
        if promise.ended_at is None:
            end_promise(promise, actor=actor, at=at, cancelled_because=cancelled_because, case=case)
    others = PartOrder.objects.open().filter(order__case=case).exclude(pk=part_order.pk)
    if waits and not others.exists():
        resume_locked(case, actor=actor, at=at, why=Because.NOTHING_ON_ORDER)


@booking
def cancel_part_order(part_order_id: int, *, reason: str, actor: Actor) -> PartOrder:
    """Call off a part that is not on its way yet. Raises NotFound, NotAllowed, PartOrderOver, BadParts without a reason."""
    part_order, order = _locked(part_order_id)
    require(may_release_part(actor, order, part_order.to_place))
    if part_order.state != PartOrder.State.ORDERED:
        raise PartOrderOver
    why = reason.replace("\x00", "").strip()[:300]
    if not why:
        raise BadParts(fields={"reason": gettext_lazy("Say why.")})
    now = clock.now()
    part_order.state, part_order.cancelled_at, part_order.reason = PartOrder.State.CANCELLED, now, why
    part_order.save(update_fields=["state", "cancelled_at", "reason"])
    fact = PartOrderCancelled(
        case_id=order.case_id, order=order.number, part=part_order.part.code, part_order_id=part_order.pk, reason=why
    )
    record(fact, actor=actor, at=now)
    _part_came(order.case, part_order, actor=actor, at=now, cancelled_because=why)
    return part_order
