"""Many at once, with real connections: one call-back, one caller, one result, and never more spent than one may."""

from decimal import Decimal

import pytest

from jieli.cases.queries.verifying import findings
from jieli.cases.tests.racing import DONE, race
from jieli.events.actor import customer_actor
from jieli.events.models import Event
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import MONDAY, a_person, acting, the_root
from jieli.quality.actions.calling import record_attempt, record_result, take_callback
from jieli.quality.actions.linking import answer_by_link, send_text_link
from jieli.quality.actions.planning import make_callback
from jieli.quality.actions.recovering import spend
from jieli.quality.models import CallBack, Recovery, Spending
from jieli.quality.rules.answers import Answers
from jieli.quality.tests.factories import RULE, a_callback, a_recovery, a_visited_case

pytestmark = [pytest.mark.long(30), pytest.mark.django_db(transaction=True), pytest.mark.slow]


def sound():
    assert [finding.as_dict() for finding in findings()] == []


def test_of_many_jobs_for_one_result_one_plans_the_call_back(database_urls):
    with clock.frozen(MONDAY):
        visited = a_visited_case()
        sequence = Event.objects.of_case(visited.case.pk).get(type="cases.resolved").sequence
    ends = race(
        database_urls, MONDAY, *[lambda: make_callback(visited.case.pk, sequence=sequence, actor=RULE) for _ in range(10)]
    )
    assert ends == {DONE: 10}
    assert CallBack.objects.count() == 1
    with clock.frozen(MONDAY):
        sound()


def test_of_many_who_take_one_call_back_one_makes_it(database_urls):
    with clock.frozen(MONDAY):
        visited, callback = a_callback()
        callers = [acting(a_person(unit=the_root(), roles=("agent",), name=f"客服{n}")) for n in range(12)]
    ends = race(database_urls, MONDAY, *[lambda one=one: take_callback(callback.pk, actor=one) for one in callers])
    assert ends == {DONE: 1, "called_by_another": 11}
    callback.refresh_from_db()
    assert visited.fresh().owner_id == callback.caller_id
    with clock.frozen(MONDAY):
        sound()


def test_the_answer_on_the_phone_and_the_answer_by_link_are_one_result(database_urls):
    with clock.frozen(MONDAY):
        visited, callback = a_callback()
        agent, customer = acting(visited.agent), customer_actor(visited.case.customer_id, "王芳")
        sent = send_text_link(callback.pk, actor=agent)
        record_attempt(callback.pk, outcome="called_us", actor=agent)
    bad = Answers(what="还漏")
    ends = race(
        database_urls,
        MONDAY,
        lambda: record_result(callback.pk, result="satisfied", actor=agent),
        lambda: answer_by_link(sent.code, result="dissatisfied", answers=bad, actor=customer),
        lambda: record_result(callback.pk, result="satisfied", actor=agent),
        lambda: answer_by_link(sent.code, result="dissatisfied", answers=bad, actor=customer),
    )
    assert ends[DONE] in (1, 2)  # the link takes the same answer twice
    assert sum(ends.values()) == ends[DONE] + ends["callback_over"] + ends["link_used"]
    callback.refresh_from_db()
    assert WorkOrder.objects.get(pk=visited.order.pk).callback_result == callback.result
    assert Event.objects.of_case(visited.case.pk).filter(type="quality.callback_answered").count() == 1
    assert Recovery.objects.count() == (1 if callback.result == "dissatisfied" else 0)
    with clock.frozen(MONDAY):
        sound()


def test_one_agent_at_many_desks_never_spends_more_than_he_may(database_urls):
    with clock.frozen(MONDAY):
        visited, recovery = a_recovery()
        agent = acting(visited.agent)
    ends = race(
        database_urls,
        MONDAY,
        *[lambda: spend(recovery.pk, amount=Decimal("20.00"), purpose="花", actor=agent) for _ in range(12)],
    )
    assert ends == {DONE: 5, "above_authority": 7}
    assert sum(Spending.objects.values_list("amount", flat=True)) == Decimal("100.00")
