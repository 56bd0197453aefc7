"""Promises: made, told, kept, paused, resumed and planned anew; never patched."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.events import (
    CaseGoesOn,
    CaseWaits,
    EscortEnded,
    PromiseEnded,
    PromiseMade,
    PromisePaused,
    PromiseReplanned,
    PromiseResumed,
    PromiseTold,
)
from jieli.cases.models import Alarm, Case, Pass, Promise, Segment
from jieli.cases.models.because import Because
from jieli.cases.policy import may_pause, may_promise
from jieli.cases.queries.planning import (
    calendars_of,
    derive_promise,
    facts_of_case,
    first_alarm,
    numbers,
    plan_of_kind,
    promises_policy,
)
from jieli.cases.refusals import AlreadyPaused, BadCase, EndsOtherwise, NotPaused, PromiseOver
from jieli.cases.rules.promising import BESIDE, Derived, Plan, derive, given, lateness_minutes
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.events.refusals import NotFound, require
from jieli.lib import clock


def grace() -> timedelta:
    """Return how long a broken promise still counts as the next time (invariant 3)."""
    return timedelta(minutes=float(numbers().data.grace_minutes))


def planned_promise(case: Case, plan: Plan, *, at: datetime) -> Promise:
    """Return a promise on a case that begins by its plan, with its due time worked out, not yet saved."""
    derived = derive(at, plan, (), calendars_of(case.unit_id))
    return Promise(
        case=case,
        kind=plan.kind,
        started_at=at,
        mode=plan.mode,
        target=plan.target,
        given_due_at=plan.given_due_at,
        calendar=plan.calendar,
        calendar_unit_id=case.unit_id,
        due_at=derived.due_at,
        holds_until=derived.due_at + grace(),
        policy=plan.policy,
        rule=plan.rule,
        facts=dict(plan.facts),
        next_alarm_at=first_alarm(at, derived, case.unit_id) or derived.due_at,
    )


def start_promise(
    case: Case,
    plan: Plan,
    *,
    actor: Actor,
    at: datetime,
    told_how: str = "",
    offer: Pass | None = None,
    by_import: bool = False,
    due_before: datetime | None = None,
) -> Promise:
    """Begin a promise on a locked case by its plan. `due_before` brings the due time forward (the end of a shift)."""
    if due_before is not None:
        derived = derive(at, plan, (), calendars_of(case.unit_id))
        if derived.due_at > due_before:
            plan = given(plan.kind, due_before, policy=plan.policy, by=plan.rule)
    promise = planned_promise(case, plan, at=at)
    promise.offer, promise.by_import = offer, by_import
    promise.told_at, promise.told_how = (at if told_how else None), told_how
    promise.save(force_insert=True)
    record(
        PromiseMade(
            case_id=case.pk,
            promise_id=promise.pk,
            promise=plan.kind,
            due_at=promise.due_at,
            rule=plan.rule,
            policy=plan.policy,
            told=bool(told_how),
        ),
        actor=actor,
        at=at,
    )
    return promise


def end_promise(promise: Promise, *, actor: Actor, at: datetime, cancelled_because: str = "", case: Case | None = None) -> None:
    """End a running promise of a locked case: kept, late, or cancelled with a reason; an escort has then run on far enough."""
    late = lateness_minutes(promise.due_at, at)
    promise.ended_at = at
    promise.paused_until = None
    promise.next_alarm_at = None
    if cancelled_because:
        promise.outcome, promise.reason = Promise.Outcome.CANCELLED, cancelled_because
    elif late is None:
        promise.outcome = Promise.Outcome.KEPT
    else:
        promise.outcome, promise.late_minutes = Promise.Outcome.LATE, late
    fields = ["ended_at", "next_alarm_at", "outcome", "reason", "late_minutes"]
    if promise.segments:
        _resume_for_ending(promise, actor, at, fields)
    promise.save(update_fields=fields)
    record(
        PromiseEnded(
            case_id=promise.case_id,
            promise_id=promise.pk,
            promise=promise.kind,
            outcome=promise.outcome,
            due_at=promise.due_at,
            late_minutes=str(late) if late is not None and not cancelled_because else "",
            reason=cancelled_because,
        ),
        actor=actor,
        at=at,
    )
    case = case or promise.case
    if (
        case.escort_id is not None
        and not cancelled_because
        and promise.kind not in Promise.INSIDE_KINDS
        and case.escort_id != case.owner_id
    ):
        record(EscortEnded(case_id=case.pk, escort_id=case.escort_id), actor=actor, at=at)
        case.escort_id = None
        case.save(update_fields=["escort"])


def _resume_for_ending(promise: Promise, actor: Actor, at: datetime, fields: list[str]) -> None:
    """Close an open pause in the promise's history, so that its due time stands when it ends."""
    segments = list(promise.history.order_by("sequence"))
    if not segments or derive_promise(promise, segments).paused_until is None:
        return
    event = record(
        PromiseResumed(
            case_id=promise.case_id, promise_id=promise.pk, promise=promise.kind, due_at=promise.due_at, woke_by_itself=False
        ),
        actor=actor,
        at=at,
    )
    segments.append(_append(promise, Segment.Kind.RESUME, at, event))
    derived = derive_promise(promise, segments)
    promise.due_at = derived.due_at
    promise.holds_until = derived.due_at + grace()
    if promise.outcome != Promise.Outcome.CANCELLED:
        late = lateness_minutes(derived.due_at, at)
        promise.outcome = Promise.Outcome.KEPT if late is None else Promise.Outcome.LATE
        promise.late_minutes = late
    fields += ["segments", "due_at", "holds_until", "paused_until"]


def end_running(case: Case, kinds: Iterable[str], *, actor: Actor, at: datetime, cancelled_because: str = "") -> list[Promise]:
    """End all running promises of some kinds on a locked case."""
    ended = list(case.promises.unended().filter(kind__in=list(kinds)).order_by("id"))
    for promise in ended:
        end_promise(promise, actor=actor, at=at, cancelled_because=cancelled_because, case=case)
    return ended


def _append(promise: Promise, kind: str, at: datetime, event: Event, **values: object) -> Segment:
    promise.segments += 1
    return Segment.objects.create(promise=promise, sequence=promise.segments, kind=kind, at=at, event=event, **values)


def _apply(promise: Promise, derived: Derived) -> None:
    """Write what the replay says into the promise's caches."""
    rung = frozenset(Alarm.objects.filter(promise=promise).values_list("share", flat=True))
    promise.due_at = derived.due_at
    promise.holds_until = derived.due_at + grace()
    promise.paused_until = derived.paused_until
    alarm = first_alarm(promise.started_at, derived, promise.calendar_unit_id, rung)
    promise.next_alarm_at = alarm if promise.breached_at is not None else min(alarm or derived.due_at, derived.due_at)
    promise.save(
        update_fields=["segments", "due_at", "holds_until", "paused_until", "next_alarm_at", "policy", "rule", "facts"]
    )


@changing
def give_promise(case_id: int, *, kind: str, due_at: datetime, told: bool, actor: Actor, told_how: str = "message") -> Promise:
    """Promise a time that a person gives; an earlier promise of the kind still counts (spec 1, Early telling).

    Raises BadCase for a time that has passed or lies more than a year ahead, or a kind that people cannot promise.
    """
    case = locked_case(case_id, actor)
    require(may_promise(actor, case))
    now = clock.now()
    if kind not in Promise.Kind.values or kind in Promise.OFFER_KINDS:
        raise BadCase(fields={"kind": _("Choose one of the kinds of promises to a customer.")})
    if not now < due_at <= now + timedelta(days=366):
        raise BadCase(fields={"due_at": _("Promise a time that lies ahead, at most a year.")})
    running = case.promises.unended().filter(kind=kind).first()
    beside: dict[str, str] = {}
    if running is not None and kind not in ("next_reply", "internal_answer", "part_delivery"):
        if running.breached_at is not None or running.due_at < due_at:
            # The earlier promise stands: a second one runs beside it as a reply time.
            beside = {BESIDE: str(kind)}
            kind = Promise.Kind.NEXT_REPLY
        else:
            _retarget(running, given(running.kind, due_at, policy="", by=_by(actor)), actor, now)
            if told:
                _tell(running, told_how, actor, now)
            return running
    plan = replace(given(kind, due_at, policy="", by=_by(actor)), facts=beside)
    return start_promise(case, plan, actor=actor, at=now, told_how=told_how if told else "")


def _by(actor: Actor) -> str:
    return f"by hand: {actor.name}"[:80]


@changing
def tell_promise(promise_id: int, *, how: str, actor: Actor) -> Promise:
    """Note that the other side was told of a promise."""
    promise = locked_promise(promise_id, actor)
    require(may_promise(actor, promise.case))
    _tell(promise, how, actor, clock.now())
    return promise


def _tell(promise: Promise, how: str, actor: Actor, at: datetime) -> None:
    if promise.told_at is None:
        promise.told_at, promise.told_how = at, how[:20]
        promise.save(update_fields=["told_at", "told_how"])
        record(
            PromiseTold(case_id=promise.case_id, promise_id=promise.pk, promise=promise.kind, how=how[:20]),
            actor=actor,
            at=at,
        )


@changing
def keep_promise(promise_id: int, *, actor: Actor) -> Promise:
    """End a promise as fulfilled now: kept, or late when its time has passed. Raises EndsOtherwise."""
    promise = locked_promise(promise_id, actor)
    require(may_promise(actor, promise.case))
    _end_by_hand(promise, actor=actor)
    return promise


@changing
def cancel_promise(promise_id: int, *, reason: str, actor: Actor) -> Promise:
    """Cancel a promise with a reason; refused when the case would have no next time. Raises EndsOtherwise."""
    promise = locked_promise(promise_id, actor)
    require(may_promise(actor, promise.case))
    if not reason.strip():
        raise BadCase(fields={"reason": _("Say why.")})
    _end_by_hand(promise, actor=actor, cancelled_because=reason.strip()[:300])
    return promise


def _end_by_hand(promise: Promise, *, actor: Actor, cancelled_because: str = "") -> None:
    """End one promise unless something else must end it, and wake a case that would wait for nothing."""
    case, now = promise.case, clock.now()
    if promise.kind in Promise.OFFER_KINDS:
        raise EndsOtherwise(_("It ends with the answer to the offer: accept, decline, decide or withdraw."))
    if promise.kind == Promise.Kind.CALLBACK and case.status == Case.Status.RESOLVED:
        raise EndsOtherwise(_("It ends with the case: close it, or reopen it."))
    end_promise(promise, actor=actor, at=now, cancelled_because=cancelled_because)
    if case.status == Case.Status.WAITING and not case.promises.unended().filter(paused_until__isnull=False).exists():
        resume_locked(case, actor=actor, at=now, why=Because.NOTHING_WAITS)


def locked_promise(promise_id: int, actor: Actor) -> Promise:
    """Return a running promise with its case locked; raises NotFound, CaseEnded, PromiseOver."""
    case_id = Promise.objects.filter(pk=promise_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    case = locked_case(case_id, actor)
    promise = Promise.objects.select_for_update(of=("self",)).get(pk=promise_id)
    promise.case = case
    if promise.ended_at is not None:
        raise PromiseOver
    return promise


@changing
def pause_case(case_id: int, *, reason: str, until: datetime, consent: bool, actor: Actor) -> Case:
    """Let the clocks of a case stand until a time the customer agreed to; the case waits and wakes by itself.

    Only for reasons which the policy lists; every running promise to the customer that is not broken is paused.
    Raises BadCase without consent, for an unlisted reason or an end beyond the policy's days, AlreadyPaused.
    """
    case = locked_case(case_id, actor)
    require(may_pause(actor, case))
    now = clock.now()
    listed = numbers().data.pause(reason)
    wrong: dict[str, object] = {}
    if listed is None:
        wrong["reason"] = _("Choose one of the reasons which the policy lists.")
    if not consent and (listed is None or listed.needs_consent):
        wrong["consent"] = _("A pause needs the customer's consent.")
    if until <= now:
        wrong["until"] = _("The pause must end at a time that lies ahead.")
    elif until > now + timedelta(days=(listed.most_days if listed is not None and listed.most_days else 90)):
        wrong["until"] = _("The pause may not last that long.")
    if wrong:
        raise BadCase(fields=wrong)  # type: ignore[arg-type]
    if case.status == Case.Status.WAITING:
        raise AlreadyPaused
    paused = [
        promise
        for promise in case.promises.unended().to_customer().select_for_update(of=("self",)).order_by("id")
        if promise.breached_at is None and promise.due_at > now and promise.paused_until is None
    ]
    if not paused:
        raise BadCase(_("There is no running promise that could pause: every one is broken already."))
    for promise in paused:
        _pause(promise, reason, until, actor, now)
    case.status = Case.Status.WAITING
    case.save(update_fields=["status"])
    record(CaseWaits(case_id=case.pk, reason=reason, until=until), actor=actor, at=now)
    return case


def _pause(promise: Promise, reason: str, until: datetime, actor: Actor, now: datetime) -> None:
    # The event needs the new due time, and the segment its event: the pause is derived first with a segment not yet stored.
    segments = list(promise.history.order_by("sequence"))
    draft = Segment(
        promise=promise,
        sequence=promise.segments + 1,
        kind=Segment.Kind.PAUSE,
        at=now,
        until=until,
        reason=reason,
        consent=True,
    )
    derived = derive_promise(promise, [*segments, draft])
    event = record(
        PromisePaused(
            case_id=promise.case_id,
            promise_id=promise.pk,
            promise=promise.kind,
            reason=reason,
            until=until,
            due_at=derived.due_at,
        ),
        actor=actor,
        at=now,
    )
    _append(promise, Segment.Kind.PAUSE, now, event, until=until, reason=reason, consent=True)
    _apply(promise, derived)


@changing
def resume_case(case_id: int, *, actor: Actor, why: str = Because.BY_HAND) -> Case:
    """Let the clocks run again: by hand, because the customer wrote, or by themselves at the agreed end."""
    case = locked_case(case_id, actor)
    require(may_pause(actor, case) or actor.kind == "customer")
    if case.status != Case.Status.WAITING:
        raise NotPaused
    resume_locked(case, actor=actor, at=clock.now(), why=why)
    return case


def resume_locked(case: Case, *, actor: Actor, at: datetime, why: str) -> None:
    """Resume every paused promise of a locked case and set it open.

    Where nobody noticed the end of the pause for days, all of them may be due by then: a reply follows, as after their breach,
    which the sweep notices next.
    """
    for promise in case.promises.unended().filter(paused_until__isnull=False).select_for_update(of=("self",)).order_by("id"):
        segments = list(promise.history.order_by("sequence"))
        end = min(at, promise.paused_until or at)
        draft = Segment(promise=promise, sequence=promise.segments + 1, kind=Segment.Kind.RESUME, at=end)
        derived = derive_promise(promise, [*segments, draft])
        event = record(
            PromiseResumed(
                case_id=case.pk,
                promise_id=promise.pk,
                promise=promise.kind,
                due_at=derived.due_at,
                woke_by_itself=actor.is_internal,
            ),
            actor=actor,
            at=at,
        )
        _append(promise, Segment.Kind.RESUME, end, event)
        _apply(promise, derived)
    if case.status == Case.Status.WAITING:
        case.status = Case.Status.OPEN
        case.save(update_fields=["status"])
        record(CaseGoesOn(case_id=case.pk, why=why), actor=actor, at=at)
    if not case.promises.unended().to_customer().filter(due_at__gt=at).exists():
        start_promise(case, reply_after_breach(case), actor=actor, at=at)


def reply_after_breach(case: Case) -> Plan:
    """Return the next reply that follows a broken promise: that of the policy's rules, or else its general time."""
    policy = numbers()
    minutes = Decimal(policy.data.after_breach_next_reply_minutes)
    net = Plan("next_reply", "minutes", minutes, None, "desk", "after-breach", policy.version)
    return plan_of_kind("next_reply", facts_of_case(case), starts="breached") or net


def replan(case: Case, *, actor: Actor, at: datetime) -> list[Promise]:
    """Plan the running promises of a locked case anew after its severity, kind or tier changed; the old ones stay in history.

    Promises that a person gave, and inside ones, keep their time.
    """
    facts = facts_of_case(case)
    changed: list[Promise] = []
    for promise in case.promises.unended().to_customer().select_for_update(of=("self",)).order_by("id"):
        latest = derive_promise(promise, promise.history.all()).plan
        if latest.mode == Promise.Mode.INSTANT:
            continue
        plan = plan_of_kind(promise.kind, facts)
        if plan is None or (plan.mode, plan.target, plan.calendar) == (
            latest.mode,
            None if latest.target is None else Decimal(latest.target),
            latest.calendar,
        ):
            continue
        _retarget(promise, plan, actor, at)
        changed.append(promise)
    return changed


def _retarget(promise: Promise, plan: Plan, actor: Actor, at: datetime) -> None:
    segments = list(promise.history.order_by("sequence"))
    values = {
        "mode": plan.mode,
        "target": plan.target,
        "given_due_at": plan.given_due_at,
        "calendar": plan.calendar,
        "policy": plan.policy or promises_policy().version,
        "rule": plan.rule,
        "facts": dict(plan.facts),
    }
    draft = Segment(promise=promise, sequence=promise.segments + 1, kind=Segment.Kind.RETARGET, at=at, **values)
    derived = derive_promise(promise, [*segments, draft])
    event = record(
        PromiseReplanned(
            case_id=promise.case_id,
            promise_id=promise.pk,
            promise=promise.kind,
            old_due_at=promise.due_at,
            due_at=derived.due_at,
            rule=plan.rule,
            policy=str(values["policy"]),
        ),
        actor=actor,
        at=at,
    )
    _append(promise, Segment.Kind.RETARGET, at, event, **values)
    promise.policy, promise.rule, promise.facts = str(values["policy"]), plan.rule, dict(plan.facts)
    _apply(promise, derived)


def retarget_to(promise: Promise, due_at: datetime, *, rule: str, actor: Actor, at: datetime) -> None:
    """Move a running promise of a locked case to a given time by a named rule, through a segment."""
    _retarget(promise, given(promise.kind, due_at, policy="", by=rule), actor, at)
