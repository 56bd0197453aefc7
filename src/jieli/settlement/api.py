"""The API's operations of the month end."""

from itertools import islice
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from ninja import Query, Router
from pydantic import ConfigDict

from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.lib.http import Answer, ApiRequest, Nothing, Out, Page, answers
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.people.models import Unit
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.policy import may_see_month, seen_paths
from jieli.settlement.queries.documents import grade_document, line_document, month_document, outlet_document
from jieli.settlement.queries.grading import grades
from jieli.settlement.queries.months import month_of
from jieli.settlement.queries.results import month_result
from jieli.settlement.queries.shapes import MonthResult, OutletResult
from jieli.settlement.refusals import NoSuchOutlet

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
