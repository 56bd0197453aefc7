"""What every entry of a phone works on: the locked case, the order, and the visit, which begins with its first entry."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from jieli.cases.actions.staging import advance
from jieli.cases.models import Case, Pass
from jieli.dispatch.models import Offer
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.orders.models import WorkOrder
from jieli.policies.queries import NoPolicy, current, version
from jieli.policies.schemas import VisitStandard
from jieli.visits.events import TimesContradict, VisitCalledOff, VisitStarted
from jieli.visits.models import StepRecord, Visit, VisitOrder
from jieli.visits.refusals import NotYourOrder, OrderOver, UnknownOrder, VisitOver
from jieli.visits.rules.entries import SentEntry
from jieli.visits.rules.times import contradictions

STANDARD_KEPT = timedelta(days=3)
"""So long a phone that was offline may still follow the standard which it loaded."""


@dataclass(slots=True)
class Doing:
    """An entry while it is done: `at` is when it happened, `now` when we learned it; `flags` what is odd about it."""

    entry: SentEntry
    actor: Actor
    at: datetime
    now: datetime
    case: Case
    order: WorkOrder
    standard: int | None = None
    flags: list[str] = field(default_factory=list)

    @property
    def data(self) -> Mapping[str, Any]:
        """Return what the phone sent."""
        return self.entry.data


def order_of(number: str) -> WorkOrder:
    """Return a work order by its number; raises UnknownOrder."""
    try:
        return WorkOrder.objects.get(number=number)
    except WorkOrder.DoesNotExist:
        raise UnknownOrder from None


def locked_order(number: str, actor: Actor, *, must_be_open: bool = True) -> tuple[Case, WorkOrder]:
    """Return a work order of the actor with its case locked; raises UnknownOrder, NotYourOrder, OrderOver.

    Whose it is says the order, not the case: a supervisor may have taken the case over while the engineer was on site.
    """
    # The case's row alone is locked, and all is read when it is ours; entries come by the thousand, so in two queries.
    theirs = WorkOrder.objects.filter(number=number).values("case_id")
    if not list(Case.objects.filter(pk__in=theirs).select_for_update().values_list("pk")):
        raise UnknownOrder
    order = WorkOrder.objects.select_related("case__unit", "case__customer", "case__owner", "case__steward").get(number=number)
    case = order.case
    if not actor.is_staff or order.engineer_id != actor.id:
        raise NotYourOrder
    if must_be_open and (order.cancelled_at is not None or not case.is_open):
        raise OrderOver
    return case, order


def standard_of(visit: Visit) -> VisitStandard:
    """Return the standard that a visit keeps."""
    return version("visit-standard", visit.standard).data


def open_visit(doing: Doing) -> Visit:
    """Return the visit that is under way, or begin the next one; raises VisitOver for an entry of one that is finished."""
    has_order = Exists(VisitOrder.objects.filter(visit=OuterRef("pk"), order=doing.order))
    theirs = Visit.objects.open().filter(case=doing.case, engineer_id=doing.actor.id)
    mine = theirs.annotate(has_order=has_order).first()
    if mine is not None:
        if not mine.has_order:  # type: ignore[attr-defined]  # annotated
            VisitOrder.objects.get_or_create(visit=mine, order=doing.order)
        return mine
    if doing.order.finished_at is not None:
        raise VisitOver
    last = Visit.objects.filter(case=doing.case).order_by("-number").first()
    if last is not None and last.finished_at is not None and doing.at <= last.finished_at:
        raise VisitOver
    return _begin(doing, 1 if last is None else last.number + 1)


def _begin(doing: Doing, number: int) -> Visit:
    call_off(doing.case, actor=doing.actor, at=doing.now)
    visit = Visit.objects.create(
        case=doing.case,
        engineer_id=doing.actor.id or 0,
        number=number,
        standard=_standard_followed(doing),
        started_at=doing.at,
    )
    theirs = WorkOrder.objects.filter(
        case=doing.case, engineer_id=doing.actor.id, finished_at__isnull=True, cancelled_at__isnull=True
    )
    VisitOrder.objects.bulk_create([VisitOrder(visit=visit, order=order) for order in theirs.order_by("pk")])
    record(
        VisitStarted(case_id=doing.case.pk, visit=number, engineer_id=visit.engineer_id, standard=visit.standard),
        actor=doing.actor,
        at=doing.at,
    )
    _note_acceptance(visit)
    advance(doing.case, "visit", actor=doing.actor, at=doing.at)
    return visit


def _note_acceptance(visit: Visit) -> None:
    """Note the step of receiving the order: it was done when the engineer accepted the offer, before the visit began."""
    mine = Offer.objects.filter(
        case=visit.case, engineer_id=visit.engineer_id, baton__receiver_id=visit.engineer_id, baton__state=Pass.State.ACCEPTED
    )
    accepted_at = mine.order_by("-baton_id").values_list("baton__settled_at", flat=True).first()
    if accepted_at is None:
        return
    for step in standard_of(visit).done_with("offer_accept"):
        StepRecord.objects.create(visit=visit, code=step.code, phone_at=accepted_at, at=accepted_at, received_at=accepted_at)


def _standard_followed(doing: Doing) -> int:
    """Return the version which the phone followed, when it was in force lately; else the one in force when it happened."""
    held = current("visit-standard", doing.at).number
    if doing.standard is None or doing.standard == held:
        return held
    oldest = current("visit-standard", doing.at - STANDARD_KEPT).number
    newest = current("visit-standard", doing.now).number
    try:
        followed = version("visit-standard", doing.standard).number
    except NoPolicy:
        return held
    return followed if oldest <= followed <= newest else held


def call_off(case: Case, *, actor: Actor, at: datetime, only: Collection[int] | None = None) -> int:
    """End the open visits of a locked case (those of the ids `only`), because another engineer comes or nobody; count them."""
    rows = Visit.objects.open().filter(case=case)
    visits = list((rows if only is None else rows.filter(pk__in=only)).order_by("pk"))
    for visit in visits:
        visit.state = Visit.State.CALLED_OFF
        visit.save(update_fields=["state"])
        record(VisitCalledOff(case_id=case.pk, visit=visit.number), actor=actor, at=at)
    return len(visits)


def flag(doing: Doing, visit: Visit, *flags: str) -> None:
    """Note on a visit what is odd, once each; both times are kept in the event."""
    new = [one for one in dict.fromkeys(flags) if one not in visit.flags]
    doing.flags += [one for one in flags if one not in doing.flags]
    if not new:
        return
    visit.flags = [*visit.flags, *new]
    visit.save(update_fields=["flags"])
    record(
        TimesContradict(
            case_id=visit.case_id,
            visit=visit.number,
            flags=new,
            phone_at=doing.entry.at,
            received_at=doing.now,
        ),
        actor=doing.actor,
        at=doing.now,
    )


def flag_times(doing: Doing, visit: Visit, *, finished_at: datetime | None = None) -> None:
    """Compare the times of a visit and note what contradicts itself."""
    ordered = [order.dispatched_at for order in WorkOrder.objects.filter(pk=doing.order.pk)]
    first = StepRecord.objects.filter(visit=visit, code__in=_work_codes(visit)).order_by("at").first()
    found = contradictions(
        {
            "ordered": ordered[0] if ordered else None,
            "set_out": visit.set_out_at,
            "arrived": visit.arrived_at,
            "worked": None if first is None else first.at,
            "finished": finished_at,
        }
    )
    flag(doing, visit, *doing.flags, *found)


def _work_codes(visit: Visit) -> list[str]:
    return [step.code for step in standard_of(visit).steps if step.phase == "work"]
