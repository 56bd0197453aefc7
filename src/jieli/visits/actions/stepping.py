"""Steps done and skipped; a phase that is whole is told once on the case."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.facts import plain
from jieli.orders.models import WorkOrder
from jieli.policies.schemas.visit_standard import Step, VisitStandard
from jieli.visits.actions.visiting import Doing, standard_of
from jieli.visits.events import PhaseDone
from jieli.visits.models import StepRecord, Visit
from jieli.visits.refusals import BadEntry
from jieli.visits.rules.steps import MOST_PHOTOS_A_STEP, records_of


def work_of(visit: Visit) -> tuple[set[str], bool | None]:
    """Return the service types of a visit and whether all of it is in warranty: None while that is not known of each."""
    orders = WorkOrder.objects.filter(pk__in=visit.orders.values("order_id")).values_list("service_type", "in_warranty")
    types, warranty = set(), set()
    for service_type, in_warranty in orders:
        types.add(service_type)
        warranty.add(in_warranty)
    return types, warranty.pop() if len(warranty) == 1 else None


def step_asked(visit: Visit, code: str) -> Step:
    """Return a step of the visit's standard which is on the phone; raises BadEntry for any other."""
    step = standard_of(visit).step(code)
    if step is None or step.by != "engineer":
        raise BadEntry(fields={"code": _("The standard of this visit has no such step.")})
    return step


def do_step(doing: Doing, visit: Visit, step: Step, values: Mapping[str, Any], photos: list[UUID]) -> None:
    """Note a step as done with what was recorded; raises BadEntry naming what is wrong."""
    kept, wrong = records_of(step, values)
    if len(photos) > MOST_PHOTOS_A_STEP:
        wrong["evidence"] = _("These are too many photos for one step.")
    if wrong:
        raise BadEntry(fields=wrong)
    _write(doing, visit, step, StepRecord.State.DONE, records=kept, photos=photos)


def skip_step(doing: Doing, visit: Visit, step: Step, reason: str, note: str) -> None:
    """Leave a step out for one of the reasons of the policy; raises BadEntry."""
    if reason not in step.skips or standard_of(visit).skip_reason(reason) is None:
        raise BadEntry(fields={"reason": _("This step cannot be skipped for this reason. Choose one of the given reasons.")})
    _write(doing, visit, step, StepRecord.State.SKIPPED, reason=reason, note=note)


def done_by_entry(doing: Doing, visit: Visit, kind: str, photos: Iterable[UUID] = ()) -> None:
    """Note the steps that an entry of this kind does, with what it says of their fields."""
    for step in standard_of(visit).done_with(kind):
        said = {record.name: doing.data.get(record.name) for record in step.records if record.name in doing.data}
        kept, _wrong = records_of(step, said)
        for one in step.records:
            if one.type == "time" and one.name == "at":
                kept["at"] = doing.at.isoformat()
        _write(doing, visit, step, StepRecord.State.DONE, records=kept, photos=list(photos))


def _write(
    doing: Doing,
    visit: Visit,
    step: Step,
    state: str,
    *,
    records: Mapping[str, Any] | None = None,
    photos: Iterable[UUID] = (),
    reason: str = "",
    note: str = "",
) -> None:
    known = {row.code: row for row in StepRecord.objects.filter(visit=visit)}
    before = known.get(step.code)
    row = before or StepRecord(visit=visit, code=step.code, phone_at=doing.entry.at, at=doing.at, received_at=doing.now)
    row.photos = list(dict.fromkeys([*row.photos, *photos]))
    # What was done later counts, whatever arrives first; what the other entry of the step recorded besides stays.
    if before is None or doing.at >= before.at:
        if before is not None and before.state == state == StepRecord.State.DONE:
            row.records = {**before.records, **(records or {})}
        else:
            row.records = plain(dict(records or {}))
        row.state, row.reason, row.note = state, reason, note
        row.phone_at, row.at, row.received_at = doing.entry.at, doing.at, doing.now
    if before is None:
        row.save(force_insert=True)
        _tell_phase(doing, visit, standard_of(visit), step, {**known, step.code: row})
    else:
        StepRecord.objects.filter(visit=visit, code=step.code).update(
            state=row.state,
            records=row.records,
            photos=row.photos,
            reason=row.reason,
            note=row.note,
            phone_at=row.phone_at,
            at=row.at,
            received_at=row.received_at,
        )


def _tell_phase(doing: Doing, visit: Visit, standard: VisitStandard, step: Step, known: Mapping[str, StepRecord]) -> None:
    """Record the fact of a phase when this step was the last mandatory one that it lacked."""
    of_phase = [one for one in standard.steps if one.phase == step.phase and one.by == "engineer"]
    always = [one for one in of_phase if one.mandatory and not one.service_types and one.in_warranty is None]
    if not step.mandatory or any(one.code not in known for one in always):
        return
    here = [one for one in standard.steps_of(*work_of(visit)) if one.phase == step.phase]
    if any(one.mandatory and one.code not in known for one in here):
        return
    tell_phase(doing.case.pk, visit.number, step.phase, [known[one.code] for one in here if one.code in known], doing)


def tell_phase(case_id: int, number: int, phase: str, rows: list[StepRecord], doing: Doing) -> None:
    """Record that a phase is whole."""
    fact = phase_fact(case_id, number, phase, [(row.code, row.reason) for row in rows])
    record(fact, actor=doing.actor, at=_latest(rows, doing.at))


def phase_fact(case_id: int, number: int, phase: str, steps: Iterable[tuple[str, str]]) -> PhaseDone:
    """Return the fact of a whole phase: its steps with the reasons for which they were skipped."""
    listed = list(steps)
    return PhaseDone(
        case_id=case_id,
        visit=number,
        phase=phase,
        count=len(listed),
        skipped={code: reason for code, reason in listed if reason},
    )


def _latest(rows: Iterable[StepRecord], at: datetime) -> datetime:
    return max((row.at for row in rows), default=at)
