"""Tokens, scopes and rates; the shape of every refusal; the description and its page."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from jieli.cases.tests.factories import a_case, an_agent
from jieli.config.http import access
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.lib.rates import Rates
from jieli.people.actions import issue_token, revoke_token
from jieli.people.models import Staff, Token
from jieli.people.tests.api_client import ApiClient, a_token
from jieli.people.tests.factories import MONDAY, a_person, an_administrator, the_root

pytestmark = pytest.mark.django_db

NEED = {"kind": "enquiry", "subject": "几点开门?", "customer": {"name": "王芳"}}


@pytest.fixture
def agent() -> Any:
    the_root()
    return an_agent()


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer " + "x" * 9000, "Bearer 你"]
)
def test_without_a_valid_token_nobody_comes_in(agent: Staff, header: Any) -> None:
    headers = {} if header is None else {"Authorization": header.encode().decode("latin-1")}
    answer = Client().get("/api/v1/cases", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_is_out_at_once(agent: Staff) -> None:
    token, plain = issue_token(agent.pk, name="x", role="agent", unit_id=agent.unit_id, actor=SYSTEM)
    assert ApiClient(plain).get("/cases").status_code == 200
    revoke_token(token.pk, actor=an_administrator())
    assert ApiClient(plain).get("/cases").status_code == 401


def test_a_token_of_somebody_who_left_is_out(agent: Staff) -> None:
    plain = a_token(agent)
    agent.is_active = False
    agent.save(update_fields=["is_active"])
    assert ApiClient(plain).get("/cases").status_code == 401


@pytest.mark.parametrize(
    ("scopes", "reads", "writes"),
    [((), 200, 201), (("read",), 200, 403), (("write",), 200, 201), (("read", "write"), 200, 201), (("settle",), 200, 403)],
)
def test_scopes_narrow_a_token(agent: Staff, scopes: Any, reads: Any, writes: Any) -> None:
    api = ApiClient(a_token(agent, scopes=scopes))
    assert api.get("/cases").status_code == reads
    assert api.post("/cases", NEED).status_code == writes
    assert api.patch(f"/cases/{a_case().number}", {"subject": "x"}).status_code == (200 if writes == 201 else 403)


def test_the_use_of_a_token_is_noted_to_the_minute(agent: Staff) -> None:
    api = ApiClient(a_token(agent))
    api.get("/cases")
    assert Token.objects.get(staff=agent).last_used_at is not None


def test_a_token_that_asks_too_often_waits(agent: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "rates", Rates(0.5, 2))
    api = ApiClient(a_token(agent))
    assert [api.get("/cases").status_code for _ in range(3)] == [200, 200, 429]
    answer = api.get("/cases")
    assert answer.json()["code"] == "too_many_requests"
    assert 1 <= int(answer.headers["Retry-After"]) <= 2
    assert ApiClient(a_token(agent)).get("/cases").status_code == 200


def test_a_bucket_fills_again_and_forgets_the_longest_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jieli.lib.rates._MOST_KNOWN", 2)
    rates = Rates(2, 1)
    assert rates.take("a", 0) == 0
    assert rates.take("a", 0) == 0.5
    assert rates.take("a", 0.5) == 0
    assert [rates.take("b", 0.5), rates.take("c", 0.5), rates.take("a", 0.5)] == [0, 0, 0]


@pytest.mark.parametrize(("language", "message"), [("en", "Send a valid token"), ("zh-CN", "令牌")])
def test_refusals_speak_the_callers_language(language: Any, message: Any) -> None:
    assert message in ApiClient(language=language).get("/cases").json()["message"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/nothing", 404, "not_found"),
        ("get", "/", 404, "not_found"),
        ("get", "/cases/", 404, "not_found"),
        ("delete", "/cases", 405, "method_not_allowed"),
        ("put", "/cases/J-1", 405, "method_not_allowed"),
        ("get", "/passes/99999999999999999999999", 404, "not_found"),
        ("get", "/customers/99999999999999999999999", 404, "not_found"),
        ("get", "/customers/1%00", 404, "not_found"),
        ("get", "/cases/%00", 404, "check_the_number"),
        ("get", "/cases/J-9999-9999-9999-9999-98", 404, "check_the_number"),
    ],
)
def test_what_is_not_there_says_so_in_json(agent: Staff, method: Any, path: Any, status: Any, code: Any) -> None:
    api = ApiClient(a_token(agent))
    answer = getattr(api.client, method)(f"/api/v1{path}", headers=api.headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


BAD_BODIES = [
    (b"", 422),
    (b"{", 400),
    (b"[]", 422),
    (b"null", 422),
    (b'"text"', 422),
    (b"\xff\xfe", 400),
    ('{"subject": "中文"}'.encode("gb18030"), 400),
    (b'{"kind": "enquiry", "subject": "\\ud800", "customer": {"name": "x"}}', 400),
    (b'{"kind": "enquiry", "subject": "a\\u0000", "customer": {"name": "x"}}', 422),
    (b'{"kind": "enquiry", "subject": "x", "customer": {"name": "x"}, "custom": {"a": NaN}}', 400),
    (b'{"kind": "enquiry", "subject": "x", "customer": {"name": "x"}, "custom": {"a": 1e999}}', 422),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
    (b"[" * 100_000, 400),
    (b'{"kind": "enquiry", "subject": "' + b"x" * (10 * 2**20) + b'"}', 413),
    (b'{"kind": "enquiry", "subject": "' + b"x" * 6_000_000 + b'", "customer": {"name": "x"}}', 422),
]


@pytest.mark.parametrize(("body", "status"), BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_bad_body_is_refused_and_never_breaks_anything(agent: Staff, body: Any, status: Any) -> None:
    answer = ApiClient(a_token(agent)).post("/cases", raw=body)
    assert answer.status_code == status, answer.content[:300]
    assert answer.json().keys() == {"code", "message", "fields"}


def test_a_body_that_is_too_large_is_not_even_read() -> None:
    answer = Client().generic(
        "POST", "/api/v1/cases", b"{}", content_type="application/json", headers={"Content-Length": str(2**40)}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("text", ["🧺洗衣机👩‍🔧", "𠮷野家", "e\u0301", "a\tb\nc", "﷽", "\u202eabc"])
def test_every_kind_of_letter_comes_back_as_it_was(agent: Staff, text: Any) -> None:
    api = ApiClient(a_token(agent))
    number = api.post("/cases", NEED | {"subject": text, "description": text}).json()["number"]
    case = api.get(f"/cases/{number}").json()
    assert (case["subject"], case["description"]) == (text, text)


def test_the_description_is_openapi_31_and_every_operation_can_refuse(agent: Staff) -> None:
    schema = Client().get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    operations = [one for path in schema["paths"].values() for one in path.values()]
    assert len(operations) >= 45
    for operation in operations:
        assert operation["security"]
        assert {"401", "403", "404", "409", "422", "429"} <= operation["responses"].keys()
        assert operation["summary"]
        assert operation["description"]
    posts = [path["post"] for path in schema["paths"].values() if "post" in path]
    assert all(any(one["name"] == "Idempotency-Key" for one in post["parameters"]) for post in posts)


def test_every_shape_is_named_once() -> None:
    schema = json.dumps(Client().get("/api/v1/openapi.json").json())
    assert "NinjaResponseSchema" not in schema


def test_the_page_for_people_asks_nobody_else() -> None:
    answer = Client().get("/api/v1/docs")
    page = answer.content.decode()
    assert "http://" not in page
    assert "https://" not in page
    assert "<script>" not in page
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]


def test_units_and_staff_tell_the_codes(agent: Staff) -> None:
    api = ApiClient(a_token(agent))
    assert [one["code"] for one in api.get("/units").json()["items"]] == [the_root().code]
    assert [one["code"] for one in api.get("/staff", q=agent.code).json()["items"]] == [agent.code]
    assert api.get("/staff", unit="none").json()["fields"].keys() == {"unit"}
    assert api.get("/staff", cursor="x").json()["fields"].keys() == {"cursor"}


def test_customers_are_found_made_corrected_and_unmasked_by_those_who_may(agent: Staff) -> None:
    api = ApiClient(a_token(agent))
    made = api.post("/customers", {"name": "王芳", "phone": "13800138000", "email": "wang@example.com"})
    assert made.status_code == 201
    customer = made.json()
    assert (customer["phone"], customer["email"]) == ("138****8000", "w***@example.com")
    assert api.post("/customers", {"name": "王芳", "phone": "+86 138 0013 8000"}).json()["id"] == customer["id"]
    assert [one["id"] for one in api.get("/customers", q="8000").json()["items"]] == [customer["id"]]
    with clock.frozen(MONDAY + timedelta(minutes=1)):
        changed = api.patch(f"/customers/{customer['id']}", {"address": "北京市海淀区中关村大街1号"}).json()
    assert changed["address"] == "北京市海淀区****"
    clash = api.patch(f"/customers/{customer['id']}", {"address": "上海", "seen_at": customer["changed_at"]})
    assert (clash.status_code, clash.json()["code"]) == (409, "changed_meanwhile")
    assert api.post(f"/customers/{customer['id']}/unmask", {"field": "phone"}).json()["value"] == "13800138000"
    assert api.post("/customers", {"name": "王芳", "email": "nonsense"}).json()["fields"].keys() == {"email"}
    assert api.get("/customers/999999").status_code == 404
    assert api.get("/customers", cursor="x").status_code == 422


def test_customers_are_hidden_from_those_who_have_nothing_to_do_with_them(agent: Staff) -> None:
    customer = ApiClient(a_token(agent)).post("/customers", {"name": "王芳"}).json()["id"]
    finance = ApiClient(a_token(a_person(roles=("finance",), name="会计"), role="finance"))
    assert finance.get("/customers").json()["items"] == []
    assert finance.get(f"/customers/{customer}").status_code == 404
    assert finance.patch(f"/customers/{customer}", {"name": "x"}).status_code == 404
    assert finance.post("/customers", {"name": "x"}).status_code == 403
    assert finance.post(f"/customers/{customer}/unmask", {"field": "phone"}).status_code == 403
