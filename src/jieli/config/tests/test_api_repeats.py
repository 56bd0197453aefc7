"""A POST with an Idempotency-Key happens once, with one answer, whatever comes between."""

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from jieli.cases.models import Case
from jieli.cases.tests.factories import a_case, an_agent
from jieli.config.http import repeats
from jieli.config.models import KeptAnswer
from jieli.customers.models import Customer
from jieli.people.tests.api_client import ApiClient, a_token
from jieli.people.tests.factories import the_root

NEED = {"kind": "enquiry", "subject": "几点开门?", "customer": {"name": "王芳"}}


@pytest.fixture
def api(db: Any) -> Any:
    the_root()
    return ApiClient(a_token(an_agent()))


def test_the_same_request_is_answered_the_same_and_happens_once(api: ApiClient) -> None:
    first = api.post("/cases", NEED, key="k1")
    again = api.post("/cases", NEED, key="k1")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Case.objects.count() == 1
    assert api.post("/cases", NEED, key="k2").json()["number"] != first.json()["number"]


def test_a_kept_answer_shows_no_link_to_who_has_the_database_alone(api: ApiClient) -> None:
    link = api.post("/cases", NEED, key="k1").json()["tracking_url"]
    code = link.rsplit("/", 1)[1]
    row = KeptAnswer.objects.get()
    assert code not in row.body
    assert code.encode() not in base64.b64decode(row.body)
    assert api.post("/cases", NEED, key="k1").json()["tracking_url"] == link


def test_an_answer_of_another_secret_or_place_is_not_shown_and_nothing_happens_again(api: ApiClient, settings: Any) -> None:
    api.post("/cases", NEED, key="k1")
    api.post("/cases", NEED, key="k2")
    KeptAnswer.objects.filter(key="k2").update(body=KeptAnswer.objects.get(key="k1").body)
    assert api.post("/cases", NEED, key="k2").json()["code"] == "answer_lost"
    settings.SECRET_KEY = "another"
    refused = api.post("/cases", NEED, key="k1")
    assert (refused.status_code, refused.json()["code"]) == (409, "answer_lost")
    assert Case.objects.count() == 2


def test_a_key_is_not_used_for_another_request(api: ApiClient) -> None:
    api.post("/cases", NEED, key="k1")
    answer = api.post("/cases", NEED | {"subject": "另一件"}, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Case.objects.count() == 1


def test_a_key_belongs_to_its_token_and_operation(api: ApiClient) -> None:
    first = api.post("/cases", NEED, key="k1").json()["number"]
    other = ApiClient(a_token(an_agent()))
    assert other.post("/cases", NEED, key="k1").json()["number"] != first
    assert api.post("/customers", {"name": "王芳"}, key="k1").status_code == 201
    assert api.post(f"/cases/{first}/take", key="k1").status_code == 200
    assert api.post(f"/cases/{a_case().number}/take", key="k1").json()["code"] == "idempotency_key_reused"


def test_a_refusal_is_not_kept(api: ApiClient) -> None:
    number = a_case().number
    assert api.post(f"/cases/{number}/close", key="k1").status_code == 403
    assert not KeptAnswer.objects.exists()
    assert api.post("/cases", NEED | {"subject": ""}, key="k2").status_code == 422
    assert api.post("/cases", NEED, key="k2").status_code == 201


def test_an_act_that_fails_leaves_neither_answer_nor_deed(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any, **_values: Any) -> None:
        raise RuntimeError("the plug was pulled")

    monkeypatch.setattr(repeats, "_keep", broken)
    assert api.post("/cases", NEED, key="k1").status_code == 500
    assert not Case.objects.exists()
    assert not Customer.objects.exists()
    monkeypatch.undo()
    assert api.post("/cases", NEED, key="k1").status_code == 201


@pytest.mark.parametrize("key", ["你好", "a b", "x" * 256, "\t"])
def test_a_key_that_cannot_be_one_is_refused(api: ApiClient, key: Any) -> None:
    answer = api.post("/cases", NEED, key=key.encode().decode("latin-1"))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")


def test_an_upload_is_repeated_by_its_content(api: ApiClient) -> None:
    number = a_case().number
    api.headers["Idempotency-Key"] = "k1"

    def upload(content: Any) -> Any:
        return api.upload(f"/cases/{number}/evidence", file=SimpleUploadedFile("a.pdf", b"%PDF-1.4\n" + content))

    first, again, other = upload(b"one"), upload(b"one"), upload(b"two")
    assert first.status_code == 201, first.content
    assert first.content == again.content
    assert other.json()["code"] == "idempotency_key_reused"


def test_answers_are_forgotten_after_a_day(api: ApiClient) -> None:
    api.post("/cases", NEED, key="k1")
    assert repeats.forget_old() == 0
    with connection.cursor() as cursor:
        cursor.execute("update config_keptanswer set kept_at = kept_at - interval '25 hours'")
    assert repeats.forget_old() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_acts_and_the_others_are_told() -> None:
    the_root()
    token = a_token(an_agent())

    def send(_number: Any) -> Any:
        try:
            return ApiClient(token).post("/cases", NEED, key="k1")
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, range(24)))
    made = {answer.json()["number"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json().get("code") for answer in answers if answer.status_code == 409} <= {"in_progress"}
    assert Case.objects.count() == 1
    assert ApiClient(token).post("/cases", NEED, key="k1").json()["number"] in made


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_not_committed_the_second_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    the_root()
    token = a_token(an_agent())
    inside, go_on = threading.Event(), threading.Event()
    keep = repeats._keep

    def slowly(*values: Any) -> None:
        inside.set()
        go_on.wait(10)
        keep(*values)

    monkeypatch.setattr(repeats, "_keep", slowly)

    def send() -> Any:
        try:
            return ApiClient(token).post("/cases", NEED, key="k1").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send)
        assert inside.wait(10)
        second = ApiClient(token).post("/cases", NEED, key="k1")
        go_on.set()
        assert first.result(10) == 201
    assert (second.status_code, second.json()["code"]) == (409, "in_progress")


@pytest.mark.django_db(transaction=True)
def test_an_act_which_the_database_refuses_at_commit_is_answered_as_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    the_root()
    api = ApiClient(a_token(an_agent()))
    number = a_case().number
    from jieli.cases.actions import owning

    def without_event(case_id: Any, **_values: Any) -> None:
        with transaction.atomic():
            Case.objects.filter(pk=case_id).update(subject="x")

    monkeypatch.setattr(owning, "take_case", without_event)
    answer = api.post(f"/cases/{number}/take", key="k1")
    assert (answer.status_code, answer.json()["code"]) == (409, "invariant")
    assert not KeptAnswer.objects.exists()
