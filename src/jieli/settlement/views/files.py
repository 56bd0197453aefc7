"""Months and statements as files for spreadsheets."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language, override, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jieli.events.refusals import Refused
from jieli.lib.sheets import Cell, Sheet, csv_text, workbook
from jieli.people.models import Unit
from jieli.policies.product_lines import product_words
from jieli.settlement.models import Charge, Line, ReckonedResult, Result
from jieli.settlement.queries import pages
from jieli.settlement.queries.pages import Source
from jieli.settlement.queries.results import month_result
from jieli.settlement.queries.statement import (
    Statement,
    all_lines,
    policy_of,
    statement,
    unpaid_facts,
)
from jieli.settlement.rules.grading import PARTS
from jieli.settlement.rules.wording import PART_WORDS, service_words, what_releases, why_unpaid
from jieli.settlement.views.requests import Here, MonthRequest, for_month, for_outlet, result_of, signed_in

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_LINES = 200_000
"""More lines than this are only to be had as CSV: a workbook of millions takes minutes, and nobody opens it."""


class TooManyLines(Refused):
    """A workbook of so many lines helps nobody."""

    code = "too_many_lines"

    def __init__(self) -> None:
        super().__init__(_("There are too many lines for a workbook. Take the CSV."))


def as_file(kind: str, name: str, sheets: Sequence[Sheet]) -> HttpResponseBase:
    """Answer with sheets as a workbook, or with the first of them as CSV."""
    zone = ZoneInfo(settings.TIME_ZONE)
    if kind == "csv":
        language = get_language()
        response: HttpResponseBase = StreamingHttpResponse(
            _in_language(csv_text(sheets[0].header, sheets[0].rows, zone), language), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response
    if kind != "xlsx":
        raise Http404
    return FileResponse(workbook(sheets, zone), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


def _in_language(chunks: Iterable[bytes], language: str | None) -> Iterator[bytes]:
    """Give chunks made in the reader's language: a stream begins after the request's language is gone."""
    found = iter(chunks)
    while True:
        with override(language):
            chunk = next(found, None)
        if chunk is None:
            return
        yield chunk


def _state(place: Here) -> str:
    return "" if place.standing.run else "-preview"


@never_cache
@signed_in
@require_safe
def month_file(request: MonthRequest, month: str, what: str, kind: str) -> HttpResponseBase:
    """A month as a file: outlets, lines, unpaid orders, or the lines of Q."""
    place = for_month(request, month)
    if place.source is None or what not in _SHEETS:
        raise Http404
    if what == "lines" and kind == "xlsx" and pages.totals(place.source, place.paths).orders > MOST_LINES:
        raise TooManyLines
    sheet = _SHEETS[what](place, place.source)
    return as_file(kind, f"jieli-{month}-{what}{_state(place)}", [sheet])


@never_cache
@signed_in
@require_safe
def statement_file(request: MonthRequest, month: str, outlet_id: int, kind: str) -> HttpResponseBase:
    """The statement of an outlet as a file: sums, lines with explanations, and Q; as CSV the lines alone."""
    place, unit = for_outlet(request, month, outlet_id)
    result = result_of(place.source, outlet_id)
    if result is None or place.source is None:
        raise Http404
    found = statement(place.source, result)
    sheets = [_line_sheet(place.source, outlet_id), _sum_sheet(unit, place, found, result), _charge_sheet(found)]
    if kind == "xlsx":
        sheets = [sheets[1], sheets[0], sheets[2]]
    code = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "_" for sign in unit.code)
    return as_file(kind, f"jieli-{month}-statement-{code}{_state(place)}", sheets)


def _sum_sheet(unit: Unit, place: Here, found: Statement, result: Result | ReckonedResult) -> Sheet:
    rows: list[tuple[Cell, Cell]] = [
        (pgettext("month end", "Outlet"), f"{unit.code} {unit.name}"),
        (pgettext("month end", "Month"), place.month.label),
        (pgettext("month end", "State"), pgettext("month end", "decided") if place.standing.run else _("preview, not decided")),
        (_("Labour fees L"), found.labour_amount),
        (_("Coefficient T"), found.coefficient),
        ("L × T", found.product_amount),
        (_("Incentives Q"), found.incentives_amount),
        (_("To pay R"), found.pays.payout_amount),
        (_("Debt carried on"), found.pays.debt_amount),
        (_("payable"), found.counts["payable"]),
        (_("held"), found.counts["held"]),
        (_("rejected"), found.counts["rejected"]),
        (pgettext("month end", "Score"), result.score),
        (pgettext("month end", "Grade"), result.grade or _("not graded")),
    ]
    return Sheet(
        pgettext("month end", "Statement"), (pgettext("month end", "What"), pgettext("month end", "Amount")), rows, (28, 32)
    )


def _line_sheet(source: Source, outlet_id: int) -> Sheet:
    header = (
        pgettext("month end", "Order"),
        pgettext("month end", "Case"),
        pgettext("month end", "Finished"),
        pgettext("month end", "Decision"),
        _("Gate"),
        _("Fee"),
        _("Rate table"),
        _("Explanation"),
        _("What releases it"),
        _("Charged to"),
        _("Repeats"),
    )
    rows = (
        (
            one.number,
            one.case_number,
            one.finished_at,
            one.decision_label,
            one.gate_label,
            one.fee_amount,
            one.rate,
            one.explanation,
            one.release,
            one.charged_outlet,
            one.earlier,
        )
        for one in all_lines(source, outlet_id)
    )
    return Sheet(pgettext("month end", "Lines"), header, rows, (16, 18, 17, 10, 14, 11, 12, 60, 48, 12, 16))


def _charge_sheet(found: Statement) -> Sheet:
    header = (
        pgettext("month end", "Kind"),
        _("Incentive"),
        pgettext("month end", "Amount"),
        pgettext("month end", "Reason"),
        pgettext("month end", "Order"),
        _("By outlet"),
        _("Repeats"),
        pgettext("month end", "Month"),
    )
    rows = (
        (
            one.kind_label,
            one.words,
            one.amount,
            one.reason,
            one.order,
            one.other_outlet,
            one.earlier,
            f"{one.month:%Y-%m}" if one.month else "",
        )
        for one in found.charges
    )
    return Sheet(_("Incentives Q"), header, rows, (14, 20, 12, 40, 16, 24, 16, 10))


def _outlets(place: Here, source: Source) -> Sheet:
    header = [
        pgettext("month end", "Outlet"),
        pgettext("month end", "Name"),
        _("Peer group"),
        _("Finished orders"),
        pgettext("month end", "Score"),
        pgettext("month end", "Grade"),
        pgettext("month end", "Rank"),
        _("Graded peers"),
        _("payable"),
        _("held"),
        _("rejected"),
        _("Labour fees L"),
        _("Coefficient T"),
        _("Incentives Q"),
        _("To pay R"),
        _("Debt carried on"),
    ]
    for name in PARTS:
        label = str(PART_WORDS[name][0])
        header += [f"{label} ({_('counted')})", f"{label} ({_('of')})", f"{label} ({_('points')})"]
    header.append(_("Bonus"))
    return Sheet(_("Outlets"), header, _outlet_rows(place, source), (14, 28, 24))


def _outlet_rows(place: Here, source: Source) -> Iterator[Sequence[Cell]]:
    found = source.results().filter(pages.below(place.paths)).select_related("outlet").order_by("outlet__code")
    for one in found.iterator(chunk_size=1000):
        row: list[Cell] = [
            one.outlet.code,
            one.outlet.name,
            one.peers,
            one.finished,
            one.score,
            one.grade,
            one.rank,
            one.group_size,
            one.payable,
            one.held,
            one.rejected,
            one.labour_amount,
            one.coefficient,
            one.incentives_amount,
            one.payout_amount,
            one.debt_amount,
        ]
        for name in PARTS:
            counted, of = one.facts[name]
            points = one.parts.get(name)
            row += [counted, of, Decimal(points) if points is not None else None]
        bonus = one.parts.get("bonus")
        row.append(Decimal(bonus) if bonus is not None else None)
        yield row


def _lines(place: Here, _source: Source) -> Sheet:
    header = (
        pgettext("month end", "Outlet"),
        pgettext("month end", "Order"),
        pgettext("month end", "Finished"),
        pgettext("month end", "Decision"),
        _("Gate"),
        _("Fee"),
        _("Fee of the table"),
        _("Rate table"),
        _("Product line"),
        _("Service type"),
        _("In warranty"),
        _("Distance, km"),
        _("Night"),
        _("Holiday"),
        _("High floor"),
        _("Repeats"),
        _("Charged to"),
    )
    return Sheet(pgettext("month end", "Lines"), header, _line_rows(place), (14, 16, 17))


def _line_rows(place: Here) -> Iterator[Sequence[Cell]]:
    seen = _seen(place)
    decisions: dict[str, str] = {code: str(label) for code, label in Line.Decision.choices}
    gates: dict[str, str] = {code: str(label) for code, label in Line.Gate.choices}
    for one in month_result(place.month, preview=True).lines():
        if seen is None or one.outlet_id in seen:
            yield (
                one.outlet,
                one.number,
                one.finished_at,
                decisions[one.decision],
                gates.get(one.gate, ""),
                one.fee_amount,
                one.rate_amount,
                one.rate,
                product_words(one.product_line),
                service_words(one.service_type),
                one.in_warranty,
                one.distance_km,
                one.night,
                one.holiday,
                one.high_floor,
                one.earlier,
                one.charged_outlet,
            )


def _seen(place: Here) -> set[int] | None:
    if place.paths is None:
        return None
    return set(Unit.objects.filter(pages.below(place.paths, "path")).values_list("pk", flat=True))


def _unpaid(place: Here, source: Source) -> Sheet:
    header = (
        pgettext("month end", "Outlet"),
        pgettext("month end", "Name"),
        pgettext("month end", "Order"),
        pgettext("month end", "Finished"),
        pgettext("month end", "Decision"),
        _("Gate"),
        pgettext("month end", "Why"),
        _("What releases it"),
    )
    return Sheet(_("Held and rejected"), header, _unpaid_rows(place, source), (14, 28, 16, 17, 10, 14, 56, 56))


def _unpaid_rows(place: Here, source: Source) -> Iterator[Sequence[Cell]]:
    policy = policy_of(source)
    gates: dict[str, str] = {code: str(label) for code, label in Line.Gate.choices}
    for decision, label in (("held", _("held")), ("rejected", _("rejected"))):
        found = source.unpaid(decision).filter(pages.below(place.paths)).select_related("order", "outlet", "earlier")
        for one in found.order_by("gate", "outlet_id", "order_id").iterator(chunk_size=1000):
            facts = unpaid_facts(one.order, one.finished_at, one.earlier.number if one.earlier else "", policy)
            yield (
                one.outlet.code,
                one.outlet.name,
                one.order.number,
                one.finished_at,
                label,
                gates.get(one.gate, one.gate),
                why_unpaid(decision, one.gate, facts),
                what_releases(one.gate, facts) if decision == "held" else "",
            )


def _charges(place: Here, _source: Source) -> Sheet:
    header = (
        pgettext("month end", "Outlet"),
        pgettext("month end", "Kind"),
        _("Incentive"),
        pgettext("month end", "Amount"),
        pgettext("month end", "Reason"),
        pgettext("month end", "Order"),
        pgettext("month end", "Month"),
    )
    return Sheet(_("Incentives Q"), header, _charge_rows(place), (14, 14, 20, 12, 40, 16, 10))


def _charge_rows(place: Here) -> Iterator[Sequence[Cell]]:
    seen = _seen(place)
    found = month_result(place.month, preview=True)
    codes = {one.outlet_id: one.outlet for one in found.outlets}
    kinds: dict[str, str] = {code: str(label) for code, label in Charge.Kind.choices}
    for one in found.charges():
        if seen is None or one.outlet_id in seen:
            month: Any = f"{one.month:%Y-%m}" if one.month else ""
            yield (
                codes.get(one.outlet_id, ""),
                kinds.get(one.kind, one.kind),
                one.incentive_kind,
                one.amount,
                one.reason,
                one.order,
                month,
            )


_SHEETS: dict[str, Callable[[Here, Source], Sheet]] = {
    "outlets": _outlets,
    "lines": _lines,
    "unpaid": _unpaid,
    "charges": _charges,
}
