"""Invariant 1: every case has one owner, who changes in the known ways only."""

from jieli.cases.tests.attacks.statements import LAST, Attacks, E, event

LONELY = ("cases_message where case_id", "cases_promise where case_id", "cases_case where id")

OWNERS: Attacks = {
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
            event("{case}", "cases.pass_accepted", '{{"owner_id": {other}}}'),
            f"update cases_case set owner_id = {{other}}, owner_event_id = {LAST} where id = {{case}}",
        ],
    ),
    "take a case that was taken": (
        "trigger:cases_case:cases_case_changed",
        [
            event("{case}", "cases.taken", '{{"owner_id": {other}}}'),
            f"update cases_case set owner_id = {{other}}, owner_event_id = {LAST} where id = {{case}}",
        ],
    ),
    "an import by a person": (
        "trigger:cases_case:cases_case_changed",
        [
            event("{case}", "cases.pass_imported", '{{"owner_id": {other}}}', "'staff', {owner}, ''"),
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
            event("{passed}", "cases.taken_over", '{{"owner_id": {third}}}'),
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
}
