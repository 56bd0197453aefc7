"""The month end over the API: one success, one refusal, one invisible row for each operation; and the commands' documents."""

import io
import json
from collections.abc import Iterator
from contextlib import nullcontext, redirect_stdout
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.people.actions import issue_token
from jieli.people.models import Unit
from jieli.people.tests.factories import a_person, acting, the_root
from jieli.settlement.actions.sealing import seal_statements
from jieli.settlement.commands import grade, settle
from jieli.settlement.models import Run
from jieli.settlement.tests.factories import a_rate_table, an_order, an_outlet, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def after_the_cut_off() -> Iterator[None]:
    with clock.frozen(at("2026-04-08 09:00")):
        yield


@pytest.fixture
def outlets() -> list[Unit]:
    a_rate_table()
    outlets = [an_outlet("A"), an_outlet("B")]
    for place, outlet in enumerate(outlets):
        an_order(outlet, "2026-03-20 12:00", number=f"W{place}")
        an_order(outlet, "2026-03-20 12:00", number=f"X{place}", steps_complete=None)
    return outlets


def caller(role: str, unit: Unit | None = None, scopes: tuple[str, ...] = ()) -> Client:
    person = a_person(unit=unit, roles=(role,))
    where = (unit or the_root()).pk
    _token, plain = issue_token(person.pk, name="t", role=role, unit_id=where, scopes=scopes, actor=acting(person))
    return Client(headers={"authorization": f"Bearer {plain}", "accept-language": "en"})


def test_a_month_is_decided_once_and_read_by_whom_it_concerns(outlets: list[Unit]) -> None:
    finance = caller("finance", scopes=("settle",))
    decided = finance.post("/api/v1/settlements/2026-03", {}, content_type="application/json")
    assert decided.status_code == 200, decided.content
    again = finance.post("/api/v1/settlements/2026-03", {}, content_type="application/json")
    assert again.json() == decided.json()
    assert Run.objects.count() == 1
    assert [one["payout_amount"] for one in decided.json()["outlets"]] == ["82.00", "82.00"]
    mine = caller("outlet_manager", outlets[0])
    read = mine.get("/api/v1/settlements/2026-03?outlet=A&lines=true").json()
    assert read["lines"] == [
        {"order": "W0", "decision": "payable", "gate": None, "fee_amount": "82.00", "rate_version": "t1"},
        {"order": "X0", "decision": "held", "gate": "steps", "fee_amount": None, "rate_version": None},
    ]
    assert mine.get("/api/v1/settlements/2026-03?outlet=B").status_code == 404
    assert mine.get("/api/v1/settlements/2026-03").status_code == 403


@pytest.mark.parametrize(
    ("role", "scopes", "status"),
    [("finance", ("write",), 403), ("finance", ("read",), 403), ("supervisor", (), 403), ("agent", ("settle",), 403)],
)
def test_only_who_may_settles(outlets: list[Unit], role: str, scopes: tuple[str, ...], status: int) -> None:
    answer = caller(role, scopes=scopes).post("/api/v1/settlements/2026-03", {}, content_type="application/json")
    assert answer.status_code == status
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("month", "status", "code"),
    [
        ("2026-13", 422, "bad_month"),
        ("x", 422, "bad_month"),
        ("2026-04", 409, "month_before_cut_off"),
        ("2026-05", 409, "month_not_begun"),
    ],
)
def test_what_cannot_be_settled_is_refused_by_name(outlets: list[Unit], month: str, status: int, code: str) -> None:
    answer = caller("finance").post(f"/api/v1/settlements/{month}", {}, content_type="application/json")
    assert answer.status_code == status
    assert answer.json()["code"] == code


def test_a_preview_changes_nothing_and_a_month_without_decision_needs_it(outlets: list[Unit]) -> None:
    finance = caller("finance")
    assert finance.get("/api/v1/settlements/2026-03").json()["code"] == "month_not_decided"
    preview = finance.get("/api/v1/settlements/2026-03?preview=true").json()
    assert (preview["decided"], preview["provisional"], len(preview["outlets"])) == (False, False, 2)
    later = finance.get("/api/v1/settlements/2026-04?preview=true").json()
    assert (later["provisional"], later["earlier_orders"]) == (True, 4)
    assert not Run.objects.exists()


def test_grades_are_those_of_the_outlets_one_may_see(outlets: list[Unit]) -> None:
    everything = caller("manager").get("/api/v1/grades?month=2026-03").json()["items"]
    assert [one["outlet"] for one in everything] == ["A", "B"]
    assert everything[0]["score"] is None
    assert everything[0]["coefficient"] == "1.00"
    assert [one["outlet"] for one in caller("supervisor", outlets[1]).get("/api/v1/grades?month=2026-03").json()["items"]] == [
        "B"
    ]
    assert caller("agent").get("/api/v1/grades?month=2026-03").status_code == 403


def said(command: Any, **arguments: Any) -> Any:
    given = {"month": "2026-03", "json": True, "preview": False, "outlet": "", "lines": False} | arguments
    out = io.StringIO()
    with redirect_stdout(out):
        assert command.run(SimpleNamespace(**given)) == 0
    return json.loads(out.getvalue()) if given["json"] else out.getvalue()


def test_the_commands_answer_as_the_interfaces_say(outlets: list[Unit], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "one_picture", nullcontext)
    grades = said(grade)
    assert set(grades[0]) == {"outlet", "finished", "facts", "score", "grade", "rank", "group_size", "coefficient"}
    assert grades[0]["facts"]["satisfaction"] == 1.0
    assert grades[0]["facts"]["parts_misjudged"] is None
    decided = said(settle, lines=True)
    assert (decided["month"], decided["policy"]) == ("2026-03", "settlement v1")
    assert decided["outlets"][1]["lines"][1] == {
        "order": "X1",
        "decision": "held",
        "gate": "steps",
        "fee_amount": None,
        "rate_version": None,
    }
    assert said(settle, lines=True) == decided
    assert [one["outlet"] for one in said(settle, outlet="B")["outlets"]] == ["B"]
    for command in (grade, settle):
        assert "A" in said(command, json=False, lines=True)


def body(client: Client, url: str, given: Any = None) -> Any:
    return client.post(f"/api/v1/{url}", given or {}, content_type="application/json")


@pytest.fixture
def sealed(outlets: list[Unit]) -> list[Unit]:
    finance = caller("finance", scopes=("settle",))
    body(finance, "settlements/2026-03")
    first = body(finance, "settlements/2026-03/approve")
    assert (first.status_code, first.json()["approved"]) == (200, False)
    second = body(caller("manager"), "settlements/2026-03/approve")
    assert second.json()["approved"] is True
    seal_statements(Run.objects.get().pk, actor=SYSTEM)
    return outlets


def test_two_tokens_of_one_person_are_one_person(outlets: list[Unit]) -> None:
    person = a_person(roles=("finance", "manager"))
    tokens = [
        issue_token(person.pk, name=role, role=role, unit_id=the_root().pk, actor=acting(person))[1]
        for role in ("finance", "manager")
    ]
    callers = [Client(headers={"authorization": f"Bearer {plain}"}) for plain in tokens]
    assert body(callers[0], "settlements/2026-03/approve").json()["code"] == "month_not_decided"
    body(callers[0], "settlements/2026-03")
    assert body(callers[0], "settlements/2026-03/approve").status_code == 200
    again = body(callers[1], "settlements/2026-03/approve")
    assert (again.status_code, again.json()["code"]) == (409, "approved_by_you")
    for role, scopes in (("supervisor", ()), ("finance", ("write",))):
        assert body(caller(role, scopes=scopes), "settlements/2026-03/approve").status_code == 403


def test_a_statement_is_read_confirmed_and_disputed_by_its_outlet_alone(sealed: list[Unit]) -> None:
    mine, theirs = caller("outlet_manager", sealed[0]), caller("outlet_manager", sealed[1])
    assert [one["outlet"] for one in mine.get("/api/v1/statements?month=2026-03").json()["items"]] == ["A"]
    assert caller("agent").get("/api/v1/statements?month=2026-03").status_code == 403
    read = mine.get("/api/v1/statements/2026-03/A").json()
    assert (read["state"], read["document"]["payout_amount"]) == ("open", "82.00")
    assert theirs.get("/api/v1/statements/2026-03/A").status_code == 404
    given = {"order": "X0", "reason": "补报", "claimed_amount": "82.00"}
    assert body(theirs, "statements/2026-03/A/disputes", given).status_code == 404
    assert body(caller("finance"), "statements/2026-03/A/disputes", given).status_code == 403
    for bad in ({"reason": "x"}, given | {"charge": 1}, given | {"order": "W1"}, given | {"claimed_amount": "1,000.00"}):
        assert body(mine, "statements/2026-03/A/disputes", bad).status_code == 422
    made = body(mine, "statements/2026-03/A/disputes", given)
    assert (made.status_code, made.json()["decision"], made.json()["claimed_amount"]) == (201, None, "82.00")
    number = made.json()["id"]
    assert theirs.get("/api/v1/disputes").json()["items"] == []
    assert [one["id"] for one in caller("finance").get("/api/v1/disputes").json()["items"]] == [number]
    answer = {"decision": "granted", "amount": "50.00", "reason": "一半"}
    assert body(mine, f"settlements/disputes/{number}/decide", answer).status_code == 403
    assert body(caller("finance", scopes=("write",)), f"settlements/disputes/{number}/decide", answer).status_code == 403
    for bad in ({**answer, "amount": None}, {**answer, "decision": "refused"}, {**answer, "amount": "0.00"}):
        assert body(caller("finance"), f"settlements/disputes/{number}/decide", bad).status_code == 422
    decided = body(caller("finance", scopes=("settle",)), f"settlements/disputes/{number}/decide", answer)
    assert (decided.status_code, decided.json()["amount"]) == (200, "50.00")
    assert body(caller("manager"), f"settlements/disputes/{number}/decide", answer).json()["code"] == "dispute_decided"
    assert body(caller("manager"), "settlements/disputes/999999/decide", answer).status_code == 404
    assert body(mine, "statements/2026-03/A/confirm").json()["state"] == "confirmed"
    assert body(theirs, "statements/2026-03/A/confirm").status_code == 404
    with clock.frozen(at("2026-05-08 09:00")):
        preview = caller("finance").get("/api/v1/settlements/2026-04?preview=true&outlet=A").json()
    assert preview["outlets"][0]["incentives_amount"] == "50.00"


def test_pay_is_decided_and_read_by_who_settles(outlets: list[Unit]) -> None:
    finance = caller("finance")
    assert finance.get("/api/v1/settlements/2026-03/pay").json()["code"] == "month_not_decided"
    body(finance, "settlements/2026-03")
    assert finance.get("/api/v1/settlements/2026-03/pay").json()["code"] == "pay_not_decided"
    engineer = a_person(unit=outlets[0], roles=("engineer",))
    decided = body(finance, "settlements/2026-03/pay").json()
    assert [(one["code"], one["total_amount"]) for one in decided["slips"]] == [(engineer.code, "3000.00")]
    assert finance.get("/api/v1/settlements/2026-03/pay").json() == decided
    for role in ("agent", "engineer", "outlet_manager"):
        assert caller(role).get("/api/v1/settlements/2026-03/pay").status_code == 403
