"""Appointments by the API: windows that are free, set, moved, called off."""

from datetime import date, timedelta
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from ninja import Query

from jieli.cases.queries.reading import visible_case_id
from jieli.dispatch.actions.appointing import end_appointment, set_appointment
from jieli.dispatch.api.router import router
from jieli.dispatch.api.shapes import (
    APPOINTED,
    AppointmentIn,
    SlotOut,
    SlotsOut,
    appointment_out,
    case_of,
    outlet_named,
    person_named,
)
from jieli.dispatch.policy import may_send_engineer
from jieli.dispatch.queries.slots import slot_days
from jieli.events.refusals import Invalid, NotFound, require
from jieli.lib import clock
from jieli.lib.http import Answer, ApiRequest, Nothing, answers
from jieli.people.queries import local_date
from jieli.policies.queries import current


@router.get("/cases/{number}/slots", response=answers(SlotsOut), operation_id="case_slots", summary="Windows of the next days")
def case_slots(
    request: ApiRequest,
    number: str,
    *,
    outlet: Annotated[str, Query(max_length=60)],
    engineer: Annotated[str, Query(max_length=60)] = "",
    since: date | None = None,
    days: Annotated[int, Query(ge=1, le=31)] = 7,
) -> Answer:
    """Return the windows of an outlet, or of one of its engineers, for a case: what is free, and why the others are not.

    From today at the earliest, and as far ahead as anything may be appointed.
    """
    case = case_of(request.auth, number)
    require(may_send_engineer(request.auth, case))
    today = local_date(clock.now())
    if since is not None and since > today + timedelta(days=current("dispatch").data.slots.most_days_ahead):
        raise Invalid(fields={"since": _("This is too far ahead.")})
    found = slot_days(
        outlet_named(outlet).pk,
        product_line=case.product_line,
        service_type=case.service_type,
        engineer_id=person_named(engineer).pk if engineer else None,
        since=max(since or today, today),
        days=days,
        ignoring=case.pk,
    )
    items = [
        SlotOut(starts_at=one.starts_at, ends_at=one.ends_at, free=one.free, why=one.why)  # type: ignore[arg-type]
        for day in found
        for one in day.slots
    ]
    return Answer(SlotsOut(items=items))


@router.post("/cases/{number}/appointment", response=APPOINTED, operation_id="set_appointment", summary="Set or move the visit")
def appoint(request: ApiRequest, number: str, body: AppointmentIn) -> Answer:
    """Set the window of a visit, or move it; the customer is told."""
    case_id = visible_case_id(request.auth, number)
    made = set_appointment(
        case_id,
        starts_at=body.window.starts_at,
        ends_at=body.window.ends_at,
        outlet_id=outlet_named(body.outlet).pk if body.outlet else None,
        agreed=body.agreed,
        reason=body.reason,
        actor=request.auth,
    )
    return Answer(appointment_out(made))


@router.post(
    "/cases/{number}/appointment/cancel",
    response=APPOINTED,
    operation_id="cancel_appointment",
    summary="Call the visit off",
)
def call_off(request: ApiRequest, number: str, body: Nothing | None = None) -> Answer:
    """Call the appointment of a case off."""
    made = end_appointment(visible_case_id(request.auth, number), state="cancelled", actor=request.auth)
    if made is None:
        raise NotFound
    return Answer(appointment_out(made))
