"""The pages and operations of whole machines, and the correction of a finding: what each shows, does and refuses."""

import json
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from jieli.events.actor import SYSTEM
from jieli.parts.actions.machines import Asked, ask_for_machine, decide_machine
from jieli.parts.actions.returning import correct_finding, receive_old_part, record_finding
from jieli.parts.actions.using import use_part
from jieli.parts.models import MachineReturn, UsedPart
from jieli.parts.tests.factories import a_machine, a_part, a_store, a_van, an_engineer, an_order, an_outlet, on_hand
from jieli.people.actions import issue_token
from jieli.people.tests.factories import a_person, acting, the_root

pytestmark = pytest.mark.django_db
TYPED = {"kind": "exchange", "machine": "WM", "old_serial": "SN-1", "reason": "三修不好"}


def signed_in(person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    client.post("/language/", {"language": "en"})
    return client


def a_program(role, unit=None):
    unit = unit or the_root()
    person = a_person(unit=unit, roles=(role,))
    _token, plain = issue_token(person.pk, name=role, role=role, unit_id=unit.pk, actor=SYSTEM)
    return Client(headers={"authorization": f"Bearer {plain}", "accept-language": "en"})


def posted(client, path, **body):
    answer = client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def read(client, name, *args, **query):
    answer = client.get(reverse(f"parts:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.fixture
def world():
    engineer = an_engineer(an_outlet())
    a_machine("WM")
    a_van(engineer, WM=2)
    order = an_order(engineer)
    supervisor = a_person(roles=("supervisor",), name="韩梅")
    return SimpleNamespace(engineer=engineer, order=order, supervisor=supervisor, store=a_store())


def asked(world, **values):
    given = {"kind": "exchange", "machine": "WM", "old_serial": "SN-1", "reason": "三修不好"}
    return ask_for_machine(world.order.pk, Asked(**(given | values)), actor=acting(world.engineer))


def came_back(world):
    made = asked(world, kind="return", machine="", old_machine="WM")
    decide_machine(made.pk, approved=True, actor=acting(world.supervisor))
    used = receive_old_part("SN-1", actor=SYSTEM)
    record_finding(used.pk, "no_fault", actor=SYSTEM)
    return made, used


def test_it_is_asked_for_on_the_page_of_the_order_and_approved_on_its_own(world):
    answer = signed_in(world.engineer).post(reverse("parts:act_on_order", args=[world.order.pk, "machine"]), TYPED)
    made = MachineReturn.objects.get()
    assert answer.headers["location"] == reverse("parts:machine", args=[made.pk])
    client = signed_in(world.supervisor)
    assert made.number in read(client, "machines")
    page = read(client, "machine", made.pk)
    assert "¥1,999.00" in page
    assert "Approve" in page
    client.post(reverse("parts:act_on_machine", args=[made.pk, "decide"]), {"decision": "approve"})
    made.refresh_from_db()
    assert made.state == "approved"
    assert "Hand the machine over" in read(client, "machine", made.pk)
    assert made.number in read(client, "machines", list="approved")


def test_bad_input_stands_beside_its_field_and_nothing_typed_is_lost(world):
    client = signed_in(world.engineer)
    typed = TYPED | {"machine": "NIL", "reason": "说明仍在"}
    answer = client.post(reverse("parts:act_on_order", args=[world.order.pk, "machine"]), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is no part with the code" in page
    assert "说明仍在" in page
    assert not MachineReturn.objects.exists()


def test_who_asked_sees_no_buttons_and_a_refusal_needs_a_reason(world):
    made = ask_for_machine(world.order.pk, Asked(**TYPED), actor=acting(world.supervisor))
    own = read(signed_in(world.supervisor), "machine", made.pk)
    assert "somebody else decides" in own
    assert 'value="approve"' not in own
    other = signed_in(a_person(roles=("supervisor",)))
    url = reverse("parts:act_on_machine", args=[made.pk, "decide"])
    answer = other.post(url, {"decision": "refuse", "reason": ""})
    assert answer.status_code == 422
    assert "Say why it is refused" in answer.content.decode()
    other.post(url, {"decision": "refuse", "reason": "可修"})
    made.refresh_from_db()
    assert (made.state, made.decision_reason) == ("refused", "可修")


def test_above_ones_authority_the_page_says_who_may(world):
    a_machine("BIG", price="9000.00")
    made = asked(world, machine="BIG")
    answer = signed_in(world.supervisor).post(
        reverse("parts:act_on_machine", args=[made.pk, "decide"]), {"decision": "approve"}
    )
    assert answer.status_code == 422
    assert "¥3,000.00: ask service manager" in answer.content.decode()


def test_a_machine_that_came_back_is_scrapped_or_refurbished_on_its_page(world):
    made, _used = came_back(world)
    client = signed_in(world.supervisor)
    assert made.number in read(client, "machines", list="dispose")
    url = reverse("parts:act_on_machine", args=[made.pk, "dispose"])
    refused = client.post(url, {"way": "refurbish", "reason": "好"})
    assert (refused.status_code, "Choose where it stands" in refused.content.decode()) == (422, True)
    client.post(url, {"way": "refurbish", "place": world.store.pk, "reason": "好"})
    assert on_hand(world.store, "WM-R") == 1
    page = read(client, "machine", made.pk)
    assert "refurbished" in page
    assert made.number not in read(client, "machines", list="dispose")
    assert "WM-R" in read(client, "list")


def test_it_is_called_off_with_a_reason(world):
    made = asked(world)
    client = signed_in(world.engineer)
    url = reverse("parts:act_on_machine", args=[made.pk, "call-off"])
    assert client.post(url, {"reason": ""}).status_code == 422
    client.post(url, {"reason": "修好了"})
    made.refresh_from_db()
    assert made.state == "called_off"
    assert "修好了" in read(client, "machine", made.pk)


def test_the_case_and_the_order_show_it_and_strangers_do_not_see_it(world):
    made = asked(world)
    client = signed_in(world.supervisor)
    assert made.number in read(client, "of_case", world.order.case_id)
    assert made.number in read(client, "order", world.order.pk)
    stranger = signed_in(a_person(unit=an_outlet(), roles=("outlet_manager",)))
    assert made.number not in read(stranger, "machines", list="all")
    assert stranger.get(reverse("parts:machine", args=[made.pk])).status_code == 404


def test_a_return_is_received_on_the_desk_by_its_serial(world):
    made = asked(world, kind="return", machine="", old_machine="WM")
    decide_machine(made.pk, approved=True, actor=acting(world.supervisor))
    client = signed_in(a_person(roles=("specialist",)))
    assert "whole machine" in read(client, "returns")
    client.post(reverse("parts:scan"), {"scanned": " sn-1 ", "list": "owed"})
    assert UsedPart.objects.get().receipt_id is not None


def test_a_finding_is_corrected_on_the_page_of_the_old_part(world):
    _made, used = came_back(world)
    client = signed_in(a_person(roles=("quality",)))
    page = read(client, "label", used.pk)
    assert "Correct the finding" in page
    url = reverse("parts:correct", args=[used.pk])
    answer = client.post(url, {"finding": "confirmed", "reason": ""})
    assert answer.status_code == 422
    client.post(url, {"finding": "confirmed", "reason": "复检确认"})
    used.refresh_from_db()
    assert used.lab_finding == "confirmed"
    page = read(client, "label", used.pk)
    assert "复检确认" in page
    assert "<s>no fault" in page
    watcher = signed_in(a_person(roles=("supervisor",)))
    assert "Correct the finding" not in read(watcher, "label", used.pk)
    watcher.post(url, {"finding": "misuse", "reason": "x"})
    assert correct_finding(used.pk, "misuse", reason="y", actor=acting(a_person(roles=("quality",)))).lab_finding == "misuse"


def test_programs_walk_the_whole_way(world):
    outlet, above = a_program("outlet_manager", world.order.outlet), a_program("manager")
    number = world.order.number
    status, made = posted(outlet, f"orders/{number}/machine-returns", **TYPED)
    assert (status, made["state"], made["amount"], made["old_machine"]) == (201, "asked", "1999.00", "WM")
    assert posted(outlet, f"machine-returns/{made['number']}/decision", approved=True)[0] == 403
    status, found = posted(above, f"machine-returns/{made['number']}/decision", approved=True)
    assert (status, found["state"]) == (200, "approved")
    assert posted(outlet, f"orders/{number}/machine-returns", **TYPED)[1]["code"] == "machine_asked_already"
    assert posted(outlet, f"orders/{number}/parts", part="WM")[1]["fields"].keys() == {"new_serial"}
    status, used = posted(outlet, f"orders/{number}/parts", part="WM", new_serial="SN-2")
    assert status == 201
    assert posted(above, f"old-parts/{used['tag']}/disposal", way="scrap", reason="x")[1]["code"] == "part_not_returned"
    posted(above, "old-parts/receive", scanned="SN-1")
    assert posted(above, f"old-parts/{used['tag']}/disposal", way="scrap", reason="x")[1]["code"] == "lab_comes_first"
    posted(above, f"old-parts/{used['tag']}/finding", finding="no_fault")
    status, corrected = posted(above, f"old-parts/{used['tag']}/correction", finding="confirmed", reason="复检")
    assert (status, corrected["lab_finding"]) == (200, "confirmed")
    assert posted(above, f"old-parts/{used['tag']}/correction", finding="confirmed", reason="复检")[0] == 422
    status, gone = posted(above, f"old-parts/{used['tag']}/disposal", way="scrap", reason="开裂")
    assert (status, gone["disposed"], gone["lab_finding"]) == (200, "scrap", "confirmed")
    listed = above.get("/api/v1/machine-returns").json()["items"]
    assert [(one["number"], one["tag"]) for one in listed] == [(made["number"], used["tag"])]


def test_programs_are_refused_what_people_are(world):
    made = asked(world)
    stranger = a_program("manager", an_outlet())
    assert posted(stranger, f"machine-returns/{made.number}/decision", approved=True)[0] == 404
    assert posted(stranger, f"orders/{world.order.number}/machine-returns", **TYPED)[0] == 404
    assert stranger.get("/api/v1/machine-returns").json()["items"] == []
    above = a_program("manager")
    assert posted(above, "machine-returns/MR-1/decision", approved=True)[0] == 404
    assert posted(above, f"machine-returns/{made.number}/call-off", reason="")[0] == 422
    assert posted(above, f"machine-returns/{made.number}/call-off", reason="x")[1]["state"] == "called_off"
    assert posted(above, f"machine-returns/{made.number}/decision", approved=True)[1]["code"] == "machine_decided"
    assert above.get("/api/v1/machine-returns?cursor=x").status_code == 422


def test_a_part_is_corrected_like_a_machine(world):
    a_part("PUMP")
    a_store(world.order.outlet, "outlet", PUMP=1)
    used = use_part(world.order.pk, part_code="PUMP", actor=acting(world.engineer))
    assert posted(a_program("quality"), f"old-parts/{used.tag}/correction", finding="misuse", reason="x")[1]["code"] == (
        "nothing_found"
    )
