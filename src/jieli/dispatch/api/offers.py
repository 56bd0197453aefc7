"""Work offered by the API: what is to be dispatched, who could be asked, offers to outlets and engineers."""

from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Query

from jieli.cases.queries.reading import visible_case_id
from jieli.cases.rules.numbers import case_number
from jieli.dispatch.actions.many import Wanted, dispatch_many
from jieli.dispatch.actions.offering import offer_to_engineer, offer_to_outlet, redispatch
from jieli.dispatch.api.router import router
from jieli.dispatch.api.shapes import (
    OFFERED,
    AppointmentOut,
    BacklogOut,
    BacklogPage,
    CandidatesOut,
    DispatchOut,
    ManyIn,
    OfferIn,
    OfferPage,
    OutcomeOut,
    OutcomesOut,
    RedispatchIn,
    appointment_out,
    case_of,
    ends_of,
    engineer_out,
    offer_of,
    offer_out,
    outlet_named,
    outlet_out,
    person_named,
)
from jieli.dispatch.models import Appointment
from jieli.dispatch.policy import may_dispatch, may_see_backlog, may_see_offers, may_send_engineer
from jieli.dispatch.queries.backlog import BacklogQuery, backlog, offers_waiting
from jieli.dispatch.queries.candidates import engineers_for, outlets_for, window_of
from jieli.dispatch.queries.reading import current_appointment, offers_of
from jieli.dispatch.refusals import BadDispatch
from jieli.events.refusals import Invalid, require
from jieli.lib import clock
from jieli.lib.http import Answer, ApiRequest, answers


@router.get(
    "/dispatch/backlog", response=answers(BacklogPage), operation_id="dispatch_backlog", summary="What is to be dispatched"
)
def dispatch_backlog(
    request: ApiRequest,
    state: Literal["", "unplanned", "lapsed", "asked", "outlet", "again", "out"] = "",
    product_line: Annotated[str, Query(max_length=60)] = "",
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Answer:
    """Return the cases that nobody has and nobody is asked for, or those in another state; the next promised time first."""
    require(may_see_backlog(request.auth))
    try:
        page = backlog(request.auth, BacklogQuery(state=state, product_line=product_line, cursor=cursor))
    except ValueError:
        raise Invalid(fields={"cursor": _("This is no cursor of this list.")}) from None
    items = [
        BacklogOut(
            number=row.case.number,
            subject=row.case.subject,
            next_due_at=row.case.next_due_at,
            product_line=row.case.product_line,
            state=row.state,  # type: ignore[arg-type]
            outlet=row.order.outlet.code if row.order else row.offer.outlet.code if row.offer else None,
        )
        for row in page.rows
    ]
    return Answer(BacklogPage(items=items, next=page.next or None))


@router.get("/dispatch/offers", response=answers(OfferPage), operation_id="dispatch_offers", summary="Offers that wait")
def dispatch_offers(request: ApiRequest, cursor: Annotated[str, Query(max_length=500)] = "") -> Answer:
    """Return the work orders that wait for an answer: one's own, and those of cases one sees."""
    require(may_see_offers(request.auth))
    try:
        page = offers_waiting(request.auth, cursor)
    except ValueError:
        raise Invalid(fields={"cursor": _("This is no cursor of this list.")}) from None
    return Answer(OfferPage(items=[offer_out(row.offer) for row in page.rows], next=page.next or None))


@router.post("/dispatch/many", response=answers(OutcomesOut), operation_id="dispatch_many", summary="Offer many cases")
def many(request: ApiRequest, body: ManyIn) -> Answer:
    """Offer cases one by one; what is refused says why and does not hold up the others."""
    require(may_see_backlog(request.auth))
    lines = [
        Wanted(visible_case_id(request.auth, one.number), outlet_named(one.outlet).pk, *ends_of(one.window))
        for one in body.lines
    ]
    outcomes = dispatch_many(lines, actor=request.auth)
    return Answer(
        OutcomesOut(
            items=[
                OutcomeOut(
                    number=case_number(one.case_id),
                    offer=offer_out(offer_of(one.offer.pk)) if one.offer is not None else None,
                    refused=one.refused,
                )
                for one in outcomes
            ]
        )
    )


@router.get(
    "/cases/{number}/dispatch", response=answers(DispatchOut), operation_id="case_dispatch", summary="Where the dispatch stands"
)
def case_dispatch(request: ApiRequest, number: str) -> Answer:
    """Return the appointment of a case and what was offered to whom."""
    case_id = visible_case_id(request.auth, number)
    appointment = current_appointment(case_id)
    return Answer(
        DispatchOut(
            number=case_number(case_id),
            appointment=appointment_out(appointment) if appointment is not None else None,
            offers=[offer_out(one) for one in offers_of(case_id)],
        )
    )


@router.get(
    "/cases/{number}/candidates", response=answers(CandidatesOut), operation_id="case_candidates", summary="Who could be asked"
)
def case_candidates(request: ApiRequest, number: str, outlet: Annotated[str, Query(max_length=60)] = "") -> Answer:
    """Return the outlets for a case with reasons, in the order in which the rule would ask; of an outlet its engineers.

    Outlets nearby that are not known to serve the address follow, with that against them: only a person offers to them.
    """
    case = case_of(request.auth, number)
    require(may_send_engineer(request.auth, case))
    window = window_of(current_appointment(case.pk))
    outlets = outlets_for(case, clock.now(), window=window, others=True) if may_dispatch(request.auth, case) else []
    engineers = engineers_for(case, outlet_named(outlet), window, ignoring=case.pk) if outlet else []
    return Answer(
        CandidatesOut(outlets=[outlet_out(one) for one in outlets], engineers=[engineer_out(one) for one in engineers])
    )


@router.post(
    "/cases/{number}/dispatch",
    response=OFFERED | {200: AppointmentOut},
    operation_id="dispatch_case",
    summary="Offer to an outlet or engineer",
)
def dispatch_case(request: ApiRequest, number: str, body: OfferIn) -> Answer:
    """Offer the work of a case; who has it keeps it until it is accepted.

    An engineer who has the case himself is not asked: the visit is his at once, and 200 answers its appointment.
    """
    case_id = visible_case_id(request.auth, number)
    starts_at, ends_at = ends_of(body.window)
    values: dict[str, Any] = {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "agreed": body.agreed,
        "devices": body.devices,
        "note": body.note,
        "actor": request.auth,
    }
    if body.engineer is not None:
        made = offer_to_engineer(case_id, engineer_id=person_named(body.engineer).pk, **values)
        if isinstance(made, Appointment):
            return Answer(appointment_out(made))
    elif body.outlet is not None:
        made = offer_to_outlet(case_id, outlet_id=outlet_named(body.outlet).pk, **values)
    else:
        raise BadDispatch(fields={"outlet": _("Name an outlet or an engineer.")})
    return Answer(offer_out(offer_of(made.pk)), 201)


@router.post("/cases/{number}/redispatch", response=OFFERED, operation_id="redispatch_case", summary="Offer anew")
def redispatch_case(request: ApiRequest, number: str, body: RedispatchIn) -> Answer:
    """Offer the work to another outlet; what an outlet has accepted stays with it until the next one accepts."""
    case_id = visible_case_id(request.auth, number)
    starts_at, ends_at = ends_of(body.window)
    offer = redispatch(
        case_id,
        reason=body.reason,
        outlet_id=outlet_named(body.outlet).pk if body.outlet else None,
        starts_at=starts_at,
        ends_at=ends_at,
        agreed=body.agreed,
        actor=request.auth,
    )
    return Answer(offer_out(offer_of(offer.pk)), 201)
