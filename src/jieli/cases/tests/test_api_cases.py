"""Each operation of the API on cases: one success, one refusal, one row that is hidden."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jieli.cases.actions.passing import offer_pass
from jieli.cases.models import Case, Promise
from jieli.cases.tests.factories import a_case, a_taken_case, an_agent
from jieli.people.models import Staff
from jieli.people.tests.api_client import ApiClient, a_token
from jieli.people.tests.factories import MONDAY, a_person, a_unit, acting, the_root

pytestmark = pytest.mark.django_db

NEED = {
    "kind": "service",
    "service_type": "repair",
    "subject": "洗衣机不排水 😀",
    "description": "显示 E30",
    "customer": {"name": "王芳", "phone": "138 0013 8000"},
    "address": {"text": "北京市海淀区中关村大街1号", "latitude": 39.98, "longitude": 116.31},
    "device_serial": "SN-2026-0001",
    "custom": {"still_usable": False},
}
SOON = (MONDAY + timedelta(hours=3)).isoformat()


@pytest.fixture
def agent() -> Any:
    return an_agent()


@pytest.fixture
def api(agent: Staff) -> Any:
    return ApiClient(a_token(agent))


@pytest.fixture
def stranger() -> Any:
    """Give the client of an agent of another unit, who sees nothing of the cases here."""
    the_root()
    return ApiClient(a_token(a_person(unit=a_unit(name="别的组"), name="外人")))


def the_boss() -> Staff:
    """Return the leader of the root unit."""
    leader = the_root().leader
    assert leader is not None
    return leader


def a_number(agent: Staff, **values: Any) -> Any:
    return a_taken_case(agent, **values).number


def test_a_need_becomes_a_case_with_owner_times_and_link(api: ApiClient) -> None:
    answer = api.post("/cases", NEED)
    assert answer.status_code == 201
    opened = answer.json()
    assert opened["status"] == "open"
    assert opened["owner"] == opened["steward"] != ""
    assert {one["kind"] for one in opened["promises"]} == {"accept", "first_reply", "arrive", "resolve"}
    assert opened["tracking_url"].startswith(f"http://testserver/t/{opened['number']}/")
    case = api.get(f"/cases/{opened['number']}").json()
    assert case["subject"] == NEED["subject"]
    assert case["customer"]["phone"] == "138****8000"
    assert case["address"]["text"].endswith("****")
    assert case["device_serial"] == "SN-2026-0001"
    assert case["custom"] == {"still_usable": False}
    assert Case.objects.get().latitude is not None


def test_a_call_makes_the_one_who_takes_it_the_steward(api: ApiClient, agent: Staff) -> None:
    assert api.post("/cases", NEED | {"channel": "phone"}).json()["steward"] == agent.code


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "nonsense"}, "kind"),
        ({"subject": ""}, "subject"),
        ({"subject": "长" * 201}, "subject"),
        ({"severity": 5}, "severity"),
        ({"customer": {"name": ""}}, "customer.name"),
        ({"customer": {"name": "王芳", "email": "nonsense"}}, "customer.email"),
        ({"address": {"text": "x", "latitude": 91, "longitude": 1}}, "address.latitude"),
        ({"address": {"text": "x", "latitude": 1}}, "address"),
        ({"colour": "red"}, "colour"),
        ({"custom": {"a": "\x00"}}, "custom"),
        ({"custom": {"a": 10**30}}, "custom"),
        ({"subject": "a\x00b"}, "subject"),
    ],
)
def test_a_need_that_cannot_be_kept_is_refused_by_field(api: ApiClient, change: Any, field: Any) -> None:
    answer = api.post("/cases", NEED | change)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert field in answer.json()["fields"]
    assert not Case.objects.exists()


def test_a_role_without_cases_opens_none(agent: Staff) -> None:
    finance = a_person(roles=("customer",), name="客户")
    assert ApiClient(a_token(finance, role="customer")).post("/cases", NEED).status_code == 403


def test_a_batch_answers_each_for_itself(api: ApiClient) -> None:
    answer = api.post("/cases/batch", {"cases": [NEED, NEED | {"kind": "nonsense"}, NEED | {"subject": "第二件"}]})
    assert answer.status_code == 200
    first, bad, last = answer.json()["results"]
    assert first["number"]
    assert last["number"]
    assert bad["error"]["fields"].keys() == {"kind"}
    assert bad["number"] is None
    assert Case.objects.count() == 2
    assert Case.objects.values("customer").distinct().count() == 1


def test_a_batch_of_more_than_500_is_refused(api: ApiClient) -> None:
    answer = api.post("/cases/batch", {"cases": [NEED] * 501})
    assert answer.status_code == 422
    assert "cases" in answer.json()["fields"]


def test_the_list_has_pages_filters_and_search(api: ApiClient, agent: Staff) -> None:
    numbers = [a_number(agent, subject=f"第{n}件") for n in range(3)]
    page = api.get("/cases", limit=2).json()
    assert [one["number"] for one in page["items"]] == numbers[:0:-1]
    rest = api.get("/cases", limit=2, cursor=page["next"]).json()
    assert [one["number"] for one in rest["items"]] == numbers[:1]
    assert rest["next"] is None
    assert len(api.get("/cases", owner="me", status="open", kind="service", unit=agent.unit.code).json()["items"]) == 3
    assert api.get("/cases", status="closed").json()["items"] == []
    assert [one["number"] for one in api.get("/cases", q="第1件").json()["items"]] == [numbers[1]]
    assert [one["number"] for one in api.get("/cases", q=numbers[2]).json()["items"]] == [numbers[2]]


@pytest.mark.parametrize(
    "query", [{"cursor": "x"}, {"unit": "none"}, {"owner": "none"}, {"limit": "0"}, {"status": "new"}, {"statsu": "open"}]
)
def test_a_filter_that_means_nothing_is_refused(api: ApiClient, query: Any) -> None:
    answer = api.get("/cases", **query)
    assert answer.status_code == 422
    assert answer.json()["fields"].keys() == query.keys() or "status.0" in answer.json()["fields"]


def test_a_mistyped_number_in_a_search_says_so(api: ApiClient) -> None:
    assert api.get("/cases", q="J-1000-0001-9").json()["code"] == "check_the_number"


def test_the_list_hides_what_the_token_may_not_see(stranger: ApiClient, agent: Staff) -> None:
    a_number(agent)
    assert stranger.get("/cases").json()["items"] == []


READS = ["", "/events", "/messages", "/promises", "/passes", "/evidence", "/relations"]


@pytest.mark.parametrize("part", READS)
def test_what_hangs_on_a_case_is_read(api: ApiClient, agent: Staff, part: Any) -> None:
    assert api.get(f"/cases/{a_number(agent)}{part}").status_code == 200


@pytest.mark.parametrize("part", READS)
def test_a_hidden_case_is_not_there(stranger: ApiClient, agent: Staff, part: Any) -> None:
    answer = stranger.get(f"/cases/{a_number(agent)}{part}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("part", READS)
def test_a_mistyped_number_is_called_so(api: ApiClient, part: Any) -> None:
    answer = api.get(f"/cases/J-1000-0001-9{part}")
    assert (answer.status_code, answer.json()["code"]) == (404, "check_the_number")


def test_the_chain_comes_in_order_and_in_pages(api: ApiClient, agent: Staff) -> None:
    number = a_number(agent)
    whole = api.get(f"/cases/{number}/events").json()
    assert [one["sequence"] for one in whole] == list(range(1, len(whole) + 1))
    assert whole[0]["type"] == "cases.opened"
    assert len(whole[0]["hash"]) == 64
    assert {one["actor"] for one in whole} == {"system", agent.code}
    first = api.get(f"/cases/{number}/events", limit=1)
    assert len(first.json()) == 1
    link = first.headers["Link"]
    assert link.endswith('rel="next"')
    following = api.client.get(link[1 : link.index(">")], headers=api.headers)
    assert following.json() == whole[1:2]


ACTS = [
    ("messages", {"body": "明天上门", "visible": True}, 201),
    ("messages", {"body": "客户很急", "visible": False}, 201),
    ("promises", {"kind": "next_reply", "due_at": SOON, "told": True}, 201),
    ("pause", {"reason": "customer", "until": (MONDAY + timedelta(days=1)).isoformat(), "consent": True}, 200),
    ("resolve", {"answer": "已修好"}, 200),
    ("cancel", {"reason": "客户不要了"}, 200),
    ("stage", {"stage": "dispatch"}, 200),
]


@pytest.mark.parametrize(("act", "body", "status"), ACTS)
def test_the_owner_acts(api: ApiClient, agent: Staff, act: Any, body: Any, status: Any) -> None:
    number = a_number(agent, product_line="洗衣机", address="北京市海淀区中关村大街1号")
    answer = api.post(f"/cases/{number}/{act}", body)
    assert answer.status_code == status, answer.content


@pytest.mark.parametrize(("act", "body", "status"), [*ACTS, ("take", None, 0), ("resume", None, 0), ("close", None, 0)])
def test_nobody_acts_on_a_hidden_case(stranger: ApiClient, agent: Staff, act: Any, body: Any, status: Any) -> None:
    assert stranger.post(f"/cases/{a_number(agent)}/{act}", body).status_code == 404


@pytest.mark.parametrize(
    ("act", "body", "code"),
    [
        ("take", None, "already_taken"),
        ("takeover", {"reason": "x"}, "not_allowed"),
        ("assign", {"to": "boss"}, "invalid"),
        ("deputy", None, "owner_is_receiver"),
        ("messages", {"body": "", "visible": True}, "invalid"),
        ("messages", {"body": "我不清楚", "visible": True, "in_spite_of_phrases": False}, "forbidden_phrase"),
        ("promises", {"kind": "decision", "due_at": SOON}, "invalid"),
        ("promises", {"kind": "next_reply", "due_at": "1969-12-31T00:00:00Z"}, "invalid"),
        ("promises", {"kind": "next_reply", "due_at": "2026-11-23T10:00:00"}, "invalid"),
        ("pause", {"reason": "holiday", "until": SOON, "consent": True}, "invalid"),
        ("pause", {"reason": "customer", "until": SOON, "consent": False}, "invalid"),
        ("resume", None, "not_paused"),
        ("resolve", {"answer": ""}, "invalid"),
        ("close", None, "case_not_resolved"),
        ("reopen", {"reason": "又坏了"}, "case_not_ended"),
        ("cancel", {"reason": ""}, "invalid"),
        ("stage", {"stage": "recovery"}, "invalid"),
        ("passes", {"to": "nobody", "done": "x", "next": "y"}, "invalid"),
        ("escort", {"question": "在哪里?"}, "invalid"),
        ("split", {"subject": "第二件", "message_ids": [1]}, "invalid"),
    ],
)
def test_an_act_is_refused_with_its_code(api: ApiClient, agent: Staff, act: Any, body: Any, code: Any) -> None:
    answer = api.post(f"/cases/{a_number(agent)}/{act}", body)
    assert answer.status_code in (403, 409, 422)
    assert answer.json()["code"] == code


def test_a_case_is_taken_once(api: ApiClient, agent: Staff) -> None:
    number = a_case().number
    answer = api.post(f"/cases/{number}/take")
    assert answer.status_code == 200
    assert answer.json()["owner"] == agent.code
    assert ApiClient(a_token(an_agent("韩梅"))).post(f"/cases/{number}/take").json()["code"] == "already_taken"


def test_a_superior_takes_over(agent: Staff) -> None:
    boss = ApiClient(a_token(the_boss(), role="administrator"))
    answer = boss.post(f"/cases/{a_number(agent)}/takeover", {"reason": "客户是媒体"})
    assert answer.status_code == 200
    assert answer.json()["owner"] == the_boss().code


def test_a_case_waits_and_goes_on_is_resolved_closed_and_reopened(api: ApiClient, agent: Staff) -> None:
    number = a_number(agent)
    until = (MONDAY + timedelta(days=1)).isoformat()
    paused = api.post(f"/cases/{number}/pause", {"reason": "customer", "until": until, "consent": True}).json()
    assert paused["status"] == "waiting"
    assert {one["paused_until"] for one in paused["promises"] if not one["ended_at"]} == {until}
    assert api.post(f"/cases/{number}/resume").json()["status"] == "open"
    assert api.post(f"/cases/{number}/resolve", {"answer": "已修好"}).json()["status"] == "resolved"
    closed = api.post(f"/cases/{number}/close").json()
    assert closed["status"] == "closed"
    assert all(one["outcome"] for one in closed["promises"])
    assert api.post(f"/cases/{number}/messages", {"body": "x", "visible": True}).json()["code"] == "case_ended"
    assert api.post(f"/cases/{number}/reopen", {"reason": "又不排水"}).json()["reopened"] == 1


def test_fields_are_corrected_and_nobody_overwrites_anybody(api: ApiClient, agent: Staff) -> None:
    number = a_number(agent)
    changed = api.patch(f"/cases/{number}", {"revision": 1, "subject": "甩干时响", "severity": 2}).json()
    assert (changed["subject"], changed["severity"], changed["revision"]) == ("甩干时响", 2, 2)
    clash = api.patch(f"/cases/{number}", {"revision": 1, "subject": "不排水"})
    assert clash.status_code == 409
    assert clash.json()["theirs"] == {"subject": "甩干时响"}
    assert api.patch(f"/cases/{number}", {"revision": 1, "tags": ["vip"]}).status_code == 200
    assert api.patch(f"/cases/{number}", {"owner": "x"}).json()["fields"].keys() == {"owner"}


def test_hidden_fields_are_not_corrected(stranger: ApiClient, agent: Staff) -> None:
    assert stranger.patch(f"/cases/{a_number(agent)}", {"subject": "x"}).status_code == 404


def test_evidence_is_kept_listed_and_refused(api: ApiClient, agent: Staff, stranger: ApiClient) -> None:
    number = a_number(agent)
    pdf = SimpleUploadedFile("合同.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF")
    answer = api.upload(f"/cases/{number}/evidence", file=pdf, taken_at=MONDAY.isoformat(), latitude="39.9", longitude="116.3")
    assert answer.status_code == 201, answer.content
    assert len(answer.json()["sha256"]) == 64
    assert [one["name"] for one in api.get(f"/cases/{number}/evidence").json()["items"]] == ["合同.pdf"]
    bad = api.upload(f"/cases/{number}/evidence", file=SimpleUploadedFile("a.png", b"no picture"))
    assert bad.status_code == 422
    assert "file" in bad.json()["fields"]
    assert api.upload(f"/cases/{number}/evidence").json()["fields"].keys() == {"file"}
    assert stranger.upload(f"/cases/{number}/evidence", file=SimpleUploadedFile("a.png", b"x")).status_code == 404


def test_cases_are_tied_merged_and_split(api: ApiClient, agent: Staff) -> None:
    one, other = a_number(agent), a_number(agent)
    tie = api.post(f"/cases/{one}/relations", {"to": other, "kind": "child_of"})
    assert tie.status_code == 201
    assert api.post(f"/relations/{tie.json()['id']}/undo").json()["ended_at"] is not None
    assert api.post("/relations/999999/undo").status_code == 404
    assert api.post(f"/cases/{one}/relations", {"to": one, "kind": "child_of"}).json()["code"] == "not_mergeable"
    merged = api.post(f"/cases/{one}/merge", {"into": other})
    assert merged.status_code == 201
    assert api.get(f"/cases/{one}").json()["status"] == "closed"
    assert api.post(f"/relations/{merged.json()['id']}/undo").status_code == 200
    message_id = api.get(f"/cases/{other}/messages").json()["items"][0]["id"]
    split = api.post(f"/cases/{other}/split", {"subject": "另一件事", "message_ids": [message_id]})
    assert split.status_code == 201
    assert api.get(f"/cases/{split.json()['number']}/relations").json()["items"][0]["kind"] == "split_from"


def test_a_hidden_case_is_not_tied(stranger: ApiClient, agent: Staff) -> None:
    one, other = a_number(agent), a_number(agent)
    assert stranger.post(f"/cases/{one}/relations", {"to": other, "kind": "child_of"}).status_code == 404
    assert stranger.post(f"/cases/{one}/merge", {"into": other}).status_code == 404
    assert stranger.post(f"/cases/{one}/split", {"subject": "x", "message_ids": [1]}).status_code == 404


def test_the_baton_is_offered_by_code_and_accepted_in_own_words(api: ApiClient, agent: Staff) -> None:
    number, hanmei = a_number(agent), an_agent("韩梅")
    offer = api.post(f"/cases/{number}/passes", {"to": hanmei.code, "done": "电话问过", "next": "约上门"})
    assert offer.status_code == 201
    offer = offer.json()
    assert (offer["state"], offer["giver"], offer["receiver"]) == ("offered", agent.code, hanmei.code)
    assert api.get(f"/cases/{number}").json()["pending_pass"]["id"] == offer["id"]
    again = api.post(f"/cases/{number}/passes", {"to": hanmei.code, "done": "x", "next": "y"})
    assert again.json()["code"] == "pass_pending"
    assert api.post(f"/passes/{offer['id']}/accept", {"restatement": "不排水"}).json()["code"] == "not_allowed"
    hers = ApiClient(a_token(hanmei))
    assert [one["id"] for one in hers.get("/passes").json()["items"]] == [offer["id"]]
    assert hers.post(f"/passes/{offer['id']}/accept", {"restatement": " "}).json()["code"] == "invalid"
    accepted = hers.post(f"/passes/{offer['id']}/accept", {"restatement": "洗衣机不排水"})
    assert accepted.json()["state"] == "accepted"
    case = hers.get(f"/cases/{number}").json()
    assert (case["owner"], case["escort"]) == (hanmei.code, agent.code)
    assert hers.post(f"/cases/{number}/escort", {"question": "钥匙在哪里?"}).status_code == 201
    assert hers.post(f"/passes/{offer['id']}/decline", {"reason": "忙"}).json()["code"] == "pass_settled"


def test_an_offer_is_declined_or_withdrawn(api: ApiClient, agent: Staff) -> None:
    number, hanmei = a_number(agent), an_agent("韩梅")
    body = {"to": hanmei.code, "done": "电话问过", "next": "约上门"}
    first = api.post(f"/cases/{number}/passes", body).json()["id"]
    declined = ApiClient(a_token(hanmei)).post(f"/passes/{first}/decline", {"reason": "今天请假"})
    assert declined.json()["state"] == "declined"
    second = api.post(f"/cases/{number}/passes", body).json()["id"]
    assert api.get(f"/passes/{second}").json()["state"] == "offered"
    assert api.post(f"/passes/{second}/withdraw").json()["state"] == "withdrawn"
    assert api.get(f"/cases/{number}").json()["owner"] == agent.code


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("accept", {"restatement": "不排水"}),
        ("decline", {"reason": "忙"}),
        ("withdraw", None),
        ("decide", {"decision": "approved", "text": "好"}),
    ],
)
def test_an_offer_of_a_hidden_case_is_not_there(stranger: ApiClient, agent: Staff, act: Any, body: Any) -> None:
    case = a_taken_case(agent)
    offer = offer_pass(case.pk, to=an_agent("韩梅"), done="问过", next="上门", actor=acting(agent))
    assert stranger.post(f"/passes/{offer.pk}/{act}", body).status_code == 404
    assert stranger.get(f"/passes/{offer.pk}").status_code == 404


@pytest.mark.parametrize("proposal", ["换新机", {"options": ["换新机", "退款"], "recommended": 1}])
def test_upwards_goes_a_proposal_which_is_decided_and_the_case_stays(api: ApiClient, agent: Staff, proposal: Any) -> None:
    number, boss = a_number(agent), the_boss()
    body = {"to": boss.code, "done": "修了两次", "next": "请定"}
    assert "proposal" in api.post(f"/cases/{number}/passes", body).json()["fields"]
    offer = api.post(f"/cases/{number}/passes", body | {"proposal": proposal}).json()
    assert offer["way"] == "upward"
    his = ApiClient(a_token(boss, role="administrator"))
    assert his.post(f"/passes/{offer['id']}/accept", {"restatement": "换新"}).status_code == 409
    decided = his.post(f"/passes/{offer['id']}/decide", {"decision": "changed", "text": "先退款"})
    assert (decided.json()["state"], decided.json()["decision"]) == ("decided", "changed")
    assert api.get(f"/cases/{number}").json()["owner"] == agent.code


def test_a_pass_that_went_sideways_is_not_decided(api: ApiClient, agent: Staff) -> None:
    hanmei = an_agent("韩梅")
    offer = api.post(f"/cases/{a_number(agent)}/passes", {"to": hanmei.code, "done": "问过", "next": "上门"}).json()["id"]
    answer = ApiClient(a_token(hanmei)).post(f"/passes/{offer}/decide", {"decision": "approved", "text": "好"})
    assert answer.status_code == 422


def test_a_supervisor_assigns_to_one_or_to_several_in_turn(agent: Staff) -> None:
    boss = ApiClient(a_token(the_boss(), role="administrator"))
    hanmei, lucy = an_agent("韩梅"), an_agent("Lucy")
    offer = boss.post(f"/cases/{a_number(agent)}/assign", {"to": hanmei.code})
    assert (offer.status_code, offer.json()["way"]) == (201, "assign")
    several = boss.post(f"/cases/{a_number(agent)}/assign", {"to": [hanmei.code, lucy.code]}).json()["id"]
    ApiClient(a_token(hanmei)).post(f"/passes/{several}/decline", {"reason": "忙"})
    assert len(ApiClient(a_token(lucy)).get("/passes").json()["items"]) == 1


def test_an_agent_does_not_assign(api: ApiClient, agent: Staff) -> None:
    assert api.post(f"/cases/{a_number(agent)}/assign", {"to": an_agent("韩梅").code}).status_code == 403


def test_a_hidden_case_is_not_passed(stranger: ApiClient, agent: Staff) -> None:
    body = {"to": agent.code, "done": "x", "next": "y"}
    assert stranger.post(f"/cases/{a_number(agent)}/passes", body).status_code == 404
    assert stranger.post(f"/cases/{a_number(agent)}/assign", {"to": agent.code}).status_code == 404


def test_an_absent_owners_case_goes_to_the_deputy(agent: Staff) -> None:
    boss = ApiClient(a_token(the_boss(), role="administrator"))
    assert boss.post(f"/cases/{a_number(agent)}/deputy").json()["code"] == "owner_is_receiver"


def test_a_promise_is_given_told_kept_and_cancelled(api: ApiClient, agent: Staff) -> None:
    number = a_number(agent)
    given = api.post(f"/cases/{number}/promises", {"kind": "next_reply", "due_at": SOON, "told": False})
    assert given.status_code == 201
    promise = given.json()
    assert (promise["told_at"], promise["due_at"]) == (None, SOON)
    assert api.post(f"/promises/{promise['id']}/tell", {"how": "phone"}).json()["told_at"] is not None
    assert api.post(f"/promises/{promise['id']}/keep").json()["outcome"] == "kept"
    assert api.post(f"/promises/{promise['id']}/keep").json()["code"] == "promise_ended"
    other = api.post(f"/cases/{number}/promises", {"kind": "next_reply", "due_at": SOON}).json()["id"]
    cancelled = api.post(f"/promises/{other}/cancel", {"reason": "电话里说清了"}).json()
    assert (cancelled["outcome"], cancelled["reason"]) == ("cancelled", "电话里说清了")


def test_the_last_next_time_is_not_cancelled(api: ApiClient, agent: Staff) -> None:
    number = a_number(agent, kind="enquiry", service_type="")
    running = Promise.objects.unended().filter(case_id=api.get(f"/cases/{number}").json() and Case.objects.get().pk)
    codes = [api.post(f"/promises/{one.pk}/cancel", {"reason": "x"}).json().get("code") for one in running]
    assert codes[-1] == "no_next_time"


@pytest.mark.parametrize(("act", "body"), [("tell", {"how": "phone"}), ("keep", None), ("cancel", {"reason": "x"})])
def test_a_promise_of_a_hidden_case_is_not_there(stranger: ApiClient, agent: Staff, act: Any, body: Any) -> None:
    promise = a_taken_case(agent).promises.unended()[0]
    assert stranger.post(f"/promises/{promise.pk}/{act}", body).status_code == 404


def test_the_cost_of_a_page_does_not_grow_with_its_rows(
    api: ApiClient, agent: Staff, django_assert_max_num_queries: Any
) -> None:
    for n in range(5):
        a_number(agent, subject=f"第{n}件")
    with django_assert_max_num_queries(8):
        assert len(api.get("/cases").json()["items"]) == 5


def test_the_bytes_of_a_file_come_in_armour_to_whom_the_case_is_shown(
    api: ApiClient, agent: Staff, stranger: ApiClient
) -> None:
    number = a_taken_case(agent).number
    pdf = SimpleUploadedFile("合同.pdf", b"%PDF-1.7\n%%EOF")
    kept = api.upload(f"/cases/{number}/evidence", file=pdf).json()
    listed = api.get(f"/cases/{number}/evidence").json()["items"][0]
    assert listed["content_url"] == f"/api/v1/evidence/{kept['key']}"
    path = listed["content_url"].removeprefix("/api/v1")
    answer = api.get(path)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == b"%PDF-1.7\n%%EOF"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    for hidden in (stranger.get(path), api.get(f"/evidence/{uuid.uuid4()}"), api.get("/evidence/1")):
        assert hidden.status_code == 404
        assert hidden.json()["code"] == "not_found"
    assert ApiClient().get(path).status_code == 401
