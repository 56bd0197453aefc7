"""Finding or making a customer (spec 2, One front door)."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from jieli.customers import actions
from jieli.customers.models import Contact, Customer, Device
from jieli.customers.queries import callers, customer_page
from jieli.customers.tests.factories import AGENT, ENGINEER, MANAGER, a_contact, a_customer, a_device
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.events.refusals import Invalid, NotAllowed


def find(**given: str) -> Customer:
    return actions.find_or_make_customer(**{"name": "王芳", **given}, actor=AGENT)


def test_a_new_name_makes_a_customer_with_an_event(db: None) -> None:
    made = find(phone="138 0013 8000", email="Fang@Example.com")
    assert (made.name, made.phone_digits, made.email, made.tier) == ("王芳", "13800138000", "fang@example.com", "standard")
    event = Event.objects.get(stream="customer", stream_id=made.pk)
    assert event.type == "customers.made"
    assert "王芳" not in str(event.data)


@pytest.mark.parametrize("again", [{"phone": "+86 138-0013-8000"}, {"email": "FANG@example.com"}, {"code": "C1"}])
def test_the_same_customer_is_found_by_phone_mail_or_code(db: None, again: dict[str, str]) -> None:
    made = find(phone="13800138000", email="fang@example.com", code="C1")
    found = actions.find_or_make_customer(**{"name": "方小姐", **again}, actor=AGENT)
    assert found.pk == made.pk
    assert found.name == "王芳"


def test_a_contact_leads_to_the_customer(db: None) -> None:
    company = a_customer(name="海德酒店", kind="organisation")
    a_contact(company, name="陈伟", phone="13911112222", email="wei@hotel.example")
    assert find(name="陈伟", phone="13911112222").pk == company.pk
    assert find(name="陈伟", email="wei@hotel.example").pk == company.pk


def test_a_phone_never_leads_to_a_customer_of_another_code(db: None) -> None:
    first = find(phone="13800138000", code="C1")
    second = find(phone="13800138000", code="C2")
    assert first.pk != second.pk


def test_a_merged_customer_is_found_as_the_kept_one(db: None) -> None:
    kept, merged = a_customer(), a_customer(code="OLD", phone="13900001111")
    actions.merge_customers(kept.pk, merged_id=merged.pk, actor=MANAGER)
    assert find(code="OLD").pk == kept.pk


def test_customers_without_phone_mail_and_code_are_not_guessed_by_name(db: None) -> None:
    assert find().pk != find().pk


def test_a_customer_needs_a_name_and_a_usable_mail(db: None) -> None:
    with pytest.raises(Invalid) as refused:
        find(name=" ", email="not a mail")
    assert set(refused.value.fields) == {"email"}
    with pytest.raises(Invalid) as refused:
        find(name=" ")
    assert set(refused.value.fields) == {"name"}


def test_a_stranger_makes_nobody(db: None) -> None:
    with pytest.raises(NotAllowed):
        actions.find_or_make_customer(name="王芳", actor=Actor("nobody", 1, "?"))  # type: ignore[arg-type]


def race(work: Callable[[], int], sessions: int) -> list[int]:
    """Run `work` in several sessions at once and return what each found."""
    start, found = threading.Barrier(sessions), []

    def one() -> None:
        try:
            start.wait()
            found.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _number in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_eight_sessions_at_once_make_one_customer(transactional_db: None) -> None:
    ids = race(lambda: find(phone="13800138000", email="fang@example.com").pk, 8)
    assert len(ids) == 8
    assert len(set(ids)) == 1
    assert Customer.objects.filter(phone_digits="13800138000").count() == 1


def test_eight_sessions_at_once_make_one_device(transactional_db: None) -> None:
    ids = race(lambda: actions.find_or_make_device(serial="sn 001", actor=AGENT).pk, 8)
    assert len(ids) == 8
    assert len(set(ids)) == 1


def names(query: str, actor: Actor = AGENT) -> set[str]:
    return {customer.name for customer in customer_page(actor, query=query).rows}


def test_customers_are_found_by_any_part_people_remember(db: None) -> None:
    fang = a_customer(name="王芳", phone="13800138000", code="C-77")
    hotel = a_customer(name="上海海德大酒店", phone="021-55667788", kind="organisation")
    a_contact(hotel, name="陈伟", phone="13911112222")
    a_device(fang, serial="AB12-CD34")
    assert names("王") == {"王芳"}
    assert names("王芳") == {"王芳"}
    assert names("海德") == {"上海海德大酒店"}
    assert names("8000") == {"王芳"}
    assert names("1380013") == {"王芳"}
    assert names("138 0013 8000") == {"王芳"}
    assert names("13911112222") == {"上海海德大酒店"}
    assert names("ab12") == {"王芳"}
    assert names("C-77") == {"王芳"}
    assert names("没有这个人") == set()
    assert names("100%_") == set()


def test_a_caller_is_found_while_the_number_is_typed(db: None) -> None:
    a_customer(name="王芳", phone="13800138000")
    assert [customer.name for customer in callers(AGENT, typed="138001")] == ["王芳"]
    assert callers(AGENT, typed="13") == []


def test_pages_follow_one_another_without_gaps(db: None) -> None:
    made = [a_customer(name=f"客户{number}").pk for number in range(7)]
    first = customer_page(AGENT, size=3)
    second = customer_page(AGENT, size=3, before=first.next)
    third = customer_page(AGENT, size=3, before=second.next)
    assert [row.pk for page in (first, second, third) for row in page.rows] == made[::-1]
    assert third.next is None


def test_an_engineer_sees_no_customers_he_has_nothing_to_do_with(db: None) -> None:
    a_customer(name="王芳", phone="13800138000")
    assert customer_page(ENGINEER).rows == []
    assert names("8000", ENGINEER) == set()
    assert callers(ENGINEER, typed="13800138000") == []


def test_a_customer_sees_himself_alone(db: None) -> None:
    me = a_customer()
    a_customer()
    assert [row.pk for row in customer_page(Actor("customer", me.pk, me.name)).rows] == [me.pk]


def test_the_end_of_a_number_is_found_by_an_index(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain select id from customers_customer where phone_reversed like '0008%'")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "customers_by_phone_end" in plan


def test_contacts_and_devices_belong_to_someone(db: None) -> None:
    customer = a_customer()
    contact = a_contact(customer)
    device = a_device(customer)
    assert Contact.objects.get(pk=contact.pk).customer_id == customer.pk
    assert Device.objects.get(pk=device.pk).customer_id == customer.pk
    assert actions.find_device(f" {device.serial.lower()} ") == device
    assert actions.find_device("") is None
