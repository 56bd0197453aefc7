"""Visits over the API: a page of them, one of them whole, and its end with gaps."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Query

from jieli.cases.queries.reading import visible_case_id
from jieli.cases.rules.numbers import case_number
from jieli.events.refusals import Invalid
from jieli.lib.http import LARGEST_PAGE, PAGE, Answer, ApiRequest, In, Instant, JsonObject, Out, Page, answers, kept
from jieli.orders.models import WorkOrder
from jieli.visits.actions.finishing import finish_with_gaps, missing_of
from jieli.visits.api.router import Cursor, FileOut, Id, file_out, router
from jieli.visits.models import Visit, VisitOrder
from jieli.visits.queries import pages
from jieli.visits.queries.listing import BadCursor, VisitQuery, visible_visit, visit_page
from jieli.visits.queries.pages import ShownStep, ShownVisit

State = Literal["open", "finished", "called_off"]
Result = Literal["fixed", "not_fixed", "remote", "no_fault"]


class MarksOut(Out):
    """The four marks as far as they are known of the order; what the customer said about them is in the call-backs."""

    on_call: bool | None
    fixed_on_arrival: bool | None
    moved: bool
    information: bool


class VisitOrderOut(Out):
    """What became of one work order at the visit; `result` is empty until the engineer said."""

    number: str
    outlet: str
    service_type: str
    result: Literal["", "fixed", "not_fixed", "remote", "no_fault"]
    reason: str
    next_at: Instant | None
    note: str
    finished_at: Instant | None
    marks: MarksOut


class VisitOut(Out):
    """One coming of one engineer; `standard` is the version that it keeps, `steps_complete` null until it is finished."""

    id: int
    case: str
    number: int
    engineer: str
    state: State
    standard: int
    started_at: Instant
    set_out_at: Instant | None
    arrived_at: Instant | None
    finished_at: Instant | None
    steps_complete: bool | None
    gaps_reason: str
    flags: list[str]
    orders: list[VisitOrderOut]


class StepOut(Out):
    """A step of the standard as it stands; `state` is null while it is neither done nor skipped."""

    code: str
    place: int
    name: str
    phase: str
    mandatory: bool
    state: Literal["done", "skipped"] | None
    at: Instant | None
    received_at: Instant | None
    records: JsonObject
    reason: str
    note: str
    evidence: list[FileOut]


class MissingOut(Out):
    """A step that keeps an open visit from being finished, and why."""

    code: str
    place: int
    why: str


class SafetyOut(Out):
    """The electrical safety test as measured."""

    at: Instant
    voltage: str
    earth_ohm: str | None
    earth_ok: bool | None
    socket_ok: bool
    passed: bool
    risk_signed: bool


class ChargeOut(Out):
    """What the customer paid on site, by the version of the price list."""

    order: str
    at: Instant
    amount: str
    paid_by: str
    prices: int
    items: list[JsonObject]


class WholeVisitOut(VisitOut):
    """A visit with everything that belongs to it; `digest` is what the event of its end vouches for."""

    fault_code: str
    genuine: bool | None
    digest: str
    steps: list[StepOut]
    missing: list[MissingOut]
    safety_tests: list[SafetyOut]
    charges: list[ChargeOut]
    signed_by: list[str]


class GapsIn(In):
    """Why a visit is finished although steps are missing; `result` stands for orders of which the engineer said nothing."""

    reason: Annotated[str, kept(400, 1)]
    result: Result = "fixed"
    not_fixed_because: Annotated[str, kept(60)] = ""


_VISIT = answers(WholeVisitOut)


def _marks(order: WorkOrder) -> MarksOut:
    on_call = None
    if order.arrived_at is not None and order.promised_until is not None:
        on_call = order.arrived_at <= order.promised_until
    return MarksOut(
        on_call=on_call,
        fixed_on_arrival=order.fixed_first,
        moved=order.delight,
        information=order.information_accepted,
    )


def _order_out(one: VisitOrder) -> VisitOrderOut:
    return VisitOrderOut(
        number=one.order.number,
        outlet=one.order.outlet.code,
        service_type=one.order.service_type,
        result=one.result,  # type: ignore[arg-type]
        reason=one.reason,
        next_at=one.next_at,
        note=one.note,
        finished_at=one.finished_at,
        marks=_marks(one.order),
    )


def _plain(visit: Visit, orders: Sequence[VisitOrder]) -> dict[str, Any]:
    names = ("number", "state", "standard", "started_at", "set_out_at", "arrived_at", "finished_at", "steps_complete")
    return {name: getattr(visit, name) for name in names} | {
        "id": visit.pk,
        "case": case_number(visit.case_id),
        "engineer": visit.engineer.code,
        "gaps_reason": visit.gaps_reason,
        "flags": list(visit.flags),
        "orders": [_order_out(one) for one in orders],
    }


def _step_out(shown: ShownStep) -> StepOut:
    row = shown.record
    return StepOut(
        code=shown.step.code,
        place=shown.place,
        name=shown.label,
        phase=shown.step.phase,
        mandatory=shown.step.mandatory,
        state=None if row is None else row.state,  # type: ignore[arg-type]
        at=None if row is None else row.at,
        received_at=None if row is None else row.received_at,
        records={} if row is None else row.records,
        reason="" if row is None else row.reason,
        note="" if row is None else row.note,
        evidence=[file_out(one) for one in shown.photos],
    )


def _whole_out(shown: ShownVisit) -> WholeVisitOut:
    visit = shown.visit
    numbers: Mapping[int, str] = {one.order_id: one.order.number for one in shown.orders}
    return WholeVisitOut(
        **_plain(visit, shown.orders),
        fault_code=visit.fault_code,
        genuine=visit.genuine,
        digest=visit.digest,
        steps=[_step_out(step) for phase in shown.phases for step in phase.steps],
        missing=[
            MissingOut(code=one.code, place=one.place, why=str(one.why)) for one in (missing_of(visit) if visit.is_open else ())
        ],
        safety_tests=[
            SafetyOut(
                at=one.at,
                voltage=str(one.voltage),
                earth_ohm=None if one.earth_ohm is None else str(one.earth_ohm),
                earth_ok=one.earth_ok,
                socket_ok=one.socket_ok,
                passed=one.is_passed,
                risk_signed=one.is_risk_signed,
            )
            for one in shown.tests
        ],
        charges=[
            ChargeOut(
                order=numbers.get(one.order_id, ""),
                at=one.at,
                amount=str(one.total_amount),
                paid_by=one.paid_by,
                prices=one.prices,
                items=one.items,
            )
            for one in shown.charges
        ],
        signed_by=[one.signature.name for one in shown.signatures],
    )


def _whole(request: ApiRequest, visit_id: int) -> Answer:
    visit = visible_visit(request.auth, visit_id)
    [shown] = pages.visits_of(visit.case_id, visit_id=visit.pk)
    return Answer(_whole_out(shown))


@router.get("/visits", response=answers(Page[VisitOut]), operation_id="list_visits", summary="A page of visits")
def list_visits(
    request: ApiRequest,
    *,
    state: Annotated[State | None, Query()] = None,
    engineer: Annotated[str, Query(max_length=60, description="Login name.")] = "",
    outlet: Annotated[str, Query(max_length=60, description="Code of a unit; those below it are meant, too.")] = "",
    order: Annotated[str, Query(max_length=60, description="Number of a work order.")] = "",
    case: Annotated[str, Query(max_length=60, description="Number of a case.")] = "",
    steps_complete: Annotated[bool | None, Query(description="Of finished ones.")] = None,
    since: Annotated[Instant | None, Query(description="Begun at or after.")] = None,
    until: Annotated[Instant | None, Query(description="Begun before.")] = None,
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
) -> Answer:
    """Return the visits which the token may see, the latest begun first."""
    case_id = visible_case_id(request.auth, case) if case else None
    query = VisitQuery(state or "", engineer, outlet, order, case_id, steps_complete, since, until, cursor, limit)
    try:
        rows, following = visit_page(query, request.auth)
    except BadCursor:
        raise Invalid(fields={"cursor": _("This is no cursor of this list.")}) from None
    return Answer(Page(items=[VisitOut(**_plain(one, list(one.orders.all()))) for one in rows], next=following or None))


@router.get("/visits/{visit_id}", response=_VISIT, operation_id="get_visit", summary="One visit")
def get_visit(request: ApiRequest, visit_id: Id) -> Answer:
    """Return a visit: its steps with what was recorded and the photos, what is missing, test, charge, signature, outcome."""
    return _whole(request, visit_id)


@router.get(
    "/cases/{number}/visits",
    response=answers(list[WholeVisitOut]),
    operation_id="case_visits",
    summary="The visits of a case",
)
def of_case(request: ApiRequest, number: str) -> Answer:
    """Return the visits of a case, the latest first, at most 20."""
    return Answer([_whole_out(one) for one in pages.visits_of(visible_case_id(request.auth, number))])


@router.post(
    "/visits/{visit_id}/finish-with-gaps",
    response=_VISIT,
    operation_id="finish_with_gaps",
    summary="Finish a visit although steps are missing",
)
def finish(request: ApiRequest, visit_id: Id, body: GapsIn) -> Answer:
    """Finish a visit as a superior, with a reason: its steps are then incomplete, for the gate and the licence."""
    finish_with_gaps(visit_id, actor=request.auth, **body.model_dump())
    return _whole(request, visit_id)
