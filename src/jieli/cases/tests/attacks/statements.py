"""The SQL of which attacks are made; names in braces are ids of the world."""

Attacks = dict[str, tuple[str, list[str]]]
"""By what is tried: the guards that refuse it, and the statements."""


def event(stream_id: str, type_: str = "cases.noted", data: str = "{{}}", actor: str = "'system', null, 'x'") -> str:
    """Return the SQL which records an event of a case."""
    return (
        "insert into events_event (stream, stream_id, sequence, actor_kind, actor_id, actor_name, type, data, previous, hash) "
        f"values ('case', {stream_id}, 0, {actor}, '{type_}', '{data}', '', '')"
    )


E = event("{case}")
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


def promise(**values: str) -> str:
    """Return the SQL which makes a promise, as given and otherwise an ordinary one."""
    return PROMISE.format(**{**DEFAULTS, **values}).replace("{{", "{").replace("}}", "}").replace("'{}'", "'{{}}'")


def offer(**values: str) -> str:
    """Return the SQL which makes a pass, as given and otherwise an ordinary offer."""
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


def settle(state: str, more: str = "") -> str:
    """Return the SQL which settles the pending pass."""
    return (
        f"update cases_pass set state = '{state}', settled_at = company_now(), settled_event_id = {LAST}{more} "
        "where id = {offer}"
    )


P = event("{passed}")


# name: (guards that refuse it, statements)
