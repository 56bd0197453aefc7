"""What becomes known of a work order while people work on it; each known time has its event on the chain of the case.

The app in which it happens (dispatch, visits, parts, quality) asks who may; these functions lock the case, then the order.
The facts and their events are the same as those of an import, so a month made half by people and half by files is one month.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from jieli.cases.models import Case
from jieli.customers.models import Device
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.facts import plain
from jieli.events.refusals import NotFound
from jieli.lib import clock
from jieli.orders.events import OrderCancelled, OrderChanged
from jieli.orders.models import WorkOrder
from jieli.orders.refusals import BadOrder, OrderEnded
from jieli.orders.rules.order_rows import FACTS, KILOMETRES, NEVER_UNKNOWN, faults_of
from jieli.orders.rules.telling import EVENT_TIMES, TOLD, telling
from jieli.people.models import Unit
from jieli.people.queries import local_date

_LEARNT = frozenset({"outlet_id", "engineer_id", "device_id", *FACTS}) - {"opened_at", "dispatched_at"}
_FACTS = ("outlet_id", "engineer_id", "device_id", *FACTS)


@transaction.atomic
def make_order(
    case_id: int,
    *,
    outlet_id: int,
    actor: Actor,
    at: datetime | None = None,
    device_id: int | None = None,
    engineer_id: int | None = None,
    product_line: str = "",
    service_type: str = "",
    fault_group: str = "",
    in_warranty: bool | None = None,
    distance_km: Decimal | None = None,
    night: bool = False,
    holiday: bool = False,
    high_floor: bool = False,
    promised_until: datetime | None = None,
) -> WorkOrder:
    """Make the order of a case for an outlet that takes it; a set gets one per device.

    Empty values are those of the case and its device: product line, service type, fault, warranty on the day on which the case
    was opened. Raises NotFound, BadOrder when the case has an unended order for the same device.
    """
    now = clock.now()
    at = at or now
    case = _locked(case_id)
    device = Device.objects.filter(pk=device_id or case.device_id or 0).first()
    theirs = WorkOrder.objects.filter(case=case)
    if theirs.filter(device=device, finished_at__isnull=True, cancelled_at__isnull=True).exists():
        raise BadOrder
    if in_warranty is None and device is not None and device.warranty_until is not None:
        in_warranty = local_date(case.opened_at) <= device.warranty_until
    order = WorkOrder(
        number=f"{case.number}-{theirs.count() + 1}",
        case=case,
        outlet_id=outlet_id,
        engineer_id=engineer_id,
        device=device,
        product_line=product_line or (device.product_line if device is not None else "") or case.product_line,
        service_type=service_type or case.service_type,
        fault_group=fault_group or case.fault_code,
        in_warranty=in_warranty,
        distance_km=None if distance_km is None else distance_km.quantize(KILOMETRES),
        night=night,
        holiday=holiday,
        high_floor=high_floor,
        opened_at=case.opened_at,
        dispatched_at=at,
        promised_until=promised_until,
    )
    order.save(force_insert=True)
    _tell(order, ["dispatched_at"], _known(order, told=("opened_at", "dispatched_at", *TOLD["dispatched_at"])), actor=actor)
    return order


@transaction.atomic
def learn(order_id: int, *, actor: Actor, at: datetime | None = None, **facts: Any) -> WorkOrder:
    """Note what became known or is otherwise than it was; saying the same again changes nothing.

    A known time is told by its event at that time, with what became known beside it; other changes by one event with old and
    new. What was known of a finished order and changes is marked for the month end. `at` is when the change happened, by
    default now. Raises NotFound, OrderEnded for a cancelled order, BadOrder naming what cannot be, TypeError for no fact.
    """
    if strange := facts.keys() - _LEARNT:
        raise TypeError(f"no facts of an order: {sorted(strange)}")
    order = _locked_order(order_id)
    if order.cancelled_at is not None:
        raise OrderEnded
    before = {name: getattr(order, name) for name in _FACTS}
    differs = {name: value for name, value in facts.items() if value != before[name]}
    if not differs:
        return order
    if faults := faults_of(before | differs):
        raise BadOrder(fields={name: str(why) for name, why in faults.items()})
    was_finished = order.finished_at is not None
    for name, value in differs.items():
        setattr(order, name, value)
    if was_finished and not all(_is_unknown(name, before[name]) for name in differs):
        order.changed_at = clock.now()
    order.save(update_fields=[*differs, "changed_at"])
    learned = [name for name in EVENT_TIMES if name in differs and before[name] is None]
    told = {*learned, *(name for time in learned for name in TOLD.get(time, ()) if _is_unknown(name, before[name]))}
    beside = {name for name in differs if learned and name not in told and _is_unknown(name, before[name])}
    _tell(order, learned, {name: differs[name] for name in beside}, actor=actor)
    if other := {name: [plain(before[name]), plain(differs[name])] for name in differs if name not in told | beside}:
        fact = OrderChanged(case_id=order.case_id, number=order.number, changed=list(other), changes=other)
        record(fact, actor=actor, at=at)
    return order


@transaction.atomic
def cancel_order(order_id: int, *, actor: Actor) -> WorkOrder:
    """Call off an order that is not finished; a second time changes nothing. Raises NotFound, OrderEnded for a finished one."""
    order = _locked_order(order_id)
    if order.cancelled_at is not None:
        return order
    if order.finished_at is not None:
        raise OrderEnded
    order.cancelled_at = clock.now()
    order.save(update_fields=["cancelled_at"])
    record(OrderCancelled(case_id=order.case_id, number=order.number), actor=actor, at=order.cancelled_at)
    return order


def cancel_orders_of(case_id: int, *, actor: Actor) -> int:
    """Call off what is unfinished of a case; return how many orders that were."""
    unended = WorkOrder.objects.filter(case_id=case_id, finished_at__isnull=True, cancelled_at__isnull=True)
    order_ids = list(unended.order_by("pk").values_list("pk", flat=True))
    for order_id in order_ids:
        cancel_order(order_id, actor=actor)
    return len(order_ids)


def _locked(case_id: int) -> Case:
    try:
        return Case.objects.select_related("unit").lock(case_id)
    except Case.DoesNotExist:
        raise NotFound from None


def _locked_order(order_id: int) -> WorkOrder:
    case_id = WorkOrder.objects.filter(pk=order_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    case = _locked(case_id)
    order = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
    order.case = case
    return order


def _is_unknown(name: str, value: Any) -> bool:
    return value is None or value == NEVER_UNKNOWN.get(name)


def _known(order: WorkOrder, *, told: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(order, name) for name in _FACTS if name not in told}
    return {name: value for name, value in values.items() if not _is_unknown(name, value)}


def _tell(order: WorkOrder, times: Iterable[str], new: Mapping[str, Any], *, actor: Actor) -> None:
    """Record the event of each time, in the order in which they happened; the first one bears what else became known."""
    values = {name: getattr(order, name) for name in _FACTS}
    outlet = Unit.objects.values_list("code", flat=True).get(pk=order.outlet_id)
    facts = {name: plain(value) for name, value in new.items()}
    for name in sorted(times, key=lambda name: values[name]):
        fact, data = telling(name, values, outlet)
        record(fact(case_id=order.case_id, number=order.number, facts=facts, **data), actor=actor, at=values[name])
        facts = {}
