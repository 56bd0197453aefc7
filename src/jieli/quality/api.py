"""The API's operations of call-backs and recoveries."""

from decimal import Decimal
from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Query, Router
from pydantic import Field

from jieli.cases.queries.reading import visible_case_id
from jieli.cases.rules.numbers import case_number
from jieli.events.refusals import Invalid, require
from jieli.lib.http import LARGEST_PAGE, PAGE, Answer, ApiRequest, In, Instant, Nothing, Out, Page, answers, kept
from jieli.quality.actions.calling import record_attempt, record_result, take_callback
from jieli.quality.actions.judging import confirm_delight, mark_not_about_visit
from jieli.quality.actions.linking import send_text_link
from jieli.quality.actions.recovering import decide_amount, record_recovery, spend
from jieli.quality.models import Attempt, CallBack, Recovery, Spending
from jieli.quality.policy import may_see_callbacks
from jieli.quality.queries.links import link_url
from jieli.quality.queries.lists import BadCursor, ListQuery, callback_page
from jieli.quality.queries.pages import callbacks_of, found_callback, found_recovery, marks, orders_of
from jieli.quality.rules.answers import Answers

router = Router(tags=["quality"])

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Words = Annotated[str, kept(2_000)]
Degree = Literal["thanks", "handshake", "tears", "returns"]


class AttemptIn(In):
    """How an attempt went; a link is made by its own operation."""

    outcome: Literal["no_answer", "busy", "refused", "talked", "called_us"]
    note: Words = ""


class ResultIn(In):
    """What the customer said; what is left out was not asked."""

    result: Literal["satisfied", "dissatisfied", "unreached"]
    solved: bool | None = None
    on_time: bool | None = None
    charged_as_shown: bool | None = None
    manners: bool | None = None
    moved: Degree | Literal[""] = ""
    story: Words = ""
    what: Words = ""
    how_bad: Annotated[int, Field(ge=1, le=4)] | None = None
    wish: Words = ""


class ReasonIn(In):
    """Why."""

    reason: Annotated[str, kept(2_000, 1)]


class DelightIn(In):
    """How much the customer was moved, and the story as it is to be told."""

    moved: Degree
    story: Words = ""


class AmountIn(In):
    """An amount with at most two decimals, as a string, and what it is for."""

    amount: Annotated[str, Field(pattern=r"^\d{1,10}(\.\d{1,2})?$", examples=["60.00"])]
    purpose: Annotated[str, kept(2_000, 1)]


class DecisionIn(In):
    """The word of the second person."""

    agreed: bool


class RecoveryIn(In):
    """What was restored, what was done personally, and what the customer is told, which ends the recovery."""

    restored: Annotated[str, kept(2_000, 1)]
    personal: Annotated[str, kept(2_000, 1)]
    answer: Words = ""


class AttemptOut(Out):
    """One attempt; each half-day of the company counts once."""

    number: int
    at: Instant
    half_day: str
    outcome: str
    note: str
    by: str


class MarksOut(Out):
    """The four marks of a visit; null while not known."""

    on_call: bool | None
    fixed_on_arrival: bool | None
    moved: str
    moved_confirmed: bool
    information: bool


class CallBackOut(Out):
    """A call-back; the answers are null or empty where nobody asked."""

    id: int
    number: str
    about: str
    state: str
    due_at: Instant
    caller: str | None
    result: str
    result_at: Instant | None
    by_link: bool
    solved: bool | None
    on_time: bool | None
    charged_as_shown: bool | None
    manners: bool | None
    moved: str
    story: str
    what: str
    how_bad: int | None
    wish: str
    not_about_visit: bool
    recovery: int | None


class CallBackPageOut(CallBackOut):
    """A call-back with its attempts and the marks of the visit."""

    attempts: list[AttemptOut]
    marks: MarksOut


class LinkOut(Out):
    """A link for the customer's answer in writing; it is shown only now."""

    url: str
    expires_at: Instant
    is_by_mail: bool


class SpendingOut(Out):
    """An amount, by whose authority, and where it is: spent, asked (a second person decides) or refused."""

    id: int
    amount: str
    purpose: str
    role: str
    state: str
    by: str
    second_by: str | None


class RecoveryOut(Out):
    """A recovery; its own result stands beside that of the first call-back."""

    id: int
    number: str
    callback: int
    restored: str
    personal: str
    result: str
    result_at: Instant | None
    spendings: list[SpendingOut]


def _callback_out(one: CallBack, recovery_id: int | None) -> CallBackOut:
    return CallBackOut(
        id=one.pk,
        number=case_number(one.case_id),
        about=one.about,
        state=one.state,
        due_at=one.due_at,
        caller=one.caller.code if one.caller else None,
        result=one.result,
        result_at=one.result_at,
        by_link=one.is_by_link,
        solved=one.solved,
        on_time=one.on_time,
        charged_as_shown=one.charged_as_shown,
        manners=one.manners,
        moved=one.moved,
        story=one.story,
        what=one.what,
        how_bad=one.how_bad,
        wish=one.wish,
        not_about_visit=one.excused_at is not None,
        recovery=recovery_id,
    )


def _whole(request: ApiRequest, callback_id: int, status: int = 200) -> Answer:
    found = found_callback(request.auth, callback_id)
    recovery_id = Recovery.objects.filter(callback=found).values_list("pk", flat=True).first()
    attempts = Attempt.objects.filter(callback=found).select_related("by").order_by("number")
    won = marks(found, orders_of(found.case_id))
    whole = CallBackPageOut(
        **_callback_out(found, recovery_id).model_dump(),
        attempts=[
            AttemptOut(number=one.number, at=one.at, half_day=one.half_day, outcome=one.outcome, note=one.note, by=one.by.code)
            for one in attempts
        ],
        marks=MarksOut(
            on_call=won.on_call,
            fixed_on_arrival=won.fixed_on_arrival,
            moved=won.moved,
            moved_confirmed=won.is_moved_confirmed,
            information=won.information,
        ),
    )
    return Answer(whole, status)


@router.get("/call-backs", response=answers(Page[CallBackOut]), operation_id="list_callbacks", summary="A page of call-backs")
def list_callbacks(
    request: ApiRequest,
    *,
    view: Annotated[Literal["due", "mine", "said"], Query(description="Open ones, the token's own, or answered ones.")] = "due",
    about: Annotated[Literal["", "visit", "complaint", "recovery"], Query()] = "",
    result: Annotated[Literal["", "satisfied", "dissatisfied", "unreached"], Query(description="Of answered ones.")] = "",
    cursor: Annotated[str, Query(max_length=4096, description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
) -> Answer:
    """Return the call-backs which the token may see: open ones the next due first, answered ones the latest first."""
    require(may_see_callbacks(request.auth))
    try:
        page = callback_page(ListQuery(view, about, result, cursor, limit), request.auth)
    except BadCursor:
        raise Invalid(fields={"cursor": _("This is no cursor of this list.")}) from None
    ids = [row.callback.pk for row in page.rows]
    recoveries = dict(Recovery.objects.filter(callback__in=ids).values_list("callback_id", "pk"))
    items = [_callback_out(row.callback, recoveries.get(row.callback.pk)) for row in page.rows]
    return Answer(Page(items=items, next=page.next or None))


@router.get(
    "/call-backs/{callback_id}", response=answers(CallBackPageOut), operation_id="get_callback", summary="One call-back"
)
def get_callback(request: ApiRequest, callback_id: Id) -> Answer:
    """Return a call-back with its attempts and the marks of the visit."""
    return _whole(request, callback_id)


@router.post(
    "/call-backs/{callback_id}/take", response=answers(CallBackPageOut), operation_id="take_callback", summary="Take it"
)
def take(request: ApiRequest, callback_id: Id, body: Nothing | None = None) -> Answer:
    """Take a call-back: who calls owns the case meanwhile."""
    take_callback(callback_id, actor=request.auth)
    return _whole(request, callback_id)


@router.post(
    "/call-backs/{callback_id}/attempts",
    response=answers(CallBackPageOut, 201),
    operation_id="record_attempt",
    summary="Note an attempt",
)
def attempt(request: ApiRequest, callback_id: Id, body: AttemptIn) -> Answer:
    """Note an attempt; who is not reached is tried again in another half-day, never at night."""
    record_attempt(callback_id, outcome=body.outcome, note=body.note, actor=request.auth)
    return _whole(request, callback_id, 201)


@router.post(
    "/call-backs/{callback_id}/result",
    response=answers(CallBackPageOut),
    operation_id="record_result",
    summary="Note what the customer said",
)
def result_of(request: ApiRequest, callback_id: Id, body: ResultIn) -> Answer:
    """Note the result, once: satisfied closes the case, dissatisfied makes it a recovery."""
    said = Answers(**body.model_dump(exclude={"result"}))
    record_result(callback_id, result=body.result, answers=said, actor=request.auth)
    return _whole(request, callback_id)


@router.post(
    "/call-backs/{callback_id}/link",
    response=answers(LinkOut, 201),
    operation_id="send_text_link",
    summary="Make a link for an answer in writing",
)
def link(request: ApiRequest, callback_id: Id, body: Nothing | None = None) -> Answer:
    """Make a link; it counts as an attempt and goes by mail to who has an address."""
    sent = send_text_link(callback_id, actor=request.auth)
    url = link_url(sent.code, f"{request.scheme}://{request.get_host()}")
    return Answer(LinkOut(url=url, expires_at=sent.link.expires_at, is_by_mail=sent.is_by_mail), 201)


@router.post(
    "/call-backs/{callback_id}/not-about-visit",
    response=answers(CallBackPageOut),
    operation_id="mark_not_about_visit",
    summary="Not about the visit",
)
def not_about_visit(request: ApiRequest, callback_id: Id, body: ReasonIn) -> Answer:
    """Mark a dissatisfied call-back as not about the visit, before the month is settled: the order passes its gate."""
    mark_not_about_visit(callback_id, reason=body.reason, actor=request.auth)
    return _whole(request, callback_id)


@router.post(
    "/call-backs/{callback_id}/delight",
    response=answers(CallBackPageOut),
    operation_id="confirm_delight",
    summary="Confirm a moving story",
)
def delight(request: ApiRequest, callback_id: Id, body: DelightIn) -> Answer:
    """Confirm that a customer who said so was moved."""
    confirm_delight(callback_id, moved=body.moved, story=body.story, actor=request.auth)
    return _whole(request, callback_id)


@router.get(
    "/cases/{number}/call-backs",
    response=answers(list[CallBackOut]),
    operation_id="case_callbacks",
    summary="The call-backs of a case",
)
def of_case(request: ApiRequest, number: str) -> Answer:
    """Return the call-backs of a case in order."""
    found = callbacks_of(visible_case_id(request.auth, number))
    return Answer([_callback_out(one, one.recovery.pk if hasattr(one, "recovery") else None) for one in found])


def _recovery_answer(request: ApiRequest, recovery_id: int, status: int = 200) -> Answer:
    found = found_recovery(request.auth, recovery_id)
    spendings = Spending.objects.filter(recovery=found).select_related("by", "second_by").order_by("pk")
    whole = RecoveryOut(
        id=found.pk,
        number=case_number(found.case_id),
        callback=found.callback_id,
        restored=found.restored,
        personal=found.personal,
        result=found.result,
        result_at=found.result_at,
        spendings=[
            SpendingOut(
                id=one.pk,
                amount=str(one.amount),
                purpose=one.purpose,
                role=one.role,
                state=one.state,
                by=one.by.code,
                second_by=one.second_by.code if one.second_by else None,
            )
            for one in spendings
        ],
    )
    return Answer(whole, status)


@router.get("/recoveries/{recovery_id}", response=answers(RecoveryOut), operation_id="get_recovery", summary="One recovery")
def get_recovery(request: ApiRequest, recovery_id: Id) -> Answer:
    """Return a recovery with what was spent on it."""
    return _recovery_answer(request, recovery_id)


@router.post(
    "/recoveries/{recovery_id}/record",
    response=answers(RecoveryOut),
    operation_id="record_recovery",
    summary="Record what was done",
)
def record(request: ApiRequest, recovery_id: Id, body: RecoveryIn) -> Answer:
    """Record what was restored and what was done personally; with an answer, tell the customer."""
    record_recovery(recovery_id, restored=body.restored, personal=body.personal, answer=body.answer, actor=request.auth)
    return _recovery_answer(request, recovery_id)


@router.post(
    "/recoveries/{recovery_id}/spendings",
    response=answers(RecoveryOut, 201),
    operation_id="spend_on_recovery",
    summary="Spend within one's authority",
)
def spend_on(request: ApiRequest, recovery_id: Id, body: AmountIn) -> Answer:
    """Spend on the spot up to the limit of one's role; a manager's amount above all limits waits for a second one."""
    spend(recovery_id, amount=Decimal(body.amount), purpose=body.purpose, actor=request.auth)
    return _recovery_answer(request, recovery_id, 201)


@router.post(
    "/spendings/{spending_id}/decide",
    response=answers(RecoveryOut),
    operation_id="decide_spending",
    summary="Decide as the second person",
)
def decide(request: ApiRequest, spending_id: Id, body: DecisionIn) -> Answer:
    """Agree to an amount above all authority, or refuse it."""
    spending = decide_amount(spending_id, agreed=body.agreed, actor=request.auth)
    return _recovery_answer(request, spending.recovery_id)
