"""A whole machine that changes hands changes the customer's devices: the new one is his, the old one is not any more."""

from datetime import date
from decimal import Decimal

import pytest

from jieli.customers.actions.devices import change_device
from jieli.customers.models import Device
from jieli.customers.tests.factories import a_customer, a_device
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.parts.actions.machines import Asked, ask_for_machine, decide_machine
from jieli.parts.actions.returning import receive_old_part
from jieli.parts.actions.using import undo_use, use_part
from jieli.parts.handlers import devices_follow
from jieli.parts.models import Place
from jieli.parts.tests.factories import a_machine, a_part, a_van, an_engineer, an_order, an_outlet, filled
from jieli.people.tests.factories import a_person, acting

pytestmark = pytest.mark.django_db
LEFT = date(2027, 3, 1)


@pytest.fixture
def customer():
    return a_customer()


@pytest.fixture
def old(customer):
    device = a_device(customer, serial="SN-OLD", line="washing_machine")
    return change_device(device.pk, values={"warranty_until": LEFT, "model": "XQG100"}, actor=SYSTEM)


@pytest.fixture
def order(old):
    engineer = an_engineer(an_outlet())
    a_machine("WM")
    a_van(engineer, WM=2)
    return an_order(engineer, device=old, device_id=old.pk)


def react():
    """Let the worker react to everything that happened, twice: a job may run again."""
    for event in [*Event.objects.filter(type__in=["parts.used", "parts.use_taken_back", "parts.returned"]).order_by("pk")] * 2:
        devices_follow(event)


def approved(order, asked):
    made = ask_for_machine(order.pk, asked, actor=acting(order.engineer))
    return decide_machine(made.pk, approved=True, actor=acting(a_person(roles=("supervisor",), name="韩梅")))


def exchanged(order):
    approved(order, Asked("exchange", machine="WM", old_serial="SN-OLD", reason="三次修理仍漏水"))
    used = use_part(order.pk, part_code="WM", new_serial="SN-NEW", actor=acting(order.engineer))
    react()
    return used


def whose():
    return dict(Device.objects.exclude(serial="").values_list("serial", "customer_id"))


def told(serial):
    facts = Event.objects.filter(stream="device", stream_id=Device.objects.get(serial=serial).pk)
    return list(facts.order_by("sequence").values_list("type", flat=True))


def test_the_machine_that_was_handed_over_is_his_with_what_is_left_of_the_warranty(order, customer):
    exchanged(order)
    assert whose() == {"SN-OLD": None, "SN-NEW": customer.pk}
    new = Device.objects.get(serial="SN-NEW")
    assert (new.product_line, new.model, new.warranty_until) == ("washing_machine", "XQG100", LEFT)
    assert told("SN-NEW") == ["customers.device_made", "customers.device_changed"]
    assert told("SN-OLD")[-1] == "customers.device_moved"


def test_a_longer_warranty_of_its_own_stays(order, customer):
    own = a_device(None, serial="SN-NEW", line="washing_machine")
    change_device(own.pk, values={"warranty_until": date(2028, 1, 1)}, actor=SYSTEM)
    exchanged(order)
    assert whose()["SN-NEW"] == customer.pk
    assert Device.objects.get(serial="SN-NEW").warranty_until == date(2028, 1, 1)


def test_a_hand_over_that_is_taken_back_takes_both_back(order, customer):
    used = exchanged(order)
    undo_use(used.pk, reason="客户不要了", actor=acting(order.engineer))
    react()
    assert whose() == {"SN-OLD": customer.pk, "SN-NEW": None}
    assert Device.objects.get(serial="SN-NEW").warranty_until is None


def test_a_machine_that_comes_back_for_good_leaves_him_when_it_is_there(order, customer):
    approved(order, Asked("return", old_machine="WM", old_serial="SN-OLD", amount=Decimal("1500.00"), reason="客户退机"))
    react()
    assert whose() == {"SN-OLD": customer.pk}
    receive_old_part("SN-OLD", actor=acting(a_person(roles=("quality",), name="质检员")))
    react()
    assert whose() == {"SN-OLD": None}


def test_a_part_changes_no_device(order, customer):
    a_part("PUMP")
    filled(Place.objects.get(staff=order.engineer), PUMP=1)
    use_part(order.pk, part_code="PUMP", new_serial="P-NEW", old_serial="P-OLD", actor=acting(order.engineer))
    react()
    assert whose() == {"SN-OLD": customer.pk}
