"""Everything the page of one call-back or recovery shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from jieli.cases.models import Case, Promise
from jieli.cases.queries.timeline import Entry, entries, staff_in
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.events.refusals import NotFound
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff
from jieli.policies.authority import Limit, highest, limit_of
from jieli.quality.models import Attempt, CallBack, Recovery, Spending, TextLink
from jieli.quality.policy import may_call, may_recover, roles_for
from jieli.quality.queries.calling import authorities, callback_policy, calling_hours
from jieli.quality.rules.calling import half_days_used
from jieli.quality.rules.marks import Marks, OrderFacts, marks_of
from jieli.visits.models import Charge

EVENTS = 300
_RELATED = (
    "case__customer", "case__device", "case__unit", "case__owner", "case__steward__unit", "caller", "excused_by", "delight_by",
)  # fmt: skip


@dataclass(slots=True)
class CallBackView:
    """A call-back with what the caller needs before him."""

    callback: CallBack
    attempts: list[Attempt]
    links: list[TextLink]
    orders: list[WorkOrder]
    charges: list[Charge]
    marks: Marks
    history: list[Entry]
    promise: Promise | None
    recovery: Recovery | None
    asks_about: Recovery | None
    used: int
    needed: int
    is_calling_time: bool
    hours: str

    @property
    def case(self) -> Case:
        """Return its case."""
        return self.callback.case

    @property
    def has_spoken(self) -> bool:
        """Tell whether somebody talked with the customer."""
        return any(one.outcome in Attempt.SPOKE for one in self.attempts)

    @property
    def charged_amount(self) -> Decimal:
        """Return what the customer paid on site."""
        return sum((one.total_amount for one in self.charges), Decimal("0.00"))


def found_callback(actor: Actor, callback_id: int) -> CallBack:
    """Return a visible call-back; raises NotFound. One query."""
    found = CallBack.objects.visible_to(actor).select_related(*_RELATED).filter(pk=callback_id).first()
    if found is None:
        raise NotFound
    return found


def callback_view(callback: CallBack) -> CallBackView:
    """Return what the page of a call-back shows. About ten queries, whatever the length of the story."""
    case = callback.case
    attempts = list(Attempt.objects.filter(callback=callback).select_related("by").order_by("number"))
    orders = orders_of(case.pk)
    events = list(Event.objects.of_case(case.pk).order_by("-sequence").prefetch_related("texts")[:EVENTS])
    names = dict(Staff.objects.filter(pk__in=staff_in(events)).values_list("pk", "name"))
    policy = callback_policy()
    return CallBackView(
        callback=callback,
        attempts=attempts,
        links=list(TextLink.objects.filter(callback=callback).order_by("pk")),
        orders=orders,
        charges=list(Charge.objects.filter(visit__case=case).order_by("at")),
        marks=marks(callback, orders),
        history=[one for one in entries(events, names) if not one.is_quiet],
        promise=Promise.objects.unended().filter(case=case, kind=Promise.Kind.CALLBACK).first(),
        recovery=Recovery.objects.filter(callback=callback).first(),
        asks_about=Recovery.objects.filter(after=callback).select_related("callback").first(),
        used=half_days_used(one.half_day for one in attempts),
        needed=policy.attempts,
        is_calling_time=calling_hours().are_open(clock.now()),
        hours=f"{policy.calls_from}–{policy.calls_until}",
    )


def orders_of(case_id: int) -> list[WorkOrder]:
    """Return the work orders of a case that were not called off, with outlet and engineer. One query."""
    found = WorkOrder.objects.filter(case_id=case_id, cancelled_at__isnull=True)
    return list(found.select_related("outlet", "engineer", "device").order_by("number"))


def marks(callback: CallBack, orders: Sequence[WorkOrder]) -> Marks:
    """Return the four marks of the visit that a call-back asked about. No query."""
    asked = [one for one in orders if one.pk in callback.order_ids] or list(orders)
    return marks_of(
        [OrderFacts(one.promised_until, one.arrived_at, one.fixed_first, one.information_accepted) for one in asked],
        on_time=callback.on_time,
        solved=callback.solved,
        moved=callback.moved,
        is_moved_confirmed=callback.delight_at is not None,
    )


def callbacks_of(case_id: int) -> list[CallBack]:
    """Return the call-backs of a case in order, each with its recovery if it led to one. One query."""
    return list(CallBack.objects.filter(case_id=case_id).select_related("caller", "recovery").order_by("number"))


def open_callback_of(case_id: int) -> CallBack | None:
    """Return the open call-back of a case. One query."""
    return CallBack.objects.open().filter(case_id=case_id).first()


def is_to_call(actor: Actor, case: Case) -> bool:
    """Tell whether the next thing to do on a case is its call-back, by this person. No query but for a resolved case."""
    if case.status != Case.Status.RESOLVED:
        return False
    found = CallBack.objects.open().select_related("case__unit", "case__steward__unit").filter(case=case).first()
    return found is not None and found.caller_id in (None, actor.id) and may_call(actor, found)


def is_to_recover(actor: Actor, case: Case) -> bool:
    """Tell whether the next thing to do on a case is to make it good. No query but at the stage recovery."""
    if case.stage != Case.Stage.RECOVERY or case.status not in (Case.Status.OPEN, Case.Status.WAITING):
        return False
    return open_recovery_of(case.pk) is not None and may_recover(actor, case)


def open_recovery_of(case_id: int) -> Recovery | None:
    """Return the recovery of a case that no call-back has asked about yet. One query."""
    return Recovery.objects.filter(case_id=case_id, after__isnull=True).first()


@dataclass(slots=True)
class RecoveryView:
    """A recovery with what was spent, and what this person may spend by himself."""

    recovery: Recovery
    spendings: list[Spending]
    spent_amount: Decimal
    limit: Limit
    left_amount: Decimal
    is_highest: bool
    promises: list[Promise]
    orders: list[WorkOrder]

    @property
    def case(self) -> Case:
        """Return its case."""
        return self.recovery.case


def found_recovery(actor: Actor, recovery_id: int) -> Recovery:
    """Return a recovery of a visible case; raises NotFound. Two queries."""
    related = ("case__customer", "case__device", "case__unit", "case__owner", "case__steward__unit", "callback", "after")
    recovery = Recovery.objects.select_related(*related, "recorded_by").filter(pk=recovery_id).first()
    if recovery is None or not Case.objects.visible_to(actor).filter(pk=recovery.case_id).exists():
        raise NotFound
    return recovery


def recovery_view(recovery: Recovery, actor: Actor) -> RecoveryView:
    """Return what the page of a recovery shows. Four queries."""
    spendings = list(Spending.objects.filter(recovery=recovery).select_related("by", "second_by").order_by("pk"))
    limits = authorities()
    limit = limit_of(roles_for(actor, recovery.case), limits)
    own = Spending.objects.filter(recovery=recovery, by_id=actor.id).exclude(state=Spending.State.REFUSED)
    before = own.aggregate(amount=Sum("amount"))["amount"] or Decimal("0.00")
    running = Promise.objects.unended().to_customer().filter(case=recovery.case).order_by("due_at")
    return RecoveryView(
        recovery=recovery,
        spendings=spendings,
        spent_amount=sum((one.amount for one in spendings if one.state == Spending.State.SPENT), Decimal("0.00")),
        limit=limit,
        left_amount=max(limit.amount - before, Decimal("0.00")),
        is_highest=limit.amount > 0 and limit.amount >= highest(limits).amount,
        promises=list(running),
        orders=orders_of(recovery.case_id),
    )
