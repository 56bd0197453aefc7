"""The customer's version of the whole ticket: the same truth as on the desk, in plain words, and nothing from inside."""

from datetime import timedelta

import pytest
from django.test import Client

from jieli.cases.actions.promises import give_promise
from jieli.cases.actions.sweeping import sweep
from jieli.insight.queries.ticket.page import ticket_of
from jieli.insight.queries.ticket.told import told
from jieli.insight.tests.factories import ARRIVAL, SETTLED, a_walked_ticket, an_intake, dispatched, visited
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY, acting

pytestmark = pytest.mark.django_db

INSIDE = (
    "今天休假",
    "脾气急",
    "韩梅",
    "82.00",
    "OP-000001",
    "OLD-1",
    "故障属实",
    "有效单",
    "dispatch v1",
    "市南网点经理",
    "promises v",
)


def by_link(walked, language="zh-hans"):
    client = Client()
    client.cookies["django_language"] = language
    return client.get(f"{walked.link}/way", headers={"accept-language": language})


def desk(walked):
    client = Client()
    client.force_login(walked.manager)
    return client.get(f"/cases/{walked.case.number}/way/").content.decode()


def test_both_versions_of_one_ticket_say_the_same_and_nothing_internal_leaks():
    walked = a_walked_ticket()
    with clock.frozen(SETTLED):
        inside = ticket_of(walked.case, acting(walked.manager))
        outside = told(walked.case, "token")
        html, inner = by_link(walked).content.decode(), desk(walked)
    assert [(one.station.code, one.state, one.station.since) for one in outside.stages] == [
        (one.station.code, one.state, one.station.since) for one in inside.way.stages
    ]
    assert [(one.promise.pk, one.promise.due_at, one.promise.outcome) for one in outside.promised] == [
        (one.promise.pk, one.promise.due_at, one.promise.outcome) for one in inside.way.to_customer
    ]
    assert [(one.visit.arrived_at, one.visit.finished_at) for one in outside.visited.visits] == [
        (one.visit.arrived_at, one.visit.finished_at) for one in inside.visited.visits
    ]
    for text in ("张工", "排水泵", "NEW-1", "11月24日 周二 14:10", "11月24日 周二 14:00–16:00", "您没有支付任何费用", "满意"):
        assert text in html
    for text in ("11月24日 周二 14:10", "11月24日 周二 14:00–16:00", "满意"):
        assert text in inner
    for text in (*INSIDE, walked.engineer.staff.phone or "no phone", "138****8000", "13812348000"):
        assert text not in html


def test_a_broken_promise_is_told_to_the_customer_too():
    walked = an_intake()
    due = MONDAY + timedelta(hours=1)
    with clock.frozen(MONDAY + timedelta(minutes=20)):
        give_promise(walked.case.pk, kind="part_delivery", due_at=due, told=True, actor=acting(walked.agent))
    with clock.frozen(due + timedelta(minutes=5)):
        sweep()
        page = told(walked.case, "token")
        html = by_link(walked).content.decode()
    late = next(one for one in page.promised if one.promise.kind == "part_delivery")
    assert (late.tone, late.word.late_seconds) == ("bad", 300)
    assert "我们晚了 · 5 分" in html


def test_who_comes_and_when_is_told_by_name_before_the_visit():
    walked = an_intake()
    dispatched(walked)
    with clock.frozen(MONDAY + timedelta(hours=4)):
        html = by_link(walked).content.decode()
    assert "谁来、什么时候来" in html
    assert "11月24日 周二 14:00–16:00" in html
    assert "张工" in html


def test_a_visit_that_did_not_fix_it_says_when_we_come_again():
    again = ARRIVAL + timedelta(days=2)
    walked = an_intake()
    dispatched(walked)
    with clock.frozen(ARRIVAL + timedelta(hours=1, minutes=30)):
        visited(walked, result="not_fixed", reason="part", next_at=again.isoformat(), note="内部说明")
        html, inner = by_link(walked).content.decode(), desk(walked)
    assert "我们再次上门" in html
    assert "11月26日 周四 14:10" in html
    assert "11月26日 周四 14:10" in inner
    assert "内部说明" not in html


def test_the_link_alone_opens_it():
    walked = an_intake()
    assert Client().get(f"/t/{walked.case.number}/wrong-code/way").status_code == 404
    answer = by_link(walked)
    follow = Client().get(walked.link).content.decode()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert f"{walked.link}/way" in follow


def test_it_is_complete_in_english():
    walked = a_walked_ticket()
    with clock.frozen(SETTLED):
        html = by_link(walked, "en").content.decode()
    for text in ("What we promised you", "You paid nothing.", "You told us", "satisfied", "Electrical safety test"):
        assert text in html
