"""Visits over the API: what was done on site with its evidence, gaps by a superior, entries in vain, information; refusals."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieli.lib import clock
from jieli.people.actions import issue_token
from jieli.people.tests.factories import MONDAY, a_person, a_unit, an_administrator, the_root
from jieli.visits.models import FieldEntry, Information, Visit
from jieli.visits.tests.factories import an_engineer, an_order, sent, take, whole_visit

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=2)


@pytest.fixture(autouse=True)
def held_clock():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def engineer():
    return an_engineer()


@pytest.fixture
def order(engineer):
    return an_order(engineer, promised_until=NOON)


class Program:
    """A client with a token."""

    def __init__(self, role, *, unit=None, language="en", scopes=None):
        where = unit or the_root()
        person = a_person(unit=where, roles=(role,))
        _token, plain = issue_token(
            person.pk,
            name=role,
            role=role,
            unit_id=where.pk,
            actor=an_administrator(),
            **({"scopes": scopes} if scopes else {}),
        )
        self.person = person
        self.client = Client(headers={"Authorization": f"Bearer {plain}", "Accept-Language": language})

    def get(self, path):
        return self.client.get(f"/api/v1{path}")

    def post(self, path, body=None, **headers):
        return self.client.post(f"/api/v1{path}", body or {}, content_type="application/json", headers=headers)


@pytest.fixture
def supervisor():
    return Program("supervisor")


@pytest.fixture
def visited(order, engineer):
    take(engineer, *whole_visit(order, engineer), sent(order, "information", kind="product_idea", text="门把手太低"))
    return Visit.objects.get()


def test_a_visit_is_read_with_its_steps_evidence_outcome_and_marks(supervisor, order, engineer, visited):
    told = supervisor.get(f"/visits/{visited.pk}").json()
    assert (told["case"], told["engineer"], told["state"]) == (order.case.number, engineer.code, "finished")
    assert (told["steps_complete"], told["missing"], told["signed_by"]) == (True, [], ["王芳"])
    steps = {one["code"]: one for one in told["steps"]}
    assert steps["listen"]["records"] == {"complaint": "不排水"}
    assert (steps["listen"]["name"], steps["listen"]["state"]) == ("Hear the customer out", "done")
    assert (steps["one_stop"]["state"], steps["one_stop"]["at"]) == (None, None)
    [test] = told["safety_tests"]
    assert (test["voltage"], test["passed"]) == ("228.0", True)
    [one] = told["orders"]
    assert (one["number"], one["result"], one["outlet"]) == (order.number, "fixed", engineer.unit.code)
    assert one["marks"] == {"on_call": True, "fixed_on_arrival": True, "moved": False, "information": False}


def test_the_bytes_of_a_steps_photo_are_where_its_link_says(supervisor, visited):
    steps = supervisor.get(f"/visits/{visited.pk}").json()["steps"]
    photos = [photo for step in steps for photo in step["evidence"]]
    assert photos
    for photo in photos:
        answer = supervisor.client.get(photo["content_url"])
        assert sha256(b"".join(answer.streaming_content)).hexdigest() == photo["sha256"]


def test_visits_are_listed_by_what_they_are_of(supervisor, order, engineer, visited):
    other = an_order()
    take(other.engineer, sent(other, "arrive"))

    def found(**filters):
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        answer = supervisor.get(f"/visits?{query}")
        assert answer.status_code == 200, answer.content.decode()
        return [one["case"] for one in answer.json()["items"]]

    assert found() == [other.case.number, order.case.number]
    assert found(state="open") == [other.case.number]
    assert found(engineer=engineer.code) == [order.case.number]
    assert found(outlet=engineer.unit.code) == [order.case.number]
    assert found(outlet=the_root().code) == [other.case.number, order.case.number]
    assert found(order=order.number) == found(case=order.case.number) == found(steps_complete="true") == [order.case.number]
    assert found(until=MONDAY.strftime("%Y-%m-%dT%H:%M:%SZ")) == []
    assert found(outlet="NIL") == []


def test_pages_of_visits_follow_each_other_and_cost_the_same(supervisor):
    orders = [an_order() for _ in range(5)]
    for one in orders:
        take(one.engineer, sent(one, "arrive"))

    def page(path):
        with CaptureQueriesContext(connection) as queries:
            told = supervisor.get(path).json()
        return told, len(queries)

    page("/visits?limit=1")  # what a process keeps for a while is read
    first, small = page("/visits?limit=1")
    second, large = page(f"/visits?limit=4&cursor={first['next']}")
    numbers = [one["case"] for one in [*first["items"], *second["items"]]]
    assert numbers == [one.case.number for one in reversed(orders)]
    assert second["next"] is None
    assert large == small <= 6
    refused = supervisor.get("/visits?cursor=x")
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["cursor"])


def test_what_the_token_may_not_see_is_not_there(order, visited):
    stranger = Program("agent", unit=a_unit())
    assert stranger.get("/visits").json()["items"] == []
    assert stranger.get(f"/visits/{visited.pk}").status_code == 404
    assert stranger.get(f"/cases/{order.case.number}/visits").status_code == 404
    assert stranger.get(f"/visits?case={order.case.number}").status_code == 404
    information = Information.objects.get()
    assert stranger.get(f"/information/{information.pk}").status_code == 404
    assert stranger.post(f"/information/{information.pk}/decide", {"accepted": True}).status_code == 404
    assert stranger.get("/visit-entries").status_code == 403
    assert Client().get("/api/v1/visits").status_code == 401


def test_an_open_visit_says_what_is_missing_in_the_callers_language(order, engineer):
    take(engineer, sent(order, "arrive"))
    [visit] = Program("supervisor").get(f"/cases/{order.case.number}/visits").json()
    chinese = Program("supervisor", language="zh-CN").get(f"/visits/{visit['id']}").json()
    assert {"code": "repair", "place": 15, "why": "not done"} in visit["missing"]
    assert {"code": "repair", "place": 15, "why": "未做"} in chinese["missing"]
    assert (visit["steps_complete"], visit["orders"][0]["result"]) == (None, "")


def test_a_superior_finishes_with_gaps_once_and_a_repeated_request_gets_the_first_answer(supervisor, order, engineer):
    take(engineer, sent(order, "arrive"))
    visit = Visit.objects.get()
    path, body = f"/visits/{visit.pk}/finish-with-gaps", {"reason": "手机坏了"}
    refused = supervisor.post(path, {"reason": " "})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["reason"])
    unreasoned = supervisor.post(path, {"reason": "缺件", "result": "not_fixed"})
    assert (unreasoned.status_code, list(unreasoned.json()["fields"])) == (422, ["not_fixed_because"])
    done = supervisor.post(path, body, **{"Idempotency-Key": "gaps-1"})
    again = supervisor.post(path, body, **{"Idempotency-Key": "gaps-1"})
    assert (done.status_code, done.json()["state"], done.json()["steps_complete"]) == (200, "finished", False)
    assert done.json()["gaps_reason"] == "手机坏了"
    assert again.json() == done.json()
    over = supervisor.post(path, body)
    assert (over.status_code, over.json()["code"]) == (409, "visit_over")


def test_an_agent_or_a_reading_token_finishes_nothing(order, engineer):
    take(engineer, sent(order, "arrive"))
    path = f"/visits/{Visit.objects.get().pk}/finish-with-gaps"
    assert Program("agent").post(path, {"reason": "赶时间"}).status_code == 403
    assert Program("supervisor", scopes=["read"]).post(path, {"reason": "赶时间"}).status_code == 403
    assert Visit.objects.get().state == "open"


def test_what_a_phone_sent_in_vain_is_listed_and_settled_once(supervisor, order, engineer):
    take(engineer, sent(order, "step", code="dance"))
    [entry] = supervisor.get("/visit-entries").json()["items"]
    assert (entry["order"], entry["engineer"], entry["kind"], entry["state"]) == (
        order.number,
        engineer.code,
        "step",
        "refused",
    )
    assert entry["data"] == {"code": "dance"}
    assert "code" in entry["fields"]
    path = f"/visit-entries/{entry['id']}/settle"
    assert supervisor.post(path, {"way": "lost", "reason": "x"}).status_code == 422
    settled = supervisor.post(path, {"way": "set_aside", "reason": "重复"}).json()
    assert (settled["state"], settled["settled_by"]) == ("set_aside", supervisor.person.code)
    assert supervisor.post(path, {"way": "set_aside", "reason": "重复"}).json()["code"] == "already_settled"
    assert supervisor.get("/visit-entries").json()["items"] == []
    assert [one["id"] for one in supervisor.get("/visit-entries?settled=true").json()["items"]] == [entry["id"]]
    assert supervisor.get("/visit-entries?cursor=x").status_code == 422
    assert FieldEntry.objects.get().data == {"code": "dance"}


def test_information_is_answered_and_what_came_of_it_is_kept(order, visited):
    role = Information.objects.get().role
    program = Program(role)
    [row] = program.get("/information").json()["items"]
    assert (row["text"], row["order"], row["state"]) == ("门把手太低", order.number, "open")
    path = f"/information/{row['id']}"
    bare = program.post(f"{path}/decide", {"accepted": False})
    assert (bare.status_code, list(bare.json()["fields"])) == (422, ["reason"])
    early = program.post(f"{path}/outcome", {"outcome": "已改"})
    assert (early.status_code, list(early.json()["fields"])) == (422, ["outcome"])
    assert program.post(f"{path}/decide", {"accepted": True}).json()["decided_by"] == program.person.code
    assert program.post(f"{path}/decide", {"accepted": True}).json()["code"] == "already_settled"
    assert program.post(f"{path}/outcome", {"outcome": "把手改高 20 厘米"}).json()["outcome"] == "把手改高 20 厘米"
    assert program.get("/information").json()["items"] == []
    assert program.get("/information?state=accepted").json()["items"][0]["id"] == row["id"]
    assert program.get(path).json()["outcome"] == "把手改高 20 厘米"
    marks = Program("supervisor").get(f"/visits/{visited.pk}").json()["orders"][0]["marks"]
    assert marks["information"] is True


def test_a_filter_that_does_not_exist_is_refused(supervisor):
    answer = supervisor.get("/visits?colour=red")
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["colour"])
