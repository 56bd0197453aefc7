"""The pages of customers and devices: what they show, to whom, and what they cost."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jieli.customers import actions, panels, visibility
from jieli.customers.models import Customer, Device, Merge
from jieli.customers.tests.factories import a_contact, a_customer, a_device
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.people.tests.factories import MONDAY, a_person

pytestmark = pytest.mark.django_db

Login = Callable[..., Client]


@pytest.fixture
def login() -> Login:
    """Give a browser in which somebody with these roles has logged in, in English."""

    def with_roles(*roles: str) -> Client:
        person = a_person(roles=roles)
        Staff.objects.filter(pk=person.pk).update(language="en")
        client = Client(headers={"accept-language": "en"})
        client.force_login(person)
        client.cookies["language"] = "en"
        return client

    return with_roles


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_list_shows_masked_phones_and_finds_by_the_last_four(login: Login) -> None:
    a_customer(name="王芳", phone="13800138000", address="北京市海淀区中关村大街1号")
    a_customer(name="陈伟", phone="13911112222")
    page = text(login("agent").get("/customers/", {"q": "8000"}))
    assert "王芳" in page
    assert "138****8000" in page
    assert "13800138000" not in page
    assert "中关村" not in page
    assert "陈伟" not in page


def test_the_list_costs_the_same_for_many_customers(login: Login, django_assert_max_num_queries: Any) -> None:
    client = login("agent")
    for number in range(60):
        a_customer(name=f"客户{number}")
    with django_assert_max_num_queries(5):
        first = client.get("/customers/")
    after = first.context["next_cursor"]
    assert len(first.context["rows"]) == 50
    assert len(client.get("/customers/", {"after": after}).context["rows"]) == 10
    assert len(client.get("/customers/", {"after": "made up"}).context["rows"]) == 50


def test_the_page_tells_tier_reason_contacts_and_devices(login: Login, django_assert_max_num_queries: Any) -> None:
    customer = a_customer(value=Decimal(80), importance=Decimal(60), potential=Decimal(90))
    for number in range(5):
        a_contact(customer, name=f"联系人{number}", phone=f"1391111222{number}")
        a_device(customer, serial=f"SN{number}")
    client = login("agent")
    with django_assert_max_num_queries(14):
        page = text(client.get(reverse("customers:page", args=[customer.pk])))
    assert "= 76, at least 70: gold (tiers v1)" in page
    assert "联系人4" in page
    assert "SN4" in page
    assert customer.phone_digits not in page


def test_a_masked_field_is_shown_on_request_and_recorded(login: Login) -> None:
    customer = a_customer(phone="13800138000")
    client = login("agent")
    answer = client.post(reverse("customers:reveal", args=[customer.pk, "phone"]))
    assert (text(answer), answer["Cache-Control"]) == ("13800138000", "no-store")
    assert Event.objects.filter(type="customers.field_unmasked", stream_id=customer.pk).count() == 1
    assert client.get(reverse("customers:reveal", args=[customer.pk, "phone"])).status_code == 405
    assert client.post(reverse("customers:reveal", args=[customer.pk, "notes"])).status_code == 422
    assert login("specialist").post(reverse("customers:reveal", args=[customer.pk, "phone"])).status_code == 403


def test_who_has_nothing_to_do_with_a_customer_meets_a_404(login: Login) -> None:
    customer = a_customer()
    device = a_device(customer)
    engineer = login("engineer")
    for name, id_ in (("page", customer.pk), ("edit", customer.pk), ("device", device.pk), ("edit_device", device.pk)):
        assert engineer.get(reverse(f"customers:{name}", args=[id_])).status_code == 404
    assert engineer.post(reverse("customers:reveal", args=[customer.pk, "phone"])).status_code == 404
    assert Client().get(reverse("customers:page", args=[customer.pk])).status_code == 302


def test_another_app_lets_an_engineer_see_the_customers_of_his_cases(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = a_customer(), a_customer()
    monkeypatch.setitem(visibility._sources, "cases", lambda actor: Customer.objects.filter(pk=mine.pk).values("pk"))
    engineer = login("engineer")
    assert engineer.get(reverse("customers:page", args=[mine.pk])).status_code == 200
    assert engineer.get(reverse("customers:page", args=[other.pk])).status_code == 404


def form_of(response: Any) -> dict[str, Any]:
    """Return what a browser would send back of the form on a page."""
    form = response.context["form"]
    return {name: value if (value := form[name].value()) is not None else "" for name in form.fields}


def test_a_form_shows_masked_values_and_leaves_them_alone(login: Login) -> None:
    customer = a_customer(phone="13800138000", email="fang@example.com", address="北京市海淀区中关村大街1号")
    client = login("agent")
    url = reverse("customers:edit", args=[customer.pk])
    answer = client.get(url)
    assert "13800138000" not in text(answer)
    saved = client.post(url, {**form_of(answer), "name": "王小芳"})
    assert saved.status_code == 302
    row = Customer.objects.get(pk=customer.pk)
    assert (row.name, row.phone_digits, row.email, row.address) == (
        "王小芳",
        "13800138000",
        "fang@example.com",
        "北京市海淀区中关村大街1号",
    )
    client.post(url, {**form_of(client.get(url)), "phone": "13911112222"})
    assert Customer.objects.get(pk=customer.pk).phone_digits == "13911112222"


def test_the_second_to_save_sees_both_and_decides(login: Login) -> None:
    customer = a_customer()
    client = login("agent")
    url = reverse("customers:edit", args=[customer.pk])
    mine = {**form_of(client.get(url)), "notes": "我的"}
    with clock.frozen(MONDAY + timedelta(minutes=1)):
        actions.change_customer(customer.pk, values={"notes": "别人的"}, actor=SYSTEM)
    answer = client.post(url, mine)
    assert answer.status_code == 409
    assert "我的" in text(answer)
    assert "别人的" in text(answer)
    assert client.post(url, {**mine, "overwrite": "1"}).status_code == 302
    assert Customer.objects.get(pk=customer.pk).notes == "我的"


def test_a_wrong_form_keeps_what_was_typed(login: Login) -> None:
    answer = login("agent").post("/customers/new/", {"name": "", "kind": "person", "notes": "不要丢"})
    assert answer.status_code == 422
    assert "不要丢" in text(answer)


def test_a_customer_is_entered_by_an_agent_not_by_an_engineer(login: Login) -> None:
    answer = login("agent").post("/customers/new/", {"name": "王芳", "kind": "person", "phone": "13800138000"})
    made = Customer.objects.get(name="王芳")
    assert answer["Location"] == reverse("customers:page", args=[made.pk])
    assert login("engineer").get("/customers/new/").status_code == 404


def test_only_a_superior_is_asked_for_the_factors(login: Login) -> None:
    assert "id_importance" not in text(login("agent").get("/customers/new/"))
    assert "id_importance" in text(login("supervisor").get("/customers/new/"))


def test_contacts_and_devices_are_kept_on_their_pages(login: Login) -> None:
    customer, other = a_customer(), a_customer(code="C7")
    client = login("agent")
    client.post(reverse("customers:new_contact", args=[customer.pk]), {"name": "陈伟", "phone": "13911112222"})
    (contact,) = customer.contacts.all()
    client.post(reverse("customers:edit_contact", args=[contact.pk]), {"name": "陈伟", "phone": "139****2222", "role": "店长"})
    contact.refresh_from_db()
    assert (contact.role, contact.phone_digits) == ("店长", "13911112222")
    client.post(reverse("customers:end_contact", args=[contact.pk]))
    client.post(reverse("customers:new_device", args=[customer.pk]), {"serial": "sn-9", "model": "XQG100", "genuine": "true"})
    device = Device.objects.get(serial="SN-9")
    edit = reverse("customers:edit_device", args=[device.pk])
    client.post(edit, {**form_of(client.get(edit)), "warranty_until": "2028-05-01"})
    client.post(reverse("customers:move_device", args=[device.pk]), {"other": "C7"})
    device.refresh_from_db()
    assert (device.customer_id, str(device.warranty_until), device.genuine) == (other.pk, "2028-05-01", True)
    assert "SN-9" in text(client.get(reverse("customers:device", args=[device.pk])))


def test_a_merge_is_compared_done_and_undone(login: Login) -> None:
    kept = a_customer(name="王芳", phone="13800138000")
    double = a_customer(name="王方", phone="13800138000")
    client = login("supervisor")
    assert "王方" in text(client.get(reverse("customers:page", args=[kept.pk])))
    url = reverse("customers:merge", args=[kept.pk])
    assert "王方" in text(client.get(url, {"other": double.pk}))
    assert client.get(url, {"other": "nobody"}).status_code == 200
    client.post(url, {"other": double.pk})
    assert Customer.objects.get(pk=double.pk).merged_into_id == kept.pk
    assert reverse("customers:page", args=[kept.pk]) in text(client.get(reverse("customers:page", args=[double.pk])))
    client.post(reverse("customers:undo_merge", args=[Merge.objects.get().pk]))
    assert Customer.objects.get(pk=double.pk).merged_into_id is None
    assert login("agent").get(url).status_code == 404


def test_a_hold_blocks_the_erasure_until_it_is_lifted(login: Login) -> None:
    customer = a_customer()
    client = login("manager")
    page, erase = reverse("customers:page", args=[customer.pk]), reverse("customers:erase", args=[customer.pk])
    client.post(reverse("customers:hold", args=[customer.pk]), {"reason": "lawsuit 123"})
    assert "lawsuit 123" in text(client.get(page))
    refused = client.post(erase, {"reason": "asked", "sure": "on"})
    assert refused.status_code == 422
    assert "lawsuit 123" in text(refused)
    client.post(reverse("customers:lift_hold", args=[customer.pk]))
    assert client.post(erase, {"reason": "asked"}).status_code == 422
    assert client.post(erase, {"reason": "asked", "sure": "on"}).status_code == 302
    shown = text(client.get(page))
    assert "certificate" in shown
    assert "王芳" not in shown
    assert login("supervisor").get(erase).status_code == 404


def test_consent_and_tier_are_recorded_from_the_page(login: Login) -> None:
    customer = a_customer()
    client = login("supervisor")
    client.post(reverse("customers:consent", args=[customer.pk]), {"purpose": "care", "given": "true"})
    client.post(reverse("customers:consent", args=[customer.pk]), {"purpose": "", "given": "true"})
    client.post(reverse("customers:rescore", args=[customer.pk]))
    assert "care" in text(client.get(reverse("customers:page", args=[customer.pk])))
    assert customer.consents.count() == 1


def test_other_apps_add_panels(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = a_customer()
    monkeypatch.setattr(panels, "_panels", {})
    panels.register(panels.Panel("Cases of this customer", "customers:page", lambda actor, row: actor.has_role("agent")))
    assert "Cases of this customer" in text(login("agent").get(reverse("customers:page", args=[customer.pk])))
    assert "Cases of this customer" not in text(login("quality").get(reverse("customers:page", args=[customer.pk])))
