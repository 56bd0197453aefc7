"""The portal's first page, and the questions by which a need comes in."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jieli.cases.queries.links import tracking_path
from jieli.cases.rules.numbers import case_number, parse_case_number
from jieli.customers.actions import find_device
from jieli.events.refusals import Refused
from jieli.files.queries import most_bytes
from jieli.intake.actions.reporting import keep_files, receive_report
from jieli.intake.forms import ReportForm
from jieli.intake.rules.needs import NEEDS, Need, need_of
from jieli.intake.views.guarding import quiet, reports, take_turn
from jieli.intake.views.telling import tell_later

MOST_FILES = 6
_FIELDS = {"customer.name": "name", "customer.phone": "phone", "subject": "description"}


@require_safe
def entry(request: HttpRequest) -> HttpResponse:
    """Show strangers the three ways in: report, follow, staff."""
    return render(request, "intake/portal_entry.html")


@quiet
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Ask the first question: what is it?"""
    return render(request, "intake/portal_choose.html", {"needs": NEEDS, "query": _kept_query(request)})


@quiet
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Ask the other questions on one form, and take the answers in."""
    need = need_of(code)
    if need is None:
        raise Http404
    if request.method != "POST":
        return _page(request, need, ReportForm(need, initial=_prefilled(request, need)))
    take_turn(reports, request)
    form = ReportForm(need, request.POST)
    if not form.is_valid():
        return _page(request, need, form, status=422)
    try:
        received = receive_report(form.report(channel="qr" if _is_scanned(request) else "portal"))
    except Refused as refused:
        for name, text in refused.fields.items():
            field = _FIELDS.get(name, name).replace("custom.", "custom_", 1)
            form.add_error(field if field in form.fields else None, str(text))
        if not refused.fields:
            form.add_error(None, str(refused.message))
        return _page(request, need, form, status=refused.status)
    files = request.FILES.getlist("files")[:MOST_FILES]
    problems = keep_files(files, case_id=received.case.pk, message_id=received.message_id, actor=received.actor)
    tell_later(request, problems)
    if received.joined:
        return redirect("intake:joined", received.case.number)
    return redirect(f"{tracking_path(received.case.number, received.code)}/thanks")


@quiet
@require_safe
def joined(request: HttpRequest, number: str) -> HttpResponse:
    """Say that the need was known already, under which number it goes on, and how to reach it."""
    return render(request, "intake/portal_joined.html", {"number": case_number(parse_case_number(number))})


def _page(request: HttpRequest, need: Need, form: ReportForm, status: int = 200) -> HttpResponse:
    context = {
        "need": need,
        "form": form,
        "limit_bytes": most_bytes(),
        "most_files": MOST_FILES,
        "query": _kept_query(request),
        "files_lost": bool(request.FILES),
    }
    return render(request, "intake/portal_report.html", context, status=status)


def _prefilled(request: HttpRequest, need: Need) -> dict[str, Any]:
    """Return what the QR code or the link already says: serial, line, and the case a complaint is about."""
    values: dict[str, Any] = {"once": uuid.uuid4()}
    serial, line = request.GET.get("serial", "")[:80], request.GET.get("line", "")[:60]
    if serial:
        device = find_device(serial)
        values |= {"serial": serial, "product_line": line or (device.product_line if device else "")}
    elif line:
        values["product_line"] = line
    about = request.GET.get("about", "")[:30]
    if about and need.kind == "complaint":
        values["description"] = _("About %(number)s: ") % {"number": about}
    return values


def _is_scanned(request: HttpRequest) -> bool:
    return bool(request.GET.get("serial") or request.GET.get("line"))


def _kept_query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    for name in set(kept) - {"serial", "line", "about"}:
        del kept[name]
    return f"?{kept.urlencode()}" if kept else ""
