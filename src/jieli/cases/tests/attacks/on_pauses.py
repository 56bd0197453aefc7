"""Pauses: agreed, kept in order, never beyond the time promised."""

from jieli.cases.tests.attacks.statements import LAST, Attacks, event

PAUSES: Attacks = {
    "shorten a pause": (
        "privilege:cases_segment:update trigger:cases_segment:cases_segment_append",
        ["update cases_segment set until = until - interval '1 hour'"],
    ),
    "shorten a pause in its cache": (
        "trigger:cases_promise:cases_promise_as_made",
        [
            event("{paused}"),
            "update cases_promise set paused_until = paused_until - interval '1 hour' where case_id = {paused} and paused_until is not null",
        ],
    ),
    "a pause beyond its due time": (
        "check:cases_promise:cases_promise_pause_open trigger:cases_promise:cases_promise_as_made",
        [
            event("{paused}"),
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
            event("{paused}"),
            "insert into cases_segment (promise_id, sequence, kind, at, until, reason, consent, mode, calendar, policy, rule, facts, event_id) "
            "select promise_id, 2, 'pause', at, until, reason, false, '', '', '', '', '{{}}', "
            + LAST
            + " from cases_segment limit 1",
        ],
    ),
    "a segment of another word": (
        "check:cases_segment:cases_segment_kind",
        [
            event("{paused}"),
            "insert into cases_segment (promise_id, sequence, kind, at, reason, consent, mode, calendar, policy, rule, facts, event_id) "
            "select promise_id, 2, 'forget', at, '', false, '', '', '', '', '{{}}', " + LAST + " from cases_segment limit 1",
        ],
    ),
    "a segment out of its place": (
        "trigger:cases_segment:cases_segment_append",
        [
            event("{paused}"),
            "insert into cases_segment (promise_id, sequence, kind, at, reason, consent, mode, calendar, policy, rule, facts, event_id) "
            "select promise_id, 9, 'resume', at, '', false, '', '', '', '', '{{}}', " + LAST + " from cases_segment limit 1",
        ],
    ),
    "the same segment twice": (
        "trigger:cases_segment:cases_segment_append unique:cases_segment:cases_segment_once",
        [
            event("{paused}"),
            "insert into cases_segment (promise_id, sequence, kind, at, reason, consent, mode, calendar, policy, rule, facts, event_id) "
            "select promise_id, 1, 'resume', at, '', false, '', '', '', '', '{{}}', " + LAST + " from cases_segment limit 1",
        ],
    ),
}
