"""What a corrected finding of the lab does to the month end: the month that is open follows it, a decided one stays."""

from decimal import Decimal

import pytest

from jieli.customers.models import Device
from jieli.customers.tests.factories import a_customer
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.network.models import Outlet
from jieli.orders.actions.living import learn
from jieli.orders.models import WorkOrder
from jieli.parts.actions.machines import Asked, ask_for_machine, decide_machine
from jieli.parts.actions.returning import correct_finding, receive_old_part, record_finding
from jieli.parts.actions.using import use_part
from jieli.parts.models import UsedPart
from jieli.parts.tests import factories as parts
from jieli.people.tests.factories import a_person, acting
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.models import Line, Run
from jieli.settlement.queries.decided import decided_month
from jieli.settlement.queries.months import month_of
from jieli.settlement.tests.factories import FINANCE, a_rate_table, at

pytestmark = pytest.mark.django_db
MARCH, APRIL = "2026-03", "2026-04"


def lines_of(order: WorkOrder) -> list[tuple[str, str, str]]:
    found = Line.objects.filter(order=order).order_by("run__month")
    return [(f"{line.run.month:%Y-%m}", line.decision, line.gate) for line in found.select_related("run")]


def a_repair() -> WorkOrder:
    """Return an order of an engineer in warranty, on a genuine machine of its own, arrived at on 10 March."""
    a_rate_table()
    outlet = parts.an_outlet()
    Outlet.objects.create(unit=outlet, tier="outlet", region="north")
    engineer = parts.an_engineer(outlet)
    device = Device.objects.create(serial="SN-1", product_line="washer", genuine=True, customer=a_customer())
    facts = {"product_line": "washer", "service_type": "repair", "fault_group": "drain", "distance_km": Decimal(5)}
    return parts.an_order(engineer, device=device, **facts)


def finished(order: WorkOrder) -> None:
    learn(order.pk, actor=SYSTEM, arrived_at=at("2026-03-10 10:00"), finished_at=at("2026-03-10 11:00"), steps_complete=True)
    learn(order.pk, actor=SYSTEM, callback_at=at("2026-03-10 12:00"), callback_result="satisfied")


@pytest.fixture
def misjudged() -> UsedPart:
    """A part that came back in March and about which the lab said that nothing was wrong with it."""
    with clock.frozen(at("2026-03-10 09:00")):
        order = a_repair()
        engineer = order.engineer
        parts.a_part("PUMP")
        parts.a_van(engineer, PUMP=1)
        used = use_part(order.pk, part_code="PUMP", actor=acting(engineer))
    with clock.frozen(at("2026-03-20 09:00")):
        finished(order)
        receive_old_part(used.pk, actor=SYSTEM)
        return record_finding(used.pk, "no_fault", actor=SYSTEM)


def correct(used: UsedPart, moment: str) -> None:
    with clock.frozen(at(moment)):
        correct_finding(used.pk, "confirmed", reason="复检", actor=acting(a_person(roles=("quality",))))


def settle(month: str, moment: str) -> Run:
    with clock.frozen(at(moment)):
        return decide_month(month_of(month), actor=FINANCE)


def test_uncorrected_the_finding_rejects_the_line(misjudged: UsedPart) -> None:
    settle(MARCH, "2026-04-08 09:00")
    assert lines_of(misjudged.order) == [("2026-03", "rejected", "lab")]


def test_corrected_by_the_cut_off_the_line_is_payable(misjudged: UsedPart) -> None:
    correct(misjudged, "2026-04-07 23:00")
    settle(MARCH, "2026-04-08 09:00")
    assert lines_of(misjudged.order) == [("2026-03", "payable", "")]


def test_corrected_after_the_cut_off_the_line_waits_for_the_next_month(misjudged: UsedPart) -> None:
    correct(misjudged, "2026-04-08 08:00")
    settle(MARCH, "2026-04-08 09:00")
    settle(APRIL, "2026-05-08 09:00")
    assert lines_of(misjudged.order) == [("2026-03", "held", "lab"), ("2026-04", "payable", "")]


def test_corrected_after_the_decision_the_line_stays_and_is_reported(misjudged: UsedPart) -> None:
    run = settle(MARCH, "2026-04-08 09:00")
    correct(misjudged, "2026-04-09 09:00")
    settle(APRIL, "2026-05-08 09:00")
    assert lines_of(misjudged.order) == [("2026-03", "rejected", "lab")]
    with clock.frozen(at("2026-05-08 10:00")):
        assert decided_month(run).changed_after_decision() == [misjudged.order.number]


@pytest.mark.parametrize(("finding", "line"), [("confirmed", ("payable", "")), ("misuse", ("rejected", "lab"))])
def test_a_whole_machine_passes_the_gates_of_an_old_part(finding: str, line: tuple[str, str]) -> None:
    with clock.frozen(at("2026-03-10 09:00")):
        order = a_repair()
        parts.a_machine("WM", line="washer")
        asked = Asked("return", old_machine="WM", old_serial="SN-1", reason="三修不好")
        made = ask_for_machine(order.pk, asked, actor=acting(order.engineer))
        decide_machine(made.pk, approved=True, actor=acting(a_person(roles=("supervisor",))))
    with clock.frozen(at("2026-03-20 09:00")):
        finished(order)
        used = receive_old_part("SN-1", actor=SYSTEM)
        record_finding(used.pk, finding, actor=SYSTEM)
    settle(MARCH, "2026-04-08 09:00")
    assert lines_of(order) == [("2026-03", *line)]


def test_a_whole_machine_that_is_not_back_holds_the_line() -> None:
    with clock.frozen(at("2026-03-10 09:00")):
        order = a_repair()
        parts.a_machine("WM", line="washer")
        asked = Asked("return", old_machine="WM", old_serial="SN-1", reason="三修不好")
        made = ask_for_machine(order.pk, asked, actor=acting(order.engineer))
        decide_machine(made.pk, approved=True, actor=acting(a_person(roles=("supervisor",))))
    with clock.frozen(at("2026-03-20 09:00")):
        finished(order)
    settle(MARCH, "2026-04-08 09:00")
    assert lines_of(order) == [("2026-03", "held", "return")]
