"""Call-backs as the caller makes them: taken, attempted, answered, given up after all attempts."""

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.changing import changing
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import Refused, require
from jieli.lib import clock
from jieli.quality.actions.concluding import conclude
from jieli.quality.actions.holding import for_calling, locked_callback, note_attempt, take_locked
from jieli.quality.models import Attempt, CallBack
from jieli.quality.policy import may_call, may_call_instead, may_make_callback
from jieli.quality.queries.calling import callback_policy, used
from jieli.quality.refusals import AttemptsLeft, BadAnswer, CallBackOver, CalledByAnother, NobodyReached
from jieli.quality.rules.answers import Answers, faults_of

BATCH = 200


@changing
def take_callback(callback_id: int, *, actor: Actor) -> CallBack:
    """Take a call-back: the actor makes it and, while the case is open, becomes its owner.

    A superior takes it also from who has it; a second time changes nothing. Raises CalledByAnother, CallBackOver.
    """
    callback = locked_callback(callback_id, actor, must_be_open=False)
    require(may_call(actor, callback))
    if callback.state != CallBack.State.OPEN:
        raise CallBackOver
    if callback.caller_id == actor.id:
        return callback
    _refuse_others(callback, actor)
    take_locked(callback, actor=actor, at=clock.now())
    return callback


def _refuse_others(callback: CallBack, actor: Actor) -> None:
    if callback.caller is not None and not may_call_instead(actor, callback):
        raise CalledByAnother(callback.caller.name)


@changing
def record_attempt(callback_id: int, *, outcome: str, actor: Actor, note: str = "") -> Attempt:
    """Note an attempt to reach the customer; unreached, the next one is due, and promised, in the next half-day.

    Raises OutsideCallingHours (also the text of a link reaches nobody at night), CalledByAnother, CallBackOver, BadAnswer.
    """
    now = clock.now()
    callback = for_calling(callback_id, actor, now)
    if outcome not in Attempt.Outcome.values or outcome == Attempt.Outcome.TEXT_LINK:
        raise BadAnswer(fields={"outcome": _("Choose one of the given values.")})
    return note_attempt(callback, outcome=outcome, note=note.strip(), actor=actor, at=now)


@changing
def record_result(callback_id: int, *, result: str, actor: Actor, answers: Answers | None = None) -> CallBack:
    """Write what the customer said, once: satisfied closes the case, dissatisfied makes it a recovery.

    Unreached may be said by hand only after attempts on all half-days. Raises NobodyReached without a talk, AttemptsLeft,
    BadAnswer naming the fields, CalledByAnother, CallBackOver.
    """
    now = clock.now()
    callback = for_calling(callback_id, actor, now)
    said = answers or Answers()
    if result == CallBack.Result.UNREACHED:
        _require_all_used(callback)
        conclude(callback, result=result, answers=Answers(), by="nobody", actor=actor, at=now)
        return callback
    if faults := faults_of(result, said):
        raise BadAnswer(fields=faults)
    if not Attempt.objects.filter(callback=callback, outcome__in=Attempt.SPOKE).exists():
        raise NobodyReached
    conclude(callback, result=result, answers=said, by="call", actor=actor, at=now)
    return callback


def _require_all_used(callback: CallBack) -> None:
    done, needed = used(callback), callback_policy().attempts
    if done < needed:
        raise AttemptsLeft(done, needed)


@changing
def give_up(callback_id: int, *, actor: Actor) -> CallBack:
    """Say unreached when all attempts are used and the last half-day is over. Raises AttemptsLeft, CallBackOver, NotAllowed."""
    callback = locked_callback(callback_id, actor)
    require(may_make_callback(actor))
    now = clock.now()
    _require_all_used(callback)
    if callback.due_at > now:
        raise AttemptsLeft(used(callback), callback_policy().attempts)
    conclude(callback, result=CallBack.Result.UNREACHED, answers=Answers(), by="nobody", actor=actor, at=now)
    return callback


def sweep() -> int:
    """Give up every call-back whose attempts are all used; return how many. One query, then one transaction for each."""
    found = CallBack.objects.open().filter(due_at__lte=clock.now())
    found = found.annotate(used=Count("attempts__half_day", distinct=True)).filter(used__gte=callback_policy().attempts)
    done = 0
    for callback_id in list(found.order_by("due_at", "id").values_list("pk", flat=True)[:BATCH]):
        try:
            give_up(callback_id, actor=SYSTEM)
        except Refused:
            continue
        done += 1
    return done
