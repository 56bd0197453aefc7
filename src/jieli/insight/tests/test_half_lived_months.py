"""A month made half by actions and half by files gives, row for row, what the same facts give by files alone."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from jieli.complaints.models import Complaint
from jieli.customers.models import Customer, Device
from jieli.events.actor import SYSTEM, import_actor
from jieli.insight.queries import kpi
from jieli.insight.tests.factories import ARRIVAL, CALLED, SETTLED, Walked, an_intake, called, dispatched, returned, visited
from jieli.intake.actions.exchange import KINDS, import_exchange_file
from jieli.lib import clock
from jieli.network.models import Engineer, Outlet
from jieli.orders.models import WorkOrder
from jieli.orders.rules.order_rows import COLUMNS
from jieli.people.models import Unit
from jieli.people.tests.factories import MONDAY, acting, the_root
from jieli.policies import queries as policies
from jieli.quality.actions.judging import confirm_delight, mark_not_about_visit
from jieli.quality.models import CallBack
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.paying import decide_pay
from jieli.settlement.models import Incentive, PayLine, PaySlip
from jieli.settlement.queries.decided import decided_month
from jieli.settlement.queries.months import month_of
from jieli.settlement.queries.rate_tables import rate_tables

pytestmark = [pytest.mark.django_db, pytest.mark.long(20)]

Rows = dict[str, list[dict[str, Any]]]
FILES = import_actor("files")
NOVEMBER = "2026-11"


class NothingIsKept(Exception):
    """Ends a transaction whose rows are not wanted."""


@pytest.fixture(autouse=True)
def forgotten():
    yield
    policies.forget()


def walked_tickets() -> list[Walked]:
    """Walk four tickets by the acts of people: paid with a moved customer, dissatisfied, excused, and held for its part."""
    tickets = [an_intake(number) for number in range(1, 5)]
    for one in tickets:
        dispatched(one)
    with clock.frozen(ARRIVAL + timedelta(hours=1, minutes=30)):
        for one in tickets:
            visited(one)
    moved, bad, excused, waiting = tickets
    with clock.frozen(CALLED):
        called(moved, moved="tears", story="雪天上门")
        called(bad, "dissatisfied", what="还是漏水")
        called(excused, "dissatisfied", what="电话难打")
        called(waiting)
        for one in (moved, bad, excused):
            returned(one)
        confirm_delight(CallBack.objects.get(case=moved.case).pk, moved="tears", actor=acting(moved.quality))
        mark_not_about_visit(CallBack.objects.get(case=excused.case).pk, reason="是热线的事", actor=acting(moved.quality))
    return tickets


def brought(tickets: list[Walked]) -> Rows:
    """Return the other half as files: rates, repeats of a lived repair by its own and another outlet, further months' work."""
    moved, _bad, excused, _waiting = tickets
    lived = moved.order
    fine = {
        "customer": "K900", "product_line": "washing_machine", "service_type": "repair", "in_warranty": "true",
        "distance_km": "6.5", "fixed_first": "true", "steps_complete": "true", "callback_result": "satisfied",
    }  # fmt: skip
    rows: Rows = {kind: [] for kind in KINDS}
    rows["rates"] = [
        {"version": "t1", "valid_from": "2026-01-01", "product_line": "washing_machine", "service_type": service,
         "in_warranty": warranty, "distance_from_km": low, "distance_to_km": high, "fee_amount": fee}
        for service in ("repair", "installation")
        for warranty, low, high, fee in (("true", 0, 10, "82.00"), ("true", 10, "", "95.50"), ("false", 0, "", "60.00"))
    ]  # fmt: skip
    rows["customers"] = [{"code": "K900", "name": "李军", "kind": "person"}]
    rows["devices"] = [
        {"serial": f"D-{number}", "product_line": "washing_machine", "customer": "K900", "genuine": genuine}
        for number, genuine in enumerate(("true", "true", "false", ""))
    ]
    for number, outlet in enumerate((moved.outlet, excused.outlet)):
        rows["orders"].append(
            fine | times(ARRIVAL + timedelta(days=2 + number)) | {
                "number": f"R-{number}", "device": lived.device.serial, "fault_group": lived.fault_group,
                "outlet": outlet.unit.code,
            }
        )  # fmt: skip
    for number in range(4):
        rows["orders"].append(
            fine | times(ARRIVAL - timedelta(days=3 + number)) | {
                "number": f"I-{number}", "device": f"D-{number}", "fault_group": "noise", "night": "true" if number else "",
                "outlet": moved.outlet.unit.code, "engineer": moved.engineer.staff.code, "distance_km": f"{8 + number}",
                "reported_at": ARRIVAL + timedelta(days=4) if number == 1 else ARRIVAL,
            }
        )  # fmt: skip
    rows["orders"].append(
        {"number": "OPEN", "customer": "K900", "outlet": moved.outlet.unit.code, "service_type": "repair",
         "product_line": "washing_machine", "opened_at": MONDAY, "dispatched_at": MONDAY, "promised_until": CALLED}
    )  # fmt: skip
    rows["complaints"] = [
        {"number": "C1", "order": lived.number, "outlet": moved.outlet.unit.code, "opened_at": CALLED, "level": 3,
         "upheld": "true"}
    ]  # fmt: skip
    rows["incentives"] = [
        {"outlet": moved.outlet.unit.code, "month": NOVEMBER, "kind": "story", "amount": "20.00", "order": lived.number,
         "reason": "感动故事"},
        {"outlet": excused.outlet.unit.code, "month": NOVEMBER, "kind": "false_charge", "amount": "-200.00", "order": "",
         "reason": "多收"},
    ]  # fmt: skip
    return rows


def times(finished: datetime) -> dict[str, Any]:
    return {
        "opened_at": finished - timedelta(hours=9),
        "dispatched_at": finished - timedelta(hours=8),
        "promised_until": finished + timedelta(hours=1),
        "arrived_at": finished - timedelta(hours=1),
        "finished_at": finished,
        "reported_at": finished + timedelta(hours=1),
        "callback_at": finished + timedelta(days=1),
    }


def told_as_files() -> Rows:
    """Return everything that the month end counts, as the exchange files that say it."""
    rows: Rows = {kind: [] for kind in KINDS}
    for unit in Unit.objects.exclude(parent=None).order_by("path"):
        rows["units"].append({"code": unit.code, "name": unit.name, "kind": unit.kind, "parent": unit.parent.code})
    for outlet in Outlet.objects.select_related("unit"):
        rows["outlets"].append(
            {"code": outlet.unit.code, "type": outlet.type, "tier": outlet.tier, "region": outlet.region, "status": "active"}
        )
    for engineer in Engineer.objects.select_related("staff__unit"):
        staff = engineer.staff
        rows["staff"].append({"code": staff.code, "name": staff.name, "unit": staff.unit.code, "roles": "engineer"})
    codes = {}
    for customer in Customer.objects.all():
        codes[customer.pk] = customer.code or f"K{customer.pk}"
        rows["customers"].append({"code": codes[customer.pk], "name": "客户", "kind": "person"})
    for device in Device.objects.all():
        rows["devices"].append(
            {"serial": device.serial, "product_line": device.product_line, "customer": codes[device.customer_id],
             "genuine": device.genuine, "warranty_until": device.warranty_until}
        )  # fmt: skip
    for table in rate_tables(clock.now()):
        for rate in table.data.rates:
            rows["rates"].append(
                {"version": table.data.table, "valid_from": table.data.valid_from, "product_line": rate.product_line,
                 "service_type": rate.service_type.value, "in_warranty": rate.in_warranty, "distance_from_km": rate.from_km,
                 "distance_to_km": rate.to_km, "fee_amount": rate.fee_amount}
            )  # fmt: skip
    for order in WorkOrder.objects.select_related("case", "outlet", "engineer", "device"):
        known = {name: getattr(order, name, None) for name in COLUMNS}
        known |= {
            "customer": codes[order.case.customer_id],
            "outlet": order.outlet.code,
            "engineer": order.engineer.code if order.engineer else None,
            "device": order.device.serial if order.device else None,
        }
        rows["orders"].append(known)
    for complaint in Complaint.objects.select_related("outlet", "order"):
        rows["complaints"].append(
            {"number": complaint.number, "order": complaint.order.number if complaint.order else "", "level": complaint.level,
             "outlet": complaint.outlet.code, "opened_at": complaint.opened_at, "upheld": complaint.upheld}
        )  # fmt: skip
    for one in Incentive.objects.select_related("outlet", "order"):
        rows["incentives"].append(
            {"outlet": one.outlet.code, "month": f"{one.month:%Y-%m}", "kind": one.kind, "amount": one.amount,
             "order": one.order_number, "reason": one.reason}
        )  # fmt: skip
    return rows


def bring_in(rows: Rows, folder: Path) -> None:
    """Import the rows as the files that they are; every row must come in."""
    for kind in KINDS:
        if not rows[kind]:
            continue
        path = folder / f"{kind}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows[kind] for name in row)))
            writer.writeheader()
            writer.writerows({name: cell(value) for name, value in row.items()} for row in rows[kind])
        report = import_exchange_file(path, kind=kind, actor=FILES)
        assert report.bad == [], (kind, report.bad)
        assert report.rows == len(rows[kind])


def cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date | datetime) else "" if value is None else value


def month_end() -> dict[str, Any]:
    """Decide November and its pay; return every row of it by the names of things, without the keys of rows."""
    run = decide_month(month_of(NOVEMBER), actor=SYSTEM)
    decided = decided_month(run)
    decide_pay(month_of(NOVEMBER), actor=SYSTEM)
    shares: Mapping[str, kpi.Indicator] = kpi.indicators(month_of(NOVEMBER), unit_path=the_root().path, product_line="")
    paid = ("staff__code", "orders", "valid", "early", "installations", "delighted", "total_amount")
    return {
        "outlets": [replace(one, grade=replace(one.grade, outlet_id=0)) for one in decided.outlets],
        "lines": [line._replace(outlet_id=0, order_id=0) for line in decided.lines()],
        "charges": sorted((one._replace(outlet_id=0) for one in decided.charges()), key=str),
        "slips": sorted(PaySlip.objects.filter(orders__gt=0).values_list(*paid)),
        "pay": sorted(PayLine.objects.values_list("order__number", "why", "is_early", "is_installation", "is_delighted")),
        "indicators": {name: (one.numerator, one.denominator) for name, one in shares.items()},
    }


def test_half_by_actions_and_half_by_files_is_the_month_that_files_alone_give(tmp_path: Path) -> None:
    with clock.frozen(MONDAY - timedelta(days=60)):
        the_root()
    found: list[dict[str, Any]] = []
    files: list[Rows] = []
    for mixed in (True, False):
        try:
            with transaction.atomic():
                if mixed:
                    tickets = walked_tickets()
                    with clock.frozen(SETTLED):
                        bring_in(brought(tickets), tmp_path)
                        files.append(told_as_files())
                else:
                    with clock.frozen(SETTLED):
                        bring_in(files[0], tmp_path)
                with clock.frozen(SETTLED):
                    found.append(month_end())
                raise NothingIsKept
        except NothingIsKept:
            policies.forget()
    lived, alone = found
    for name, rows in lived.items():
        assert alone[name] == rows, name
    verdicts = {line.number: (line.decision, line.gate) for line in lived["lines"]}
    assert set(verdicts.values()) >= {("payable", ""), ("rejected", "callback"), ("rejected", "repeat"), ("held", "return")}
    assert any(line.charged_outlet for line in lived["lines"]), "a file's repair repeats a lived one of another outlet"
    assert {one.kind for one in lived["charges"]} == {"incentive", "charge_back"}
    assert any(slip[5] for slip in lived["slips"]), "a moved customer"


def test_lived_orders_that_come_again_as_files_change_nothing(tmp_path: Path) -> None:
    with clock.frozen(MONDAY - timedelta(days=60)):
        the_root()
    tickets = walked_tickets()
    with clock.frozen(SETTLED):
        bring_in(brought(tickets), tmp_path)
        rows = told_as_files()
        before = {one.pk: one.changed_at for one in WorkOrder.objects.all()}
        bring_in({kind: rows[kind] if kind in ("orders", "complaints") else [] for kind in KINDS}, tmp_path)
    assert {one.pk: one.changed_at for one in WorkOrder.objects.all()} == before
    assert len(rows["orders"]) == WorkOrder.objects.count()
