"""A work order is offered, accepted, refused, countered, lapses and goes to the next (spec 3, Dispatch; journey J2)."""

from datetime import timedelta

import pytest

from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Message, Promise
from jieli.cases.refusals import PassPending
from jieli.cases.tests.factories import an_agent
from jieli.dispatch.actions.answering import accept_offer, answer_counter, counter_offer, refuse_offer
from jieli.dispatch.actions.appointing import end_appointment
from jieli.dispatch.actions.coming import came
from jieli.dispatch.actions.following import ask_next
from jieli.dispatch.actions.many import Wanted, dispatch_many
from jieli.dispatch.actions.offering import offer_to_engineer, offer_to_outlet, redispatch
from jieli.dispatch.handlers import offer_to_next, outlet_falls_out
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.queries.backlog import waiting_cases
from jieli.dispatch.queries.candidates import engineers_for, outlets_for
from jieli.dispatch.queries.days import engineers_day
from jieli.dispatch.refusals import (
    AfterPromise,
    BadDispatch,
    CannotBeAsked,
    ClosedThen,
    NotFree,
    UnderWay,
)
from jieli.dispatch.tests.factories import (
    FARTHER,
    TOMORROW,
    a_ready_case,
    a_window,
    accepted,
    an_engineer,
    an_outlet,
    manager_of,
    offered,
    sent,
)
from jieli.events.actor import SYSTEM, rule_actor
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed, NotFound
from jieli.lib import clock
from jieli.network.actions.outlets import suspend_outlet
from jieli.notify.models import Notice
from jieli.orders.actions.living import learn
from jieli.orders.models import WorkOrder
from jieli.people.queries import local_date
from jieli.people.tests.factories import MONDAY, a_person, acting, the_root

pytestmark = pytest.mark.django_db
RULE = rule_actor("dispatch")


def running(case, kind):
    return Promise.objects.unended().get(case=case, kind=kind)


def lapse(offer):
    """Let the clock run over the offer and the worker follow."""
    with clock.frozen(offer.answer_due_at + timedelta(seconds=1)):
        sweep()
        for event in Event.objects.filter(type="cases.pass_lapsed", data__pass_id=offer.pk):
            offer_to_next(event)


def test_the_giver_owns_the_case_until_the_outlet_accepts_and_then_the_order_is_made():
    outlet, case = an_outlet(), a_ready_case()
    giver = case.owner
    offer = offered(case, outlet, a_window())
    case.refresh_from_db()
    assert (case.owner, case.stage) == (giver, "dispatch")
    assert offer.answer_due_at == MONDAY + timedelta(minutes=30)
    assert not WorkOrder.objects.filter(case=case).exists()
    assert Appointment.objects.get(case=case).state == "offered"
    accept_offer(offer.pk, actor=acting(manager_of(outlet)))
    case.refresh_from_db()
    order = WorkOrder.objects.get(case=case)
    assert (case.owner, case.unit) == (manager_of(outlet), outlet.unit)
    assert (order.outlet_id, order.promised_until, order.number) == (outlet.pk, a_window()[1], f"{case.number}-1")
    assert order.distance_km is not None
    assert Appointment.objects.get(case=case).state == "accepted"
    assert running(case, "arrive").due_at == a_window()[1]
    assert Message.objects.filter(case=case, direction="out").last().body.startswith("您的上门时间已确认")


def test_an_engineer_of_the_outlet_gets_it_and_the_case_comes_to_its_visit():
    outlet, case = an_outlet(), a_ready_case()
    engineer = an_engineer(outlet)
    accepted(case, outlet, a_window())
    offer = offer_to_engineer(case.pk, engineer_id=engineer.pk, actor=acting(manager_of(outlet)))
    assert offer.answer_due_at == MONDAY + timedelta(minutes=15)
    assert [visit.offer for visit in engineers_day(engineer.pk, local_date(TOMORROW))] == [offer]
    accept_offer(offer.pk, actor=acting(engineer.staff), restatement="明天下午去修排水")
    case.refresh_from_db()
    assert (case.owner, case.stage) == (engineer.staff, "visit")
    assert WorkOrder.objects.get(case=case).engineer == engineer.staff
    day = engineers_day(engineer.pk, local_date(TOMORROW))
    assert [visit.appointment.starts_at for visit in day] == [a_window()[0]]
    assert [order.number for order in day[0].orders] == [f"{case.number}-1"]


def test_dispatch_may_go_straight_to_an_engineer():
    outlet, case = an_outlet(), a_ready_case()
    engineer = an_engineer(outlet)
    dispatcher = acting(a_person(unit=the_root(), roles=("dispatcher",)))
    start, end = a_window()
    offer = offer_to_engineer(case.pk, engineer_id=engineer.pk, starts_at=start, ends_at=end, agreed=True, actor=dispatcher)
    accept_offer(offer.pk, actor=acting(engineer.staff))
    order = WorkOrder.objects.get(case=case)
    assert (order.outlet_id, order.engineer) == (outlet.pk, engineer.staff)
    case.refresh_from_db()
    assert (case.owner, case.unit_id, case.stage) == (engineer.staff, outlet.pk, "visit")


def test_a_manager_who_goes_himself_needs_no_offer():
    outlet, case = an_outlet(), a_ready_case()
    manager = manager_of(outlet)
    from jieli.network.actions.engineers import make_engineer, set_skill

    engineer = make_engineer(manager.pk, values={}, actor=SYSTEM)
    set_skill(engineer.pk, product_line="washing_machine", actor=SYSTEM)
    accepted(case, outlet, a_window())
    made = offer_to_engineer(case.pk, engineer_id=engineer.pk, actor=acting(manager))
    assert (made.engineer, made.state) == (manager, "accepted")
    case.refresh_from_db()
    assert (case.owner, case.stage) == (manager, "visit")


def test_a_set_is_one_appointment_and_one_order_per_device():
    from jieli.customers.tests.factories import a_device

    outlet, case = an_outlet(), a_ready_case()
    devices = [a_device(case.customer).pk, a_device(case.customer).pk]
    offer = offered(case, outlet, a_window(), devices=devices)
    accept_offer(offer.pk, actor=acting(manager_of(outlet)))
    assert WorkOrder.objects.filter(case=case).count() == 2
    assert Appointment.objects.get(case=case).orders == 2


def test_an_outlet_that_refuses_says_why_and_the_next_is_asked():
    first, second = an_outlet("近网点"), an_outlet("远网点", **FARTHER)
    case = a_ready_case()
    offer = offered(case, first, a_window())
    with pytest.raises(BadDispatch) as refused:
        refuse_offer(offer.pk, reason="other", actor=acting(manager_of(first)))
    assert set(refused.value.fields) == {"note"}
    refuse_offer(offer.pk, reason="no_part", actor=acting(manager_of(first)))
    with pytest.raises(NotFound):
        accept_offer(offer.pk, actor=acting(manager_of(first)))
    following = ask_next(offer.pk, actor=RULE)
    assert (following.outlet_id, following.starts_at, following.by_itself) == (second.pk, a_window()[0], True)
    assert ask_next(offer.pk, actor=RULE) is None
    assert Offer.objects.filter(case=case).count() == 2


def test_a_manager_gone_home_drops_no_baton():
    """J2 for dispatch: the offer lapses, the giver still owns, the next is asked, duty is told before the promise breaks."""
    first, second = an_outlet("近网点"), an_outlet("远网点", **FARTHER)
    case = a_ready_case()
    giver = case.owner
    promise = running(case, "next_reply")
    with clock.frozen(promise.due_at - timedelta(minutes=35)):
        offer = offered(case, first)
    assert offer.answer_due_at == promise.due_at - timedelta(minutes=15)
    lapse(offer)
    case.refresh_from_db()
    offer.baton.refresh_from_db()
    assert (offer.baton.state, case.owner) == ("lapsed", giver)
    assert Offer.objects.filter(case=case).last().outlet_id == second.pk
    told = Notice.objects.filter(kind="cases.pass_lapsed", case_id=case.pk)
    assert told.count() >= 2
    assert max(told.values_list("created_at", flat=True)) < promise.due_at
    lapse(Offer.objects.filter(case=case).last())
    case.refresh_from_db()
    assert case.owner == giver
    assert Event.objects.of_case(case.pk).filter(type="dispatch.nobody_to_ask").count() == 1
    assert Notice.objects.filter(kind="dispatch.nobody", staff=giver).count() == 1


def test_an_engineer_who_does_not_answer_is_followed_by_a_colleague():
    outlet, case = an_outlet(), a_ready_case()
    first, second = an_engineer(outlet, "张工"), an_engineer(outlet, "李工")
    accepted(case, outlet, a_window())
    offer = offer_to_engineer(case.pk, engineer_id=first.pk, actor=acting(manager_of(outlet)))
    lapse(offer)
    following = Offer.objects.filter(case=case).last()
    assert following.engineer == second.staff
    case.refresh_from_db()
    assert case.owner == manager_of(outlet)


def test_another_time_may_be_proposed_and_agreed():
    outlet, case = an_outlet(), a_ready_case()
    offer = offered(case, outlet, a_window(14))
    late = a_window(16)
    manager = acting(manager_of(outlet))
    counter_offer(offer.pk, starts_at=late[0], ends_at=late[1], reason="下午人手不够", actor=manager)
    assert Notice.objects.filter(kind="dispatch.countered", staff=case.owner).count() == 1
    with pytest.raises(NotAllowed):
        answer_counter(offer.pk, agree=True, actor=manager)
    answer_counter(offer.pk, agree=True, agreed_with_customer=True, actor=acting(case.owner))
    case.refresh_from_db()
    assert case.owner == manager_of(outlet)
    assert Appointment.objects.current().get(case=case).starts_at == late[0]
    assert Appointment.objects.filter(case=case, state="moved").count() == 1


def test_a_proposed_time_that_is_refused_leaves_the_offer():
    outlet, case = an_outlet(), a_ready_case()
    offer = offered(case, outlet, a_window(14))
    late = a_window(16)
    counter_offer(offer.pk, starts_at=late[0], ends_at=late[1], actor=acting(manager_of(outlet)))
    answer_counter(offer.pk, agree=False, actor=acting(case.owner))
    accept_offer(offer.pk, actor=acting(manager_of(outlet)))
    assert Appointment.objects.current().get(case=case).starts_at == a_window(14)[0]


def test_a_suspended_outlet_is_not_asked_and_says_why():
    outlet, case = an_outlet(), a_ready_case()
    suspend_outlet(outlet.pk, reason="整改", actor=SYSTEM)
    with pytest.raises(CannotBeAsked) as refused:
        offered(case, outlet, a_window())
    assert outlet.unit.name in str(refused.value.message)


def test_when_an_outlet_is_suspended_the_next_is_asked_and_people_learn_of_the_work_it_has():
    first, second = an_outlet("近网点"), an_outlet("远网点", **FARTHER)
    asked, has = a_ready_case(), a_ready_case()
    offered(asked, first, a_window())
    accepted(has, first, a_window())
    suspend_outlet(first.pk, reason="整改", actor=SYSTEM)
    outlet_falls_out(Event.objects.get(type="network.outlet_suspended"))
    assert Offer.objects.filter(case=asked).last().outlet_id == second.pk
    has.refresh_from_db()
    assert has.owner == manager_of(first)
    assert Notice.objects.filter(kind="dispatch.outlet_out", case_id=has.pk, staff=has.steward).count() == 1
    outlet_falls_out(Event.objects.get(type="network.outlet_suspended"))
    assert Offer.objects.filter(case=asked).count() == 2


def test_an_outlet_suspended_while_it_is_asked_cannot_accept_and_nothing_is_lost():
    outlet, case = an_outlet(), a_ready_case()
    offer = offered(case, outlet, a_window())
    suspend_outlet(outlet.pk, reason="整改", actor=SYSTEM)
    with pytest.raises(CannotBeAsked):
        accept_offer(offer.pk, actor=acting(manager_of(outlet)))
    case.refresh_from_db()
    assert case.pass_offers.get().state == "offered"


def test_closed_hours_full_windows_and_broken_promises_are_refused_with_words():
    outlet, case = an_outlet(capacity_per_day=1), a_ready_case()
    engineer = an_engineer(outlet)
    with pytest.raises(ClosedThen):
        offered(case, outlet, a_window(4))
    with pytest.raises(BadDispatch):
        offered(case, outlet, a_window(14, day=MONDAY - timedelta(days=1)))
    far = a_window(14, day=TOMORROW + timedelta(days=3))
    agent = acting(case.owner)
    with pytest.raises(AfterPromise):
        offer_to_outlet(case.pk, outlet_id=outlet.pk, starts_at=far[0], ends_at=far[1], actor=agent)
    sent(case, outlet, engineer, a_window())
    other = a_ready_case()
    with pytest.raises(NotFree):
        offered(other, outlet, a_window())


def test_what_is_missing_is_asked_for_first():
    outlet, case = an_outlet(), a_ready_case(address="", product_line="")
    with pytest.raises(BadDispatch) as refused:
        offered(case, outlet)
    assert set(refused.value.fields) == {"product_line", "address"}


def test_who_has_no_part_in_it_may_not_dispatch():
    outlet, case = an_outlet(), a_ready_case()
    with pytest.raises(NotAllowed):
        offer_to_outlet(case.pk, outlet_id=outlet.pk, actor=acting(an_agent("韩梅")))
    offer = offered(case, outlet)
    with pytest.raises(NotAllowed):
        accept_offer(offer.pk, actor=acting(case.owner))
    with pytest.raises(PassPending):
        offered(case, outlet)


def test_an_outlet_sends_its_own_engineers_only():
    outlet, other, case = an_outlet(), an_outlet("别家网点"), a_ready_case()
    foreign = an_engineer(other)
    accepted(case, outlet, a_window())
    with pytest.raises(NotAllowed):
        offer_to_engineer(case.pk, engineer_id=foreign.pk, actor=acting(manager_of(outlet)))
    with pytest.raises(NotAllowed):
        redispatch(case.pk, reason="没空", outlet_id=other.pk, actor=acting(manager_of(outlet)))


def test_work_goes_to_another_outlet_and_the_first_one_keeps_it_until_then():
    first, second = an_outlet("近网点"), an_outlet("远网点", **FARTHER)
    case = a_ready_case()
    accepted(case, first, a_window())
    dispatcher = acting(a_person(unit=the_root(), roles=("dispatcher",)))
    offer = redispatch(case.pk, reason="网点整改", actor=dispatcher)
    assert offer.outlet_id == second.pk
    assert WorkOrder.objects.get(case=case).outlet_id == first.pk
    accept_offer(offer.pk, actor=acting(manager_of(second)))
    orders = list(WorkOrder.objects.filter(case=case).order_by("pk"))
    assert [(order.outlet_id, order.cancelled_at is None) for order in orders] == [(first.pk, False), (second.pk, True)]


def test_many_are_dispatched_and_what_is_refused_says_why():
    outlet = an_outlet()
    good, bad = a_ready_case(), a_ready_case(address="", product_line="")
    dispatcher = acting(a_person(unit=the_root(), roles=("dispatcher",)))
    outcomes = dispatch_many([Wanted(good.pk, outlet.pk), Wanted(bad.pk, outlet.pk)], actor=dispatcher)
    assert outcomes[0].offer is not None
    assert outcomes[1].refused


def test_the_nearer_outlet_with_room_comes_first_and_each_says_why():
    near, far = an_outlet("近网点"), an_outlet("远网点", **FARTHER)
    shut = an_outlet("停业网点")
    suspend_outlet(shut.pk, reason="整改", actor=SYSTEM)
    found = outlets_for(a_ready_case(), MONDAY)
    assert [one.outlet for one in found] == [near, far, shut]
    assert {why.code for why in found[0].reasons} == {"covers", "distance", "room"}
    assert not found[2].can_be_asked
    assert all(why.words for one in found for why in (*one.reasons, *one.against))


def test_engineers_say_why_they_cannot_come():
    outlet, case = an_outlet(), a_ready_case()
    able = an_engineer(outlet, "张工")
    unable = an_engineer(
        outlet,
        "李工",
    )
    from jieli.network.models import Skill

    Skill.objects.filter(engineer=unable).delete()
    found = engineers_for(case, outlet, a_window())
    assert [(one.engineer, one.can_be_asked) for one in found] == [(able, True), (unable, False)]
    assert found[1].against[0].words


def test_at_night_engineers_are_judged_by_the_time_of_the_visit_and_not_by_the_hour():
    outlet, case = an_outlet(), a_ready_case()
    an_engineer(outlet, "张工")
    night = a_window()[0] - timedelta(hours=7)
    with clock.frozen(night):
        for window, can_be_asked in ((None, True), (a_window(), True), ((night, night + timedelta(hours=1)), False)):
            (one,) = engineers_for(case, outlet, window)
            assert one.can_be_asked == can_be_asked, [why.words for why in one.against]


def test_after_a_visit_that_did_not_mend_it_another_one_is_dispatched():
    outlet, case = an_outlet(), a_ready_case()
    first, second = an_engineer(outlet, "张工"), an_engineer(outlet, "李工")
    sent(case, outlet, first, a_window())
    order = WorkOrder.objects.get(case=case)
    manager = acting(manager_of(outlet))
    with clock.frozen(a_window()[0]):
        learn(order.pk, arrived_at=clock.now(), actor=SYSTEM)
        came(case, at=clock.now())
        with pytest.raises(UnderWay):
            offer_to_engineer(case.pk, engineer_id=second.pk, actor=manager)
    with clock.frozen(a_window()[1]):
        end_appointment(case.pk, state="done", actor=SYSTEM)
        assert [one.pk for one in waiting_cases(acting(the_root().leader), "again")] == [case.pk]
        starts_at, ends_at = a_window(10, day=TOMORROW + timedelta(days=1))
        offer = offer_to_engineer(
            case.pk, engineer_id=second.pk, starts_at=starts_at, ends_at=ends_at, agreed=True, actor=manager
        )
        accept_offer(offer.pk, actor=acting(second.staff))
    order.refresh_from_db()
    case.refresh_from_db()
    # By the word given for the first arrival the order is judged; the second one is a promise of its own.
    assert (order.engineer, case.owner, order.promised_until) == (second.staff, second.staff, a_window()[1])
    assert list(Appointment.objects.filter(case=case).order_by("pk").values_list("state", flat=True)) == ["done", "accepted"]
