"""Changing customers, contacts, devices and consent."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError, InternalError, ProgrammingError

from jieli.customers import actions
from jieli.customers.models import Consent, Contact, Customer, Device
from jieli.customers.queries import consents_of
from jieli.customers.refusals import ChangedMeanwhile, CodeTaken, SerialTaken
from jieli.customers.tests.factories import AGENT, ENGINEER, SUPERVISOR, a_contact, a_customer, a_device
from jieli.events.actor import Actor
from jieli.events.models import Event, EventText
from jieli.events.refusals import Invalid, NotAllowed


def types(stream: str, id_: int) -> list[str]:
    return list(Event.objects.filter(stream=stream, stream_id=id_).order_by("sequence").values_list("type", flat=True))


def test_a_change_is_an_event_whose_words_lie_outside_the_hash(db: None) -> None:
    customer = a_customer(name="王芳")
    actions.change_customer(customer.pk, values={"address": "北京市海淀区中关村大街1号"}, actor=AGENT)
    event = Event.objects.get(type="customers.changed", stream_id=customer.pk)
    assert event.data["fields"] == "address"
    assert "中关村" not in str(event.data)
    assert "中关村" in EventText.objects.get(event=event).body


def test_the_same_values_again_change_nothing(db: None) -> None:
    customer = a_customer(name="王芳", phone="13800138000")
    actions.change_customer(customer.pk, values={"name": "王芳 ", "phone": "13800138000"}, actor=AGENT)
    assert types("customer", customer.pk) == ["customers.made"]


def test_who_saves_second_is_shown_what_changed_and_loses_nothing(db: None) -> None:
    customer = a_customer(name="王芳")
    seen = customer.changed_at - timedelta(seconds=1)
    actions.change_customer(customer.pk, values={"address": "甲路1号"}, actor=AGENT)
    with pytest.raises(ChangedMeanwhile) as refused:
        actions.change_customer(customer.pk, values={"address": "乙路2号"}, actor=AGENT, seen_at=seen)
    assert refused.value.changed == {"address": "甲路1号"}
    assert Customer.objects.get(pk=customer.pk).address == "甲路1号"


def test_a_code_belongs_to_one_customer(db: None) -> None:
    a_customer(code="C1")
    other = a_customer(code="C2")
    with pytest.raises(CodeTaken):
        actions.change_customer(other.pk, values={"code": "C1"}, actor=AGENT)
    with pytest.raises(CodeTaken):
        a_customer(code="C1")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"latitude": 31, "longitude": None}, "longitude"),
        ({"latitude": 91, "longitude": 0}, "latitude"),
        ({"latitude": 0, "longitude": 181}, "longitude"),
        ({"name": " "}, "name"),
        ({"name": "王" * 201}, "name"),
        ({"email": "@"}, "email"),
        ({"kind": "robot"}, "kind"),
        ({"shoe_size": 40}, "shoe_size"),
        ({"address": "a\x00b"}, "address"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(db: None, values: dict[str, object], field: str) -> None:
    customer = a_customer()
    with pytest.raises(Invalid) as refused:
        actions.change_customer(customer.pk, values=values, actor=AGENT)
    assert set(refused.value.fields) == {field}


def test_an_engineer_changes_devices_but_not_customers(db: None) -> None:
    customer = a_customer()
    device = a_device(customer)
    actions.change_device(device.pk, values={"model": "XQG90"}, actor=ENGINEER)
    with pytest.raises(NotAllowed):
        actions.change_customer(customer.pk, values={"name": "王方"}, actor=ENGINEER)


def test_contacts_come_change_and_leave(db: None) -> None:
    customer = a_customer()
    contact = a_contact(customer, name="陈伟", phone="13911112222")
    assert a_contact(customer, name="陈伟", phone="139 1111 2222") == contact
    actions.change_contact(contact.pk, values={"role": "店长"}, actor=AGENT)
    actions.end_contact(contact.pk, actor=AGENT)
    actions.end_contact(contact.pk, actor=AGENT)
    assert Contact.objects.get(pk=contact.pk).ended_at is not None
    assert types("customer", customer.pk) == [
        "customers.made",
        "customers.contact_added",
        "customers.contact_changed",
        "customers.contact_ended",
    ]
    with pytest.raises(NotAllowed):
        actions.add_contact(customer.pk, name="陈伟", actor=ENGINEER)


def test_a_device_goes_to_another_customer(db: None) -> None:
    first, second = a_customer(), a_customer()
    device = a_device(first)
    actions.move_device(device.pk, customer_id=second.pk, actor=AGENT)
    assert Device.objects.get(pk=device.pk).customer_id == second.pk
    assert types("device", device.pk) == ["customers.device_made", "customers.device_moved"]
    with pytest.raises(NotAllowed):
        actions.move_device(device.pk, customer_id=None, actor=ENGINEER)


def test_a_device_found_keeps_its_customer_but_an_orphan_gets_one(db: None) -> None:
    owner, caller = a_customer(), a_customer()
    known, orphan = a_device(owner), a_device()
    assert actions.find_or_make_device(serial=known.serial, customer_id=caller.pk, actor=AGENT).customer_id == owner.pk
    assert actions.find_or_make_device(serial=orphan.serial, customer_id=caller.pk, actor=AGENT).customer_id == caller.pk


def test_a_serial_belongs_to_one_device(db: None) -> None:
    a_device(serial="SN1")
    other = a_device(serial="SN2")
    with pytest.raises(SerialTaken):
        actions.change_device(other.pk, values={"serial": "sn 1"}, actor=AGENT)
    with pytest.raises(Invalid):
        a_device(serial="  ", model="", line="")


def test_the_last_word_on_consent_holds(db: None) -> None:
    customer = a_customer()
    actions.record_consent(customer.pk, purpose="care", given=True, actor=AGENT)
    actions.record_consent(customer.pk, purpose="care", given=False, actor=Actor("customer", customer.pk, "王芳"))
    assert [(one.purpose, one.given) for one in consents_of(customer.pk)] == [("care", False)]
    assert Consent.objects.filter(customer=customer).count() == 2
    with pytest.raises(NotAllowed):
        actions.record_consent(customer.pk, purpose="care", given=True, actor=Actor("customer", customer.pk + 1, "?"))


def test_looking_at_a_masked_field_is_an_event(db: None) -> None:
    customer = a_customer(phone="13800138000")
    contact = a_contact(customer, phone="13911112222")
    assert actions.unmask(customer.pk, field="phone", actor=AGENT) == "13800138000"
    assert actions.unmask(customer.pk, field="phone", contact_id=contact.pk, actor=AGENT) == "13911112222"
    looks = Event.objects.filter(type="customers.field_unmasked", stream_id=customer.pk).order_by("sequence")
    assert [(look.data["field"], look.data["contact_id"], look.actor_id) for look in looks] == [
        ("phone", None, AGENT.id),
        ("phone", contact.pk, AGENT.id),
    ]


def test_who_does_not_see_the_customer_does_not_unmask_him(db: None) -> None:
    customer = a_customer()
    with pytest.raises(Customer.DoesNotExist):
        actions.unmask(customer.pk, field="phone", actor=ENGINEER)
    with pytest.raises(Invalid):
        actions.unmask(customer.pk, field="notes", actor=AGENT)
    with pytest.raises(NotAllowed):
        actions.unmask(customer.pk, field="phone", actor=Actor("staff", 9, "?"))


ATTACKS = {
    "customers_code_once": "update customers_customer set code = 'C1'",
    "customers_customer_tier": "update customers_customer set tier = 'platinum'",
    "customers_customer_kind": "update customers_customer set kind = 'robot'",
    "customers_customer_named": "update customers_customer set name = ''",
    "customers_customer_value_0_100": "update customers_customer set value = 100.01",
    "customers_customer_tier_score_0_100": "update customers_customer set tier_score = -1",
    "customers_place_whole": "update customers_customer set latitude = 91, longitude = 0",
    "customers_not_merged_into_itself": "update customers_customer set merged_into_id = id",
    "customers_erased_is_blank": "update customers_customer set erased_at = now()",
    "customers_serial_upper": "update customers_device set serial = 'sn1'",
    "customers_device_told_apart": "update customers_device set serial = '', model = '', product_line = ''",
    "permission denied": "delete from customers_customer",
}


@pytest.mark.parametrize(("wall", "attack"), ATTACKS.items(), ids=ATTACKS)
def test_the_database_refuses_plain_sql(db: None, wall: str, attack: str) -> None:
    a_device(a_customer(code="C1"))
    a_customer(code="C2")
    with pytest.raises(DatabaseError, match=wall), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


def test_consent_is_never_rewritten(db: None) -> None:
    actions.record_consent(a_customer().pk, purpose="care", given=True, actor=AGENT)
    with pytest.raises((ProgrammingError, InternalError, IntegrityError)), transaction.atomic():
        Consent.objects.update(given=False)


def test_a_supervisor_may_do_what_an_agent_may(db: None) -> None:
    customer = a_customer()
    assert actions.change_customer(customer.pk, values={"notes": "按门铃"}, actor=SUPERVISOR).notes == "按门铃"
