"""The returns desk: old parts scanned as they come back, those that are owed, and the lab's queue."""

from datetime import datetime

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jieli.cases.models import Case
from jieli.lib import clock
from jieli.lib.keyset import encode_cursor
from jieli.orders.models import WorkOrder
from jieli.parts.actions.returning import correct_finding, receive_old_part, record_finding
from jieli.parts.forms import CorrectionForm, FindingForm, ScanForm
from jieli.parts.models import UsedPart
from jieli.parts.policy import may_correct_finding, may_receive_old_part, may_record_finding, may_see_returns
from jieli.parts.queries.flow import lab_page, names_of, old_parts_of, owed_page, parts_of_case, return_counts
from jieli.parts.queries.machines import findings_on
from jieli.parts.views.requests import PartsRequest, attempt, cursor_of, for_parts, instant_and_id, order_or_404, require_right

_LISTS = ("owed", "overdue", "lab")


@for_parts
@require_safe
def desk(request: PartsRequest) -> HttpResponseBase:
    """Old parts that are owed, overdue, or in the lab, with the field for the scanner above them."""
    require_right(may_see_returns(request.actor))
    now = clock.now()
    shown = request.GET.get("list", "")
    shown = shown if shown in _LISTS else "owed"
    scope = f"returns.{shown}"
    rows, further = _page(request, shown)
    counts = return_counts(request.actor, now)
    labels = {"owed": _("To come back"), "overdue": _("Overdue"), "lab": _("In the lab")}
    context = {
        "rows": [
            (used, may_receive_old_part(request.actor, used.order), may_record_finding(request.actor, used.order))
            for used in rows
        ],
        "shown": shown,
        "after": request.GET.get("after", ""),
        "now": now,
        "next_cursor": encode_cursor(list(further), scope=scope) if further else "",
        "tabs": [
            {"label": labels[name], "url": f"?list={name}", "is_current": name == shown, "count": counts[name]}
            for name in _LISTS
        ],
        "scan_form": ScanForm(),
        "may_scan": request.actor.has_role("administrator", "manager", "supervisor", "specialist", "quality"),
        "findings": WorkOrder.LabFinding.choices,
    }
    return render(request, "parts/returns.html", context)


@for_parts
@require_safe
def labels(request: PartsRequest) -> HttpResponseBase:
    """The labels of the old parts of one page of a list, or of one work order, on sheets to be printed."""
    order = request.GET.get("order", "")
    if order.isdecimal():
        found = order_or_404(request, int(order[:18]))
        return render(request, "parts/labels.html", {"rows": old_parts_of(found), "order": found})
    require_right(may_see_returns(request.actor))
    shown = request.GET.get("list", "")
    shown = shown if shown in _LISTS else "owed"
    rows, _further = _page(request, shown)
    return render(request, "parts/labels.html", {"rows": rows, "shown": shown})


def _page(request: PartsRequest, shown: str) -> tuple[list[UsedPart], tuple[datetime, int] | None]:
    after = instant_and_id(cursor_of(request, f"returns.{shown}"))
    if shown == "lab":
        return lab_page(request.actor, after=after)
    return owed_page(request.actor, overdue_at=clock.now() if shown == "overdue" else None, after=after)


@for_parts
@require_POST
def scan(request: PartsRequest) -> HttpResponseBase:
    """Note that an old part came back, by what the scanner read."""
    form = ScanForm(request.POST)
    scanned = form.cleaned_data["scanned"] if form.is_valid() else ""

    def words(used: UsedPart) -> str:
        return _("%(tag)s: old part %(part)s of work order %(number)s is back.") % {
            "tag": used.tag,
            "part": used.part,
            "number": used.order.number,
        }

    attempt(request, lambda: receive_old_part(scanned, actor=request.actor), words)
    shown = request.POST.get("list", "")
    return redirect(f"{redirect('parts:returns').url}?list={shown if shown in _LISTS else 'owed'}")


@for_parts
@require_POST
def finding(request: PartsRequest, used_part_id: int) -> HttpResponseBase:
    """Note what the lab found."""
    form = FindingForm(request.POST)
    clean = form.cleaned_data if form.is_valid() else {"finding": "", "note": ""}

    def words(used: UsedPart) -> str:
        return _("%(tag)s: %(finding)s.") % {"tag": used.tag, "finding": WorkOrder.LabFinding(used.lab_finding).label}

    attempt(
        request,
        lambda: record_finding(used_part_id, clean["finding"], note=clean["note"], actor=request.actor),
        words,
    )
    return redirect(f"{redirect('parts:returns').url}?list=lab")


@for_parts
@require_POST
def correct(request: PartsRequest, used_part_id: int) -> HttpResponseBase:
    """Correct what the lab found."""
    used = _seen(request, used_part_id)
    form = CorrectionForm(request.POST, stands=used.lab_finding)
    done = form.attempt(lambda clean: correct_finding(used_part_id, actor=request.actor, **clean))
    if done is None:
        return _label_page(request, used, form)
    messages.success(request, _("Corrected. The outlet and the engineer have been told."))
    return redirect("parts:label", used_part_id)


@for_parts
@require_safe
def label(request: PartsRequest, used_part_id: int) -> HttpResponseBase:
    """The label of an old part, to be printed and stuck on it, and what the lab found."""
    return _label_page(request, _seen(request, used_part_id))


def _seen(request: PartsRequest, used_part_id: int) -> UsedPart:
    seen = UsedPart.objects.visible_to(request.actor)
    named = seen.select_related("part", "order__outlet", "order__engineer", "machine_return__old_machine")
    return get_object_or_404(named, pk=used_part_id)


def _label_page(request: PartsRequest, used: UsedPart, wrong: CorrectionForm | None = None) -> HttpResponseBase:
    found = findings_on(used)
    may_correct = bool(found) and may_correct_finding(request.actor, used.order)
    context = {
        "used": used,
        "findings": found,
        "names": names_of({one.found_by_id for one in found if one.found_by_id is not None}),
        "form": wrong or (CorrectionForm(stands=used.lab_finding) if may_correct else None),
        "is_wrong": wrong is not None,
    }
    return render(request, "parts/label.html", context, status=422 if wrong is not None else 200)


@for_parts
@require_safe
def of_case(request: PartsRequest, case_id: int) -> HttpResponseBase:
    """The parts of a case's work orders, as a panel of its page."""
    require_right(Case.objects.visible_to(request.actor).filter(pk=case_id).exists())
    return render(request, "parts/_of_case.html", {"orders": parts_of_case(case_id), "now": clock.now()})
