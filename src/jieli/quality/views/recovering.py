"""The page of a recovery: what was not right, what is done about it, what it costs."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.cases.models import Case
from jieli.customers.policy import may_unmask
from jieli.events.refusals import NotFound
from jieli.quality.actions.recovering import decide_amount, record_recovery, spend
from jieli.quality.forms import RecoveryForm, SpendForm
from jieli.quality.models import Recovery, Spending
from jieli.quality.policy import may_decide_amount, may_recover, may_spend
from jieli.quality.queries.pages import found_recovery, open_recovery_of, recovery_view
from jieli.quality.views.requests import DeskRequest, at_desk, done


@never_cache
@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def recovery(request: DeskRequest, recovery_id: int) -> HttpResponse:
    """Show a recovery; a POST records what was done."""
    found = found_recovery(request.actor, recovery_id)
    initial = {"restored": found.restored, "personal": found.personal}
    form = RecoveryForm(request.POST if request.method == "POST" else None, initial=initial, label_suffix="")
    if request.method == "POST":
        if form.attempt(lambda clean: record_recovery(found.pk, **clean, actor=request.actor)) is not None:
            return done(request, _home(found), _("Recorded."))
        return _page(request, found, form=form)
    return _page(request, found, form=form)


def _home(found: Recovery) -> str:
    return reverse("quality:recovery", args=[found.pk])


def _page(request: DeskRequest, found: Recovery, **more: Any) -> HttpResponse:
    actor, is_running = request.actor, not found.result
    view = recovery_view(found, actor)
    may_second = may_decide_amount(actor, found.case)
    context = {
        "view": view,
        "recovery": found,
        "case": found.case,
        "callback": found.callback,
        "form": RecoveryForm(initial={"restored": found.restored, "personal": found.personal}, label_suffix=""),
        "spend_form": SpendForm(label_suffix=""),
        "may_recover": is_running and may_recover(actor, found.case),
        "may_spend": is_running and may_spend(actor, found.case) and view.limit.amount > 0,
        "to_decide": {
            one.pk for one in view.spendings if may_second and one.state == Spending.State.ASKED and one.by_id != actor.id
        },
        "may_unmask": may_unmask(actor),
        **more,
    }
    wrong = any(getattr(context[name], "errors", None) for name in ("form", "spend_form"))
    return render(request, "quality/recovery.html", context, status=422 if wrong else 200)


@at_desk
@require_POST
def spend_amount(request: DeskRequest, recovery_id: int) -> HttpResponse:
    """Spend an amount on the spot, or propose it to a second person."""
    found = found_recovery(request.actor, recovery_id)
    form = SpendForm(request.POST, label_suffix="")
    spent = form.attempt(lambda clean: spend(found.pk, **clean, actor=request.actor))
    if spent is None:
        return _page(request, found, spend_form=form)
    asked = spent.state == Spending.State.ASKED
    return done(request, _home(found), _("A second person has been asked.") if asked else _("Spent, within your authority."))


@at_desk
@require_POST
def decide(request: DeskRequest, spending_id: int) -> HttpResponse:
    """Decide as the second person."""
    agreed = request.POST.get("decision") == "agree"
    spending = decide_amount(spending_id, agreed=agreed, actor=request.actor)
    return done(request, reverse("quality:recovery", args=[spending.recovery_id]), _("Decided."))


@at_desk
@require_safe
def recovery_of_case(request: DeskRequest, case_id: int) -> HttpResponse:
    """Lead from a case to its recovery."""
    found = open_recovery_of(case_id)
    if found is None or not Case.objects.visible_to(request.actor).filter(pk=case_id).exists():
        raise NotFound
    return redirect("quality:recovery", found.pk)
