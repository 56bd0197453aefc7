"""Work orders while people work on them: what becomes known has its event, what changes afterwards is marked."""

from datetime import timedelta
from decimal import Decimal

import pytest

from jieli.cases.actions.progressing import cancel_case
from jieli.cases.models import Case
from jieli.cases.tests.factories import a_case
from jieli.customers.models import Device
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.lib import clock
from jieli.orders.actions.living import cancel_order, learn, make_order
from jieli.orders.handlers import call_off_orders
from jieli.orders.models import WorkOrder
from jieli.orders.refusals import BadOrder, OrderEnded
from jieli.people.tests.factories import MONDAY, a_unit

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def an_order(**facts: object) -> WorkOrder:
    """Return the order of a new case."""
    return make_order(a_case().pk, outlet_id=a_unit(code="P1").pk, actor=SYSTEM, **facts)


def told(case: Case) -> list[tuple[str, dict[str, object]]]:
    """Return the events of orders on the chain of a case."""
    events = Event.objects.filter(stream="case", stream_id=case.pk, type__startswith="orders.").order_by("sequence")
    return [
        (event.type, {name: value for name, value in event.data.items() if name not in ("number", "case_id")})
        for event in events
    ]


def test_an_order_bears_the_number_of_its_case_and_what_is_known_of_the_device() -> None:
    case = a_case()
    device = Device.objects.create(serial="S1", product_line="washing_machine", warranty_until="2099-01-01")
    first = make_order(
        case.pk,
        outlet_id=a_unit(code="P1").pk,
        device_id=device.pk,
        distance_km=Decimal("3.21"),
        promised_until=MONDAY + HOUR,
        actor=SYSTEM,
    )
    second = make_order(case.pk, outlet_id=a_unit(code="P2").pk, actor=SYSTEM)
    assert (first.number, second.number) == (f"{case.number}-1", f"{case.number}-2")
    assert (first.product_line, first.in_warranty, first.dispatched_at) == ("washing_machine", True, MONDAY)
    type_, data = told(case)[0]
    assert type_ == "orders.dispatched"
    assert data["outlet"] == "P1"
    assert data["facts"] == {
        "device_id": device.pk,
        "distance_km": "3.210",
        "in_warranty": True,
        "product_line": "washing_machine",
        "service_type": case.service_type,
    } | ({"fault_group": case.fault_code} if case.fault_code else {})
    with pytest.raises(BadOrder):
        make_order(case.pk, outlet_id=second.outlet_id, actor=SYSTEM)


def test_each_time_that_becomes_known_has_its_event_at_that_time_and_saying_it_twice_changes_nothing() -> None:
    order = an_order()
    with clock.frozen(MONDAY + 3 * HOUR):
        for _ in range(2):
            learn(order.pk, arrived_at=MONDAY + HOUR, actor=SYSTEM)
            learn(
                order.pk,
                finished_at=MONDAY + 2 * HOUR,
                fixed_first=True,
                steps_complete=True,
                night=True,
                reported_at=MONDAY + 3 * HOUR,
                actor=SYSTEM,
            )
    events = Event.objects.filter(stream="case", stream_id=order.case_id, type__startswith="orders.").order_by("sequence")
    assert [(one.type, one.at) for one in events] == [
        ("orders.dispatched", MONDAY),
        ("orders.arrived", MONDAY + HOUR),
        ("orders.finished", MONDAY + 2 * HOUR),
        ("orders.reported", MONDAY + 3 * HOUR),
    ]
    assert events[2].data["facts"] == {"steps_complete": True, "night": True}
    order.refresh_from_db()
    assert order.changed_at is None


def test_what_was_known_of_a_finished_order_and_changes_is_marked_for_the_month_end() -> None:
    order = an_order()
    learn(order.pk, finished_at=MONDAY, fixed_first=True, in_warranty=True, actor=SYSTEM)
    learn(order.pk, part="P7", delight=True, actor=SYSTEM)
    assert WorkOrder.objects.get(pk=order.pk).changed_at is None
    learn(order.pk, in_warranty=False, actor=SYSTEM)
    assert WorkOrder.objects.get(pk=order.pk).changed_at == MONDAY
    assert told(order.case)[-1] == (
        "orders.order_changed",
        {"changed": ["in_warranty"], "changes": {"in_warranty": [True, False]}, "facts": {}},
    )


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"lab_finding": "confirmed", "lab_at": MONDAY}, "lab_finding"),
        ({"finished_at": MONDAY - 9 * HOUR}, "finished_at"),
        ({"callback_result": "satisfied"}, "callback_at"),
    ],
)
def test_what_cannot_be_is_refused_by_name_as_in_an_import(facts: dict[str, object], named: str) -> None:
    order = an_order()
    with pytest.raises(BadOrder) as refused:
        learn(order.pk, actor=SYSTEM, **facts)
    assert list(refused.value.fields) == [named]


def test_a_cancelled_case_calls_its_orders_off_and_a_finished_one_stays() -> None:
    order = an_order()
    cancel_case(order.case_id, reason="…", actor=SYSTEM)
    call_off_orders(Event.objects.get(stream="case", stream_id=order.case_id, type="cases.cancelled"))
    order.refresh_from_db()
    assert order.cancelled_at == MONDAY
    assert cancel_order(order.pk, actor=SYSTEM).cancelled_at == MONDAY
    assert [type_ for type_, _data in told(order.case)] == ["orders.dispatched", "orders.cancelled"]
    with pytest.raises(OrderEnded):
        learn(order.pk, arrived_at=MONDAY, actor=SYSTEM)
    other = an_order_of(a_case())
    learn(other.pk, finished_at=MONDAY, actor=SYSTEM)
    with pytest.raises(OrderEnded):
        cancel_order(other.pk, actor=SYSTEM)


def an_order_of(case: Case) -> WorkOrder:
    """Return an order of a case at an outlet of its own."""
    return make_order(case.pk, outlet_id=a_unit(code="P9").pk, actor=SYSTEM)
