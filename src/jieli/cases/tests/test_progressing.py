"""The life of a case: changed, moved along, resolved, closed, cancelled, reopened (spec 1, Case)."""

from datetime import timedelta

import pytest
from django.db import connection

from jieli.cases.actions.conversing import ForbiddenPhrase, write_message
from jieli.cases.actions.progressing import (
    answer_read,
    cancel_case,
    change_case,
    close_case,
    move_to_stage,
    reopen_case,
    resolve_case,
)
from jieli.cases.actions.promises import give_promise, pause_case
from jieli.cases.actions.relating import merge_cases, relate_cases, split_case, undo_relation
from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Case, Relation
from jieli.cases.queries.verifying import findings
from jieli.cases.refusals import (
    BadCase,
    CaseEnded,
    CaseNotEnded,
    CaseNotResolved,
    ChangedMeanwhile,
    NotMergeable,
    ReopenTooLate,
)
from jieli.cases.tests.factories import a_case, a_customer, a_taken_case, an_agent
from jieli.events.actor import customer_actor
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed, NotFound
from jieli.notify.models import Notice
from jieli.people.tests.factories import MONDAY, a_deputy, a_unit, acting, an_absence

pytestmark = pytest.mark.django_db


@pytest.fixture
def lilei():
    return an_agent("李雷")


def customer_of(case):
    return customer_actor(case.customer_id, "王芳")


def fresh(case):
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; set constraints all deferred")
    return Case.objects.get(pk=case.pk)


def an_enquiry(owner):
    """Return a taken case which closes by itself, because no call-back follows an enquiry."""
    return a_taken_case(owner, kind="enquiry", service_type="")


# --- resolved, closed, reopened


def test_the_result_ends_what_was_promised_and_begins_the_call_back(lilei):
    case = a_taken_case(lilei)
    resolve_case(case.pk, answer="换了水泵", actor=acting(lilei))
    case = fresh(case)
    assert case.status == "resolved"
    assert [one.kind for one in case.promises.unended()] == ["callback"]
    assert case.next_due_at == MONDAY + timedelta(days=1)
    with pytest.raises(CaseNotEnded):
        resolve_case(case.pk, answer="换了水泵", actor=acting(lilei))


def test_only_a_resolved_case_is_closed(lilei):
    case = a_taken_case(lilei)
    with pytest.raises(CaseNotResolved):
        close_case(case.pk, actor=acting(lilei))
    resolve_case(case.pk, answer="好了", actor=acting(lilei))
    close_case(case.pk, actor=acting(lilei))
    case = fresh(case)
    assert (case.status, case.next_due_at) == ("closed", None)
    with pytest.raises(CaseEnded):
        write_message(case.pk, body="还有吗", visible=True, actor=acting(lilei))
    write_message(case.pk, body="存档备注", visible=False, actor=acting(lilei))


def test_nobody_else_resolves_it(lilei):
    case = a_taken_case(lilei)
    with pytest.raises(NotAllowed):
        resolve_case(case.pk, answer="好了", actor=acting(an_agent("韩梅")))
    with pytest.raises(NotFound):
        resolve_case(case.pk, answer="好了", actor=acting(an_agent("外人", unit=a_unit(name="别处"))))


def test_it_closes_by_itself_seven_days_after_the_answer_was_sent(lilei, frozen):
    case = an_enquiry(lilei)
    resolve_case(case.pk, answer="九点开门", actor=acting(lilei))
    frozen(MONDAY + timedelta(days=7) - timedelta(seconds=1))
    while sweep():
        pass
    assert fresh(case).status == "resolved"
    frozen(MONDAY + timedelta(days=7))
    while sweep():
        pass
    case = fresh(case)
    assert (case.status, case.promises.get(kind="callback").outcome) == ("closed", "kept")
    assert list(findings()) == []


def test_it_closes_by_itself_three_days_after_it_was_read(lilei, frozen):
    case = an_enquiry(lilei)
    resolve_case(case.pk, answer="九点开门", actor=acting(lilei))
    frozen(MONDAY + timedelta(days=1))
    answer_read(case.pk, actor=customer_of(case))
    assert fresh(case).next_due_at == MONDAY + timedelta(days=4)
    frozen(MONDAY + timedelta(days=2))
    answer_read(case.pk, actor=customer_of(case))
    assert fresh(case).next_due_at == MONDAY + timedelta(days=4)
    frozen(MONDAY + timedelta(days=4))
    while sweep():
        pass
    assert fresh(case).status == "closed"


def test_reading_late_does_not_put_the_close_off(lilei, frozen):
    case = an_enquiry(lilei)
    resolve_case(case.pk, answer="九点开门", actor=acting(lilei))
    frozen(MONDAY + timedelta(days=6))
    answer_read(case.pk, actor=customer_of(case))
    assert fresh(case).next_due_at == MONDAY + timedelta(days=7)


def test_thanks_on_a_resolved_case_do_not_reopen_it(lilei):
    case = an_enquiry(lilei)
    resolve_case(case.pk, answer="九点开门", actor=acting(lilei))
    write_message(case.pk, body="谢谢!", visible=True, actor=customer_of(case))
    case = fresh(case)
    assert case.status == "resolved"
    assert [one.kind for one in case.promises.unended()] == ["callback"]


def test_reopened_within_the_days_it_keeps_its_number_and_has_a_time_at_once(lilei, frozen):
    case = a_taken_case(lilei)
    resolve_case(case.pk, answer="好了", actor=acting(lilei))
    close_case(case.pk, actor=acting(lilei))
    frozen(MONDAY + timedelta(days=14))
    with pytest.raises(BadCase):
        reopen_case(case.pk, reason=" ", actor=customer_of(case))
    reopen_case(case.pk, reason="又不排水", actor=customer_of(case))
    again = fresh(case)
    assert (again.status, again.number, again.reopened, again.owner) == ("open", case.number, 1, lilei)
    assert {one.kind for one in again.promises.unended()} == {"next_reply", "resolve"}
    with pytest.raises(CaseNotEnded):
        reopen_case(case.pk, reason="又不排水", actor=customer_of(case))


def test_after_the_days_it_takes_a_follow_up(lilei, frozen):
    case = a_taken_case(lilei)
    resolve_case(case.pk, answer="好了", actor=acting(lilei))
    close_case(case.pk, actor=acting(lilei))
    frozen(MONDAY + timedelta(days=14, seconds=1))
    with pytest.raises(ReopenTooLate):
        reopen_case(case.pk, reason="又不排水", actor=customer_of(case))
    later = a_case(customer=case.customer)
    assert relate_cases(later.pk, other_id=case.pk, kind="follow_up_of", actor=acting(lilei)).kind == "follow_up_of"


def test_reopened_while_its_owner_is_away_the_deputy_has_it(lilei):
    deputy = an_agent("代理")
    case = a_taken_case(lilei)
    resolve_case(case.pk, answer="好了", actor=acting(lilei))
    close_case(case.pk, actor=acting(lilei))
    a_deputy(lilei, deputy)
    an_absence(lilei)
    reopen_case(case.pk, reason="又不排水", actor=customer_of(case))
    assert fresh(case).owner == deputy


def test_the_customer_calls_it_off(lilei):
    case = a_taken_case(lilei)
    with pytest.raises(NotAllowed):
        cancel_case(case.pk, reason="不要了", actor=acting(an_agent("韩梅")))
    cancel_case(case.pk, reason="自己修好了", actor=customer_of(case))
    case = fresh(case)
    assert (case.status, set(case.promises.values_list("outcome", flat=True))) == ("cancelled", {"kept", "cancelled"})


def test_a_waiting_case_is_resolved_with_its_clocks_running_again(lilei):
    case = a_taken_case(lilei)
    pause_case(case.pk, reason="customer", until=MONDAY + timedelta(days=2), consent=True, actor=acting(lilei))
    resolve_case(case.pk, answer="好了", actor=acting(lilei))
    assert fresh(case).status == "resolved"
    assert list(findings()) == []


# --- changed


def test_a_change_keeps_the_old_value_and_refuses_what_cannot_be(lilei):
    case = a_taken_case(lilei)
    change_case(case.pk, values={"severity": 2, "fault_code": "E30"}, revision=case.revision, actor=acting(lilei))
    event = Event.objects.of_case(case.pk).get(type="cases.fields_changed")
    assert event.data["old"]["severity"] is None
    assert event.data["new"] == {"severity": 2, "fault_code": "E30"}
    for values in ({"severity": 5}, {"subject": ""}, {"owner_id": 1}, {"kind": "wish"}, {"address": "x" * 501}):
        with pytest.raises(BadCase) as refusal:
            change_case(case.pk, values=values, revision=None, actor=acting(lilei))
        assert set(refusal.value.fields) == set(values)


def test_the_second_to_save_is_shown_the_difference(lilei):
    case = a_taken_case(lilei)
    seen = case.revision
    change_case(case.pk, values={"subject": "不排水"}, revision=seen, actor=acting(lilei))
    with pytest.raises(ChangedMeanwhile) as refusal:
        change_case(case.pk, values={"subject": "不进水", "severity": 2}, revision=seen, actor=acting(lilei))
    assert refusal.value.theirs == {"subject": "不排水"}
    change_case(case.pk, values={"severity": 2}, revision=seen, actor=acting(lilei))
    assert (fresh(case).subject, fresh(case).severity) == ("不排水", 2)


def test_a_stage_begins_its_promises_and_asks_for_what_must_be_filled(lilei):
    case = a_taken_case(lilei)
    with pytest.raises(BadCase):
        move_to_stage(case.pk, stage="nowhere", actor=acting(lilei))
    with pytest.raises(BadCase) as refusal:
        move_to_stage(case.pk, stage="dispatch", actor=acting(lilei))
    missing = set(refusal.value.fields)
    change_case(case.pk, values=dict.fromkeys(missing, "洗衣机"), revision=None, actor=acting(lilei))
    assert move_to_stage(case.pk, stage="dispatch", actor=acting(lilei)).stage == "dispatch"


# --- said


def test_a_phrase_that_customers_should_not_hear_is_refused_with_better_words(lilei):
    case = a_taken_case(lilei)
    with pytest.raises(ForbiddenPhrase) as refusal:
        write_message(case.pk, body="这个我不清楚", visible=True, in_spite_of_phrases=False, actor=acting(lilei))
    assert "不清楚" in refusal.value.fields["body"]
    assert write_message(case.pk, body="这个我不清楚", visible=True, actor=acting(lilei)).phrases == ["不清楚"]
    assert write_message(case.pk, body="客户说不清楚", visible=False, actor=acting(lilei)).phrases == []


def test_whom_a_note_names_is_told_and_sees_the_case(lilei):
    hanmei = an_agent("韩梅", unit=a_unit(name="别处"))
    case = a_taken_case(lilei)
    assert not Case.objects.visible_to(acting(hanmei)).filter(pk=case.pk).exists()
    write_message(case.pk, body=f"@{hanmei.code} 请看一下", visible=False, actor=acting(lilei))
    assert Case.objects.visible_to(acting(hanmei)).filter(pk=case.pk).exists()
    assert Notice.objects.filter(staff=hanmei, kind="cases.mentioned").count() == 1


def test_an_empty_or_endless_message_is_refused(lilei):
    case = a_taken_case(lilei)
    for body in ("  ", "\x00", "长" * 20_001):
        with pytest.raises(BadCase):
            write_message(case.pk, body=body, visible=True, actor=acting(lilei))


def test_a_stranger_does_not_write_on_the_case_of_another_customer(lilei):
    case = a_taken_case(lilei)
    with pytest.raises(NotFound):
        write_message(case.pk, body="喂", visible=True, actor=customer_actor(a_customer().pk, "李四"))


# --- tied together


def test_a_merge_ends_one_case_tells_both_customers_and_is_undone(lilei):
    case, into = a_taken_case(lilei), a_taken_case(lilei)
    relation = merge_cases(case.pk, into_id=into.pk, actor=acting(lilei))
    assert fresh(case).status == "closed"
    assert into.number in case.messages.order_by("id").last().body
    assert case.number in into.messages.order_by("id").last().body
    with pytest.raises(CaseEnded):
        merge_cases(case.pk, into_id=into.pk, actor=acting(lilei))
    undo_relation(relation.pk, actor=acting(lilei))
    again = fresh(case)
    assert (again.status, again.owner, again.stage) == ("open", lilei, case.stage)
    assert {one.kind for one in again.promises.unended()} == {"next_reply", "resolve"}
    assert not Relation.objects.filter(case=case, ended_at=None).exists()
    assert list(findings()) == []


def test_a_case_is_not_merged_into_itself(lilei):
    case = a_taken_case(lilei)
    with pytest.raises(NotMergeable):
        merge_cases(case.pk, into_id=case.pk, actor=acting(lilei))


def test_a_merge_is_undone_even_when_its_owner_has_gone_away(lilei):
    deputy = an_agent("代理")
    case, into = a_taken_case(lilei), a_taken_case(an_agent("韩梅"))
    relation = merge_cases(case.pk, into_id=into.pk, actor=acting(lilei))
    a_deputy(lilei, deputy)
    an_absence(lilei)
    undo_relation(relation.pk, actor=acting(into.unit.leader))
    assert fresh(case).owner == deputy


def test_a_split_copies_the_chosen_messages_into_a_new_case(lilei):
    case = a_taken_case(lilei)
    message = write_message(case.pk, body="另外冰箱也不制冷", visible=True, actor=customer_of(case))
    opened = split_case(case.pk, subject="冰箱不制冷", message_ids=[message.pk], actor=acting(lilei))
    new = Case.objects.get(pk=opened.case_id)
    assert (new.customer, new.subject) == (case.customer, "冰箱不制冷")
    assert new.messages.get().body == "另外冰箱也不制冷"
    assert Relation.objects.get(case=new).kind == "split_from"
    assert case.messages.filter(pk=message.pk).exists()
    with pytest.raises(BadCase):
        split_case(case.pk, subject="x", message_ids=[new.messages.get().pk], actor=acting(lilei))


def test_a_promise_that_a_person_gives_lies_ahead(lilei):
    case = a_taken_case(lilei)
    for due_at in (MONDAY, MONDAY - timedelta(days=1), MONDAY + timedelta(days=367)):
        with pytest.raises(BadCase):
            give_promise(case.pk, kind="arrive", due_at=due_at, told=True, actor=acting(lilei))
