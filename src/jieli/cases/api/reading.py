"""Cases read: the list, one case, and what hangs on it."""

from typing import Annotated
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from ninja import Query

from jieli.cases.api.router import router
from jieli.cases.models import Case
from jieli.cases.queries import lists, reading
from jieli.cases.queries.search import search
from jieli.cases.schemas.cases import CaseOut, CaseRowOut, case_out, case_row_out
from jieli.cases.schemas.codes import Kind, Status
from jieli.cases.schemas.evidence import EvidenceOut, evidence_out
from jieli.cases.schemas.facts import EventOut, events_out
from jieli.cases.schemas.messages import MessageOut, message_out
from jieli.cases.schemas.passes import PassOut, pass_out
from jieli.cases.schemas.promises import PromiseOut, promise_out
from jieli.cases.schemas.relations import RelationOut, relation_out
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid
from jieli.files.queries import evidence_of_case
from jieli.lib.http import LARGEST_PAGE, PAGE, Answer, ApiRequest, Page, answers
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.people.models import Staff, Unit

BAD_CURSOR = _("This is no cursor of this list.")
LARGEST_CHAIN_PAGE = 1000
Cursor = Annotated[str, Query(max_length=4096, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]


@router.get("/cases", response=answers(Page[CaseRowOut]), operation_id="list_cases", summary="A page of cases")
def list_cases(
    request: ApiRequest,
    *,
    status: Annotated[list[Status], Query(description="May be given several times; without it, all.")] = [],  # noqa: B006
    owner: Annotated[str, Query(max_length=64, description="Code of a person, or `me`.")] = "",
    unit: Annotated[str, Query(max_length=64, description="Code of a unit; the units below it count.")] = "",
    kind: Annotated[list[Kind], Query(description="May be given several times.")] = [],  # noqa: B006
    q: Annotated[str, Query(max_length=200, description="Words, a number, a phone, a name, a serial number.")] = "",
    cursor: Cursor = "",
    limit: Limit = PAGE,
) -> Answer:
    """Return the cases which the token may see, newest first. A search returns at most 200 and has no second page."""
    actor = request.auth
    owner_code, below = _owner_code(owner, actor), _unit(unit)
    if q.strip():
        rows = [
            row
            for row in search(q, actor, LARGEST_PAGE).rows
            if (not status or row.case.status in status)
            and (not kind or row.case.kind in kind)
            and (not owner_code or row.case.owner.code == owner_code)
            and (below is None or row.case.unit.path.startswith(below.path))
        ]
        return Answer(Page(items=[case_row_out(row.case, row.offer) for row in rows[:limit]], next=None))
    query = lists.ListQuery(
        view="all",
        statuses=status or Case.Status.values,
        kinds=kind,
        owner_code=owner_code,
        unit_code=unit,
        sort="newest",
        cursor=cursor,
        limit=limit,
    )
    try:
        page = lists.case_list(query, actor)
    except lists.BadCursor:
        raise Invalid(fields={"cursor": BAD_CURSOR}) from None
    return Answer(Page(items=[case_row_out(row.case, row.offer) for row in page.rows], next=page.next or None))


def _owner_code(owner: str, actor: Actor) -> str:
    people = Staff.objects.filter(pk=actor.id or 0) if owner == "me" else Staff.objects.filter(code=owner)
    code = people.values_list("code", flat=True).first() if owner and "\x00" not in owner else ""
    if code is None:
        raise Invalid(fields={"owner": _("There is no such person.")})
    return code


def _unit(code: str) -> Unit | None:
    found = Unit.objects.filter(code=code).first() if code and "\x00" not in code else None
    if code and found is None:
        raise Invalid(fields={"unit": _("There is no such unit.")})
    return found


@router.get("/cases/{number}", response=answers(CaseOut), operation_id="get_case", summary="A case")
def get_case(request: ApiRequest, number: str) -> Answer:
    """Return a case with its promises and the offer that waits for an answer."""
    return case_answer(reading.visible_case_id(request.auth, number), request.auth)


def case_answer(case_id: int, actor: Actor, *, status: int = 200) -> Answer:
    """Return the case as it is now, for the answer of an act."""
    case = reading.visible_case(actor, case_id)
    return Answer(case_out(case, reading.promises_of(case.pk), reading.pending_pass(case.pk), actor), status)


@router.get(
    "/cases/{number}/events",
    response=answers(list[EventOut]),
    operation_id="list_events",
    summary="Its chain of events",
)
def list_events(
    request: ApiRequest,
    number: str,
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=LARGEST_CHAIN_PAGE)] = LARGEST_CHAIN_PAGE,
) -> Answer:
    """Return the facts of a case in their order. When there are more, the header `Link` names the next page."""
    case_id = reading.visible_case_id(request.auth, number)
    kind = reading.kind_of(case_id)
    found = reading.events_after(case_id, _after(cursor, "events", case_id), limit)
    shown = found[:limit]
    names = reading.names_of(event.actor_id for event in shown if event.actor_kind == "staff")
    headers = {}
    if len(found) > limit:
        further = {"cursor": encode_cursor([shown[-1].sequence], scope=f"events.{case_id}"), "limit": limit}
        headers["Link"] = f'<{request.path}?{urlencode(further)}>; rel="next"'
    return Answer(events_out(shown, names, kind, request.auth), headers=headers)


@router.get(
    "/cases/{number}/messages",
    response=answers(Page[MessageOut]),
    operation_id="list_messages",
    summary="Its conversation",
)
def list_messages(request: ApiRequest, number: str, cursor: Cursor = "", limit: Limit = PAGE) -> Answer:
    """Return what was said, oldest first, notes between colleagues included."""
    case = reading.visible_case(request.auth, reading.visible_case_id(request.auth, number))
    found = reading.messages_after(case.pk, _after(cursor, "messages", case.pk), limit)
    shown = found[:limit]
    names = reading.names_of(message.author_id for message in shown if message.author_kind == "staff")
    further = encode_cursor([shown[-1].pk], scope=f"messages.{case.pk}") if len(found) > limit else None
    return Answer(Page(items=[message_out(one, names, case.customer) for one in shown], next=further))


def _after(cursor: str, name: str, case_id: int) -> int:
    if not cursor:
        return 0
    try:
        (place,) = decode_cursor(cursor, scope=f"{name}.{case_id}")
    except ValueError:
        raise Invalid(fields={"cursor": BAD_CURSOR}) from None
    return place if isinstance(place, int) else 0


@router.get(
    "/cases/{number}/promises", response=answers(Page[PromiseOut]), operation_id="list_promises", summary="Its promises"
)
def list_promises(request: ApiRequest, number: str) -> Answer:
    """Return all promises: the running ones first, the most urgent first of all."""
    case_id = reading.visible_case_id(request.auth, number)
    return Answer(Page(items=[promise_out(one) for one in reading.promises_of(case_id)], next=None))


@router.get("/cases/{number}/passes", response=answers(Page[PassOut]), operation_id="list_passes", summary="Its passes")
def list_passes(request: ApiRequest, number: str) -> Answer:
    """Return every offer of the case and what became of it, oldest first."""
    case_id = reading.visible_case_id(request.auth, number)
    return Answer(Page(items=[pass_out(one) for one in reading.passes_of(case_id)], next=None))


@router.get("/cases/{number}/evidence", response=answers(Page[EvidenceOut]), operation_id="list_evidence", summary="Its files")
def list_evidence(request: ApiRequest, number: str) -> Answer:
    """Return the files of a case with their digests, oldest first."""
    case_id = reading.visible_case_id(request.auth, number)
    return Answer(Page(items=[evidence_out(one) for one in evidence_of_case(request.auth, case_id)], next=None))


@router.get(
    "/cases/{number}/relations",
    response=answers(Page[RelationOut]),
    operation_id="list_relations",
    summary="The cases it belongs to",
)
def list_relations(request: ApiRequest, number: str) -> Answer:
    """Return the ties from and to the case, ended ones included."""
    case_id = reading.visible_case_id(request.auth, number)
    return Answer(Page(items=[relation_out(one) for one in reading.relations_of(case_id)], next=None))


@router.get("/passes", response=answers(Page[PassOut]), operation_id="my_passes", summary="Offers that wait for me")
def my_passes(request: ApiRequest) -> Answer:
    """Return the offers which wait for the answer of the token's person, oldest first."""
    return Answer(Page(items=[pass_out(one) for one in reading.passes_to(request.auth)], next=None))


@router.get("/passes/{int:pass_id}", response=answers(PassOut), operation_id="get_pass", summary="An offer")
def get_pass(request: ApiRequest, pass_id: int) -> Answer:
    """Return an offer."""
    return Answer(pass_out(reading.visible_pass(request.auth, pass_id)))
