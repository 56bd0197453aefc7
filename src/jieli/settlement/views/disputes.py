"""Disputes: the list of what waits, one dispute, and deciding it."""

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from jieli.events.refusals import NotAllowed, require
from jieli.settlement.actions.disputing import decide_dispute
from jieli.settlement.forms import RulingForm
from jieli.settlement.models import Dispute
from jieli.settlement.policy import disputed_paths, may_rule, may_see_statement
from jieli.settlement.queries.disputes import STATES, disputes, disputes_page, line_words, open_count
from jieli.settlement.queries.pages import BadCursor
from jieli.settlement.views.requests import MonthRequest, signed_in


@never_cache
@signed_in
@require_safe
def disputed(request: MonthRequest) -> HttpResponseBase:
    """The disputes that somebody sees; those that wait first."""
    paths = disputed_paths(request.actor)
    if paths == ():
        raise NotAllowed
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    try:
        page = disputes_page(paths, state=state, cursor=request.GET.get("after", ""))
    except BadCursor:
        return redirect("settlement:disputes")
    labels = {
        "open": pgettext("a dispute", "waiting"),
        "granted": pgettext("a dispute", "granted"),
        "refused": pgettext("a dispute", "refused"),
        "all": _("all"),
    }
    tabs = [
        {
            "label": labels[one],
            "url": f"?state={one}",
            "is_current": one == state,
            "count": open_count(paths) if one == "open" else None,
        }
        for one in STATES
    ]
    rows = [{"dispute": one, "line": line_words(one)} for one in page.rows]
    return render(request, "settlement/disputes.html", {"rows": rows, "next": page.next, "state": state, "tabs": tabs})


@never_cache
@signed_in
@require_http_methods(["GET", "POST"])
def dispute(request: MonthRequest, dispute_id: int) -> HttpResponseBase:
    """One dispute with what was said; who may decides it here."""
    found = disputes(None).filter(pk=dispute_id).first()
    if found is None or not may_see_statement(request.actor, found.statement.outlet):
        raise Http404
    may_decide = may_rule(request.actor) and _ruling(found) is None and found.opened_by_id != request.actor.id
    form = RulingForm(request.POST or None, initial={"amount": found.claimed_amount})
    if request.method == "POST":
        require(may_rule(request.actor))
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            decide_dispute(dispute_id, granted_amount=form.granted_amount, reason=reason, actor=request.actor)
            return redirect("settlement:dispute", dispute_id)
    context = {
        "dispute": found,
        "ruling": _ruling(found),
        "line": line_words(found),
        "order": found.order or (found.charge.order if found.charge is not None else None),
        "month": f"{found.statement.run.month:%Y-%m}",
        "form": form if may_decide else None,
    }
    return render(request, "settlement/dispute.html", context)


def _ruling(dispute: Dispute) -> object | None:
    return getattr(dispute, "ruling", None)
