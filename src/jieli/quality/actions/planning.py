"""A call-back is planned when a result is told, offered to who calls, and dropped when the case goes on instead."""

from datetime import timedelta

from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.passing import offer_locked
from jieli.cases.actions.progressing import AUTOCLOSE
from jieli.cases.actions.promises import retarget_to
from jieli.cases.models import Case, Pass, Promise
from jieli.cases.models.because import Because
from jieli.cases.queries.planning import numbers
from jieli.cases.refusals import OwnerIsReceiver, ReceiverNotActive
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.orders.actions.living import learn
from jieli.people.models import Staff
from jieli.quality import notices
from jieli.quality.events import CallBackDropped, CallBackNotSampled, CallBackPlanned
from jieli.quality.models import CallBack, Recovery
from jieli.quality.policy import may_make_callback
from jieli.quality.queries.calling import callback_policy, callers_for, calling_hours, finished_orders
from jieli.quality.rules.calling import is_sampled

KINDS = ("service", "complaint")
WITHIN = timedelta(hours=24)


@changing
def make_callback(case_id: int, *, sequence: int, actor: Actor) -> CallBack | None:
    """Plan the call-back for the result that the event with `sequence` told, and offer the case to who is to call.

    None when there is nothing to ask: another kind of case, the case went on meanwhile, the policy promises no call-back. The
    second time it returns what the first one made.
    """
    case = locked_case(case_id, actor, must_be_open=False)
    require(may_make_callback(actor))
    theirs = CallBack.objects.filter(case=case)
    known = theirs.filter(sequence=sequence).first() or theirs.open().first()
    if known is not None:
        return known
    promise = case.promises.unended().filter(kind=Promise.Kind.CALLBACK).first()
    if case.kind not in KINDS or case.status not in (Case.Status.RESOLVED, Case.Status.CLOSED):
        return None
    if promise is not None and promise.rule == AUTOCLOSE:
        return None
    now = clock.now()
    policy, number = callback_policy(), theirs.count() + 1
    recovery = Recovery.objects.filter(case=case, after__isnull=True).first()
    about = CallBack.About.COMPLAINT if case.kind == Case.Kind.COMPLAINT else CallBack.About.VISIT
    due_at = calling_hours().last_before(promise.due_at if promise is not None else now + WITHIN)
    callback = CallBack(
        case=case,
        number=number,
        sequence=sequence,
        about=CallBack.About.RECOVERY if recovery is not None else about,
        made_at=now,
        due_at=max(due_at, now),
    )
    if callback.about == CallBack.About.VISIT and not is_sampled(case.pk, number, policy.share):
        return _leave_out(callback, promise, actor=actor)
    callback.save(force_insert=True)
    if recovery is not None:
        recovery.after = callback
        recovery.save(update_fields=["after"])
    fact = CallBackPlanned(case_id=case.pk, callback_id=callback.pk, about=callback.about, due_at=callback.due_at)
    record(fact, actor=actor, at=now)
    offer_call(callback, actor=actor)
    return callback


def _leave_out(callback: CallBack, promise: Promise | None, *, actor: Actor) -> CallBack:
    """Keep that nobody is to call: the gate takes it as unreached, the case closes by itself."""
    case, at = callback.case, callback.made_at
    orders = [one for one in finished_orders(case.pk) if not one.callback_result]
    callback.state, callback.order_ids = CallBack.State.NOT_SAMPLED, [one.pk for one in orders]
    callback.save(force_insert=True)
    record(CallBackNotSampled(case_id=case.pk, callback_id=callback.pk, policy=numbers().version), actor=actor, at=at)
    for order in orders:
        learn(order.pk, callback_result=CallBack.Result.UNREACHED.value, callback_at=at, actor=actor)
    if promise is not None:
        close_at = at + timedelta(days=numbers().data.autoclose_after_sent_days)
        retarget_to(promise, close_at, rule=AUTOCLOSE, actor=actor, at=at)
    return callback


def offer_call(callback: CallBack, *, actor: Actor) -> Pass | None:
    """Offer a locked case to the first who may call and is there, the others next; None when its owner is the one to call."""
    case, at = callback.case, callback.made_at
    if case.status != Case.Status.RESOLVED or case.pass_offers.filter(state=Pass.State.OFFERED).exists():
        return None
    turn = list(callers_for(case, at))
    if not turn or turn[0] == case.owner_id:
        return None
    people = Staff.objects.select_related("unit").in_bulk(turn)
    for place, staff_id in enumerate(turn):
        try:
            return offer_locked(
                case,
                people[staff_id],
                actor=actor,
                at=at,
                way=Pass.Way.ASSIGN,
                explanation=Because.TO_CALL_BACK,
                candidates=turn[place + 1 :],
                notice=notices.CALL,
            )
        except (ReceiverNotActive, OwnerIsReceiver):
            continue
    return None


@changing
def drop_callback(case_id: int, *, why: str, actor: Actor) -> CallBack | None:
    """Let the open call-back of a case fall away because the case goes on, was cancelled or merged; None without one."""
    case = locked_case(case_id, actor, must_be_open=False)
    require(may_make_callback(actor))
    callback = CallBack.objects.open().select_for_update(of=("self",)).filter(case=case).first()
    if callback is None or (why == "reopened" and case.status == Case.Status.RESOLVED):
        return None
    callback.state = CallBack.State.DROPPED
    callback.save(update_fields=["state"])
    Recovery.objects.filter(after=callback).update(after=None)
    record(CallBackDropped(case_id=case.pk, callback_id=callback.pk, why=why), actor=actor)
    return callback
