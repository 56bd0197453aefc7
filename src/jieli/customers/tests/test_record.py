"""The customer's record (spec 2): further addresses, special dates, temperament, segments, batches, duplicates."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from jieli.customers import actions
from jieli.customers.models import Address, Customer, Device, Segment, SpecialDate
from jieli.customers.queries import (
    addresses_of,
    consents_of,
    customer_page,
    device_page,
    duplicates,
    special_dates_of,
)
from jieli.customers.refusals import CustomerErasedAlready
from jieli.customers.tests.factories import AGENT, ENGINEER, MANAGER, SUPERVISOR, a_customer, a_device
from jieli.events.models import Event, EventText
from jieli.events.refusals import Invalid, NotAllowed
from jieli.people.models import Staff
from jieli.people.tests.factories import a_person

pytestmark = pytest.mark.django_db

Login = Callable[..., Client]
WEDDING = date(2020, 5, 20)


@pytest.fixture
def login() -> Login:
    """Give a browser in which somebody with these roles has logged in, in English."""

    def with_roles(*roles: str) -> Client:
        person = a_person(roles=roles)
        Staff.objects.filter(pk=person.pk).update(language="en")
        client = Client(headers={"accept-language": "en"})
        client.force_login(person)
        return client

    return with_roles


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return str(response.content.decode())


def an_address(customer: Customer, words: str = "上海市浦东新区世纪大道 1 号") -> Address:
    return actions.add_address(
        customer.pk, text=words, name="公司", latitude=Decimal("31.24"), longitude=Decimal("121.5"), actor=AGENT
    )


def a_day(customer: Customer, name: str = "结婚纪念日", on: date = WEDDING) -> SpecialDate:
    return actions.note_special_date(customer.pk, name=name, on=on, actor=AGENT)


# --- addresses and special dates


def test_a_customer_has_several_addresses_until_they_no_longer_hold() -> None:
    customer = a_customer()
    first, second = an_address(customer), an_address(customer, "杭州市西湖区文三路 2 号")
    assert an_address(customer) == first
    actions.end_address(first.pk, actor=AGENT)
    actions.end_address(first.pk, actor=AGENT)
    assert addresses_of(customer.pk) == [second]
    events = Event.objects.filter(stream="customer", stream_id=customer.pk)
    assert list(events.filter(type__contains="address").values_list("type", flat=True).order_by("sequence")) == [
        "customers.address_added",
        "customers.address_added",
        "customers.address_ended",
    ]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "甲" * 501}, "text"),
        ({"text": "甲路", "latitude": Decimal(31)}, "longitude"),
        ({"text": "甲路", "latitude": Decimal(91), "longitude": Decimal(0)}, "latitude"),
    ],
)
def test_an_unusable_address_is_refused_by_its_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.add_address(a_customer().pk, actor=AGENT, **values)
    assert set(refused.value.fields) == {field}


def test_the_database_keeps_places_whole_and_erased_addresses_blank() -> None:
    address = an_address(a_customer())
    for wrong in ({"longitude": None}, {"text": ""}, {"erased_at": address.created_at}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Address.objects.filter(pk=address.pk).update(**wrong)


def test_special_dates_stand_in_the_order_of_the_year_each_once() -> None:
    customer = a_customer()
    wedding, founding = a_day(customer), a_day(customer, "公司成立", date(2019, 3, 1))
    assert a_day(customer) == wedding
    assert special_dates_of(customer.pk) == [founding, wedding]
    actions.remove_special_date(founding.pk, actor=AGENT)
    assert special_dates_of(customer.pk) == [wedding]
    with pytest.raises(Invalid):
        a_day(customer, " ")


def test_only_the_desk_writes_addresses_and_dates() -> None:
    customer = a_customer()
    address, day = an_address(customer), a_day(customer)
    for act in (
        lambda: actions.add_address(customer.pk, text="乙路", actor=ENGINEER),
        lambda: actions.end_address(address.pk, actor=ENGINEER),
        lambda: actions.note_special_date(customer.pk, name="生日", on=WEDDING, actor=ENGINEER),
        lambda: actions.remove_special_date(day.pk, actor=ENGINEER),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_the_page_shows_addresses_masked_and_reveals_one_with_an_event(login: Login) -> None:
    customer = a_customer()
    client = login("agent")
    new = reverse("customers:new_address", args=[customer.pk])
    assert client.get(new).status_code == 200
    assert client.post(new, {"text": "上海市浦东新区世纪大道 1 号", "latitude": "31"}).status_code == 422
    assert client.post(new, {"name": "公司", "text": "上海市浦东新区世纪大道 1 号"}).status_code == 302
    address = Address.objects.get()
    page = text(client.get(reverse("customers:page", args=[customer.pk])))
    assert "公司" in page
    assert "世纪大道" not in page
    reveal = reverse("customers:reveal", args=[customer.pk, "address"])
    assert "世纪大道" in text(client.post(f"{reveal}?address={address.pk}"))
    assert Event.objects.get(type="customers.field_unmasked").data["address_id"] == address.pk
    other = an_address(a_customer())
    assert client.post(f"{reveal}?address={other.pk}").status_code == 404
    assert client.post(reverse("customers:end_address", args=[address.pk])).status_code == 302
    assert addresses_of(customer.pk) == []


def test_dates_are_noted_and_removed_on_the_page(login: Login) -> None:
    customer = a_customer()
    client = login("agent")
    new = reverse("customers:new_special_date", args=[customer.pk])
    assert client.get(new).status_code == 200
    assert client.post(new, {"name": "", "on": "2020-05-20"}).status_code == 422
    assert client.post(new, {"name": "结婚纪念日", "on": "2020-05-20", "is_yearly": "on"}).status_code == 302
    assert "结婚纪念日" in text(client.get(reverse("customers:page", args=[customer.pk])))
    client.post(reverse("customers:remove_special_date", args=[SpecialDate.objects.get().pk]))
    assert not SpecialDate.objects.exists()


def test_who_does_not_see_the_customer_meets_a_404(login: Login) -> None:
    customer = a_customer()
    address, day = an_address(customer), a_day(customer)
    engineer = login("engineer")
    for name, pk in (("new_address", customer.pk), ("new_special_date", customer.pk)):
        assert engineer.get(reverse(f"customers:{name}", args=[pk])).status_code == 404
    assert engineer.post(reverse("customers:end_address", args=[address.pk])).status_code == 404
    assert engineer.post(reverse("customers:remove_special_date", args=[day.pk])).status_code == 404


# --- temperament


def test_a_temperament_is_shown_with_its_advice_and_is_one_of_four(login: Login) -> None:
    customer = a_customer()
    actions.change_customer(customer.pk, values={"temperament": "quiet"}, actor=AGENT)
    assert "they leave silently" in text(login("agent").get(reverse("customers:page", args=[customer.pk])))
    with pytest.raises(Invalid) as refused:
        actions.change_customer(customer.pk, values={"temperament": "difficult"}, actor=AGENT)
    assert set(refused.value.fields) == {"temperament"}


# --- merge and erasure


def test_a_merge_takes_addresses_and_dates_along_and_its_undo_brings_them_back() -> None:
    kept, merged = a_customer(), a_customer(name="王方", temperament="lively")
    address, day, both = an_address(merged), a_day(merged), a_day(merged, "乔迁", date(2021, 1, 1))
    a_day(kept, "乔迁", date(2021, 1, 1))
    merge = actions.merge_customers(kept.pk, merged_id=merged.pk, actor=SUPERVISOR)
    assert addresses_of(kept.pk) == [address]
    assert day in special_dates_of(kept.pk)
    assert SpecialDate.objects.get(pk=both.pk).customer_id == merged.pk
    assert Customer.objects.get(pk=kept.pk).temperament == "lively"
    actions.undo_merge(merge.pk, actor=SUPERVISOR)
    assert addresses_of(kept.pk) == []
    assert special_dates_of(merged.pk) == [both, day]
    assert Customer.objects.get(pk=kept.pk).temperament == ""


def test_a_no_said_under_a_merged_entry_still_counts() -> None:
    kept, merged = a_customer(), a_customer()
    actions.record_consent(kept.pk, purpose="marketing", given=True, actor=AGENT)
    actions.record_consent(merged.pk, purpose="marketing", given=False, actor=AGENT)
    actions.merge_customers(kept.pk, merged_id=merged.pk, actor=SUPERVISOR)
    assert [one.given for one in consents_of(kept.pk)] == [False]


def test_an_erasure_leaves_no_address_date_or_temperament() -> None:
    customer = a_customer(temperament="powerful")
    address = an_address(customer)
    a_day(customer)
    certificate = actions.erase_customer(customer.pk, reason="本人要求", actor=MANAGER)
    row = Address.objects.get(pk=address.pk)
    assert (row.name, row.text, row.latitude, row.longitude) == ("", "", None, None)
    assert not SpecialDate.objects.exists()
    assert Customer.objects.get(pk=customer.pk).temperament == ""
    assert (certificate.counts["addresses"], certificate.counts["special_dates"]) == (1, 1)
    texts = EventText.objects.filter(event__stream="customer", event__stream_id=customer.pk)
    assert {one.body for one in texts} == {""}
    with pytest.raises(CustomerErasedAlready):
        an_address(customer, "丙路")


# --- segments


def ids(rows: Sequence[Customer]) -> set[int]:
    return {row.pk for row in rows}


def test_a_segment_chooses_by_tier_device_consent_and_month() -> None:
    chosen = a_customer(birthday=date(1990, 11, 3), language="en")
    other = a_customer(birthday=date(1990, 3, 3))
    a_device(chosen, line="空调")
    a_device(other, line="洗衣机")
    actions.record_consent(other.pk, purpose="marketing", given=True, actor=AGENT)
    actions.record_consent(other.pk, purpose="marketing", given=False, actor=AGENT)
    actions.record_consent(chosen.pk, purpose="marketing", given=True, actor=AGENT)
    for filters in (
        {"product_line": "空调"},
        {"purpose": "marketing"},
        {"born_in": "11"},
        {"language": "en"},
        {"tier": "standard", "kind": "person", "born_in": "11"},
    ):
        assert ids(customer_page(AGENT, filters=filters).rows) == {chosen.pk}
    assert customer_page(AGENT, filters={"moon": "full"}).rows == []


def test_a_superior_saves_and_removes_segments_and_the_desk_uses_them(login: Login) -> None:
    boss, agent = login("supervisor"), login("agent")
    a_customer(name="王芳", language="en")
    a_customer(name="陈伟")
    assert "Save this filter" in text(boss.get("/customers/", {"language": "en"}))
    kept = boss.post("/customers/segments/keep/?language=en&q=王芳", {"name": "英文客户"})
    assert parse_qs(urlsplit(kept["Location"]).query) == {"language": ["en"]}
    segment = Segment.objects.get()
    assert segment.filters == {"language": "en"}
    page = text(agent.get("/customers/?language=en"))
    assert "英文客户" in page
    assert "陈伟" not in page
    assert "Save this filter" not in page
    assert agent.post("/customers/segments/keep/?language=en", {"name": "我的"}).status_code == 302
    assert agent.post(reverse("customers:remove_segment", args=[segment.pk])).status_code == 403
    assert Segment.objects.count() == 1
    assert boss.post(reverse("customers:remove_segment", args=[segment.pk])).status_code == 302
    assert not Segment.objects.exists()


def test_a_segment_keeps_no_words_and_needs_a_name_and_a_filter() -> None:
    with pytest.raises(NotAllowed):
        actions.keep_segment(name="x", filters={"tier": "vip"}, actor=AGENT)
    for name, filters in (("", {"tier": "vip"}), ("x", {}), ("x", {"q": "王芳"})):
        with pytest.raises(Invalid):
            actions.keep_segment(name=name, filters=filters, actor=SUPERVISOR)
    first = actions.keep_segment(name="贵宾", filters={"tier": "vip", "q": "王芳"}, actor=SUPERVISOR)
    second = actions.keep_segment(name="贵宾", filters={"tier": "gold"}, actor=SUPERVISOR)
    assert (first.pk, second.filters) == (second.pk, {"tier": "gold"})
    assert Event.objects.filter(type="customers.segment_kept").count() == 2


# --- devices and duplicates


def test_a_batch_is_listed_for_a_recall(login: Login) -> None:
    customer = a_customer(phone="13800138000")
    one = a_device(customer)
    a_device(customer)
    values = {"batch": "B7", "production_line": "二号线", "supplier": "某厂", "produced_on": date(2026, 1, 5)}
    actions.change_device(one.pk, values=values, actor=AGENT)
    page = text(login("agent").get("/devices/", {"batch": "B7"}))
    assert one.serial in page
    assert "138****8000" in page
    assert Device.objects.exclude(pk=one.pk).get().serial not in page
    assert "二号线" in text(login("agent").get(reverse("customers:device", args=[one.pk])))
    assert text(login("engineer").get("/devices/", {"batch": "B7"})).count(one.serial) == 0


def test_the_list_of_devices_pages_and_finds_a_part_of_a_serial() -> None:
    for _number in range(3):
        a_device(serial="")
    first = device_page(AGENT, size=2)
    assert [len(first.rows), first.next] == [2, first.rows[-1].pk]
    assert len(device_page(AGENT, size=2, before=first.next).rows) == 1
    wanted = first.rows[0]
    assert device_page(AGENT, serial=wanted.serial[2:].lower()).rows == [wanted]


def test_an_extended_warranty_counts() -> None:
    device = a_device()
    values = {"warranty_until": date(2026, 1, 1), "extended_warranty_until": date(2028, 1, 1)}
    actions.change_device(device.pk, values=values, actor=AGENT)
    row = Device.objects.get(pk=device.pk)
    assert (row.in_warranty(date(2027, 1, 1)), row.in_warranty(date(2028, 1, 2))) == (True, False)


def test_duplicates_are_found_among_all_and_only_superiors_look(login: Login) -> None:
    one, two = a_customer(phone="13800138000"), a_customer(name="王方", phone="13800138000")
    three, four = a_customer(email="w@example.com"), a_customer(email="w@example.com")
    a_customer()
    assert duplicates(SUPERVISOR) == [[one, two], [three, four]]
    page = text(login("supervisor").get("/customers/duplicates/"))
    assert f"{reverse('customers:merge', args=[one.pk])}?other={two.pk}" in page
    assert login("agent").get("/customers/duplicates/").status_code == 404
    actions.merge_customers(one.pk, merged_id=two.pk, actor=SUPERVISOR)
    assert duplicates(SUPERVISOR) == [[three, four]]
