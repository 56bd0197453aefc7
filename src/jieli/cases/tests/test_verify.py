"""`jieli verify` finds what the owner of the tables alone could do behind the triggers' back."""

from datetime import timedelta

import pytest

from jieli.cases.actions.promises import pause_case
from jieli.cases.queries.verifying import findings
from jieli.cases.tests.factories import a_case, a_taken_case, an_agent
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY, acting

GUARDED = ("events_event", "cases_case", "cases_promise", "cases_message", "people_staff")

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sound_database_has_no_findings():
    with clock.frozen(MONDAY):
        lilei = an_agent()
        case = a_taken_case(lilei)
        pause_case(case.pk, reason="customer", until=MONDAY + timedelta(days=1), consent=True, actor=acting(lilei))
        assert list(findings()) == []


@pytest.mark.parametrize(
    ("forgery", "rule"),
    [
        ("update events_event set data = data || '{\"channel\": \"phone\"}' where type = 'cases.opened'", "chain"),
        ("delete from events_event where type = 'cases.steward_named'", "chain"),
        ("update events_head set sequence = 99 where stream = 'case'", "head"),
        ("update cases_promise set due_at = due_at + interval '1 hour'", "due_derived"),
        ("update cases_case set next_due_at = next_due_at + interval '1 day'", "next_due_cache"),
        ("update cases_promise set ended_at = company_now(), outcome = 'cancelled', reason = 'x'", "next_time"),
        ("update people_staff set is_active = false", "one_owner"),
        ("update cases_message set body = 'something else'", "messages_vouched"),
        ("update cases_case set status = 'closed', closed_at = company_now()", "ended_has_ended"),
        ("update cases_promise set breached_at = company_now()", "breach_once"),
        ("update cases_heldby set is_past = not is_past", "held_past"),
        ("drop trigger cases_promise_made on cases_promise", "guards"),
    ],
)
def test_a_forgery_behind_the_triggers_is_found(forgery, rule, owner_connection):
    with clock.frozen(MONDAY):
        a_taken_case(an_agent())
        a_case()
        for table in GUARDED:
            owner_connection.execute(f"alter table {table} disable trigger user")
        owner_connection.execute(forgery)
        for table in GUARDED:
            owner_connection.execute(f"alter table {table} enable trigger user")
        assert rule in {finding.rule for finding in findings()}


def test_a_guard_that_is_switched_off_is_found(owner_connection):
    owner_connection.execute("alter table cases_case disable trigger cases_case_changed")
    assert [finding.where for finding in findings()] == ["cases_case.cases_case_changed"]
