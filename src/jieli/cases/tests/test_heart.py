"""A case from its opening to its close, through every hand."""

from datetime import timedelta

import pytest
from django.db import connection

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.owning import take_case, take_over_case
from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.actions.progressing import close_case, reopen_case, resolve_case
from jieli.cases.actions.promises import give_promise, pause_case, resume_case
from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Case, Pass, Promise
from jieli.cases.refusals import AlreadyTaken
from jieli.cases.tests.factories import a_case, a_taken_case, an_agent, an_opened
from jieli.events.actor import customer_actor
from jieli.events.anchors import breaks, make_anchor
from jieli.events.models import Event
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY, acting

pytestmark = pytest.mark.django_db


def test_a_new_case_has_an_owner_a_next_time_and_an_event():
    opened = an_opened()
    case = Case.objects.get(pk=opened.case_id)
    assert case.is_on_duty
    assert case.next_due_at == min(one.due_at for one in opened.promises)
    assert {one.kind for one in opened.promises} == {"accept", "first_reply", "arrive", "resolve"}
    assert Event.objects.of_case(case.pk).count() == 1
    assert list(breaks()) == []


def test_a_case_goes_from_hand_to_hand_and_is_closed():
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    assert case.owner_id == lilei.pk
    with pytest.raises(AlreadyTaken):
        take_case(case.pk, actor=acting(hanmei))
    write_message(case.pk, body="我们明天上门", visible=True, actor=acting(lilei))
    offer = offer_pass(case.pk, to=hanmei, done="电话问过", next="约上门", actor=acting(lilei))
    assert Case.objects.get(pk=case.pk).owner_id == lilei.pk
    accept_pass(offer.pk, restatement="洗衣机不排水,要约上门时间", actor=acting(hanmei))
    case.refresh_from_db()
    assert (case.owner_id, case.escort_id) == (hanmei.pk, lilei.pk)
    pause_case(case.pk, reason="customer", until=MONDAY + timedelta(days=2), consent=True, actor=acting(hanmei))
    resume_case(case.pk, actor=acting(hanmei))
    give_promise(case.pk, kind="next_reply", due_at=MONDAY + timedelta(hours=3), told=True, actor=acting(hanmei))
    resolve_case(case.pk, answer="已修好", actor=acting(hanmei))
    close_case(case.pk, actor=acting(hanmei))
    case.refresh_from_db()
    assert case.status == "closed"
    assert not case.promises.unended().exists()
    reopen_case(case.pk, reason="又不排水了", actor=customer_actor(case.customer_id, "王芳"))
    make_anchor()
    assert list(breaks()) == []


def test_a_breach_is_noticed_once_and_followed_by_a_next_time():
    case = a_case()
    with clock.frozen(MONDAY + timedelta(minutes=16)):
        assert sweep() > 0
        assert sweep() == 0
        accept = Promise.objects.get(case=case, kind="accept")
        assert accept.breached_at is not None
        assert Promise.objects.unended().filter(case=case, kind="next_reply").count() == 1
        assert Event.objects.of_case(case.pk).filter(type="cases.promise_broken").count() == 1
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")


def test_an_unanswered_pass_lapses_and_the_giver_still_has_it():
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    offer_pass(case.pk, to=hanmei, done="电话问过", next="约上门", actor=acting(lilei))
    with clock.frozen(MONDAY + timedelta(hours=2)):
        sweep()
        assert Pass.objects.get(case=case).state == "lapsed"
        assert Case.objects.get(pk=case.pk).owner_id == lilei.pk


def test_a_superior_takes_over_with_a_reason():
    lilei = an_agent("李雷")
    case = a_taken_case(lilei)
    boss = case.unit.leader
    assert boss is not None
    take_over_case(case.pk, reason="客户是媒体", actor=acting(boss))
    assert Case.objects.get(pk=case.pk).owner_id == boss.pk


def test_a_neglected_case_keeps_its_broken_promise_and_one_reply_that_follows():
    case = a_case()
    for hours in (1, 4, 8, 26, 30, 34):
        with clock.frozen(MONDAY + timedelta(hours=hours)):
            while sweep():
                pass
    with clock.frozen(MONDAY + timedelta(hours=34)):
        running = Promise.objects.unended().filter(case=case)
        assert running.filter(kind="next_reply").count() == 1
        assert running.filter(kind="accept", breached_at__isnull=False).exists()
        assert Promise.objects.filter(case=case, kind="next_reply", outcome="cancelled", breached_at__isnull=False).exists()
        assert running.filter(breached_at__isnull=True).exists()


def test_an_enquiry_moves_along_its_route_by_what_people_do():
    agent = an_agent()
    case = a_taken_case(agent, kind="enquiry", service_type="")
    assert Case.objects.get(pk=case.pk).stage == "handling"
    resolve_case(case.pk, answer="这样投屏", actor=acting(agent))
    assert Case.objects.get(pk=case.pk).stage == "callback"
