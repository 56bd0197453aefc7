"""What an import brings of the past, and the pieces which new and known cases share."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from jieli.cases.actions.progressing import AUTOCLOSE
from jieli.cases.events import ActivityImported, CaseImported, MessageImported, PassImported
from jieli.cases.events.imports import ImportedStep
from jieli.cases.queries.planning import numbers, plan_of_kind
from jieli.cases.rules.promising import Plan, given
from jieli.events.actions import keyed_digest
from jieli.events.facts import Fact

STEP_TYPES = (CaseImported.type, PassImported.type, ActivityImported.type)


@dataclass(frozen=True, slots=True)
class PastStep:
    """One step of a foreign history, its people and units found; see `CaseImported` for the fields.

    `why` says why the owner is another than the recorded person; then `is_on_duty` is true. `text` becomes a message.
    """

    at: datetime
    activity: str
    mark: str
    line: int
    owner_id: int
    unit_id: int
    is_on_duty: bool = False
    actor: str = ""
    holder: str = ""
    group: str = ""
    state: str = ""
    due_at: datetime | None = None
    verdict: str = ""
    handovers: int | None = None
    reopenings: int | None = None
    why: str = ""
    text: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case of a foreign history with its steps in order (by time, ties in the order of the file); at least one."""

    source: str
    source_key: str
    kind: str
    subject: str
    customer_id: int
    steps: Sequence[PastStep]
    description: str = ""
    service_type: str = ""
    product_line: str = ""
    severity: int | None = None
    address: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    language: str = ""
    custom: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Brought:
    """What an import did: cases made, cases which got further steps, steps written, steps that were there already."""

    cases: int = 0
    extended: int = 0
    events: int = 0
    unchanged: int = 0

    def __add__(self, other: "Brought") -> "Brought":
        return Brought(
            self.cases + other.cases,
            self.extended + other.extended,
            self.events + other.events,
            self.unchanged + other.unchanged,
        )


_OF_EACH_STEP = tuple(one.name for one in fields(ImportedStep) if one.name != "case_id")


def fact_of(case_id: int, one: PastCase, step: PastStep, *, before: tuple[int, int] | None) -> Fact:
    """Return the fact of a step; `before` is the owner and unit which the case had, None for the first step."""
    after = (step.owner_id, step.unit_id)
    shared: dict[str, Any] = {name: getattr(step, name) for name in _OF_EACH_STEP}
    shared |= {"case_id": case_id, "attributes": dict(step.attributes)}
    if before is None:
        shared |= {"source": one.source, "source_key": one.source_key}
        return CaseImported(owner_id=after[0], unit_id=after[1], why=step.why, **shared)
    if after != before:
        return PassImported(owner_id=after[0], from_id=before[0], unit_id=after[1], why=step.why, **shared)
    return ActivityImported(**shared)


def next_plan(facts: Mapping[str, object], status: str, now: datetime) -> Plan:
    """Return the time that an imported case gets: the call-back when it was resolved, else the next reply."""
    if status == "resolved":
        plan = plan_of_kind("callback", dict(facts), starts="resolved")
        close_at = now + timedelta(days=numbers().data.autoclose_after_sent_days)
        return plan or given("callback", close_at, policy="", by=AUTOCLOSE)
    plan = plan_of_kind("next_reply", dict(facts))
    minutes = Decimal(numbers().data.after_breach_next_reply_minutes)
    return plan or Plan("next_reply", "minutes", minutes, None, "always", "import", numbers().version)


def message_of(message_id: int, case_id: int, customer_id: int, step: PastStep) -> tuple[dict[str, Any], MessageImported]:
    """Return the row of a step's text, and the fact that vouches for it."""
    key = uuid.uuid4()
    row = {
        "id": message_id,
        "case_id": case_id,
        "direction": "in",
        "author_kind": "customer",
        "author_id": customer_id,
        "body": step.text,
        "key": key,
        "channel": "import",
        "source_id": "",
        "phrases": [],
        "at": step.at,
    }
    return row, MessageImported(case_id=case_id, message_id=message_id, body_digest=keyed_digest(key, step.text))


def as_json(value: Mapping[str, Any]) -> str:
    """Return a JSON object as COPY takes it."""
    return json.dumps(dict(value), ensure_ascii=False, default=str)


def copy_rows(table: str, rows: Sequence[Mapping[str, Any]] | Iterable[Mapping[str, Any]]) -> None:
    """Write rows of the same columns by one COPY."""
    found = list(rows)
    if not found:
        return
    columns = list(found[0])
    # The cursor wraps the errors of its own methods only, not those of a COPY that is under way.
    copying = f"copy {table} ({', '.join(columns)}) from stdin"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(copying) as copy:
        for row in found:
            copy.write_row([row[column] for column in columns])
