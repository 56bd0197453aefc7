"""After a result is told the call-back is planned once, offered to the front, and falls away when the case goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from jieli.cases.actions.passing import accept_pass
from jieli.cases.actions.progressing import close_case, reopen_case, resolve_case
from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Pass
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.events.actor import customer_actor
from jieli.events.models import Event
from jieli.events.reactions import handlers_of
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import MONDAY, a_person, acting, an_absence, the_root
from jieli.quality.actions.planning import drop_callback, make_callback
from jieli.quality.handlers import call_back, drop
from jieli.quality.models import CallBack
from jieli.quality.tests.factories import RULE, a_callback, a_visited_case, planned

pytestmark = pytest.mark.django_db


def test_a_told_result_plans_one_call_back_within_a_day_and_offers_the_case_to_its_steward():
    visited = a_visited_case()
    first, again = planned(visited.case), planned(visited.case)
    offer = Pass.objects.get(case=visited.case, state="offered")
    assert first == again
    assert (first.about, first.state, first.due_at) == ("visit", "open", MONDAY + timedelta(hours=24))
    assert (offer.way, offer.giver_id, offer.receiver_id) == ("assign", visited.engineer.pk, visited.agent.pk)
    assert visited.fresh().owner_id == visited.engineer.pk
    assert Notice.objects.filter(staff=visited.agent, kind="quality.call").count() == 1


def test_who_takes_the_baton_owns_the_case_while_he_calls():
    visited, _callback = a_callback()
    offer = Pass.objects.get(case=visited.case, state="offered")
    accept_pass(offer.pk, restatement="问是否修好", actor=acting(visited.agent))
    assert visited.fresh().owner_id == visited.agent.pk
    assert visited.fresh().stage == "quality"


def test_an_agent_who_solved_a_complaint_himself_calls_without_any_pass():
    agent = an_agent()
    case = a_taken_case(agent, kind="complaint", service_type="", severity=3)
    resolve_case(case.pk, answer="已处理", actor=acting(agent))
    callback = planned(case)
    assert callback.about == "complaint"
    assert not Pass.objects.filter(case=case).exists()


def test_an_enquiry_is_not_called_back():
    agent = an_agent()
    case = a_taken_case(agent, kind="enquiry", service_type="")
    resolve_case(case.pk, answer="周一到周五", actor=acting(agent))
    event = Event.objects.of_case(case.pk).get(type="cases.resolved")
    assert make_callback(case.pk, sequence=event.sequence, actor=RULE) is None


def test_without_the_steward_a_quality_officer_is_asked_and_after_him_the_duty_officer():
    officer = a_person(unit=the_root(), roles=("quality",), name="质控")
    visited = a_visited_case()
    an_absence(visited.agent)
    planned(visited.case)
    offer = Pass.objects.get(case=visited.case, state="offered")
    assert offer.receiver_id == officer.pk
    with clock.frozen(MONDAY + timedelta(hours=2)):
        sweep()
        lapsed, following = Pass.objects.filter(case=visited.case, way="assign").order_by("id")
    assert (lapsed.state, following.state) == ("lapsed", "offered")
    assert following.receiver.name == "韩梅梅"


def test_a_call_that_would_fall_due_at_night_is_due_before_the_night():
    with clock.frozen(datetime(2026, 11, 23, 14, 30, tzinfo=UTC)):  # 22:30
        _visited, callback = a_callback()
    assert callback.due_at == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # 20:00 of the next day


def test_a_case_closed_by_hand_still_has_its_customer_called_back():
    visited = a_visited_case()
    close_case(visited.case.pk, actor=acting(visited.engineer))
    callback = planned(visited.case)
    assert callback.state == "open"
    assert not Pass.objects.filter(case=visited.case, state="offered").exists()


def test_the_call_back_falls_away_when_the_customer_reopens_and_the_next_result_gets_its_own():
    visited, callback = a_callback()
    reopen_case(visited.case.pk, reason="又漏水", actor=customer_actor(visited.case.customer_id, "王芳"))
    drop(Event.objects.of_case(visited.case.pk).get(type="cases.reopened"))
    callback.refresh_from_db()
    assert callback.state == "dropped"
    assert drop_callback(visited.case.pk, why="reopened", actor=RULE) is None
    resolve_case(visited.case.pk, answer="再修好了", actor=acting(visited.engineer))
    second = planned(visited.case)
    assert (second.number, second.about, second.state) == (2, "visit", "open")


def test_who_is_not_in_the_sample_is_not_called_and_the_gate_takes_it_as_unreached(monkeypatch):
    monkeypatch.setattr("jieli.quality.actions.planning.is_sampled", lambda *_: False)
    visited, callback = a_callback()
    order = WorkOrder.objects.get(pk=visited.order.pk)
    assert (callback.state, order.callback_result) == ("not_sampled", "unreached")
    with clock.frozen(MONDAY + timedelta(days=8)):
        sweep()
        assert visited.fresh().status == "closed"


def test_the_job_reacts_to_a_told_result_and_a_second_run_changes_nothing():
    visited = a_visited_case()
    event = Event.objects.of_case(visited.case.pk).get(type="cases.resolved")
    assert "jieli.quality.handlers.call_back" in handlers_of("cases.resolved")
    call_back(event)
    call_back(event)
    assert CallBack.objects.filter(case=visited.case).count() == 1


def test_only_the_software_plans_and_drops():
    visited, _callback = a_callback()
    with pytest.raises(NotAllowed):
        make_callback(visited.case.pk, sequence=1, actor=acting(visited.agent))
    with pytest.raises(NotAllowed):
        drop_callback(visited.case.pk, why="reopened", actor=acting(visited.agent))
