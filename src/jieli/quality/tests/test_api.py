"""The operations: a call-back from the list to its result, a recovery to its end; refusals in their one shape."""

import pytest
from django.test import Client

from jieli.people.actions import issue_token
from jieli.people.models import Unit
from jieli.people.tests.factories import a_person, a_unit, an_administrator, the_root
from jieli.quality.models import Recovery
from jieli.quality.tests.factories import a_callback, a_called, a_recovery

pytestmark = pytest.mark.django_db


class Program:
    """A client with a token."""

    def __init__(self, person, role="agent", unit=None):
        where: Unit = unit or the_root()
        _token, plain = issue_token(person.pk, name=f"k{person.pk}", role=role, unit_id=where.pk, actor=an_administrator())
        self.client = Client(headers={"Authorization": f"Bearer {plain}", "Accept-Language": "en"})

    def get(self, path):
        return self.client.get(f"/api/v1{path}")

    def post(self, path, body=None):
        return self.client.post(f"/api/v1{path}", body or {}, content_type="application/json")


def test_a_call_back_goes_from_the_list_to_its_result():
    visited, callback = a_callback()
    program = Program(visited.agent)
    (row,) = program.get("/call-backs").json()["items"]
    assert (row["id"], row["number"], row["state"], row["result"]) == (callback.pk, visited.case.number, "open", "")
    assert program.post(f"/call-backs/{callback.pk}/take").json()["caller"] == visited.agent.code
    early = program.post(f"/call-backs/{callback.pk}/result", {"result": "satisfied"})
    assert (early.status_code, early.json()["code"]) == (409, "nobody_reached")
    assert program.post(f"/call-backs/{callback.pk}/attempts", {"outcome": "talked"}).status_code == 201
    said = program.post(f"/call-backs/{callback.pk}/result", {"result": "satisfied", "solved": True}).json()
    assert (said["state"], said["marks"]["on_call"], said["marks"]["fixed_on_arrival"]) == ("done", True, True)
    assert program.get("/call-backs?view=said").json()["items"][0]["id"] == callback.pk
    assert program.get(f"/cases/{visited.case.number}/call-backs").json()[0]["result"] == "satisfied"


def test_a_recovery_is_spent_on_and_recorded():
    visited, recovery = a_recovery()
    program = Program(visited.agent)
    refused = program.post(f"/recoveries/{recovery.pk}/spendings", {"amount": "500.00", "purpose": "花"})
    assert (refused.status_code, refused.json()["code"]) == (409, "above_authority")
    assert "amount" in refused.json()["fields"]
    spent = program.post(f"/recoveries/{recovery.pk}/spendings", {"amount": "60", "purpose": "花"})
    assert (spent.status_code, spent.json()["spendings"][0]["amount"]) == (201, "60.00")
    done = {"restored": "换泵", "personal": "贺卡", "answer": "已换泵"}
    assert program.post(f"/recoveries/{recovery.pk}/record", done).json()["personal"] == "贺卡"
    assert program.get(f"/recoveries/{recovery.pk}").json()["number"] == visited.case.number


def test_a_second_manager_decides():
    _visited, recovery = a_recovery()
    first, second = (Program(a_person(unit=the_root(), roles=("manager",), name=name), "manager") for name in ("一", "二"))
    asked = first.post(f"/recoveries/{recovery.pk}/spendings", {"amount": "6000", "purpose": "整机"}).json()["spendings"][0]
    same = first.post(f"/spendings/{asked['id']}/decide", {"agreed": True})
    assert (asked["state"], same.json()["code"]) == ("asked", "same_person")
    assert second.post(f"/spendings/{asked['id']}/decide", {"agreed": True}).json()["spendings"][0]["state"] == "spent"


def test_a_quality_officer_marks_and_confirms():
    program = Program(a_person(unit=the_root(), roles=("quality",), name="质控"), "quality")
    _visited, bad = a_called("dissatisfied")
    _visited, moved = a_called(moved="tears")
    assert program.post(f"/call-backs/{bad.pk}/not-about-visit", {"reason": "价格"}).json()["not_about_visit"]
    assert program.post(f"/call-backs/{moved.pk}/delight", {"moved": "tears"}).json()["marks"]["moved_confirmed"]
    assert Recovery.objects.count() == 1


def test_a_link_is_answered_once_with_its_address():
    visited, callback = a_callback()
    sent = Program(visited.agent).post(f"/call-backs/{callback.pk}/link")
    assert sent.status_code == 201
    assert "/call-backs/answer/" in sent.json()["url"]


@pytest.mark.parametrize("path", ["/call-backs/1", "/recoveries/1", "/call-backs/9223372036854775807"])
def test_what_is_not_there_is_not_found(path):
    assert Program(a_person(unit=the_root(), roles=("agent",))).get(path).status_code == 404


def test_hidden_and_bad_ones_are_refused():
    _visited, callback = a_callback()
    far = a_unit(name="别处")
    stranger = Program(a_person(unit=far, roles=("agent",), name="远方"), unit=far)
    assert stranger.get(f"/call-backs/{callback.pk}").status_code == 404
    assert stranger.get("/call-backs").json()["items"] == []
    assert stranger.get("/call-backs?cursor=x").status_code == 422
    assert stranger.post(f"/call-backs/{callback.pk}/attempts", {"outcome": "shouted"}).status_code == 422
    engineer = Program(a_person(unit=far, roles=("engineer",), name="周强"), "engineer", far)
    assert engineer.get("/call-backs").status_code == 403
