"""Every page of the desk answers, refuses whom it must, and costs the same however much hangs on it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.passing import offer_pass
from jieli.cases.actions.promises import pause_case
from jieli.cases.actions.sweeping import sweep
from jieli.cases.forms.editing import fields_of
from jieli.cases.models import Case, Pass, Promise
from jieli.cases.tests.factories import a_case, a_customer, a_taken_case, an_agent
from jieli.cases.urls import urlpatterns
from jieli.cases.views.acts import ACTS
from jieli.cases.views.lists import LISTS
from jieli.events.models import Event
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.people.tests.factories import MONDAY, a_person, a_unit, acting

pytestmark = pytest.mark.django_db


def signed_in(staff: Staff, **headers: str) -> Client:
    """Return a client of somebody at the desk."""
    client = Client(headers=headers)
    client.force_login(staff)
    return client


def case_url(case: Case, name: str = "case", *args: Any) -> str:
    """Return an address of a case."""
    return reverse(f"cases:{name}", args=[case.number, *args])


@pytest.mark.parametrize("view", sorted(LISTS))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_list_answers_with_cases_or_says_how_they_get_there(view: str, language: str) -> None:
    lilei = an_agent()
    a_taken_case(lilei)
    a_case(kind="complaint", service_type="")
    client = signed_in(lilei, accept_language=language)
    name = LISTS[view][0]
    assert client.get(reverse(f"cases:{name}")).status_code == 200
    assert client.get(reverse(f"cases:{name}_count")).status_code == 200


def test_strangers_log_in_first() -> None:
    response = Client().get(reverse("cases:mine"))
    assert response.status_code == 302
    assert reverse("people:login") in response["Location"]


def test_the_case_page_shows_who_has_it_and_why() -> None:
    lilei = an_agent()
    case = a_taken_case(lilei)
    page = signed_in(lilei, accept_language="en").get(case_url(case)).content.decode()
    assert case.number in page
    assert "李雷 took it" in page


def test_a_hidden_case_is_not_there() -> None:
    case = a_case()
    outsider = signed_in(an_agent(unit=a_unit()))
    assert outsider.get(case_url(case)).status_code == 404
    assert outsider.get(case_url(case, "act", "take")).status_code == 404


def test_a_mistyped_number_says_check_the_number() -> None:
    case = a_case()
    wrong = case.number[:-1] + str((int(case.number[-1]) + 1) % 10)
    client = signed_in(an_agent(), accept_language="en")
    response = client.get(reverse("cases:case", args=[wrong]))
    assert response.status_code == 404
    assert "check the number" in response.content.decode()
    assert "check the number" in client.get(reverse("cases:search"), {"q": wrong}).content.decode()
    assert client.get(reverse("cases:search"), {"q": case.number})["Location"] == case_url(case)


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"take", "take-over", "close", "reopen", "ask-escort", "resume"}))
def test_each_act_has_a_page_and_a_part_for_the_drawer(act: str) -> None:
    boss = a_person(roles=("supervisor",))
    case = a_taken_case(boss)
    client = signed_in(boss)
    assert client.get(case_url(case, "act", act)).status_code == 200
    part = client.get(case_url(case, "act", act), headers={"HX-Request": "true", "HX-Target": "drawer-body"})
    assert b"<html" not in part.content
    assert b"<form" in part.content


def test_take_reply_pass_accept_resolve_close_by_plain_forms() -> None:
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_case()
    first, second = signed_in(lilei), signed_in(hanmei)
    assert first.post(case_url(case, "act", "take")).status_code == 302
    assert first.post(case_url(case, "write"), {"side": "reply", "body": "明天上门"}).status_code == 302
    assert first.post(case_url(case, "write"), {"side": "note", "body": "客户怕水"}).status_code == 302
    offered = first.post(case_url(case, "act", "pass"), {"to": hanmei.code, "done": "电话问过", "next": "约上门"})
    assert offered.status_code == 302
    offer = Pass.objects.get(case=case)
    page = second.get(case_url(case, "answer", offer.pk, "accept")).content.decode()
    assert "电话问过" in page
    assert "j-act-promise" in page
    assert second.post(case_url(case, "answer", offer.pk, "accept"), {"restatement": ""}).status_code == 422
    assert second.post(case_url(case, "answer", offer.pk, "accept"), {"restatement": "约上门修洗衣机"}).status_code == 302
    assert second.post(case_url(case, "act", "resolve"), {"answer": "已修好"}).status_code == 302
    assert second.post(case_url(case, "act", "close")).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.owner_id) == ("closed", hanmei.pk)


def test_a_refused_message_stays_in_the_composer() -> None:
    lilei = an_agent()
    case = a_taken_case(lilei)
    client = signed_in(lilei)
    refused = client.post(case_url(case, "write"), {"side": "reply", "body": "这个我不知道"})
    assert refused.status_code == 409
    assert "这个我不知道" in refused.content.decode()
    sent = client.post(case_url(case, "write"), {"side": "reply", "body": "这个我不知道", "in_spite": "on"})
    assert sent.status_code == 302
    assert case.messages.latest("id").phrases == ["不知道"]


def test_the_result_is_warned_of_forbidden_phrases_too() -> None:
    lilei = an_agent()
    case = a_taken_case(lilei)
    client = signed_in(lilei)
    warned = client.post(case_url(case, "act", "resolve"), {"answer": "没有办法", "in_spite_of_phrases": "False"})
    assert warned.status_code == 422
    assert "没有办法" in warned.content.decode()
    sent = client.post(case_url(case, "act", "resolve"), {"answer": "没有办法", "in_spite_of_phrases": "on"})
    assert sent.status_code == 302
    assert case.messages.latest("id").phrases == ["没有办法"]


def test_a_stage_is_not_left_before_its_fields_are_filled_and_they_are_named() -> None:
    lilei = an_agent()
    case = a_taken_case(lilei)
    client = signed_in(lilei, accept_language="en")
    refused = client.post(case_url(case, "act", "stage"), {"stage": "dispatch"})
    assert refused.status_code == 422
    assert "product line: " in refused.content.decode()
    values = {name: value if value is not None else "" for name, value in fields_of(case).items()}
    filled = {**values, "product_line": "洗衣机", "address": "西湖区文三路 1 号"}
    assert client.post(case_url(case, "edit"), filled).status_code == 302
    assert client.post(case_url(case, "act", "stage"), {"stage": "dispatch"}).status_code == 302
    case.refresh_from_db()
    assert case.stage == "dispatch"


def test_to_a_superior_it_goes_with_a_proposal_and_comes_back_decided() -> None:
    lilei = an_agent()
    case = a_taken_case(lilei)
    boss = case.unit.leader
    assert boss is not None
    client, above = signed_in(lilei), signed_in(boss)
    plain = {"to": boss.code, "done": "谈过两次", "next": "是否退机"}
    assert client.post(case_url(case, "act", "pass"), plain).status_code == 422
    proposal = {**plain, "options": "退机\n换机", "recommended": "2"}
    assert client.post(case_url(case, "act", "pass"), proposal).status_code == 302
    offer = Pass.objects.get(case=case)
    assert "换机" in above.get(case_url(case, "answer", offer.pk, "decide")).content.decode()
    decided = above.post(case_url(case, "answer", offer.pk, "decide"), {"decision": "approved", "text": "换机"})
    assert decided.status_code == 302
    case.refresh_from_db()
    assert case.owner_id == lilei.pk


def test_the_second_to_save_sees_the_difference_and_loses_nothing() -> None:
    lilei, boss = an_agent(), a_person(roles=("supervisor",))
    case = a_taken_case(lilei)
    one, two = signed_in(lilei), signed_in(boss)
    seen = one.get(case_url(case, "edit")).context["form"].initial
    values = {name: value if value is not None else "" for name, value in seen.items()}
    assert two.post(case_url(case, "edit"), {**values, "subject": "洗衣机漏水", "fault_code": "E30"}).status_code == 302
    conflict = one.post(case_url(case, "edit"), {**values, "subject": "洗衣机不脱水", "product_line": "洗衣机"})
    assert conflict.status_code == 409
    text = conflict.content.decode()
    assert "洗衣机漏水" in text
    assert "洗衣机不脱水" in text
    kept = {**values, "subject": "洗衣机不脱水", "product_line": "洗衣机", "overwrite": "1"}
    assert one.post(case_url(case, "edit"), kept).status_code == 302
    case.refresh_from_db()
    assert (case.subject, case.product_line, case.fault_code) == ("洗衣机不脱水", "washing_machine", "E30")


def test_a_list_costs_three_queries_however_long(django_assert_num_queries: Any) -> None:
    lilei = an_agent()
    client = signed_in(lilei)
    for _ in range(4):
        a_taken_case(lilei)
    client.get(reverse("cases:mine"))
    # session, user with his unit, and grants, before the three of the list
    with django_assert_num_queries(6):
        client.get(reverse("cases:mine"))


def test_the_case_page_costs_the_same_with_more_on_it(django_assert_max_num_queries: Any) -> None:
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    client = signed_in(lilei)
    case = a_taken_case(lilei)
    write_message(case.pk, body="您好", visible=True, actor=acting(lilei))
    offer_pass(case.pk, to=hanmei, done="一", next="二", actor=acting(lilei))
    client.get(case_url(case))
    with django_assert_max_num_queries(22) as few:
        client.get(case_url(case))
    for number in range(12):
        write_message(case.pk, body=f"再说明 {number} @{hanmei.code}", visible=number % 2 == 0, actor=acting(lilei))
    with django_assert_max_num_queries(len(few)):
        client.get(case_url(case))


def test_polling_gets_304_until_something_happens() -> None:
    lilei = an_agent()
    client = signed_in(lilei)
    case = a_taken_case(lilei)
    for url in (reverse("cases:mine"), case_url(case)):
        tag = client.get(url, headers={"HX-Request": "true"})["ETag"]
        again = {"HX-Request": "true", "If-None-Match": tag}
        assert client.get(url, headers=again).status_code == 304
    write_message(case.pk, body="您好", visible=True, actor=acting(lilei))
    assert client.get(case_url(case), headers=again).status_code == 200


def test_two_people_on_a_case_see_each_other() -> None:
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    one, two = signed_in(lilei), signed_in(hanmei)
    one.post(case_url(case, "presence"), {"writing": "1"})
    assert "李雷" in two.post(case_url(case, "presence")).content.decode()
    assert "李雷" not in one.get(case_url(case, "presence")).content.decode()
    with clock.frozen(MONDAY + timedelta(minutes=2)):
        assert "李雷" not in two.get(case_url(case, "presence")).content.decode()


def test_the_quick_form_opens_takes_and_joins() -> None:
    lilei = an_agent()
    client = signed_in(lilei)
    customer = a_customer("刘洋", phone="13912340000")
    assert "刘洋" in client.get(reverse("cases:callers"), {"phone": "139123"}).content.decode()
    assert client.get(reverse("cases:caller"), {"customer_id": customer.pk}).status_code == 200
    values = {
        "channel": "phone",
        "phone": "13912340000",
        "customer_id": customer.pk,
        "kind": "service",
        "service_type": "repair",
        "subject": "空调不制冷",
        "take": "on",
    }
    assert client.post(reverse("cases:new"), values).status_code == 302
    case = Case.objects.get(customer=customer)
    assert (case.owner_id, case.steward_id, case.is_on_duty) == (lilei.pk, lilei.pk, False)
    assert client.post(reverse("cases:new"), values).status_code == 409
    assert client.post(reverse("cases:new"), {**values, "anyway": "on"}).status_code == 302
    assert Case.objects.filter(customer=customer).count() == 2


def test_many_cases_are_taken_at_once_after_a_preview() -> None:
    lilei = an_agent()
    client = signed_in(lilei)
    cases = [a_case(), a_case()]
    ids = [case.pk for case in cases]
    preview = client.post(reverse("cases:bulk", args=["take"]), {"ids": ids})
    assert cases[0].number in preview.content.decode()
    assert Case.objects.filter(pk__in=ids, owner=lilei).count() == 0
    assert client.post(reverse("cases:bulk", args=["take"]), {"ids": ids, "confirmed": "1"}).status_code == 302
    assert Case.objects.filter(pk__in=ids, owner=lilei).count() == 2
    assert Event.objects.filter(type="cases.taken", stream_id__in=ids).count() == 2
    tagged = client.post(reverse("cases:bulk", args=["tag"]), {"ids": ids, "confirmed": "1", "tag": "旺季"})
    assert tagged.status_code == 302
    assert Case.objects.filter(tags=["旺季"]).count() == 2


def test_a_list_is_kept_shared_and_removed() -> None:
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    client = signed_in(lilei)
    query = f"{reverse('cases:unit')}?kind=complaint"
    assert client.post(reverse("cases:views"), {"name": "投诉", "query": query, "shared": "on"}).status_code == 302
    assert query.replace("&", "&amp;") in signed_in(hanmei).get(reverse("cases:views")).content.decode()
    assert client.post(reverse("cases:views"), {"name": "外面", "query": "https://evil.example/"}).status_code == 422


def test_promises_are_told_kept_and_explained() -> None:
    lilei = an_agent()
    case = a_taken_case(lilei)
    client = signed_in(lilei, accept_language="en")
    promise = Promise.objects.unended().get(case=case, kind="first_reply")
    story = client.get(case_url(case, "promise", promise.pk)).content.decode()
    assert "promises v1" in story
    assert client.post(case_url(case, "promise_act", promise.pk, "keep")).status_code == 302
    promise.refresh_from_db()
    assert promise.outcome == "kept"
    assert client.get(case_url(case, "promise_hint"), {"next_reply_at": "2026-11-23T15:00"}).status_code == 200


def test_no_address_is_left_without_a_test_of_its_name() -> None:
    assert len({pattern.name for pattern in urlpatterns}) == len(urlpatterns)


def test_many_events_in_a_row_are_folded() -> None:
    lilei = an_agent()
    case = a_taken_case(lilei)
    for minutes in range(20, 60 * 24 * 6, 300):
        with clock.frozen(MONDAY + timedelta(minutes=minutes)):
            sweep()
    page = signed_in(lilei, accept_language="en").get(case_url(case)).content.decode()
    assert "more events" in page
    talk = page.partition('id="case-talk"')[2].partition('id="composer"')[0]
    assert talk.partition("j-talk-fold")[0].count("j-talk-event") < 5


def test_too_short_a_time_is_warned_of_and_a_better_one_proposed() -> None:
    lilei = an_agent()
    client = signed_in(lilei, accept_language="en")
    cases = [a_taken_case(lilei) for _ in range(10)]
    for place, case in enumerate(cases):
        with clock.frozen(MONDAY + timedelta(minutes=10 + place * 10)):
            write_message(case.pk, body="您好", visible=True, actor=acting(lilei))
    with clock.frozen(MONDAY + timedelta(hours=2)):
        short = client.get(case_url(cases[0], "promise_hint"), {"next_reply_at": "2026-11-23T12:30"}).content.decode()
        assert "kept in 30 % of 10 answers" in short
        assert 'data-set-time="2026-11-23T13:30"' in short
        long = client.get(case_url(cases[0], "promise_hint"), {"next_reply_at": "2026-11-23T15:00"}).content.decode()
        assert "kept in 100 % of 10 answers" in long


@pytest.mark.parametrize("sort", ["due", "-due", "number", "-number"])
def test_a_list_pages_in_each_order_without_gaps(sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lilei = an_agent()
    made = []
    for minutes in range(5):
        with clock.frozen(MONDAY + timedelta(minutes=minutes)):
            made.append(a_taken_case(lilei).pk)
    monkeypatch.setattr("jieli.cases.views.lists.PAGE", 2)
    client = signed_in(lilei)
    seen: list[int] = []
    after = ""
    for _ in range(3):
        page = client.get(reverse("cases:mine"), {"sort": sort, "after": after})
        seen += [row.case.pk for row in page.context["rows"]]
        after = page.context["next_cursor"]
    assert seen == (made[::-1] if sort.startswith("-") else made)
    assert after == ""


def test_the_demo_clock_is_for_administrators_in_demo_mode(settings: Settings) -> None:
    clerk, admin = signed_in(an_agent()), signed_in(a_person(roles=("administrator",)))
    assert admin.get(reverse("cases:clock")).status_code == 404
    settings.DEMO = True
    assert admin.get(reverse("cases:clock")).status_code == 200
    assert clerk.get(reverse("cases:clock")).status_code == 404


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "等待客户"), ("en", "waiting for the customer")])
def test_a_pause_is_told_in_the_words_of_the_policy(language: str, words: str) -> None:
    lilei = an_agent()
    case = a_taken_case(lilei)
    pause_case(case.pk, reason="customer", until=MONDAY + timedelta(days=1), consent=True, actor=acting(lilei))
    page = signed_in(lilei, accept_language=language).get(case_url(case)).content.decode()
    assert words in page.lower()
    assert "(customer" not in page
