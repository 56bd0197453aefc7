"""Call-backs of the past by the thousand: the same rows and events as one by one, in a fixed number of statements."""

import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.events.actor import SYSTEM, import_actor
from jieli.events.anchors import breaks, make_anchor
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY, acting
from jieli.quality.actions.bringing import (
    PastAttempt,
    PastCallBack,
    PastRecovery,
    PastSpending,
    bring_callbacks,
)
from jieli.quality.models import Attempt, CallBack, Recovery, Spending
from jieli.quality.rules.answers import Answers
from jieli.quality.tests.factories import a_called, a_recovery

pytestmark = pytest.mark.django_db
IMPORT = import_actor("demo")


@pytest.fixture(autouse=True)
def held_clock():
    with clock.frozen(MONDAY):
        yield


def a_past(case, caller, **values):
    given = {
        "case_id": case.pk,
        "about": "visit",
        "made_at": MONDAY,
        "due_at": MONDAY + timedelta(days=1),
        "caller_id": caller.pk,
        "taken_at": MONDAY,
        "attempts": [PastAttempt(MONDAY, "talked", caller.pk)],
        "result": "satisfied",
        "result_at": MONDAY,
        "answers": Answers(solved=True),
    }
    return PastCallBack(**(given | values))


def own_types(case):
    return list(Event.objects.of_case(case.pk).filter(type__startswith="quality.").values_list("type", flat=True))


def test_a_brought_call_back_has_the_events_and_values_of_a_live_one():
    visited, live = a_called(solved=True)
    agent = an_agent()
    case = a_taken_case(agent)
    bring_callbacks([a_past(case, agent)], actor=IMPORT)
    brought = CallBack.objects.get(case=case)
    assert own_types(case) == own_types(visited.case)
    same = ("about", "state", "result", "solved", "moved", "story", "what", "how_bad", "wish", "is_by_link", "excuse")
    assert [getattr(brought, name) for name in same] == [getattr(live, name) for name in same]
    assert Attempt.objects.get(callback=brought).half_day == Attempt.objects.get(callback=live).half_day
    make_anchor()
    assert list(breaks()) == []


def test_a_brought_recovery_has_the_events_of_a_live_one():
    visited, _recovery = a_recovery()
    agent = an_agent()
    case = a_taken_case(agent)
    spent = PastSpending(MONDAY, Decimal("50.00"), "花", "agent", Decimal("100.00"), "numbers v1", agent.pk)
    recovery = PastRecovery(MONDAY, agent.pk, "换泵", "贺卡", MONDAY, agent.pk, 2, "satisfied", MONDAY, [spent])
    first = a_past(case, agent, result="dissatisfied", answers=Answers(what="漏"), recovery=recovery)
    bring_callbacks([first, a_past(case, agent, about="recovery", number=2)], actor=IMPORT)
    kept = Recovery.objects.get(case=case)
    assert (kept.after.number, kept.result, Spending.objects.get(recovery=kept).amount) == (2, "satisfied", Decimal("50.00"))
    assert [one for one in own_types(visited.case) if one in own_types(case)] == own_types(visited.case)


def test_open_and_unreached_ones_come_in_too_and_only_by_an_import():
    agent = an_agent()
    tries = [PastAttempt(MONDAY - timedelta(hours=12 * n), "no_answer", agent.pk, "关机") for n in range(5)]
    nothing = {"result": "", "result_at": None, "attempts": [], "caller_id": None, "taken_at": None}
    unreached = {"result": "unreached", "attempts": tries, "answers": Answers()}
    past = [a_past(a_taken_case(agent), agent, **nothing), a_past(a_taken_case(agent), agent, **unreached)]
    bring_callbacks(past, actor=IMPORT)
    assert list(CallBack.objects.order_by("id").values_list("state", flat=True)) == ["open", "unreached"]
    for actor in (SYSTEM, acting(agent)):
        with pytest.raises(NotAllowed):
            bring_callbacks([], actor=actor)


def test_a_thousand_take_no_more_statements_than_one():
    agent = an_agent()
    case = a_taken_case(agent)

    def statements(numbers):
        past = [a_past(case, agent, number=number, sequence=number) for number in numbers]
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            began = time.perf_counter()
            bring_callbacks(past, actor=IMPORT)
            took = time.perf_counter() - began
        return len(queries), took

    few, _took = statements([1])
    many, took = statements(range(2, 1002))
    assert many <= few
    assert took < 5
