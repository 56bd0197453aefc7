"""Operations on whole machines that come back: asked for, decided, called off, scrapped or refurbished."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from jieli.cases.models import Case
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib.damm import is_valid
from jieli.lib.http import Answer, ApiRequest, In, Instant, Out, Page, answers, kept
from jieli.lib.keyset import encode_cursor
from jieli.parts.actions.disposing import dispose_machine
from jieli.parts.actions.machines import Asked, ask_for_machine, call_off_machine, decide_machine
from jieli.parts.actions.returning import find_used_part
from jieli.parts.api.router import Cursor, after_of, order_of, router
from jieli.parts.models import MachineReturn, Place, UsedPart
from jieli.parts.policy import may_see_parts
from jieli.parts.queries.machines import NAMED, MachineRow, machine_page, used_of
from jieli.parts.refusals import UnknownPlace

_NUMBER = re.compile(r"MR-?([0-9]{6,18})-?([0-9])")


class MachineIn(In):
    """A whole machine to be exchanged or taken back; see `POST /orders/{number}/machine-returns`."""

    kind: Literal["exchange", "return"]
    machine: Annotated[str, kept(40)] = Field("", examples=["WM-100"], description="What the customer gets in exchange.")
    old_machine: Annotated[str, kept(40)] = Field("", description="What comes back; empty: the same as `machine`.")
    old_serial: Annotated[str, kept(80, 1)]
    amount: Annotated[str, Field(pattern=r"^\d{1,8}(\.\d{1,2})?$", examples=["1500.00"])] | None = None
    reason: Annotated[str, kept(300, 1)]


class MachineOut(Out):
    """A whole machine that comes back; `tag` is the label of the old one once it is owed."""

    number: str
    order: str
    kind: Literal["exchange", "return"]
    state: Literal["asked", "approved", "refused", "called_off"]
    machine: str
    old_machine: str
    old_serial: str
    amount: Decimal
    asked_at: Instant
    decided_at: Instant | None
    tag: str
    returned_at: Instant | None
    lab_finding: str
    disposed: Literal["", "scrap", "refurbish"]


class MachineDecisionIn(In):
    """The word of a second person; a refusal needs a reason."""

    approved: bool
    reason: Annotated[str, kept(300)] = ""


class WhyIn(In):
    """Why."""

    reason: Annotated[str, kept(300, 1)]


class DisposalIn(In):
    """What becomes of a machine that came back; a refurbished one needs the code of the place where it stands."""

    way: Literal["scrap", "refurbish"]
    place: Annotated[str, kept(40)] = ""
    reason: Annotated[str, kept(300, 1)]


def _out(row: MachineRow) -> MachineOut:
    asked, used = row.asked, row.used
    disposal = used.disposal if used is not None else None
    return MachineOut(
        number=asked.number,
        order=asked.order.number,
        kind=asked.kind,  # type: ignore[arg-type]
        state=asked.state,  # type: ignore[arg-type]
        machine=asked.machine.code if asked.machine is not None else "",
        old_machine=asked.old_machine.code,
        old_serial=asked.old_serial,
        amount=asked.amount,
        asked_at=asked.asked_at,
        decided_at=asked.decided_at,
        tag=used.tag if used is not None else "",
        returned_at=used.returned_at if used is not None else None,
        lab_finding=used.lab_finding if used is not None else "",
        disposed="" if disposal is None else "scrap" if disposal.kind == "scrap" else "refurbish",
    )


def _answer(machine_return_id: int, status: int = 200) -> Answer:
    asked = MachineReturn.objects.select_related(*NAMED).get(pk=machine_return_id)
    return Answer(_out(MachineRow(asked, used_of([asked.pk]).get(asked.pk))), status)


def _machine(actor: Actor, number: str) -> MachineReturn:
    """Return a whole-machine return by its number; raises NotFound, also when its case is hidden."""
    read = _NUMBER.fullmatch(number.strip().upper())
    if read is None or not is_valid(read[1] + read[2]):
        raise NotFound
    found = MachineReturn.objects.visible_to(actor).filter(pk=int(read[1])).select_related("order").first()
    if found is None or not Case.objects.visible_to(actor).filter(pk=found.order.case_id).exists():
        raise NotFound
    return found


@router.post(
    "/orders/{number}/machine-returns",
    response=answers(MachineOut, 201),
    operation_id="ask_for_machine",
    summary="Ask for a whole machine",
)
def ask(request: ApiRequest, number: str, body: MachineIn) -> Answer:
    """Ask that a machine be exchanged or taken back; who has the authority is told.

    The amount of an exchange is the price in the master; `amount` counts where there is none, and for a return.
    """
    asked = Asked(
        kind=body.kind,
        machine=body.machine,
        old_machine=body.old_machine,
        old_serial=body.old_serial,
        amount=Decimal(body.amount) if body.amount is not None else None,
        reason=body.reason,
    )
    return _answer(ask_for_machine(order_of(request.auth, number).pk, asked, actor=request.auth).pk, 201)


@router.get(
    "/machine-returns", response=answers(Page[MachineOut]), operation_id="list_machine_returns", summary="Whole machines"
)
def list_machine_returns(
    request: ApiRequest,
    *,
    state: Annotated[
        Literal["asked", "approved", "dispose", "all"],
        Query(description="To be decided; approved and not given; back and looked at; all."),
    ] = "all",
    cursor: Cursor = "",
) -> Answer:
    """Return whole machines of the outlets that one sees, the latest first."""
    require(may_see_parts(request.auth))
    scope = f"machine-returns.{state}"
    values = after_of(cursor, scope)
    before = values[0] if values and isinstance(values[0], int) else None
    rows, further = machine_page(request.auth, shown=state, before=before)
    return Answer(Page(items=[_out(row) for row in rows], next=encode_cursor([further], scope=scope) if further else None))


@router.post(
    "/machine-returns/{number}/decision",
    response=answers(MachineOut),
    operation_id="decide_machine_return",
    summary="Approve or refuse a whole machine",
)
def decide(request: ApiRequest, number: str, body: MachineDecisionIn) -> Answer:
    """Approve within one's authority what another person asked for, or refuse it with a reason."""
    found = _machine(request.auth, number)
    return _answer(decide_machine(found.pk, approved=body.approved, reason=body.reason, actor=request.auth).pk)


@router.post(
    "/machine-returns/{number}/call-off",
    response=answers(MachineOut),
    operation_id="call_off_machine_return",
    summary="Call a whole machine off",
)
def call_off(request: ApiRequest, number: str, body: WhyIn) -> Answer:
    """Call off what has not happened yet."""
    found = _machine(request.auth, number)
    return _answer(call_off_machine(found.pk, reason=body.reason, actor=request.auth).pk)


@router.post(
    "/old-parts/{tag}/disposal",
    response=answers(MachineOut),
    operation_id="dispose_machine",
    summary="Scrap or refurbish a returned machine",
)
def dispose(request: ApiRequest, tag: str, body: DisposalIn) -> Answer:
    """Scrap a machine that came back and was looked at, or take it into stock as refurbished."""
    used_part_id = find_used_part(tag, actor=request.auth)
    place = Place.objects.real().filter(code=body.place.strip().upper()).first() if body.place.strip() else None
    if body.place.strip() and place is None:
        raise UnknownPlace
    used: UsedPart = dispose_machine(
        used_part_id,
        way=body.way,
        place_id=place.pk if place is not None else None,
        reason=body.reason,
        actor=request.auth,
    )
    assert used.machine_return_id is not None
    return _answer(used.machine_return_id)
