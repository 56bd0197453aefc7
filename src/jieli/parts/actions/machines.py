"""A whole machine for a customer, or back from him: asked for, decided by another person within his authority, called off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jieli.cases.actions.telling import tell
from jieli.customers.actions.devices import find_device
from jieli.customers.rules import normalise_serial
from jieli.events.actions import record, reserve_ids
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.lib.text import strip_control
from jieli.orders.models import WorkOrder
from jieli.parts import notices
from jieli.parts.actions.booking import booking, locked_order
from jieli.parts.actions.using import require_fit, tell_order
from jieli.parts.events import (
    MachineApproved,
    MachineAsked,
    MachineCalledOff,
    MachineExpected,
    MachineFact,
    MachineRefused,
)
from jieli.parts.models import MachineReturn, Part, UsedPart
from jieli.parts.policy import (
    machine_limit,
    machine_limits,
    may_ask_machine,
    may_call_off_machine,
    may_decide_machine,
)
from jieli.parts.queries.machines import deciders_of
from jieli.parts.refusals import (
    AlreadyReturned,
    BadParts,
    MachineAboveAuthority,
    MachineAskedAlready,
    MachineDecided,
    MachineGiven,
    MachineOwnAsking,
    PartNotForModel,
)
from jieli.people.models import Role
from jieli.policies.authority import highest
from jieli.policies.product_lines import product_words
from jieli.policies.queries import current
from jieli.ui.display import money_text

State, Kind = MachineReturn.State, MachineReturn.Kind
LARGEST = Decimal("99999999.99")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for, as it was typed.

    In an exchange `machine` is the code of what the customer gets, and `old_machine` that of what comes back, empty for the
    same. The price of the master is the amount of an exchange; `amount` counts where it has none, and for a return.
    """

    kind: str
    old_serial: str
    reason: str
    machine: str = ""
    old_machine: str = ""
    amount: Decimal | None = None


@booking
def ask_for_machine(order_id: int, asked: Asked, *, actor: Actor) -> MachineReturn:
    """Ask that a whole machine be exchanged or taken back; who may decide about the amount is told.

    Raises NotFound, NotAllowed, CaseEnded, OrderCalledOff, MachineAskedAlready, MachineAboveAuthority when nobody may decide
    about so much, BadParts naming each field that is wrong: a part that is no whole machine or fits other machines, a serial
    of another product line or customer.
    """
    order = locked_order(order_id, actor)
    require(may_ask_machine(actor, order))
    if MachineReturn.objects.filter(order=order, state__in=[State.ASKED, State.APPROVED]).exists():
        raise MachineAskedAlready
    faults: dict[str, str] = {}
    if asked.kind not in Kind.values:
        faults["kind"] = _("Choose exchange or return for good.")
    is_exchange = asked.kind == Kind.EXCHANGE
    machine = _machine(asked.machine, "machine", order, faults) if is_exchange else None
    old = _machine(asked.old_machine, "old_machine", order, faults) if asked.old_machine or not is_exchange else machine
    serial = _serial(asked.old_serial, order, faults)
    amount = _amount(asked, machine if is_exchange else old, faults)
    if not (reason := strip_control(asked.reason).strip()[:300]):
        faults["reason"] = _("Say why.")
    if faults or old is None or amount is None:
        raise BadParts(fields=faults)
    if amount > (most := highest(machine_limits())).amount:
        raise MachineAboveAuthority(
            _("%(amount)s is above all authority (%(most)s): nobody may approve it under the present policy.")
            % {"amount": money_text(amount), "most": money_text(most.amount)}
        )
    made = MachineReturn(
        pk=reserve_ids("parts_machinereturn", 1)[0],
        order=order,
        kind=asked.kind,
        machine=machine,
        old_machine=old,
        old_serial=serial,
        amount=amount,
        reason=reason,
        asked_at=clock.now(),
        asked_by_id=actor.id,
    )
    _record(
        MachineAsked,
        made,
        actor,
        made.asked_at,
        kind=made.kind,
        old_machine=old.code,
        old_serial=serial,
        amount=amount,
        reason=reason,
        machine=machine.code if machine is not None else "",
    )
    made.save(force_insert=True)
    about = {"author": actor.name, "machine": (machine or old).code, "amount": money_text(amount)}
    tell(order.case, deciders_of(made), notices.MACHINE_ASKED, **about)
    return made


def _machine(code: str, field: str, order: WorkOrder, faults: dict[str, str]) -> Part | None:
    """Return the whole machine with this code that fits the order; None with a fault."""
    part = Part.objects.filter(code=code.strip().upper(), is_active=True).first()
    if not code.strip():
        faults[field] = _("Give the code of the machine.")
    elif part is None:
        faults[field] = _("There is no part with the code “%(part)s”.") % {"part": code.strip()[:60]}
    elif part.kind != Part.Kind.MACHINE:
        faults[field] = _("%(part)s is a part, not a whole machine.") % {"part": part.code}
    else:
        try:
            require_fit(part, order)
        except PartNotForModel as refused:
            faults[field] = str(refused)
            return None
        return part
    return None


def _serial(typed: str, order: WorkOrder, faults: dict[str, str]) -> str:
    """Return the serial of the machine that comes back; a fault when the order is not about it."""
    serial = normalise_serial(typed)
    if not serial:
        faults["old_serial"] = _("Give the serial number of the machine that comes back.")
        return ""
    if len(serial) > 80:
        faults["old_serial"] = _("A serial number has at most 80 characters.")
        return ""
    device = find_device(serial)
    line = order.product_line or (order.device.product_line if order.device is not None else "")
    if device is not None and line and device.product_line and device.product_line != line:
        faults["old_serial"] = _("Serial number %(serial)s is of %(theirs)s; the work order is about %(ours)s.") % {
            "serial": serial,
            "theirs": product_words(device.product_line),
            "ours": product_words(line),
        }
    elif order.device is not None and order.device.serial and order.device.serial != serial:
        faults["old_serial"] = _("The work order is about the machine with serial number %(serial)s.") % {
            "serial": order.device.serial
        }
    elif device is not None and device.customer_id not in (None, order.case.customer_id):
        faults["old_serial"] = _("The machine with this serial number belongs to another customer.")
    elif MachineReturn.objects.to_come_back().filter(old_serial=serial).exists():
        faults["old_serial"] = _("The machine with this serial number was asked back on another work order already.")
    return serial


def _amount(asked: Asked, part: Part | None, faults: dict[str, str]) -> Decimal | None:
    price = part.price_amount if part is not None else None
    amount = price if price and (asked.kind == Kind.EXCHANGE or asked.amount is None) else asked.amount
    if amount is None:
        if part is not None:
            faults["amount"] = _("The part master has no price for it: give the amount.")
        return None
    if not 0 < amount <= LARGEST or amount != round(amount, 2):
        faults["amount"] = _("Give an amount above zero, with at most two decimals.")
        return None
    return amount


def _record(fact: Callable[..., MachineFact], made: MachineReturn, actor: Actor, at: datetime, **values: Any) -> None:
    case_id, number = made.order.case_id, made.order.number
    said = fact(case_id=case_id, order=number, machine_return_id=made.pk, number=made.number, **values)
    record(said, actor=actor, at=at)


def locked_machine(machine_return_id: int, actor: Actor, *, must_be_open: bool = False) -> MachineReturn:
    """Return a whole-machine return locked, after its case and order; raises NotFound, also when the case is hidden."""
    order_id = MachineReturn.objects.filter(pk=machine_return_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFound
    order = locked_order(order_id, actor, must_be_open=must_be_open)
    locked = MachineReturn.objects.select_for_update(of=("self",)).select_related("machine", "old_machine")
    found = locked.get(pk=machine_return_id)
    found.order = order
    return found


@booking
def decide_machine(machine_return_id: int, *, approved: bool, reason: str = "", actor: Actor) -> MachineReturn:
    """Approve a whole machine within one's authority, or refuse it with a reason; never what one asked for oneself.

    An approved exchange is given by `use_part`; a machine that comes back for good is owed from now on. Who asked is told.
    Raises NotFound, NotAllowed, CaseEnded, OrderCalledOff, MachineDecided, MachineOwnAsking, MachineAboveAuthority with who
    may, BadParts for a refusal without a reason.
    """
    found = locked_machine(machine_return_id, actor, must_be_open=approved)
    order = found.order
    require(may_decide_machine(actor, order))
    if found.state != State.ASKED:
        raise MachineDecided
    if found.asked_by_id == actor.id:
        raise MachineOwnAsking
    limit, reason = machine_limit(actor, order), strip_control(reason).strip()[:300]
    if approved and found.amount > limit.amount:
        raise MachineAboveAuthority(_who_may(found.amount, limit.amount))
    if not approved and not reason:
        raise BadParts(fields={"reason": _("Say why it is refused: who asked for it reads it.")})
    found.state = State.APPROVED if approved else State.REFUSED
    now = clock.now()
    found.decided_at, found.decided_by_id, found.decision_reason = now, actor.id, reason
    found.role, found.limit_amount, found.policy = limit.role, limit.amount, current("numbers").version
    found.save(update_fields=["state", "decided_at", "decided_by_id", "decision_reason", "role", "limit_amount", "policy"])
    if approved:
        given = {"amount": found.amount, "role": limit.role, "limit_amount": limit.amount, "policy": found.policy}
        _record(MachineApproved, found, actor, now, **given, reason=reason)
        if found.kind == Kind.RETURN:
            _expect(found, actor, now)
    else:
        _record(MachineRefused, found, actor, now, reason=reason)
    about = {"author": actor.name, "machine": (found.machine or found.old_machine).code}
    tell(order.case, [found.asked_by_id], notices.MACHINE_APPROVED if approved else notices.MACHINE_REFUSED, **about)
    return found


def _who_may(amount: Decimal, mine: Decimal) -> str:
    wide = min((one for one in machine_limits() if one.amount >= amount), key=lambda one: one.amount, default=None)
    if wide is None:
        return _("%(amount)s is above all authority: nobody may approve it under the present policy.") % {
            "amount": money_text(amount)
        }
    return _("Your authority over whole machines ends at %(mine)s: ask %(role)s, who may approve up to %(most)s.") % {
        "mine": money_text(mine),
        "role": Role(wide.role).label,
        "most": money_text(wide.amount),
    }


def _expect(found: MachineReturn, actor: Actor, now: datetime) -> None:
    """Let a machine for which nothing is given be owed, as an old part is."""
    order, old = found.order, found.old_machine
    due_at = now + timedelta(days=current("settlement").data.return_days)
    used = UsedPart(
        pk=reserve_ids("parts_usedpart", 1)[0],
        order=order,
        part=old,
        machine_return=found,
        old_serial=found.old_serial,
        in_warranty=order.in_warranty,
        is_returnable=True,
        used_at=now,
        used_by_id=actor.id,
        return_due_at=due_at,
    )
    _record(
        MachineExpected,
        found,
        actor,
        now,
        part=old.code,
        used_part_id=used.pk,
        return_due_at=due_at,
        old_serial=found.old_serial,
        in_warranty=order.in_warranty,
    )
    used.save(force_insert=True)
    tell_order(order, actor=actor, at=now)


@booking
def call_off_machine(machine_return_id: int, *, reason: str, actor: Actor) -> MachineReturn:
    """Call off what was asked for or approved and has not happened; a second time changes nothing.

    Raises NotFound, NotAllowed, MachineDecided when it was refused, MachineGiven, AlreadyReturned, BadParts without a reason.
    """
    found = locked_machine(machine_return_id, actor)
    require(actor.is_internal or may_call_off_machine(actor, found.order))
    if found.state == State.CALLED_OFF:
        return found
    if found.state == State.REFUSED:
        raise MachineDecided
    if not (reason := strip_control(reason).strip()[:300]):
        raise BadParts(fields={"reason": _("Say why.")})
    now = clock.now()
    used = UsedPart.objects.select_for_update(of=("self",)).filter(machine_return=found, undone_at__isnull=True).first()
    if used is not None:
        if used.movement_id is not None:
            raise MachineGiven
        if used.returned_at is not None:
            raise AlreadyReturned
        used.undone_at = now
        used.save(update_fields=["undone_at"])
    found.state, found.called_off_at, found.called_off_by_id, found.called_off_why = State.CALLED_OFF, now, actor.id, reason
    found.save(update_fields=["state", "called_off_at", "called_off_by_id", "called_off_why"])
    _record(MachineCalledOff, found, actor, now, reason=reason)
    if used is not None:
        tell_order(found.order, actor=actor, at=now)
    return found
