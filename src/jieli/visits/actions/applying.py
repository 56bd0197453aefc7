"""One function per kind of entry: what the phone says becomes what is known of the visit, the order and the case."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.arriving import end_arrival
from jieli.cases.actions.conversing import clean_body, say
from jieli.cases.actions.promises import give_promise, start_promise
from jieli.cases.models import Message, Promise
from jieli.cases.policy import may_promise
from jieli.cases.queries.planning import facts_of_case, plan_of_kind
from jieli.cases.rules.promising import given
from jieli.customers.actions.devices import change_device, find_device, make_device
from jieli.customers.models import Device
from jieli.customers.policy import may_change_device, may_make_device
from jieli.dispatch.actions.coming import appoint_again, came
from jieli.dispatch.actions.coming import set_out as coming_for
from jieli.events.actions import record
from jieli.events.actor import Actor, rule_actor
from jieli.orders.actions.living import learn
from jieli.orders.models import WorkOrder
from jieli.parts.actions.ordering import order_missing_part
from jieli.parts.actions.using import use_part
from jieli.parts.models import Part, UsedPart
from jieli.people.models import Staff
from jieli.people.queries import is_public_holiday, local_date, local_midnight
from jieli.policies.product_lines import product_words
from jieli.policies.queries import current
from jieli.visits.actions.finishing import finish_order
from jieli.visits.actions.informing import return_information
from jieli.visits.actions.licensing import not_on_time, visited_again
from jieli.visits.actions.stepping import do_step, done_by_entry, skip_step, step_asked
from jieli.visits.actions.visiting import Doing, flag, flag_times, open_visit, standard_of
from jieli.visits.events import (
    CustomerCharged,
    CustomerSigned,
    EngineerArrived,
    EngineerSetOut,
    FaultDiagnosed,
    OutcomeTold,
    SafetyTested,
)
from jieli.visits.models import Charge, SafetyTest, Signature, Visit, VisitOrder
from jieli.visits.refusals import BadEntry, ChargedInWarranty, NoSignature, OtherLine
from jieli.visits.rules.charging import items_charged, total
from jieli.visits.rules.entries import instant, number, place, truth, uuid_of, uuids_of, words
from jieli.visits.rules.signing import is_drawn, strokes_of
from jieli.visits.rules.steps import is_safe
from jieli.visits.rules.times import OTHER_DEVICE

RULE = rule_actor("visit")


def contact(doing: Doing) -> None:
    """The customer was called before the visit."""
    visit = open_visit(doing)
    if not words(doing.data.get("text")):
        raise BadEntry(fields={"text": _("Say what was agreed with the customer.")})
    done_by_entry(doing, visit, "contact")


def set_out(doing: Doing) -> None:
    """The engineer is on the way."""
    visit = open_visit(doing)
    if visit.set_out_at is None:
        visit.set_out_at = doing.at
        visit.save(update_fields=["set_out_at"])
        there = place(doing.data.get("latitude"), doing.data.get("longitude")) or _last_place(doing)
        coming = there and (float(there[0]), float(there[1]))
        appointment = coming_for(doing.case, engineer_id=visit.engineer_id, at=doing.at, place=coming)
        expected_at = appointment.expected_at if appointment is not None else None
        record(
            EngineerSetOut(case_id=doing.case.pk, visit=visit.number, expected_at=expected_at), actor=doing.actor, at=doing.at
        )
    done_by_entry(doing, visit, "set_out")


def _last_place(doing: Doing) -> tuple[Decimal, Decimal] | None:
    """Return where the engineer was last on site, that day."""
    since = local_midnight(local_date(doing.at))
    earlier = Visit.objects.filter(engineer_id=doing.actor.id, arrived_at__gte=since, arrived_at__lt=doing.at)
    found = earlier.exclude(latitude=None).order_by("-arrived_at").first()
    return None if found is None or found.latitude is None or found.longitude is None else (found.latitude, found.longitude)


def arrive(doing: Doing) -> None:
    """The engineer is at the customer's: the promise to arrive ends, kept or late; the orders learn it at the first visit."""
    visit = open_visit(doing)
    if visit.arrived_at is None:
        visit.arrived_at = doing.at
        there = place(doing.data.get("latitude"), doing.data.get("longitude"))
        if there is not None:
            visit.latitude, visit.longitude = there
        visit.save(update_fields=["arrived_at", "latitude", "longitude"])
        came(doing.case, at=doing.at)
        waiting = list(WorkOrder.objects.filter(pk__in=visit.orders.values("order_id")).order_by("pk"))
        for order in waiting:
            if order.arrived_at is None:
                holiday = is_public_holiday(local_date(doing.at))
                learn(order.pk, actor=doing.actor, arrived_at=doing.at, holiday=holiday)
        if visit.number > 1:
            record(EngineerArrived(case_id=doing.case.pk, visit=visit.number), actor=doing.actor, at=doing.at)
            visited_again(visit)
        ended = end_arrival(doing.case, actor=doing.actor, at=doing.at)
        promised = [order.promised_until for order in waiting if visit.number == 1 and order.promised_until is not None]
        if any(promise.outcome == Promise.Outcome.LATE for promise in ended) or any(doing.at > one for one in promised):
            not_on_time(visit)
        flag_times(doing, visit)
    done_by_entry(doing, visit, "arrive")


def step(doing: Doing) -> None:
    """A step was done, with its records and the phone's names of its photos."""
    visit = open_visit(doing)
    asked = step_asked(visit, words(doing.data.get("code"), 60))
    values = doing.data.get("records")
    values = values if isinstance(values, dict) else {}
    serial = next((values.get(one.name) for one in asked.records if one.type == "scan" and values.get(one.name)), None)
    if isinstance(serial, str) and asked.code == "genuine":
        _note_device(doing, visit, serial)
    do_step(doing, visit, asked, values, uuids_of(doing.data.get("evidence")))
    if asked.code == "genuine" and (genuine := truth(values.get("genuine"))) is not None:
        _note_genuine(doing, visit, genuine)


def skip(doing: Doing) -> None:
    """A step is left out for one of the policy's reasons."""
    visit = open_visit(doing)
    asked = step_asked(visit, words(doing.data.get("code"), 60))
    skip_step(doing, visit, asked, words(doing.data.get("reason"), 60), words(doing.data.get("note")))


def _note_device(doing: Doing, visit: Visit, serial: str) -> None:
    """Compare a scanned serial number with the order's device; an order without one learns it. Raises OtherLine."""
    order = doing.order
    found = find_device(serial)
    line = found.product_line if found is not None else ""
    if line and order.product_line and line != order.product_line:
        shown = {"serial": serial, "found": product_words(line), "line": product_words(order.product_line)}
        raise OtherLine(
            fields={
                "serial": str(_("%(serial)s is a device of the product line %(found)s; this order is for %(line)s.")) % shown
            }
        )
    if order.device_id is None:
        actor = doing.actor if may_make_device(doing.actor) else RULE
        if found is None:
            values = {"serial": serial, "product_line": order.product_line}
            found = make_device(values=values, customer_id=doing.case.customer_id, actor=actor)
        learn(order.pk, actor=doing.actor, device_id=found.pk)
    elif found is not None and found.pk != order.device_id:
        flag(doing, visit, OTHER_DEVICE)


def _note_genuine(doing: Doing, visit: Visit, genuine: bool) -> None:
    if visit.genuine != genuine:
        visit.genuine = genuine
        visit.save(update_fields=["genuine"])
    device_id = WorkOrder.objects.values_list("device_id", flat=True).get(pk=doing.order.pk)
    device = Device.objects.filter(pk=device_id or 0).first()
    if device is not None and device.genuine != genuine:
        actor = doing.actor if may_change_device(doing.actor) else RULE
        change_device(device.pk, values={"genuine": genuine}, actor=actor)


def safety(doing: Doing) -> None:
    """Voltage, earth and socket were measured; the standard of the visit says whether that is enough."""
    visit = open_visit(doing)
    voltage, ohm = number(doing.data.get("voltage")), number(doing.data.get("earth_ohm"))
    earth, socket = truth(doing.data.get("earth_ok")), truth(doing.data.get("socket_ok"))
    wrong = {}
    if voltage is None or not 0 <= voltage <= 1000:
        wrong["voltage"] = _("Give the voltage that was measured, in volts.")
    if ohm is not None and not 0 <= ohm < 1_000_000:
        wrong["earth_ohm"] = _("Give the earth resistance that was measured, in ohms.")
    if ohm is None and earth is None:
        wrong["earth_ok"] = _("Say whether the earth is in order.")
    if socket is None:
        wrong["socket_ok"] = _("Say whether the socket is in order.")
    if wrong or voltage is None or socket is None:
        raise BadEntry(fields=wrong)
    passed = is_safe(standard_of(visit).safety, voltage=voltage, earth_ok=earth, earth_ohm=ohm, socket_ok=socket)
    test = SafetyTest.objects.create(
        client_id=doing.entry.client_id,
        visit=visit,
        voltage=voltage.quantize(Decimal("0.1")),
        earth_ohm=None if ohm is None else ohm.quantize(Decimal("0.01")),
        earth_ok=earth,
        socket_ok=socket,
        is_passed=passed,
        is_risk_signed=truth(doing.data.get("risk_signed")) is True,
        at=doing.at,
    )
    record(
        SafetyTested(
            case_id=doing.case.pk,
            visit=visit.number,
            passed=passed,
            voltage=str(test.voltage),
            earth_ohm=None if test.earth_ohm is None else str(test.earth_ohm),
            socket_ok=socket,
            risk_signed=test.is_risk_signed,
        ),
        actor=doing.actor,
        at=doing.at,
    )


def diagnosis(doing: Doing) -> None:
    """What is wrong, by the tree of fault codes; its group is what repeats are judged by."""
    visit = open_visit(doing)
    code = words(doing.data.get("fault_code"), 60)
    group = current("faults").data.group_of(code)
    if group is None:
        raise BadEntry(fields={"fault_code": _("There is no such fault code.")})
    if doing.order.product_line and group.product_line != doing.order.product_line:
        raise BadEntry(fields={"fault_code": _("This fault code is of another product line.")})
    visit.fault_code = code
    visit.save(update_fields=["fault_code"])
    learn(doing.order.pk, actor=doing.actor, at=doing.at, fault_group=group.code)
    genuine = truth(doing.data.get("genuine"))
    label = next((one.label for one in group.faults if one.code == code), group.label)
    record(
        FaultDiagnosed(
            case_id=doing.case.pk,
            visit=visit.number,
            number=doing.order.number,
            fault=code,
            group=group.code,
            label=label.in_language(get_language() or "zh-hans"),
            genuine=genuine,
        ),
        actor=doing.actor,
        at=doing.at,
    )
    if genuine is not None:
        _note_genuine(doing, visit, genuine)
    done_by_entry(doing, visit, "diagnosis", uuids_of(doing.data.get("evidence")))


def part_used(doing: Doing) -> None:
    """A part was put in; stock, the old part and the order follow (parts)."""
    open_visit(doing)
    use_part(
        doing.order.pk,
        part_code=words(doing.data.get("part"), 60),
        old_serial=words(doing.data.get("old_serial"), 80),
        new_serial=words(doing.data.get("new_serial"), 80),
        client_id=doing.entry.client_id,
        at=doing.at,
        actor=doing.actor,
    )


def part_missing(doing: Doing) -> None:
    """A part is needed that nobody has here: it is ordered, and the customer is told when it comes (parts)."""
    open_visit(doing)
    quantity = number(doing.data.get("quantity", 1))
    order_missing_part(
        doing.order.pk,
        part_code=words(doing.data.get("part"), 60),
        quantity=int(quantity) if quantity is not None and abs(quantity) < 10_000 else 0,
        actor=doing.actor,
        consent=truth(doing.data.get("consent")) is True,
    )


def charge(doing: Doing) -> None:
    """The customer paid, out of warranty, what the price list of the visit's day says. Raises ChargedInWarranty, BadEntry."""
    visit = open_visit(doing)
    sent = doing.data.get("items")
    items = [one for one in sent if isinstance(one, dict)] if isinstance(sent, list) else []
    prices = current("prices", visit.started_at)
    used = UsedPart.objects.put_in().filter(order=doing.order).values("part_id")
    parts = {part.code: part.price_amount for part in Part.objects.filter(pk__in=used) if part.price_amount is not None}
    order = doing.order
    charged, wrong = items_charged(items, prices.data, parts, line=order.product_line, service=order.service_type)
    if wrong:
        raise BadEntry(fields=wrong)
    amount = total(charged)
    if amount and order.in_warranty is True and visit.genuine is not False:
        raise ChargedInWarranty
    if amount:
        Charge.objects.create(
            client_id=doing.entry.client_id,
            visit=visit,
            order=order,
            items=[item.as_json() for item in charged],
            total_amount=amount,
            paid_by=words(doing.data.get("paid_by"), 20),
            prices=prices.number,
            at=doing.at,
        )
        record(
            CustomerCharged(
                case_id=doing.case.pk, visit=visit.number, number=order.number, amount=str(amount), prices=prices.number
            ),
            actor=doing.actor,
            at=doing.at,
        )
    done_by_entry(doing, visit, "charge", uuids_of(doing.data.get("evidence")))


def signature(doing: Doing) -> None:
    """The customer signed; nothing drawn is no signature. Raises NoSignature."""
    visit = open_visit(doing)
    try:
        strokes = strokes_of(doing.data.get("strokes"))
    except (ValueError, TypeError, OverflowError):
        raise BadEntry(fields={"strokes": _("These are no strokes of a signature.")}) from None
    if not is_drawn(strokes):
        raise NoSignature(fields={"strokes": NoSignature.message})
    photo: UUID | None = uuid_of(doing.data.get("photo"))
    Signature.objects.create(
        client_id=doing.entry.client_id,
        visit=visit,
        name=words(doing.data.get("name"), 120),
        strokes=strokes,
        photo=photo,
        comment=words(doing.data.get("comment")),
        at=doing.at,
    )
    digest = sha256(json.dumps(strokes, separators=(",", ":")).encode()).hexdigest()
    record(CustomerSigned(case_id=doing.case.pk, visit=visit.number, sha256=digest), actor=doing.actor, at=doing.at)
    done_by_entry(doing, visit, "signature", [photo] if photo else [])


def outcome(doing: Doing) -> None:
    """How it went. Not fixed is followed by the next promise to the customer, in this very transaction (spec 3)."""
    visit = open_visit(doing)
    result, reason = words(doing.data.get("result"), 20), words(doing.data.get("reason"), 60)
    wrong = {}
    if result not in VisitOrder.Result.values:
        wrong["result"] = _("Say fixed, not fixed, solved remotely, or no fault found.")
    is_open = result == VisitOrder.Result.NOT_FIXED
    if is_open and standard_of(visit).reason_not_fixed(reason) is None:
        wrong["reason"] = _("Say why it is not fixed: choose one of the given reasons.")
    if wrong:
        raise BadEntry(fields=wrong)
    told = VisitOrder.objects.select_for_update().get(visit=visit, order=doing.order)
    told.result, told.reason = result, reason if is_open else ""
    told.next_at = instant(doing.data.get("next_at")) if is_open else None
    told.note, told.told_at = words(doing.data.get("note")), doing.at
    told.save(update_fields=["result", "reason", "next_at", "note", "told_at"])
    record(
        OutcomeTold(
            case_id=doing.case.pk,
            visit=visit.number,
            number=doing.order.number,
            result=told.result,
            reason=told.reason,
            next_at=told.next_at,
        ),
        actor=doing.actor,
        at=doing.at,
    )
    if is_open:
        _promise_next(doing, visit, told)


def _promise_next(doing: Doing, visit: Visit, told: VisitOrder) -> None:
    """Set the appointment of the second visit, or at least promise it; else promise a reply: there is always a next time."""
    if told.next_at is not None and visit.arrived_at is not None:
        made = appoint_again(
            doing.case,
            agreed_at=told.next_at,
            agreed_until=instant(doing.data.get("next_until")),
            engineer=Staff.objects.get(pk=visit.engineer_id),
            actor=doing.actor,
            at=doing.at,
        )
        if made is not None:
            return
    actor: Actor = doing.actor if may_promise(doing.actor, doing.case) else RULE
    if told.next_at is not None and told.next_at > doing.now:
        give_promise(doing.case.pk, kind="arrive", due_at=told.next_at, told=True, told_how="visit", actor=actor)
        return
    facts = facts_of_case(doing.case)
    plan = plan_of_kind("next_reply", facts, starts="answered") or plan_of_kind("next_reply", facts)
    if plan is None:
        plan = given("next_reply", doing.now, policy="", by="visit")
    start_promise(doing.case, plan, actor=actor, at=doing.now)


def finish(doing: Doing) -> None:
    """The work on an order is over; refused while a mandatory step lacks its evidence, whatever the phone thinks."""
    finish_order(doing, open_visit(doing))


def information(doing: Doing) -> None:
    """Something learnt on site that others inside should know."""
    return_information(doing)


def note(doing: Doing) -> None:
    """A note for colleagues, on the case."""
    text = clean_body(words(doing.data.get("text"), 20_000))
    say(doing.case, text, direction=Message.Direction.NOTE, actor=doing.actor, at=doing.now)


APPLY: Mapping[str, Callable[[Doing], None]] = {
    "contact": contact,
    "set_out": set_out,
    "arrive": arrive,
    "step": step,
    "skip": skip,
    "safety": safety,
    "diagnosis": diagnosis,
    "part_used": part_used,
    "part_missing": part_missing,
    "charge": charge,
    "signature": signature,
    "outcome": outcome,
    "finish": finish,
    "information": information,
    "note": note,
}
AFTER_THE_END = ("information", "note")
"""What may still come when the case has ended."""
