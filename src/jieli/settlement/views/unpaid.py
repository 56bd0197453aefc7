"""What is held and rejected, why, and what would release it; and the settlement of one case."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jieli.cases.models import Case
from jieli.cases.rules.numbers import case_number
from jieli.orders.models import WorkOrder
from jieli.settlement.forms import UnpaidFilter
from jieli.settlement.models import Line
from jieli.settlement.queries import pages
from jieli.settlement.queries.of_case import money_of
from jieli.settlement.queries.pages import BadCursor
from jieli.settlement.queries.statement import policy_of, unpaid_facts
from jieli.settlement.rules.wording import what_releases, why_unpaid
from jieli.settlement.views.months import frame
from jieli.settlement.views.requests import MonthRequest, for_month, signed_in


@never_cache
@signed_in
@require_safe
def unpaid(request: MonthRequest, month: str) -> HttpResponseBase:
    """The orders of a month that are held, or rejected: why, and what would release them."""
    place = for_month(request, month)
    context = frame(request, place)
    form = UnpaidFilter(request.GET)
    clean = form.cleaned_data if form.is_valid() else {}
    decision, gate = clean.get("decision") or "held", clean.get("gate") or ""
    if place.source is not None:
        try:
            page = pages.unpaid_page(
                place.source,
                place.paths,
                decision=decision,
                gate=gate,
                outlet=clean.get("outlet") or "",
                cursor=request.GET.get("after", ""),
            )
        except BadCursor:
            return redirect("settlement:unpaid", month)
        policy = policy_of(place.source)
        labels: dict[str, Any] = dict(Line.Gate.choices)
        rows = []
        for line in page.rows:
            facts = unpaid_facts(line.order, line.finished_at, line.earlier.number if line.earlier else "", policy)
            rows.append(
                {
                    "line": line,
                    "case": case_number(line.order.case_id),
                    "gate": labels.get(line.gate, line.gate),
                    "why": why_unpaid(decision, line.gate, facts),
                    "release": what_releases(line.gate, facts) if decision == "held" else "",
                }
            )
        counts = [one for one in pages.by_gate(place.source, place.paths) if one.decision == decision]
        context |= {
            "rows": rows,
            "next": page.next,
            "counts": [(labels.get(one.gate, one.gate), one.gate, one.orders) for one in counts],
            "total": sum(one.orders for one in counts),
        }
    context |= {"filter_form": form, "decision": decision, "gate": gate, "files": ("unpaid",)}
    return render(request, "settlement/unpaid.html", context)


@never_cache
@signed_in
@require_safe
def of_case(request: MonthRequest, case_id: int) -> HttpResponseBase:
    """The settlement of a case's work orders, as a panel of its page."""
    if not Case.objects.visible_to(request.actor).filter(pk=case_id).exists():
        raise Http404
    found = WorkOrder.objects.filter(case_id=case_id).select_related("outlet", "engineer").order_by("number")[:20]
    return render(request, "settlement/_of_case.html", {"orders": money_of(request.actor, list(found))})
