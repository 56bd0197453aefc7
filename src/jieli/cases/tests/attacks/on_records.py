"""What was said, seen and tied stays as it was."""

from jieli.cases.tests.attacks.statements import Attacks, E, event

RECORDS: Attacks = {
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
            event("{broken}"),
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
}
