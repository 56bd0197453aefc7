"""What a quality officer says about a result: not about the visit, moved."""

from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.changing import changing
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.network.actions.licence import post_points
from jieli.orders.actions.living import learn
from jieli.orders.models import WorkOrder
from jieli.quality import settled
from jieli.quality.actions.holding import locked_callback
from jieli.quality.events import DelightConfirmed, NotAboutVisit
from jieli.quality.models import CallBack
from jieli.quality.policy import may_confirm_delight, may_judge
from jieli.quality.refusals import AlreadyMarked, BadAnswer, MonthDecided, NotDissatisfied, NotMoved
from jieli.quality.rules.answers import DEGREES

MOVED = "customer_moved"


@changing
def mark_not_about_visit(callback_id: int, *, reason: str, actor: Actor) -> CallBack:
    """Mark a dissatisfied call-back as not about the visit, before the month is settled: it passes the gate.

    The result stays dissatisfied, in the company's picture and in the grade; the orders learn the mark beside it. Raises
    NotDissatisfied, AlreadyMarked, MonthDecided, BadAnswer without a reason.
    """
    callback = locked_callback(callback_id, actor, must_be_open=False)
    require(may_judge(actor, callback))
    if callback.result != CallBack.Result.DISSATISFIED:
        raise NotDissatisfied
    if callback.excused_at is not None:
        raise AlreadyMarked
    if not reason.strip():
        raise BadAnswer(fields={"reason": _("Say why.")})
    if settled.is_decided(callback.order_ids):
        raise MonthDecided
    now = clock.now()
    callback.excused_at, callback.excused_by_id, callback.excuse = now, actor.id, reason.strip()
    callback.save(update_fields=["excused_at", "excused_by", "excuse"])
    fact = NotAboutVisit(case_id=callback.case_id, callback_id=callback.pk, reason=callback.excuse)
    record(fact, actor=actor, at=now)
    for order_id in callback.order_ids:
        learn(order_id, callback_excused=True, actor=actor, at=now)
    return callback


@changing
def confirm_delight(callback_id: int, *, moved: str, actor: Actor, story: str = "") -> CallBack:
    """Confirm that a customer who said so was moved, and how much: the orders count a moving story, the engineers a point.

    Raises NotMoved when the customer said nothing of it, AlreadyMarked, BadAnswer for no known degree.
    """
    callback = locked_callback(callback_id, actor, must_be_open=False)
    require(may_confirm_delight(actor, callback))
    if not callback.moved:
        raise NotMoved
    if callback.delight_at is not None:
        raise AlreadyMarked
    if moved not in DEGREES:
        raise BadAnswer(fields={"moved": _("Choose one of the given values.")})
    now = clock.now()
    callback.moved, callback.delight_at, callback.delight_by_id = moved, now, actor.id
    callback.story = story.strip() or callback.story
    callback.save(update_fields=["moved", "story", "delight_at", "delight_by"])
    record(DelightConfirmed(case_id=callback.case_id, callback_id=callback.pk, moved=moved), actor=actor, at=now)
    orders = list(WorkOrder.objects.filter(pk__in=callback.order_ids).order_by("pk"))
    for order in orders:
        learn(order.pk, delight=True, actor=actor, at=now)
    for engineer_id in sorted({order.engineer_id for order in orders if order.engineer_id is not None}):
        source = f"callback {callback.pk} {engineer_id}"
        post_points(engineer_id, kind=MOVED, case_id=callback.case_id, source=source, actor=actor)
    return callback
