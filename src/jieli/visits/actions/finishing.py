"""The end of the work: an order finished by the standard, or by a supervisor with gaps; the case goes on or is resolved."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.progressing import resolve_case
from jieli.cases.models import Case
from jieli.cases.policy import may_resolve
from jieli.customers.models import Device
from jieli.dispatch.actions.coming import keep_appointment
from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor, rule_actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.notify.actions import Telling, tell_all
from jieli.orders.actions.living import learn
from jieli.orders.models import WorkOrder
from jieli.parts.models import UsedPart
from jieli.visits import notices
from jieli.visits.actions.licensing import not_by_the_standard
from jieli.visits.actions.stepping import work_of
from jieli.visits.actions.visiting import Doing, flag, standard_of
from jieli.visits.events import FinishedWithGaps, VisitFinished
from jieli.visits.models import Photo, StepRecord, Visit, VisitOrder
from jieli.visits.policy import may_finish_with_gaps
from jieli.visits.queries.proving import digest_of
from jieli.visits.refusals import BadEntry, NoOutcome, NotArrived, StepsMissing, VisitOver
from jieli.visits.rules.steps import OWN_STEPS, DoneStep, Missing, Work, missing_steps
from jieli.visits.rules.times import FINISHED_BEFORE_ARRIVED

RULE = rule_actor("visit")
NOT_FIXED = VisitOrder.Result.NOT_FIXED
REMOTE = VisitOrder.Result.REMOTE


def missing_of(visit: Visit) -> list[Missing]:
    """Return the steps that keep a visit from being finished, by its own standard. Seven queries."""
    types, in_warranty = work_of(visit)
    steps = {
        row.code: DoneStep(row.code, row.state == row.State.DONE, row.records, tuple(row.photos)) for row in visit.steps.all()
    }
    named = {photo for step in steps.values() for photo in step.photos}
    tests = visit.safety_tests.order_by("at").last()
    order_ids = list(visit.orders.values_list("order_id", flat=True))
    work = Work(
        service_types=frozenset(types),
        in_warranty=in_warranty,
        results=frozenset(visit.orders.exclude(result="").values_list("result", flat=True)),
        photos_here=frozenset(Photo.objects.filter(client_id__in=named).values_list("client_id", flat=True)),
        is_signed=visit.signatures.exists(),
        is_part_used=UsedPart.objects.put_in().filter(order__in=order_ids).exists(),
        is_charged=visit.charges.exists(),
        is_genuine=visit.genuine,
        safety_passed=None if tests is None else tests.is_passed,
        is_risk_signed=tests is not None and tests.is_risk_signed,
    )
    return missing_steps(standard_of(visit), steps, work)


def finish_order(doing: Doing, visit: Visit) -> None:
    """Finish the work on one order of a visit; not fixed ends the visit and leaves the order open.

    Raises NoOutcome, NotArrived, StepsMissing naming the steps.
    """
    told = VisitOrder.objects.select_for_update().get(visit=visit, order=doing.order)
    if told.finished_at is not None:
        return
    if not told.result:
        raise NoOutcome
    if visit.arrived_at is None and told.result != REMOTE:
        raise NotArrived
    if told.result != NOT_FIXED and (missing := missing_of(visit) or _missing_of_device(doing.order, visit)):
        raise StepsMissing(missing)
    finished_at = _not_before(doing, visit)
    _finish(visit, told, doing.order, finished_at=finished_at, now=doing.now, complete=True, actor=doing.actor)
    _end_visit(doing.case, visit, finished_at=finished_at, now=doing.now, complete=True, actor=doing.actor)


def _missing_of_device(order: WorkOrder, visit: Visit) -> list[Missing]:
    """Return what another device of a set has and this one lacks: whether it is genuine, unless that step was skipped."""
    device = Device.objects.filter(pk=order.device_id or 0).first()
    if device is None or device.genuine is not None or visit.orders.count() < 2:
        return []
    types, in_warranty = work_of(visit)
    standard, done = standard_of(visit), set(visit.steps.filter(state=StepRecord.State.DONE).values_list("code", flat=True))
    return [
        Missing(step.code, standard.place(step.code), step, _("not done for this device of the set"))
        for step in standard.steps_of(set(types), in_warranty)
        if step.code in OWN_STEPS & done
    ]


def _not_before(doing: Doing, visit: Visit) -> datetime:
    """Return when it was finished: never before the arrival; a phone that says so is flagged, and both times are kept."""
    at = doing.at
    if visit.arrived_at is not None and at < visit.arrived_at:
        flag(doing, visit, FINISHED_BEFORE_ARRIVED)
        at = visit.arrived_at
    return max(at, doing.order.opened_at)


def _finish(
    visit: Visit, told: VisitOrder, order: WorkOrder, *, finished_at: datetime, now: datetime, complete: bool, actor: Actor
) -> None:
    told.finished_at = finished_at
    told.save(update_fields=["result", "finished_at"])
    if told.result == NOT_FIXED:
        learn(order.pk, actor=actor, at=now, fixed_first=False)
        return
    again = VisitOrder.objects.filter(order=order, result=NOT_FIXED, visit__number__lt=visit.number).exists()
    learn(
        order.pk,
        actor=actor,
        at=now,
        finished_at=finished_at,
        reported_at=max(now, finished_at),
        fixed_first=not again,
        steps_complete=complete,
    )


def _end_visit(case: Case, visit: Visit, *, finished_at: datetime, now: datetime, complete: bool, actor: Actor) -> None:
    """End a visit whose orders are all done with, and resolve the case when no order of it is left."""
    if visit.orders.filter(finished_at__isnull=True, order__cancelled_at__isnull=True).exists():
        return
    visit.state, visit.finished_at, visit.steps_complete = Visit.State.FINISHED, finished_at, complete
    visit.digest = digest_of(visit)
    visit.save(update_fields=["state", "finished_at", "steps_complete", "digest", "gaps_reason", "gaps_by"])
    record(
        VisitFinished(case_id=case.pk, visit=visit.number, steps_complete=complete, digest=visit.digest),
        actor=actor,
        at=finished_at,
    )
    costly = {reason.code for reason in standard_of(visit).skip_reasons if reason.costs_points}
    if not complete or visit.steps.filter(reason__in=costly).exists():
        not_by_the_standard(visit, note=visit.gaps_reason)
    if visit.arrived_at is not None:
        keep_appointment(case, actor=RULE, at=finished_at)
    left = WorkOrder.objects.filter(case=case, finished_at__isnull=True, cancelled_at__isnull=True).exists()
    if not left:
        _resolve(case, visit, actor=actor)


def _resolve(case: Case, visit: Visit, *, actor: Actor) -> None:
    """Tell the customer the result; when somebody else has the case by now, tell him instead."""
    case.refresh_from_db()
    if case.status not in (Case.Status.OPEN, Case.Status.WAITING):
        return
    if may_resolve(actor, case):
        resolve_case(case.pk, answer=answer_of(case, visit), actor=actor)
    else:
        params = {"number": case.number, "engineer": visit.engineer.name}
        tell_all([Telling(case.owner_id, notices.WORK_DONE, case.pk, params)], actor=SYSTEM)


def answer_of(case: Case, visit: Visit) -> str:
    """Return what the customer reads about the result, in his language."""
    with translation.override(case.language or "zh-hans"):
        results = set(VisitOrder.objects.filter(order__case=case).exclude(result="").values_list("result", flat=True))
        name = visit.engineer.name
        if VisitOrder.Result.FIXED in results:
            said = gettext("Our engineer %(name)s has finished the work and tested the device.")
        elif REMOTE in results:
            said = gettext("Our engineer %(name)s has solved it with you on the phone.")
        else:
            said = gettext("Our engineer %(name)s has checked the device and found no fault.")
        between = "" if (translation.get_language() or "").startswith("zh") else " "
        then = gettext("We will call you back to ask whether everything is well. If it is not, just answer here.")
        return f"{said % {'name': name}}{between}{then}"


@changing
def finish_with_gaps(
    visit_id: int, *, reason: str, actor: Actor, result: str = VisitOrder.Result.FIXED, not_fixed_because: str = ""
) -> Visit:
    """Finish a visit although steps are missing, as a superior, with a reason: its steps are then incomplete (spec 3).

    `result` stands for orders of which the engineer said nothing. Raises NotFound, NotAllowed, VisitOver, BadEntry.
    """
    found = Visit.objects.filter(pk=visit_id).values_list("case_id", flat=True).first()
    if found is None or not Visit.objects.visible_to(actor).filter(pk=visit_id).exists():
        raise NotFound
    case = locked_case(found, SYSTEM, must_be_open=False)
    visit = Visit.objects.select_for_update(of=("self",)).select_related("engineer").get(pk=visit_id)
    require(may_finish_with_gaps(actor, case))
    if visit.state != Visit.State.OPEN or not case.is_open:
        raise VisitOver
    wrong = {}
    if not reason.strip():
        wrong["reason"] = _("Say why it is finished although steps are missing.")
    if result not in VisitOrder.Result.values:
        wrong["result"] = _("Say fixed, not fixed, solved remotely, or no fault found.")
    standard = standard_of(visit)
    if result == NOT_FIXED and standard.reason_not_fixed(not_fixed_because) is None:
        wrong["not_fixed_because"] = _("Say why it is not fixed: choose one of the given reasons.")
    if wrong:
        raise BadEntry(fields=wrong)
    now = clock.now()
    missing = [one.code for one in missing_of(visit)]
    visit.gaps_reason, visit.gaps_by_id = reason.strip()[:400], actor.id
    fact = FinishedWithGaps(case_id=case.pk, visit=visit.number, missing=missing, reason=visit.gaps_reason)
    record(fact, actor=actor, at=now)
    last = max([row.at for row in visit.steps.all()], default=now)
    finished_at = max(min(last, now), visit.arrived_at or last, visit.started_at)
    for told in visit.orders.filter(finished_at__isnull=True).select_related("order").order_by("order_id"):
        if told.order.cancelled_at is not None:
            continue
        if not told.result:
            told.result = result
            if result == NOT_FIXED:
                told.reason = not_fixed_because
                told.save(update_fields=["reason", "result"])
        at = max(finished_at, told.order.opened_at)
        _finish(visit, told, told.order, finished_at=at, now=now, complete=False, actor=actor)
    _end_visit(case, visit, finished_at=finished_at, now=now, complete=False, actor=actor)
    visit.refresh_from_db()
    return visit
