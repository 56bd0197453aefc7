"""What waits for a person over the API: entries that were not taken in, and information returned from the field."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Query

from jieli.cases.rules.numbers import case_number
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.lib.http import Answer, ApiRequest, In, Instant, JsonObject, Out, Page, answers, kept
from jieli.lib.keyset import encode_cursor
from jieli.visits.actions.informing import decide_information, note_outcome
from jieli.visits.actions.settling import settle_entry
from jieli.visits.api.router import Cursor, FileOut, Id, file_out, keys_of, router
from jieli.visits.models import Information
from jieli.visits.policy import may_see_conflicts, may_see_information
from jieli.visits.queries import pages
from jieli.visits.queries.pages import ShownEntry, ShownInformation


class EntryOut(Out):
    """What a phone sent and was not taken in, and what became of it."""

    id: int
    case: str | None
    order: str
    engineer: str
    kind: str
    data: JsonObject
    at: Instant
    phone_at: Instant
    received_at: Instant
    state: Literal["refused", "conflict", "taken_over", "set_aside", "overtaken"]
    message: str
    fields: dict[str, str]
    flags: list[str]
    settled_by: str | None
    settled_at: Instant | None
    settled_because: str


class SettleIn(In):
    """What was done about an entry: taken over by hand, or set aside, and why."""

    way: Literal["taken_over", "set_aside"]
    reason: Annotated[str, kept(400, 1)]


class InformationOut(Out):
    """What an engineer learnt on site, whom it concerns, the answer and what came of it."""

    id: int
    case: str
    order: str
    engineer: str
    kind: str
    text: str
    role: str
    unit: str | None
    at: Instant
    due_at: Instant
    state: Literal["open", "accepted", "refused"]
    decided_by: str | None
    decided_at: Instant | None
    reason: str
    outcome: str
    outcome_at: Instant | None
    photos: list[FileOut]


class DecisionIn(In):
    """Whether information is accepted; a refusal needs a reason, which the engineer reads."""

    accepted: bool
    reason: Annotated[str, kept(1_000)] = ""


class OutcomeIn(In):
    """What came of accepted information."""

    outcome: Annotated[str, kept(1_000, 1)]


_ENTRY, _INFORMATION = answers(EntryOut), answers(InformationOut)


def _entry_out(shown: ShownEntry) -> EntryOut:
    one = shown.entry
    names = ("kind", "at", "phone_at", "received_at", "state", "message", "fields", "settled_at", "settled_because", "data")
    return EntryOut(
        **{name: getattr(one, name) for name in names},
        id=one.pk,
        case=None if one.case_id is None else case_number(one.case_id),
        order=one.order_number,
        engineer=one.staff.code,
        flags=list(one.flags),
        settled_by=one.settled_by.code if one.settled_by else None,
    )


@router.get(
    "/visit-entries",
    response=answers(Page[EntryOut]),
    operation_id="list_visit_entries",
    summary="What phones sent in vain",
)
def list_entries(
    request: ApiRequest,
    *,
    settled: Annotated[bool, Query(description="Those that somebody settled, instead of those that wait.")] = False,
    cursor: Cursor = "",
) -> Answer:
    """Return what phones of the token's people sent and was not taken in, the latest first."""
    require(may_see_conflicts(request.auth))
    scope = f"visit-entries.{settled}"
    before = keys_of(cursor, scope, int)
    rows, further = pages.conflict_page(request.auth, before=before[0] if before else None, settled=settled)
    return Answer(
        Page(items=[_entry_out(one) for one in rows], next=encode_cursor([further], scope=scope) if further else None)
    )


@router.post(
    "/visit-entries/{entry_id}/settle", response=_ENTRY, operation_id="settle_visit_entry", summary="Settle such an entry"
)
def settle(request: ApiRequest, entry_id: Id, body: SettleIn) -> Answer:
    """Note that what an entry says was taken over by hand, or that it is set aside; the entry stays as it was sent."""
    entry = settle_entry(entry_id, way=body.way, reason=body.reason, actor=request.auth)
    return Answer(_entry_out(pages.shown_entry(entry)))


def _information_out(shown: ShownInformation) -> InformationOut:
    one = shown.information
    names = ("kind", "text", "role", "at", "due_at", "state", "decided_at", "reason", "outcome", "outcome_at")
    return InformationOut(
        **{name: getattr(one, name) for name in names},
        id=one.pk,
        case=case_number(one.case_id),
        order=one.order.number,
        engineer=one.staff.code,
        unit=one.unit.code if one.unit else None,
        decided_by=one.decided_by.code if one.decided_by else None,
        photos=[file_out(photo) for photo in shown.photos],
    )


@router.get(
    "/information", response=answers(Page[InformationOut]), operation_id="list_information", summary="What the field has learnt"
)
def list_information(
    request: ApiRequest,
    *,
    state: Annotated[Literal["open", "accepted", "refused"], Query()] = "open",
    cursor: Cursor = "",
) -> Answer:
    """Return information returned from the field which the token may see, the next due first."""
    require(may_see_information(request.auth))
    scope = f"information.{state}"
    after = keys_of(cursor, scope, datetime, int)
    rows, further = pages.information_page(
        request.auth, clock.now(), state=state, after=(after[0], after[1]) if after else None
    )
    return Answer(
        Page(items=[_information_out(one) for one in rows], next=encode_cursor(list(further), scope=scope) if further else None)
    )


def _one_information(request: ApiRequest, information_id: int) -> Answer:
    found = Information.objects.visible_to(request.auth).filter(pk=information_id)
    rows = list(found.select_related("case__unit", "staff", "unit", "order", "decided_by"))
    if not rows:
        raise NotFound
    return Answer(_information_out(pages.shown_information(rows, clock.now())[0]))


@router.get(
    "/information/{information_id}", response=_INFORMATION, operation_id="get_information", summary="One piece of information"
)
def get_information(request: ApiRequest, information_id: Id) -> Answer:
    """Return one piece of information with its answer and what came of it."""
    return _one_information(request, information_id)


@router.post(
    "/information/{information_id}/decide",
    response=_INFORMATION,
    operation_id="decide_information",
    summary="Accept or refuse information",
)
def decide(request: ApiRequest, information_id: Id, body: DecisionIn) -> Answer:
    """Accept information, so that it counts for the order, or refuse it with a reason; the engineer is told."""
    decide_information(information_id, accepted=body.accepted, reason=body.reason, actor=request.auth)
    return _one_information(request, information_id)


@router.post(
    "/information/{information_id}/outcome",
    response=_INFORMATION,
    operation_id="note_information_outcome",
    summary="What came of it",
)
def bore(request: ApiRequest, information_id: Id, body: OutcomeIn) -> Answer:
    """Note what came of accepted information: an order won, a product changed."""
    note_outcome(information_id, outcome=body.outcome, actor=request.auth)
    return _one_information(request, information_id)
