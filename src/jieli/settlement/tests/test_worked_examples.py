"""The worked examples of the spec's facts through real runs: orders in, cents out."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from jieli.complaints.models import Complaint
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.models import Unit
from jieli.policies.tests.factories import changed, make_version
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.models import Result
from jieli.settlement.queries.grading import grades
from jieli.settlement.queries.months import month_of
from jieli.settlement.tests.factories import (
    FINANCE,
    a_complaint,
    a_rate_table,
    an_incentive,
    an_order,
    an_outlet,
    an_unfinished,
    at,
    order_row,
)

pytestmark = pytest.mark.django_db

FEES = {"p82": "82.00", "p55": "55.50", "p120": "120.00", "q": "333.33", "s100": "100.00", "s200": "200.00"}
LATE: dict[str, Any] = {"arrived_at": at("2026-03-31 00:00"), "fixed_first": False, "reported_at": at("2026-04-05 00:00")}


@pytest.fixture(autouse=True)
def in_may() -> Iterator[None]:
    with clock.frozen(at("2026-05-20 12:00")):
        yield


def result(outlet: Unit, month: str) -> Result:
    """Decide a month and return what an outlet gets."""
    return Result.objects.get(run=decide_month(month_of(month), actor=FINANCE), outlet=outlet)


def paid(outlet: Unit, *lines: str, day: str = "2026-03-10 10:00", **facts: Any) -> None:
    """Write payable orders of these product lines, each on a device of its own."""
    for line in lines:
        an_order(outlet, day, product_line=line, **facts)


def test_three_outlets_of_a_group_are_paid_to_the_cent_and_a_debt_is_carried() -> None:
    one_place = changed("grade", "least_orders = 10", "least_orders = 1").replace("share = 0.10", "count = 1")
    make_version("grade", one_place)
    a_rate_table(*(f"{line} repair true 0 - {fee}" for line, fee in FEES.items()))
    best, worst, other = an_outlet("P"), an_outlet("Q"), an_outlet("S")
    paid(best, "p82", "p82", "p82", "p55", "p55", "p120")
    an_incentive(best, "2026-03", "30.00")
    an_incentive(best, "2026-03", "-50.00", kind="complaint")
    paid(worst, "q", **LATE)
    a_complaint(worst, "2026-03-12 10:00")
    an_unfinished(worst, begun=at("2026-03-15 10:00"))
    paid(other, "s100", fixed_first=False)
    an_incentive(other, "2026-03", "-180.00", kind="false_charge")
    paid(other, "s200", day="2026-04-10 10:00")

    p = result(best, "2026-03")
    assert (p.grade, p.labour_amount, p.coefficient, p.incentives_amount) == (
        "A",
        Decimal("477.00"),
        Decimal("1.10"),
        Decimal(-20),
    )
    assert (p.payout_amount, p.debt_amount) == (Decimal("504.70"), Decimal(0))
    q = result(worst, "2026-03")
    assert (q.grade, q.labour_amount, q.coefficient, q.payout_amount) == (
        "C",
        Decimal("333.33"),
        Decimal("0.90"),
        Decimal("300.00"),
    )
    s = result(other, "2026-03")
    assert (s.labour_amount, s.coefficient, s.payout_amount, s.debt_amount) == (
        Decimal(100),
        Decimal(1),
        Decimal(0),
        Decimal(80),
    )
    carried = result(other, "2026-04")
    assert (carried.labour_amount, carried.incentives_amount) == (Decimal(200), Decimal(-80))
    assert carried.coefficient * 200 - 80 == carried.payout_amount


def test_a_debt_is_taken_off_the_next_month_to_the_cent() -> None:
    a_rate_table(*(f"{line} repair true 0 - {fee}" for line, fee in FEES.items()))
    outlet = an_outlet("S")
    paid(outlet, "s100")
    an_incentive(outlet, "2026-03", "-180.00", kind="false_charge")
    paid(outlet, "s200", day="2026-04-10 10:00")
    first, second = result(outlet, "2026-03"), result(outlet, "2026-04")
    assert (first.coefficient, first.payout_amount, first.debt_amount) == (Decimal("1.00"), Decimal("0.00"), Decimal("80.00"))
    assert (second.labour_amount, second.coefficient) == (Decimal("200.00"), Decimal("1.00"))
    assert (second.incentives_amount, second.payout_amount) == (Decimal("-80.00"), Decimal("120.00"))


def test_the_worked_grade_from_four_hundred_orders() -> None:
    outlet = an_outlet("G")
    rows = [_order(outlet, place) for place in range(400)]
    rows += [order_row(outlet, None, begun=at("2026-03-20 10:00")) for _ in range(4)]
    WorkOrder.objects.bulk_create(rows)
    Complaint.objects.create(number="K", outlet=outlet, opened_at=at("2026-03-20 10:00"))
    (found,) = grades(month_of("2026-03")).outlets
    shares = {name: (share.numerator, share.denominator) for name, share in found.facts.items()}
    assert shares == {
        "satisfaction": (388, 400),
        "on_time": (380, 400),
        "fixed_first": (368, 400),
        "information": (396, 400),
        "backlog": (4, 400),
        "complaints": (1, 400),
        "parts_misjudged": (1, 50),
    }
    assert (found.score, found.grade) == (Decimal("81.00"), "B")
    decided = result(outlet, "2026-03")
    assert (decided.score, decided.grade, decided.coefficient) == (Decimal("81.00"), "B", Decimal("1.00"))
    assert {name: tuple(pair) for name, pair in decided.facts.items()} == shares


def _order(outlet: Unit, place: int) -> WorkOrder:
    """Return one of 400 finished orders, so that the shares are those of the example."""
    facts: dict[str, Any] = {"delight": place < 4, "fixed_first": place >= 32}
    if place < 12:
        facts["callback_result"] = "dissatisfied"
    if place < 20:
        facts["arrived_at"] = at("2026-03-11 10:00")
    if place < 4:
        facts |= {"reported_at": at("2026-03-30 10:00"), "dispatched_at": None}
    if place < 50:
        facts |= {"part": "pump", "part_returned_at": at("2026-03-12 10:00"), "lab_at": at("2026-03-13 10:00")}
        facts["lab_finding"] = "confirmed" if place else "no_fault"
    return order_row(outlet, at("2026-03-10 10:00"), **facts)
