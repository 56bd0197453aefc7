"""A draft of the promises is tried on a past month."""

from datetime import date, timedelta

import pytest

from jieli.cases.actions.conversing import write_message
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
