"""A visit on a public holiday: lived or imported, the same order has the same line."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jieli.customers.actions import change_device
from jieli.customers.models import Customer
from jieli.customers.tests.factories import a_customer, a_device
from jieli.dispatch.tests import factories as dispatch
from jieli.dispatch.tests.factories import a_ready_case
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.lib import clock
from jieli.orders.actions.living import learn
from jieli.orders.models import WorkOrder
from jieli.orders.tests.factories import imported
from jieli.people.queries import is_public_holiday
from jieli.policies.tests.factories import default_source, make_version
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.models import Line
from jieli.settlement.queries.months import month_of
from jieli.settlement.queries.pages import Source
from jieli.settlement.queries.statement import all_lines
from jieli.settlement.tests.factories import FINANCE, a_rate_table, at
from jieli.visits.tests.factories import take, whole_visit

pytestmark = pytest.mark.django_db
EVE, NATIONAL_DAY, AFTER = at("2026-09-30 10:00"), at("2026-10-01 10:00"), at("2026-10-08 10:00")


def a_lived_order(day: datetime, *, arrives: datetime | None = None) -> WorkOrder:
    """Return an order dispatched for a window at ten on a day, and finished by the standard."""
    with clock.frozen(EVE):
        outlet = dispatch.an_outlet()
        engineer = dispatch.an_engineer(outlet)
        customer = a_customer()
        device = a_device(customer, line="washing_machine")
        change_device(device.pk, values={"warranty_until": (day + timedelta(days=99)).date()}, actor=SYSTEM)
        case = a_ready_case(customer=customer, device=device, service_type="repair")
        dispatch.sent(case, outlet, engineer, (day, day + timedelta(hours=2)))
    order = WorkOrder.objects.get(case=case)
    start = (arrives or day) - timedelta(minutes=6)
    with clock.frozen(start + timedelta(hours=2)):
        results = take(engineer.staff, *whole_visit(order, engineer.staff, start=start))
        assert {one.state for one in results} == {"done"}, results
        learn(order.pk, callback_result="satisfied", callback_at=clock.now(), actor=SYSTEM)
    order.refresh_from_db()
    return order


def the_same_imported(order: WorkOrder, folder: Path, **cells: str) -> WorkOrder:
    """Bring in an order with the facts of a lived one, of another customer and device."""
    with clock.frozen(at("2026-10-20 10:00")):
        other = a_customer()
        Customer.objects.filter(pk=other.pk).update(code="K-IMPORT")
        device = a_device(other, line="washing_machine")
        change_device(device.pk, values={"genuine": True}, actor=SYSTEM)
        times = ("opened_at", "dispatched_at", "promised_until", "arrived_at", "finished_at", "reported_at", "callback_at")
        row = {name: getattr(order, name).isoformat() for name in times}
        row |= {name: str(getattr(order, name)).lower() for name in ("in_warranty", "night", "high_floor", "fixed_first")}
        row |= {name: str(getattr(order, name)) for name in ("product_line", "service_type", "fault_group", "distance_km")}
        row |= {"steps_complete": "true", "callback_result": "satisfied", "number": "R-IMPORT", "customer": "K-IMPORT"}
        row |= {"device": device.serial, "outlet": order.outlet.code, **cells}
        report = imported(folder, "orders", [row])
        assert report.bad == []
    return WorkOrder.objects.get(number="R-IMPORT")


def line_of(order: WorkOrder) -> tuple[str, str, Decimal, Decimal, Any]:
    """Return the decided line of an order: decision, gate, basic fee, fee, and where the surcharges are."""
    line = Line.objects.get(order=order)
    return line.decision, line.gate, line.rate_amount, line.fee_amount, (order.night, order.holiday, order.high_floor)


def test_a_visit_on_a_public_holiday_is_paid_as_an_imported_one(tmp_path: Path) -> None:
    with clock.frozen(at("2026-01-01 10:00")):
        a_rate_table("washing_machine repair true 0 - 82.00")
    lived = a_lived_order(NATIONAL_DAY)
    brought = the_same_imported(lived, tmp_path, holiday="true")
    with clock.frozen(at("2026-11-08 09:00")):
        decide_month(month_of("2026-10"), actor=FINANCE)
    expected = ("payable", "", Decimal("82.00"), Decimal("112.00"), (False, True, False))
    assert line_of(lived) == line_of(brought) == expected
    run = Line.objects.get(order=lived).run
    lines = {one.number: one.explanation for one in all_lines(Source(run), lived.outlet_id)}
    words = [lines[lived.number], lines[brought.number]]
    assert words[0] == words[1]
    assert "30.00" in words[0]
    assert "假日" in words[0]
    # It is told when the order is dispatched.
    assert Event.objects.of_case(lived.case_id).get(type="orders.dispatched").data["facts"]["holiday"] is True


def test_who_comes_on_the_holiday_instead_of_before_it_comes_on_a_holiday() -> None:
    order = a_lived_order(EVE + timedelta(hours=2), arrives=NATIONAL_DAY)
    assert order.holiday is True
    changed = Event.objects.of_case(order.case_id).get(type="orders.arrived").data["facts"]
    assert changed == {"holiday": True}


def test_who_comes_after_the_holiday_comes_on_a_working_day() -> None:
    order = a_lived_order(NATIONAL_DAY, arrives=AFTER)
    assert order.holiday is False


@pytest.mark.parametrize(
    ("on", "is_one"),
    [("2026-10-01", True), ("2026-10-04", True), ("2026-10-08", False), ("2026-10-10", False), ("2026-11-22", False)],
)
def test_a_public_holiday_is_what_the_companys_calendar_says(on: str, is_one: bool) -> None:
    assert is_public_holiday(date.fromisoformat(on)) is is_one


def test_a_holiday_of_a_year_not_yet_announced_is_kept_by_hand() -> None:
    source = default_source("calendars")
    entry = "\n[[calendars.office.exceptions]]\non = 2031-10-01\nintervals = []\n"
    make_version("calendars", source + entry)
    assert is_public_holiday(date(2031, 10, 1))
    assert not is_public_holiday(date(2031, 10, 2))
