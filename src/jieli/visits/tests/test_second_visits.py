"""A visit that did not mend it: the next one has an appointment of its own, and the first stays as kept."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from jieli.cases.models import Case, Message
from jieli.customers.tests.factories import a_customer, a_device
from jieli.dispatch.actions.appointing import set_appointment
from jieli.dispatch.models import Appointment
from jieli.dispatch.queries.slots import window_state
from jieli.dispatch.refusals import UnderWay
from jieli.dispatch.tests import factories as dispatch
from jieli.dispatch.tests.factories import TOMORROW, a_ready_case, a_window
from jieli.events.actor import customer_actor
from jieli.events.models import Event
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import acting
from jieli.visits.models import VisitOrder
from jieli.visits.queries.day import day_of
from jieli.visits.tests.factories import sent, take, whole_visit

pytestmark = pytest.mark.django_db
FIRST = a_window()
AGAIN = a_window(10, day=TOMORROW + timedelta(days=1))


@pytest.fixture
def outlet():
    return dispatch.an_outlet()


@pytest.fixture
def engineer(outlet):
    return dispatch.an_engineer(outlet)


def an_order(outlet, engineer, **values):
    """Return the order of a case that an engineer has for the first window, its owner's offer accepted twice."""
    customer = a_customer()
    case = a_ready_case(customer=customer, device=a_device(customer, line="washing_machine"), **values)
    dispatch.sent(case, outlet, engineer, FIRST)
    return WorkOrder.objects.select_related("case").get(case=case)


def not_mended(order, engineer, *, next_at=None, at=FIRST[0], **more):
    """Let an engineer come and not mend it."""
    with clock.frozen(at + timedelta(minutes=40)):
        said = {"result": "not_fixed", "reason": "part"} | ({"next_at": next_at.isoformat()} if next_at else {}) | more
        results = take(engineer.staff, sent(order, "arrive", at), sent(order, "outcome", **said), sent(order, "finish"))
        assert [one.state for one in results] == ["done"] * 3, results


def appointments(order):
    rows = Appointment.objects.filter(case=order.case_id).order_by("pk")
    return list(rows.values_list("number", "state", "starts_at"))


def running(order, kind):
    return list(Case.objects.get(pk=order.case_id).promises.unended().filter(kind=kind).values_list("due_at", flat=True))


def test_the_second_visit_has_an_appointment_of_its_own_and_the_first_stays_as_kept(outlet, engineer):
    order = an_order(outlet, engineer)
    not_mended(order, engineer, next_at=AGAIN[0] + timedelta(minutes=30))
    assert appointments(order) == [(1, "done", FIRST[0]), (2, "accepted", AGAIN[0])]
    second = Appointment.objects.get(case=order.case_id, number=2)
    assert (second.engineer, second.outlet_id, second.ends_at, second.agreed) == (engineer.staff, outlet.pk, AGAIN[1], True)
    assert second.moved_from is None
    assert running(order, "arrive") == [AGAIN[1]]
    assert "我们再次上门" in Message.objects.filter(case=order.case_id, direction="out").last().body
    types = list(Event.objects.of_case(order.case_id).values_list("type", flat=True))
    assert types.count("dispatch.appointment_set") == 2
    assert "dispatch.appointment_moved" not in types


def test_the_word_of_the_first_visit_stays_with_the_order_whenever_the_second_is(outlet, engineer):
    order = an_order(outlet, engineer)
    not_mended(order, engineer, next_at=AGAIN[0])
    with clock.frozen(FIRST[1]):
        set_appointment(
            order.case_id, starts_at=a_window(16)[0] + timedelta(days=1), ends_at=a_window(16)[1] + timedelta(days=1),
            agreed=True, actor=acting(dispatch.manager_of(outlet)),
        )  # fmt: skip
    order.refresh_from_db()
    assert order.promised_until == FIRST[1]
    assert running(order, "arrive") == [a_window(16)[1] + timedelta(days=1)]


def test_it_takes_a_place_that_is_really_free_and_takes_it_from_others(outlet, engineer):
    order = an_order(outlet, engineer)
    others = [a_ready_case() for _turn in range(2)]
    for case in others:
        dispatch.sent(case, outlet, engineer, AGAIN)
    not_mended(order, engineer, next_at=AGAIN[0])
    # Two others have the engineer's whole window: the word given stands, and those who plan are told.
    assert appointments(order) == [(1, "done", FIRST[0])]
    assert running(order, "arrive") == [AGAIN[0]]
    assert Notice.objects.filter(kind="dispatch.next_not_set", staff=dispatch.manager_of(outlet)).count() == 1
    fact = Event.objects.of_case(order.case_id).get(type="dispatch.next_visit_not_set")
    assert fact.data["why"] == "full"


def test_what_it_takes_nobody_else_gets(outlet, engineer):
    one, two = an_order(outlet, engineer), an_order(outlet, engineer)
    not_mended(one, engineer, next_at=AGAIN[0])
    window = {"product_line": "washing_machine", "engineer_id": engineer.pk}
    assert window_state(outlet, AGAIN, **window) == ""
    not_mended(two, engineer, next_at=AGAIN[0])
    assert window_state(outlet, AGAIN, **window) == "full"


def test_a_time_at_which_nobody_works_is_promised_and_left_to_a_person(outlet, engineer):
    order = an_order(outlet, engineer)
    night = AGAIN[0] - timedelta(hours=8)
    not_mended(order, engineer, next_at=night)
    assert appointments(order) == [(1, "done", FIRST[0])]
    assert running(order, "arrive") == [night]
    assert Event.objects.of_case(order.case_id).get(type="dispatch.next_visit_not_set").data["why"] == "closed"


def test_the_customer_moves_the_second_appointment_by_link_and_not_while_somebody_is_there(outlet, engineer):
    order = an_order(outlet, engineer, tracking_code="a-code-of-twelve")
    customer = customer_actor(order.case.customer_id, "王芳")
    with clock.frozen(FIRST[0]):
        take(engineer.staff, sent(order, "arrive"))
        with pytest.raises(UnderWay):
            set_appointment(order.case_id, starts_at=AGAIN[0], ends_at=AGAIN[1], actor=customer)
    not_mended(order, engineer, next_at=AGAIN[0], at=FIRST[0] + timedelta(minutes=5))
    link = f"/t/{order.case.number}/a-code-of-twelve/appointment"
    later = a_window(16, day=TOMORROW + timedelta(days=1))
    with clock.frozen(FIRST[1]):
        value = f"{later[0].isoformat()}/{later[1].isoformat()}"
        assert Client().post(link, {"window": value}).status_code == 302
        assert "16:00" in Client().get(link).content.decode()
    assert appointments(order) == [(1, "done", FIRST[0]), (2, "moved", AGAIN[0]), (2, "accepted", later[0])]
    with clock.frozen(later[0]):
        take(engineer.staff, sent(order, "arrive"))
        with pytest.raises(UnderWay):
            set_appointment(order.case_id, starts_at=later[1], ends_at=later[1] + timedelta(hours=2), actor=customer)


def test_the_desk_that_sets_a_time_while_somebody_is_on_site_sets_that_of_the_next_visit(outlet, engineer):
    order = an_order(outlet, engineer)
    manager = acting(dispatch.manager_of(outlet))
    with clock.frozen(FIRST[0]):
        take(engineer.staff, sent(order, "arrive"))
        set_appointment(order.case_id, starts_at=AGAIN[0], ends_at=AGAIN[1], agreed=True, actor=manager)
    not_mended(order, engineer, at=FIRST[0] + timedelta(minutes=1))
    assert appointments(order) == [(1, "done", FIRST[0]), (2, "accepted", AGAIN[0])]


def test_the_phone_has_the_second_visit_in_its_day_with_its_own_word(outlet, engineer):
    order = an_order(outlet, engineer)
    not_mended(order, engineer, next_at=AGAIN[0])
    with clock.frozen(FIRST[1]):
        shown = day_of(engineer.staff, clock.now())["orders"]
    with clock.frozen(AGAIN[0] - timedelta(hours=1)):
        that_day = day_of(engineer.staff, clock.now())["orders"]
    for (one,) in (shown, that_day):
        assert (one["number"], one["state"], one["visit"]) == (order.number, "accepted", None)
        assert one["window"] == {"from": AGAIN[0].isoformat(), "to": AGAIN[1].isoformat()}
        assert one["promised_until"] == AGAIN[1].isoformat()


def test_the_second_visit_keeps_its_promise_and_its_appointment(outlet, engineer):
    order = an_order(outlet, engineer)
    not_mended(order, engineer, next_at=AGAIN[0])
    with clock.frozen(AGAIN[1]):
        results = take(engineer.staff, *whole_visit(order, engineer.staff, start=AGAIN[0]))
        assert {one.state for one in results} == {"done"}, results
    assert [state for _number, state, _starts in appointments(order)] == ["done", "done"]
    case = Case.objects.get(pk=order.case_id)
    assert list(case.promises.filter(kind="arrive").order_by("pk").values_list("outcome", flat=True)) == ["kept", "kept"]


def test_a_result_said_again_with_another_time_moves_the_second_appointment(outlet, engineer):
    order = an_order(outlet, engineer)
    other = a_window(16, day=TOMORROW + timedelta(days=1))
    with clock.frozen(FIRST[0]):
        take(engineer.staff, sent(order, "arrive"))
        for starts_at in (AGAIN[0], other[0]):
            said = {"result": "not_fixed", "reason": "part", "next_at": starts_at.isoformat()}
            assert take(engineer.staff, sent(order, "outcome", **said))[0].state == "done"
    assert appointments(order) == [(1, "done", FIRST[0]), (2, "moved", AGAIN[0]), (2, "accepted", other[0])]
    assert VisitOrder.objects.get(order=order).next_at == other[0]


def test_the_engineer_chooses_among_his_free_windows(outlet, engineer):
    order = an_order(outlet, engineer)
    stranger = dispatch.an_engineer(outlet, "别人")
    client, other = Client(), Client()
    client.force_login(engineer.staff)
    other.force_login(stranger.staff)
    windows = client.get("/field/windows/", {"order": order.number}).json()["windows"]
    free = [(datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"])) for one in windows]
    assert AGAIN in free
    assert other.get("/field/windows/", {"order": order.number}).status_code == 404
    not_mended(order, engineer, next_at=AGAIN[0], next_until=AGAIN[1].isoformat())
    assert appointments(order)[1] == (2, "accepted", AGAIN[0])
