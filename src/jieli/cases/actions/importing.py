"""Bringing in the past: cases of a foreign history with every step chained, then worked like any other (spec 1, way import)."""

import json
import secrets
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from jieli.cases.actions.progressing import AUTOCLOSE
from jieli.cases.actions.promises import end_promise, grace, start_promise
from jieli.cases.events import ActivityImported, CaseImported, MessageImported, PassImported, PromiseMade
from jieli.cases.models import Case, HeldBy, Promise
from jieli.cases.policy import may_import
from jieli.cases.queries.planning import calendars_of, facts_of, facts_of_case, first_alarm, numbers, plan_of_kind
from jieli.cases.rules.history import ENDED, changes, last_state, reopenings
from jieli.cases.rules.promising import Plan, derive, given
from jieli.events.actions import Happened, append_history, keyed_digest, reserve_ids
from jieli.events.actor import Actor
from jieli.events.facts import Fact
from jieli.events.models import Event
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.policies.queries import current

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


@transaction.atomic
def import_cases(past: Sequence[PastCase], *, actor: Actor) -> Brought:
    """Write cases of one source with their steps, each at its own time; what is there already stays as it is.

    A case that is still open gets a next time from now on, marked as by import. A case known already gets only the steps it
    lacks; if somebody has worked on it here since, they are recorded and change neither its owner nor its status. Cost for
    new cases: a fixed number of COPY whatever their number. Raises NotAllowed for anybody but an import.
    """
    require(may_import(actor))
    if not past:
        return Brought()
    known = dict(
        Case.objects.filter(source=past[0].source, source_key__in=[one.source_key for one in past]).values_list(
            "source_key", "pk"
        )
    )
    brought = _import_new([one for one in past if one.source_key not in known], actor)
    marks = _marks(known.values())
    for one in past:
        case_id = known.get(one.source_key)
        if case_id is not None:
            brought += _extend(case_id, one, marks.get(case_id, Counter()), actor)
    return brought


# --- new cases

_CASE_COLUMNS = (
    "id", "kind", "service_type", "subject", "description", "customer_id", "product_line", "fault_code", "address",
    "latitude", "longitude", "severity", "tags", "custom", "channel", "language", "source", "source_key", "status", "stage",
    "route", "unit_id", "owner_id", "owner_event_id", "is_on_duty", "steward_id", "is_steward_provisional", "landing",
    "opened_at", "next_due_at", "resolved_at", "closed_at", "reopened", "passes", "revision", "tracking_digest",
)  # fmt: skip
_PROMISE_COLUMNS = (
    "id", "case_id", "kind", "started_at", "mode", "target", "given_due_at", "calendar", "calendar_unit_id", "segments",
    "due_at", "holds_until", "policy", "rule", "facts", "told_how", "by_import", "next_alarm_at", "outcome", "reason",
)  # fmt: skip
_MESSAGE_COLUMNS = (
    "id", "case_id", "direction", "author_kind", "author_id", "body", "key", "channel", "source_id", "phrases", "at",
)  # fmt: skip


class _Batch:
    """The rows of many new cases, collected and then written table by table."""

    def __init__(self, past: Sequence[PastCase], now: datetime) -> None:
        self.now = now
        self.past = past
        self.case_ids = reserve_ids("cases_case", len(past))
        is_open = [last_state(step.state for step in one.steps) not in ENDED for one in past]
        self.promise_ids = iter(reserve_ids("cases_promise", sum(is_open)))
        self.message_ids = iter(reserve_ids("cases_message", sum(bool(step.text) for one in past for step in one.steps)))
        self.happened: list[Happened] = []
        self.owner_events: list[int] = []
        self.cases: list[list[Any]] = []
        self.promises: list[tuple[Any, ...]] = []
        self.messages: list[tuple[Any, ...]] = []
        self.held: list[tuple[int, int]] = []
        self._timed: dict[tuple[Any, ...], tuple[Plan, datetime, datetime, datetime]] = {}
        self._stages: dict[str, tuple[str, str, str]] = {}

    def add(self, case_id: int, one: PastCase) -> None:
        """Collect one case."""
        first, last = one.steps[0], one.steps[-1]
        owner_id = unit_id = 0
        for place, step in enumerate(one.steps):
            if (step.owner_id, step.unit_id) != (owner_id, unit_id):
                owner_event = len(self.happened)
                if place and step.unit_id != unit_id:
                    self.held.append((case_id, unit_id))
            self.happened.append(Happened(_fact(case_id, one, step, owner_id, unit_id, is_first=place == 0), step.at))
            owner_id, unit_id = step.owner_id, step.unit_id
            if step.text:
                self._message(case_id, one.customer_id, step)
        self.owner_events.append(owner_event)
        state = last_state(step.state for step in one.steps)
        status = "open" if state == "waiting" else state
        due_at = None if status in ENDED else self._promise(case_id, one, status, unit_id)
        route, begin, end = self._route(one.kind)
        named = next((step for step in one.steps if not step.is_on_duty), None)
        self.cases.append(
            [
                case_id, one.kind, one.service_type, one.subject, one.description, one.customer_id, one.product_line, "",
                one.address, one.latitude, one.longitude, one.severity, [], _json(one.custom), "import", one.language,
                one.source, one.source_key, status, end if status in ENDED else begin, route, unit_id, owner_id, None,
                last.is_on_duty, (named or first).owner_id, named is None, _("as recorded in %(source)s") % {"source": one.source},
                first.at, due_at, _last_at(one.steps, ("resolved", "closed")) or (last.at if status == "resolved" else None),
                _last_at(one.steps, ENDED) if status in ENDED else None, *_counts(one.steps), 1, secrets.token_hex(32),
            ]
        )  # fmt: skip

    def write(self, actor: Actor) -> int:
        """Write everything that was collected and return how many steps of the histories there are."""
        ids = append_history(self.happened, actor=actor)
        place = _CASE_COLUMNS.index("owner_event_id")
        for row, at in zip(self.cases, self.owner_events, strict=True):
            row[place] = ids[at]
        _copy("cases_case", _CASE_COLUMNS, self.cases)
        _copy("cases_promise", _PROMISE_COLUMNS, self.promises)
        _copy("cases_message", _MESSAGE_COLUMNS, self.messages)
        _copy("cases_heldby", ("case_id", "unit_id"), sorted(set(self.held)))
        return sum(len(one.steps) for one in self.past)

    def _message(self, case_id: int, customer_id: int, step: PastStep) -> None:
        message_id, key = next(self.message_ids), uuid.uuid4()
        self.happened.append(
            Happened(MessageImported(case_id=case_id, message_id=message_id, body_digest=keyed_digest(key, step.text)), step.at)
        )
        self.messages.append(
            (message_id, case_id, "in", "customer", customer_id, step.text, key, "import", "", [], step.at)  # fmt: skip
        )

    def _promise(self, case_id: int, one: PastCase, status: str, unit_id: int) -> datetime:
        key = (one.kind, one.service_type, one.severity, one.product_line, status, unit_id)
        if key not in self._timed:
            facts = facts_of(
                kind=one.kind,
                service_type=one.service_type,
                severity=one.severity,
                product_line=one.product_line,
                channel="import",
            )
            self._timed[key] = _timed(next_plan(facts, status, self.now), unit_id, self.now)
        plan, due_at, holds_until, alarm_at = self._timed[key]
        promise_id = next(self.promise_ids)
        self.promises.append(
            (
                promise_id,
                case_id,
                plan.kind,
                self.now,
                plan.mode,
                plan.target,
                plan.given_due_at,
                plan.calendar,
                unit_id,
                0,
                due_at,
                holds_until,
                plan.policy,
                plan.rule,
                _json(plan.facts),
                "",
                True,
                alarm_at,
                "",
                "",
            )  # fmt: skip
        )
        made = PromiseMade(
            case_id=case_id, promise_id=promise_id, promise=plan.kind, due_at=due_at, rule=plan.rule, policy=plan.policy
        )
        self.happened.append(Happened(made, self.now))
        return due_at

    def _route(self, kind: str) -> tuple[str, str, str]:
        if kind not in self._stages:
            policy = current("routes")
            route = policy.data.of(kind)
            self._stages[kind] = (
                f"{route.name}@{policy.version}",
                route.stages[0].code.value,
                route.stages[-1].code.value,
            )
        return self._stages[kind]


def _import_new(past: Sequence[PastCase], actor: Actor) -> Brought:
    if not past:
        return Brought()
    batch = _Batch(past, clock.now())
    for case_id, one in zip(batch.case_ids, past, strict=True):
        batch.add(case_id, one)
    return Brought(cases=len(past), events=batch.write(actor))


def _fact(case_id: int, one: PastCase, step: PastStep, owner_id: int, unit_id: int, *, is_first: bool) -> Fact:
    shared: dict[str, Any] = {
        "case_id": case_id,
        "activity": step.activity,
        "actor": step.actor,
        "holder": step.holder,
        "group": step.group,
        "state": step.state,
        "due_at": step.due_at,
        "verdict": step.verdict,
        "handovers": step.handovers,
        "reopenings": step.reopenings,
        "line": step.line,
        "mark": step.mark,
        "attributes": dict(step.attributes),
    }
    if is_first:
        return CaseImported(
            source=one.source,
            source_key=one.source_key,
            owner_id=step.owner_id,
            unit_id=step.unit_id,
            why=step.why,
            **shared,
        )
    if (step.owner_id, step.unit_id) != (owner_id, unit_id):
        return PassImported(owner_id=step.owner_id, from_id=owner_id, unit_id=step.unit_id, why=step.why, **shared)
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


def _timed(plan: Plan, unit_id: int, now: datetime) -> tuple[Plan, datetime, datetime, datetime]:
    derived = derive(now, plan, (), calendars_of(unit_id))
    return plan, derived.due_at, derived.due_at + grace(), first_alarm(now, derived, unit_id) or derived.due_at


def _last_at(steps: Iterable[PastStep], states: Sequence[str]) -> datetime | None:
    return max((step.at for step in steps if step.state in states), default=None)


def _counts(steps: Sequence[PastStep]) -> tuple[int, int]:
    reopened = max((step.reopenings for step in steps if step.reopenings is not None), default=None)
    passes = max((step.handovers for step in steps if step.handovers is not None), default=None)
    return (
        min(reopenings(step.state for step in steps) if reopened is None else reopened, 32767),
        min(changes(step.holder for step in steps) if passes is None else passes, 32767),
    )


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, default=str)


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)


# --- cases known already


def _marks(case_ids: Iterable[int]) -> dict[int, Counter[str]]:
    rows = Event.objects.filter(stream="case", stream_id__in=list(case_ids), type__in=STEP_TYPES).values_list(
        "stream_id", "data__mark"
    )
    found: dict[int, Counter[str]] = {}
    for case_id, mark in rows:
        found.setdefault(case_id, Counter())[mark] += 1
    return found


def _extend(case_id: int, one: PastCase, marks: Counter[str], actor: Actor) -> Brought:
    missing: list[PastStep] = []
    left = marks.copy()
    for step in one.steps:
        if left[step.mark]:
            left[step.mark] -= 1
        else:
            missing.append(step)
    unchanged = len(one.steps) - len(missing)
    if not missing:
        return Brought(unchanged=unchanged)
    case = Case.objects.select_related("unit", "customer").lock(case_id)
    worked_on_here = Event.objects.of_case(case_id).filter(actor_kind__in=("staff", "customer")).exists()
    if worked_on_here:
        missing_as = [(step, case.owner_id, case.unit_id) for step in missing]
    else:
        missing_as = [(step, step.owner_id, step.unit_id) for step in missing]
    _append(case, one, missing_as, actor, is_ours=worked_on_here)
    return Brought(extended=1, events=len(missing), unchanged=unchanged)


def _append(case: Case, one: PastCase, steps: list[tuple[PastStep, int, int]], actor: Actor, *, is_ours: bool) -> None:
    now = clock.now()
    happened: list[Happened] = []
    owner_event: int | None = None
    messages: list[tuple[Any, ...]] = []
    held: set[tuple[int, int]] = set()
    owner_id, unit_id, is_on_duty = case.owner_id, case.unit_id, case.is_on_duty
    latest = _latest(case)
    for step, to_id, to_unit_id in steps:
        fact = _fact(case.pk, one, step, owner_id, unit_id, is_first=False)
        # A step that came late but happened early is history only: the owner is the one of the last step in time.
        if is_ours or step.at < latest:
            fact = _fact(case.pk, one, step, step.owner_id, step.unit_id, is_first=False)
        elif (to_id, to_unit_id) != (owner_id, unit_id):
            owner_event = len(happened)
            if to_unit_id != unit_id:
                held.add((case.pk, unit_id))
            owner_id, unit_id, is_on_duty = to_id, to_unit_id, step.is_on_duty
        happened.append(Happened(fact, step.at))
        if step.text:
            message_id, key = reserve_ids("cases_message", 1)[0], uuid.uuid4()
            digest = keyed_digest(key, step.text)
            happened.append(Happened(MessageImported(case_id=case.pk, message_id=message_id, body_digest=digest), step.at))
            messages.append(
                (
                    message_id,
                    case.pk,
                    "in",
                    "customer",
                    case.customer_id,
                    step.text,
                    key,
                    "import",
                    "",
                    [],
                    step.at,
                )  # fmt: skip
            )
    ids = append_history(happened, actor=actor)
    _copy("cases_message", _MESSAGE_COLUMNS, messages)
    if is_ours:
        return
    HeldBy.objects.bulk_create([HeldBy(case_id=pk, unit_id=unit) for pk, unit in held], ignore_conflicts=True)
    if owner_event is not None:
        case.owner_id, case.unit_id, case.is_on_duty, case.owner_event_id = owner_id, unit_id, is_on_duty, ids[owner_event]
    _settle(case, actor, now)


def _latest(case: Case) -> datetime:
    latest = Event.objects.of_case(case.pk).filter(type__in=STEP_TYPES).order_by("-at").values_list("at", flat=True).first()
    return latest or case.opened_at


def _settle(case: Case, actor: Actor, now: datetime) -> None:
    """Bring the row of an extended case to what all its steps come to, with the promises that go with it."""
    steps = list(
        Event.objects.filter(stream="case", stream_id=case.pk, type__in=STEP_TYPES)
        .order_by("at", "sequence")
        .values_list("at", "data")
    )
    states = [data.get("state", "") for _at, data in steps]
    state = last_state(states)
    status = "open" if state == "waiting" else state
    counted = [data["handovers"] for _at, data in steps if "handovers" in data]
    reopened = [data["reopenings"] for _at, data in steps if "reopenings" in data]
    case.passes = min(max(counted) if counted else changes(data.get("holder", "") for _at, data in steps), 32767)
    case.reopened = min(max(reopened) if reopened else reopenings(states), 32767)
    case.opened_at = steps[0][0]
    case.resolved_at = max((at for at, data in steps if data.get("state") in ("resolved", "closed")), default=None)
    case.closed_at = max((at for at, data in steps if data.get("state") in ENDED), default=now) if status in ENDED else None
    was, case.status = case.status, status
    if status in ENDED:
        route = current("routes").data.of(case.kind)
        case.stage = route.stages[-1].code.value
    case.save()
    running = list(Promise.objects.unended().filter(case=case)) if status != was else []
    if status not in ENDED and status != was:
        plan = next_plan(facts_of_case(case), status, now)
        if plan.kind not in {promise.kind for promise in running}:
            start_promise(case, plan, actor=actor, at=now, by_import=True)
    for promise in running:
        end_promise(
            promise,
            actor=actor,
            at=now,
            case=case,
            cancelled_because=str(_("%(status)s in %(source)s") % {"status": case.status, "source": case.source}),
        )
