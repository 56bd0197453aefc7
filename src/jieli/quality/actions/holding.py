"""What every change of a call-back shares: case and call-back locked in this order, and what one attempt moves on."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.changing import locked_case
from jieli.cases.actions.owning import withdraw_pending
from jieli.cases.actions.passing import accept_locked, offer_locked
from jieli.cases.actions.promises import end_running, start_promise
from jieli.cases.models import Case, Pass
from jieli.cases.models.because import Because
from jieli.cases.queries.planning import numbers
from jieli.cases.refusals import ReceiverNotActive
from jieli.cases.rules.promising import given
from jieli.events.actions import record
from jieli.events.actor import Actor, rule_actor
from jieli.events.refusals import NotFound, require
from jieli.people.models import Staff
from jieli.quality import notices
from jieli.quality.events import CallAttempted, CallBackTaken
from jieli.quality.models import Attempt, CallBack
from jieli.quality.policy import may_call
from jieli.quality.queries.calling import callback_policy, calling_hours, used
from jieli.quality.refusals import CallBackOver, CalledByAnother, OutsideCallingHours
from jieli.quality.rules.calling import half_day_of

RULE = "callback"


def locked_callback(callback_id: int, actor: Actor, *, must_be_open: bool = True) -> CallBack:
    """Return the call-back locked, after its case; raises NotFound (also when hidden), CallBackOver."""
    case_id = CallBack.objects.filter(pk=callback_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    case = locked_case(case_id, actor, must_be_open=False)
    callback = CallBack.objects.select_for_update(of=("self",)).select_related("caller").get(pk=callback_id)
    callback.case = case
    if must_be_open and callback.state != CallBack.State.OPEN:
        raise CallBackOver
    return callback


def for_calling(callback_id: int, actor: Actor, at: datetime) -> CallBack:
    """Return an open call-back locked and in the hands of the actor; whoever may call and finds it free has it from now on.

    Raises NotFound, NotAllowed, CallBackOver, CalledByAnother.
    """
    callback = locked_callback(callback_id, actor, must_be_open=False)
    require(may_call(actor, callback))
    if callback.state != CallBack.State.OPEN:
        raise CallBackOver
    if callback.caller_id is None:
        take_locked(callback, actor=actor, at=at)
    elif callback.caller_id != actor.id:
        raise CalledByAnother(callback.caller.name if callback.caller else "")
    return callback


def take_locked(callback: CallBack, *, actor: Actor, at: datetime) -> None:
    """Make the actor the caller and, while the case is open, its owner: by the pass that a rule offers and he accepts."""
    case = callback.case
    if case.is_open and case.owner_id != actor.id:
        accept_locked(_offer_to(case, actor, at), restatement=_restated(case), actor=actor, at=at)
    callback.caller_id, callback.taken_at = actor.id, at
    callback.save(update_fields=["caller", "taken_at"])
    record(CallBackTaken(case_id=case.pk, callback_id=callback.pk, caller_id=actor.id or 0), actor=actor, at=at)


def _restated(case: Case) -> str:
    return str(_("I call the customer back about “%(subject)s”.") % {"subject": case.subject})


def _offer_to(case: Case, actor: Actor, at: datetime) -> Pass:
    pending = case.pass_offers.select_for_update(of=("self",)).select_related("giver", "receiver__unit")
    offer = pending.filter(state=Pass.State.OFFERED, way=Pass.Way.ASSIGN, receiver_id=actor.id).first()
    if offer is None:
        withdraw_pending(case, actor=actor, at=at, why=Because.ANOTHER_CALLS_BACK)
        caller = Staff.objects.select_related("unit").get(pk=actor.id or 0)
        offer = offer_locked(
            case,
            caller,
            actor=rule_actor(RULE),
            at=at,
            way=Pass.Way.ASSIGN,
            explanation=Because.CALLS_BACK,
            notice=notices.CALL,
        )
        if offer.receiver_id != actor.id:
            raise ReceiverNotActive
    offer.case = case
    return offer


def note_attempt(callback: CallBack, *, outcome: str, note: str, actor: Actor, at: datetime) -> Attempt:
    """Note an attempt on a locked call-back; when nobody was reached, the next one is due in the next half-day.

    Raises OutsideCallingHours, unless the customer called us.
    """
    policy, hours = callback_policy(), calling_hours()
    if outcome != Attempt.Outcome.CALLED_US and not hours.are_open(at):
        raise OutsideCallingHours(policy.calls_from, policy.calls_until)
    half_day = half_day_of(at, hours.zone)
    is_new = not Attempt.objects.filter(callback=callback, half_day=half_day).exists()
    attempt = Attempt.objects.create(
        callback=callback,
        number=Attempt.objects.filter(callback=callback).count() + 1,
        at=at,
        half_day=half_day,
        outcome=outcome,
        note=note,
        by_id=actor.id or 0,
    )
    record(
        CallAttempted(
            case_id=callback.case_id,
            callback_id=callback.pk,
            number=attempt.number,
            half_day=half_day,
            outcome=outcome,
            note=note,
        ),
        actor=actor,
        at=at,
    )
    if is_new and outcome not in Attempt.SPOKE:
        is_last = used(callback) >= policy.attempts
        _due_again(callback, hours.half_day_end(at) if is_last else hours.next_half_day_end(at), actor, at)
    return attempt


def _due_again(callback: CallBack, due_at: datetime, actor: Actor, at: datetime) -> None:
    """Move the task on: calling kept the promise of a call-back, and the next attempt is the next promise."""
    callback.due_at = due_at
    callback.save(update_fields=["due_at"])
    case = callback.case
    if case.status == Case.Status.RESOLVED:
        end_running(case, ["callback"], actor=actor, at=at)
        start_promise(case, given("callback", due_at, policy=numbers().version, by="next attempt"), actor=actor, at=at)
