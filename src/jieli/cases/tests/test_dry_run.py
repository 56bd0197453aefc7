"""A draft of the promises is tried on a past month."""

from datetime import date, timedelta

import pytest

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.promises import reply_after_breach, retarget_to, start_promise
from jieli.cases.queries.dry_run import replay_month
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY, acting, an_administrator
from jieli.policies.actions import draft_version
from jieli.policies.models import PolicyVersion

pytestmark = pytest.mark.django_db


def test_a_shorter_first_reply_turns_a_kept_promise_late():
    agent = an_agent()
    case = a_taken_case(agent)
    with clock.frozen(MONDAY + timedelta(minutes=20)):
        write_message(case.pk, body="明天上门", visible=True, actor=acting(agent))
        first = PolicyVersion.objects.get(name="promises", number=1)
        source = first.source.replace('name = "service-first-reply"', 'name = "service-first-reply"')
        lines, shortened = [], False
        for line in source.splitlines():
            lines.append("target = 10" if shortened and line.startswith("target") else line)
            shortened = 'promise = "first_reply"' in line or (shortened and not line.startswith("target"))
        draft = draft_version("promises", source="\n".join(lines), actor=an_administrator())
        rows = {row.promise_kind: row for row in replay_month(draft, date(2026, 11, 1))}
        reply = rows["first_reply"]
        assert (reply.old_verdict, reply.new_verdict) == ("kept", "late")
        assert reply.new_due == MONDAY + timedelta(minutes=10)
        assert not rows["accept"].is_changed
        assert reply.case_number == case.number


def test_a_draft_that_changes_nothing_changes_no_promise_of_whatever_start():
    agent = an_agent()
    answered, broken = a_taken_case(agent), a_taken_case(agent)
    with clock.frozen(MONDAY + timedelta(minutes=20)):
        write_message(answered.pk, body="明天上门", visible=True, actor=acting(agent))
        start_promise(broken, reply_after_breach(broken), actor=acting(agent), at=clock.now())
        source = PolicyVersion.objects.get(name="promises", number=1).source
        rows = list(replay_month(draft_version("promises", source=source, actor=an_administrator()), date(2026, 11, 1)))
    assert {"service-next-reply", "after-breach", "service-resolve"} <= {row.old_rule for row in rows}
    assert [(row.old_rule, row.new_rule) for row in rows if row.is_changed or row.old_rule != row.new_rule] == []


def test_a_time_that_no_rule_made_is_not_tried():
    agent = an_agent()
    case = a_taken_case(agent)
    with clock.frozen(MONDAY + timedelta(minutes=20)):
        resolve = case.promises.unended().get(kind="resolve")
        retarget_to(resolve, MONDAY + timedelta(hours=3), rule="appointment", actor=acting(agent), at=clock.now())
        source = PolicyVersion.objects.get(name="promises", number=1).source
        rows = replay_month(draft_version("promises", source=source, actor=an_administrator()), date(2026, 11, 1))
        assert "resolve" not in {row.promise_kind for row in rows}
