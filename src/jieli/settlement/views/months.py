"""The pages of a month: overview, what it waits for, deciding it."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.cases.rules.numbers import case_number
from jieli.events.refusals import NotAllowed, require
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff
from jieli.people.queries import local_date
from jieli.settlement.actions.reckoning import ask_decision, ask_preview
from jieli.settlement.forms import OutletsFilter
from jieli.settlement.models import Line, Run
from jieli.settlement.policy import may_approve, may_see_month, may_settle
from jieli.settlement.queries import pages
from jieli.settlement.queries.decided import changed_orders
from jieli.settlement.queries.months import Month, month_from
from jieli.settlement.queries.pages import BadCursor, OutletsQuery, Source, Totals
from jieli.settlement.queries.previews import drafts_to_try
from jieli.settlement.queries.sealed import approved
from jieli.settlement.views.requests import (
    Here,
    MonthRequest,
    for_month,
    here,
    month_or_404,
    month_words,
    signed_in,
    state_words,
)

CHANGED_SHOWN = 500


@signed_in
@require_safe
def home(request: MonthRequest) -> HttpResponseBase:
    """Lead to the month that ended last, or the one asked for; an outlet's manager to his outlet."""
    asked = request.GET.get("month", "")
    month = month_or_404(asked) if asked else _last_month()
    if may_see_month(request.actor):
        return redirect("settlement:month", month.label)
    own = pages.outlets_of(request.actor.unit_paths("outlet_manager")) if request.actor.has_role("outlet_manager") else []
    if len(own) == 1:
        return redirect("settlement:outlet", month.label, own[0].pk)
    if not request.actor.has_role("outlet_manager"):
        raise NotAllowed
    return render(request, "settlement/mine.html", {"outlets": own, "month": month, "words": month_words(month)})


def _last_month() -> Month:
    return month_from((local_date(clock.now()).replace(day=1) - timedelta(days=1)).replace(day=1))


def _later(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def months_to_choose(month: Month) -> list[tuple[str, str, bool]]:
    """Return months for a choice, the latest first: (label, words, decided)."""
    this = local_date(clock.now()).replace(day=1)
    decided = {run.month for run in pages.known_months()}
    first = min([month.first, this, *decided])
    found: list[date] = [this]
    while found[-1] > first and len(found) < 36:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    listed = sorted({*found, month.first}, reverse=True)
    return [(f"{one:%Y-%m}", month_words(month_from(one)), one in decided) for one in listed]


def frame(request: MonthRequest, place: Here) -> dict[str, Any]:
    """Return what every page of a month shows: its state, and the months beside it."""
    month, found = place.month, place.standing
    now = clock.now()
    is_passed = found.run is None and Run.objects.filter(month__gt=month.first).exists()
    is_begun = now >= month.since
    working = found.deciding or found.calculating
    settles = may_settle(request.actor)
    return {
        "place": place,
        "month": month,
        "words": place.words,
        "run": found.run,
        "preview": found.preview if found.run is None else None,
        "decided_by": _name(found.run) if found.run else "",
        "is_provisional": found.run is None and now <= month.cut_off,
        "is_begun": is_begun,
        "is_passed": is_passed,
        "working": working,
        "working_words": state_words(working) if working else "",
        "refused": found.refused if working is None else None,
        "asks_preview": found.run is None
        and is_begun
        and not is_passed
        and found.is_old
        and working is None
        and not found.refused,
        "may_decide": found.run is None and not is_passed and now > month.cut_off and settles,
        "may_settle": settles,
        "choices": months_to_choose(month),
        "previous": f"{month.first - timedelta(days=1):%Y-%m}",
        "following": f"{_later(month.first):%Y-%m}" if _later(month.first) <= local_date(now) else "",
    }


def _name(run: Run) -> str:
    if run.decided_by_id is None:
        return _("the software")
    return Staff.objects.filter(pk=run.decided_by_id).values_list("name", flat=True).first() or ""


@never_cache
@signed_in
@require_safe
def overview(request: MonthRequest, month: str) -> HttpResponseBase:
    """A month: what it comes to, against the one before, what is held and why, and its outlets."""
    place = for_month(request, month)
    context = frame(request, place)
    source = place.source
    form = OutletsFilter(request.GET)
    if source is not None:
        query = _query(form, request)
        try:
            page = pages.outlets_page(source, query, place.paths)
        except BadCursor:
            return redirect("settlement:month", month)
        before = pages.earlier_run(place.month)
        now = pages.totals(source, place.paths)
        listed = pages.totals(source, place.paths, query) if query.is_narrowed else now
        context |= {
            "totals": now,
            "listed": listed,
            "before": before,
            "sums": list(_sums(now, pages.totals(Source(before), place.paths) if before else None)),
            "gates": _gates(source, place),
            "rows": page.rows,
            "next": page.next,
            "source": source,
            "of_all": place.paths is None,
        }
    if place.standing.run is not None and place.paths is None:
        context |= _approved(request, place.standing.run)
    context |= {
        "filter_form": form,
        "drafts": drafts_to_try() if context["may_settle"] else [],
        "files": FILES,
    }
    return render(request, "settlement/month.html", context)


def _approved(request: MonthRequest, run: Run) -> dict[str, Any]:
    """Return how far the approvals are, and whether this person may give one."""
    found = approved(run)
    is_by_me = found.was_by(request.actor.id)
    return {
        "approved": found,
        "approved_by_me": is_by_me,
        "may_approve": may_approve(request.actor) and not found.is_approved and not is_by_me,
    }


FILES = ("outlets", "lines", "unpaid", "charges")


def _query(form: OutletsFilter, request: MonthRequest) -> OutletsQuery:
    clean = form.cleaned_data if form.is_valid() else {}
    return OutletsQuery(
        region=clean.get("region") or "",
        grade=clean.get("grade") or "",
        text=clean.get("q") or "",
        sort=request.GET.get("sort", "") or "code",
        cursor=request.GET.get("after", ""),
    )


def _sums(now: Totals, before: Totals | None) -> Iterator[dict[str, Any]]:
    """Give the sums of a month beside those of the month before."""
    rows: list[tuple[str, str, Any]] = [
        (_("Orders looked at"), "orders", None),
        (_("payable"), "payable", "sub"),
        (_("held"), "held", "sub"),
        (_("rejected"), "rejected", "sub"),
        (_("Labour fees L"), "labour_amount", "money"),
        (_("by the coefficient T"), "coefficient_amount", "money"),
        (_("Incentives Q"), "incentives_amount", "money"),
        (_("To pay R"), "payout_amount", "total"),
        (_("Debts carried on"), "debt_amount", "money"),
        (_("Outlets A / B / C"), "grades", None),
        (_("not graded"), "ungraded", "sub"),
    ]
    for label, name, style in rows:
        if name == "grades":
            grades = [f"{one.a} / {one.b} / {one.c}" if one else None for one in (now, before)]
            yield {"label": label, "now": grades[0], "before": grades[1], "style": "text"}
            continue
        value, earlier = getattr(now, name), getattr(before, name) if before else None
        yield {
            "label": label,
            "now": value,
            "before": earlier,
            "change": value - earlier if earlier is not None else None,
            "ratio": _ratio(value, earlier),
            "style": style,
            "is_money": isinstance(value, Decimal),
        }


def _ratio(value: Decimal | int, earlier: Decimal | int | None) -> str:
    if not earlier:
        return ""
    return f"{Decimal(value - earlier) / abs(Decimal(earlier)):+.1%}".replace("-", "−")


def _gates(source: Source, place: Here) -> list[dict[str, Any]]:
    counts = {(one.decision, one.gate): one.orders for one in pages.by_gate(source, place.paths)}
    return [
        {"gate": gate, "label": label, "held": counts.get(("held", gate), 0), "rejected": counts.get(("rejected", gate), 0)}
        for gate, label in Line.Gate.choices
        if ("held", gate) in counts or ("rejected", gate) in counts
    ]


@never_cache
@signed_in
@require_safe
def state(request: MonthRequest, month: str) -> HttpResponseBase:
    """How far a calculation is; when it is over, the page that asked renews itself."""
    place = _visible(request, month)
    context = frame(request, place)
    response = render(request, "settlement/_state.html", context)
    if context["working"] is None:
        response["HX-Refresh"] = "true"
    return response


def _visible(request: MonthRequest, month: str) -> Here:
    if not may_see_month(request.actor) and not request.actor.has_role("outlet_manager"):
        raise NotAllowed
    return here(month, ())


@signed_in
@require_POST
def preview(request: MonthRequest, month: str) -> HttpResponseBase:
    """Have a month calculated anew."""
    found = month_or_404(month)
    ask_preview(found, actor=request.actor)
    if request.headers.get("HX-Request"):
        return render(request, "settlement/_state.html", frame(request, here(month, ())))
    if may_see_month(request.actor):
        return redirect("settlement:month", month)
    return redirect("settlement:home")


@signed_in
@require_http_methods(["GET", "POST"])
def decide(request: MonthRequest, month: str) -> HttpResponseBase:
    """Say what deciding means, and decide; a job does it, however long it takes."""
    place = for_month(request, month)
    require(may_settle(request.actor))
    if request.method == "POST":
        ask_decision(place.month, actor=request.actor)
        return redirect("settlement:month", month)
    context = frame(request, place)
    if not context["may_decide"]:
        return redirect("settlement:month", month)
    source = place.source
    context |= {"totals": pages.totals(source, None) if source else None, "source": source}
    return render(request, "settlement/decide.html", context)


@signed_in
@require_safe
def changed(request: MonthRequest, month: str) -> HttpResponseBase:
    """The orders whose facts changed after the month was decided; the number alone for the overview."""
    place = for_month(request, month)
    if place.standing.run is None:
        raise Http404
    numbers = changed_orders(place.standing.run)
    orders = WorkOrder.objects.filter(number__in=numbers).filter(pages.below(place.paths)).select_related("outlet")
    if request.GET.get("count"):
        number = orders.count()
        text = reverse("settlement:changed", args=[month])
        return render(request, "settlement/_changed_count.html", {"number": number, "url": text})
    rows = [
        {"order": order, "case": case_number(order.case_id)}
        for order in orders.order_by("-changed_at", "number")[:CHANGED_SHOWN]
    ]
    return render(request, "settlement/changed.html", frame(request, place) | {"rows": rows, "total": len(numbers)})
