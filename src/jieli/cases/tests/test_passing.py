"""The baton: offered, accepted, declined, withdrawn, decided, lapsed; deputies; escort (spec 1, Baton pass, Deputies)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.owning import move_to_deputy
from jieli.cases.actions.passing import (
    accept_pass,
    ask_escort,
    assign_case,
    decide_pass,
    decline_pass,
    offer_locked,
    offer_pass,
    withdraw_pass,
)
from jieli.cases.actions.promises import keep_promise
from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Case, Pass
from jieli.cases.queries.assigning import why_offered
from jieli.cases.refusals import (
    AnsweredAtDispatch,
    BadCase,
    EndsOtherwise,
    OwnerIsReceiver,
    PassPending,
    PassSettled,
    ReceiverNotActive,
    UpwardIsDecided,
)
from jieli.cases.tests.factories import a_case, a_taken_case, an_agent
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.people.tests.factories import MONDAY, a_deputy, a_shift, a_unit, acting, an_absence, on_company_duty

pytestmark = pytest.mark.django_db

PROPOSAL = {"options": ["换新", "退款"], "recommended": 1}
SATURDAY_NIGHT = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)


def offered(case, to, **values):
    return offer_pass(
        case.pk, to=to, done="电话问过", next="约上门", actor=acting(Case.objects.get(pk=case.pk).owner), **values
    )


def told(staff, kind):
    return Notice.objects.filter(staff=staff, kind=f"cases.{kind}").count()


def due(offer):
    return offer.promises.unended().get().due_at


def test_the_giver_owns_the_case_until_the_receiver_accepts_with_own_words():
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    offer = offered(case, hanmei)
    assert Case.objects.get(pk=case.pk).owner == lilei
    assert told(hanmei, "pass_offered") == 1
    with pytest.raises(BadCase) as refusal:
        accept_pass(offer.pk, restatement=" ", actor=acting(hanmei))
    assert set(refusal.value.fields) == {"restatement"}
    with pytest.raises(NotAllowed):
        accept_pass(offer.pk, restatement="要上门", actor=acting(lilei))
    accept_pass(offer.pk, restatement="要上门", actor=acting(hanmei))
    case.refresh_from_db()
    assert (case.owner, case.escort, case.passes) == (hanmei, lilei, 1)
    assert told(lilei, "pass_accepted") == 1
    with pytest.raises(PassSettled):
        decline_pass(offer.pk, reason="忙", actor=acting(hanmei))


def test_an_offer_says_what_was_done_and_what_is_next():
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    with pytest.raises(BadCase) as refusal:
        offer_pass(case.pk, to=hanmei, done="", next="", actor=acting(lilei))
    assert set(refusal.value.fields) == {"done", "next"}
    with pytest.raises(OwnerIsReceiver):
        offered(case, lilei)
    with pytest.raises(NotAllowed):
        offer_pass(case.pk, to=hanmei, done="问过", next="约", actor=acting(hanmei))
    offered(case, hanmei)
    with pytest.raises(PassPending):
        offered(case, hanmei)


def test_declining_needs_a_reason_and_the_giver_still_has_it():
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    offer = offered(case, hanmei)
    with pytest.raises(BadCase):
        decline_pass(offer.pk, reason="", actor=acting(hanmei))
    decline_pass(offer.pk, reason="在外面", actor=acting(hanmei))
    assert Case.objects.get(pk=case.pk).owner == lilei
    assert told(lilei, "pass_declined") == 1
    assert not offer.promises.unended().exists()


def test_only_giver_or_superior_takes_an_offer_back():
    lilei, hanmei, other = an_agent("李雷"), an_agent("韩梅"), an_agent("周强")
    case = a_taken_case(lilei)
    offer = offered(case, hanmei)
    with pytest.raises(NotAllowed):
        withdraw_pass(offer.pk, actor=acting(other))
    assert withdraw_pass(offer.pk, actor=acting(lilei)).state == "withdrawn"
    assert told(hanmei, "pass_withdrawn") == 1


def test_upward_it_goes_with_a_proposal_and_the_monkey_does_not_jump():
    lilei = an_agent("李雷")
    case = a_taken_case(lilei)
    boss = case.unit.leader
    with pytest.raises(BadCase) as refusal:
        offered(case, boss)
    assert set(refusal.value.fields) == {"proposal"}
    offer = offered(case, boss, proposal=PROPOSAL)
    assert offer.way == "upward"
    with pytest.raises(UpwardIsDecided) as decided_instead:
        accept_pass(offer.pk, restatement="换新", actor=acting(boss))
    assert decided_instead.value.status == 409
    with pytest.raises(UpwardIsDecided):
        decline_pass(offer.pk, reason="忙", actor=acting(boss))
    decide_pass(offer.pk, decision="changed", text="先换新,不退款", actor=acting(boss))
    offer.refresh_from_db()
    assert (offer.state, offer.decision, Case.objects.get(pk=case.pk).owner) == ("decided", "changed", lilei)
    assert told(lilei, "decided") == 1


def test_a_proposal_does_not_lapse_its_decision_is_late(frozen):
    lilei = an_agent("李雷")
    case = a_taken_case(lilei)
    boss = case.unit.leader
    offer = offered(case, boss, proposal=PROPOSAL)
    frozen(due(offer) + timedelta(minutes=1))
    sweep()
    offer.refresh_from_db()
    assert offer.state == "offered"
    assert offer.promises.unended().get().breached_at is not None
    decide_pass(offer.pk, decision="approved", text="退款", actor=acting(boss))
    assert offer.promises.get().outcome == "late"


def test_an_unanswered_offer_lapses_and_giver_leader_and_duty_officer_are_told(frozen):
    lilei, hanmei, officer = an_agent("李雷"), an_agent("韩梅"), an_agent("周强")
    case = a_taken_case(lilei)
    a_shift(case.unit, officer)
    offer = offered(case, hanmei)
    frozen(due(offer))
    sweep()
    assert Pass.objects.get(pk=offer.pk).state == "lapsed"
    assert Case.objects.get(pk=case.pk).owner == lilei
    assert [told(one, "pass_lapsed") for one in (lilei, case.unit.leader, officer, hanmei)] == [1, 1, 1, 0]
    with pytest.raises(PassSettled):
        accept_pass(offer.pk, restatement="要上门", actor=acting(hanmei))


def test_the_promise_to_answer_ends_by_the_answer_alone():
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    offer = offered(a_taken_case(lilei), hanmei)
    with pytest.raises(EndsOtherwise):
        keep_promise(offer.promises.get().pk, actor=acting(lilei))
    assert offer.promises.unended().count() == 1


def test_the_end_of_the_receivers_shift_counts():
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    shift = a_shift(case.unit, hanmei, starts_at=MONDAY - timedelta(hours=8), hours=8 + 1 / 12)
    assert due(offered(case, hanmei)) == shift.ends_at == MONDAY + timedelta(minutes=5)


def test_an_offer_is_urgent_when_the_customers_time_is_near():
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    near = a_taken_case(lilei)
    assert near.next_due_at is not None
    far = a_taken_case(lilei)
    for promise in far.promises.unended().exclude(kind="resolve"):
        keep_promise(promise.pk, actor=acting(lilei))
    assert due(offered(near, hanmei)) == MONDAY + timedelta(minutes=15)
    assert due(offered(far, hanmei)) == MONDAY + timedelta(minutes=60)


def test_the_escort_runs_on_until_the_first_promise_to_the_customer_is_kept():
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    accept_pass(offered(case, hanmei).pk, restatement="要上门", actor=acting(hanmei))
    answer = ask_escort(case.pk, question="客户几点在家?", actor=acting(hanmei))
    assert answer.kind == "internal_answer"
    assert told(lilei, "escort_asked") == 1
    assert Case.objects.get(pk=case.pk).escort == lilei
    write_message(case.pk, body="明天上门", visible=True, actor=acting(hanmei))
    assert Case.objects.get(pk=case.pk).escort is None
    assert Event.objects.of_case(case.pk).filter(type="cases.escort_ended").count() == 1
    with pytest.raises(BadCase):
        ask_escort(case.pk, question="还在吗?", actor=acting(hanmei))


def test_the_answer_to_the_question_does_not_end_the_escort():
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    accept_pass(offered(case, hanmei).pk, restatement="要上门", actor=acting(hanmei))
    answer = ask_escort(case.pk, question="客户几点在家?", actor=acting(hanmei))
    keep_promise(answer.pk, actor=acting(hanmei))
    assert Case.objects.get(pk=case.pk).escort == lilei


def test_more_passes_than_the_limit_ring_once():
    people = [an_agent("李雷"), an_agent("韩梅")]
    case = a_taken_case(people[0])
    for number in range(1, 6):
        receiver = people[number % 2]
        accept_pass(offered(case, receiver).pk, restatement="要上门", actor=acting(receiver))
        assert Event.objects.of_case(case.pk).filter(type="cases.pass_limit_reached").count() == (number >= 4)
    assert told(case.unit.leader, "pass_limit") == 1


def test_an_assignment_goes_on_to_the_next_candidate(frozen):
    first, second, third = an_agent("甲"), an_agent("乙"), an_agent("丙")
    case = a_case()
    offer = assign_case(case.pk, to=[first, second, third], actor=SYSTEM, explanation="负荷最轻")
    decline_pass(offer.pk, reason="在外面", actor=acting(first))
    offer = case.pass_offers.get(state="offered")
    assert (offer.receiver, offer.way, offer.explanation) == (second, "assign", "负荷最轻")
    frozen(due(offer))
    sweep()
    offer = case.pass_offers.get(state="offered")
    assert offer.receiver == third
    accept_pass(offer.pk, restatement="要上门", actor=acting(third))
    case.refresh_from_db()
    assert (case.owner, case.is_on_duty, case.escort_id) == (third, False, None)
    assert Event.objects.of_case(case.pk).filter(type="cases.assignment_accepted").count() == 1


def test_the_deputy_of_a_deputy_is_asked():
    lilei, away, away_too, there = (an_agent(name) for name in ("李雷", "甲", "乙", "丙"))
    case = a_taken_case(lilei)
    a_deputy(away, away_too)
    a_deputy(away_too, there)
    an_absence(away)
    an_absence(away_too)
    offer = offered(case, away)
    assert offer.receiver == there
    assert away.name in why_offered(offer)
    assert away.name in offer.explanation


def test_deputies_in_a_circle_leave_nobody_and_it_is_said():
    lilei, one, other, outside = (an_agent(name) for name in ("李雷", "甲", "乙", "丙"))
    case = a_taken_case(lilei)
    a_deputy(one, other)
    a_deputy(other, one, order=1)
    row = a_deputy(other, outside, order=2)
    an_absence(one)
    an_absence(other)
    row.delete()
    with pytest.raises(ReceiverNotActive):
        offered(case, one)


def test_an_empty_rota_falls_to_the_leader_then_upward_then_to_the_company():
    company = an_agent("总值班")
    on_company_duty(company)
    leader = an_agent("组长")
    unit = a_unit(leader=leader)
    lilei, stand_in = an_agent("李雷", unit=unit), an_agent("代理", unit=unit)
    case = a_taken_case_in(unit, lilei)
    a_deputy(lilei, stand_in)
    an_absence(lilei)
    move_to_deputy(case.pk, actor=SYSTEM)
    assert Case.objects.get(pk=case.pk).owner == stand_in
    assert told(lilei, "deputised") == told(stand_in, "deputised") == told(leader, "deputised") == 1


def a_taken_case_in(unit, owner):
    case = a_taken_case(case_starter := an_agent("接单"))
    offer = offer_pass(case.pk, to=owner, done="问过", next="约", actor=acting(case_starter))
    accept_pass(offer.pk, restatement="要上门", actor=acting(owner))
    case.refresh_from_db()
    assert case.unit == unit
    return case


def test_on_a_weekend_night_there_is_an_owner_and_the_answer_waits_for_the_opening(frozen):
    frozen(SATURDAY_NIGHT)
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    offer = offered(case, hanmei)
    assert due(offer) > SATURDAY_NIGHT + timedelta(hours=9)
    with clock.frozen(due(offer) - timedelta(seconds=1)):
        sweep()
        assert Pass.objects.get(pk=offer.pk).state == "offered"


def test_a_work_order_is_not_answered_as_a_pass():
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    with transaction.atomic():
        offer = offer_locked(case, hanmei, actor=acting(lilei), at=clock.now(), way=Pass.Way.DISPATCH)
    with pytest.raises(AnsweredAtDispatch):
        accept_pass(offer.pk, restatement="上门维修", actor=acting(hanmei))
    with pytest.raises(AnsweredAtDispatch):
        decline_pass(offer.pk, reason="没空", actor=acting(hanmei))
    assert Case.objects.get(pk=case.pk).owner == lilei
