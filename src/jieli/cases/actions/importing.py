"""Bringing in the past: cases of a foreign history with every step chained, then worked like any other (spec 1, way import)."""

import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieli.cases.actions.extending import extend_case, known_marks
from jieli.cases.actions.past import Brought, PastCase, PastStep, as_json, copy_rows, fact_of, message_of, next_plan
from jieli.cases.actions.promises import grace
from jieli.cases.events import PromiseMade
from jieli.cases.models import Case
from jieli.cases.policy import may_import
from jieli.cases.queries.planning import calendars_of, facts_of, first_alarm
from jieli.cases.rules.history import ENDED, changes, last_state, reopenings
from jieli.cases.rules.promising import Plan, derive
from jieli.events.actions import Happened, append_history, reserve_ids
from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.policies.queries import current

__all__ = ["Brought", "PastCase", "PastStep", "import_cases"]


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
    keys = [one.source_key for one in past]
    known = dict(Case.objects.filter(source=past[0].source, source_key__in=keys).values_list("source_key", "pk"))
    brought = _import_new([one for one in past if one.source_key not in known], actor)
    marks = known_marks(known.values())
    for one in past:
        case_id = known.get(one.source_key)
        if case_id is not None:
            brought += extend_case(case_id, one, marks=marks.get(case_id, Counter()), actor=actor)
    return brought


def _import_new(past: Sequence[PastCase], actor: Actor) -> Brought:
    if not past:
        return Brought()
    batch = _Batch(past, clock.now())
    batch.write(actor)
    return Brought(cases=len(past), events=sum(len(one.steps) for one in past))


class _Batch:
    """The rows of many new cases, collected and then written table by table."""

    def __init__(self, past: Sequence[PastCase], now: datetime) -> None:
        self.now = now
        is_open = [last_state(step.state for step in one.steps) not in ENDED for one in past]
        self.promise_ids = iter(reserve_ids("cases_promise", sum(is_open)))
        self.message_ids = iter(reserve_ids("cases_message", sum(bool(step.text) for one in past for step in one.steps)))
        self.happened: list[Happened] = []
        self.owner_events: list[int] = []
        self.cases: list[dict[str, Any]] = []
        self.promises: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.held: set[tuple[int, int]] = set()
        self._timed: dict[tuple[Any, ...], tuple[Plan, datetime, datetime, datetime]] = {}
        self._routes: dict[str, tuple[str, str, str]] = {}
        for case_id, one in zip(reserve_ids("cases_case", len(past)), past, strict=True):
            self._add(case_id, one)

    def write(self, actor: Actor) -> None:
        """Write everything that was collected."""
        ids = append_history(self.happened, actor=actor)
        for case, place in zip(self.cases, self.owner_events, strict=True):
            case["owner_event_id"] = ids[place]
        copy_rows("cases_case", self.cases)
        copy_rows("cases_promise", self.promises)
        copy_rows("cases_message", self.messages)
        copy_rows("cases_heldby", ({"case_id": case_id, "unit_id": unit_id} for case_id, unit_id in sorted(self.held)))

    def _add(self, case_id: int, one: PastCase) -> None:
        before: tuple[int, int] | None = None
        for step in one.steps:
            after = (step.owner_id, step.unit_id)
            if after != before:
                owner_event = len(self.happened)
                if before is not None and before[1] != step.unit_id:
                    self.held.add((case_id, before[1]))
            self.happened.append(Happened(fact_of(case_id, one, step, before=before), step.at))
            before = after
            if step.text:
                self._add_message(case_id, one.customer_id, step)
        self.owner_events.append(owner_event)
        self._add_case(case_id, one)

    def _add_case(self, case_id: int, one: PastCase) -> None:
        first, last = one.steps[0], one.steps[-1]
        state = last_state(step.state for step in one.steps)
        status = "open" if state == "waiting" else state
        route, begin, end = self._route(one.kind)
        named = next((step for step in one.steps if not step.is_on_duty), None)
        handed, reopened = _counts(one.steps)
        self.cases.append(
            {
                "id": case_id,
                "kind": one.kind,
                "service_type": one.service_type,
                "subject": one.subject,
                "description": one.description,
                "customer_id": one.customer_id,
                "product_line": one.product_line,
                "fault_code": "",
                "address": one.address,
                "latitude": one.latitude,
                "longitude": one.longitude,
                "severity": one.severity,
                "tags": [],
                "custom": as_json(one.custom),
                "channel": "import",
                "language": one.language,
                "source": one.source,
                "source_key": one.source_key,
                "status": status,
                "stage": end if status in ENDED else begin,
                "route": route,
                "unit_id": last.unit_id,
                "owner_id": last.owner_id,
                "owner_event_id": None,
                "is_on_duty": last.is_on_duty,
                "steward_id": (named or first).owner_id,
                "is_steward_provisional": named is None,
                "landing": _("as recorded in %(source)s") % {"source": one.source},
                "opened_at": first.at,
                "next_due_at": None if status in ENDED else self._add_promise(case_id, one, status),
                "resolved_at": _last_at(one.steps, ("resolved", "closed")),
                "closed_at": _last_at(one.steps, ENDED) if status in ENDED else None,
                "reopened": reopened,
                "passes": handed,
                "revision": 1,
                "tracking_digest": secrets.token_hex(32),
            }
        )

    def _add_message(self, case_id: int, customer_id: int, step: PastStep) -> None:
        row, fact = message_of(next(self.message_ids), case_id, customer_id, step)
        self.messages.append(row)
        self.happened.append(Happened(fact, step.at))

    def _add_promise(self, case_id: int, one: PastCase, status: str) -> datetime:
        unit_id = one.steps[-1].unit_id
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
            {
                "id": promise_id,
                "case_id": case_id,
                "kind": plan.kind,
                "started_at": self.now,
                "mode": plan.mode,
                "target": plan.target,
                "given_due_at": plan.given_due_at,
                "calendar": plan.calendar,
                "calendar_unit_id": unit_id,
                "segments": 0,
                "due_at": due_at,
                "holds_until": holds_until,
                "policy": plan.policy,
                "rule": plan.rule,
                "facts": as_json(plan.facts),
                "told_how": "",
                "by_import": True,
                "next_alarm_at": alarm_at,
                "outcome": "",
                "reason": "",
            }
        )
        made = PromiseMade(
            case_id=case_id, promise_id=promise_id, promise=plan.kind, due_at=due_at, rule=plan.rule, policy=plan.policy
        )
        self.happened.append(Happened(made, self.now))
        return due_at

    def _route(self, kind: str) -> tuple[str, str, str]:
        if kind not in self._routes:
            policy = current("routes")
            route = policy.data.of(kind)
            stages = [stage.code.value for stage in route.stages]
            self._routes[kind] = (f"{route.name}@{policy.version}", stages[0], stages[-1])
        return self._routes[kind]


def _timed(plan: Plan, unit_id: int, now: datetime) -> tuple[Plan, datetime, datetime, datetime]:
    derived = derive(now, plan, (), calendars_of(unit_id))
    return plan, derived.due_at, derived.due_at + grace(), first_alarm(now, derived, unit_id) or derived.due_at


def _last_at(steps: Sequence[PastStep], states: Sequence[str]) -> datetime | None:
    return max((step.at for step in steps if step.state in states), default=None)


def _counts(steps: Sequence[PastStep]) -> tuple[int, int]:
    """Return hand-overs and reopenings: the source's own counters, else what the steps show."""
    handed = max((step.handovers for step in steps if step.handovers is not None), default=None)
    reopened = max((step.reopenings for step in steps if step.reopenings is not None), default=None)
    return (
        changes(step.holder for step in steps) if handed is None else handed,
        reopenings(step.state for step in steps) if reopened is None else reopened,
    )
