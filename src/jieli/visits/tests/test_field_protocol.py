"""The phone's endpoints: JSON always, the day whole, entries and photos once, signed out said in words."""

import json
import uuid
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jieli.cases.actions.progressing import close_case
from jieli.customers.tests.factories import a_customer, a_device
from jieli.dispatch.tests import factories as dispatch
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.lib.text import mask_phone
from jieli.orders.models import WorkOrder
from jieli.parts.tests.factories import a_part, a_van
from jieli.people.tests.factories import MONDAY, a_person
from jieli.policies.tests.factories import changed, make_version
from jieli.visits.models import FieldEntry, Photo
from jieli.visits.tests.factories import a_jpeg, an_engineer, an_order, sent, take, whole_visit
from jieli.visits.views import field

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=2)
DAY, BUNDLE, PHOTO = "/field/day/", "/field/bundle/", "/field/photo/"


@pytest.fixture(autouse=True)
def full_buckets():
    field.days.forget()
    field.sendings.forget()


@pytest.fixture
def engineer():
    return an_engineer()


@pytest.fixture
def order(engineer):
    return an_order(engineer, promised_until=NOON)


def phone_of(staff):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(staff)
    return client


def posted(client, *entries, **more):
    body = {
        "device": "p1",
        "sent_at": clock.now().isoformat(),
        "entries": [
            {"id": str(one.client_id), "order": one.order, "kind": one.kind, "at": one.at.isoformat(), "data": dict(one.data)}
            for one in entries
        ],
    } | more
    return client.post(BUNDLE, json.dumps(body), content_type="application/json")


def uploaded(client, order, body, name=None, **more):
    values = {"id": str(name or uuid.uuid4()), "order": order.number, "sha256": sha256(body).hexdigest()}
    values |= {"taken_at": clock.now().isoformat(), "file": SimpleUploadedFile("p.jpg", body, "image/jpeg")}
    return client.post(PHOTO, values | more)


def test_the_addresses_have_their_names():
    assert [reverse(f"visits:field_{name}") for name in ("day", "bundle", "photo")] == [DAY, BUNDLE, PHOTO]


@pytest.mark.parametrize("address", [DAY, BUNDLE, PHOTO])
def test_who_is_signed_out_is_told_so_in_json_and_not_sent_elsewhere(address):
    client = Client()
    answer = client.get(address) if address == DAY else client.post(address, {})
    assert answer.status_code == 401
    assert answer.json()["code"] == "signed_out"


def test_who_is_no_engineer_is_refused_in_json():
    answer = phone_of(a_person(roles=("agent",))).get(DAY)
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"


def test_the_day_holds_all_that_is_needed_without_a_network(engineer, order):
    with clock.frozen(NOON):
        told = phone_of(engineer).get(DAY).json()
    [one] = told["orders"]
    assert (one["number"], one["state"], one["service_type"]) == (order.number, "accepted", "repair")
    assert one["customer"]["phone"] == order.case.customer.phone
    assert one["device"]["serial"] == order.device.serial
    assert one["promised_until"] == NOON.isoformat()
    standard = told["standard"]
    assert len(standard["steps"]) == 24
    assert [step["place"] for step in standard["steps"]] == list(range(1, 25))
    assert sum(len(step["dos"]) for step in standard["steps"]) == sum(len(step["donts"]) for step in standard["steps"]) == 10
    assert {group["product_line"] for group in told["faults"]} == {"washing_machine"}
    assert told["prices"][0]["amount"] == "30.00"
    assert told["csrf"]
    assert told["now"] == NOON.isoformat()
    assert told["refusals"]


def test_the_day_says_what_each_part_fits_also_in_place_of_another(engineer, order):
    line = order.product_line
    a_part("PUMP-2", fits=[(line, "XQG80")])
    a_part("PUMP", fits=[(line, "XQG100"), ("dryer", "D1")], substitutes=["PUMP-2"])
    a_part("TAPE", fits=[])
    a_part("BOARD", fits=[("television", "T65")])
    a_van(engineer, TAPE=1, BOARD=1)
    told = {part["code"]: part["fits"] for part in phone_of(engineer).get(DAY).json()["parts"]}
    assert told == {
        "PUMP": [["dryer", ""], [line, "XQG100"]],
        "PUMP-2": [["dryer", ""], [line, "XQG100"], [line, "XQG80"]],
        "TAPE": [],
        "BOARD": [["television", ""]],
    }


def test_a_phone_that_has_the_day_gets_only_the_time_until_something_changes(engineer, order):
    client = phone_of(engineer)
    with clock.frozen(NOON):
        first = client.get(DAY)
    with clock.frozen(NOON + timedelta(minutes=1)):
        second = client.get(DAY, headers={"if-none-match": first.headers["ETag"]})
        take(engineer, sent(order, "arrive"))
        third = client.get(DAY, headers={"if-none-match": first.headers["ETag"]})
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["X-Now"] == (NOON + timedelta(minutes=1)).isoformat()
    assert (third.status_code, third.json()["orders"][0]["state"]) == (200, "arrived")


def test_another_login_has_another_day_because_its_token_is_another(engineer, order):
    with clock.frozen(NOON):
        before = phone_of(engineer).get(DAY)
        after = phone_of(engineer).get(DAY, headers={"if-none-match": before.headers["ETag"]})
    assert (after.status_code, bool(after.json()["csrf"])) == (200, True)


def test_the_day_knows_what_was_done(engineer, order):
    with clock.frozen(NOON):
        *entries, _outcome, _finish = whole_visit(order, engineer)
        take(engineer, *entries)
        [one] = phone_of(engineer).get(DAY).json()["orders"]
    assert one["state"] == "arrived"
    assert one["visit"]["done"]["listen"]["records"] == {"complaint": "不排水"}
    assert one["visit"]["safety"] is True
    assert one["visit"]["standard"] == 1


def test_the_number_of_the_customer_is_masked_when_the_days_of_the_policy_are_over():
    outlet, customer = dispatch.an_outlet(), a_customer()
    engineer = dispatch.an_engineer(outlet)
    case = dispatch.a_ready_case(customer=customer, device=a_device(customer))
    dispatch.sent(case, outlet, engineer, dispatch.a_window(12, day=MONDAY))
    order, client = WorkOrder.objects.get(case=case), phone_of(engineer.staff)
    with clock.frozen(NOON):
        take(engineer.staff, *whole_visit(order, engineer.staff))
        close_case(case.pk, actor=SYSTEM)
    with clock.frozen(NOON + timedelta(hours=1)):
        [before] = client.get(DAY).json()["orders"]
        make_version("numbers", changed("numbers", "days_after_close = 3", "days_after_close = 0"))
        [after] = client.get(DAY).json()["orders"]
    assert (before["state"], before["customer"]["phone"]) == ("done", customer.phone)
    assert after["customer"]["phone"] == mask_phone(customer.phone)


def test_an_engineer_sees_only_his_own_orders(order):
    with clock.frozen(NOON):
        other = an_engineer(name="别人")
        assert phone_of(other).get(DAY).json()["orders"] == []


def test_the_number_of_queries_does_not_grow_with_the_orders(engineer, order):
    client = phone_of(engineer)

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(DAY)
        return len(queries)

    with clock.frozen(NOON):
        take(engineer, sent(order, "arrive"))
        client.get(DAY)
        one = cost()
        for _ in range(4):
            another = an_order(engineer, device=a_device(a_customer()))
            take(engineer, sent(another, "arrive"))
        assert cost() == one
    assert one <= 40


def test_a_bundle_is_answered_entry_by_entry(engineer, order):
    with clock.frozen(NOON):
        good, bad = sent(order, "arrive"), sent(order, "step", code="dance")
        client = phone_of(engineer)
        answer = posted(client, good, bad)
        again = posted(client, good)
    first, second = answer.json()["results"]
    assert answer.status_code == 200
    assert first == {"id": str(good.client_id), "state": "done"}
    assert second["state"] == "refused"
    assert "code" in second["fields"]
    assert again.json()["results"] == [{"id": str(good.client_id), "state": "repeated"}]


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "x", "kind": "note", "at": "2026-11-23T10:00:00+08:00"},
        {"id": str(uuid.uuid4()), "kind": "fly", "at": "2026-11-23T10:00:00+08:00"},
        {"id": str(uuid.uuid4()), "kind": "note", "at": "today"},
        {"id": str(uuid.uuid4()), "kind": "note", "at": "2026-11-23T10:00:00"},
        {"id": str(uuid.uuid4()), "kind": "note", "at": "2026-11-23T10:00:00+08:00", "data": []},
        7,
    ],
)
def test_an_entry_without_name_kind_or_time_holds_nobody_up(engineer, order, entry):
    with clock.frozen(NOON):
        note = sent(order, "note", text="门禁要登记")
        whole = [
            entry,
            {"id": str(note.client_id), "order": note.order, "kind": "note", "at": note.at.isoformat(), "data": {"text": "好"}},
        ]
        results = posted(phone_of(engineer), entries=whole).json()["results"]
    assert [one["state"] for one in results] == ["refused", "done"]


@pytest.mark.parametrize("body", ["", "{", "[]", '{"entries": 1}', json.dumps({"entries": [{}] * 201})])
def test_a_bundle_that_cannot_be_read_is_refused_in_words(engineer, body):
    answer = phone_of(engineer).post(BUNDLE, body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad_bundle"


def test_a_bundle_beyond_a_megabyte_is_refused(engineer, order):
    with clock.frozen(NOON):
        answer = posted(phone_of(engineer), sent(order, "note", text="x" * 1_100_000))
    assert answer.status_code == 413
    assert FieldEntry.objects.count() == 0


def test_a_photo_is_received_once(engineer, order):
    name, body = uuid.uuid4(), a_jpeg(3)
    with clock.frozen(NOON):
        client = phone_of(engineer)
        first, second = uploaded(client, order, body, name), uploaded(client, order, body, name)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json() == {"id": str(name), "sha256": sha256(body).hexdigest()}
    assert Photo.objects.count() == 1


def test_a_photo_that_is_none_is_refused_in_json(engineer, order):
    with clock.frozen(NOON):
        client = phone_of(engineer)
        pdf = uploaded(client, order, b"%PDF-1.7 hello")
        nothing = client.post(PHOTO, {"id": "x"})
        other = uploaded(phone_of(an_engineer(name="别人")), order, a_jpeg())
    assert (pdf.status_code, nothing.status_code, other.status_code) == (422, 422, 403)
    assert pdf.json()["message"]


def test_a_phone_that_asks_too_often_is_told_when_to_come_back(engineer, monkeypatch):
    monkeypatch.setattr(field.days, "burst", 1)
    client = phone_of(engineer)
    client.get(DAY)
    answer = client.get(DAY)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_request_without_the_token_is_refused(engineer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(engineer)
    assert client.post(BUNDLE, "{}", content_type="application/json").status_code == 403
