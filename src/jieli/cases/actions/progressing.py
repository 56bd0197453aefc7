"""The life of a case: fields and stages changed, resolved, closed, cancelled, reopened."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from jieli.cases import notices
from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.conversing import ForbiddenPhrase, clean_body, say
from jieli.cases.actions.owning import give_to_who_is_there, withdraw_pending
from jieli.cases.actions.promises import end_running, replan, resume_locked, retarget_to, start_promise
from jieli.cases.actions.staging import advance, missing_fields
from jieli.cases.actions.telling import tell
from jieli.cases.events import CaseCancelled, CaseClosed, CaseReopened, CaseResolved, FieldsChanged, StageChanged
from jieli.cases.models import Case, Message, Promise
from jieli.cases.models.because import Because
from jieli.cases.policy import may_cancel, may_change, may_close, may_note_reading, may_reopen, may_resolve
from jieli.cases.queries.own_fields import own_fields, seen_custom
from jieli.cases.queries.planning import facts_of_case, numbers, plan_of_kind, plans_starting
from jieli.cases.refusals import BadCase, CaseNotEnded, CaseNotResolved, ChangedMeanwhile, ReopenTooLate
from jieli.cases.rules.own_fields import Judged, judged
from jieli.cases.rules.promising import given
from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor
from jieli.events.models import Event
from jieli.events.refusals import require
from jieli.files.actions import seal_case_evidence
from jieli.lib import clock
from jieli.policies.queries import current

FIELDS = (
    "kind",
    "service_type",
    "subject",
    "description",
    "product_line",
    "fault_code",
    "address",
    "severity",
    "tags",
    "custom",
    "language",
    "contact_id",
    "device_id",
    "customer_id",
)
_TEXTS = ("subject", "description", "address")
_RULED_BY = {"kind", "service_type", "severity", "product_line", "customer_id"}
AUTOCLOSE = "autoclose"


@changing
def change_case(case_id: int, *, values: Mapping[str, Any], revision: int | None, actor: Actor) -> Case:
    """Correct fields of a case; what rules match on re-plans the running promises and keeps the old ones in history.

    `revision` is the one the person saw: when the same fields were changed meanwhile, ChangedMeanwhile carries the present
    values and nothing is lost; changes of other fields are kept side by side. ``custom`` replaces what the actor sees of the
    company's own fields, each of which counts as a field by itself. Raises BadCase naming the fields.
    """
    case = locked_case(case_id, actor)
    require(may_change(actor, case))
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise BadCase(fields={name: _("This field cannot be changed here.") for name in sorted(unknown)})
    own = _own_values(case, values, actor)
    changed = {name: value for name, value in (*values.items(), *own.values.items()) if getattr(case, name) != value}
    _refuse_bad(changed, own.faults)
    if not changed:
        return case
    before = case.custom
    own_names = _differing(before, changed.get("custom", before))
    if revision is not None and revision != case.revision:
        touched = _changed_since(case, revision)
        clash: dict[str, object] = {name: getattr(case, name) for name in changed if name in touched}
        clashing = [name for name in own_names if f"custom.{name}" in touched]
        if clashing:
            seen = seen_custom(before, case.kind, actor)
            clash["custom"] = {name: seen.get(name) for name in clashing}
        if clash:
            raise ChangedMeanwhile(clash)
    now = clock.now()
    old = {name: getattr(case, name) for name in changed}
    for name, value in changed.items():
        setattr(case, name, value)
    case.revision += 1
    case.save(update_fields=[*(name.removesuffix("_id") for name in changed), "revision"])
    record(
        FieldsChanged(
            case_id=case.pk,
            names=sorted([*(changed.keys() - {"custom"}), *(f"custom.{name}" for name in own_names)]),
            old={
                "revision": case.revision - 1,
                **{name: value for name, value in old.items() if name not in _TEXTS and name != "custom"},
            },
            new={name: value for name, value in changed.items() if name not in _TEXTS and name != "custom"},
            old_text="\n".join(f"{name}: {old[name]}" for name in _TEXTS if name in old),
            old_custom=_as_json({name: before.get(name) for name in own_names}),
        ),
        actor=actor,
        at=now,
    )
    if _RULED_BY & set(changed):
        case.refresh_from_db()
        replan(case, actor=actor, at=now)
    return case


def _changed_since(case: Case, revision: int) -> set[str]:
    touched: set[str] = set()
    for event in Event.objects.of_case(case.pk).filter(type=FieldsChanged.type, data__old__revision__gte=revision):
        touched |= set(event.data["names"])
    return touched


def _own_values(case: Case, values: Mapping[str, Any], actor: Actor) -> Judged:
    """Judge what is given for the company's own fields of the kind which the case then is."""
    if "custom" not in values:
        return Judged()
    asked = own_fields(str(values.get("kind", case.kind)), actor)
    own = judged(values["custom"], asked, before=case.custom, complete=not actor.is_internal)
    return Judged({"custom": own.values}, own.faults)


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _as_json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True) if values else ""


def _refuse_bad(changed: Mapping[str, Any], faults: Mapping[str, Any]) -> None:
    wrong = dict(faults)
    choices: dict[str, list[Any]] = {
        "kind": list(Case.Kind.values),
        "service_type": ["", *Case.ServiceType.values],
        "severity": [None, *Case.Severity.values],
    }
    for name, allowed in choices.items():
        if name in changed and changed[name] not in allowed:
            wrong[name] = _("Choose one of the given values.")
    if "subject" in changed and not str(changed["subject"]).strip():
        wrong["subject"] = _("Say in a few words what it is about.")
    limits = {"subject": 200, "address": 500, "product_line": 60, "fault_code": 60}
    for name, most in limits.items():
        if name in changed and len(str(changed[name])) > most:
            wrong[name] = _("This is too long.")
    if wrong:
        raise BadCase(fields=wrong)


@changing
def move_to_stage(case_id: int, *, stage: str, actor: Actor) -> Case:
    """Move a case along its route; what the stage asks for must be filled before it is left, and its promises begin.

    Raises BadCase for a stage that is not on the route, or naming the fields still to be filled.
    """
    case = locked_case(case_id, actor)
    require(may_change(actor, case))
    route = current("routes").data.of(case.kind)
    there = route.stage(stage)
    if there is None:
        raise BadCase(fields={"stage": _("This stage is not on the route of the case.")})
    if stage == case.stage:
        return case
    missing = missing_fields(case)
    if missing and not actor.is_internal:
        raise BadCase(fields={name: _("To be filled before the case moves on.") for name in missing})
    now = clock.now()
    old, case.stage = case.stage, stage
    case.save(update_fields=["stage"])
    record(StageChanged(case_id=case.pk, old=old, new=stage), actor=actor, at=now)
    facts = facts_of_case(case)
    for plan in plans_starting(_STARTS.get(stage, stage), facts):
        if not case.promises.unended().filter(kind=plan.kind).exists():
            start_promise(case, plan, actor=actor, at=now)
    return case


_STARTS = {"dispatch": "dispatched"}


@changing
def resolve_case(case_id: int, *, answer: str, actor: Actor, in_spite_of_phrases: bool = True) -> Case:
    """Tell the customer the result: the promises are kept, and the call-back or the automatic close begins.

    Raises ForbiddenPhrase for words that customers should not hear, when they are not to be sent in spite of it.
    """
    case = locked_case(case_id, actor)
    require(may_resolve(actor, case))
    text = clean_body(answer)
    now = clock.now()
    if case.status == Case.Status.RESOLVED:
        raise CaseNotEnded(_("The result was told already. Reopen the case to go on."))
    found = current("forbidden_phrases").data.found_in(text)
    if found and not in_spite_of_phrases:
        raise ForbiddenPhrase(found)
    withdraw_pending(case, actor=actor, at=now, why=Because.CASE_RESOLVED)
    if case.status == Case.Status.WAITING:
        resume_locked(case, actor=actor, at=now, why=Because.CASE_RESOLVED)
    phrases = [one.phrase for one in found]
    message = say(case, text, direction=Message.Direction.OUT, actor=actor, at=now, phrases=phrases)
    case.status, case.resolved_at = Case.Status.RESOLVED, now
    case.save(update_fields=["status", "resolved_at"])
    record(CaseResolved(case_id=case.pk, message_id=message.pk), actor=actor, at=now)
    advance(case, "callback", "quality", actor=actor, at=now)
    end_running(
        case,
        [kind for kind in Promise.Kind.values if kind not in ("callback", "payout", *Promise.OFFER_KINDS)],
        actor=actor,
        at=now,
    )
    plan = plan_of_kind("callback", facts_of_case(case), starts="resolved")
    if plan is None:
        close_at = now + timedelta(days=numbers().data.autoclose_after_sent_days)
        plan = given("callback", close_at, policy="", by=AUTOCLOSE)
    if not case.promises.unended().filter(kind="callback").exists():
        start_promise(case, plan, actor=actor, at=now, told_how="message")
    return case


@changing
def answer_read(case_id: int, *, actor: Actor) -> None:
    """Note that the customer read our messages; an automatic close then comes the policy's days after it was read."""
    case = locked_case(case_id, actor, must_be_open=False)
    require(may_note_reading(actor, case))
    now = clock.now()
    unread = case.messages.filter(direction=Message.Direction.OUT, read_at__isnull=True)
    if not unread.update(read_at=now) or case.status != Case.Status.RESOLVED:
        return
    closing = case.promises.unended().filter(kind="callback", rule=AUTOCLOSE).select_for_update(of=("self",)).first()
    if closing is not None:
        due_at = now + timedelta(days=numbers().data.autoclose_after_read_days)
        if due_at < closing.due_at:
            retarget_to(closing, due_at, rule=AUTOCLOSE, actor=actor, at=now)


@changing
def close_case(case_id: int, *, actor: Actor) -> Case:
    """Archive a resolved case: no promise runs on and no pass is pending."""
    case = locked_case(case_id, actor)
    require(may_close(actor, case))
    if case.status != Case.Status.RESOLVED:
        raise CaseNotResolved
    close_locked(case, actor=actor, at=clock.now(), why=Because.BY_HAND)
    return case


def close_locked(case: Case, *, actor: Actor, at: datetime, why: str) -> None:
    """Close a locked case: the call-back is kept, what else runs is cancelled."""
    withdraw_pending(case, actor=actor, at=at, why=Because.CASE_CLOSED)
    end_running(case, ["callback"], actor=actor, at=at)
    end_running(case, Promise.Kind.values, actor=actor, at=at, cancelled_because=Because.CASE_CLOSED)
    case.status, case.closed_at, case.stage = Case.Status.CLOSED, at, _last_stage(case)
    case.escort_id = None
    case.save(update_fields=["status", "closed_at", "stage", "escort"])
    record(CaseClosed(case_id=case.pk, why=why), actor=actor, at=at)
    seal_case_evidence(case.pk, actor=SYSTEM)


def _last_stage(case: Case) -> str:
    stages = current("routes").data.of(case.kind).stages
    return str(stages[-1].code.value)


@changing
def cancel_case(case_id: int, *, reason: str, actor: Actor) -> Case:
    """Call a case off with a reason."""
    case = locked_case(case_id, actor)
    require(may_cancel(actor, case))
    if not reason.strip():
        raise BadCase(fields={"reason": _("Say why.")})
    now = clock.now()
    withdraw_pending(case, actor=actor, at=now, why=Because.CASE_CANCELLED)
    end_running(case, Promise.Kind.values, actor=actor, at=now, cancelled_because=Because.CASE_CANCELLED)
    case.status, case.closed_at, case.escort_id = Case.Status.CANCELLED, now, None
    case.save(update_fields=["status", "closed_at", "escort"])
    record(CaseCancelled(case_id=case.pk, reason=reason.strip()), actor=actor, at=now)
    seal_case_evidence(case.pk, actor=SYSTEM)
    return case


@changing
def reopen_case(case_id: int, *, reason: str, actor: Actor) -> Case:
    """Reopen a resolved or ended case within the policy's days under the same number; later it takes a follow-up.

    The customer gets a new time at once. When the owner is away or gone, the deputy or the duty officer has it.
    Raises CaseNotEnded, ReopenTooLate, BadCase without a reason.
    """
    case = locked_case(case_id, actor, must_be_open=False)
    require(may_reopen(actor, case))
    if not reason.strip():
        raise BadCase(fields={"reason": _("Say why.")})
    if case.status in (Case.Status.OPEN, Case.Status.WAITING):
        raise CaseNotEnded
    now = clock.now()
    ended_at = case.closed_at or case.resolved_at or now
    if now > ended_at + timedelta(days=numbers().data.reopen_days):
        raise ReopenTooLate
    reopen_locked(case, reason=reason.strip(), actor=actor, at=now)
    return case


def reopen_locked(case: Case, *, reason: str, actor: Actor, at: datetime, stage: str = "") -> None:
    """Let a locked case that was resolved or ended go on, with new times, at its handling or at a given stage."""
    end_running(case, ["callback"], actor=actor, at=at, cancelled_because=Because.CASE_REOPENED)
    case.status, case.closed_at, case.resolved_at = Case.Status.OPEN, None, None
    case.reopened += 1
    route = current("routes").data.of(case.kind)
    handling = "handling" if route.stage("handling") else route.stages[0].code.value
    old, case.stage = case.stage, stage or handling
    case.save(update_fields=["status", "closed_at", "resolved_at", "reopened", "stage"])
    record(CaseReopened(case_id=case.pk, times=case.reopened, reason=reason), actor=actor, at=at)
    if stage:
        record(StageChanged(case_id=case.pk, old=old, new=stage), actor=actor, at=at)
    give_to_who_is_there(case, actor=actor, at=at)
    facts = facts_of_case(case)
    for kind in ("next_reply", "resolve"):
        plan = plan_of_kind(kind, facts)
        if plan is not None:
            start_promise(case, plan, actor=actor, at=at, told_how="portal" if actor.kind == "customer" else "")
    tell(case, [case.owner_id, case.steward_id], notices.REOPENED)
