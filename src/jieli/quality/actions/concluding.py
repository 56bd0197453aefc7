"""What follows a result: the orders learn it, the case closes or goes on as a recovery."""

from datetime import datetime

from jieli.cases.actions.owning import withdraw_pending
from jieli.cases.actions.passing import offer_locked
from jieli.cases.actions.progressing import close_locked, reopen_locked
from jieli.cases.actions.promises import end_running
from jieli.cases.actions.telling import leader_of, tell
from jieli.cases.models import Case, Pass, Promise
from jieli.cases.models.because import Because
from jieli.cases.refusals import OwnerIsReceiver, ReceiverNotActive
from jieli.events.actions import record
from jieli.events.actor import Actor, rule_actor
from jieli.orders.actions.living import learn
from jieli.people.models import Staff
from jieli.quality import notices
from jieli.quality.actions.holding import RULE
from jieli.quality.events import CallBackAnswered, RecoveryStarted
from jieli.quality.models import CallBack, Recovery
from jieli.quality.queries.calling import finished_orders
from jieli.quality.rules.answers import Answers

STILL_PROMISED = (Promise.Kind.PAYOUT, Promise.Kind.PART_DELIVERY)
_STATES = {CallBack.Result.UNREACHED: CallBack.State.UNREACHED}


def conclude(callback: CallBack, *, result: str, answers: Answers, by: str, actor: Actor, at: datetime) -> None:
    """Write the result of a locked, open call-back, once. `by` is ``call``, ``link`` or ``nobody``.

    Orders that have no result yet get this one; a later result of the same case changes none (spec 4: the first result stays
    for grade and gate). Dissatisfied: the case goes on as a recovery. Else it is closed, unless a promise is still due.
    """
    case = callback.case
    orders = [one for one in finished_orders(case.pk) if not one.callback_result]
    values = answers.as_values(result)
    for name, value in values.items():
        setattr(callback, name, value)
    callback.state = _STATES.get(CallBack.Result(result), CallBack.State.DONE)
    callback.result, callback.result_at, callback.is_by_link = result, at, by == "link"
    callback.order_ids = [one.pk for one in orders]
    callback.save(update_fields=["state", "result", "result_at", "is_by_link", "order_ids", *values])
    record(
        CallBackAnswered(case_id=case.pk, callback_id=callback.pk, about=callback.about, result=result, by=by, **values),
        actor=actor,
        at=at,
    )
    for order in orders:
        learn(order.pk, callback_result=result, callback_at=at, actor=actor)
    Recovery.objects.filter(after=callback).update(result=result, result_at=at)
    if result == CallBack.Result.DISSATISFIED:
        start_recovery(callback, actor=actor, at=at)
    elif case.status == Case.Status.RESOLVED:
        _end_case(callback, actor=actor, at=at)


def _end_case(callback: CallBack, *, actor: Actor, at: datetime) -> None:
    case = callback.case
    if case.promises.unended().filter(kind__in=STILL_PROMISED).exists():
        withdraw_pending(case, actor=actor, at=at, why=Because.CALLED_BACK)
        end_running(case, ["callback"], actor=actor, at=at)
        return
    is_satisfied = callback.result == CallBack.Result.SATISFIED
    close_locked(case, actor=actor, at=at, why=Because.SATISFIED if is_satisfied else Because.UNREACHED)


def start_recovery(callback: CallBack, *, actor: Actor, at: datetime) -> Recovery:
    """Let the locked case of a dissatisfied customer go on at the stage recovery, with new times, in its steward's hands.

    Who has it keeps it until the steward accepts; no day is too late, because we asked.
    """
    case = callback.case
    recovery = Recovery.objects.create(case=case, callback=callback, opened_at=at)
    if case.status in (Case.Status.RESOLVED, Case.Status.CLOSED):
        withdraw_pending(case, actor=actor, at=at, why=Because.DISSATISFIED)
        why = callback.what or Because.DISSATISFIED
        # He was called as promised, whatever he said.
        end_running(case, ["callback"], actor=actor, at=at)
        reopen_locked(case, reason=why, actor=actor, at=at, stage=Case.Stage.RECOVERY)
        _offer_to_steward(case, at)
    record(
        RecoveryStarted(case_id=case.pk, callback_id=callback.pk, recovery_id=recovery.pk, steward_id=case.steward_id),
        actor=actor,
        at=at,
    )
    tell(case, [case.steward_id, leader_of(case.steward)], notices.DISSATISFIED)
    return recovery


def _offer_to_steward(case: Case, at: datetime) -> None:
    if case.owner_id == case.steward_id:
        return
    steward = Staff.objects.select_related("unit").get(pk=case.steward_id)
    try:
        offer_locked(case, steward, actor=rule_actor(RULE), at=at, way=Pass.Way.ASSIGN, explanation=Because.MAKES_GOOD)
    except (ReceiverNotActive, OwnerIsReceiver):
        return
