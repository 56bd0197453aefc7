"""Work that goes to another outlet while a visit runs: that visit is called off, and what was recorded stays."""

from datetime import timedelta

import pytest

from jieli.cases.actions.progressing import cancel_case
from jieli.cases.models import Case
from jieli.customers.tests.factories import a_customer, a_device
from jieli.dispatch.actions.answering import accept_offer
from jieli.dispatch.actions.offering import offer_to_outlet, redispatch
from jieli.dispatch.handlers import offer_taken_back
from jieli.dispatch.models import Appointment
from jieli.dispatch.refusals import UnderWay
from jieli.dispatch.tests import factories as dispatch
from jieli.dispatch.tests.factories import FARTHER, TOMORROW, a_ready_case, a_window
from jieli.events.models import Event
from jieli.events.reactions import handlers_of
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import a_person, acting, the_root
from jieli.visits.handlers import order_went_elsewhere
from jieli.visits.models import StepRecord, Visit
from jieli.visits.queries.day import day_of
from jieli.visits.tests.factories import sent, take

pytestmark = pytest.mark.django_db
FIRST = a_window()
NEXT = a_window(10, day=TOMORROW + timedelta(days=1))


def a_running_visit():
    """Return the first outlet's engineer, his order and the dispatcher, half an hour into a visit."""
    outlet = dispatch.an_outlet()
    engineer = dispatch.an_engineer(outlet)
    customer = a_customer()
    case = a_ready_case(customer=customer, device=a_device(customer, line="washing_machine"))
    dispatch.sent(case, outlet, engineer, FIRST)
    order = WorkOrder.objects.get(case=case)
    listened = sent(order, "step", FIRST[0] + timedelta(minutes=5), code="listen", records={"complaint": "不排水"})
    with clock.frozen(FIRST[0] + timedelta(minutes=30)):
        take(engineer.staff, sent(order, "arrive", FIRST[0]), listened)
    return engineer, order, acting(a_person(unit=the_root(), roles=("dispatcher",), name="派单员"))


def react(type_, handler):
    """Run a handler for the facts of a type, as the worker does after the commit."""
    for event in Event.objects.filter(type=type_):
        handler(event)


def goes_elsewhere(order, dispatcher):
    """Let another outlet take the work over."""
    other = dispatch.an_outlet("市北网点", **FARTHER)
    offer = redispatch(
        order.case_id,
        reason="工程师受伤",
        outlet_id=other.pk,
        starts_at=NEXT[0],
        ends_at=NEXT[1],
        agreed=True,
        actor=dispatcher,
    )
    assert Visit.objects.get().is_open
    accept_offer(offer.pk, actor=acting(dispatch.manager_of(other)))
    react("orders.cancelled", order_went_elsewhere)
    return other


def test_a_visit_is_called_off_when_another_outlet_takes_the_work_and_what_was_recorded_stays():
    engineer, order, dispatcher = a_running_visit()
    with clock.frozen(FIRST[0] + timedelta(minutes=40)):
        other = goes_elsewhere(order, dispatcher)
    visit = Visit.objects.get()
    assert visit.state == "called_off"
    assert visit.arrived_at == FIRST[0]
    assert StepRecord.objects.get(visit=visit, code="listen").records == {"complaint": "不排水"}
    rows = Appointment.objects.filter(case=order.case_id).order_by("pk")
    assert list(rows.values_list("number", "state", "outlet_id")) == [
        (1, "done", engineer.outlet_id),
        (2, "accepted", other.pk),
    ]
    order.refresh_from_db()
    assert order.cancelled_at is not None
    assert Notice.objects.filter(staff=engineer.staff, kind="visits.called_off").count() == 1
    assert "jieli.visits.handlers.order_went_elsewhere" in handlers_of("orders.cancelled")


def test_the_phone_shows_that_it_was_called_off_and_nothing_of_the_customer():
    engineer, order, dispatcher = a_running_visit()
    with clock.frozen(FIRST[0] + timedelta(minutes=40)):
        goes_elsewhere(order, dispatcher)
        (shown,) = day_of(engineer.staff, clock.now())["orders"]
        late = take(engineer.staff, sent(order, "step", code="tidy", records={"tools_counted": True}))[0]
    assert (shown["number"], shown["state"]) == (order.number, "cancelled")
    assert (shown["customer"]["phone"], shown["customer"]["address"]) == ("", "")
    assert late.state == "conflict"


def test_to_the_same_people_nothing_is_offered_while_somebody_is_on_site():
    _engineer, order, dispatcher = a_running_visit()
    with clock.frozen(FIRST[0] + timedelta(minutes=40)), pytest.raises(UnderWay):
        offer_to_outlet(order.case_id, outlet_id=order.outlet_id, actor=dispatcher)


def test_what_was_only_planned_is_let_go_when_another_outlet_takes_it_without_a_time():
    outlet, other = dispatch.an_outlet(), dispatch.an_outlet("市北网点", **FARTHER)
    engineer = dispatch.an_engineer(outlet)
    case = a_ready_case()
    dispatch.sent(case, outlet, engineer, FIRST)
    dispatcher = acting(a_person(unit=the_root(), roles=("dispatcher",), name="派单员"))
    # The other outlet has nobody at that time: it is to find one.
    dispatch.an_engineer(other, shifts={"mon": [["08:00", "12:00"]]})
    offer = redispatch(case.pk, reason="太远", outlet_id=other.pk, actor=dispatcher)
    assert offer.starts_at is None
    accept_offer(offer.pk, actor=acting(dispatch.manager_of(other)))
    held = Appointment.objects.current().get(case=case)
    assert (held.state, held.outlet_id, held.engineer_id) == ("planned", None, None)


def test_a_cancelled_case_calls_its_visit_off():
    _engineer, order, _dispatcher = a_running_visit()
    from jieli.dispatch.handlers import nobody_comes
    from jieli.orders.handlers import call_off_orders

    with clock.frozen(FIRST[0] + timedelta(minutes=40)):
        cancel_case(order.case_id, reason="客户不修了", actor=acting(Case.objects.get(pk=order.case_id).steward))
        react("cases.cancelled", call_off_orders)
        react("cases.cancelled", nobody_comes)
        react("orders.cancelled", order_went_elsewhere)
    assert Visit.objects.get().state == "called_off"
    assert Appointment.objects.get().state == "done"


def test_an_offer_taken_back_lets_the_time_go_that_was_kept_for_it():
    from jieli.cases.actions.passing import withdraw_pass

    outlet, case = dispatch.an_outlet(), a_ready_case()
    dispatch.an_engineer(outlet)
    offer = dispatch.offered(case, outlet, FIRST)
    assert Appointment.objects.get(case=case).state == "offered"
    withdraw_pass(offer.pk, actor=acting(case.owner))
    react("cases.pass_withdrawn", offer_taken_back)
    held = Appointment.objects.get(case=case)
    assert (held.state, held.outlet_id) == ("planned", None)
