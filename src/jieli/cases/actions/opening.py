"""Opening cases: the one act in which every channel ends."""

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.cases.events import CaseOpened
from jieli.cases.models import Case
from jieli.cases.policy import may_open
from jieli.cases.queries.landing import Landing, landing_for, route_of
from jieli.cases.queries.own_fields import AskedFields
from jieli.cases.queries.planning import calendars_of, facts_of, numbers, plans_starting
from jieli.cases.refusals import BadCase
from jieli.cases.rules.numbers import case_number
from jieli.cases.rules.own_fields import judged
from jieli.cases.rules.promising import CalendarOf, Plan, alarm_times, derive, next_alarm
from jieli.customers.models import Customer, Device
from jieli.events.actions import QUEUE_FOR_EVENT, keyed_digest
from jieli.events.actor import Actor
from jieli.events.reactions import handlers_of
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.lib.sql import rows
from jieli.people.models import Staff
from jieli.policies.schemas import Numbers


@dataclass(frozen=True, slots=True)
class NewCase:
    """What is known when a need comes in; the customer is found or made before.

    `tracking_code` is the channel's own for the customer's link, else one is made; it must not be guessable. Without
    `asks_required` the required fields of the company's own are left for later: the case cannot leave its first stage.
    """

    kind: str
    subject: str
    customer: Customer
    description: str = ""
    service_type: str = ""
    channel: str = "api"
    severity: int | None = None
    contact_id: int | None = None
    device: Device | None = None
    product_line: str = ""
    fault_code: str = ""
    address: str = ""
    area: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    language: str = ""
    tags: Sequence[str] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    source_id: str = ""
    tracking_code: str = ""
    asks_required: bool = True


@dataclass(frozen=True, slots=True)
class OpenedPromise:
    """One of the first promises of a new case."""

    kind: str
    due_at: datetime
    rule: str
    policy: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A case just opened; `tracking_code` is shown once, only its digest is kept."""

    case_id: int
    number: str
    status: str
    stage: str
    unit_id: int
    owner_id: int
    owner_code: str
    owner_name: str
    steward_id: int
    steward_code: str
    steward_name: str
    promises: tuple[OpenedPromise, ...]
    tracking_code: str
    opened_at: datetime


def new_tracking_code() -> str:
    """Return a code for a customer's link: 96 random bits."""
    return secrets.token_urlsafe(12)


def tracking_digest(code: str) -> str:
    """Return what is stored of a tracking code."""
    return sha256(code.encode()).hexdigest()


def open_case(new: NewCase, *, actor: Actor) -> Opened:
    """Open one case; see `open_cases`."""
    return open_cases([new], actor=actor)[0]


@transaction.atomic
def open_cases(news: Sequence[NewCase], *, actor: Actor) -> list[Opened]:
    """Open cases in one statement: each with its duty officer, first promises, opening message and event.

    The answer that carries number, time and link is a telling, so the promises count as told. Cost: one statement for all,
    which queues their reactions, too. Raises BadCase naming the fields, NotAllowed.
    """
    return opened_here(news, actor=actor)


def opened_here(news: Sequence[NewCase], *, actor: Actor) -> list[Opened]:
    """Do what `open_cases` does, in the caller's transaction and without a savepoint: when it raises, that one is lost."""
    require(may_open(actor))
    now = clock.now()
    planner = _Planner(now, AskedFields(actor))
    prepared = [_prepare(new, actor, now, planner) for new in news]
    planned = json.dumps([one.row for one in prepared], ensure_ascii=False)
    inserted = rows(_OPEN, [planned, handlers_of(CaseOpened.type)])
    case_ids = {place: case_id for place, case_id, _queued in inserted}
    return [one.opened(case_ids[place]) for place, one in enumerate(prepared)]


@dataclass(frozen=True, slots=True)
class _Prepared:
    row: dict[str, Any]
    landing: Landing
    steward: tuple[int, str, str]
    promises: tuple[OpenedPromise, ...]
    code: str
    stage: str
    at: datetime

    def opened(self, case_id: int) -> Opened:
        officer = self.landing.officer
        return Opened(
            case_id=case_id,
            number=case_number(case_id),
            status="open",
            stage=self.stage,
            unit_id=self.landing.unit.pk,
            owner_id=officer.pk,
            owner_code=officer.code,
            owner_name=officer.name,
            steward_id=self.steward[0],
            steward_code=self.steward[1],
            steward_name=self.steward[2],
            promises=self.promises,
            tracking_code=self.code,
            opened_at=self.at,
        )


@dataclass(frozen=True, slots=True)
class _Planned:
    landing: Landing
    route: str
    stage: str
    rows: list[dict[str, Any]]
    promises: tuple[OpenedPromise, ...]


class _Planner:
    """Where cases land, what is asked and promised: worked out once for all cases of one instant with the same facts."""

    def __init__(self, at: datetime, asked: AskedFields) -> None:
        self.at = at
        self.asked = asked
        self._known: dict[tuple[object, ...], _Planned] = {}

    def plan(self, facts: dict[str, object], area: str) -> _Planned:
        """Return the plan for a case; raises BadCase when no promise rule fits."""
        key = (area, *facts.values())
        planned = self._known.get(key)
        if planned is None:
            planned = self._known[key] = self._worked_out(facts, area)
        return planned

    def _worked_out(self, facts: dict[str, object], area: str) -> _Planned:
        landing = landing_for(facts, area, self.at)
        route, stage = route_of(str(facts["kind"]))
        policy = numbers().data
        calendar_of = calendars_of(landing.unit.pk)
        plans = plans_starting("opened", {**facts, "unit": landing.unit.code})
        made = [_promise_row(plan, calendar_of, policy, self.at) for plan in plans]
        if not made:
            raise BadCase(_("No promise rule fits this kind of case: the policy must set a first time."))
        return _Planned(landing, route, stage, [row for row, _promise in made], tuple(promise for _row, promise in made))


def _prepare(new: NewCase, actor: Actor, now: datetime, planner: _Planner) -> _Prepared:
    custom = check_new_case(new, planner.asked)
    device = new.device
    facts = facts_of(
        kind=new.kind,
        service_type=new.service_type,
        severity=new.severity,
        tier=new.customer.tier,
        product_line=new.product_line or (device.product_line if device else ""),
        channel=new.channel,
    )
    planned = planner.plan(facts, new.area)
    landing, promises = planned.landing, planned.promises
    first_hand = actor.is_staff and new.channel in ("phone", "counter")
    officer = landing.officer
    steward = _person(actor) if first_hand else (officer.pk, officer.code, officer.name)
    key = uuid.uuid4()
    body = new.description or new.subject
    code = new.tracking_code or new_tracking_code()
    data = {
        "kind": new.kind,
        "channel": new.channel,
        "customer_id": new.customer.pk,
        "unit_id": landing.unit.pk,
        "owner_id": officer.pk,
        "steward_id": steward[0],
        "landing": landing.why,
        "promises": [{"kind": p.kind, "due_at": p.due_at.isoformat(), "rule": p.rule, "policy": p.policy} for p in promises],
        "body_digest": keyed_digest(key, body),
        **({"area": new.area} if new.area else {}),
    }
    row = {
        "kind": new.kind,
        "service_type": new.service_type,
        "subject": new.subject,
        "description": new.description,
        "customer_id": new.customer.pk,
        "contact_id": new.contact_id,
        "device_id": device.pk if device else None,
        "product_line": facts["product_line"],
        "fault_code": new.fault_code,
        "address": new.address or new.customer.address,
        "latitude": str(new.latitude) if new.latitude is not None else None,
        "longitude": str(new.longitude) if new.longitude is not None else None,
        "severity": new.severity,
        "tags": list(new.tags),
        "custom": custom,
        "channel": new.channel,
        "language": new.language or new.customer.language,
        "stage": planned.stage,
        "route": planned.route,
        "unit_id": landing.unit.pk,
        "owner_id": officer.pk,
        "steward_id": steward[0],
        "is_steward_provisional": not first_hand,
        "landing": landing.why[:300],
        "opened_at": now.isoformat(),
        "next_due_at": min(p.due_at for p in promises).isoformat(),
        "tracking_digest": tracking_digest(code),
        "actor_kind": actor.kind,
        "actor_id": None if actor.is_internal else actor.id,
        "actor_name": actor.name[:120] if actor.is_internal else "",
        "author_kind": "customer",
        "author_id": new.customer.pk,
        "body": body,
        "message_key": str(key),
        "source_id": new.source_id,
        "data": data,
        "promises": planned.rows,
    }
    return _Prepared(row, landing, steward, promises, code, planned.stage, now)


def _person(actor: Actor) -> tuple[int, str, str]:
    code = Staff.objects.values_list("code", flat=True).get(pk=actor.id or 0)
    return actor.id or 0, code, actor.name


def _promise_row(plan: Plan, calendar_of: CalendarOf, policy: Numbers, now: datetime) -> tuple[dict[str, Any], OpenedPromise]:
    derived = derive(now, plan, (), calendar_of)
    grace = timedelta(minutes=float(policy.grace_minutes))
    first_share = min((step.percent for step in policy.warnings), default=100)
    times = alarm_times(now, derived, [first_share], calendar_of)
    alarm = next_alarm(times, rung=frozenset(), paused_until=None)
    row = {
        "kind": plan.kind,
        "mode": plan.mode,
        "target": str(plan.target),
        "calendar": plan.calendar,
        "due_at": derived.due_at.isoformat(),
        "holds_until": (derived.due_at + grace).isoformat(),
        "policy": plan.policy,
        "rule": plan.rule,
        "facts": dict(plan.facts),
        "next_alarm_at": alarm.isoformat() if alarm else None,
    }
    return row, OpenedPromise(plan.kind, derived.due_at, plan.rule, plan.policy)


_KINDS, _SERVICE_TYPES = frozenset(Case.Kind.values), frozenset(Case.ServiceType.values)
_CHANNELS, _SEVERITIES = frozenset(Case.Channel.values), frozenset(Case.Severity.values)


def check_new_case(new: NewCase, asked: AskedFields) -> dict[str, Any]:
    """Refuse what describes no case, and return what it holds in the company's own fields.

    Raises BadCase naming the fields, those of the company's own as ``custom.<name>``.
    """
    own = judged(new.custom, asked.of(new.kind), complete=new.asks_required and not asked.actor.is_internal)
    wrong = dict(own.faults)
    if new.kind not in _KINDS:
        wrong["kind"] = _("Choose one of the kinds of cases.")
    if new.service_type and new.service_type not in _SERVICE_TYPES:
        wrong["service_type"] = _("Choose one of the service types.")
    if new.channel not in _CHANNELS:
        wrong["channel"] = _("Choose one of the channels.")
    if not new.subject.strip():
        wrong["subject"] = _("Say in a few words what it is about.")
    elif len(new.subject) > 200:
        wrong["subject"] = _("At most 200 characters; put the rest into the description.")
    if new.severity is not None and new.severity not in _SEVERITIES:
        wrong["severity"] = _("The severity is 1, 2, 3 or 4.")
    for name in ("product_line", "fault_code"):
        if len(getattr(new, name)) > 60:
            wrong[name] = _("At most 60 characters.")
    if len(new.address) > 500:
        wrong["address"] = _("At most 500 characters.")
    if any("\x00" in value for value in (new.subject, new.description, new.address, new.product_line)):
        wrong["description"] = _("The text holds characters that cannot be stored.")
    if wrong:
        raise BadCase(fields=wrong)
    return own.values


_OPEN = f"""
with input as materialized (
  select (row_number() over ()) - 1 as place, nextval(pg_get_serial_sequence('cases_case', 'id')) as case_id, r.*
  from jsonb_to_recordset(%s::jsonb) as r(
    kind text, service_type text, subject text, description text, customer_id bigint, contact_id bigint, device_id bigint,
    product_line text, fault_code text, address text, latitude numeric, longitude numeric, severity int, tags jsonb,
    custom jsonb, channel text, language text, stage text, route text, unit_id bigint, owner_id bigint, steward_id bigint,
    is_steward_provisional boolean, landing text, opened_at timestamptz, next_due_at timestamptz, tracking_digest text,
    actor_kind text, actor_id bigint, actor_name text, author_kind text, author_id bigint, body text, message_key uuid,
    source_id text, data jsonb, promises jsonb)
), event as (
  insert into events_event (stream, stream_id, sequence, actor_kind, actor_id, actor_name, type, data, previous, hash)
  select 'case', case_id, 0, actor_kind, actor_id, actor_name, 'cases.opened', data, '', '' from input
  returning id, stream_id
), made as (
  insert into cases_case (id, kind, service_type, subject, description, customer_id, contact_id, device_id, product_line,
    fault_code, address, latitude, longitude, severity, tags, custom, channel, language, source, source_key, status, stage,
    route, unit_id, owner_id, owner_event_id, is_on_duty, steward_id, is_steward_provisional, landing, opened_at, next_due_at,
    reopened, passes, revision, tracking_digest)
  select case_id, kind, service_type, subject, description, customer_id, contact_id, device_id, product_line, fault_code,
    address, latitude, longitude, severity, array(select jsonb_array_elements_text(tags)), custom, channel, language, '', '',
    'open', stage, route, unit_id, owner_id, event.id, true, steward_id, is_steward_provisional, landing, opened_at,
    next_due_at, 0, 0, 1, tracking_digest
  from input join event on event.stream_id = input.case_id
), message as (
  insert into cases_message (case_id, direction, author_kind, author_id, body, key, channel, source_id, phrases, at)
  select case_id, 'in', author_kind, author_id, body, message_key, channel, source_id, '{{}}', opened_at from input
), promise as (
  insert into cases_promise (case_id, kind, started_at, mode, target, calendar, calendar_unit_id, segments, due_at,
    holds_until, policy, rule, facts, told_at, told_how, by_import, next_alarm_at, outcome, reason)
  select input.case_id, p.kind, opened_at, p.mode, p.target, p.calendar, unit_id, 0, p.due_at, p.holds_until, p.policy,
    p.rule, p.facts, opened_at, 'intake', false, p.next_alarm_at, '', ''
  from input, jsonb_to_recordset(input.promises) as p(kind text, mode text, target numeric, calendar text,
    due_at timestamptz, holds_until timestamptz, policy text, rule text, facts jsonb, next_alarm_at timestamptz)
)
select place, case_id, {QUEUE_FOR_EVENT} from input join event on event.stream_id = input.case_id
"""  # noqa: S608 - constant text
