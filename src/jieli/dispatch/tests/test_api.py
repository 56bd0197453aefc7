"""Each operation of the API on dispatch: one success, one refusal, one row that is hidden."""

import pytest

from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.tests.factories import a_ready_case, a_window, accepted, an_engineer, an_outlet, manager_of, offered
from jieli.events.actor import SYSTEM
from jieli.network.actions.engineers import make_engineer, set_skill
from jieli.orders.models import WorkOrder
from jieli.people.tests.api_client import ApiClient, a_token
from jieli.people.tests.factories import a_person, the_root

pytestmark = pytest.mark.django_db


def api_of(staff, **values):
    return ApiClient(a_token(staff, **values))


def a_window_in(hour=14):
    starts_at, ends_at = a_window(hour)
    return {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}


@pytest.fixture
def dispatcher():
    return api_of(a_person(unit=the_root(), roles=("dispatcher",)), role="dispatcher")


@pytest.fixture
def stranger():
    return api_of(a_person(roles=("employee",)), role="employee")


def test_candidates_and_slots_of_a_case(dispatcher, stranger):
    outlet, case = an_outlet(), a_ready_case()
    engineer = an_engineer(outlet)
    path = f"/cases/{case.number}"
    found = dispatcher.get(f"{path}/candidates?outlet={outlet.unit.code}").json()
    assert [one["code"] for one in found["outlets"]] == [outlet.unit.code]
    assert [one["code"] for one in found["engineers"]] == [engineer.staff.code]
    slots = dispatcher.get(f"{path}/slots?outlet={outlet.unit.code}&days=2").json()["items"]
    assert {slot["why"] for slot in slots} >= {"", "past"}
    assert stranger.get(f"{path}/candidates").status_code == 404
    assert dispatcher.get(f"{path}/slots?outlet=nowhere").status_code == 422


@pytest.mark.parametrize("since", ["0001-01-01", "2026-11-01"])
def test_windows_are_asked_for_from_today_on(since, dispatcher):
    outlet, case = an_outlet(), a_ready_case()
    an_engineer(outlet)
    path = f"/cases/{case.number}/slots?outlet={outlet.unit.code}&days=2"
    assert dispatcher.get(f"{path}&since={since}").json() == dispatcher.get(path).json()


def test_windows_too_far_ahead_are_refused_beside_the_day(dispatcher):
    outlet, case = an_outlet(), a_ready_case()
    for since in ("2030-01-01", "9999-12-31"):
        refused = dispatcher.get(f"/cases/{case.number}/slots?outlet={outlet.unit.code}&since={since}")
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["since"])


def test_who_has_the_case_and_goes_himself_has_the_visit_at_once():
    outlet, case = an_outlet(), a_ready_case()
    manager = manager_of(outlet)
    make_engineer(manager.pk, values={}, actor=SYSTEM)
    set_skill(manager.pk, product_line="washing_machine", actor=SYSTEM)
    accepted(case, outlet, a_window())
    answer = api_of(manager, role="outlet_manager").post(f"/cases/{case.number}/dispatch", {"engineer": manager.code})
    assert (answer.status_code, answer.json()["engineer"]) == (200, manager.code)
    assert Appointment.objects.get(case=case).engineer == manager


def test_a_case_is_offered_and_answered(dispatcher, stranger):
    outlet, case = an_outlet(), a_ready_case()
    body = {"outlet": outlet.unit.code, "window": a_window_in(), "agreed": True}
    made = dispatcher.post(f"/cases/{case.number}/dispatch", body)
    assert made.status_code == 201
    assert made.json()["state"] == "offered"
    assert dispatcher.post(f"/cases/{case.number}/dispatch", body).status_code == 409
    assert stranger.post(f"/cases/{case.number}/dispatch", body).status_code == 404
    manager = api_of(manager_of(outlet), role="outlet_manager")
    offer_id = made.json()["id"]
    assert [one["id"] for one in manager.get("/dispatch/offers").json()["items"]] == [offer_id]
    assert dispatcher.post(f"/dispatch/offers/{offer_id}/accept", {}).status_code == 403
    countered = manager.post(f"/dispatch/offers/{offer_id}/counter", {"window": a_window_in(16), "reason": "人手不够"})
    assert countered.json()["counter_state"] == "asked"
    agreed = dispatcher.post(f"/dispatch/offers/{offer_id}/counter/answer", {"agree": True, "agreed_with_customer": True})
    assert agreed.json()["state"] == "accepted"
    state = manager.get(f"/cases/{case.number}/dispatch").json()
    assert state["appointment"]["state"] == "accepted"
    moved = manager.post(f"/cases/{case.number}/appointment", {"window": a_window_in(10), "agreed": True})
    assert moved.json()["outlet"] == outlet.unit.code
    assert Appointment.objects.filter(case=case, state="moved").count() == 2
    ended = manager.post(f"/cases/{case.number}/appointment/cancel")
    assert ended.json()["state"] == "cancelled"


def test_work_is_refused_with_a_listed_reason_and_dispatched_anew(dispatcher):
    first, second = an_outlet("近网点"), an_outlet("远网点")
    case = a_ready_case()
    offer = offered(case, first)
    manager = api_of(manager_of(first), role="outlet_manager")
    assert manager.post(f"/dispatch/offers/{offer.pk}/refuse", {"reason": "nothing"}).status_code == 422
    assert manager.post(f"/dispatch/offers/{offer.pk}/refuse", {"reason": "no_part"}).json()["state"] == "declined"
    anew = dispatcher.post(f"/cases/{case.number}/redispatch", {"reason": "网点没空", "outlet": second.unit.code})
    assert anew.json()["outlet"] == second.unit.code


def test_the_backlog_and_many_at_once(dispatcher, stranger):
    outlet = an_outlet()
    good, bad = a_ready_case(), a_ready_case(address="", product_line="")
    found = dispatcher.get("/dispatch/backlog").json()["items"]
    assert {one["number"] for one in found} == {good.number, bad.number}
    lines = [{"number": one.number, "outlet": outlet.unit.code} for one in (good, bad)]
    outcomes = dispatcher.post("/dispatch/many", {"lines": lines}).json()["items"]
    assert [bool(one["refused"]) for one in outcomes] == [False, True]
    assert Offer.objects.count() == 1
    assert stranger.get("/dispatch/backlog").status_code == 403
    assert dispatcher.get("/dispatch/backlog?cursor=x").status_code == 422


def test_the_desk_says_what_an_order_is_paid_by(dispatcher, stranger):
    outlet = an_outlet()
    accepted(case := a_ready_case(), outlet)
    order = WorkOrder.objects.get(case=case)
    path = f"/cases/{case.number}/orders/{order.number}/facts"
    said = dispatcher.post(path, {"in_warranty": False, "distance_km": "12.5"})
    assert (said.status_code, said.json()) == (200, {"number": order.number, "in_warranty": False, "distance_km": "12.500"})
    assert api_of(manager_of(outlet), role="outlet_manager").post(path, {"in_warranty": True}).status_code == 403
    assert dispatcher.post(path, {"distance_km": "-1"}).status_code == 422
    assert dispatcher.post(path, {}).json()["code"] == "bad_order"
    assert dispatcher.post(f"/cases/{case.number}/orders/J-1/facts", {"in_warranty": True}).status_code == 404
    assert stranger.post(path, {"in_warranty": True}).status_code == 404
