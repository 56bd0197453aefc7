"""Promises: when they fall due, stand, are planned anew, ring and break (spec 1, Promises). Times in the company's zone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils.translation import override

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.progressing import change_case, resolve_case
from jieli.cases.actions.promises import cancel_promise, give_promise, keep_promise, pause_case, resume_case
from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Alarm, Case
from jieli.cases.queries.verifying import findings
from jieli.cases.refusals import AlreadyPaused, BadCase, EndsOtherwise, NoNextTime, NotPaused
from jieli.cases.tests.factories import a_case, a_taken_case, an_agent
from jieli.events.actor import customer_actor
from jieli.events.models import Event
from jieli.lib import clock
from jieli.notify.kinds import sentence
from jieli.notify.models import Notice
from jieli.people.tests.factories import MONDAY, acting

pytestmark = pytest.mark.django_db


def at(text):
    """Return an instant given as ``month-day hour:minute`` of 2026 in Shanghai."""
    return datetime.strptime(f"2026-{text} +0800", "%Y-%m-%d %H:%M %z").astimezone(UTC)


def lives(frozen, end):
    """Let the worker look at each alarm until `end`."""
    while True:
        case = [one for one in Case.objects.all() if one.is_open]
        alarms = [p.next_alarm_at for one in case for p in one.promises.unended() if p.next_alarm_at and p.next_alarm_at <= end]
        if not alarms:
            break
        frozen(min(alarms))
        sweep()
    frozen(end)


def running(case, kind):
    return case.promises.unended().get(kind=kind)


def waits(case, until, actor):
    return pause_case(case.pk, reason="customer", until=until, consent=True, actor=actor)


def told(staff):
    return sorted(
        (notice.params["promise"], notice.params["share"])
        for notice in Notice.objects.filter(staff=staff, kind__in=["cases.promise_warning", "cases.promise_broken"])
    )


def test_a_pause_moves_the_due_time_by_its_working_minutes(frozen):
    frozen(at("11-23 10:00"))
    lilei = an_agent()
    case = a_taken_case(lilei)
    arrive = running(case, "arrive")
    assert arrive.due_at == at("11-25 10:00")  # 1440 minutes of 12 hours a day
    frozen(at("11-23 19:00"))
    for promise in case.promises.unended().filter(kind="first_reply"):
        keep_promise(promise.pk, actor=acting(lilei))
    waits(case, at("11-24 09:00"), acting(lilei))
    arrive.refresh_from_db()
    assert (arrive.due_at, arrive.paused_until) == (at("11-25 12:00"), at("11-24 09:00"))
    frozen(at("11-24 08:30"))
    resume_case(case.pk, actor=acting(lilei))
    arrive.refresh_from_db()
    assert (arrive.due_at, arrive.paused_until) == (at("11-25 11:30"), None)
    assert list(findings()) == []


def test_holidays_do_not_count_and_make_up_days_do(frozen):
    frozen(at("09-30 17:00"))  # the evening before the National Day holiday
    lilei = an_agent()
    case = a_taken_case(lilei, kind="internal_request", service_type="")
    resolve = running(case, "resolve")
    assert (resolve.mode, resolve.target) == ("days", Decimal(3))
    assert resolve.due_at == at("10-10 17:00")  # Thursday 8, Friday 9, and Saturday 10, a make-up day


def test_planning_anew_keeps_earlier_pauses(frozen):
    frozen(at("11-23 10:00"))
    lilei = an_agent()
    case = a_taken_case(lilei)
    frozen(at("11-23 10:10"))
    waits(case, at("11-23 12:10"), acting(lilei))
    frozen(at("11-23 12:10"))
    sweep()
    arrive = running(case, "arrive")
    assert arrive.due_at == at("11-25 12:00")
    change_case(case.pk, values={"severity": 1}, revision=None, actor=acting(lilei))
    arrive.refresh_from_db()
    assert arrive.due_at == at("11-23 16:00")  # 240 minutes from the start, and the two hours that stood
    assert arrive.rule == "service-urgent-arrive"
    kinds = list(arrive.history.order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["pause", "resume", "retarget"]
    change_case(case.pk, values={"severity": 3}, revision=None, actor=acting(lilei))
    arrive.refresh_from_db()
    assert arrive.due_at == at("11-25 12:00")
    replanned = Event.objects.of_case(case.pk).filter(type="cases.promise_replanned", data__promise_id=arrive.pk)
    assert replanned.count() == 2
    assert list(findings()) == []


def test_a_paused_case_wakes_by_itself_and_its_owner_is_told(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)
    until = MONDAY + timedelta(days=3)
    waits(case, until, acting(lilei))
    with pytest.raises(AlreadyPaused):
        waits(case, until, acting(lilei))
    frozen(until - timedelta(seconds=1))
    sweep()
    assert Case.objects.get(pk=case.pk).status == "waiting"
    frozen(until)
    sweep()
    assert Case.objects.get(pk=case.pk).status == "open"
    assert Notice.objects.filter(staff=lilei, kind="cases.woke").count() == 1
    with pytest.raises(NotPaused):
        resume_case(case.pk, actor=acting(lilei))


@pytest.mark.parametrize("who", ["worker", "customer", "owner"])
def test_where_no_worker_noticed_the_end_of_a_pause_the_case_goes_on_with_a_next_time(frozen, who):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)
    waits(case, MONDAY + timedelta(days=3), acting(lilei))
    now = MONDAY + timedelta(days=14)
    frozen(now)
    if who == "customer":
        write_message(case.pk, body="还没有人来", visible=True, actor=customer_actor(case.customer_id, "王芳"))
    elif who == "owner":
        resume_case(case.pk, actor=acting(lilei))
    connection.check_constraints()
    while sweep(limit=1):  # each promise by itself, as after a batch that failed
        connection.check_constraints()
    assert Case.objects.get(pk=case.pk).status == "open"
    assert not case.promises.unended().filter(due_at__lte=now, breached_at=None).exists()
    assert running(case, "next_reply").due_at > now
    assert Notice.objects.filter(staff=lilei, kind="cases.woke").count() == (who == "worker")
    assert list(findings()) == []


def test_nothing_rings_while_the_case_waits(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)
    waits(case, MONDAY + timedelta(days=6), acting(lilei))
    lives(frozen, MONDAY + timedelta(days=6) - timedelta(minutes=1))
    assert not Alarm.objects.filter(promise__case=case).exists()
    assert told(lilei) == []


def test_a_pause_needs_a_listed_reason_consent_and_an_end(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)

    def refused(**values):
        given = {"reason": "customer", "until": MONDAY + timedelta(days=1), "consent": True} | values
        with pytest.raises(BadCase) as refusal:
            pause_case(case.pk, actor=acting(lilei), **given)
        return set(refusal.value.fields)

    assert refused(reason="holiday") == {"reason"}
    assert refused(consent=False) == {"consent"}
    assert refused(until=MONDAY) == {"until"}
    assert refused(until=MONDAY + timedelta(days=15)) == {"until"}


def test_ending_the_last_paused_promise_by_hand_wakes_the_case(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)
    waits(case, MONDAY + timedelta(days=2), acting(lilei))
    give_promise(case.pk, kind="next_reply", due_at=MONDAY + timedelta(hours=9), told=True, actor=acting(lilei))
    for promise in case.promises.unended().filter(paused_until__isnull=False):
        keep_promise(promise.pk, actor=acting(lilei))
    assert Case.objects.get(pk=case.pk).status == "open"


def test_the_customers_message_wakes_the_case_and_begins_a_promise_to_reply(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)
    write_message(case.pk, body="明天上门", visible=True, actor=acting(lilei))
    for promise in case.promises.unended().filter(kind="next_reply"):
        keep_promise(promise.pk, actor=acting(lilei))
    waits(case, MONDAY + timedelta(days=2), acting(lilei))
    write_message(case.pk, body="现在就可以", visible=True, actor=customer_actor(case.customer_id, "王芳"))
    assert Case.objects.get(pk=case.pk).status == "open"
    assert running(case, "next_reply").due_at == MONDAY + timedelta(minutes=240)


def test_a_reply_keeps_the_promised_reply_and_promises_the_next(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)
    write_message(case.pk, body="明天上门", visible=True, actor=acting(lilei))
    first = running(case, "next_reply")
    assert case.promises.get(kind="first_reply").outcome == "kept"
    frozen(MONDAY + timedelta(hours=1))
    write_message(case.pk, body="配件到了", visible=True, next_reply_at=MONDAY + timedelta(hours=6), actor=acting(lilei))
    first.refresh_from_db()
    assert first.outcome == "kept"
    assert running(case, "next_reply").due_at == MONDAY + timedelta(hours=6)
    assert running(case, "next_reply").told_at == MONDAY + timedelta(hours=1)


def test_a_note_between_colleagues_keeps_nothing(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)
    write_message(case.pk, body="客户着急", visible=False, actor=acting(lilei))
    assert running(case, "first_reply").outcome == ""


def test_warnings_go_to_whom_the_policy_says(frozen):
    frozen(MONDAY)
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    boss = case.unit.leader
    first = running(case, "first_reply")
    for promise in case.promises.unended().exclude(pk=first.pk).exclude(kind="resolve"):
        keep_promise(promise.pk, actor=acting(lilei))
    lives(frozen, MONDAY + timedelta(minutes=15))
    assert told(lilei) == [("first_reply", 50)]
    assert told(boss) == []
    lives(frozen, MONDAY + timedelta(minutes=29))
    assert told(lilei) == [("first_reply", 50), ("first_reply", 80)]
    lives(frozen, MONDAY + timedelta(minutes=30))
    assert told(lilei)[0] == ("first_reply", 50)
    assert ("first_reply", 100) in told(lilei)
    assert told(boss) == [("first_reply", 100)]
    lives(frozen, MONDAY + timedelta(minutes=46))
    assert ("first_reply", 150) in told(boss)
    assert told(hanmei) == []
    shares = Alarm.objects.filter(promise=first).order_by("share").values_list("share", flat=True)
    assert list(shares) == [50, 80, 100, 150]
    broken = Notice.objects.get(staff=lilei, params__share=100)
    with override("en"):
        assert sentence(broken.kind, broken.params) == f"first reply on {case.number} was not kept by Mon 23 Nov 10:30"
    with override("zh-hans"):
        assert sentence(broken.kind, broken.params) == f"{case.number} 的承诺“首次回复”未能在 11月23日 周一 10:30 前兑现"


def test_a_breach_is_no_end_and_opens_a_promise_to_reply(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)
    first = running(case, "first_reply")
    frozen(first.due_at)
    sweep()
    first.refresh_from_db()
    assert (first.breached_at, first.ended_at) == (first.due_at, None)
    assert running(case, "next_reply").due_at == first.due_at + timedelta(minutes=240)
    frozen(first.due_at + timedelta(minutes=7))
    write_message(case.pk, body="抱歉,明天上门", visible=True, actor=acting(lilei))
    first.refresh_from_db()
    assert (first.outcome, first.late_minutes) == ("late", Decimal("7.00"))


def test_it_is_kept_at_the_very_instant_and_late_after_it(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    one, other = a_taken_case(lilei), a_taken_case(lilei)
    kept, late = running(one, "first_reply"), running(other, "first_reply")
    frozen(kept.due_at)
    assert keep_promise(kept.pk, actor=acting(lilei)).outcome == "kept"
    frozen(late.due_at + timedelta(seconds=30))
    assert keep_promise(late.pk, actor=acting(lilei)).late_minutes == Decimal("0.50")


def test_an_earlier_promise_still_counts_beside_a_later_one(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)
    arrive = running(case, "arrive")
    later = give_promise(case.pk, kind="arrive", due_at=arrive.due_at + timedelta(days=1), told=True, actor=acting(lilei))
    assert later.kind == "next_reply"
    assert running(case, "arrive").due_at == arrive.due_at
    sooner = give_promise(case.pk, kind="arrive", due_at=arrive.due_at - timedelta(hours=1), told=True, actor=acting(lilei))
    assert (sooner.pk, sooner.due_at) == (arrive.pk, arrive.due_at - timedelta(hours=1))


def test_the_last_promise_of_an_open_case_is_not_cancelled(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)
    *others, last = case.promises.unended().order_by("id")
    for promise in others:
        cancel_promise(promise.pk, reason="不用了", actor=acting(lilei))
    with pytest.raises(NoNextTime):
        cancel_promise(last.pk, reason="不用了", actor=acting(lilei))


def test_the_call_back_of_a_resolved_case_ends_with_the_case(frozen):
    frozen(MONDAY)
    lilei = an_agent()
    case = a_taken_case(lilei)
    give_promise(case.pk, kind="payout", due_at=MONDAY + timedelta(days=5), told=True, actor=acting(lilei))
    resolve_case(case.pk, answer="好了", actor=acting(lilei))
    with pytest.raises(EndsOtherwise):
        cancel_promise(running(case, "callback").pk, reason="不用了", actor=acting(lilei))


def test_a_broken_promise_is_told_to_the_steward_after_the_baton_moved(frozen):
    frozen(MONDAY)
    from jieli.cases.actions.passing import accept_pass, offer_pass

    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(lilei)
    offer = offer_pass(case.pk, to=hanmei, done="问过", next="约", actor=acting(lilei))
    accept_pass(offer.pk, restatement="要上门", actor=acting(hanmei))
    lives(frozen, MONDAY + timedelta(minutes=31))
    assert ("first_reply", 100) in told(lilei)
    assert ("first_reply", 100) in told(hanmei)


def test_it_is_noticed_by_whoever_stands_in(frozen):
    from jieli.people.tests.factories import a_deputy, an_absence

    frozen(MONDAY)
    lilei, deputy = an_agent("李雷"), an_agent("代理")
    case = a_taken_case(lilei)
    a_deputy(lilei, deputy)
    an_absence(lilei)
    with clock.frozen(running(case, "first_reply").due_at):
        sweep()
    assert ("first_reply", 100) in told(deputy)
    assert told(lilei) == []


def test_a_case_that_nobody_took_breaks_for_the_duty_officer(frozen):
    frozen(MONDAY)
    case = a_case()
    frozen(MONDAY + timedelta(minutes=15))
    sweep()
    assert ("accept", 100) in told(case.owner)


def test_a_pause_over_a_holiday_moves_days_by_working_time_only(frozen):
    frozen(at("09-29 17:00"))
    lilei = an_agent()
    case = a_taken_case(lilei, kind="internal_request", service_type="")
    before = running(case, "resolve").due_at
    assert before == at("10-09 17:00")  # 30 September, 8 and 9 October
    for promise in case.promises.unended().exclude(kind="resolve"):
        keep_promise(promise.pk, actor=acting(lilei))
    frozen(at("09-30 17:00"))
    waits(case, at("10-08 10:00"), acting(lilei))
    assert running(case, "resolve").due_at == at("10-10 10:00")  # an hour stood before the holiday, one after it


def test_the_lunch_break_does_not_count(frozen):
    frozen(at("11-23 11:30"))
    case = a_case(kind="internal_complaint", service_type="")
    first = running(case, "first_reply")
    assert (first.mode, first.due_at) == ("days", at("11-24 11:30"))
    frozen(at("11-23 12:20"))
    assert running(a_case(kind="internal_complaint", service_type=""), "first_reply").due_at == at("11-24 13:00")
