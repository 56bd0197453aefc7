"""Operations on the master, on stock, on parts used and ordered for work orders, on old parts and findings."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from ninja import Query
from pydantic import Field

from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.lib.http import Answer, ApiRequest, In, Instant, Out, Page, answers, kept
from jieli.lib.keyset import encode_cursor
from jieli.parts.actions.ordering import order_missing_part
from jieli.parts.actions.returning import correct_finding, find_used_part, receive_old_part, record_finding
from jieli.parts.actions.using import use_part
from jieli.parts.api.router import Cursor, after_of, order_of, router
from jieli.parts.models import Part, PartOrder, Place, UsedPart
from jieli.parts.policy import may_see_parts, may_see_returns
from jieli.parts.queries.flow import lab_page, owed_page
from jieli.parts.queries.stock import on_hand, part_page, places_of
from jieli.parts.refusals import UnknownPlace


class PartOut(Out):
    """A part of the master; `fits` are product lines with models, an empty model is the whole line."""

    code: str
    name: str
    name_en: str
    kind: Literal["part", "machine"]
    price_amount: Decimal | None
    is_returnable: bool
    is_active: bool
    fits: list[tuple[str, str]]


class StockOut(Out):
    """How many of a part a place has, and how many of them are reserved."""

    place: str
    part: str
    quantity: int
    reserved: int


class UseIn(In):
    """A part that was put in; with `client_id` the act happens once. Without a place: the nearest that has it."""

    part: Annotated[str, kept(40, 1)] = Field(examples=["PUMP-01"])
    place: Annotated[str, kept(40)] = ""
    old_serial: Annotated[str, kept(80)] = ""
    new_serial: Annotated[str, kept(80)] = ""
    client_id: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")] | None = None


class UsedPartOut(Out):
    """A part that was used, its old part and the lab's finding: one traced unit; `tag` is the label of the old part."""

    tag: str
    order: str
    part: str
    old_serial: str
    new_serial: str
    used_at: Instant
    return_due_at: Instant | None
    returned_at: Instant | None
    lab_finding: Literal["", "confirmed", "no_fault", "wrong_part", "misuse"]
    lab_at: Instant | None


class OrderIn(In):
    """A part that a visit lacks; the other promised times wait for it only with the customer's consent."""

    part: Annotated[str, kept(40, 1)]
    quantity: Annotated[int, Field(ge=1, le=100_000)] = 1
    consent: bool = False


class PartOrderOut(Out):
    """A part on order, and until when the customer was promised it."""

    number: str
    order: str
    part: str
    quantity: int
    state: str
    due_at: Instant


class ScanIn(In):
    """What the scanner read: the label of the old part or its serial number."""

    scanned: Annotated[str, kept(120, 1)] = Field(examples=["OP-000123-4"])


class CorrectionIn(In):
    """Another finding in place of the one that stands, and why."""

    finding: Literal["confirmed", "no_fault", "wrong_part", "misuse"]
    reason: Annotated[str, kept(300, 1)]
    note: Annotated[str, kept(300)] = ""


class FindingIn(In):
    """What the lab found."""

    finding: Literal["confirmed", "no_fault", "wrong_part", "misuse"]
    note: Annotated[str, kept(300)] = ""


def _used_out(used: UsedPart) -> UsedPartOut:
    return UsedPartOut(
        tag=used.tag,
        order=used.order.number,
        part=used.part.code,
        old_serial=used.old_serial,
        new_serial=used.new_serial,
        used_at=used.used_at,
        return_due_at=used.return_due_at,
        returned_at=used.returned_at,
        lab_finding=used.lab_finding,  # type: ignore[arg-type]
        lab_at=used.lab_at,
    )


def _place(actor: Actor, code: str) -> Place:
    place = Place.objects.real().filter(code=code.strip().upper()).first()
    if place is None:
        raise UnknownPlace
    return place


@router.get("/parts", response=answers(Page[PartOut]), operation_id="list_parts", summary="A page of the part master")
def list_parts(
    request: ApiRequest,
    *,
    q: Annotated[str, Query(max_length=60, description="A piece of code or name.")] = "",
    product_line: Annotated[str, Query(max_length=80)] = "",
    cursor: Cursor = "",
) -> Answer:
    """Return parts by code."""
    require(may_see_parts(request.auth))
    after = after_of(cursor, "parts")
    rows, further = part_page(q=q, product_line=product_line, after=str(after[0]) if after else "")
    items = [
        PartOut(
            code=part.code,
            name=part.name,
            name_en=part.name_en,
            kind=part.kind,  # type: ignore[arg-type]
            price_amount=part.price_amount,
            is_returnable=part.is_returnable,
            is_active=part.is_active,
            fits=[(fit.product_line, fit.model) for fit in part.fits.all()],
        )
        for part in rows
    ]
    return Answer(Page(items=items, next=encode_cursor([further], scope="parts") if further else None))


@router.get("/parts/{code}/stock", response=answers(list[StockOut]), operation_id="get_part_stock", summary="Where a part lies")
def get_part_stock(request: ApiRequest, code: str) -> Answer:
    """Return the places that one sees which have a part, the most first, at most 200."""
    require(may_see_parts(request.auth))
    part = Part.objects.filter(code=code.upper()).first()
    if part is None:
        raise NotFound
    found = places_of(part, request.auth)
    return Answer(
        [StockOut(place=one.place.code, part=part.code, quantity=one.quantity, reserved=one.reserved) for one in found]
    )


@router.get(
    "/part-places/{code}/stock", response=answers(list[StockOut]), operation_id="get_place_stock", summary="What a place has"
)
def get_place_stock(request: ApiRequest, code: str) -> Answer:
    """Return the stock of a place by part."""
    place = Place.objects.real().visible_to(request.auth).filter(code=code.upper()).first()
    if place is None:
        raise NotFound
    lines = on_hand(place)
    return Answer(
        [StockOut(place=place.code, part=one.part.code, quantity=one.quantity, reserved=one.reserved) for one in lines]
    )


@router.post(
    "/orders/{number}/parts", response=answers(UsedPartOut, 201), operation_id="use_part", summary="Book a part that was put in"
)
def book_used_part(request: ApiRequest, number: str, body: UseIn) -> Answer:
    """Take one part out of stock for a work order; from now on its old part is owed when it has to come back."""
    order = order_of(request.auth, number)
    used = use_part(
        order.pk,
        part_code=body.part,
        place_id=_place(request.auth, body.place).pk if body.place else None,
        old_serial=body.old_serial,
        new_serial=body.new_serial,
        client_id=UUID(body.client_id) if body.client_id else None,
        actor=request.auth,
    )
    return Answer(_used_out(used), 201)


@router.post(
    "/orders/{number}/part-orders",
    response=answers(PartOrderOut, 201),
    operation_id="order_part",
    summary="Order a missing part",
)
def order_part(request: ApiRequest, number: str, body: OrderIn) -> Answer:
    """Order a part for a work order: the customer is promised when it comes, and told so."""
    order = order_of(request.auth, number)
    made = order_missing_part(order.pk, part_code=body.part, quantity=body.quantity, consent=body.consent, actor=request.auth)
    return Answer(_part_order_out(made), 201)


def _part_order_out(made: PartOrder) -> PartOrderOut:
    return PartOrderOut(
        number=made.number,
        order=made.order.number,
        part=made.part.code,
        quantity=made.quantity,
        state=made.state,
        due_at=made.due_at,
    )


@router.get("/old-parts", response=answers(Page[UsedPartOut]), operation_id="list_old_parts", summary="Old parts that are owed")
def list_old_parts(
    request: ApiRequest,
    *,
    state: Annotated[Literal["owed", "overdue", "lab"], Query(description="Owed, late, or back and not looked at.")] = "owed",
    cursor: Cursor = "",
) -> Answer:
    """Return old parts of the outlets that one sees, the most urgent first."""
    require(may_see_returns(request.auth))
    scope = f"old-parts.{state}"
    values = after_of(cursor, scope)
    after = (values[0], values[1]) if len(values) == 2 else None
    if state == "lab":
        rows, further = lab_page(request.auth, after=after)  # type: ignore[arg-type]
    else:
        overdue_at = clock.now() if state == "overdue" else None
        rows, further = owed_page(request.auth, overdue_at=overdue_at, after=after)  # type: ignore[arg-type]
    return Answer(
        Page(items=[_used_out(used) for used in rows], next=encode_cursor(list(further), scope=scope) if further else None)
    )


@router.post(
    "/old-parts/receive", response=answers(UsedPartOut), operation_id="receive_old_part", summary="An old part came back"
)
def receive(request: ApiRequest, body: ScanIn) -> Answer:
    """Note that an old part came back, by its label or its serial number."""
    return Answer(_used_out(receive_old_part(body.scanned, actor=request.auth)))


@router.post(
    "/old-parts/{tag}/finding", response=answers(UsedPartOut), operation_id="record_finding", summary="The lab's finding"
)
def note_finding(request: ApiRequest, tag: str, body: FindingIn) -> Answer:
    """Note what the lab found on an old part that is back; it stands until it is corrected with a reason."""
    used_part_id = find_used_part(tag, actor=request.auth)
    return Answer(_used_out(record_finding(used_part_id, body.finding, note=body.note, actor=request.auth)))


@router.post(
    "/old-parts/{tag}/correction",
    response=answers(UsedPartOut),
    operation_id="correct_finding",
    summary="Correct the lab's finding",
)
def correct(request: ApiRequest, tag: str, body: CorrectionIn) -> Answer:
    """Correct what the lab found: the later finding counts in the month that is not settled, settled months stay."""
    used_part_id = find_used_part(tag, actor=request.auth)
    used = correct_finding(used_part_id, body.finding, reason=body.reason, note=body.note, actor=request.auth)
    return Answer(_used_out(used))
