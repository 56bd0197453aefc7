"""Plain SQL that tries to break an invariant, run as the application's own role: each attack is refused at commit.

Every row names the guards that refuse it. A second test drops just those guards and sees the same attack succeed, so that no
guard is there for show; a third proves that no guard of the heart's tables lacks an attack.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.actions.progressing import close_case, resolve_case
from jieli.cases.actions.promises import pause_case
from jieli.cases.actions.relating import relate_cases
from jieli.cases.actions.sweeping import sweep
from jieli.cases.tests.factories import a_case, a_taken_case, an_agent
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY, a_unit, acting

pytestmark = pytest.mark.django_db(transaction=True)

HEART = (
    "events_event",
    "events_eventtext",
    "events_companyclock",
    "events_anchor",
    "cases_case",
    "cases_message",
    "cases_pass",
    "cases_promise",
    "cases_segment",
    "cases_alarm",
    "cases_relation",
    "cases_heldby",
)


def _event(stream_id: str, type_: str = "cases.noted", data: str = "{{}}", actor: str = "'system', null, 'x'") -> str:
    return (
        "insert into events_event (stream, stream_id, sequence, actor_kind, actor_id, actor_name, type, data, previous, hash) "
        f"values ('case', {stream_id}, 0, {actor}, '{type_}', '{data}', '', '')"
    )


E = _event("{case}")
LAST = "(select max(id) from events_event)"
PROMISE = (
    "insert into cases_promise (case_id, kind, started_at, mode, target, calendar, calendar_unit_id, segments, due_at, "
    "holds_until, policy, rule, facts, told_how, by_import, next_alarm_at, outcome, reason) "
    "select {where}, '{kind}', company_now(), '{mode}', {target}, 'always', unit_id, 0, {due}, {holds}, '', 'x', '{{}}', '', "
    "false, {alarm}, '', '' from cases_case where id = {{case}}"
)
DEFAULTS = {
    "where": "{case}",
    "kind": "arrive",
    "mode": "minutes",
    "target": "60",
    "due": "company_now() + interval '1 hour'",
    "holds": "company_now() + interval '2 hours'",
    "alarm": "company_now() + interval '30 minutes'",
}


def _promise(**values: str) -> str:
    return PROMISE.format(**{**DEFAULTS, **values}).replace("{{", "{").replace("}}", "}").replace("'{}'", "'{{}}'")


def _offer(**values: str) -> str:
    given = {
        "case_id": "{case}",
        "way": "'pass'",
        "giver_id": "{owner}",
        "receiver_id": "{other}",
        "done": "'x'",
        "next": "'y'",
        "promised": "''",
        "candidates": "'[]'",
        "explanation": "''",
        "state": "'offered'",
        "offered_at": "company_now()",
        "restatement": "''",
        "reason": "''",
        "decision": "''",
        "decision_text": "''",
        **values,
    }
    return f"insert into cases_pass ({', '.join(given)}) values ({', '.join(given.values())})"


def _settle(state: str, more: str = "") -> str:
    return (
        f"update cases_pass set state = '{state}', settled_at = company_now(), settled_event_id = {LAST}{more} "
        "where id = {offer}"
    )


P = _event("{passed}")

LONELY = ("cases_message where case_id", "cases_promise where case_id", "cases_case where id")

# name: (guards that refuse it, statements)
ATTACKS: dict[str, tuple[str, list[str]]] = {
    # events: nothing that happened is forgotten
    "edit an event": (
        "privilege:events_event:update trigger:events_event:never_changed",
        ["update events_event set type = 'x'"],
    ),
    "delete an event": (
        "privilege:events_event:delete trigger:events_event:never_changed",
        ["delete from events_event where id = (select id from events_event where type = 'cases.steward_named' limit 1)"],
    ),
    "truncate the events": (
        "privilege:events_event:truncate privilege:events_eventtext:truncate privilege:cases_case:truncate "
        "privilege:cases_pass:truncate privilege:cases_segment:truncate privilege:*:truncate "
        "trigger:events_event:never_truncated",
        ["truncate events_event cascade"],
    ),
    "forge the number and hash of an event": (
        "trigger:events_event:events_chain",
        [E.replace(" 0,", " 77,"), "select 1 / (count(*)::int) from events_event where sequence = 77"],
    ),
    "an event by nobody": (
        "check:events_event:events_actor_kind check:events_event:events_actor_known",
        [_event("{case}", actor="'ghost', null, 'x'")],
    ),
    "an event by a person without a name": (
        "check:events_event:events_actor_known",
        [_event("{case}", actor="'staff', null, ''")],
    ),
    "two events with one number": (
        "trigger:events_event:events_chain unique:events_event:events_one_per_sequence",
        [*[E.replace(" 0,", " 77,")] * 2, "select 1 / (count(*)::int) from events_event where sequence = 77"],
    ),
    "edit a text of an event": (
        "trigger:events_eventtext:only_erased",
        ["update events_eventtext set body = 'x' where erased_at is null"],
    ),
    "delete a text of an event": (
        "privilege:events_eventtext:delete trigger:events_eventtext:only_erased",
        ["delete from events_eventtext"],
    ),
    "half erase a text": (
        "check:events_eventtext:events_text_erased_whole trigger:events_eventtext:only_erased",
        ["update events_eventtext set erased_at = company_now()"],
    ),
    "the same text twice": (
        "unique:events_eventtext:events_text_once",
        [
            "insert into events_eventtext (event_id, field, key, body) select event_id, field, key, 'x' from events_eventtext limit 1"
        ],
    ),
    "turn the company clock back": (
        "trigger:events_companyclock:only_forward",
        ["update events_companyclock set shift = '-1 day'"],
    ),
    "move the clock of a production": (
        "check:events_companyclock:events_clock_real_stands privilege:events_companyclock:update",
        ["update events_companyclock set mode = 'real', shift = '1 day'"],
    ),
    "a second company clock": (
        "check:events_companyclock:events_clock_single",
        ["insert into events_companyclock (id, mode, shift) values (2, 'demo', '0')"],
    ),
    "edit an anchor": (
        "privilege:events_anchor:update trigger:events_anchor:anchor_never_changed",
        ["update events_anchor set chains = 0"],
    ),
    "a second anchor for a day": (
        "unique:events_anchor:events_anchor_on_key",
        ['insert into events_anchor ("on", last_event_id, chains, hash) select "on", 0, 0, hash from events_anchor'],
    ),
    # invariant 1: one owner
    "an open case without an owner": (
        "notnull:cases_case:owner_id trigger:cases_case:cases_case_changed trigger:cases_case:cases_owner_changed",
        [E, "update cases_case set owner_id = null where id = {case}"],
    ),
    "another owner by none of the ways": (
        "trigger:cases_case:cases_case_changed",
        [E, "update cases_case set owner_id = {other} where id = {case}"],
    ),
    "another owner by a pass that nobody accepted": (
        "trigger:cases_case:cases_case_changed",
        [
            _event("{case}", "cases.pass_accepted", '{{"owner_id": {other}}}'),
            f"update cases_case set owner_id = {{other}}, owner_event_id = {LAST} where id = {{case}}",
        ],
    ),
    "take a case that was taken": (
        "trigger:cases_case:cases_case_changed",
        [
            _event("{case}", "cases.taken", '{{"owner_id": {other}}}'),
            f"update cases_case set owner_id = {{other}}, owner_event_id = {LAST} where id = {{case}}",
        ],
    ),
    "an import by a person": (
        "trigger:cases_case:cases_case_changed",
        [
            _event("{case}", "cases.pass_imported", '{{"owner_id": {other}}}', "'staff', {owner}, ''"),
            f"update cases_case set owner_id = {{other}}, owner_event_id = {LAST} where id = {{case}}",
        ],
    ),
    "a case in a unit that is not its owner's": (
        "trigger:cases_case:cases_case_changed",
        [E, "update cases_case set unit_id = {elsewhere} where id = {case}"],
    ),
    "a new owner while an offer of the old one is open": (
        "trigger:cases_case:cases_owner_changed",
        [
            _event("{passed}", "cases.taken_over", '{{"owner_id": {third}}}'),
            f"update cases_case set owner_id = {{third}}, owner_event_id = {LAST} where id = {{passed}}",
        ],
    ),
    "deactivate an owner of open cases": (
        "trigger:people_staff:cases_staff_leaves",
        ["update people_staff set is_active = false where id = {owner}"],
    ),
    "deactivate one who has a pass to answer": (
        "trigger:people_staff:cases_staff_leaves",
        ["update people_staff set is_active = false where id = {other}"],
    ),
    "change a case without an event": (
        "trigger:cases_case:cases_case_changed",
        ["update cases_case set severity = 1 where id = {case}"],
    ),
    "a new case without an event": (
        "trigger:cases_case:cases_case_made",
        [
            "insert into cases_case (kind, service_type, subject, description, customer_id, product_line, fault_code, address, "
            "tags, custom, channel, language, source, source_key, status, stage, route, unit_id, owner_id, owner_event_id, "
            "is_on_duty, steward_id, is_steward_provisional, landing, opened_at, reopened, passes, revision, tracking_digest) "
            "select kind, service_type, subject, description, customer_id, product_line, fault_code, address, tags, custom, "
            "channel, language, '', '', status, stage, route, unit_id, owner_id, owner_event_id, is_on_duty, steward_id, "
            "is_steward_provisional, landing, opened_at, 0, 0, 1, 'x' from cases_case where id = {case}"
        ],
    ),
    "delete a case": (
        "privilege:cases_case:delete trigger:cases_case:cases_case_kept trigger:cases_message:cases_message_kept "
        "trigger:cases_promise:cases_promise_kept",
        [f"delete from {table} = {{lonely}}" for table in LONELY],
    ),
    # invariant 2: the giver runs on
    "two pending passes": ("unique:cases_pass:cases_one_pending_pass", [P, _offer(case_id="{passed}", receiver_id="{third}")]),
    "a pass from somebody who is not the owner": (
        "trigger:cases_pass:cases_pass_changed",
        [E, _offer(giver_id="{third}")],
    ),
    "a pass to oneself": ("check:cases_pass:cases_pass_to_another", [E, _offer(receiver_id="{owner}")]),
    "a person's pass with the reasons of a rule": (
        "check:cases_pass:cases_pass_reasons_of_rule",
        [P, _offer(reasons="'{{}}'")],
    ),
    "a pass without an event": ("trigger:cases_pass:cases_pass_changed", [_offer()]),
    "a pass that begins accepted": (
        "trigger:cases_pass:cases_pass_once trigger:cases_pass:cases_pass_changed",
        [E, _offer(state="'accepted'", restatement="'x'", settled_at="company_now()", settled_event_id=LAST)],
    ),
    "accept without taking the case": (
        "trigger:cases_pass:cases_pass_changed",
        [P, _settle("accepted", ", restatement = 'x'")],
    ),
    "accept without a restatement": (
        "check:cases_pass:cases_pass_accepted_restates trigger:cases_pass:cases_pass_changed",
        [P, _settle("accepted")],
    ),
    "decline without a reason": ("check:cases_pass:cases_pass_declined_reason", [P, _settle("declined")]),
    "settle by the event of another case": ("trigger:cases_pass:cases_pass_changed", [P, E, _settle("withdrawn")]),
    "settle without an event": (
        "check:cases_pass:cases_pass_settled_has_event trigger:cases_pass:cases_pass_changed",
        [P, "update cases_pass set state = 'withdrawn' where id = {offer}"],
    ),
    "a settled pass is opened again": (
        "trigger:cases_pass:cases_pass_once",
        [_event("{closed}"), "update cases_pass set restatement = 'better words' where id = {settled}"],
    ),
    "another receiver for an offer": (
        "trigger:cases_pass:cases_pass_once",
        [P, "update cases_pass set receiver_id = {third} where id = {offer}"],
    ),
    "a decision on a pass that went sideways": (
        "check:cases_pass:cases_pass_upward_decided",
        [P, _settle("decided", ", decision = 'approved'")],
    ),
    "a proposal without options": ("check:cases_pass:cases_pass_upward_proposes", [E, _offer(way="'upward'")]),
    "a decision of another word": (
        "check:cases_pass:cases_pass_decision_known check:cases_pass:cases_pass_upward_decided",
        [P, _settle("decided", ", decision = 'perhaps'")],
    ),
    "a state of another word": ("check:cases_pass:cases_pass_state_known", [P, _settle("lost")]),
    "a way of another word": ("check:cases_pass:cases_pass_way_known", [E, _offer(way="'throw'")]),
    "delete a pass": (
        "privilege:cases_pass:delete trigger:cases_pass:cases_pass_kept trigger:cases_promise:cases_promise_kept",
        ["delete from cases_promise where offer_id = {settled}", "delete from cases_pass where id = {settled}"],
    ),
    # invariant 3: there is always a next time
    "end the last promise": (
        "trigger:cases_promise:cases_promise_changed",
        [
            E,
            "update cases_promise set ended_at = company_now(), outcome = 'cancelled', reason = 'x' where case_id = {case} and ended_at is null",
        ],
    ),
    "leave only what colleagues ask each other": (
        "trigger:cases_promise:cases_promise_changed",
        [
            E,
            _promise(kind="internal_answer"),
            "update cases_promise set ended_at = company_now(), outcome = 'cancelled', reason = 'x' "
            "where case_id = {case} and ended_at is null and kind <> 'internal_answer'",
        ],
    ),
    "close with a promise still running": (
        "trigger:cases_case:cases_case_changed",
        [E, "update cases_case set status = 'closed', closed_at = company_now() where id = {case}"],
    ),
    "reopen without a promise": (
        "trigger:cases_case:cases_case_changed",
        [_event("{closed}"), "update cases_case set status = 'open', closed_at = null, resolved_at = null where id = {closed}"],
    ),
    "a promise on a closed case": (
        "trigger:cases_promise:cases_promise_made",
        [_event("{closed}"), _promise(where="{closed}")],
    ),
    "a promise without an event": ("trigger:cases_promise:cases_promise_made", [_promise(kind="payout")]),
    "patch a due time": (
        "trigger:cases_promise:cases_promise_as_made",
        [
            E,
            "update cases_promise set due_at = due_at + interval '1 day', holds_until = holds_until + interval '1 day' where case_id = {case} and ended_at is null",
        ],
    ),
    "patch the start of a promise": (
        "trigger:cases_promise:cases_promise_as_made",
        [E, "update cases_promise set started_at = started_at + interval '1 hour' where case_id = {case} and ended_at is null"],
    ),
    "un-end a promise": (
        "trigger:cases_promise:cases_promise_as_made",
        [
            E,
            "update cases_promise set ended_at = null, outcome = '', next_alarm_at = due_at where case_id = {case} and kind = 'accept'",
        ],
    ),
    "take a breach back": (
        "trigger:cases_promise:cases_promise_as_made",
        [
            _event("{broken}"),
            "update cases_promise set breached_at = null, next_alarm_at = due_at where case_id = {broken} and breached_at is not null and ended_at is null",
        ],
    ),
    "count a segment that is not there": (
        "trigger:cases_promise:cases_promise_changed",
        [
            E,
            "update cases_promise set segments = segments + 1, due_at = due_at + interval '1 hour', holds_until = holds_until + interval '1 hour' where case_id = {case} and kind = 'resolve'",
        ],
    ),
    "call a late promise kept": (
        "check:cases_promise:cases_promise_outcome",
        [
            _event("{broken}"),
            "update cases_promise set ended_at = company_now(), outcome = 'kept' where case_id = {broken} and breached_at is not null",
        ],
    ),
    "a promise that nobody watches": (
        "check:cases_promise:cases_promise_watched",
        ["update cases_promise set next_alarm_at = null where case_id = {case} and ended_at is null"],
    ),
    "two promises of one kind": ("unique:cases_promise:cases_one_running_of_kind", [E, _promise(kind="resolve")]),
    "a promise of another kind": ("check:cases_promise:cases_promise_kind_known", [E, _promise(kind="wish")]),
    "a promise without a target": (
        "check:cases_promise:cases_promise_target_given",
        [E, _promise(kind="payout", target="null")],
    ),
    "a promise that holds shorter than it is due": (
        "check:cases_promise:cases_promise_grace",
        [E, _promise(kind="payout", holds="company_now()")],
    ),
    "delete a promise": (
        "privilege:cases_promise:delete trigger:cases_promise:cases_promise_kept",
        ["delete from cases_promise where case_id = {case} and kind = 'accept'"],
    ),
    # pauses
    "shorten a pause": (
        "privilege:cases_segment:update trigger:cases_segment:cases_segment_append",
        ["update cases_segment set until = until - interval '1 hour'"],
    ),
    "shorten a pause in its cache": (
        "trigger:cases_promise:cases_promise_as_made",
        [
            _event("{paused}"),
            "update cases_promise set paused_until = paused_until - interval '1 hour' where case_id = {paused} and paused_until is not null",
        ],
    ),
    "a pause beyond its due time": (
        "check:cases_promise:cases_promise_pause_open trigger:cases_promise:cases_promise_as_made",
        [
            _event("{paused}"),
            "update cases_promise set paused_until = due_at + interval '1 hour' where case_id = {paused} and paused_until is not null",
        ],
    ),
    "delete a pause": (
        "privilege:cases_segment:delete trigger:cases_segment:cases_segment_append",
        ["delete from cases_segment"],
    ),
    "a pause without consent": (
        "check:cases_segment:cases_pause_agreed",
        [
            _event("{paused}"),
            "insert into cases_segment (promise_id, sequence, kind, at, until, reason, consent, mode, calendar, policy, rule, facts, event_id) "
            "select promise_id, 2, 'pause', at, until, reason, false, '', '', '', '', '{{}}', "
            + LAST
            + " from cases_segment limit 1",
        ],
    ),
    "a segment of another word": (
        "check:cases_segment:cases_segment_kind",
        [
            _event("{paused}"),
            "insert into cases_segment (promise_id, sequence, kind, at, reason, consent, mode, calendar, policy, rule, facts, event_id) "
            "select promise_id, 2, 'forget', at, '', false, '', '', '', '', '{{}}', " + LAST + " from cases_segment limit 1",
        ],
    ),
    "a segment out of its place": (
        "trigger:cases_segment:cases_segment_append",
        [
            _event("{paused}"),
            "insert into cases_segment (promise_id, sequence, kind, at, reason, consent, mode, calendar, policy, rule, facts, event_id) "
            "select promise_id, 9, 'resume', at, '', false, '', '', '', '', '{{}}', " + LAST + " from cases_segment limit 1",
        ],
    ),
    "the same segment twice": (
        "trigger:cases_segment:cases_segment_append unique:cases_segment:cases_segment_once",
        [
            _event("{paused}"),
            "insert into cases_segment (promise_id, sequence, kind, at, reason, consent, mode, calendar, policy, rule, facts, event_id) "
            "select promise_id, 1, 'resume', at, '', false, '', '', '', '', '{{}}', " + LAST + " from cases_segment limit 1",
        ],
    ),
    # what was said, seen and tied
    "edit a message": (
        "trigger:cases_message:cases_message_as_said",
        ["update cases_message set body = 'x' where case_id = {case}"],
    ),
    "a message without an event": (
        "trigger:cases_message:cases_message_made",
        [
            "insert into cases_message (case_id, direction, author_kind, body, key, channel, source_id, phrases, at) values ({case}, 'out', 'system', 'x', gen_random_uuid(), '', '', '{{}}', company_now())"
        ],
    ),
    "an empty message": (
        "check:cases_message:cases_message_said",
        [
            E,
            "insert into cases_message (case_id, direction, author_kind, body, key, channel, source_id, phrases, at) values ({case}, 'out', 'system', '', gen_random_uuid(), '', '', '{{}}', company_now())",
        ],
    ),
    "a message without its key": (
        "check:cases_message:cases_message_erased_whole",
        [
            E,
            "insert into cases_message (case_id, direction, author_kind, body, key, channel, source_id, phrases, at) values ({case}, 'out', 'system', 'x', null, '', '', '{{}}', company_now())",
        ],
    ),
    "a message to nowhere": (
        "check:cases_message:cases_message_direction",
        [
            E,
            "insert into cases_message (case_id, direction, author_kind, body, key, channel, source_id, phrases, at) values ({case}, 'up', 'system', 'x', gen_random_uuid(), '', '', '{{}}', company_now())",
        ],
    ),
    "one mail, two messages": (
        "unique:cases_message:cases_message_once",
        [E]
        + [
            "insert into cases_message (case_id, direction, author_kind, body, key, channel, source_id, phrases, at) values ({case}, 'in', 'system', 'x', gen_random_uuid(), 'email', '<1@x>', '{{}}', company_now())"
        ]
        * 2,
    ),
    "delete a message": (
        "privilege:cases_message:delete trigger:cases_message:cases_message_kept",
        ["delete from cases_message where case_id = {case}"],
    ),
    "edit an alarm": (
        "privilege:cases_alarm:update trigger:cases_alarm:cases_alarm_kept",
        ["update cases_alarm set noticed_at = due_at"],
    ),
    "ring the same alarm twice": (
        "unique:cases_alarm:cases_alarm_once",
        [
            "insert into cases_alarm (promise_id, share, due_at, noticed_at) select promise_id, share, due_at, noticed_at from cases_alarm limit 1"
        ],
    ),
    "forget which unit held it": (
        "privilege:cases_heldby:delete trigger:cases_heldby:cases_heldby_kept",
        ["delete from cases_heldby"],
    ),
    "hold it twice": (
        "unique:cases_heldby:cases_held_once",
        ["insert into cases_heldby (case_id, unit_id) select case_id, unit_id from cases_heldby limit 1"],
    ),
    "tie without an event": (
        "trigger:cases_relation:cases_relation_changed",
        [
            "insert into cases_relation (case_id, other_id, kind, snapshot, at) values ({case}, {passed}, 'child_of', '{{}}', company_now())"
        ],
    ),
    "tie a case to itself": (
        "check:cases_relation:cases_relation_to_another",
        [
            E,
            "insert into cases_relation (case_id, other_id, kind, snapshot, at) values ({case}, {case}, 'child_of', '{{}}', company_now())",
        ],
    ),
    "a tie of another word": (
        "check:cases_relation:cases_relation_kind",
        [
            E,
            "insert into cases_relation (case_id, other_id, kind, snapshot, at) values ({case}, {passed}, 'cousin', '{{}}', company_now())",
        ],
    ),
    "tie twice": (
        "unique:cases_relation:cases_relation_once",
        [
            _event("{broken}"),
            "insert into cases_relation (case_id, other_id, kind, snapshot, at) select case_id, other_id, kind, '{{}}', at from cases_relation",
        ],
    ),
    "merge into two": (
        "unique:cases_relation:cases_merged_into_one",
        [E]
        + [
            f"insert into cases_relation (case_id, other_id, kind, snapshot, at) values ({{case}}, {{{other}}}, 'duplicate_of', '{{{{}}}}', company_now())"
            for other in ("passed", "broken")
        ],
    ),
    "delete a tie": (
        "privilege:cases_relation:delete trigger:cases_relation:cases_relation_kept",
        ["delete from cases_relation"],
    ),
    # words that nobody knows
    "a kind of another word": ("check:cases_case:cases_kind_known", [E, "update cases_case set kind = 'x' where id = {case}"]),
    "a status of another word": (
        "check:cases_case:cases_status_known check:cases_case:cases_ended_when_closed trigger:cases_case:cases_case_changed",
        [E, "update cases_case set status = 'x' where id = {case}"],
    ),
    "a stage of another word": (
        "check:cases_case:cases_stage_known",
        [E, "update cases_case set stage = 'x' where id = {case}"],
    ),
    "a channel of another word": (
        "check:cases_case:cases_channel_known",
        [E, "update cases_case set channel = 'x' where id = {case}"],
    ),
    "a severity of five": (
        "check:cases_case:cases_severity_known",
        [E, "update cases_case set severity = 5 where id = {case}"],
    ),
    "a service of another word": (
        "check:cases_case:cases_service_type_known",
        [E, "update cases_case set service_type = 'x' where id = {case}"],
    ),
    "closed without a time": (
        "check:cases_case:cases_ended_when_closed",
        [_event("{closed}"), "update cases_case set closed_at = null where id = {closed}"],
    ),
    "resolved without a time": (
        "check:cases_case:cases_resolved_has_time",
        [E, "update cases_case set status = 'resolved', resolved_at = null where id = {case}"],
    ),
    "a case about nothing": (
        "check:cases_case:cases_subject_given",
        [E, "update cases_case set subject = '' where id = {case}"],
    ),
    "the same foreign case twice": (
        "unique:cases_case:cases_once_per_source",
        [E, P, "update cases_case set source = 's', source_key = '1' where id in ({case}, {passed})"],
    ),
}


@dataclass(frozen=True)
class World:
    """Ids which attacks name in braces."""

    ids: dict[str, int]
    at: datetime

    def fill(self, sql: str) -> str:
        return sql.format(**self.ids)


@pytest.fixture
def world():
    with clock.frozen(MONDAY):
        owner, other, third = an_agent("李雷"), an_agent("韩梅"), an_agent("周强")
        broken = a_case()
    with clock.frozen(MONDAY + timedelta(minutes=40)):
        sweep()
    with clock.frozen(MONDAY + timedelta(hours=1)):
        case, passed, paused, closed = (a_taken_case(owner) for _ in range(4))
        elsewhere, lonely = a_unit(), a_case()
        offer = offer_pass(passed.pk, to=other, done="问过", next="约上门", actor=acting(owner))
        settled = offer_pass(closed.pk, to=other, done="问过", next="约上门", actor=acting(owner))
        accept_pass(settled.pk, restatement="要上门", actor=acting(other))
        resolve_case(closed.pk, answer="好了", actor=acting(other))
        close_case(closed.pk, actor=acting(other))
        pause_case(paused.pk, reason="customer", until=MONDAY + timedelta(days=2), consent=True, actor=acting(owner))
        relate_cases(broken.pk, other_id=case.pk, kind="child_of", actor=SYSTEM)
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into events_anchor (\"on\", last_event_id, chains, hash) values ('2026-11-23', 1, 1, '\\x00')"
            )
        yield World(
            {
                "case": case.pk,
                "passed": passed.pk,
                "paused": paused.pk,
                "closed": closed.pk,
                "broken": broken.pk,
                "lonely": lonely.pk,
                "offer": offer.pk,
                "settled": settled.pk,
                "owner": owner.pk,
                "other": other.pk,
                "third": third.pk,
                "elsewhere": elsewhere.pk,
            },
            clock.now(),
        )


def _attack(run: Callable[[str], object], world: World, statements: list[str]) -> None:
    for sql in statements:
        run(world.fill(sql))
    run("set constraints all immediate")


REFUSALS = (
    psycopg.errors.IntegrityError,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.DivisionByZero,
)


def test_every_attack_of_the_applications_role_is_refused(world, subtests):
    """One world for all: a refused transaction leaves nothing behind."""
    for name, (_guards, statements) in ATTACKS.items():
        with subtests.test(name), connection.cursor() as cursor:
            with pytest.raises(DatabaseError) as refusal, transaction.atomic():
                _attack(cursor.execute, world, statements)
            assert isinstance(refusal.value.__cause__, REFUSALS), refusal.value


def test_without_its_guards_every_attack_succeeds(world, owner_connection, subtests):
    """The owner drops an attack's guards, attacks and takes everything back, each in one transaction."""
    for name, (guards, statements) in ATTACKS.items():
        with subtests.test(name), owner_connection.transaction(force_rollback=True):
            owner_connection.execute("select set_config('jieli.frozen_at', %s, true)", [world.at.isoformat()])
            for guard in guards.split():
                _drop(owner_connection, guard)
            _attack(owner_connection.execute, world, statements)


def test_the_harmless_is_not_refused(world):
    """The attacks fail for what they do, not for how they are run."""
    with connection.cursor() as cursor, transaction.atomic():
        _attack(cursor.execute, world, [E, "update cases_case set severity = 1 where id = {case}"])


def _drop(owner: psycopg.Connection, guard: str) -> None:
    kind, table, name = guard.split(":")
    if kind == "trigger":
        owner.execute(f"drop trigger {trigger_name(owner, table, name)} on {table}")
    elif kind == "notnull":
        owner.execute(f"alter table {table} alter column {name} drop not null")
    elif kind == "unique" and is_index(owner, name):
        owner.execute(f"drop index {name}")
    elif kind in ("check", "unique"):
        owner.execute(f"alter table {table} drop constraint {name}")
    # A privilege is none for the owner: there is nothing to drop.


def trigger_name(owner: psycopg.Connection, table: str, name: str) -> str:
    """Return the trigger's name in the database: declared ones carry a prefix and a digest."""
    row = owner.execute(
        "select tgname from pg_trigger where tgrelid = %s::regclass and not tgisinternal and (tgname = %s or tgname like %s)",
        [table, name, f"pgtrigger\\_{name}\\_%"],
    ).fetchone()
    assert row is not None, f"{table} has no trigger {name}"
    return str(row[0])


def is_index(owner: psycopg.Connection, name: str) -> bool:
    """Tell whether a uniqueness is a bare index (it has a condition) or a constraint."""
    return owner.execute("select 1 from pg_constraint where conname = %s", [name]).fetchone() is None


def test_every_guard_of_the_heart_has_an_attack(owner_connection):
    named = {guard for guards, _ in ATTACKS.values() for guard in guards.split()}
    attacked = {guard.split(":", 1)[1] for guard in named}
    missing = []
    for table, kind, name in owner_connection.execute(
        """
        select c.relname, 'trigger', t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
          where not t.tgisinternal and (c.relname = any(%(heart)s) or t.tgname like 'cases%%')
        union all
        select c.relname, 'check', k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid
          where k.contype = 'c' and k.conname not like '%%\\_check' and c.relname = any(%(heart)s)
        union all
        select c.relname, 'unique', i.relname from pg_index x join pg_class i on i.oid = x.indexrelid
          join pg_class c on c.oid = x.indrelid where x.indisunique and not x.indisprimary and c.relname = any(%(heart)s)
        """,
        {"heart": list(HEART)},
    ).fetchall():
        plain = name
        if name.startswith("pgtrigger_"):
            plain = name.removeprefix("pgtrigger_").rsplit("_", 1)[0]
        if f"{table}:{plain}" not in attacked and plain not in UNATTACKED:
            missing.append(f"{kind}:{table}:{plain}")
    assert missing == []


# What keeps a cache or a key rather than an invariant; `verify` compares the caches.
UNATTACKED = {
    "cases_next_due_made",
    "cases_next_due_changed",
}
