"""The indicators of a month, what stands behind each number, and both to take away."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jieli.cases.queries.case_page import found_case, is_seen
from jieli.events.refusals import NotFound
from jieli.insight.forms import IndicatorFilter
from jieli.insight.policy import indicator_paths
from jieli.insight.queries import kpi
from jieli.insight.queries.ticket.page import ticket_of
from jieli.insight.queries.ticket.told import told
from jieli.intake.links import LinkRequest, by_link
from jieli.lib import clock
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.lib.sheets import Cell, Sheet, csv_text, workbook
from jieli.people.access import PersonRequest, signed_in
from jieli.people.models import Unit
from jieli.people.queries import company_zone, local_date
from jieli.settlement.policy import may_read_case_behind
from jieli.settlement.queries.months import Month, month_from

_MONTHS, _OUTLETS, _ORDERS = 24, 50, 50
_OUTLETS_SCOPE, _ORDERS_SCOPE = "indicators of outlets", "orders behind an indicator"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for, as far as the person may see it."""

    form: IndicatorFilter
    month: Month
    unit: Unit
    line: str

    @property
    def query(self) -> str:
        """Return it as the query of an address."""
        return urlencode({"month": self.month.label, "unit": self.unit.code, "line": self.line})


@dataclass(frozen=True, slots=True)
class Shown:
    """An indicator beside its former value."""

    indicator: kpi.Indicator
    before: kpi.Indicator
    behind: tuple[str, str]

    @property
    def change(self) -> float | None:
        """Return the change since the month before, in percentage points."""
        now, then = self.indicator.value, self.before.value
        return None if now is None or then is None else 100 * (now - then)


@require_safe
@signed_in
def indicators_page(request: PersonRequest) -> HttpResponse:
    """The six indicators of a unit, a product line and a month; below them each outlet."""
    wanted = _wanted(request)
    before = month_from((wanted.month.first - timedelta(days=1)).replace(day=1))
    now = kpi.indicators(wanted.month, unit_path=wanted.unit.path, product_line=wanted.line)
    then = kpi.indicators(before, unit_path=wanted.unit.path, product_line=wanted.line)
    (after,) = _after(request, _OUTLETS_SCOPE) or [""]
    outlets = kpi.indicators_by_outlet(
        wanted.month, unit_path=wanted.unit.path, product_line=wanted.line, after=str(after), size=_OUTLETS + 1
    )
    more = len(outlets) > _OUTLETS
    context = {
        "wanted": wanted,
        "six": [Shown(now[name], then[name], kpi.BEHIND[name]) for name in kpi.SIX],
        "beside": [Shown(now[name], then[name], kpi.BEHIND[name]) for name in kpi.BESIDE],
        "outlets": [(one, [one.indicators[name] for name in kpi.SIX]) for one in outlets[:_OUTLETS]],
        "names": [now[name].label for name in kpi.SIX],
        "is_running": wanted.month.until > clock.now(),
        "next_cursor": encode_cursor([outlets[_OUTLETS - 1].code], scope=_OUTLETS_SCOPE) if more else "",
    }
    return render(request, "insight/indicators.html", context)


@require_safe
@signed_in
def behind(request: PersonRequest, what: str) -> HttpResponse:
    """The orders or complaints that a number counts; each opens its case."""
    if what not in kpi.COUNTS:
        raise NotFound
    wanted = _wanted(request)
    (after,) = _after(request, _ORDERS_SCOPE) or [0]
    rows = kpi.counted(
        what,
        wanted.month,
        unit_path=wanted.unit.path,
        product_line=wanted.line,
        after=after if isinstance(after, int) else 0,
        size=_ORDERS + 1,
    )
    context = {
        "wanted": wanted,
        "title": kpi.COUNTS[what],
        "rows": rows[:_ORDERS],
        "are_complaints": what in ("complaints", "upheld"),
        "next_cursor": encode_cursor([rows[_ORDERS - 1].place], scope=_ORDERS_SCOPE) if len(rows) > _ORDERS else "",
    }
    return render(request, "insight/behind.html", context)


@require_safe
@signed_in
def export(request: PersonRequest, form: str) -> HttpResponseBase:
    """The indicators of all outlets as CSV or XLSX, with numerators and denominators."""
    if form not in ("csv", "xlsx"):
        raise NotFound
    wanted = _wanted(request)
    outlets = kpi.indicators_by_outlet(wanted.month, unit_path=wanted.unit.path, product_line=wanted.line)
    head = [_("Code"), _("Outlet")]
    for name in (*kpi.SIX, *kpi.BESIDE):
        label = str(kpi.LABELS[name])
        head += [f"{label} %", f"{label} · {_('numerator')}", f"{label} · {_('denominator')}"]
    rows, file_name = map(_cells, outlets), f"indicators-{wanted.month.label}.{form}"
    if form == "xlsx":
        sheet = Sheet(wanted.month.label, head, rows)
        return FileResponse(workbook([sheet], company_zone()), as_attachment=True, filename=file_name)
    answer = StreamingHttpResponse(csv_text(head, rows, company_zone()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer


@never_cache
@require_safe
@signed_in
def ticket(request: PersonRequest, number: str) -> HttpResponseBase:
    """The whole way of one ticket: stages, hands, promises, evidence and money; printable.

    Finance reads it, too, where it decides about the money: without the page of the case.
    """
    case = found_case(request.actor, number, also=may_read_case_behind)
    if number != case.number:
        return redirect("insight:ticket", case.number)
    context = {"ticket": ticket_of(case, request.actor), "case": case, "sees_case": is_seen(request.actor, case)}
    return render(request, "insight/ticket.html", context)


@by_link
@require_safe
def way_by_link(request: LinkRequest) -> HttpResponse:
    """The same way for the customer, by his link, in plain words."""
    context = {"told": told(request.case, request.token), "link": request.link}
    return render(request, "insight/way_by_link.html", context)


def _cells(one: kpi.OutletIndicators) -> list[Cell]:
    cells: list[Cell] = [one.code, one.name]
    for name in (*kpi.SIX, *kpi.BESIDE):
        found = one.indicators[name]
        percent = None if found.value is None else Decimal(f"{100 * found.value:.2f}")
        cells += [percent, found.numerator, found.denominator]
    return cells


def _after(request: PersonRequest, scope: str) -> list[Any]:
    try:
        return decode_cursor(request.GET.get("after", ""), scope=scope)
    except ValueError:
        return []


def _wanted(request: PersonRequest) -> Wanted:
    """Return the month, unit and line asked for; without, the latest whole month of the widest unit. Raises NotFound."""
    paths = indicator_paths(request.actor)
    units = list(Unit.objects.under_paths(paths).active().order_by("path")) if paths else []
    if not units:
        raise NotFound
    units.sort(key=lambda unit: (unit.path.count("/"), unit.code))
    months = _months(local_date(clock.now()))
    form = IndicatorFilter(request.GET, months=months, units=units, lines=kpi.product_lines())
    form.is_valid()
    asked = form.cleaned_data
    if request.GET.get("unit") and not asked.get("unit"):
        raise NotFound
    form.data = {
        "month": asked.get("month") or f"{months[1]:%Y-%m}",
        "unit": asked.get("unit") or units[0].code,
        "line": asked.get("line", ""),
    }
    first = date.fromisoformat(f"{form.data['month']}-01")
    return Wanted(form, month_from(first), form.units[form.data["unit"]], form.data["line"])


def _months(today: date) -> list[date]:
    months = [today.replace(day=1)]
    while len(months) < _MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months
