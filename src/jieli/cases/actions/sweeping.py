"""The sweep: what falls due is noticed within seconds, once, however many workers look (spec 1, Warnings and escalation)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet

from jieli.cases import notices
from jieli.cases.actions.passing import lapse_locked
from jieli.cases.actions.progressing import AUTOCLOSE, close_locked
from jieli.cases.actions.promises import planned_promise, reply_after_breach, resume_locked
from jieli.cases.actions.telling import tell
from jieli.cases.events import PromiseBroken, PromiseEnded, PromiseMade, PromiseWarned
from jieli.cases.models import Alarm, Case, Pass, Promise, Segment
from jieli.cases.models.because import Because
from jieli.cases.queries.planning import (
    calendars_of,
    derive_promise,
    numbers,
)
from jieli.cases.rules.promising import alarm_times, next_alarm
from jieli.events.actions import record_many
from jieli.events.actor import SYSTEM
from jieli.events.facts import Fact
from jieli.lib import clock
from jieli.notify.actions import Telling, tell_all
from jieli.people.queries import absent_ids, present, read_hours, read_leaders, superior_of

log = structlog.get_logger(__name__)

BATCH = 200


def sweep(limit: int = BATCH) -> int:
    """Notice up to `limit` promises whose alarm time has come and return how many were handled.

    A batch is one transaction with one statement per kind of row. Cases that somebody has locked, another worker with its own
    batch among them, are left out: workers share the work. When a batch fails, each of its promises is tried alone, so that one
    bad row never stops the others.
    """
    now = clock.now()
    try:
        done = _notice(_waiting(now), limit, now)
    except Exception:
        log.exception("sweep.batch_failed", limit=limit)
    else:
        if not done:
            _failed.clear()
        return done
    done = 0
    for promise_id in list(_waiting(now).values_list("id", flat=True)[:limit]):
        try:
            done += _notice(Promise.objects.alarming(now).filter(pk=promise_id), 1, now)
        except Exception:
            log.exception("sweep.promise_failed", promise=promise_id)
            _failed.add(promise_id)
    return done


_failed: set[int] = set()


def _waiting(now: datetime) -> QuerySet[Promise]:
    return Promise.objects.alarming(now).exclude(pk__in=_failed)


_RELATED = ("case__unit__parent", "case__owner__unit", "case__steward", "case__customer")


@transaction.atomic
def _notice(waiting: QuerySet[Promise], limit: int, now: datetime) -> int:
    locked = waiting.select_for_update(of=("self", "case"), skip_locked=True).select_related(*_RELATED)
    promises = list(locked[:limit])
    if not promises:
        return 0
    read_hours({promise.calendar_unit_id for promise in promises} | {promise.case.unit_id for promise in promises})
    # Promises of one case share its row, so that what one does to it the next one sees.
    cases = {promise.case_id: promise.case for promise in promises}
    segments: dict[int, list[Segment]] = defaultdict(list)
    for segment in Segment.objects.filter(promise__in=promises).order_by("promise", "sequence"):
        segments[segment.promise_id].append(segment)
    alarms: dict[int, set[int]] = defaultdict(set)
    for promise_id, share in Alarm.objects.filter(promise__in=promises).values_list("promise_id", "share"):
        alarms[promise_id].add(share)
    batch = _Batch(now, cases)
    for promise in promises:
        promise.case = cases[promise.case_id]
        if not _special(promise, now):
            batch.add(promise, segments[promise.pk], alarms[promise.pk])
    batch.write()
    return len(promises)


def _special(promise: Promise, now: datetime) -> bool:
    """Handle what ends something instead of ringing: the end of a pause, of an offer, of the wait before closing."""
    case = promise.case
    if promise.paused_until is not None:
        if promise.paused_until <= now:
            if case.status == Case.Status.WAITING:  # the first of its promises wakes it, with all others
                tell(case, [case.owner_id], notices.WOKE)
            resume_locked(case, actor=SYSTEM, at=now, why=Because.TIME_CAME)
        return True
    if promise.due_at > now or promise.breached_at is not None:
        return False
    if promise.kind == Promise.Kind.PASS_ANSWER and promise.offer_id is not None:
        offer = Pass.objects.select_for_update(of=("self",)).select_related("giver", "receiver").get(pk=promise.offer_id)
        if offer.state == Pass.State.OFFERED:
            offer.case = case
            lapse_locked(offer, actor=SYSTEM, at=now)
            return True
    if promise.kind == Promise.Kind.CALLBACK and promise.rule == AUTOCLOSE and case.status == Case.Status.RESOLVED:
        close_locked(case, actor=SYSTEM, at=promise.due_at, why=Because.NOTHING_ASKED)
        return True
    return False


class _Batch:
    """What one round of the sweep writes, gathered so that each table is written once."""

    def __init__(self, now: datetime, cases: Mapping[int, Case]) -> None:
        self.now = now
        self.cases = cases
        self.steps = {step.percent: step for step in numbers().data.warnings}
        self.alarms: list[Alarm] = []
        self.facts: list[Fact] = []
        self.tellings: list[Telling] = []
        self.changed: list[Promise] = []
        self.next_replies: dict[int, Promise] = {}

    # What not every batch asks is read at the first question, for all cases at once.

    @cached_property
    def _answered_soon(self) -> set[int]:
        following = Promise.objects.unended().filter(kind=Promise.Kind.NEXT_REPLY, breached_at=None, due_at__gt=self.now)
        return set(following.filter(case_id__in=self.cases).values_list("case_id", flat=True))

    @cached_property
    def _leaders(self) -> dict[int, int | None]:
        owners = {case.owner_id: case.owner for case in self.cases.values()}
        read_leaders({owner.unit_id for owner in owners.values()})
        superiors = {pk: superior_of(owner) for pk, owner in owners.items()}
        return {pk: None if superior is None else superior.pk for pk, superior in superiors.items()}

    @cached_property
    def _away(self) -> Collection[int]:
        return absent_ids(self.now)

    def add(self, promise: Promise, segments: Sequence[Segment], rung: set[int]) -> None:
        derived = derive_promise(promise, segments)
        calendar_of = calendars_of(promise.calendar_unit_id)
        times = alarm_times(promise.started_at, derived, list(self.steps), calendar_of)
        new = [share for share, at in times if at <= self.now and share not in rung]
        for share in new:
            self.alarms.append(Alarm(promise=promise, share=share, due_at=promise.due_at, noticed_at=self.now))
        if 100 in new and promise.breached_at is None:
            self._breach(promise)
        elif new:
            self.facts.append(
                PromiseWarned(case_id=promise.case_id, promise_id=promise.pk, promise=promise.kind, share=max(new))
            )
        if new:
            self._tell(promise, max(new))
        alarm = next_alarm(times, rung=rung | set(new), paused_until=None)
        promise.next_alarm_at = alarm if promise.ended_at is None else None
        self.changed.append(promise)

    def _breach(self, promise: Promise) -> None:
        promise.breached_at = self.now
        case = promise.case
        self.facts.append(
            PromiseBroken(
                case_id=case.pk,
                promise_id=promise.pk,
                promise=promise.kind,
                due_at=promise.due_at,
                responsible_id=case.owner_id,
                steward_id=case.steward_id,
            )
        )
        if promise.kind not in Promise.INSIDE_KINDS:
            follower = self._promise_next_reply(case)
            if follower is not None and promise.kind == follower.kind and promise.rule == follower.rule:
                self._supersede(promise)

    def _supersede(self, promise: Promise) -> None:
        """End the broken reply that itself followed a breach: the new one stands for it, the first broken promise runs on."""
        promise.ended_at, promise.outcome = self.now, Promise.Outcome.CANCELLED
        promise.reason = Because.NEW_TIME
        self.facts.append(
            PromiseEnded(
                case_id=promise.case_id,
                promise_id=promise.pk,
                promise=promise.kind,
                outcome=promise.outcome,
                due_at=promise.due_at,
                reason=promise.reason,
            )
        )

    def _promise_next_reply(self, case: Case) -> Promise | None:
        """Open the next-reply promise that follows a breach, unless one is running unbroken."""
        if case.pk in self.next_replies or case.pk in self._answered_soon:
            return None
        self.next_replies[case.pk] = planned_promise(case, reply_after_breach(case), at=self.now)
        return self.next_replies[case.pk]

    def _tell(self, promise: Promise, share: int) -> None:
        step = self.steps.get(share)
        case = promise.case
        roles = step.tell if step is not None else ("owner", "steward")
        answerable = promise.offer.receiver_id if promise.offer is not None else case.owner_id
        who: set[int | None] = set()
        for role in roles:
            if role == "owner":
                who.add(self._stand_in(answerable))
            elif role == "steward":
                who.add(self._stand_in(case.steward_id))
            elif role == "leader":
                who.add(self._leaders[case.owner_id])
            elif role == "manager":
                above = case.unit.parent or case.unit
                who.add(above.leader_id)
        params = {
            "number": case.number,
            "subject": case.subject,
            "promise": promise.kind,
            "share": share,
            "due": promise.due_at.isoformat(),
        }
        kind = notices.BROKEN if share >= 100 else notices.WARNING
        self.tellings += [Telling(one, kind, case.pk, params) for one in sorted(one for one in who if one is not None)]

    def _stand_in(self, staff_id: int) -> int:
        if staff_id not in self._away:
            return staff_id
        deputy = present(staff_id, self.now)
        return deputy.pk if deputy is not None else staff_id

    def write(self) -> None:
        Alarm.objects.bulk_create(self.alarms)
        self._update()
        made = Promise.objects.bulk_create(list(self.next_replies.values()))
        self.facts += [
            PromiseMade(
                case_id=promise.case_id,
                promise_id=promise.pk,
                promise=promise.kind,
                due_at=promise.due_at,
                rule=promise.rule,
                policy=promise.policy,
            )
            for promise in made
        ]
        record_many(self.facts, actor=SYSTEM)
        tell_all(self.tellings, actor=SYSTEM)

    def _update(self) -> None:
        """Write the promises that changed; `bulk_update` takes a dozen times as long to say the same."""
        rows = [(one.pk, one.next_alarm_at, one.breached_at, one.ended_at, one.outcome, one.reason) for one in self.changed]
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(_UPDATE, [list(column) for column in zip(*rows, strict=True)])


_UPDATE = """
update cases_promise p
set next_alarm_at = c.next_alarm_at, breached_at = c.breached_at, ended_at = c.ended_at, outcome = c.outcome, reason = c.reason
from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[])
  as c (id, next_alarm_at, breached_at, ended_at, outcome, reason)
where p.id = c.id
"""
