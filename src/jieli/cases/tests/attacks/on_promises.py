"""Invariant 3: there is always a next time, and nobody patches it."""

from jieli.cases.tests.attacks.statements import Attacks, E, event, promise

PROMISES: Attacks = {
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
            promise(kind="internal_answer"),
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
        [event("{closed}"), "update cases_case set status = 'open', closed_at = null, resolved_at = null where id = {closed}"],
    ),
    "a promise on a closed case": (
        "trigger:cases_promise:cases_promise_made",
        [event("{closed}"), promise(where="{closed}")],
    ),
    "a promise without an event": ("trigger:cases_promise:cases_promise_made", [promise(kind="payout")]),
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
            event("{broken}"),
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
            event("{broken}"),
            "update cases_promise set ended_at = company_now(), outcome = 'kept' where case_id = {broken} and breached_at is not null",
        ],
    ),
    "a promise that nobody watches": (
        "check:cases_promise:cases_promise_watched",
        ["update cases_promise set next_alarm_at = null where case_id = {case} and ended_at is null"],
    ),
    "two promises of one kind": ("unique:cases_promise:cases_one_running_of_kind", [E, promise(kind="resolve")]),
    "a promise of another kind": ("check:cases_promise:cases_promise_kind_known", [E, promise(kind="wish")]),
    "a promise without a target": (
        "check:cases_promise:cases_promise_target_given",
        [E, promise(kind="payout", target="null")],
    ),
    "a promise that holds shorter than it is due": (
        "check:cases_promise:cases_promise_grace",
        [E, promise(kind="payout", holds="company_now()")],
    ),
    "delete a promise": (
        "privilege:cases_promise:delete trigger:cases_promise:cases_promise_kept",
        ["delete from cases_promise where case_id = {case} and kind = 'accept'"],
    ),
}
