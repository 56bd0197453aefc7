"""A set: one visit for several devices; what is each device's own is asked of each, and nothing else twice."""

from datetime import timedelta

import pytest

from jieli.customers.models import Device
from jieli.customers.tests.factories import a_device
from jieli.lib import clock
from jieli.orders.actions.living import make_order
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import MONDAY, acting
from jieli.visits.models import Visit
from jieli.visits.queries.day import day_of
from jieli.visits.tests.factories import RECORDS, a_photo, an_engineer, an_order, sent, take, whole_visit

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=2)


@pytest.fixture
def pair():
    """Two orders of one case, on two devices of its customer, of which nobody knows whether they are genuine."""
    engineer = an_engineer()
    first = an_order(engineer)
    other = a_device(first.case.customer, serial="SET-2")
    second = make_order(
        first.case_id,
        outlet_id=engineer.unit_id,
        engineer_id=engineer.pk,
        device_id=other.pk,
        in_warranty=True,
        actor=acting(engineer),
    )
    return engineer, first, second


def own_of(order: WorkOrder, engineer):
    """Return what the phone asks of another device of the set: genuine, diagnosis, outcome, finish."""
    at = clock.now() - timedelta(minutes=10)
    serial = Device.objects.get(pk=order.device_id).serial
    photo = str(a_photo(order, engineer, seed=77))
    return [
        sent(order, "step", at, code="genuine", records={**RECORDS["genuine"], "serial": serial}, evidence=[photo]),
        sent(order, "diagnosis", at, fault_code="e31", note="线圈断路"),
        sent(order, "outcome", at, result="fixed"),
        sent(order, "finish", at),
    ]


def test_the_second_device_needs_only_what_is_its_own(pair):
    engineer, first, second = pair
    with clock.frozen(NOON):
        assert {one.state for one in take(engineer, *whole_visit(first, engineer))} == {"done"}
        assert {one.state for one in take(engineer, *own_of(second, engineer))} == {"done"}
    visit = Visit.objects.get()
    assert (visit.state, visit.orders.count()) == ("finished", 2)
    assert set(Device.objects.filter(pk__in=[first.device_id, second.device_id]).values_list("genuine", flat=True)) == {True}
    second.refresh_from_db()
    assert (second.steps_complete, second.finished_at is not None) == (True, True)


def test_whether_the_second_is_genuine_is_not_taken_from_the_first(pair):
    engineer, first, second = pair
    with clock.frozen(NOON):
        take(engineer, *whole_visit(first, engineer))
        genuine, *rest = own_of(second, engineer)
        *_others, finish = take(engineer, *rest)
        assert (finish.state, list(finish.fields)) == ("refused", ["genuine"])
        take(engineer, genuine)
        assert take(engineer, sent(second, "finish"))[0].state == "done"


def test_the_day_of_the_phone_says_what_each_device_still_needs(pair):
    engineer, first, second = pair
    with clock.frozen(NOON):
        take(engineer, *whole_visit(first, engineer)[:-2])
        done = {one["number"]: set(one["visit"]["done"]) for one in day_of(engineer, NOON)["orders"]}
        assert done[first.number] - done[second.number] == {"genuine"}
        take(engineer, own_of(second, engineer)[0])
        done = {one["number"]: set(one["visit"]["done"]) for one in day_of(engineer, NOON)["orders"]}
    assert done[first.number] == done[second.number]
