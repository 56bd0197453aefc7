"""The API's operations of dispatch."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Query, Router
from pydantic import Field

from jieli.cases.models import Case
from jieli.cases.queries.reading import visible_case_id
from jieli.cases.rules.numbers import case_number
from jieli.dispatch.actions.answering import accept_offer, answer_counter, counter_offer, refuse_offer
from jieli.dispatch.actions.appointing import end_appointment, set_appointment
from jieli.dispatch.actions.offering import Wanted, dispatch_many, offer_to_engineer, offer_to_outlet, redispatch
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.policy import may_dispatch, may_see_backlog, may_see_offers, may_send_engineer
from jieli.dispatch.queries.backlog import BacklogQuery, backlog, offers_waiting
from jieli.dispatch.queries.candidates import EngineerCandidate, OutletCandidate, engineers_for, outlets_for, window_of
from jieli.dispatch.queries.reading import case_for, current_appointment, offers_of, outlet_of
from jieli.dispatch.queries.slots import slot_days
from jieli.dispatch.refusals import BadDispatch
from jieli.dispatch.rules.reasons import Why, from_json
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, NotFound, require
from jieli.lib import clock
from jieli.lib.http import Answer, ApiRequest, In, Instant, Nothing, Out, Page, answers, kept
from jieli.network.models import Outlet
from jieli.people.models import Staff, Unit

router = Router(tags=["dispatch"])

Words = Annotated[str, kept(1_000)]
UnitCode = Annotated[str, kept(60, 1)]


class WindowIn(In):
    """A window in which somebody comes."""

    starts_at: Instant
    ends_at: Instant


class OfferIn(In):
    """Whom to ask: an outlet, or one of its engineers by login name; without a window the present appointment is asked for."""

    outlet: UnitCode | None = None
    engineer: UnitCode | None = None
    window: WindowIn | None = None
    agreed: bool = False
    devices: Annotated[list[int], Field(max_length=20)] = Field(default_factory=list)
    note: Words = ""


class RedispatchIn(In):
    """Why anew, and whom to ask; without an outlet the rule chooses."""

    reason: Annotated[str, kept(300, 1)]
    outlet: UnitCode | None = None
    window: WindowIn | None = None
    agreed: bool = False


class AcceptIn(In):
    """The order in one's own words, and the window when the outlet sets it."""

    restatement: Words = ""
    window: WindowIn | None = None
    agreed: bool = False


class RefuseIn(In):
    """One of the policy's reasons; `other` needs words."""

    reason: Annotated[str, kept(60, 1)]
    note: Words = ""


class CounterIn(In):
    """Another window, and why."""

    window: WindowIn
    reason: Words = ""


class CounterAnswerIn(In):
    """Yes or no to another window, and whether the customer agreed to it."""

    agree: bool
    agreed_with_customer: bool = False


class AppointmentIn(In):
    """The window of the visit, and whether the customer agreed to it."""

    window: WindowIn
    agreed: bool = False
    outlet: UnitCode | None = None
    reason: Words = ""


class LineIn(In):
    """One case of many, by number."""

    number: Annotated[str, kept(40, 1)]
    outlet: UnitCode
    window: WindowIn | None = None


class ManyIn(In):
    """Cases that are offered one by one."""

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=50)]


class ReasonOut(Out):
    """One reason: a stable code and its words."""

    code: str
    words: str


class CandidateOut(Out):
    """An outlet or an engineer that could be asked, with the reasons for and against."""

    code: str
    name: str
    score: float
    distance_km: float | None
    can_be_asked: bool
    reasons: list[ReasonOut]
    against: list[ReasonOut]


class CandidatesOut(Out):
    """The outlets for a case, and the engineers of the outlet asked about."""

    outlets: list[CandidateOut]
    engineers: list[CandidateOut]


class SlotOut(Out):
    """A window: how many more visits fit in, or why none does."""

    starts_at: Instant
    ends_at: Instant
    free: int
    why: Literal["", "closed", "full", "past"]


class SlotsOut(Out):
    """The windows of the next days."""

    items: list[SlotOut]


class AppointmentOut(Out):
    """The appointment of a case."""

    id: int
    number: str
    state: Literal["planned", "offered", "accepted", "moved", "done", "cancelled"]
    starts_at: Instant
    ends_at: Instant
    outlet: str | None
    engineer: str | None
    agreed: bool
    by_customer: bool


class WorkOfferOut(Out):
    """An offered work order and what became of it."""

    id: int
    number: str
    state: Literal["offered", "accepted", "declined", "withdrawn", "lapsed", "decided"]
    outlet: str
    engineer: str | None
    receiver: str
    starts_at: Instant | None
    ends_at: Instant | None
    answer_due_at: Instant
    counter_starts_at: Instant | None
    counter_ends_at: Instant | None
    counter_state: Literal["", "asked", "agreed", "refused"]
    refusal: str
    by_itself: bool
    policy: str
    reasons: list[ReasonOut]


class DispatchOut(Out):
    """Where the dispatch of a case stands: its appointment and its offers, newest first."""

    number: str
    appointment: AppointmentOut | None
    offers: list[WorkOfferOut]


class BacklogOut(Out):
    """A case of the backlog."""

    number: str
    subject: str
    next_due_at: Instant | None
    product_line: str
    state: Literal["unplanned", "lapsed", "asked", "outlet"]
    outlet: str | None


class OutcomeOut(Out):
    """What became of one case of many: the offer, or why not."""

    number: str
    offer: WorkOfferOut | None
    refused: str


class OutcomesOut(Out):
    """What became of each."""

    items: list[OutcomeOut]


_OFFER = answers(WorkOfferOut)
_OFFERED = answers(WorkOfferOut, 201)
_APPOINTED = answers(AppointmentOut)
_BacklogPage = Page[BacklogOut]
_OfferPage = Page[WorkOfferOut]


@router.get(
    "/dispatch/backlog", response=answers(_BacklogPage), operation_id="dispatch_backlog", summary="What is to be dispatched"
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
    return Answer(_BacklogPage(items=items, next=page.next or None))


@router.get("/dispatch/offers", response=answers(_OfferPage), operation_id="dispatch_offers", summary="Offers that wait")
def dispatch_offers(request: ApiRequest, cursor: Annotated[str, Query(max_length=500)] = "") -> Answer:
    """Return the work orders that wait for an answer: one's own, and those of cases one sees."""
    require(may_see_offers(request.auth))
    try:
        page = offers_waiting(request.auth, cursor)
    except ValueError:
        raise Invalid(fields={"cursor": _("This is no cursor of this list.")}) from None
    return Answer(_OfferPage(items=[_offer_out(row.offer) for row in page.rows], next=page.next or None))


@router.post("/dispatch/many", response=answers(OutcomesOut), operation_id="dispatch_many", summary="Offer many cases")
def many(request: ApiRequest, body: ManyIn) -> Answer:
    """Offer cases one by one; what is refused says why and does not hold up the others."""
    require(may_see_backlog(request.auth))
    lines = [
        Wanted(visible_case_id(request.auth, one.number), _outlet(one.outlet).pk, *_ends(one.window)) for one in body.lines
    ]
    outcomes = dispatch_many(lines, actor=request.auth)
    return Answer(
        OutcomesOut(
            items=[
                OutcomeOut(
                    number=case_number(one.case_id),
                    offer=_offer_out(_again(one.offer.pk)) if one.offer is not None else None,
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
            appointment=_appointment_out(appointment) if appointment is not None else None,
            offers=[_offer_out(one) for one in offers_of(case_id)],
        )
    )


@router.get(
    "/cases/{number}/candidates", response=answers(CandidatesOut), operation_id="case_candidates", summary="Who could be asked"
)
def case_candidates(request: ApiRequest, number: str, outlet: Annotated[str, Query(max_length=60)] = "") -> Answer:
    """Return the outlets for a case with reasons, in the order in which the rule would ask; of an outlet its engineers."""
    case = _case(request.auth, number)
    require(may_send_engineer(request.auth, case))
    window = window_of(current_appointment(case.pk))
    outlets = outlets_for(case, clock.now(), window=window) if may_dispatch(request.auth, case) else []
    engineers = engineers_for(case, _outlet(outlet), window, ignoring=case.pk) if outlet else []
    return Answer(
        CandidatesOut(outlets=[_outlet_out(one) for one in outlets], engineers=[_engineer_out(one) for one in engineers])
    )


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
    """Return the windows of an outlet, or of one of its engineers, for a case: what is free, and why the others are not."""
    case = _case(request.auth, number)
    require(may_send_engineer(request.auth, case))
    found = slot_days(
        _outlet(outlet).pk,
        product_line=case.product_line,
        service_type=case.service_type,
        engineer_id=_person(engineer).pk if engineer else None,
        since=since,
        days=days,
        ignoring=case.pk,
    )
    items = [
        SlotOut(starts_at=one.starts_at, ends_at=one.ends_at, free=one.free, why=one.why)  # type: ignore[arg-type]
        for day in found
        for one in day.slots
    ]
    return Answer(SlotsOut(items=items))


@router.post(
    "/cases/{number}/dispatch", response=_OFFERED, operation_id="dispatch_case", summary="Offer to an outlet or engineer"
)
def dispatch_case(request: ApiRequest, number: str, body: OfferIn) -> Answer:
    """Offer the work of a case; who has it keeps it until it is accepted."""
    case_id = visible_case_id(request.auth, number)
    starts_at, ends_at = _ends(body.window)
    values: dict[str, Any] = {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "agreed": body.agreed,
        "devices": body.devices,
        "note": body.note,
        "actor": request.auth,
    }
    if body.engineer is not None:
        made = offer_to_engineer(case_id, engineer_id=_person(body.engineer).pk, **values)
        if not isinstance(made, Offer):
            raise BadDispatch(fields={"engineer": _("He has the case already; the visit is his now.")})
    elif body.outlet is not None:
        made = offer_to_outlet(case_id, outlet_id=_outlet(body.outlet).pk, **values)
    else:
        raise BadDispatch(fields={"outlet": _("Name an outlet or an engineer.")})
    return Answer(_offer_out(_again(made.pk)), 201)


@router.post("/cases/{number}/redispatch", response=_OFFERED, operation_id="redispatch_case", summary="Offer anew")
def redispatch_case(request: ApiRequest, number: str, body: RedispatchIn) -> Answer:
    """Offer the work to another outlet; what an outlet has accepted stays with it until the next one accepts."""
    case_id = visible_case_id(request.auth, number)
    starts_at, ends_at = _ends(body.window)
    offer = redispatch(
        case_id,
        reason=body.reason,
        outlet_id=_outlet(body.outlet).pk if body.outlet else None,
        starts_at=starts_at,
        ends_at=ends_at,
        agreed=body.agreed,
        actor=request.auth,
    )
    return Answer(_offer_out(_again(offer.pk)), 201)


@router.post(
    "/cases/{number}/appointment", response=_APPOINTED, operation_id="set_appointment", summary="Set or move the visit"
)
def appoint(request: ApiRequest, number: str, body: AppointmentIn) -> Answer:
    """Set the window of a visit, or move it; the customer is told."""
    case_id = visible_case_id(request.auth, number)
    made = set_appointment(
        case_id,
        starts_at=body.window.starts_at,
        ends_at=body.window.ends_at,
        outlet_id=_outlet(body.outlet).pk if body.outlet else None,
        agreed=body.agreed,
        reason=body.reason,
        actor=request.auth,
    )
    return Answer(_appointment_out(made))


@router.post(
    "/cases/{number}/appointment/cancel",
    response=_APPOINTED,
    operation_id="cancel_appointment",
    summary="Call the visit off",
)
def call_off(request: ApiRequest, number: str, body: Nothing | None = None) -> Answer:
    """Call the appointment of a case off."""
    made = end_appointment(visible_case_id(request.auth, number), state="cancelled", actor=request.auth)
    if made is None:
        raise NotFound
    return Answer(_appointment_out(made))


@router.post(
    "/dispatch/offers/{int:offer_id}/accept", response=_OFFER, operation_id="accept_work", summary="Accept a work order"
)
def accept(request: ApiRequest, offer_id: int, body: AcceptIn) -> Answer:
    """Accept an offered work order: the case is one's own from now, and the orders are made."""
    starts_at, ends_at = _ends(body.window)
    accept_offer(
        offer_id,
        restatement=body.restatement,
        starts_at=starts_at,
        ends_at=ends_at,
        agreed=body.agreed,
        actor=request.auth,
    )
    return Answer(_offer_out(_again(offer_id)))


@router.post(
    "/dispatch/offers/{int:offer_id}/refuse", response=_OFFER, operation_id="refuse_work", summary="Refuse a work order"
)
def refuse(request: ApiRequest, offer_id: int, body: RefuseIn) -> Answer:
    """Refuse an offered work order for one of the policy's reasons; the next candidate is asked."""
    refuse_offer(offer_id, reason=body.reason, note=body.note, actor=request.auth)
    return Answer(_offer_out(_again(offer_id)))


@router.post(
    "/dispatch/offers/{int:offer_id}/counter", response=_OFFER, operation_id="counter_work", summary="Propose another time"
)
def counter(request: ApiRequest, offer_id: int, body: CounterIn) -> Answer:
    """Propose another window instead of the one that was asked for."""
    starts_at, ends_at = body.window.starts_at, body.window.ends_at
    counter_offer(offer_id, starts_at=starts_at, ends_at=ends_at, reason=body.reason, actor=request.auth)
    return Answer(_offer_out(_again(offer_id)))


@router.post(
    "/dispatch/offers/{int:offer_id}/counter/answer",
    response=_OFFER,
    operation_id="answer_counter",
    summary="Answer another time",
)
def answer(request: ApiRequest, offer_id: int, body: CounterAnswerIn) -> Answer:
    """Say yes or no to the window that was proposed; yes makes the order accepted."""
    answer_counter(offer_id, agree=body.agree, agreed_with_customer=body.agreed_with_customer, actor=request.auth)
    return Answer(_offer_out(_again(offer_id)))


def _ends(window: WindowIn | None) -> tuple[datetime | None, datetime | None]:
    return (None, None) if window is None else (window.starts_at, window.ends_at)


def _case(actor: Actor, number: str) -> Case:
    return case_for(actor, visible_case_id(actor, number))


def _outlet(code: str) -> Outlet:
    unit_id = Unit.objects.filter(code=code).values_list("pk", flat=True).first()
    if unit_id is None or not Outlet.objects.filter(pk=unit_id).exists():
        raise BadDispatch(fields={"outlet": _("There is no such outlet.")})
    return outlet_of(unit_id)


def _person(code: str) -> Staff:
    found = Staff.objects.filter(code=code).first()
    if found is None:
        raise BadDispatch(fields={"engineer": _("There is no such person.")})
    return found


def _again(pass_id: int) -> Offer:
    return Offer.objects.select_related("baton__receiver", "outlet", "engineer").get(pk=pass_id)


def _reasons(found: list[Why]) -> list[ReasonOut]:
    return [ReasonOut(code=one.code, words=one.words) for one in found]


def _outlet_out(one: OutletCandidate) -> CandidateOut:
    return CandidateOut(
        code=one.outlet.unit.code,
        name=one.outlet.unit.name,
        score=one.score,
        distance_km=one.distance_km,
        can_be_asked=one.can_be_asked,
        reasons=_reasons(one.reasons),
        against=_reasons(one.against),
    )


def _engineer_out(one: EngineerCandidate) -> CandidateOut:
    return CandidateOut(
        code=one.engineer.staff.code,
        name=one.engineer.staff.name,
        score=one.score,
        distance_km=None,
        can_be_asked=one.can_be_asked,
        reasons=_reasons(one.reasons),
        against=_reasons(one.against),
    )


def _appointment_out(one: Appointment) -> AppointmentOut:
    return AppointmentOut(
        id=one.pk,
        number=case_number(one.case_id),
        state=one.state,  # type: ignore[arg-type]
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        outlet=one.outlet.code if one.outlet is not None else None,
        engineer=one.engineer.code if one.engineer is not None else None,
        agreed=one.agreed,
        by_customer=one.by_customer,
    )


def _offer_out(one: Offer) -> WorkOfferOut:
    return WorkOfferOut(
        id=one.pk,
        number=case_number(one.case_id),
        state=one.baton.state,  # type: ignore[arg-type]
        outlet=one.outlet.code,
        engineer=one.engineer.code if one.engineer is not None else None,
        receiver=one.baton.receiver.code,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        answer_due_at=one.answer_due_at,
        counter_starts_at=one.counter_starts_at,
        counter_ends_at=one.counter_ends_at,
        counter_state=one.counter_state,  # type: ignore[arg-type]
        refusal=one.refusal,
        by_itself=one.by_itself,
        policy=one.policy,
        reasons=_reasons(from_json(one.reasons.get("for", ()))),
    )
