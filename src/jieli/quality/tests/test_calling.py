"""The call itself: taken, attempted on different half-days, answered once; what cannot be is refused in words."""

from datetime import UTC, datetime, timedelta

import pytest

from jieli.cases.actions.progressing import close_case
from jieli.cases.actions.promises import give_promise
from jieli.cases.actions.sweeping import sweep as sweep_promises
from jieli.cases.models import Pass, Promise
from jieli.cases.tests.factories import an_agent
from jieli.events.actor import SYSTEM
from jieli.events.anchors import breaks, make_anchor
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed, NotFound
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import MONDAY, a_person, a_unit, acting, the_root
from jieli.quality.actions.calling import give_up, record_attempt, record_result, sweep, take_callback
from jieli.quality.models import Attempt, Recovery
from jieli.quality.refusals import (
    AttemptsLeft,
    BadAnswer,
    CallBackOver,
    CalledByAnother,
    NobodyReached,
    OutsideCallingHours,
)
from jieli.quality.rules.answers import Answers
from jieli.quality.tests.factories import a_callback, a_called

pytestmark = pytest.mark.django_db
HALF_DAYS = [MONDAY + timedelta(hours=hours) for hours in (0, 4, 24, 28, 48)]  # Monday 10:00, 14:00, Tuesday …


def attempt_each_half_day(callback, caller, times=HALF_DAYS):
    for at in times:
        with clock.frozen(at):
            record_attempt(callback.pk, outcome="no_answer", actor=caller)


def test_taking_a_call_back_accepts_the_pass_and_a_second_time_changes_nothing():
    visited, callback = a_callback()
    taken = take_callback(callback.pk, actor=acting(visited.agent))
    take_callback(callback.pk, actor=acting(visited.agent))
    assert taken.caller_id == visited.agent.pk
    assert visited.fresh().owner_id == visited.agent.pk
    assert Pass.objects.filter(case=visited.case, way="assign").values_list("state", flat=True).get() == "accepted"
    assert Event.objects.of_case(visited.case.pk).filter(type="quality.callback_taken").count() == 1


def test_a_quality_officer_may_take_it_instead_and_the_offer_to_the_steward_is_withdrawn():
    officer = a_person(unit=the_root(), roles=("quality",), name="质控")
    visited, callback = a_callback()
    take_callback(callback.pk, actor=acting(officer))
    assert visited.fresh().owner_id == officer.pk
    states = list(Pass.objects.filter(case=visited.case, way="assign").order_by("id").values_list("state", flat=True))
    assert states == ["withdrawn", "accepted"]
    with pytest.raises(CalledByAnother, match="质控"):
        record_attempt(callback.pk, outcome="no_answer", actor=acting(visited.agent))


def test_a_supervisor_takes_it_from_who_has_it():
    supervisor = a_person(unit=the_root(), roles=("supervisor",), name="主管")
    visited, callback = a_callback()
    take_callback(callback.pk, actor=acting(visited.agent))
    assert take_callback(callback.pk, actor=acting(supervisor)).caller_id == supervisor.pk


def test_a_satisfied_customer_closes_the_case_and_every_order_learns_it():
    visited, callback = a_called(solved=True, on_time=True, charged_as_shown=True, manners=True)
    case, order = visited.fresh(), WorkOrder.objects.get(pk=visited.order.pk)
    assert (case.status, case.stage) == ("closed", "settlement")
    assert (order.callback_result, order.callback_at) == ("satisfied", MONDAY)
    assert (callback.state, callback.caller_id, callback.order_ids) == ("done", visited.agent.pk, [order.pk])
    assert not case.promises.unended().exists()
    types = list(Event.objects.of_case(case.pk).values_list("type", flat=True))
    assert types.index("quality.call_attempted") < types.index("quality.callback_answered") < types.index("cases.closed")
    make_anchor()
    assert list(breaks()) == []


def test_the_engineer_who_did_the_work_never_calls_nor_somebody_of_another_unit():
    visited, callback = a_callback()
    with pytest.raises(NotAllowed):
        take_callback(callback.pk, actor=acting(visited.engineer))
    with pytest.raises((NotAllowed, NotFound)):
        take_callback(callback.pk, actor=acting(an_agent("远方", unit=a_unit())))


def test_a_result_before_any_talk_is_refused():
    visited, callback = a_callback()
    with pytest.raises(NobodyReached):
        record_result(callback.pk, result="satisfied", actor=acting(visited.agent))
    record_attempt(callback.pk, outcome="busy", actor=acting(visited.agent))
    with pytest.raises(NobodyReached):
        record_result(callback.pk, result="satisfied", actor=acting(visited.agent))


def test_a_second_result_is_refused():
    visited, callback = a_called()
    with pytest.raises(CallBackOver):
        record_result(callback.pk, result="dissatisfied", answers=Answers(what="漏水"), actor=acting(visited.agent))
    with pytest.raises(CallBackOver):
        record_attempt(callback.pk, outcome="talked", actor=acting(visited.agent))


@pytest.mark.parametrize("hour", [12, 13, 23])  # 20:00, 21:00, 07:00 of the company
def test_nobody_is_called_at_night_but_the_customer_may_call_us(hour):
    visited, callback = a_callback()
    with clock.frozen(datetime(2026, 11, 23, hour, 0, tzinfo=UTC)):
        with pytest.raises(OutsideCallingHours, match="08:00"):
            record_attempt(callback.pk, outcome="no_answer", actor=acting(visited.agent))
        record_attempt(callback.pk, outcome="called_us", actor=acting(visited.agent))
        assert record_result(callback.pk, result="satisfied", actor=acting(visited.agent)).result == "satisfied"


@pytest.mark.parametrize(
    ("result", "said", "field"),
    [
        ("satisfied", {"solved": False}, "solved"),
        ("dissatisfied", {}, "what"),
        ("happy", {}, "result"),
        ("satisfied", {"moved": "much"}, "moved"),
        ("satisfied", {"story": "送了药"}, "moved"),
        ("dissatisfied", {"what": "漏", "how_bad": 5}, "how_bad"),
        ("dissatisfied", {"what": "漏" * 2001}, "what"),
    ],
)
def test_answers_that_cannot_be_are_named(result, said, field):
    visited, callback = a_callback()
    record_attempt(callback.pk, outcome="talked", actor=acting(visited.agent))
    with pytest.raises(BadAnswer) as refused:
        record_result(callback.pk, result=result, answers=Answers(**said), actor=acting(visited.agent))
    assert set(refused.value.fields) == {field}


def test_an_attempt_of_no_known_outcome_is_refused():
    visited, callback = a_callback()
    for outcome in ("", "text_link", "shouted"):
        with pytest.raises(BadAnswer):
            record_attempt(callback.pk, outcome=outcome, actor=acting(visited.agent))


def test_an_attempt_keeps_the_promise_and_makes_the_next_one():
    visited, callback = a_callback()
    record_attempt(callback.pk, outcome="no_answer", note="关机", actor=acting(visited.agent))
    callback.refresh_from_db()
    kept, running = Promise.objects.filter(case=visited.case, kind="callback").order_by("id")
    assert (kept.outcome, running.ended_at) == ("kept", None)
    assert running.due_at == callback.due_at == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    record_attempt(callback.pk, outcome="busy", actor=acting(visited.agent))
    assert Promise.objects.filter(case=visited.case, kind="callback").count() == 2


def test_unreached_is_said_only_after_attempts_on_five_different_half_days():
    visited, callback = a_callback()
    caller = acting(visited.agent)
    attempt_each_half_day(callback, caller, [*HALF_DAYS[:4], HALF_DAYS[3] + timedelta(minutes=20)])
    with clock.frozen(HALF_DAYS[4]):
        with pytest.raises(AttemptsLeft, match="5"):
            record_result(callback.pk, result="unreached", actor=caller)
        assert sweep() == 0
        record_attempt(callback.pk, outcome="no_answer", actor=caller)
        assert sweep() == 0
    with clock.frozen(HALF_DAYS[4] + timedelta(hours=3)):
        assert sweep() == 1
        assert sweep() == 0
    callback.refresh_from_db()
    assert (callback.state, callback.result) == ("unreached", "unreached")
    assert Attempt.objects.filter(callback=callback).count() == 6
    assert WorkOrder.objects.get(pk=visited.order.pk).callback_result == "unreached"
    assert visited.fresh().status == "closed"


def test_unreached_may_be_said_by_hand_once_all_attempts_are_used():
    visited, callback = a_callback()
    attempt_each_half_day(callback, acting(visited.agent))
    with clock.frozen(HALF_DAYS[4]):
        assert record_result(callback.pk, result="unreached", actor=acting(visited.agent)).state == "unreached"


def test_only_the_software_gives_up_and_not_before_the_last_half_day_is_over():
    visited, callback = a_callback()
    with pytest.raises(NotAllowed):
        give_up(callback.pk, actor=acting(visited.agent))
    with pytest.raises(AttemptsLeft):
        give_up(callback.pk, actor=SYSTEM)
    attempt_each_half_day(callback, acting(visited.agent))
    with clock.frozen(HALF_DAYS[4]), pytest.raises(AttemptsLeft):
        give_up(callback.pk, actor=SYSTEM)


def test_a_case_has_a_next_time_through_all_attempts():
    visited, callback = a_callback()
    for at in HALF_DAYS:
        with clock.frozen(at):
            sweep_promises()
            record_attempt(callback.pk, outcome="no_answer", actor=acting(visited.agent))
    assert not Event.objects.of_case(visited.case.pk).filter(type="cases.promise_broken", data__promise="callback").exists()


def test_a_payout_that_is_still_promised_keeps_the_case_open():
    visited, callback = a_callback()
    caller = acting(visited.agent)
    take_callback(callback.pk, actor=caller)
    give_promise(visited.case.pk, kind="payout", due_at=MONDAY + timedelta(days=3), told=True, actor=caller)
    record_attempt(callback.pk, outcome="talked", actor=caller)
    record_result(callback.pk, result="satisfied", actor=caller)
    assert visited.fresh().status == "resolved"
    assert visited.fresh().promises.unended().get().kind == "payout"


def test_the_customer_of_a_case_that_was_closed_by_hand_may_still_be_dissatisfied():
    visited, callback = a_callback()
    close_case(visited.case.pk, actor=acting(visited.engineer))
    caller = acting(visited.agent)
    record_attempt(callback.pk, outcome="talked", actor=caller)
    record_result(callback.pk, result="dissatisfied", answers=Answers(what="还漏"), actor=caller)
    assert (visited.fresh().status, visited.fresh().stage) == ("open", "recovery")
    assert Recovery.objects.filter(case=visited.case).exists()


def test_the_database_refuses_to_change_a_result():
    from django.db import IntegrityError, transaction

    _visited, callback = a_called()
    callback.result = "dissatisfied"
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        callback.save(update_fields=["result"])
