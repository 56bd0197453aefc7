"""Cases that come with the rows of an exchange file: written whole, by the thousand, with the events of the app above."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieli.cases.actions.past import as_json, copy_rows, next_plan
from jieli.cases.actions.promises import end_promise, grace
from jieli.cases.events import CaseImported, PromiseMade
from jieli.cases.models import Case, Promise
from jieli.cases.models.because import Because
from jieli.cases.policy import may_import
from jieli.cases.queries.planning import calendars_of, facts_of, first_alarm
from jieli.cases.rules.promising import Plan, derive
from jieli.events.actions import Batch, append_batch, encoded, reserve_ids
from jieli.events.actor import Actor
from jieli.events.facts import plain
from jieli.events.models import Event
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.policies.queries import current

Later = tuple[datetime, str, str]
"""When, the type of the fact, and its data as JSON without what is empty."""


@dataclass(frozen=True, slots=True)
class BroughtCase:
    """One service case of an exchange file; closed when `closed_at` is known, else open with a next time from now on.

    `later` are the events after the import's own, in their order. `attributes` go into the event of the import: what else the
    row said, without personal or free text.
    """

    case_id: int
    source_key: str
    service_type: str
    subject: str
    customer_id: int
    device_id: int | None
    product_line: str
    unit_id: int
    owner_id: int
    is_on_duty: bool
    why: str
    opened_at: datetime
    closed_at: datetime | None
    line: int
    attributes: Mapping[str, Any]
    later: Sequence[Later] = field(default=())


def reserve_case_ids(count: int) -> list[int]:
    """Return ids for cases to be brought, rising."""
    return reserve_ids("cases_case", count)


@transaction.atomic
def bring_cases(cases: Sequence[BroughtCase], *, source: str, activity: str, actor: Actor) -> int:
    """Write new service cases of one source with all their events, and return the number of events.

    Cost: a fixed number of statements whatever their number. Raises NotAllowed for anybody but an import, IntegrityError when
    the source has one of the keys already.
    """
    require(may_import(actor))
    if not cases:
        return 0
    now = clock.now()
    timing = _Timing(now)
    promise_ids = iter(reserve_ids("cases_promise", sum(one.closed_at is None for one in cases)))
    route = current("routes")
    way = route.data.of("service")
    stages = [stage.code.value for stage in way.stages]
    way_name = f"{way.name}@{route.version}"
    landing = _("as recorded in %(source)s") % {"source": source}
    digests = secrets.token_hex(32 * len(cases))
    batch = Batch()
    places: list[int] = []
    promises: list[dict[str, Any]] = []
    due: list[datetime | None] = []
    for one in cases:
        places.append(len(batch))
        batch.add("case", one.case_id, one.opened_at, CaseImported.type, encoded(_imported(one, source, activity)))
        for at, type_, data in one.later:
            batch.add("case", one.case_id, at, type_, data)
        if one.closed_at is not None:
            due.append(None)
            continue
        row = timing.promise(next(promise_ids), one)
        promises.append(row)
        due.append(row["due_at"])
        made = {"promise_id": row["id"], "promise": row["kind"], "due_at": plain(row["due_at"]), "rule": row["rule"]}
        batch.add("case", one.case_id, now, PromiseMade.type, encoded({**made, "policy": row["policy"], "told": False}))
    event_ids = append_batch(batch, actor=actor)
    copy_rows(
        "cases_case",
        (
            {
                "id": one.case_id,
                "kind": "service",
                "service_type": one.service_type,
                "subject": one.subject,
                "description": "",
                "customer_id": one.customer_id,
                "device_id": one.device_id,
                "product_line": one.product_line,
                "fault_code": "",
                "address": "",
                "tags": "{}",
                "custom": "{}",
                "channel": "import",
                "language": "",
                "source": source,
                "source_key": one.source_key,
                "status": "closed" if one.closed_at else "open",
                "stage": stages[-1] if one.closed_at else stages[0],
                "route": way_name,
                "unit_id": one.unit_id,
                "owner_id": one.owner_id,
                "owner_event_id": event_ids[places[number]],
                "is_on_duty": one.is_on_duty,
                "steward_id": one.owner_id,
                "is_steward_provisional": one.is_on_duty,
                "landing": landing,
                "opened_at": one.opened_at,
                "next_due_at": due[number],
                "closed_at": one.closed_at,
                "resolved_at": one.closed_at,
                "reopened": 0,
                "passes": 0,
                "revision": 1,
                "tracking_digest": digests[64 * number : 64 * number + 64],
            }
            for number, one in enumerate(cases)
        ),
    )
    copy_rows("cases_promise", promises)
    return len(event_ids)


@transaction.atomic
def end_brought(closed: Mapping[int, datetime], *, source: str, actor: Actor) -> list[int]:
    """Close cases of a source that its file says are finished now, in the transaction that recorded so; return their ids.

    A case on which people here have worked, or which was ended here, stays as it is. Raises NotAllowed.
    """
    require(may_import(actor))
    cases = list(Case.objects.select_for_update(of=("self",)).filter(pk__in=list(closed)).order_by("pk"))
    touched = Event.objects.filter(stream="case", stream_id__in=list(closed), actor_kind__in=("staff", "customer"))
    ours = set(touched.values_list("stream_id", flat=True))
    ended = []
    now = clock.now()
    stage = current("routes").data.of("service").stages[-1].code.value
    running: dict[int, list[Promise]] = {}
    for promise in Promise.objects.unended().filter(case__in=[case.pk for case in cases]).order_by("pk"):
        running.setdefault(promise.case_id, []).append(promise)
    for case in cases:
        if case.pk in ours or case.status in Case.ENDED_STATUSES:
            continue
        for promise in running.get(case.pk, ()):
            end_promise(promise, actor=actor, at=now, case=case, cancelled_because=Because.CHANGED_IN_SOURCE)
        case.status, case.stage = Case.Status.CLOSED, stage
        case.closed_at = case.resolved_at = closed[case.pk]
        ended.append(case)
    Case.objects.bulk_update(ended, ["status", "stage", "closed_at", "resolved_at"], batch_size=500)
    return [case.pk for case in ended]


def _imported(one: BroughtCase, source: str, activity: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "source": source,
        "source_key": one.source_key,
        "owner_id": one.owner_id,
        "unit_id": one.unit_id,
        "activity": activity,
        "line": one.line,
    }
    if one.why:
        data["why"] = one.why
    if one.attributes:
        data["attributes"] = one.attributes
    return data


class _Timing:
    """The next times of open cases; those of one unit and service are derived once."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._derived: dict[tuple[int, str, str], tuple[Plan, str, datetime, datetime, datetime]] = {}

    def promise(self, promise_id: int, one: BroughtCase) -> dict[str, Any]:
        """Return the row of the promise of an open case."""
        key = (one.unit_id, one.service_type, one.product_line)
        if key not in self._derived:
            self._derived[key] = self._derive(one)
        plan, facts, due_at, holds_until, alarm_at = self._derived[key]
        return {
            "id": promise_id,
            "case_id": one.case_id,
            "kind": plan.kind,
            "started_at": self.now,
            "mode": plan.mode,
            "target": plan.target,
            "given_due_at": plan.given_due_at,
            "calendar": plan.calendar,
            "calendar_unit_id": one.unit_id,
            "segments": 0,
            "due_at": due_at,
            "holds_until": holds_until,
            "policy": plan.policy,
            "rule": plan.rule,
            "facts": facts,
            "told_how": "",
            "by_import": True,
            "next_alarm_at": alarm_at,
            "outcome": "",
            "reason": "",
        }

    def _derive(self, one: BroughtCase) -> tuple[Plan, str, datetime, datetime, datetime]:
        facts = facts_of(kind="service", service_type=one.service_type, product_line=one.product_line, channel="import")
        plan = next_plan(facts, "open", self.now)
        derived = derive(self.now, plan, (), calendars_of(one.unit_id))
        alarm_at = first_alarm(self.now, derived, one.unit_id) or derived.due_at
        return plan, as_json(plan.facts), derived.due_at, derived.due_at + grace(), alarm_at
