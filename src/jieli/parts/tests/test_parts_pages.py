"""The pages of parts: what each shows, what its buttons do, and whom it is hidden from."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from jieli.lib import clock
from jieli.parts.actions.ordering import order_missing_part
from jieli.parts.actions.using import reserve, use_part
from jieli.parts.models import Part, PartOrder, Place, Reservation, UsedPart
from jieli.parts.tests.factories import a_part, a_store, a_van, an_engineer, an_order, an_outlet, on_hand
from jieli.people.tests.factories import MONDAY, a_person, acting, the_root

pytestmark = pytest.mark.django_db


def signed_in(person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    client.post("/language/", {"language": "en"})
    return client


def a_client(*roles, unit=None) -> Client:
    return signed_in(a_person(unit=unit or the_root(), roles=roles))


def text_of(client, name, *args, **query):
    answer = client.get(reverse(f"parts:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.fixture
def world():
    engineer = an_engineer(an_outlet())
    pump = a_part("PUMP", name="排水泵", name_en="Drain pump", fits=[("washing_machine", "")])
    store, van = a_store(PUMP=5), a_van(engineer, PUMP=3)
    order = an_order(engineer)
    return engineer, pump, store, van, order


def test_the_master_is_searched_and_a_part_says_where_it_lies(world):
    _engineer, pump, store, _van, _order = world
    a_part("FAN", name="风扇", fits=[("refrigerator", "BCD-1")])
    client = a_client("specialist")
    assert "Drain pump" in text_of(client, "list")
    assert "FAN" not in text_of(client, "list", q="pum")
    assert "PUMP" not in text_of(client, "list", product_line="refrigerator")
    page = text_of(client, "part", pump.pk)
    assert store.name in page
    assert "washing machine" in page


def test_a_part_is_entered_and_changed_by_those_who_keep_the_master(world):
    client = a_client("specialist")
    values = {
        "code": "new1",
        "name": "新件",
        "kind": "part",
        "fits": "washing_machine XQG100\nrefrigerator",
        "substitutes": "PUMP",
    }
    client.post(reverse("parts:new"), values)
    part = Part.objects.get(code="NEW1")
    assert sorted(part.fits.values_list("product_line", "model")) == [("refrigerator", ""), ("washing_machine", "XQG100")]
    assert not part.is_returnable
    answer = client.post(reverse("parts:edit", args=[part.pk]), values | {"substitutes": "NIL"})
    assert answer.status_code == 422
    assert "NIL" in answer.content.decode()
    assert a_client("agent").get(reverse("parts:new")).status_code == 404


def test_a_place_shows_its_stock_and_takes_what_is_received_moved_and_counted(world):
    engineer, _pump, store, van, order = world
    reserve(order.pk, part_code="PUMP", quantity=1, place_id=van.pk, actor=acting(engineer))
    client = a_client("specialist")
    act = lambda what, **values: client.post(reverse("parts:act_on_place", args=[store.pk, what]), values)  # noqa: E731
    act("receive", part="pump", quantity=2, reason="D-1")
    act("move", part="PUMP", quantity=3, to=van.pk)
    act("count", part="PUMP", quantity=3, reason="count")
    act("scrap", part="PUMP", quantity=1, reason="broken")
    assert (on_hand(store, "PUMP"), on_hand(van, "PUMP")) == (2, 6)
    page = text_of(client, "place", store.pk)
    assert "D-1" in page
    assert "broken" in page
    refused = act("move", part="PUMP", quantity=99, to=van.pk)
    assert refused.status_code == 422
    assert "not more" in refused.content.decode()
    assert order.number in text_of(client, "place", van.pk)
    client.post(reverse("parts:release", args=[Reservation.objects.get().pk]))
    assert Reservation.objects.get().left == 0
    assert van.name in text_of(client, "places", q="周")


def test_an_outlet_sees_its_own_places_alone_and_an_engineer_his_van(world):
    engineer, _pump, store, van, _order = world
    other = a_van(an_engineer(an_outlet()))
    mine = signed_in(engineer)
    assert mine.get(reverse("parts:place", args=[van.pk])).status_code == 200
    for hidden in (store, other):
        assert mine.get(reverse("parts:place", args=[hidden.pk])).status_code == 404
    manager = signed_in(engineer.unit.leader)
    assert manager.get(reverse("parts:place", args=[van.pk])).status_code == 200
    assert manager.get(reverse("parts:place", args=[other.pk])).status_code == 404
    assert a_client("mystery_shopper").get(reverse("parts:list")).status_code == 404


def test_a_new_place_is_made(world):
    engineer = world[0]
    client = a_client("specialist")
    assert client.post(reverse("parts:new_place"), {"kind": "outlet", "unit": "nowhere"}).status_code == 422
    client.post(reverse("parts:new_place"), {"kind": "outlet", "unit": engineer.unit.code})
    assert Place.objects.filter(unit=engineer.unit, kind="outlet").exists()


def test_a_part_order_is_shipped_and_received_by_buttons(world):
    engineer, _pump, store, van, order = world
    part_order = order_missing_part(order.pk, part_code="PUMP", actor=acting(engineer))
    keeper = a_client("specialist")
    assert part_order.number in text_of(keeper, "orders")
    keeper.post(reverse("parts:ship", args=[part_order.pk]), {"place": store.pk, "waybill": "SF9"})
    assert "SF9" in text_of(keeper, "orders", state="shipped")
    signed_in(engineer).post(reverse("parts:receive", args=[part_order.pk]))
    part_order.refresh_from_db()
    assert (part_order.state, on_hand(van, "PUMP")) == ("received", 4)
    second = order_missing_part(order.pk, part_code="PUMP", actor=acting(engineer))
    keeper.post(reverse("parts:cancel", args=[second.pk]), {"reason": ""})
    assert PartOrder.objects.get(pk=second.pk).state == "ordered"
    keeper.post(reverse("parts:cancel", args=[second.pk]), {"reason": "no need"})
    assert "no need" in text_of(keeper, "orders", state="cancelled")


def test_the_parts_of_a_work_order_are_booked_by_hand(world):
    engineer, _pump, _store, van, order = world
    a_part("FAN", fits=[("refrigerator", "")])
    client = signed_in(engineer)
    act = lambda what, **values: client.post(reverse("parts:act_on_order", args=[order.pk, what]), values)  # noqa: E731
    assert "Book a part" in text_of(client, "order", order.pk)
    act("use", part="PUMP", old_serial="O1", new_serial="N1")
    wrong = act("use", part="FAN")
    assert wrong.status_code == 422
    assert "is not for" in wrong.content.decode()
    act("reserve", part="PUMP", quantity=1, place=van.pk)
    act("order", part="PUMP", quantity=2)
    page = text_of(client, "order", order.pk)
    assert "N1" in page
    used = UsedPart.objects.get()
    client.post(reverse("parts:undo", args=[used.pk]), {"reason": "wrong scan"})
    assert UsedPart.objects.get().undone_at == MONDAY
    panel = text_of(client, "of_case", order.case_id)
    assert used.tag in panel
    assert a_client("engineer").get(reverse("parts:of_case", args=[order.case_id])).status_code == 404


def test_the_returns_desk_receives_by_scan_and_the_lab_finds(world):
    engineer, _pump, _store, _van, order = world
    used = use_part(order.pk, part_code="PUMP", old_serial="O1", actor=acting(engineer))
    late = use_part(order.pk, part_code="PUMP", old_serial="O2", actor=acting(engineer))
    client = a_client("quality")
    assert used.tag in text_of(client, "returns")
    client.post(reverse("parts:scan"), {"scanned": "o1", "list": "owed"})
    answer = client.post(reverse("parts:scan"), {"scanned": "o1"}, follow=True)
    assert "has come back already" in answer.content.decode()
    assert used.tag in text_of(client, "returns", list="lab")
    client.post(reverse("parts:finding", args=[used.pk]), {"finding": "no_fault"})
    used.refresh_from_db()
    assert used.lab_finding == "no_fault"
    with clock.frozen(MONDAY + timedelta(days=91)):
        assert late.tag in text_of(client, "returns", list="overdue")
    assert "O2" in text_of(signed_in(engineer), "label", late.pk)
    assert signed_in(engineer).get(reverse("parts:returns")).status_code == 404


def test_labels_of_old_parts_carry_their_code(world):
    engineer, _pump, _store, _van, order = world
    used = use_part(order.pk, part_code="PUMP", old_serial="SN9", actor=acting(engineer))
    client = a_client("specialist")
    for page in (
        text_of(client, "label", used.pk),
        text_of(client, "labels", list="owed"),
        text_of(client, "labels", order=order.pk),
    ):
        assert f'class="j-qr" role="img" aria-label="{used.tag}"' in page
        assert "SN9" in page
    assert used.tag not in text_of(client, "labels", list="lab")
    stranger = a_client("outlet_manager", unit=an_outlet())
    assert used.tag not in text_of(stranger, "labels", list="owed")
    assert stranger.get(reverse("parts:labels"), {"order": order.pk}).status_code == 404
