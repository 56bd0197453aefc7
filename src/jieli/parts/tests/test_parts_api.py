"""Parts over the API: one success, one refusal, one invisible row for each operation."""

import json

import pytest
from django.test import Client

from jieli.events.actor import SYSTEM
from jieli.parts.actions.using import use_part
from jieli.parts.models import UsedPart
from jieli.parts.tests.factories import a_part, a_store, a_van, an_engineer, an_order, an_outlet
from jieli.people.actions import issue_token
from jieli.people.tests.factories import a_person, acting, the_root

pytestmark = pytest.mark.django_db


def a_program(role, unit=None):
    unit = unit or the_root()
    person = a_person(unit=unit, roles=(role,))
    _token, plain = issue_token(person.pk, name=role, role=role, unit_id=unit.pk, actor=SYSTEM)
    return Client(headers={"authorization": f"Bearer {plain}", "accept-language": "en"})


def posted(client, path, **body):
    answer = client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


@pytest.fixture
def world():
    engineer = an_engineer(an_outlet())
    a_part("PUMP", name="泵", fits=[("washing_machine", "")])
    a_store(PUMP=5)
    van = a_van(engineer, PUMP=3)
    return engineer, van, an_order(engineer)


def test_parts_and_stock_are_read(world):
    _engineer, van, _order = world
    client = a_program("specialist")
    found = client.get("/api/v1/parts?q=pum").json()
    assert [(one["code"], one["fits"]) for one in found["items"]] == [("PUMP", [["washing_machine", ""]])]
    assert len(client.get("/api/v1/parts/pump/stock").json()) == 2
    assert client.get(f"/api/v1/part-places/{van.code}/stock").json() == [
        {"place": van.code, "part": "PUMP", "quantity": 3, "reserved": 0}
    ]
    assert client.get("/api/v1/parts/nil/stock").status_code == 404
    assert a_program("outlet_manager", an_outlet()).get(f"/api/v1/part-places/{van.code}/stock").status_code == 404
    assert a_program("mystery_shopper").get("/api/v1/parts").status_code == 403
    assert client.get("/api/v1/parts?cursor=x").status_code == 422


def test_a_part_is_booked_and_one_is_ordered(world):
    _engineer, van, order = world
    client = a_program("supervisor")
    name = "5f0c7c6e-2a55-4c2e-b7a4-0a0b7c1f2d3e"
    use = {"part": "pump", "place": van.code, "old_serial": "o1", "client_id": name}
    status, made = posted(client, f"orders/{order.number}/parts", **use)
    assert (status, made["part"], made["old_serial"]) == (201, "PUMP", "O1")
    assert posted(client, f"orders/{order.number}/parts", **use)[1] == made
    assert UsedPart.objects.count() == 1
    status, refused = posted(client, f"orders/{order.number}/parts", part="NIL")
    assert (status, refused["code"]) == (422, "unknown_part")
    assert posted(client, "orders/J-0/parts", part="PUMP")[0] == 404
    status, made = posted(client, f"orders/{order.number}/part-orders", part="PUMP", quantity=2)
    assert (status, made["state"], made["quantity"]) == (201, "ordered", 2)
    assert posted(a_program("finance"), f"orders/{order.number}/part-orders", part="PUMP")[0] == 404
    assert posted(client, f"orders/{order.number}/part-orders", part="PUMP", quantity=0)[0] == 422


def test_an_old_part_is_received_and_the_lab_finds(world):
    engineer, _van, order = world
    used = use_part(order.pk, part_code="PUMP", old_serial="O1", actor=acting(engineer))
    client = a_program("quality")
    assert [one["tag"] for one in client.get("/api/v1/old-parts").json()["items"]] == [used.tag]
    status, back = posted(client, "old-parts/receive", scanned="o1")
    assert (status, back["tag"], back["returned_at"]) == (200, used.tag, "2026-11-23T02:00:00+00:00")
    status, refused = posted(client, "old-parts/receive", scanned="o1")
    assert (status, refused["code"]) == (409, "part_already_returned")
    assert posted(a_program("quality", an_outlet()), "old-parts/receive", scanned="o1")[0] == 404
    assert len(client.get("/api/v1/old-parts?state=lab").json()["items"]) == 1
    status, found = posted(client, f"old-parts/{used.tag}/finding", finding="confirmed", note="烧了")
    assert (status, found["lab_finding"]) == (200, "confirmed")
    assert posted(client, f"old-parts/{used.tag}/finding", finding="fine")[0] == 422
    assert posted(a_program("specialist"), f"old-parts/{used.tag}/finding", finding="misuse")[0] == 403
