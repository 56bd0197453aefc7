"""The baton pass: offer, accept with a restatement, decline, withdraw, decide, lapse (spec 1, Baton pass)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from jieli.cases import notices
from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.owning import give_to, name_steward, settle, withdraw_pending
from jieli.cases.actions.promises import end_running, start_promise
from jieli.cases.actions.staging import advance
from jieli.cases.actions.telling import leader_of, officer_of, tell
from jieli.cases.events import (
    AssignmentAccepted,
    EscortAsked,
    PassAccepted,
    PassDeclined,
    PassLapsed,
    PassLimitReached,
    PassOffered,
    ProposalDecided,
)
from jieli.cases.models import Case, Pass, Promise
from jieli.cases.models.because import Because, standing_in
from jieli.cases.policy import may_answer_pass, may_assign, may_handle, may_offer_pass, may_withdraw_pass
from jieli.cases.queries.planning import facts_of_case, numbers, plan_of_kind
from jieli.cases.refusals import (
    AnsweredAtDispatch,
    BadCase,
    OwnerIsReceiver,
    PassPending,
    PassSettled,
    ReceiverNotActive,
    UpwardIsDecided,
)
from jieli.cases.rules.promising import Plan, given
from jieli.events.actions import record
from jieli.events.actor import Actor, rule_actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.people.models import DutyShift, Staff
from jieli.people.queries import present, superior_of


@changing
def offer_pass(
    case_id: int,
    *,
    to: Staff,
    done: str,
    next: str,
    actor: Actor,
    proposal: Mapping[str, Any] | None = None,
) -> Pass:
    """Offer the baton to one person; the giver owns the case until it is accepted.

    To one's own superior it needs a proposal (``{"options": [...], "recommended": n}``) and goes up for a decision. An absent
    receiver's deputy is asked instead. Raises PassPending, OwnerIsReceiver, ReceiverNotActive, BadCase.
    """
    case = locked_case(case_id, actor)
    require(may_offer_pass(actor, case))
    wrong = {}
    if not done.strip():
        wrong["done"] = _("Say what has been done.")
    if not next.strip():
        wrong["next"] = _("Say what is to be done next.")
    now = clock.now()
    superior = superior_of(case.owner)
    upward = superior is not None and superior.pk == to.pk
    if upward:
        wrong |= _proposal_faults(proposal)
    if wrong:
        raise BadCase(fields=wrong)
    return offer_locked(
        case,
        to,
        actor=actor,
        at=now,
        way=Pass.Way.UPWARD if upward else Pass.Way.PASS,
        done=done.strip(),
        next=next.strip(),
        proposal=dict(proposal) if upward and proposal else None,
    )


def _proposal_faults(proposal: Mapping[str, Any] | None) -> dict[str, Any]:
    options = proposal.get("options") if proposal else None
    if not isinstance(options, list) or not options or not all(isinstance(one, str) and one.strip() for one in options):
        return {"proposal": _("To your superior the case goes with a proposal: the options, and the one you recommend.")}
    recommended = proposal.get("recommended") if proposal else None
    if not isinstance(recommended, int) or isinstance(recommended, bool) or not 0 <= recommended < len(options):
        return {"proposal": _("Say which of the options you recommend.")}
    return {}


@changing
def assign_case(case_id: int, *, to: Sequence[Staff], actor: Actor, explanation: str = "", note: str = "") -> Pass:
    """Offer a case to the first of these people by a rule or a supervisor; a lapse goes to the next of them.

    The present owner keeps it until it is accepted. Raises PassPending, OwnerIsReceiver, ReceiverNotActive.
    """
    case = locked_case(case_id, actor)
    require(may_assign(actor, case))
    if not to:
        raise BadCase(fields={"to": _("Name at least one person.")})
    return offer_locked(
        case,
        to[0],
        actor=actor,
        at=clock.now(),
        way=Pass.Way.ASSIGN,
        done=note.strip(),
        next="",
        explanation=explanation[:300],
        candidates=[staff.pk for staff in to[1:]],
    )


def offer_locked(
    case: Case,
    to: Staff,
    *,
    actor: Actor,
    at: datetime,
    way: str,
    done: str = "",
    next: str = "",
    proposal: dict[str, Any] | None = None,
    explanation: str = "",
    reasons: dict[str, Any] | None = None,
    candidates: Sequence[int] = (),
    answer: Plan | None = None,
    notice: str = "",
) -> Pass:
    """Offer a locked case to one person, or to the deputy of who is absent; `reasons` is why a rule chose the person.

    `answer` is the plan of the promise to answer where the policy `promises` does not say it, `notice` the kind of the notice
    that the receiver gets. Raises PassPending, ReceiverNotActive, OwnerIsReceiver.
    """
    if case.pass_offers.filter(state=Pass.State.OFFERED).exists():
        raise PassPending
    receiver = present(to.pk, at) if to.is_active else None
    if receiver is None:
        raise ReceiverNotActive
    if receiver.pk == case.owner_id:
        raise OwnerIsReceiver
    if receiver.pk != to.pk:
        explanation = standing_in(explanation, to.name)
    offer = Pass.objects.create(
        case=case,
        way=way,
        giver_id=case.owner_id,
        receiver=receiver,
        asked_by_id=actor.id if actor.is_staff else None,
        done=done,
        next=next,
        promised=_promised(case),
        proposal=proposal,
        candidates=list(candidates),
        explanation=explanation[:300],
        reasons=reasons,
        offered_at=at,
    )
    promise = (
        _answer_promise(case, offer, actor, at)
        if answer is None
        else start_promise(case, answer, actor=actor, at=at, offer=offer)
    )
    record(
        PassOffered(
            case_id=case.pk,
            pass_id=offer.pk,
            way=way,
            giver_id=case.owner_id,
            receiver_id=receiver.pk,
            answer_due_at=promise.due_at,
            explanation=explanation[:300],
            reasons=reasons,
            asked_by_id=offer.asked_by_id,
            done=done,
            next=next,
        ),
        actor=actor,
        at=at,
    )
    kind = notices.PROPOSAL if way == Pass.Way.UPWARD else notices.ASSIGNED if reasons else notices.PASS_OFFERED
    tell(case, [receiver.pk], notice or kind, giver=case.owner.name)
    return offer


def _promised(case: Case) -> str:
    running = case.promises.unended().to_customer().order_by("due_at").first()
    return f"{running.kind} {running.due_at.isoformat()}" if running is not None else ""


def _answer_promise(case: Case, offer: Pass, actor: Actor, at: datetime) -> Promise:
    """Begin the promise to answer: sooner when the customer's promise is near; the end of the receiver's shift counts."""
    policy = numbers().data.passes
    soon = at + timedelta(minutes=policy.urgent_within_minutes)
    facts = {**facts_of_case(case), "urgent": case.next_due_at is not None and case.next_due_at <= soon}
    kind = Promise.Kind.DECISION if offer.way == Pass.Way.UPWARD else Promise.Kind.PASS_ANSWER
    plan = plan_of_kind(kind, facts) or given(kind, at + timedelta(minutes=60), policy="", by="no rule")
    shift_end = None
    if policy.end_of_shift_counts and kind == Promise.Kind.PASS_ANSWER:
        shift = DutyShift.objects.at(at).filter(staff_id=offer.receiver_id).order_by("ends_at").first()
        shift_end = shift.ends_at if shift is not None else None
    return start_promise(case, plan, actor=actor, at=at, offer=offer, due_before=shift_end)


def locked_pass(pass_id: int, actor: Actor) -> Pass:
    """Return a pending pass with its case locked; raises NotFound, PassSettled."""
    case_id = Pass.objects.filter(pk=pass_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    case = locked_case(case_id, actor, must_be_open=False)
    offer = Pass.objects.select_for_update(of=("self",)).select_related("giver", "receiver__unit").get(pk=pass_id)
    offer.case = case
    if offer.state != Pass.State.OFFERED:
        raise PassSettled
    return offer


@changing
def accept_pass(pass_id: int, *, restatement: str, actor: Actor) -> Pass:
    """Accept the baton with the need in one's own words; the giver stays as escort until a promise to the customer is kept.

    Raises UpwardIsDecided for a proposal, AnsweredAtDispatch for a work order, PassSettled, BadCase without a restatement.
    """
    offer = locked_pass(pass_id, actor)
    require(may_answer_pass(actor, offer))
    _refuse_other_answers(offer)
    words = restatement.strip()
    if len(words) < 2:
        raise BadCase(fields={"restatement": _("Say in your own words what the customer needs.")})
    return accept_locked(offer, restatement=words, actor=actor, at=clock.now())


def _refuse_other_answers(offer: Pass) -> None:
    if offer.way == Pass.Way.UPWARD:
        raise UpwardIsDecided
    if offer.way == Pass.Way.DISPATCH:
        raise AnsweredAtDispatch


def accept_locked(offer: Pass, *, restatement: str, actor: Actor, at: datetime) -> Pass:
    """Make the receiver of a pending pass the owner of its locked case; the caller has asked whether he may.

    An assignment and a work order have no escort: whoever sent them keeps the overview anyway.
    """
    case, receiver, now, words = offer.case, offer.receiver, at, restatement
    is_given = offer.way in (Pass.Way.ASSIGN, Pass.Way.DISPATCH)
    escort_id = None if case.is_on_duty or is_given else offer.giver_id
    fact = AssignmentAccepted if is_given else PassAccepted
    event = record(
        fact(
            case_id=case.pk,
            pass_id=offer.pk,
            owner_id=receiver.pk,
            from_id=offer.giver_id,
            unit_id=receiver.unit_id,
            restatement=words,
            escort_id=escort_id,
        ),
        actor=actor,
        at=now,
    )
    settle(offer, Pass.State.ACCEPTED, event, now, actor=actor, restatement=words)
    case.escort_id = escort_id
    case.passes += 1
    case.save(update_fields=["escort", "passes"])
    give_to(case, receiver, event)
    name_steward(case, offer.giver_id if offer.way == Pass.Way.DISPATCH else receiver.pk, actor=actor, at=now)
    end_running(case, ["accept"], actor=actor, at=now)
    advance(case, "handling", actor=actor, at=now)
    tell(case, [offer.giver_id], notices.PASS_ACCEPTED, receiver=receiver.name)
    limit = numbers().data.passes.most_before_alert
    if case.passes == limit + 1:
        record(PassLimitReached(case_id=case.pk, passes=case.passes, limit=limit), actor=actor, at=now)
        tell(case, [leader_of(receiver), case.steward_id], notices.PASS_LIMIT, passes=case.passes)
    return offer


@changing
def decline_pass(pass_id: int, *, reason: str, actor: Actor) -> Pass:
    """Decline with a reason; the giver still has the case. An assignment goes to the next candidate."""
    offer = locked_pass(pass_id, actor)
    require(may_answer_pass(actor, offer))
    _refuse_other_answers(offer)
    if not reason.strip():
        raise BadCase(fields={"reason": _("Say why.")})
    return decline_locked(offer, reason=reason.strip(), actor=actor, at=clock.now())


def decline_locked(offer: Pass, *, reason: str, actor: Actor, at: datetime) -> Pass:
    """Settle a pending pass of a locked case as declined; the caller has asked whether its receiver may."""
    event = record(
        PassDeclined(
            case_id=offer.case_id, pass_id=offer.pk, giver_id=offer.giver_id, receiver_id=offer.receiver_id, reason=reason
        ),
        actor=actor,
        at=at,
    )
    settle(offer, Pass.State.DECLINED, event, at, actor=actor, reason=reason)
    tell(offer.case, [offer.giver_id, offer.asked_by_id], notices.PASS_DECLINED, receiver=offer.receiver.name)
    _ask_next(offer, at)
    return offer


@changing
def withdraw_pass(pass_id: int, *, actor: Actor) -> Pass:
    """Take an offer back."""
    offer = locked_pass(pass_id, actor)
    require(may_withdraw_pass(actor, offer))
    withdraw_pending(offer.case, actor=actor, at=clock.now(), why=Because.BY_GIVER)
    offer.refresh_from_db()
    return offer


@changing
def decide_pass(pass_id: int, *, decision: str, text: str, actor: Actor) -> Pass:
    """Decide on a proposal that came up; the case stays with the one who asked (spec 1: the monkey does not jump)."""
    offer = locked_pass(pass_id, actor)
    require(may_answer_pass(actor, offer))
    wrong: dict[str, Any] = {}
    if offer.way != Pass.Way.UPWARD:
        raise BadCase(_("Only a proposal is decided on. Accept or decline this offer."))
    if decision not in Pass.Decision.values:
        wrong["decision"] = _("Choose approved, changed or refused.")
    if not text.strip():
        wrong["text"] = _("Say what is to be done.")
    if wrong:
        raise BadCase(fields=wrong)
    now = clock.now()
    event = record(
        ProposalDecided(
            case_id=offer.case_id,
            pass_id=offer.pk,
            giver_id=offer.giver_id,
            receiver_id=offer.receiver_id,
            decision=decision,
            text=text.strip(),
        ),
        actor=actor,
        at=now,
    )
    settle(offer, Pass.State.DECIDED, event, now, actor=actor, decision=decision, decision_text=text.strip())
    tell(offer.case, [offer.giver_id], notices.DECIDED, receiver=offer.receiver.name)
    return offer


def lapse_locked(offer: Pass, *, actor: Actor, at: datetime) -> None:
    """Let a pending pass of a locked case lapse: giver, the giver's leader and the duty officer are told.

    A proposal does not lapse: its decision is a broken promise and the superior stays asked.
    """
    event = record(
        PassLapsed(case_id=offer.case_id, pass_id=offer.pk, giver_id=offer.giver_id, receiver_id=offer.receiver_id),
        actor=actor,
        at=at,
    )
    settle(offer, Pass.State.LAPSED, event, at, actor=actor)
    tell(
        offer.case,
        [offer.giver_id, leader_of(offer.giver), officer_of(offer.case, at)],
        notices.PASS_LAPSED,
        giver=offer.giver.name,
    )
    _ask_next(offer, at)


def _ask_next(offer: Pass, at: datetime) -> None:
    """Offer a supervisor's assignment to the next of the people named; after an offer by rule the rule chooses anew."""
    remaining = [staff_id for staff_id in offer.candidates if staff_id not in (offer.receiver_id, offer.case.owner_id)]
    for place, staff_id in enumerate(remaining):
        receiver = present(staff_id, at)
        if receiver is not None and receiver.pk not in (offer.receiver_id, offer.case.owner_id):
            offer_locked(
                offer.case,
                receiver,
                actor=rule_actor("assignment"),
                at=at,
                way=Pass.Way.ASSIGN,
                done=offer.done,
                next=offer.next,
                explanation=offer.explanation,
                candidates=remaining[place + 1 :],
            )
            return


@changing
def ask_escort(case_id: int, *, question: str, actor: Actor) -> Promise:
    """Ask the escort a question, to be answered within the pass-answer time (spec 1, Running on)."""
    case = locked_case(case_id, actor)
    require(may_handle(actor, case))
    if case.escort_id is None:
        raise BadCase(_("Nobody escorts this case any more."))
    if not question.strip():
        raise BadCase(fields={"question": _("Write your question.")})
    now = clock.now()
    record(
        EscortAsked(case_id=case.pk, escort_id=case.escort_id, asked_by_id=actor.id or 0, question=question.strip()),
        actor=actor,
        at=now,
    )
    plan = plan_of_kind("pass_answer", {**facts_of_case(case), "urgent": False})
    within = given(Promise.Kind.INTERNAL_ANSWER, now + timedelta(minutes=60), policy="", by="escort")
    answer = start_promise(
        case, replace(plan, kind=Promise.Kind.INTERNAL_ANSWER) if plan is not None else within, actor=actor, at=now
    )
    tell(case, [case.escort_id], notices.ESCORT_ASKED, author=actor.name)
    return answer
