"""Recovery: the same case, its steward, a new promise; restored and personal; each spends within his authority."""

from decimal import Decimal

import pytest

from jieli.cases.models import Pass
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed, NotFound
from jieli.notify.models import Notice
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import a_person, acting, the_root
from jieli.quality.actions.calling import record_attempt, record_result
from jieli.quality.actions.recovering import decide_amount, record_recovery, spend
from jieli.quality.models import Recovery
from jieli.quality.refusals import AboveAuthority, AmountDecidedAlready, BadAnswer, RecoveryOver, SamePerson
from jieli.quality.rules.answers import Answers
from jieli.quality.tests.factories import a_called, a_recovery, planned

pytestmark = pytest.mark.django_db


def a_leader(role, name):
    return acting(a_person(unit=the_root(), roles=(role,), name=name))


def test_a_dissatisfied_customer_makes_the_same_case_a_recovery_of_its_steward_with_a_new_time():
    visited, recovery = a_recovery()
    case = visited.fresh()
    assert (case.status, case.stage, case.owner_id, case.reopened) == ("open", "recovery", visited.agent.pk, 1)
    assert set(case.promises.unended().values_list("kind", flat=True)) == {"next_reply", "resolve"}
    assert recovery.callback.result == "dissatisfied"
    assert Notice.objects.filter(staff=visited.agent, kind="quality.dissatisfied").exists()


def test_when_somebody_else_called_he_has_it_until_the_steward_accepts():
    officer = a_person(unit=the_root(), roles=("quality",), name="质控")
    visited, _callback = a_called("dissatisfied", by=officer)
    offer = Pass.objects.get(case=visited.case, state="offered")
    assert (visited.fresh().owner_id, offer.receiver_id) == (officer.pk, visited.agent.pk)


def test_a_recovery_is_restoring_and_something_personal_and_its_result_stands_beside_the_first():
    visited, recovery = a_recovery()
    agent = acting(visited.agent)
    with pytest.raises(BadAnswer) as refused:
        record_recovery(recovery.pk, restored="", personal=" ", actor=agent)
    assert set(refused.value.fields) == {"restored", "personal"}
    record_recovery(recovery.pk, restored="换了排水泵", personal="手写道歉卡", answer="已换泵", actor=agent)
    assert (visited.fresh().status, visited.fresh().stage) == ("resolved", "quality")
    again = planned(visited.case)
    assert again.about == "recovery"
    record_attempt(again.pk, outcome="talked", actor=agent)
    record_result(again.pk, result="satisfied", answers=Answers(solved=True), actor=agent)
    recovery.refresh_from_db()
    order = WorkOrder.objects.get(pk=visited.order.pk)
    assert (recovery.result, recovery.callback.result, order.callback_result) == ("satisfied", "dissatisfied", "dissatisfied")
    assert visited.fresh().status == "closed"
    with pytest.raises(RecoveryOver):
        record_recovery(recovery.pk, restored="又", personal="又", actor=agent)


def test_a_customer_who_is_dissatisfied_again_gets_another_recovery():
    visited, recovery = a_recovery()
    agent = acting(visited.agent)
    record_recovery(recovery.pk, restored="换泵", personal="致电道歉", answer="已换泵", actor=agent)
    again = planned(visited.case)
    record_attempt(again.pk, outcome="talked", actor=agent)
    record_result(again.pk, result="dissatisfied", answers=Answers(what="还漏"), actor=agent)
    assert list(Recovery.objects.filter(case=visited.case).order_by("id").values_list("result", flat=True)) == [
        "dissatisfied",
        "",
    ]


def test_an_agent_spends_up_to_100_on_the_spot_and_not_in_parts():
    visited, recovery = a_recovery()
    agent = acting(visited.agent)
    spent = spend(recovery.pk, amount=Decimal("60.00"), purpose="鲜花", actor=agent)
    assert (spent.state, spent.role, spent.limit_amount) == ("spent", "agent", Decimal("100.00"))
    with pytest.raises(AboveAuthority, match="500"):
        spend(recovery.pk, amount=Decimal("40.01"), purpose="水果", actor=agent)
    spend(recovery.pk, amount=Decimal("40.00"), purpose="水果", actor=agent)
    facts = Event.objects.of_case(visited.case.pk).filter(type="quality.amount_spent")
    assert [fact.data["amount"] for fact in facts] == ["60.00", "40.00"]


@pytest.mark.parametrize(("role", "most"), [("supervisor", "500.00"), ("manager", "5000.00")])
def test_a_superior_spends_up_to_his_own_limit(role, most):
    _visited, recovery = a_recovery()
    assert spend(recovery.pk, amount=Decimal(most), purpose="换新机", actor=a_leader(role, "上级")).state == "spent"


def test_above_all_authority_it_takes_a_second_manager():
    _visited, recovery = a_recovery()
    first, second = a_leader("manager", "经理一"), a_leader("manager", "经理二")
    asked = spend(recovery.pk, amount=Decimal("5000.01"), purpose="整机更换", actor=first)
    assert asked.state == "asked"
    assert Notice.objects.filter(staff_id=second.id, kind="quality.amount_asked").exists()
    with pytest.raises(SamePerson):
        decide_amount(asked.pk, agreed=True, actor=first)
    agreed = decide_amount(asked.pk, agreed=True, actor=second)
    assert (agreed.state, agreed.second_by_id) == ("spent", second.id)
    with pytest.raises(AmountDecidedAlready):
        decide_amount(asked.pk, agreed=False, actor=second)


def test_a_supervisor_may_not_ask_above_all_authority():
    _visited, recovery = a_recovery()
    with pytest.raises(AboveAuthority):
        spend(recovery.pk, amount=Decimal(9000), purpose="?", actor=a_leader("supervisor", "主管"))


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "99999999999"])
def test_an_amount_that_cannot_be_is_refused(amount):
    visited, recovery = a_recovery()
    with pytest.raises(BadAnswer) as refused:
        spend(recovery.pk, amount=Decimal(amount), purpose="", actor=acting(visited.agent))
    assert set(refused.value.fields) == {"amount", "purpose"}


def test_the_engineer_spends_nothing():
    visited, recovery = a_recovery()
    with pytest.raises((NotAllowed, NotFound)):
        spend(recovery.pk, amount=Decimal(1), purpose="?", actor=acting(visited.engineer))


def test_an_unknown_recovery_is_not_found():
    with pytest.raises(NotFound):
        spend(10**9, amount=Decimal(1), purpose="?", actor=a_leader("manager", "经理"))
