"""Rows of orders.csv (interfaces, Exchange files): what comes in, what is refused by line and column, and again."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from jieli.cases.models import Case, Promise
from jieli.customers.models import Customer, Device
from jieli.events.anchors import breaks
from jieli.events.models import Event
from jieli.orders.models import WorkOrder
from jieli.orders.tests.factories import (
    a_customer_of_code,
    an_engineer,
    an_open_order,
    an_order,
    an_outlet,
    imported,
)
from jieli.people.tests.factories import MONDAY, a_person

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def types_of(case: Case) -> list[str]:
    return list(Event.objects.of_case(case.pk).values_list("type", flat=True))


def test_a_finished_order_is_a_closed_case_with_an_event_per_known_time(tmp_path: Path) -> None:
    outlet = an_outlet(leader=a_person(name="店长"))
    engineer = an_engineer(outlet)
    customer = a_customer_of_code()
    report = imported(tmp_path, "orders", [an_order()])
    assert (report.rows, report.imported, report.rejected, report.cases, report.bad) == (1, 1, 0, 1, [])
    order = WorkOrder.objects.select_related("case", "device").get(number="R1")
    assert (order.outlet_id, order.engineer_id, order.source) == (outlet.unit_id, engineer.pk, "orders")
    assert (order.distance_km, order.in_warranty, order.high_floor, order.night) == (Decimal("12.5"), True, True, False)
    assert (order.lab_finding, order.lab_at) == ("confirmed", at("2026-09-06T09:00:00+08:00"))
    assert order.device is not None
    assert (order.device.serial, order.device.genuine, order.device.customer_id) == ("SN-1", None, customer.pk)
    case = order.case
    assert (case.status, case.stage, case.channel, case.source, case.source_key) == (
        "closed", "settlement", "import", "orders", "R1",
    )  # fmt: skip
    assert (case.owner_id, case.unit_id, case.is_on_duty) == (outlet.unit.leader_id, outlet.unit_id, False)
    assert (case.opened_at, case.closed_at) == (order.opened_at, order.finished_at)
    assert types_of(case) == [
        "cases.imported",
        "orders.dispatched",
        "orders.arrived",
        "orders.finished",
        "orders.reported",
        "orders.called_back",
        "orders.part_returned",
        "orders.lab_found",
    ]
    finished = Event.objects.get(type="orders.finished")
    assert (finished.at, finished.data) == (order.finished_at, {"number": "R1", "fixed_first": True})
    assert list(breaks()) == []


def test_an_open_order_belongs_to_the_leader_with_a_next_time(tmp_path: Path) -> None:
    an_outlet(leader=a_person(name="店长"))
    imported(tmp_path, "orders", [an_open_order()])
    case = Case.objects.get()
    promise = Promise.objects.get(case=case)
    assert (case.status, case.stage, promise.kind, promise.by_import) == ("open", "intake", "next_reply", True)
    assert case.next_due_at == promise.due_at > MONDAY
    assert types_of(case) == ["cases.imported", "orders.dispatched", "cases.promise_made"]


def test_without_a_leader_the_duty_officer_answers(tmp_path: Path) -> None:
    outlet = an_outlet()
    imported(tmp_path, "orders", [an_open_order()])
    case = Case.objects.select_related("owner_event").get()
    assert (case.is_on_duty, case.unit_id) == (True, outlet.unit_id)
    assert case.owner_event.data["why"]


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    an_outlet()
    rows = [an_order(), an_open_order("R2", device="", engineer="", customer="")]
    imported(tmp_path, "orders", rows)
    before = list(WorkOrder.objects.order_by("pk").values()), Event.objects.count()
    report = imported(tmp_path, "orders", rows)
    assert (report.imported, report.unchanged, report.rejected) == (0, 2, 0)
    assert list(WorkOrder.objects.order_by("pk").values()) == before[0]
    assert Event.objects.count() == before[1]


def test_what_became_known_since_is_added_and_the_finished_case_closed(tmp_path: Path) -> None:
    an_outlet()
    an_engineer(an_outlet("Q"))
    imported(tmp_path, "orders", [an_open_order()])
    report = imported(tmp_path, "orders", [an_order()])
    assert (report.imported, report.unchanged) == (1, 0)
    order = WorkOrder.objects.select_related("case").get()
    assert (order.case.status, order.case.stage, order.case.closed_at) == ("closed", "settlement", order.finished_at)
    assert order.changed_at is None
    assert not Promise.objects.unended().exists()
    assert types_of(order.case)[-8:-1] == [
        "orders.arrived",
        "orders.finished",
        "orders.reported",
        "orders.called_back",
        "orders.part_returned",
        "orders.lab_found",
        "orders.order_changed",
    ]
    assert list(breaks()) == []


def test_another_fact_than_before_is_an_event_with_old_and_new(tmp_path: Path) -> None:
    an_outlet()
    imported(tmp_path, "orders", [an_order()])
    imported(tmp_path, "orders", [an_order(arrived_at="2026-09-01T14:30:00+08:00", callback_result="dissatisfied")])
    order = WorkOrder.objects.get()
    assert (order.arrived_at, order.callback_result) == (at("2026-09-01T14:30:00+08:00"), "dissatisfied")
    assert order.changed_at == MONDAY
    event = Event.objects.get(type="orders.order_changed")
    assert event.data["changes"] == {
        "arrived_at": ["2026-09-01T07:00:00+00:00", "2026-09-01T06:30:00+00:00"],
        "callback_result": ["satisfied", "dissatisfied"],
    }


def test_an_empty_cell_leaves_what_is_known(tmp_path: Path) -> None:
    an_outlet()
    imported(tmp_path, "orders", [an_order()])
    report = imported(tmp_path, "orders", [an_open_order()])
    assert (report.imported, report.unchanged) == (0, 1)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"outlet": "nowhere"}, "outlet"),
        ({"outlet": ""}, "outlet"),
        ({"number": ""}, "number"),
        ({"number": "9" * 41}, "number"),
        ({"finished_at": "2026-08-31T16:00:00+08:00"}, "finished_at"),
        ({"part_returned_at": ""}, "lab_finding"),
        ({"lab_at": ""}, "lab_at"),
        ({"lab_finding": ""}, "lab_finding"),
        ({"lab_finding": "broken"}, "lab_finding"),
        ({"callback_at": ""}, "callback_at"),
        ({"callback_result": ""}, "callback_result"),
        ({"callback_result": "happy"}, "callback_result"),
        ({"distance_km": "1,234.5"}, "distance_km"),
        ({"distance_km": "-1"}, "distance_km"),
        ({"distance_km": "1e3"}, "distance_km"),
        ({"opened_at": "2026-09-01T09:00:00"}, "opened_at"),
        ({"opened_at": "1.9.2026"}, "opened_at"),
        ({"opened_at": ""}, "opened_at"),
        ({"in_warranty": "yes"}, "in_warranty"),
        ({"delight": "1"}, "delight"),
        ({"service_type": "magic"}, "service_type"),
        ({"product_line": "x" * 61}, "product_line"),
    ],
)
def test_a_bad_cell_is_refused_by_line_and_column_and_the_others_are_kept(
    tmp_path: Path, cells: dict[str, str], column: str
) -> None:
    an_outlet()
    report = imported(tmp_path, "orders", [an_order("R0"), an_order(**{"number": "R1", **cells}), an_order("R2")])
    assert (report.rows, report.imported, report.rejected) == (3, 2, 1)
    assert [(bad["line"], bad["column"]) for bad in report.bad] == [(3, column)]
    assert list(WorkOrder.objects.order_by("number").values_list("number", flat=True)) == ["R0", "R2"]


def test_reasons_are_said_in_the_language_of_who_imports(tmp_path: Path) -> None:
    an_outlet()
    row = an_order(finished_at="2026-08-31T16:00:00+08:00", callback_at="", callback_result="")
    with translation.override("zh-hans"):
        report = imported(tmp_path, "orders", [row])
    assert [bad["reason"] for bad in report.bad] == ["工单的完工时间早于受理时间。"]


def test_of_two_rows_with_one_number_only_the_first_counts(tmp_path: Path) -> None:
    an_outlet()
    report = imported(tmp_path, "orders", [an_order(part="A"), an_order(part="B"), an_order(" R1 ", part="C")])
    assert (report.imported, report.rejected) == (1, 2)
    assert [(bad["line"], bad["column"]) for bad in report.bad] == [(3, "number"), (4, "number")]
    assert WorkOrder.objects.get().part == "A"


def test_unknown_columns_are_kept_and_named(tmp_path: Path) -> None:
    an_outlet()
    report = imported(tmp_path, "orders", [an_order(weather="雨", mood="")])
    assert report.columns_unknown == ["weather", "mood"]
    assert WorkOrder.objects.get().attributes == {"weather": "雨"}


def test_odd_orders_of_times_are_kept_with_a_warning(tmp_path: Path) -> None:
    an_outlet()
    rows = [an_order(f"R{n}", arrived_at="2026-09-01T17:00:00+08:00") for n in range(3)]
    with translation.override("en"):
        report = imported(tmp_path, "orders", rows)
    assert (report.imported, report.rejected) == (3, 0)
    assert "finished_at: finished before the arrival; kept as it is. 3 rows, lines 2-4" in report.notes


def test_who_and_what_is_unknown_is_made_or_left_empty_with_a_note(tmp_path: Path) -> None:
    an_outlet()
    with translation.override("en"):
        report = imported(tmp_path, "orders", [an_order(), an_order("R2", customer="", device="")])
    assert [note.split(":")[0] for note in report.notes] == ["customer", "device", "engineer"]
    assert Customer.objects.get(code="K1").name == "K1"
    assert Device.objects.get().genuine is None
    nobody = WorkOrder.objects.select_related("case__customer").get(number="R2").case.customer
    assert nobody.code == "outlet:P"
    assert not WorkOrder.objects.filter(engineer__isnull=False).exists()


def test_a_file_without_its_columns_is_refused_as_a_whole(tmp_path: Path) -> None:
    report = imported(tmp_path, "orders", [{"number": "R1", "outlet": "P"}])
    assert [(bad["line"], bad["column"]) for bad in report.bad] == [(1, "opened_at")]
