"""The backlog of dispatch, many at once, the offers that wait, and the days of outlets."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jieli.dispatch.actions.many import Wanted, dispatch_many
from jieli.dispatch.forms import BacklogFilter, read_window
from jieli.dispatch.policy import SENDING_ROLES, may_see_backlog, may_see_day, may_see_offers
from jieli.dispatch.queries.backlog import (
    MOST_PROPOSED,
    BacklogQuery,
    backlog,
    backlog_count,
    offers_count,
    offers_waiting,
    outlet_day,
    outlets_of,
    product_lines,
    proposals,
)
from jieli.dispatch.views.requests import DeskRequest, at_desk, done, in_drawer
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.people.queries import local_date


@never_cache
@at_desk
@require_safe
def home(request: DeskRequest) -> HttpResponse:
    """The cases that are to be dispatched, the next promised time first."""
    require(may_see_backlog(request.actor))
    form = BacklogFilter(request.GET, lines=product_lines(request.actor))
    clean = form.cleaned_data if form.is_valid() else {}
    query = BacklogQuery(
        state=clean.get("state") or "", product_line=clean.get("product_line") or "", cursor=request.GET.get("after", "")
    )
    try:
        page = backlog(request.actor, query)
    except ValueError:
        return redirect("dispatch:backlog")
    context = {
        "rows": page.rows,
        "next": page.next,
        "filter_form": form,
        "here": request.get_full_path(),
        "is_narrowed": bool(query.state or query.product_line),
        "acts": [{"value": "dispatch", "label": _("Dispatch"), "icon": "truck", "preview_url": reverse("dispatch:preview")}],
    }
    return render(request, "dispatch/backlog.html", context)


@never_cache
@at_desk
@require_safe
def count(request: DeskRequest) -> HttpResponse:
    """How many cases are to be dispatched, for the menu."""
    number = backlog_count(request.actor) if may_see_backlog(request.actor) else 0
    return render(request, "ui/_count.html", {"number": number})


@at_desk
@require_POST
def preview(request: DeskRequest) -> HttpResponse:
    """Show whom dispatching the chosen cases would ask, and for when."""
    require(may_see_backlog(request.actor))
    ids = [int(one) for one in request.POST.getlist("ids") if one.isascii() and one.isdigit()]
    context = {
        "proposals": proposals(request.actor, ids[:MOST_PROPOSED]),
        "left_out": max(0, len(ids) - MOST_PROPOSED),
        "in_drawer": in_drawer(request),
    }
    return render(request, "dispatch/_preview.html" if in_drawer(request) else "dispatch/preview.html", context)


@at_desk
@require_POST
def many(request: DeskRequest) -> HttpResponse:
    """Offer what was previewed, each case by itself, and say what became of each."""
    require(may_see_backlog(request.actor))
    lines = []
    for text in request.POST.getlist("ids")[:MOST_PROPOSED]:
        outlet = request.POST.get(f"outlet_{text}", "")
        if not (text.isdigit() and outlet.isdigit()):
            continue
        try:
            window = read_window(request.POST.get(f"window_{text}", ""))
        except ValueError:
            window = None
        starts_at, ends_at = window or (None, None)
        lines.append(Wanted(int(text), int(outlet), starts_at, ends_at))
    outcomes = dispatch_many(lines, actor=request.actor)
    asked = [one for one in outcomes if one.offer is not None]
    refused = [one for one in outcomes if one.offer is None]
    text = _("%(count)s work orders offered.") % {"count": len(asked)}
    if not refused:
        return done(request, reverse("dispatch:backlog"), text)
    context = {"asked": len(asked), "refused": refused, "in_drawer": in_drawer(request)}
    return render(request, "dispatch/_many.html" if in_drawer(request) else "dispatch/many.html", context)


@never_cache
@at_desk
@require_safe
def offers(request: DeskRequest) -> HttpResponse:
    """The work orders that wait for an answer: this person's, and those of cases he sees."""
    require(may_see_offers(request.actor))
    try:
        page = offers_waiting(request.actor, request.GET.get("after", ""))
    except ValueError:
        return redirect("dispatch:offers")
    context = {"rows": page.rows, "next": page.next, "here": request.get_full_path()}
    return render(request, "dispatch/offers.html", context)


@never_cache
@at_desk
@require_safe
def offer_count(request: DeskRequest) -> HttpResponse:
    """How many work orders wait for this person, for the menu."""
    return render(request, "ui/_count.html", {"number": offers_count(request.user.pk)})


@never_cache
@at_desk
@require_safe
def day(request: DeskRequest) -> HttpResponse:
    """The visits of an outlet on a day, by engineer."""
    outlets = outlets_of(request.actor, SENDING_ROLES)
    require(bool(outlets) or may_see_backlog(request.actor))
    asked = request.GET.get("outlet", "")
    outlet = next((one for one in outlets if str(one.pk) == asked), outlets[0] if outlets and not asked else None)
    if asked and outlet is None:
        raise NotFound
    today = local_date(clock.now())
    try:
        on = date.fromisoformat(request.GET.get("on", "")) if request.GET.get("on") else today
    except ValueError:
        on = today
    if outlet is not None:
        require(may_see_day(request.actor, outlet.unit))
    context = {
        "outlets": outlets,
        "outlet": outlet,
        "on": on,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "today": today,
        "people": outlet_day(outlet.pk, on) if outlet is not None else [],
    }
    return render(request, "dispatch/day.html", context)
