"""The money of a case's work, on the case's page and on the way page: known or foreseen, to whom, and as the run then says."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieli.cases.actions.progressing import cancel_case
from jieli.cases.models import Case
from jieli.cases.panels import panels_for
from jieli.cases.tests.factories import a_case
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff, Unit
from jieli.people.queries import actor_for
from jieli.people.tests.factories import a_person, the_root
from jieli.settlement.actions.approving import approve_month
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.disputing import DisputedLine, decide_dispute, dispute_line
from jieli.settlement.actions.sealing import seal_statements
from jieli.settlement.models import Statement
from jieli.settlement.queries.months import month_of
from jieli.settlement.queries.of_case import OrderMoney, money_of
from jieli.settlement.tests.factories import (
    FINANCE,
    a_device,
    a_rate_table,
    an_incentive,
    an_order,
    an_outlet,
    an_unfinished,
    at,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_march() -> Iterator[None]:
    with clock.frozen(at("2026-03-20 09:00")):
        a_rate_table()
        yield


def an_ended_case() -> Case:
    """Return a case on which orders of the past can stand: it needs no next time any more."""
    return cancel_case(a_case().pk, reason="…", actor=SYSTEM)


def person(*roles: str, unit: Unit | None = None) -> Staff:
    found = a_person(unit=unit or the_root(), roles=roles)
    found.language = "en"
    found.save(update_fields=["language"])
    return found


def known(who: Staff, *orders: WorkOrder) -> list[OrderMoney]:
    return money_of(actor_for(who), [WorkOrder.objects.select_related("outlet", "engineer").get(pk=one.pk) for one in orders])


def has_panel(who: Staff, case: Case) -> bool:
    return "settlement:of_case" in [panel.route for panel in panels_for(actor_for(who), case)]


def panel(who: Staff, case: Case) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(who)
    client.post("/language/", {"language": "en"})
    answer = client.get(f"/settlement/cases/{case.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_finished_order_shows_its_expected_fee_long_before_the_stage_of_settlement() -> None:
    case, chief = an_ended_case(), person("manager")
    an_order(an_outlet("A"), "2026-03-10 10:00", case=case, number="WO-1")
    assert case.stage != "settlement"
    assert has_panel(chief, case)
    page = panel(chief, case)
    for text in ("March 2026", "expected", "¥82.00", "82.00 = ", "Provisional."):
        assert text in page


def test_what_is_held_says_why_and_what_releases_it_and_is_expected_once_it_is_released() -> None:
    case, chief = an_ended_case(), person("manager")
    order = an_order(an_outlet("A"), "2026-03-10 10:00", case=case, callback_result="", callback_at=None)
    page = panel(chief, case)
    assert "The customer has not been called back yet" in page
    assert "Paid after a satisfied call-back" in page
    assert "¥82.00" not in page
    WorkOrder.objects.filter(pk=order.pk).update(callback_result="satisfied", callback_at=clock.now())
    assert "¥82.00" in panel(chief, case)


def test_nothing_is_foreseen_of_work_that_is_not_finished_but_an_incentive_is_known() -> None:
    case, chief, outlet = an_ended_case(), person("manager"), an_outlet("A")
    order = an_unfinished(outlet, case=case)
    assert not has_panel(chief, case)
    assert known(chief, order) == []
    an_incentive(outlet, "2026-03", "30.00", order=order)
    assert has_panel(chief, case)
    assert "+30.00" in panel(chief, case)


def test_an_outlet_sees_its_own_order_and_nobody_else_any_without_the_role() -> None:
    case, mine, other = an_ended_case(), an_outlet("A"), an_outlet("B")
    first = an_order(mine, "2026-03-10 10:00", case=case, number="WO-A")
    second = an_order(other, "2026-03-11 10:00", case=case, number="WO-B")
    manager, elsewhere = person("outlet_manager", unit=mine), person("outlet_manager", unit=an_outlet("C"))
    assert [one.order.number for one in known(manager, first, second)] == ["WO-A"]
    assert [has_panel(one, case) for one in (manager, elsewhere)] == [True, False]
    assert known(elsewhere, first, second) == []
    for role in ("agent", "engineer", "dispatcher", "quality"):
        assert not has_panel(person(role), case)
        assert known(person(role), first, second) == []
    supervisor = person("supervisor", unit=other)
    assert [one.order.number for one in known(supervisor, first, second)] == ["WO-B"]


def test_a_called_off_order_is_not_spoken_of() -> None:
    case, chief = an_ended_case(), person("manager")
    order = an_unfinished(an_outlet("A"), case=case, cancelled_at=clock.now())
    assert known(chief, order) == []
    assert not has_panel(chief, case)


def test_what_is_foreseen_is_what_the_run_decides_repeats_included() -> None:
    finance, first, second, device = person("finance"), an_outlet("A"), an_outlet("B"), a_device()
    case = an_ended_case()
    orders = [
        an_order(first, "2026-03-01 10:00", device=device, case=case),
        an_order(first, "2026-03-05 10:00", device=device, case=case),
        an_order(second, "2026-03-09 10:00", device=device, case=case),
        an_order(second, "2026-03-10 10:00", part="P", lab_finding="", case=case),
        an_order(second, "2026-03-11 10:00", product_line="unheard", case=case),
    ]
    before = [known(finance, one)[0].foreseen for one in orders]
    assert [(one.words.decision, one.words.gate) for one in before if one] == [
        ("payable", ""),
        ("rejected", "repeat"),
        ("payable", ""),
        ("held", "return"),
        ("held", "rate"),
    ]
    with clock.frozen(at("2026-04-09 09:00")):
        decide_month(month_of("2026-03"), actor=FINANCE)
        after = known(finance, *orders)
    assert [one.words for one in before if one] == [one.decided[0].words for one in after]
    assert [one.foreseen for one in after] == [None] * len(orders), "what the next run would say again is said once"


def test_a_held_order_shows_the_month_that_held_it_and_what_the_next_would_say() -> None:
    chief, case = person("manager"), an_ended_case()
    order = an_order(an_outlet("A"), "2026-03-10 10:00", case=case, callback_result="", callback_at=None)
    with clock.frozen(at("2026-04-09 09:00")):
        decide_month(month_of("2026-03"), actor=FINANCE)
        WorkOrder.objects.filter(pk=order.pk).update(callback_result="satisfied", callback_at=clock.now())
        page = panel(chief, case)
    for text in ("April 2026", "expected", "¥82.00", "March 2026", "held"):
        assert text in page


def test_a_dispute_of_its_line_and_what_was_granted_stand_with_the_order() -> None:
    chief, finance, outlet, case = person("manager"), person("finance"), an_outlet("A"), an_ended_case()
    order = an_order(outlet, "2026-03-10 10:00", case=case, steps_complete=False)
    manager = person("outlet_manager", unit=outlet)
    with clock.frozen(at("2026-04-09 09:00")):
        run = decide_month(month_of("2026-03"), actor=FINANCE)
        for who in (finance, chief):
            approve_month(month_of("2026-03"), actor=actor_for(who))
        seal_statements(run.pk, actor=SYSTEM)
        statement = Statement.objects.get(run=run, outlet=outlet)
        line = DisputedLine(order=order.number)
        dispute = dispute_line(statement.pk, line=line, reason="步骤都做了", actor=actor_for(manager))
        assert "waiting" in panel(chief, case)
        assert [one.pk for one in known(manager, order)[0].disputes] == [dispute.pk]
        decide_dispute(dispute.pk, granted_amount=Decimal("82.00"), reason="补传了照片", actor=actor_for(finance))
        page = panel(chief, case)
    for text in ("granted", "+82.00", "补传了照片", statement.sha256):
        assert text in page


def test_it_costs_the_same_however_many_orders_a_case_has() -> None:
    finance, outlet, case = person("finance"), an_outlet("A"), an_ended_case()
    an_order(outlet, "2026-03-10 10:00", case=case)
    few = cost(finance, case)
    for number in range(12):
        an_order(outlet, f"2026-03-11 {number + 8:02}:00", case=case)
    assert cost(finance, case) == few <= 12


def cost(who: Staff, case: Case) -> int:
    orders = WorkOrder.objects.filter(case=case).select_related("outlet", "engineer")
    found = list(orders)
    money_of(actor_for(who), found)
    with CaptureQueriesContext(connection) as queries:
        assert len(money_of(actor_for(who), found)) == len(found)
    # The rate table was started in this very transaction, so its policies are read anew each time; a page's are not.
    return len([one for one in queries if "policies_policyversion" not in one["sql"]])
