"""The company's own fields: each door judges them alike, and who may not see one neither reads nor writes it."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jieli.cases.actions.opening import NewCase, open_case
from jieli.cases.actions.progressing import change_case, move_to_stage
from jieli.cases.actions.receiving import Need, receive_many
from jieli.cases.actions.relating import split_case
from jieli.cases.forms.editing import fields_of
from jieli.cases.models import Case
from jieli.cases.refusals import BadCase, ChangedMeanwhile
from jieli.cases.rules.own_fields import HIDDEN, judged
from jieli.cases.tests.factories import a_case, a_customer, a_taken_case, an_agent
from jieli.cases.tests.test_api_cases import NEED
from jieli.events.actor import SYSTEM, customer_actor
from jieli.events.models import Event
from jieli.events.refusals import Refused
from jieli.people.models import Staff
from jieli.people.tests.api_client import ApiClient, a_token
from jieli.people.tests.factories import a_person, acting, the_root
from jieli.policies.schemas.fields import CustomField, Fields
from jieli.policies.tests.factories import changed, make_version

pytestmark = pytest.mark.django_db

COMPLAINT: dict[str, Any] = {"kind": "complaint", "service_type": "", "channel": "phone"}
OWN = Fields.model_validate_json(
    json.dumps(
        {
            "fields": [
                {"name": "code", "label": {"zh": "代码", "en": "Code"}, "kinds": ["service"], "type": "text"},
                {"name": "sum", "label": {"zh": "金额", "en": "Sum"}, "kinds": ["service"], "type": "number"},
                {"name": "day", "label": {"zh": "日期", "en": "Day"}, "kinds": ["service"], "type": "date", "required": True},
                {"name": "works", "label": {"zh": "能用", "en": "Works"}, "kinds": ["service"], "type": "boolean"},
                {
                    "name": "wish",
                    "label": {"zh": "诉求", "en": "Wish"},
                    "kinds": ["service"],
                    "type": "choice",
                    "choices": [{"code": "fix", "label": {"zh": "修", "en": "fix"}}],
                },
            ]
        }
    )
)
ASKED: dict[str, CustomField] = {one.name: one for one in OWN.fields}


@pytest.fixture
def agent() -> Staff:
    """Give an agent of the root unit."""
    return an_agent()


@pytest.fixture
def engineer() -> Staff:
    """Give somebody whose role does not see the claimed amount."""
    the_root()
    return a_person(unit=the_root(), roles=("engineer", "specialist"), name="赵敏")


def signed_in(staff: Staff, language: str = "en") -> Client:
    """Return a client of somebody at the desk."""
    client = Client(headers={"accept-language": language})
    client.force_login(staff)
    return client


def asking_for_the_code() -> None:
    """Let the policy ask for the code on the display of every service case."""
    make_version("fields", changed("fields", 'type = "text"\nportal = true', 'type = "text"\nrequired = true\nportal = true'))


def faults(values: dict[str, Any], **more: Any) -> list[str]:
    """Return the names of the fields that are wrong."""
    return sorted(judged(values, ASKED, complete=False, **more).faults)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("code", " E30 ", "E30"),
        ("sum", 300, "300"),
        ("sum", 12.5, "12.5"),
        ("sum", "-0.25", "-0.25"),
        ("day", "2026-11-23", "2026-11-23"),
        ("works", False, False),
        ("wish", "fix", "fix"),
    ],
)
def test_a_fitting_value_is_kept_in_one_form(name: str, value: Any, kept: Any) -> None:
    assert judged({name: value}, ASKED, complete=False).values == {name: kept}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("code", 7),
        ("code", "x" * 501),
        ("code", ["E30"]),
        ("code", "\x00"),
        ("sum", True),
        ("sum", "much"),
        ("sum", "1e9"),
        ("sum", 10**15),
        ("sum", "1.23456"),
        ("sum", "٣"),
        ("day", "23.11.2026"),
        ("day", "2026-02-30"),
        ("day", 20261123),
        ("works", "yes"),
        ("works", 1),
        ("wish", "money"),
        ("wish", {"code": "fix"}),
        ("floor", 6),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_the_name_of_its_field(name: str, value: Any) -> None:
    assert faults({name: value}) == [f"custom.{name}"]


def test_a_required_field_is_asked_for_and_a_no_is_an_answer() -> None:
    assert list(judged({"day": " "}, ASKED, complete=True).faults) == ["custom.day"]
    assert not judged({"day": "2026-11-23", "works": False}, ASKED, complete=True).faults


def test_what_others_keep_in_fields_that_are_not_asked_stays() -> None:
    before = {"claimed": "300", "Column of an import": "x"}
    judgement = judged({"code": "E30", "claimed": HIDDEN}, ASKED, before=before, complete=False)
    assert not judgement.faults
    assert judgement.values == {**before, "code": "E30"}
    assert faults({"claimed": "1"}, before=before) == ["custom.claimed"]


SAID = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)


@given(st.dictionaries(st.sampled_from([*ASKED, "floor"]), SAID, max_size=4))
def test_whatever_comes_is_kept_or_refused_and_what_was_kept_is_kept_again(values: dict[str, Any]) -> None:
    first = judged(values, ASKED, complete=False)
    assert {name.removeprefix("custom.") for name in first.faults} <= values.keys()
    assert judged(first.values, ASKED, complete=False) == type(first)(first.values, {})


def test_the_phone_form_draws_the_fields_of_the_chosen_kind_and_keeps_what_is_typed(agent: Staff) -> None:
    client = signed_in(agent)
    typed = {"kind": "complaint", "subject": "迟到", "name": "王芳", "phone": "13800138000", "channel": "phone"}
    drawn = client.post(reverse("cases:new"), typed | {"refresh": "1"})
    assert drawn.status_code == 200
    page = drawn.content.decode()
    assert "What the customer asks for" in page
    assert "Amount claimed" in page
    assert "Preferred day of the visit" not in page
    assert 'value="迟到"' in page
    assert "客户诉求" in signed_in(agent, "zh-hans").post(reverse("cases:new"), typed | {"refresh": "1"}).content.decode()
    own = {"custom_wish": "apology", "custom_going_on": "false", "custom_claimed_amount": "300"}
    assert client.post(reverse("cases:new"), typed | own).status_code == 302
    assert Case.objects.get().custom == {"wish": "apology", "going_on": False, "claimed_amount": "300"}


def test_the_phone_form_says_what_is_wrong_beside_the_field(agent: Staff) -> None:
    asking_for_the_code()
    typed = {"kind": "service", "subject": "不排水", "name": "王芳", "phone": "13800138000", "channel": "phone"}
    refused = signed_in(agent).post(reverse("cases:new"), typed)
    assert refused.status_code == 422
    assert "id_custom_display_code-error" in refused.content.decode()
    assert not Case.objects.exists()


def test_the_portal_asks_what_the_policy_marks_for_customers() -> None:
    the_root()
    asking_for_the_code()
    stranger = Client(headers={"accept-language": "en"})
    answers = {
        "product_line": "洗衣机",
        "description": "不排水",
        "address": "杭州市文三路 1 号",
        "name": "王芳",
        "phone": "13800138000",
    }
    page = stranger.get("/report/repair/").content.decode()
    assert "Code on the display" in page
    refused = stranger.post("/report/repair/", answers)
    assert refused.status_code == 422
    assert "id_custom_display_code-error" in refused.content.decode()
    assert stranger.post("/report/repair/", answers | {"custom_display_code": "E30"}).status_code == 302
    assert Case.objects.get().custom == {"display_code": "E30"}


def test_a_customer_fills_in_no_field_that_is_not_asked_on_the_portal() -> None:
    the_root()
    customer = a_customer()
    new = NewCase(kind="complaint", subject="迟到", customer=customer, channel="portal", custom={"claimed_amount": "300"})
    with pytest.raises(BadCase) as refused:
        open_case(new, actor=customer_actor(customer.pk, customer.name))
    assert list(refused.value.fields) == ["custom.claimed_amount"]


def test_the_api_refuses_by_the_name_of_the_field_and_harms_no_other_case_of_a_batch(agent: Staff) -> None:
    api = ApiClient(a_token(agent))
    for custom, name in [
        ({"floor": 6}, "custom.floor"),
        ({"still_usable": "yes"}, "custom.still_usable"),
        ({"preferred_on": "tomorrow"}, "custom.preferred_on"),
    ]:
        refused = api.post("/cases", NEED | {"custom": custom})
        assert refused.status_code == 422
        assert list(refused.json()["fields"]) == [name]
    results = api.post("/cases/batch", {"cases": [NEED | {"custom": {"floor": 6}}, NEED]}).json()["results"]
    assert list(results[0]["error"]["fields"]) == ["custom.floor"]
    assert results[1]["number"]


def test_a_window_for_many_judges_each_for_itself(agent: Staff) -> None:
    asking_for_the_code()
    needs = [
        Need(kind="service", subject="甲", name="王芳", phone="13800138000", custom={"display_code": "E30"}),
        Need(kind="service", subject="乙", name="王芳", phone="13800138000"),
    ]
    first, second = receive_many(needs, actor=acting(agent))
    assert not isinstance(first, Refused)
    assert isinstance(second, Refused)
    assert list(second.fields) == ["custom.display_code"]


def test_the_case_leaves_its_first_stage_with_the_required_fields_alone(agent: Staff) -> None:
    case = a_taken_case(agent, product_line="washer", address="杭州市文三路 1 号")
    asking_for_the_code()
    stage = "dispatch"
    with pytest.raises(BadCase) as refused:
        move_to_stage(case.pk, stage=stage, actor=acting(agent))
    assert list(refused.value.fields) == ["custom.display_code"]
    change_case(case.pk, values={"custom": {"display_code": "E30"}}, revision=None, actor=acting(agent))
    assert move_to_stage(case.pk, stage=stage, actor=acting(agent)).stage == stage


def test_a_split_never_waits_for_required_fields(agent: Staff) -> None:
    case = a_taken_case(agent)
    asking_for_the_code()
    message = case.messages.get()
    assert split_case(case.pk, subject="另一件事", message_ids=[message.pk], actor=acting(agent)).number


def test_who_does_not_see_a_field_reads_it_masked_and_cannot_write_it(agent: Staff, engineer: Staff) -> None:
    case = a_case(acting(agent), **COMPLAINT, custom={"claimed_amount": "98765", "wish": "apology"})
    page = signed_in(agent).get(reverse("cases:case", args=[case.number])).content.decode()
    assert "98765" in page
    assert "an apology" in page
    hidden = signed_in(engineer).get(reverse("cases:case", args=[case.number])).content.decode()
    assert "98765" not in hidden
    assert "Amount claimed" in hidden
    assert HIDDEN in hidden
    edit = signed_in(engineer).get(reverse("cases:edit", args=[case.number])).content.decode()
    assert "98765" not in edit
    assert "custom_claimed_amount" not in edit
    api = ApiClient(a_token(engineer, role="specialist"))
    assert api.get(f"/cases/{case.number}").json()["custom"] == {"claimed_amount": HIDDEN, "wish": "apology"}
    refused = api.patch(f"/cases/{case.number}", {"custom": {"claimed_amount": "1"}})
    assert refused.status_code == 422
    assert list(refused.json()["fields"]) == ["custom.claimed_amount"]
    kept = api.patch(f"/cases/{case.number}", {"custom": {"claimed_amount": HIDDEN, "wish": "solution"}})
    assert kept.status_code == 200
    case.refresh_from_db()
    assert case.custom == {"claimed_amount": "98765", "wish": "solution"}


def test_former_values_are_read_by_whom_the_present_ones_are(agent: Staff, engineer: Staff) -> None:
    case = a_case(acting(agent), **COMPLAINT, custom={"claimed_amount": "98765", "wish": "apology"})
    change_case(case.pk, values={"custom": {"wish": "solution"}}, revision=None, actor=acting(agent))
    event = Event.objects.of_case(case.pk).get(type="cases.fields_changed")
    assert event.data["names"] == ["custom.claimed_amount", "custom.wish"]
    assert "98765" not in str(event.data)
    for reader, role, seen in [(agent, "agent", "98765"), (engineer, "specialist", HIDDEN)]:
        events = ApiClient(a_token(reader, role=role)).get(f"/cases/{case.number}/events").json()
        text = next(one["texts"]["old_custom"] for one in events if one["type"] == "cases.fields_changed")
        assert text == f'{{"claimed_amount": "{seen}", "wish": "apology"}}'


def test_two_who_fill_in_different_fields_lose_nothing(agent: Staff) -> None:
    case = a_taken_case(agent, **COMPLAINT)
    actor = acting(agent)
    before = case.revision
    change_case(case.pk, values={"custom": {"wish": "apology"}}, revision=before, actor=actor)
    page = signed_in(agent)
    typed = {name: value for name, value in fields_of(case).items() if value is not None} | {"revision": before}
    saved = page.post(reverse("cases:edit", args=[case.number]), typed | {"custom_claimed_amount": "300"})
    assert saved.status_code == 302
    case.refresh_from_db()
    assert case.custom == {"wish": "apology", "claimed_amount": "300"}
    with pytest.raises(ChangedMeanwhile) as refused:
        change_case(case.pk, values={"custom": {**case.custom, "wish": "solution"}}, revision=before, actor=actor)
    assert refused.value.theirs == {"custom": {"wish": "apology"}}
    clash = page.post(reverse("cases:edit", args=[case.number]), typed | {"custom_wish": "explanation"})
    assert clash.status_code == 409
    assert "an apology" in clash.content.decode()


def test_the_change_form_draws_the_fields_of_another_kind_and_keeps_the_former_ones(agent: Staff) -> None:
    case = a_taken_case(agent, custom={"still_usable": False})
    client = signed_in(agent)
    url = reverse("cases:edit", args=[case.number])
    typed = {name: value for name, value in fields_of(case).items() if value is not None} | {"kind": "complaint"}
    drawn = client.post(url, typed | {"refresh": "1"}).content.decode()
    assert "custom_wish" in drawn
    assert "custom_still_usable" not in drawn
    assert client.post(url, typed | {"custom_wish": "apology"}).status_code == 302
    case.refresh_from_db()
    assert case.kind == "complaint"
    assert case.custom == {"still_usable": False, "wish": "apology"}


def test_a_hidden_case_shows_none_of_its_fields(agent: Staff) -> None:
    case = a_case(SYSTEM, custom={"display_code": "E30"})
    stranger = a_person(unit=None, roles=("finance",), name="外人")
    assert ApiClient(a_token(stranger, role="finance")).get(f"/cases/{case.number}").status_code == 404
