"""Words that nobody knows, and states without their times."""

from jieli.cases.tests.attacks.statements import Attacks, E, P, event

WORDS: Attacks = {
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
        [event("{closed}"), "update cases_case set closed_at = null where id = {closed}"],
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
