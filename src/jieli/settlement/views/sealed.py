"""Approving a month; its sealed statements: read, confirmed, disputed line by line, printed."""

import json
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.events.refusals import Refused, require
from jieli.settlement.actions.approving import approve_month
from jieli.settlement.actions.disputing import DisputedLine, confirm_statement, dispute_line
from jieli.settlement.actions.sealing import hand_out
from jieli.settlement.forms import DisputeForm
from jieli.settlement.models import Statement
from jieli.settlement.policy import may_confirm
from jieli.settlement.queries.pages import BadCursor
from jieli.settlement.queries.sealed import sealed_statement, statements_page
from jieli.settlement.refusals import NoSuchLine, StatementNotSealed
from jieli.settlement.views.months import frame
from jieli.settlement.views.requests import MonthRequest, for_month, for_outlet, month_or_404, signed_in


@signed_in
@require_POST
def approve(request: MonthRequest, month: str) -> HttpResponseBase:
    """Approve a decided month."""
    approve_month(month_or_404(month), actor=request.actor)
    return redirect("settlement:month", month)


@never_cache
@signed_in
@require_safe
def statements(request: MonthRequest, month: str) -> HttpResponseBase:
    """The sealed statements of a month, and where each stands."""
    place = for_month(request, month)
    run = place.standing.run
    if run is None:
        raise Http404
    try:
        page = statements_page(run, place.paths, cursor=request.GET.get("after", ""))
    except BadCursor:
        return redirect("settlement:statements", month)
    return render(request, "settlement/statements.html", frame(request, place) | {"rows": page.rows, "next": page.next})


def _sealed(request: MonthRequest, month: str, outlet_id: int) -> Statement:
    """Return the sealed statement for those who may see it; from others it is hidden."""
    place, _outlet = for_outlet(request, month, outlet_id)
    found = sealed_statement(place.standing.run, outlet_id)
    if found is None:
        raise StatementNotSealed
    return found


@never_cache
@signed_in
@require_safe
def statement_pdf(request: MonthRequest, month: str, outlet_id: int) -> HttpResponseBase:
    """The sealed statement as a PDF, in the reader's language or the one asked for."""
    found = _sealed(request, month, outlet_id)
    language = request.GET.get("language", "") or get_language() or ""
    content = hand_out(found.pk, language="zh-hans" if language.startswith("zh") else "en", actor=request.actor)
    return _file(content, "application/pdf", f"{_name(found, month)}.pdf")


@never_cache
@signed_in
@require_safe
def statement_json(request: MonthRequest, month: str, outlet_id: int) -> HttpResponseBase:
    """The sealed bytes themselves."""
    found = _sealed(request, month, outlet_id)
    return _file(bytes(found.document), "application/json", f"{_name(found, month)}.json")


def _name(statement: Statement, month: str) -> str:
    code = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "_" for sign in statement.outlet.code)
    return f"jieli-{month}-statement-{code}"


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@signed_in
@require_POST
def confirm(request: MonthRequest, month: str, outlet_id: int) -> HttpResponseBase:
    """Let the outlet agree."""
    confirm_statement(_sealed(request, month, outlet_id).pk, actor=request.actor)
    return redirect("settlement:statement", month, outlet_id)


@signed_in
@require_http_methods(["GET", "POST"])
def dispute(request: MonthRequest, month: str, outlet_id: int) -> HttpResponseBase:
    """Ask why a line is disputed, and dispute it."""
    found = _sealed(request, month, outlet_id)
    require(may_confirm(request.actor, found.outlet))
    line = _line_of(request)
    form = DisputeForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            made = dispute_line(
                found.pk,
                line=line,
                reason=form.cleaned_data["reason"],
                claimed_amount=form.cleaned_data["claimed_amount"],
                actor=request.actor,
            )
        except Refused as refused:
            form.add_error(None, str(refused))
            status = refused.status
        else:
            return redirect("settlement:dispute", made.pk)
    context = {"form": form, "sealed": found, "outlet": found.outlet, "month": month, "line": _words(found, line)}
    return render(request, "settlement/dispute_line.html", context, status=status)


def _line_of(request: MonthRequest) -> DisputedLine:
    charge = request.GET.get("charge", "")
    if charge.isdecimal() and len(charge) < 19:
        return DisputedLine(charge_id=int(charge))
    return DisputedLine(order=request.GET.get("order", "")[:40])


def _words(statement: Statement, line: DisputedLine) -> dict[str, Any]:
    """Return the line as it stands on the sealed statement."""
    document = json.loads(bytes(statement.document))
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    if line.charge_id is not None:
        for one in document["charges"]:
            if one["id"] == line.charge_id:
                return {"name": one["words"][language], "text": one["reason"], "amount": one["amount"]}
        raise NoSuchLine("charge")
    for one in document["lines"]:
        if one["order"] == line.order:
            return {"name": one["order"], "text": one["words"][language], "amount": one["fee_amount"]}
    raise NoSuchLine("order")
