"""The day of an engineer's phone: everything he needs for today and tomorrow without a network (spec 3, offline)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from jieli.cases.models import Case
from jieli.customers.models import Device
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.queries import engineers_day
from jieli.lib.text import mask_phone
from jieli.orders.models import WorkOrder
from jieli.parts.models import Part, PartFit, Substitute, UsedPart
from jieli.parts.queries.stock import van_stock
from jieli.people.models import Staff
from jieli.people.queries import company_zone, local_date, local_midnight
from jieli.policies.queries import current
from jieli.visits.models import Visit, VisitOrder
from jieli.visits.queries.standards import faults_for_phone, prices_for_phone, standard_for_phone
from jieli.visits.rules.steps import OWN_STEPS

HISTORY = 5
MOST_PARTS = 600
MOST_CALLED_OFF = 20
NEXT_WINDOW = timedelta(hours=1)
"""How long the window is shown of a second visit that the engineer himself agreed on."""


def day_of(engineer: Staff, at: datetime) -> dict[str, Any]:
    """Return the day of an engineer at an instant. About fifteen queries, whatever the number of orders.

    Nothing in it changes by time passing alone, but with midnight; a phone that knows it is told so (`views/field.py`).
    """
    stops = engineers_day(engineer.pk, local_date(at), days=2)
    cases = _cases(stop.case_id for stop in stops)
    visits = _visits(engineer.pk, cases)
    theirs = [order for stop in stops for order in stop.orders]
    history, used = _history(theirs), _used(theirs)
    number = current("visit-standard", at).number
    orders: dict[str, dict[str, Any]] = {}
    for stop in stops:
        case = cases.get(stop.case_id)
        if case is None:
            continue
        if stop.offer is not None:
            orders.setdefault(case.number, _offered(case, stop.offer))
        for order in stop.orders:
            if order.number not in orders:
                past = history.get(order.device_id or 0, [])
                orders[order.number] = _order(
                    case,
                    order,
                    appointment=stop.appointment,
                    visit=visits.get(case.pk),
                    history=past,
                    used=used.get(order.pk, []),
                    at=at,
                )
    for number_, one in _called_off(engineer.pk, local_midnight(local_date(at))).items():
        orders.setdefault(number_, one)
    lines = {str(one["product_line"]) for one in orders.values() if one["product_line"]}
    older = {one["visit"]["standard"] for one in orders.values() if one["visit"]} - {number}
    return {
        "zone": str(company_zone()),
        "engineer": {"code": engineer.code, "name": engineer.name},
        "version": number,
        "standard": standard_for_phone(number),
        "standards": [standard_for_phone(one) for one in sorted(older)],
        "faults": faults_for_phone(lines),
        "prices": prices_for_phone(lines),
        "parts": _parts(engineer.pk, lines),
        "refusals": [
            {"code": one.code, "label": {"zh": one.label.zh, "en": one.label.en}} for one in current("dispatch").data.refusals
        ],
        "orders": list(orders.values()),
    }


def _cases(case_ids: Iterable[int]) -> dict[int, Case]:
    found = Case.objects.filter(pk__in=set(case_ids)).select_related("customer", "contact", "device")
    return {case.pk: case for case in found}


def _visits(engineer_id: int, cases: Iterable[int]) -> dict[int, Visit]:
    """Return the latest visit of an engineer per case, with what belongs to it."""
    found = (
        Visit.objects.filter(engineer_id=engineer_id, case__in=list(cases))
        .exclude(state=Visit.State.CALLED_OFF)
        .order_by("number")
        .prefetch_related("steps", "orders", "safety_tests")
    )
    return {visit.case_id: visit for visit in found}


def _called_off(engineer_id: int, since: datetime) -> dict[str, dict[str, Any]]:
    """Return the orders of visits begun since then that were called off, by number, with little more than that."""
    gone = VisitOrder.objects.filter(
        visit__engineer_id=engineer_id, visit__state=Visit.State.CALLED_OFF, visit__started_at__gte=since
    )
    rows = gone.exclude(order__engineer_id=engineer_id, order__cancelled_at__isnull=True)
    found: dict[str, dict[str, Any]] = {}
    for row in rows.select_related("order__case__customer").order_by("pk")[:MOST_CALLED_OFF]:
        order, case = row.order, row.order.case
        found[order.number] = {
            "number": order.number,
            "case_number": case.number,
            "state": "cancelled",
            "offer": None,
            "window": None,
            "promised_until": None,
            "service_type": order.service_type,
            "product_line": order.product_line,
            "in_warranty": order.in_warranty,
            "subject": case.subject,
            "description": "",
            "device": None,
            "customer": {"name": case.customer.name, "phone": "", "address": "", "latitude": None, "longitude": None},
            "history": [],
            "visit": None,
        }
    return found


def _history(orders: list[WorkOrder]) -> dict[int, list[dict[str, Any]]]:
    """Return what was done earlier to the devices, the latest first: no names, only the work."""
    devices = {order.device_id for order in orders if order.device_id}
    ours = {order.pk for order in orders}
    rows = (
        WorkOrder.objects.filter(device__in=devices, finished_at__isnull=False)
        .exclude(pk__in=ours)
        .order_by("-finished_at")
        .only("device_id", "number", "finished_at", "service_type", "fault_group", "part")[: HISTORY * 40]
    )
    faults = current("faults").data
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        group = faults.group_of(row.fault_group)
        there = found.setdefault(row.device_id or 0, [])
        if len(there) < HISTORY and row.finished_at is not None:
            there.append(
                {
                    "number": row.number,
                    "at": row.finished_at.isoformat(),
                    "service_type": row.service_type,
                    "fault": row.fault_group if group is None else {"zh": group.label.zh, "en": group.label.en},
                    "part": row.part,
                }
            )
    return found


def _used(orders: list[WorkOrder]) -> dict[int, list[UsedPart]]:
    found: dict[int, list[UsedPart]] = {}
    for one in UsedPart.objects.put_in().filter(order__in=[order.pk for order in orders]).select_related("part"):
        found.setdefault(one.order_id, []).append(one)
    return found


def _person(case: Case, at: datetime, *, is_offer: bool = False) -> dict[str, Any]:
    """Return how to reach the customer; the number is masked some days after the case closed, and before it is accepted."""
    days = current("numbers").data.masking.days_after_close
    is_past = case.closed_at is not None and at > case.closed_at + timedelta(days=days)
    phone = (case.contact.phone if case.contact is not None else "") or case.customer.phone
    place = case if case.latitude is not None else case.customer
    return {
        "name": (case.contact.name if case.contact is not None else "") or case.customer.name,
        "phone": mask_phone(phone) if is_past or is_offer else phone,
        "address": case.address or case.customer.address,
        "latitude": None if place.latitude is None else float(place.latitude),
        "longitude": None if place.longitude is None else float(place.longitude),
    }


def _device(device: Device | None) -> dict[str, Any] | None:
    if device is None:
        return None
    return {
        "serial": device.serial,
        "model": device.model,
        "product_line": device.product_line,
        "warranty_until": None if device.warranty_until is None else device.warranty_until.isoformat(),
        "genuine": device.genuine,
    }


def _offered(case: Case, offer: Offer) -> dict[str, Any]:
    window = None
    if offer.starts_at is not None and offer.ends_at is not None:
        window = {"from": offer.starts_at.isoformat(), "to": offer.ends_at.isoformat()}
    return {
        "number": case.number,
        "case_number": case.number,
        "state": "offered",
        "offer": {"id": offer.pk, "answer_by": offer.answer_due_at.isoformat()},
        "window": window,
        "promised_until": None,
        "service_type": case.service_type,
        "product_line": case.product_line,
        "in_warranty": None,
        "subject": case.subject,
        "description": case.description,
        "device": _device(case.device),
        "customer": _person(case, offer.answer_due_at, is_offer=True),
        "history": [],
        "visit": None,
    }


def _order(
    case: Case,
    order: WorkOrder,
    *,
    appointment: Appointment | None,
    visit: Visit | None,
    history: list[dict[str, Any]],
    used: list[UsedPart],
    at: datetime,
) -> dict[str, Any]:
    told = None if visit is None else next((one for one in visit.orders.all() if one.order_id == order.pk), None)
    window = None
    if visit is not None and _begins_anew(order, appointment, visit, told, at):
        if told is not None and told.next_at is not None:
            window = {"from": told.next_at.isoformat(), "to": (told.next_at + NEXT_WINDOW).isoformat()}
        visit, told = None, None
    if appointment is not None:
        window = {"from": appointment.starts_at.isoformat(), "to": appointment.ends_at.isoformat()}
    return {
        "number": order.number,
        "case_number": case.number,
        "state": _state(order, visit, told),
        "offer": None,
        "window": window,
        "promised_until": _promised(order, appointment),
        "service_type": order.service_type,
        "product_line": order.product_line,
        "in_warranty": order.in_warranty,
        "subject": case.subject,
        "description": case.description,
        "device": _device(order.device),
        "customer": _person(case, at),
        "history": history,
        "visit": None if visit is None else _visit(visit, told, used, _own_undone(order, visit)),
    }


def _promised(order: WorkOrder, appointment: Appointment | None) -> str | None:
    """Return until when somebody is promised to be there: the word of the first visit stays with the order."""
    until = appointment.ends_at if appointment is not None and appointment.number > 1 else order.promised_until
    return None if until is None else until.isoformat()


def _begins_anew(
    order: WorkOrder, appointment: Appointment | None, visit: Visit, told: VisitOrder | None, at: datetime
) -> bool:
    """Tell whether the next thing is another visit: the last one is over, and its order is still to be done."""
    if visit.finished_at is None or order.finished_at is not None:
        return False
    ahead = appointment is not None and appointment.is_current and appointment.arrived_at is None
    again = told is not None and told.next_at is not None and local_date(told.next_at) <= local_date(at)
    return ahead or again or local_date(visit.finished_at) < local_date(at)


def _state(order: WorkOrder, visit: Visit | None, told: VisitOrder | None) -> str:
    if order.finished_at is not None:
        return "done"
    if visit is None:
        return "accepted"
    if told is not None and told.finished_at is not None:
        return "unfinished"
    if visit.arrived_at is not None:
        return "arrived"
    return "on_the_way" if visit.set_out_at is not None else "accepted"


def _own_undone(order: WorkOrder, visit: Visit) -> frozenset[str]:
    """Return the steps that another device of a set has done, but this one not: each is asked of each device."""
    is_set = len(visit.orders.all()) > 1
    return OWN_STEPS if is_set and order.device is not None and order.device.genuine is None else frozenset()


def _visit(
    visit: Visit, told: VisitOrder | None, used: list[UsedPart], own_undone: frozenset[str] = frozenset()
) -> dict[str, Any]:
    outcome = None
    if told is not None and told.result:
        outcome = {
            "result": told.result,
            "reason": told.reason,
            "next_at": None if told.next_at is None else told.next_at.isoformat(),
            "note": told.note,
        }
    return {
        "id": visit.pk,
        "number": visit.number,
        "standard": visit.standard,
        "arrived_at": None if visit.arrived_at is None else visit.arrived_at.isoformat(),
        "done": {
            row.code: {
                "state": row.state,
                "at": row.at.isoformat(),
                "records": row.records,
                "evidence": [str(photo) for photo in row.photos],
                "reason": row.reason,
            }
            for row in visit.steps.all()
            if row.code not in own_undone
        },
        "safety": any(visit.safety_tests.all()),
        "parts": [{"part": one.part.code, "old_serial": one.old_serial, "new_serial": one.new_serial} for one in used],
        "outcome": outcome,
        "flags": visit.flags,
    }


def _parts(staff_id: int, lines: set[str]) -> list[dict[str, Any]]:
    """Return the parts for some product lines and those on the van: what each fits, and how many are on the van."""
    on_van = {line.part.pk: line.quantity for line in van_stock(staff_id)}
    of_lines = PartFit.objects.filter(product_line__in=lines).values_list("part_id", flat=True)
    parts = list(Part.objects.filter(Q(pk__in=of_lines) | Q(pk__in=on_van), is_active=True).order_by("code")[:MOST_PARTS])
    fits = _fits([part.pk for part in parts], lines)
    return [
        {
            "code": part.code,
            "name": {"zh": part.name, "en": part.name_en or part.name},
            "fits": fits[part.pk],
            "price": None if part.price_amount is None else f"{part.price_amount:.2f}",
            "returnable": part.is_returnable,
            "on_van": on_van.get(part.pk, 0),
        }
        for part in parts
    ]


def _fits(parts: Sequence[int], lines: set[str]) -> dict[int, list[tuple[str, str]]]:
    """Return for each part the product lines and models that it fits, also in place of another; none when it fits all.

    A model is told of these lines alone, an empty one stands for the whole line.
    """
    stands_for: dict[int, list[int]] = {part: [] for part in parts}
    for substitute, part in Substitute.objects.filter(substitute__in=parts).values_list("substitute_id", "part_id"):
        stands_for[substitute].append(part)
    of_part: dict[int, set[tuple[str, str]]] = {}
    rows = PartFit.objects.filter(part__in={*parts, *(one for several in stands_for.values() for one in several)})
    for part, line, model in rows.values_list("part_id", "product_line", "model"):
        of_part.setdefault(part, set()).add((line, model if line in lines else ""))
    return {
        part: sorted(of_part[part].union(*(of_part.get(one, ()) for one in others))) if part in of_part else []
        for part, others in stands_for.items()
    }
