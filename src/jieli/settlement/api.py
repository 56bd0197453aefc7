"""The API's operations of the month end."""

import json
from decimal import Decimal
from itertools import islice
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Query, Router
from pydantic import ConfigDict

from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.lib.http import Answer, ApiRequest, In, Instant, Nothing, Out, Page, answers, kept
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.lib.money import parse_amount
from jieli.people.models import Unit
from jieli.settlement.actions.approving import approve_month
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.disputing import DisputedLine, confirm_statement, decide_dispute, dispute_line
from jieli.settlement.actions.paying import decide_pay
from jieli.settlement.models import Dispute, Ruling, Run
from jieli.settlement.policy import disputed_paths, may_see_month, may_see_pay, may_see_statement, seen_paths
from jieli.settlement.queries.disputes import disputes, disputes_page
from jieli.settlement.queries.documents import grade_document, line_document, money, month_document, outlet_document
from jieli.settlement.queries.grading import grades
from jieli.settlement.queries.months import Month, month_of
from jieli.settlement.queries.pages import BadCursor
from jieli.settlement.queries.pay import pay_run, slips
from jieli.settlement.queries.results import month_result
from jieli.settlement.queries.sealed import StatementRow, approved, statement_row, statements_page
from jieli.settlement.queries.shapes import MonthResult, OutletResult
from jieli.settlement.refusals import MonthNotDecided, NoSuchOutlet, PayNotDecided, StatementNotSealed

router = Router(tags=["settlement"])

LINES = 200
MonthText = Annotated[str, Query(max_length=7, description="As 2026-11.")]


class GradeOut(Out):
    """The month of an outlet: facts as unrounded shares or null; an ungraded one has neither score, grade nor rank."""

    outlet: str
    finished: int
    facts: dict[str, float | None]
    score: float | None
    grade: str | None
    rank: int | None
    group_size: int
    coefficient: str


class LineOut(Out):
    """One order of a run; the gate is null when it is payable, fee and table unless it is."""

    order: str
    decision: str
    gate: str | None
    fee_amount: str | None
    rate_version: str | None


class OutletOut(Out):
    """What an outlet gets: R = L × T + Q, in amounts with two decimals; the debt is positive."""

    model_config = ConfigDict(frozen=True, extra="allow")

    outlet: str
    labour_amount: str
    coefficient: str
    incentives_amount: str
    payout_amount: str
    debt_amount: str
    payable: int
    held: int
    rejected: int


class SettlementOut(Out):
    """A month for all outlets that one may see; `lines` come with `outlet` alone, `next` is the cursor of further lines."""

    month: str
    policy: str
    grade_policy: str
    rates: list[str]
    cut_off: str
    decided: bool
    provisional: bool
    earlier_orders: int
    changed_after_decision: list[str]
    outlets: list[OutletOut]
    lines: list[LineOut] | None = None
    next: str | None = None


class ApprovalOut(Out):
    """One of the two approvals."""

    place: int
    by: str
    role: str
    at: Instant


class ApprovedOut(Out):
    """How far a decided month is: its approvals, and how many of its outlets' statements are sealed."""

    month: str
    approvals: list[ApprovalOut]
    approved: bool
    outlets: int
    sealed: int
    confirmed: int
    disputed: int


class StatementOut(Out):
    """A sealed statement; `state` is open, disputed, confirmed, or accepted when the days for disputes are over."""

    outlet: str
    month: str
    payout_amount: str
    sha256: str
    sealed_at: Instant
    dispute_until: Instant
    state: str
    disputes: int


class SealedOut(StatementOut):
    """A sealed statement with its document: what the hash is taken of is this document as canonical JSON."""

    document: dict[str, Any]


class DisputeIn(In):
    """Which line is disputed, an order by its number or a line of Q by its id in the document, and why."""

    order: Annotated[str, kept(40)] | None = None
    charge: int | None = None
    reason: Annotated[str, kept(1000, 1)]
    claimed_amount: Annotated[str, kept(20)] | None = None


class RulingIn(In):
    """Granted with an amount, or refused; the outlet reads the reason."""

    decision: Literal["granted", "refused"]
    amount: Annotated[str, kept(20)] | None = None
    reason: Annotated[str, kept(1000, 1)]


class DisputeOut(Out):
    """A disputed line; decision, amount and answer are null until it is decided."""

    id: int
    month: str
    outlet: str
    order: str | None
    charge: int | None
    reason: str
    claimed_amount: str | None
    opened_by: str
    opened_at: Instant
    decision: str | None
    amount: str | None
    answer: str | None
    decided_by: str | None
    decided_at: Instant | None


class SlipOut(Out):
    """What an engineer is paid for a month."""

    code: str
    name: str
    unit: str
    orders: int
    valid: int
    early: int
    installations: int
    base_amount: str
    commission_amount: str
    early_amount: str
    installation_amount: str
    delight_amount: str
    licence_amount: str
    total_amount: str


class PayOut(Out):
    """The decided pay of a month."""

    month: str
    policy: str
    decided_at: Instant
    total_amount: str
    slips: list[SlipOut]


def _visible(actor: Actor, codes: list[str]) -> set[str]:
    paths = seen_paths(actor)
    if paths is None:
        return set(codes)
    units = Unit.objects.under_paths([*paths, *actor.unit_paths("outlet_manager")])
    return set(units.filter(code__in=codes).values_list("code", flat=True))


@router.get("/grades", response=answers(Page[GradeOut]), operation_id="list_grades", summary="Monthly grades")
def list_grades(request: ApiRequest, *, month: MonthText) -> Answer:
    """Return the grades of the outlets that one may see: the stored ones when the month is decided."""
    found = grades(month_of(month)).outlets
    seen = _visible(request.auth, [one.outlet for one in found])
    require(bool(seen) or may_see_month(request.auth))
    return Answer(Page(items=[GradeOut(**grade_document(one)) for one in found if one.outlet in seen], next=None))


@router.get("/settlements/{month}", response=answers(SettlementOut), operation_id="get_settlement", summary="A settled month")
def get_settlement(
    request: ApiRequest,
    month: str,
    *,
    preview: Annotated[bool, Query(description="What would be decided, when nothing is decided yet.")] = False,
    outlet: Annotated[str, Query(max_length=64, description="Only this one.")] = "",
    lines: Annotated[bool, Query(description="With the lines of the outlet, 200 at a time.")] = False,
    cursor: Annotated[str, Query(max_length=400)] = "",
) -> Answer:
    """Return what each outlet gets for a month: what was decided, or with `preview` what would be."""
    require(may_see_month(request.auth) or bool(outlet))
    if lines and not outlet:
        raise Invalid(fields={"lines": _("Lines are given for one outlet: name it.")})
    found = month_result(month_of(month), preview=preview)
    seen = _visible(request.auth, [outlet] if outlet else [one.outlet for one in found.outlets])
    shown = [one for one in found.outlets if one.outlet in seen and (not outlet or one.outlet == outlet)]
    if outlet and not shown:
        raise NoSuchOutlet
    further = _lines(found, shown[0], cursor) if lines else {}
    return Answer(_settlement(found, shown, further))


@router.post(
    "/settlements/{month}", response=answers(SettlementOut), operation_id="settle_month", summary="Decide a month, once"
)
def settle_month(request: ApiRequest, month: str, body: Nothing | None = None) -> Answer:
    """Decide a month for all outlets together; a decided month answers the same again. A token needs the scope `settle`."""
    asked = month_of(month)
    decide_month(asked, actor=request.auth)
    found = month_result(asked)
    return Answer(_settlement(found, found.outlets, {}))


def _settlement(found: MonthResult, shown: list[OutletResult], further: dict[str, Any]) -> SettlementOut:
    one = shown[0].outlet_id if len(shown) == 1 else None
    numbers = found.changed_after_decision(one) if one or len(shown) == len(found.outlets) else []
    outlets = [OutletOut(**outlet_document(result)) for result in shown]
    return SettlementOut(**month_document(found, numbers), outlets=outlets, **further)


def _lines(found: MonthResult, outlet: OutletResult, cursor: str) -> dict[str, Any]:
    scope = f"settlement.{found.month.label}.{outlet.outlet}"
    try:
        after = str(decode_cursor(cursor, scope=scope)[0]) if cursor else ""
    except ValueError:
        raise Invalid(fields={"cursor": _("This cursor does not belong here.")}) from None
    rows = list(islice((line for line in found.lines(outlet.outlet_id) if line.number > after), LINES + 1))
    shown = rows[:LINES]
    following = encode_cursor([shown[-1].number], scope=scope) if len(rows) > LINES else None
    return {"lines": [LineOut(**line_document(line)) for line in shown], "next": following}


@router.post(
    "/settlements/{month}/approve",
    response=answers(ApprovedOut),
    operation_id="approve_month",
    summary="Approve a decided month",
)
def approve(request: ApiRequest, month: str, body: Nothing | None = None) -> Answer:
    """Approve a decided month; two different people do, and a token counts as its person. Then statements are sealed."""
    asked = month_of(month)
    approve_month(asked, actor=request.auth)
    return Answer(_approved(asked))


def _approved(month: Month) -> ApprovedOut:
    found = approved(_run(month))
    given = [ApprovalOut(place=one.place, by=one.staff.code, role=one.role, at=one.approved_at) for one in found.approvals]
    return ApprovedOut(
        month=month.label,
        approvals=given,
        approved=found.is_approved,
        outlets=found.outlets,
        sealed=found.sealed,
        confirmed=found.confirmed,
        disputed=found.disputed,
    )


def _run(month: Month) -> Run:
    run = Run.objects.filter(month=month.first).first()
    if run is None:
        raise MonthNotDecided
    return run


@router.get("/statements", response=answers(Page[StatementOut]), operation_id="list_statements", summary="Sealed statements")
def list_statements(request: ApiRequest, *, month: MonthText, cursor: Annotated[str, Query(max_length=400)] = "") -> Answer:
    """Return the sealed statements of a month that one may see, by the outlets' codes, fifty at a time."""
    paths = disputed_paths(request.auth)
    require(paths != ())
    try:
        page = statements_page(_run(month_of(month)), paths, cursor=cursor)
    except BadCursor:
        raise Invalid(fields={"cursor": _("This cursor does not belong here.")}) from None
    return Answer(Page(items=[StatementOut(**_statement(row)) for row in page.rows], next=page.next or None))


def _statement(row: StatementRow) -> dict[str, Any]:
    one = row.statement
    return {
        "outlet": one.outlet.code,
        "month": f"{one.run.month:%Y-%m}",
        "payout_amount": money(one.payout_amount),
        "sha256": one.sha256,
        "sealed_at": one.sealed_at,
        "dispute_until": one.dispute_until,
        "state": row.state,
        "disputes": row.disputes,
    }


def _sealed(actor: Actor, month: str, outlet: str) -> StatementRow:
    """Return a sealed statement for those who may see it; from others its outlet is hidden."""
    unit = Unit.objects.filter(code=outlet).first()
    if unit is None or not may_see_statement(actor, unit):
        raise NoSuchOutlet
    row = statement_row(_run(month_of(month)), unit.pk)
    if row is None:
        raise StatementNotSealed
    return row


@router.get(
    "/statements/{month}/{outlet}", response=answers(SealedOut), operation_id="get_statement", summary="A sealed statement"
)
def get_statement(request: ApiRequest, month: str, outlet: str) -> Answer:
    """Return the sealed statement of an outlet with everything on it, each line explained in both languages."""
    row = _sealed(request.auth, month, outlet)
    return Answer(SealedOut(**_statement(row), document=json.loads(bytes(row.statement.document))))


@router.post(
    "/statements/{month}/{outlet}/confirm",
    response=answers(StatementOut),
    operation_id="confirm_statement",
    summary="Confirm a statement",
)
def confirm(request: ApiRequest, month: str, outlet: str, body: Nothing | None = None) -> Answer:
    """Let the outlet agree with its statement, but for the lines that it disputed."""
    confirm_statement(_sealed(request.auth, month, outlet).statement.pk, actor=request.auth)
    return Answer(StatementOut(**_statement(_sealed(request.auth, month, outlet))))


@router.post(
    "/statements/{month}/{outlet}/disputes",
    response=answers(DisputeOut, 201),
    operation_id="dispute_line",
    summary="Dispute a line",
)
def dispute(request: ApiRequest, month: str, outlet: str, body: DisputeIn) -> Answer:
    """Dispute one line of a sealed statement, once, within the days of the policy."""
    if (body.order is None) == (body.charge is None):
        raise Invalid(fields={"order": _("Give either an order or a charge.")})
    row = _sealed(request.auth, month, outlet)
    made = dispute_line(
        row.statement.pk,
        line=DisputedLine(order=body.order or "", charge_id=body.charge),
        reason=body.reason,
        claimed_amount=_amount(body.claimed_amount, "claimed_amount"),
        actor=request.auth,
    )
    return Answer(_dispute(made.pk), 201)


def _amount(text: str | None, field: str) -> Decimal | None:
    if text is None:
        return None
    try:
        return parse_amount(text)
    except ValueError:
        raise Invalid(fields={field: _("Give an amount above zero such as 82.00.")}) from None


def _dispute(dispute_id: int) -> DisputeOut:
    return _dispute_out(disputes(None).get(pk=dispute_id))


def _dispute_out(one: Dispute) -> DisputeOut:
    ruling: Ruling | None = getattr(one, "ruling", None)
    return DisputeOut(
        id=one.pk,
        month=f"{one.statement.run.month:%Y-%m}",
        outlet=one.statement.outlet.code,
        order=one.order.number if one.order else None,
        charge=one.charge_id,
        reason=one.reason,
        claimed_amount=None if one.claimed_amount is None else money(one.claimed_amount),
        opened_by=one.opened_by.code,
        opened_at=one.opened_at,
        decision=None if ruling is None else "granted" if ruling.is_granted else "refused",
        amount=None if ruling is None else money(ruling.amount),
        answer=None if ruling is None else ruling.reason,
        decided_by=None if ruling is None else ruling.decided_by.code,
        decided_at=None if ruling is None else ruling.decided_at,
    )


@router.get("/disputes", response=answers(Page[DisputeOut]), operation_id="list_disputes", summary="Disputes of statements")
def list_disputes(
    request: ApiRequest,
    *,
    state: Annotated[Literal["open", "granted", "refused", "all"], Query()] = "open",
    cursor: Annotated[str, Query(max_length=400)] = "",
) -> Answer:
    """Return the disputes that one may see, fifty at a time."""
    paths = disputed_paths(request.auth)
    require(paths != ())
    try:
        page = disputes_page(paths, state=state, cursor=cursor)
    except BadCursor:
        raise Invalid(fields={"cursor": _("This cursor does not belong here.")}) from None
    return Answer(Page(items=[_dispute_out(one) for one in page.rows], next=page.next or None))


@router.post(
    "/settlements/disputes/{int:dispute_id}/decide",
    response=answers(DisputeOut),
    operation_id="decide_dispute",
    summary="Decide a dispute",
)
def decide(request: ApiRequest, dispute_id: int, body: RulingIn) -> Answer:
    """Grant a dispute with an amount, which counts in the next open month, or refuse it. A token needs the scope `settle`."""
    amount = _amount(body.amount, "amount")
    if (body.decision == "granted") == (amount is None):
        raise Invalid(fields={"amount": _("An amount is given with what is granted, and only then.")})
    decide_dispute(dispute_id, granted_amount=amount, reason=body.reason, actor=request.auth)
    return Answer(_dispute(dispute_id))


@router.get("/settlements/{month}/pay", response=answers(PayOut), operation_id="get_pay", summary="Pay of the engineers")
def get_pay(request: ApiRequest, month: str) -> Answer:
    """Return the decided pay slips of a month."""
    require(may_see_pay(request.auth))
    return Answer(_pay(month_of(month)))


@router.post(
    "/settlements/{month}/pay", response=answers(PayOut), operation_id="decide_pay", summary="Decide the pay of a month, once"
)
def settle_pay(request: ApiRequest, month: str, body: Nothing | None = None) -> Answer:
    """Decide the pay of all engineers for a decided month; decided pay answers the same again."""
    asked = month_of(month)
    decide_pay(asked, actor=request.auth)
    return Answer(_pay(asked))


def _pay(month: Month) -> PayOut:
    found = pay_run(_run(month))
    if found is None:
        raise PayNotDecided
    return PayOut(
        month=month.label,
        policy=found.policy,
        decided_at=found.decided_at,
        total_amount=money(found.total_amount),
        slips=[
            SlipOut(
                code=one.staff.code,
                name=one.staff.name,
                unit=one.unit.code,
                orders=one.orders,
                valid=one.valid,
                early=one.early,
                installations=one.installations,
                base_amount=money(one.base_amount),
                commission_amount=money(one.commission_amount),
                early_amount=money(one.early_amount),
                installation_amount=money(one.installation_amount),
                delight_amount=money(one.delight_amount),
                licence_amount=money(one.licence_amount),
                total_amount=money(one.total_amount),
            )
            for one in slips(found)
        ],
    )
