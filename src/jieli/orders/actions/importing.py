"""Rows of orders.csv: each a closed or open case with its work order and an event per known time; twice changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieli.cases.actions.bringing import BroughtCase, Later, bring_cases, end_brought, reserve_case_ids
from jieli.cases.actions.past import as_json, copy_rows
from jieli.cases.models import Case
from jieli.customers.actions.importing import find_or_make_named, find_or_make_serials
from jieli.customers.rules import normalise_serial
from jieli.events.actions import Batch, append_batch, encoded
from jieli.events.actor import Actor
from jieli.events.facts import plain
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.lib.batches import BatchOutcome, BatchRow
from jieli.network.models import Outlet
from jieli.orders.events import OrderChanged
from jieli.orders.models import WorkOrder
from jieli.orders.policy import may_import_orders
from jieli.orders.rules.order_rows import FACTS, NEVER_UNKNOWN, OrderRow, faults_of, read_order, warnings_of
from jieli.orders.rules.telling import EVENT_TIMES, TOLD, telling
from jieli.people.models import Staff
from jieli.people.queries import duty_officers

SOURCE = "orders"
_UNKNOWN = {name: NEVER_UNKNOWN.get(name) for name in FACTS}
_STORED = ("outlet_id", "engineer_id", "device_id", *FACTS, "attributes")


@dataclass(frozen=True, slots=True)
class _Place:
    """An outlet as orders need it: who answers for its cases, and why if that is not its leader."""

    unit_id: int
    code: str
    owner_id: int
    is_on_duty: bool
    why: str


@transaction.atomic
def import_orders(rows: Sequence[BatchRow], *, actor: Actor) -> BatchOutcome:
    """Make or change the orders of these numbers; an empty cell leaves what is stored.

    A finished order is a closed case, another an open one of the outlet's leader, else of its duty officer. Customers and
    devices that nobody knows are made, unknown engineers left out, each with a warning. Columns of other names are kept in
    `attributes`. Raises NotAllowed. Cost: a fixed number of statements whatever the number of rows, for changed orders too.
    """
    require(may_import_orders(actor))
    outcome = BatchOutcome()
    return _Orders([read_order(line, row) for line, row in rows], outcome, actor).take()


class _Orders:
    """The orders of one batch."""

    def __init__(self, read: Sequence[OrderRow], outcome: BatchOutcome, actor: Actor) -> None:
        self.read = read
        self.outcome = outcome
        self.actor = actor
        self.now = clock.now()

    def take(self) -> BatchOutcome:
        """Write what is new or other than stored."""
        self.places = self._places({one.outlet for one in self.read})
        self.known = _stored([one.number for one in self.read])
        fresh = [one for one in self.read if self._is_possible(one)]
        self.engineers = dict(Staff.objects.filter(code__in={one.engineer for one in fresh} - {""}).values_list("code", "pk"))
        self.customers = self._customers(one for one in fresh if one.number not in self.known)
        self.devices = self._devices(fresh)
        self._bring([one for one in fresh if one.number not in self.known])
        self._change([one for one in fresh if one.number in self.known])
        return self.outcome

    def _is_possible(self, one: OrderRow) -> bool:
        """Tell whether a row can be taken; what is wrong with it goes to the outcome."""
        if one.outlet and one.outlet not in self.places:
            one.faults["outlet"] = _("There is no outlet with the code “%(code)s”.") % {"code": one.outlet}
        stored = self.known.get(one.number)
        order = {**(_UNKNOWN if stored is None else stored), **one.facts}
        one.faults = {**{column: why for column, why in faults_of(order).items() if column not in one.faults}, **one.faults}
        if one.faults:
            self.outcome.refuse(one.line, one.row, one.faults)
            return False
        if odd := warnings_of(order, self.now):
            self.outcome.warn(one.line, one.row, odd)
        return True

    def _places(self, codes: set[str]) -> dict[str, _Place]:
        found = Outlet.objects.filter(unit__code__in=codes).values_list(
            "unit_id", "unit__code", "unit__leader_id", "unit__leader__is_active"
        )
        outlets = list(found)
        alone = [unit_id for unit_id, _code, leader_id, is_active in outlets if leader_id is None or not is_active]
        on_duty = duty_officers(alone, self.now) if alone else {}
        why = _("the outlet has no leader; its duty officer answers")
        return {
            code: _Place(unit_id, code, on_duty[unit_id], True, why)
            if unit_id in on_duty
            else _Place(unit_id, code, leader_id or 0, False, "")
            for unit_id, code, leader_id, _is_active in outlets
        }

    def _customers(self, rows: Iterable[OrderRow]) -> dict[str, int]:
        names: dict[str, str] = {}
        for one in rows:
            if one.customer:
                names[one.customer] = one.customer
            else:
                names[_nobody(one)] = _("Customer of %(outlet)s, not recorded") % {"outlet": one.outlet}
        found, made = find_or_make_named(names, actor=self.actor)
        self._warn_of(made, "customer", _("there was no customer of this code; made with the code as name."))
        self.outcome.events += len(made)
        return found

    def _devices(self, rows: Sequence[OrderRow]) -> dict[str, int]:
        wanted: dict[str, tuple[str, int | None]] = {}
        for one in rows:
            if one.device:
                one.device = normalise_serial(one.device)
                wanted.setdefault(one.device, (one.facts.get("product_line", ""), self.customers.get(one.customer)))
        found, made = find_or_make_serials(wanted, actor=self.actor)
        self._warn_of(made, "device", _("there was no device of this serial number; made, genuine unknown."))
        self.outcome.events += len(made)
        return found

    def _warn_of(self, made: set[str], column: str, reason: str) -> None:
        if made:
            for one in self.read:
                if not one.faults and getattr(one, column) in made:
                    self.outcome.warn(one.line, one.row, {column: reason})

    def _engineer(self, one: OrderRow) -> int | None:
        if not one.engineer:
            return None
        engineer_id = self.engineers.get(one.engineer)
        if engineer_id is None:
            self.outcome.warn(one.line, one.row, {"engineer": _("there is no engineer of this code; left empty.")})
        return engineer_id

    # --- new ones

    def _bring(self, rows: Sequence[OrderRow]) -> None:
        if not rows:
            return
        labels = {code: str(label) for code, label in Case.ServiceType.choices}
        orders: list[dict[str, Any]] = []
        cases: list[BroughtCase] = []
        for case_id, one in zip(reserve_case_ids(len(rows)), rows, strict=True):
            order = {**_UNKNOWN, **one.facts}
            place = self.places[one.outlet]
            device_id = self.devices.get(one.device)
            engineer_id = self._engineer(one)
            service = order["service_type"]
            cases.append(
                BroughtCase(
                    case_id=case_id,
                    source_key=one.number,
                    service_type=service,
                    subject=f"{labels.get(service, '')} {one.number}".strip(),
                    customer_id=self.customers[one.customer or _nobody(one)],
                    device_id=device_id,
                    product_line=order["product_line"],
                    unit_id=place.unit_id,
                    owner_id=place.owner_id,
                    is_on_duty=place.is_on_duty,
                    why=place.why,
                    opened_at=order["opened_at"],
                    closed_at=order["finished_at"],
                    line=one.line,
                    attributes=_untimed(one.facts, device_id, engineer_id),
                    later=_later(one.number, place.code, order, EVENT_TIMES),
                )
            )
            order |= {
                "case_id": case_id,
                "number": one.number,
                "outlet_id": place.unit_id,
                "engineer_id": engineer_id,
                "device_id": device_id,
                "attributes": as_json(one.attributes) if one.attributes else "{}",
                "source": SOURCE,
            }
            orders.append(order)
        self.outcome.events += bring_cases(cases, source=SOURCE, activity=_("work order"), actor=self.actor)
        copy_rows("orders_workorder", orders)
        self.outcome.imported += len(orders)
        self.outcome.cases += len(cases)

    # --- known ones

    def _change(self, rows: Sequence[OrderRow]) -> None:
        changing = [one for one in rows if self._differences(one, self.known[one.number])]
        self.outcome.unchanged += len(rows) - len(changing)
        if not changing:
            return
        locked = _stored([one.number for one in changing], lock=True)
        batch = Batch()
        closed: dict[int, datetime] = {}
        changed: list[WorkOrder] = []
        for one in changing:
            stored = locked[one.number]
            differs = self._differences(one, stored)
            order = {**stored, **{name: new for name, (_old, new) in differs.items()}}
            case_id = stored["case_id"]
            learned = [name for name in EVENT_TIMES if name in differs and stored[name] is None]
            for at, type_, data in _later(one.number, one.outlet, order, learned):
                batch.add("case", case_id, at, type_, data)
            told = {*learned, *(name for time in learned for name in TOLD.get(time, ()) if stored[name] in (None, ""))}
            if other := {name: pair for name, pair in differs.items() if name not in told}:
                what = {"number": one.number, "changed": list(other), "changes": _plain_changes(other)}
                batch.add("case", case_id, self.now, OrderChanged.type, encoded(what))
            if "finished_at" in learned:
                closed[case_id] = order["finished_at"]
            row = WorkOrder(pk=stored["id"], **{name: order[name] for name in _STORED}, changed_at=stored["changed_at"])
            if any(old not in (None, "") for old, _new in differs.values()):
                row.changed_at = self.now
            changed.append(row)
        self.outcome.events += len(append_batch(batch, actor=self.actor))
        WorkOrder.objects.bulk_update(changed, [*_STORED, "changed_at"], batch_size=200)
        end_brought(closed, source=SOURCE, actor=self.actor)
        self.outcome.imported += len(changed)

    def _differences(self, one: OrderRow, stored: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        """Return what a row says otherwise than stored: old and new by field."""
        said = dict(one.facts)
        said["outlet_id"] = self.places[one.outlet].unit_id
        if one.device:
            said["device_id"] = self.devices[one.device]
        if one.engineer in self.engineers:
            said["engineer_id"] = self.engineers[one.engineer]
        if one.attributes:
            said["attributes"] = {**stored["attributes"], **one.attributes}
        return {name: (stored[name], value) for name, value in said.items() if stored[name] != value}


def _nobody(one: OrderRow) -> str:
    return f"outlet:{one.outlet}"[:60]


def _stored(numbers: Sequence[str], *, lock: bool = False) -> dict[str, dict[str, Any]]:
    found = WorkOrder.objects.filter(number__in=numbers).order_by("pk")
    if lock:
        # The order of locks: cases before their work orders (house, A state change).
        list(Case.objects.filter(pk__in=list(found.values_list("case_id", flat=True))).select_for_update().order_by("pk"))
        found = found.select_for_update(of=("self",))
    return {row["number"]: row for row in found.values("id", "number", "case_id", "changed_at", *_STORED)}


def _untimed(facts: Mapping[str, Any], device_id: int | None, engineer_id: int | None) -> dict[str, Any]:
    """Return for the event of the import the facts that no later event tells."""
    told = {"opened_at", "product_line", "service_type", "part", "fixed_first", "lab_finding", "callback_result", *EVENT_TIMES}
    values = {name: plain(value) for name, value in facts.items() if name not in told}
    if device_id is not None:
        values["device_id"] = device_id
    if engineer_id is not None:
        values["engineer_id"] = engineer_id
    return values


def _later(number: str, outlet: str, order: Mapping[str, Any], times: Iterable[str]) -> list[Later]:
    """Return an event for each known one of these times, in the order in which they happened."""
    found: list[Later] = []
    for name in times:
        if order[name] is not None:
            fact, data = telling(name, order, outlet)
            found.append((order[name], fact.type, encoded({"number": number, **data})))
    found.sort(key=lambda one: one[0])
    return found


def _plain_changes(changes: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Return changes as JSON; of unknown columns, which may hold anything, only the names."""
    return {
        name: [sorted(old), sorted(new)] if name == "attributes" else [plain(old), plain(new)]
        for name, (old, new) in changes.items()
    }
