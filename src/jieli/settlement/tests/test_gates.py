"""Which orders are payable, held or rejected, and by which gate (spec 6, Settlement and its exact readings)."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from jieli.lib import clock
from jieli.people.models import Unit
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.models import Line, Result
from jieli.settlement.queries.months import month_of
from jieli.settlement.tests.factories import FINANCE, a_device, a_rate_table, an_order, an_outlet, at

pytestmark = pytest.mark.django_db

FINISHED = "2026-03-20 12:00"
CUT_OFF = at("2026-04-08 00:00")


@pytest.fixture(autouse=True)
def after_the_cut_off() -> Iterator[None]:
    with clock.frozen(at("2026-04-08 09:00")):
        yield


@pytest.fixture
def outlet() -> Unit:
    a_rate_table()
    return an_outlet("A")


def settle(month: str = "2026-03") -> None:
    decide_month(month_of(month), actor=FINANCE)


def decided(order: Any) -> tuple[str, str]:
    line = Line.objects.filter(order=order).latest("run__month")
    return line.decision, line.gate


def judged(outlet: Unit, finished: Any = FINISHED, **facts: Any) -> tuple[str, str]:
    order = an_order(outlet, finished, **facts)
    settle()
    return decided(order)


WITH_PART: dict[str, Any] = {
    "part": "pump",
    "part_returned_at": at("2026-03-25 12:00"),
    "lab_finding": "confirmed",
    "lab_at": at("2026-03-28 12:00"),
}


def without(**facts: Any) -> dict[str, Any]:
    return WITH_PART | facts


NOT_BACK = without(part_returned_at=None, lab_finding="", lab_at=None)
NOT_FOUND = without(lab_finding="", lab_at=None)
NO_CALL = {"callback_result": "", "callback_at": None}
JUST, LATE = CUT_OFF, CUT_OFF + timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ("payable", "")),
        ({"steps_complete": False}, ("rejected", "steps")),
        ({"steps_complete": None}, ("held", "steps")),
        ({"callback_result": "dissatisfied"}, ("rejected", "callback")),
        ({"callback_result": "dissatisfied", "callback_excused": True}, ("payable", "")),
        ({"callback_result": "unreached"}, ("payable", "")),
        (NO_CALL, ("held", "callback")),
        ({"callback_at": JUST}, ("payable", "")),
        ({"callback_at": LATE}, ("held", "callback")),
        ({"callback_result": "dissatisfied", "callback_at": LATE}, ("held", "callback")),
        ({"genuine": False}, ("rejected", "genuine")),
        ({"genuine": None}, ("held", "genuine")),
        (WITH_PART, ("payable", "")),
        (NOT_BACK, ("held", "return")),
        (without(part_returned_at=JUST), ("payable", "")),
        (without(part_returned_at=LATE), ("held", "return")),
        (NOT_BACK | {"in_warranty": False}, ("held", "rate")),
        (NOT_FOUND, ("held", "lab")),
        (without(lab_finding="no_fault"), ("rejected", "lab")),
        (without(lab_finding="wrong_part"), ("rejected", "lab")),
        (without(lab_finding="misuse"), ("rejected", "lab")),
        (without(lab_at=JUST), ("payable", "")),
        (without(lab_finding="no_fault", lab_at=LATE), ("held", "lab")),
        (without(lab_finding="no_fault", in_warranty=None), ("held", "rate")),
        (without(lab_finding="no_fault", part=""), ("payable", "")),
        ({"in_warranty": None}, ("held", "rate")),
        ({"distance_km": None}, ("held", "rate")),
        ({"product_line": "oven"}, ("held", "rate")),
        ({"product_line": "oven", "steps_complete": None}, ("held", "steps")),
        (NO_CALL | without(lab_finding="no_fault"), ("rejected", "lab")),
        ({"steps_complete": None, "genuine": False}, ("rejected", "genuine")),
        ({"steps_complete": False, "callback_result": "dissatisfied"}, ("rejected", "steps")),
        (NO_CALL | {"genuine": None}, ("held", "callback")),
        ({"fault_group": ""}, ("payable", "")),
    ],
)
def test_the_first_gate_that_fails_names_the_line_and_a_waiting_one_never_hides_it(
    outlet: Unit, facts: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert judged(outlet, **facts) == expected


def test_without_a_device_the_product_is_not_known_to_be_genuine_and_repeats_nothing(outlet: Unit) -> None:
    orders = [an_order(outlet, FINISHED), an_order(outlet, FINISHED)]
    for order in orders:
        order.device = None
        order.save()
    settle()
    assert [decided(order) for order in orders] == [("held", "genuine")] * 2


@pytest.mark.parametrize(("days", "expected"), [(20, "held"), (90, "held"), (90 + 1 / 86400, "rejected"), (91, "rejected")])
def test_a_part_is_waited_for_until_ninety_times_24_hours_before_the_cut_off(outlet: Unit, days: float, expected: str) -> None:
    assert judged(outlet, CUT_OFF - timedelta(days=days), **NOT_BACK) == (expected, "return")


@pytest.mark.parametrize(
    ("finished", "looked_at"),
    [("2026-03-31 23:59:59.999999", True), ("2026-04-01 00:00", False), ("2026-03-01 00:00", True), ("2025-01-01 00:00", True)],
)
def test_a_run_looks_at_what_was_finished_up_to_the_local_end_of_the_month(
    outlet: Unit, finished: str, looked_at: bool
) -> None:
    order = an_order(outlet, finished)
    settle()
    assert Line.objects.filter(order=order).exists() is looked_at


def test_a_held_order_is_looked_at_again_and_paid_once_in_the_month_that_finds_it_payable(outlet: Unit) -> None:
    order = an_order(outlet, FINISHED, callback_at=LATE)
    settle("2026-03")
    for day in ("2026-05-08 09:00", "2026-06-08 09:00"):
        with clock.frozen(at(day)):
            settle(f"2026-{int(day[5:7]) - 1:02d}")
    assert list(Line.objects.filter(order=order).order_by("run__month").values_list("decision", flat=True)) == [
        "held",
        "payable",
    ]
    assert list(Result.objects.order_by("run__month").values_list("labour_amount", flat=True)) == [
        Decimal("0.00"),
        Decimal("82.00"),
        Decimal("0.00"),
    ]


# --- repeats


def test_the_worked_chain_of_repeats(outlet: Unit) -> None:
    other, device = an_outlet("B"), a_device()
    o1 = an_order(outlet, "2026-03-01 12:00", device=device)
    o2 = an_order(outlet, "2026-03-20 12:00", device=device)
    o3 = an_order(other, "2026-06-05 12:00", device=device)
    o4 = an_order(outlet, "2026-06-10 12:00", device=device)
    with clock.frozen(at("2026-07-09 09:00")):
        settle("2026-06")
    assert [decided(order) for order in (o1, o2, o3, o4)] == [
        ("payable", ""),
        ("rejected", "repeat"),
        ("payable", ""),
        ("payable", ""),
    ]
    results = {row.outlet.code: row for row in Result.objects.select_related("outlet")}
    assert (results["A"].labour_amount, results["A"].incentives_amount) == (Decimal("164.00"), Decimal("0.00"))
    assert (results["B"].labour_amount, results["B"].incentives_amount) == (Decimal("82.00"), Decimal("-82.00"))


def test_the_worked_chain_of_repeats_month_by_month_is_the_same(outlet: Unit) -> None:
    other, device = an_outlet("B"), a_device()
    orders = [
        an_order(outlet, "2026-03-01 12:00", device=device),
        an_order(outlet, "2026-03-20 12:00", device=device),
        an_order(other, "2026-06-05 12:00", device=device),
        an_order(outlet, "2026-06-10 12:00", device=device),
    ]
    for month in (3, 4, 5, 6):
        with clock.frozen(at(f"2026-{month + 1:02d}-08 09:00")):
            settle(f"2026-{month:02d}")
    assert [decided(order)[0] for order in orders] == ["payable", "rejected", "payable", "payable"]
    line = Line.objects.get(order=orders[3], decision="payable")
    assert (line.earlier_id, line.charged_outlet_id) == (orders[2].pk, other.pk)


@pytest.mark.parametrize(("later", "expected"), [(timedelta(0), "rejected"), (timedelta(microseconds=1), "payable")])
def test_ninety_days_are_ninety_times_24_hours_inclusive(outlet: Unit, later: timedelta, expected: str) -> None:
    device, first = a_device(), at("2025-12-10 12:00")
    an_order(outlet, first, device=device)
    repeat = an_order(outlet, first + timedelta(days=90) + later, device=device)
    settle()
    assert decided(repeat)[0] == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"fault_group": "door"}, "payable"),
        ({"service_type": "maintenance"}, "payable"),
        ({"callback_result": "", "callback_at": None}, "rejected"),
        ({"product_line": "oven"}, "rejected"),
    ],
)
def test_only_repairs_of_the_same_fault_group_repeat_also_those_that_wait(
    outlet: Unit, facts: dict[str, Any], expected: str
) -> None:
    a_rate_table("washer repair true 0 - 82.00", "washer maintenance true 0 - 30.00", table="t2", valid_from="2021-01-01")
    device = a_device()
    an_order(outlet, "2026-03-02 12:00", device=device)
    repeat = an_order(outlet, "2026-03-09 12:00", device=device, **facts)
    settle()
    assert decided(repeat)[0] == expected


@pytest.mark.parametrize(
    "facts", [{"callback_result": "", "callback_at": None}, {"callback_result": "dissatisfied"}, {"product_line": "oven"}]
)
def test_an_earlier_repair_that_is_not_payable_does_not_count(outlet: Unit, facts: dict[str, Any]) -> None:
    device = a_device()
    an_order(outlet, "2026-03-02 12:00", device=device, **facts)
    repeat = an_order(outlet, "2026-03-09 12:00", device=device)
    settle()
    assert decided(repeat) == ("payable", "")


def test_a_pair_is_not_compared_again_when_the_earlier_one_becomes_payable_later(outlet: Unit) -> None:
    device = a_device()
    first = an_order(outlet, "2026-03-02 12:00", device=device, callback_at=LATE)
    repeat = an_order(outlet, "2026-03-09 12:00", device=device)
    settle("2026-03")
    with clock.frozen(at("2026-05-08 09:00")):
        settle("2026-04")
    assert [decided(order) for order in (first, repeat)] == [("payable", "")] * 2


def test_of_two_finished_at_once_the_number_says_which_was_first(outlet: Unit) -> None:
    device = a_device()
    later = an_order(outlet, FINISHED, device=device, number="B2")
    first = an_order(outlet, FINISHED, device=device, number="B10")
    settle()
    assert (decided(first)[0], decided(later)[0]) == ("payable", "rejected")


def test_a_repeat_rejected_by_an_earlier_gate_is_named_by_that_gate_and_charged_to_nobody(outlet: Unit) -> None:
    other, device = an_outlet("B"), a_device()
    an_order(other, "2026-03-02 12:00", device=device)
    repeat = an_order(outlet, "2026-03-09 12:00", device=device, steps_complete=False)
    settle()
    assert decided(repeat) == ("rejected", "steps")
    assert Result.objects.get(outlet=other).incentives_amount == 0


def test_the_charge_back_is_the_whole_fee_with_surcharges_at_face_value(outlet: Unit) -> None:
    other, device = an_outlet("B"), a_device()
    an_order(other, "2026-03-02 12:00", device=device)
    an_order(outlet, "2026-03-09 12:00", device=device, night=True, holiday=True, high_floor=True)
    settle()
    assert Result.objects.get(outlet=outlet).labour_amount == Decimal("142.00")
    assert Result.objects.get(outlet=other).incentives_amount == Decimal("-142.00")
    assert Result.objects.get(outlet=other).payout_amount == 0
    assert Result.objects.get(outlet=other).debt_amount == Decimal("60.00")


# --- rates


@pytest.mark.parametrize(
    ("finished", "km", "fee"),
    [
        ("2026-03-14 23:59:59", "9.999", "80.00"),
        ("2026-03-15 00:00", "9.999", "81.00"),
        ("2026-03-15 00:00", "10", "91.00"),
        ("2026-03-15 00:00", "10000", "91.00"),
        ("2026-03-31 23:59", "0", "81.00"),
    ],
)
def test_the_newest_whole_table_valid_on_the_local_finishing_date_alone(finished: str, km: str, fee: str) -> None:
    a_rate_table("washer repair true 0 10 80.00", "washer repair true 10 20 90.00", table="old", valid_from="2026-01-01")
    a_rate_table("washer repair true 0 10 81.00", "washer repair true 10 - 91.00", table="new", valid_from="2026-03-15")
    order = an_order(an_outlet("A"), finished, distance_km=Decimal(km))
    settle()
    assert Line.objects.get(order=order).fee_amount == Decimal(fee)


def test_a_new_table_that_has_no_rate_is_not_filled_from_an_older_one() -> None:
    a_rate_table("washer repair true 0 - 80.00", table="old", valid_from="2026-01-01")
    a_rate_table("oven repair true 0 - 80.00", table="new", valid_from="2026-03-15")
    assert judged(an_outlet("A")) == ("held", "rate")


def test_before_the_first_table_and_without_any_there_is_no_rate() -> None:
    assert judged(an_outlet("A")) == ("held", "rate")


def test_a_later_version_of_a_label_takes_its_place() -> None:
    a_rate_table("washer repair true 0 - 80.00", table="one")
    a_rate_table("washer repair true 0 - 80.00", "oven repair true 0 - 70.00", table="one")
    order = an_order(an_outlet("A"), FINISHED, product_line="oven")
    settle()
    line = Line.objects.get(order=order)
    assert (line.fee_amount, line.rate) == (Decimal("70.00"), "one")
