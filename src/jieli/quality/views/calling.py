"""The list of call-backs and the caller's page: who is to be called, the script, the attempts, the answer."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.cases.models import Case
from jieli.customers.policy import may_unmask
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.quality.actions.calling import record_attempt, record_result, take_callback
from jieli.quality.actions.judging import confirm_delight, mark_not_about_visit
from jieli.quality.actions.linking import send_text_link
from jieli.quality.forms import AnswerForm, AttemptForm, DelightForm, ListFilter, ReasonForm
from jieli.quality.models import Attempt, CallBack
from jieli.quality.policy import (
    may_call,
    may_call_instead,
    may_confirm_delight,
    may_judge,
    may_see_callbacks,
    may_see_callbacks_of,
)
from jieli.quality.queries.links import link_url
from jieli.quality.queries.lists import BadCursor, ListQuery, amounts_asked, callback_page, counts, mine_count
from jieli.quality.queries.pages import callback_view, callbacks_of, found_callback, marks, open_callback_of, orders_of
from jieli.quality.views.requests import DeskRequest, at_desk, done

OUTCOMES = (
    Attempt.Outcome.TALKED,
    Attempt.Outcome.NO_ANSWER,
    Attempt.Outcome.BUSY,
    Attempt.Outcome.REFUSED,
    Attempt.Outcome.CALLED_US,
)
LISTS = {"due": "quality:callbacks", "mine": "quality:mine", "said": "quality:said"}


@never_cache
@at_desk
@require_safe
def callbacks(request: DeskRequest, view: str = "due") -> HttpResponse:
    """Show the call-backs that are due, one's own, or what customers said."""
    require(may_see_callbacks(request.actor))
    form = ListFilter(request.GET)
    clean = form.cleaned_data if form.is_valid() else {}
    query = ListQuery(view, clean.get("about") or "", clean.get("result") or "", request.GET.get("after", ""))
    try:
        page = callback_page(query, request.actor)
    except BadCursor:
        return redirect(request.path)
    if view != "said":
        del form.fields["result"]
    numbers = counts(request.actor)
    labels = {"due": _("To call"), "mine": _("For me"), "said": _("What customers said")}
    tabs = [
        {"label": labels[one], "url": reverse(LISTS[one]), "is_current": one == view, "count": numbers.get(one)}
        for one in LISTS
    ]
    context = {
        "rows": page.rows,
        "next_cursor": page.next,
        "view": view,
        "tabs": tabs,
        "filter_form": form,
        "is_narrowed": bool(query.about or query.result),
        "amounts": amounts_asked(request.actor) if view == "due" else [],
        "now": clock.now(),
    }
    return render(request, "quality/callbacks.html", context)


@never_cache
@at_desk
@require_safe
def mine_number(request: DeskRequest) -> HttpResponse:
    """Answer the navigation with how many call-backs wait for this person."""
    return render(request, "ui/_count.html", {"number": mine_count(request.actor)})


@never_cache
@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def callback(request: DeskRequest, callback_id: int) -> HttpResponse:
    """Show the caller's page; a POST is the customer's answer on the phone."""
    found = found_callback(request.actor, callback_id)
    form = AnswerForm(request.POST if request.method == "POST" else None, about=found.about, label_suffix="")
    if request.method == "POST":
        said = form.attempt(
            lambda clean: record_result(found.pk, result=clean["result"], answers=form.answers(), actor=request.actor)
        )
        if said is not None:
            return _after_result(request, said)
    return _page(request, found, form)


def _after_result(request: DeskRequest, said: CallBack) -> HttpResponse:
    if said.result == CallBack.Result.DISSATISFIED:
        return done(request, reverse("quality:recovery", args=[said.recovery.pk]), _("Thank you. Now make it good."))
    return done(request, reverse("quality:callback", args=[said.pk]), _("Noted: the customer is satisfied."))


def _page(request: DeskRequest, found: CallBack, form: AnswerForm | None = None, **more: Any) -> HttpResponse:
    actor, is_open = request.actor, found.state == CallBack.State.OPEN
    may = is_open and may_call(actor, found)
    is_mine = found.caller_id == actor.id
    is_judged = found.result == CallBack.Result.DISSATISFIED and found.excused_at is None and found.about != "complaint"
    context = {
        "view": callback_view(found),
        "callback": found,
        "case": found.case,
        "form": form or AnswerForm(about=found.about, label_suffix=""),
        "attempt_form": AttemptForm(label_suffix=""),
        "may_call": may and (found.caller_id is None or is_mine),
        "may_take": may and not is_mine and (found.caller_id is None or may_call_instead(actor, found)),
        "may_judge": is_judged and may_judge(actor, found),
        "may_confirm": bool(found.moved) and found.delight_at is None and may_confirm_delight(actor, found),
        "reason_form": ReasonForm(label_suffix=""),
        "delight_form": DelightForm(initial={"moved": found.moved, "story": found.story}, label_suffix=""),
        "may_unmask": may_unmask(actor),
        "now": clock.now(),
        "outcomes": [(one.value, one.label) for one in OUTCOMES],
        **more,
    }
    wrong = any(isinstance(one, (AnswerForm, ReasonForm, DelightForm, AttemptForm)) and one.errors for one in context.values())
    return render(request, "quality/callback.html", context, status=422 if wrong else 200)


@at_desk
@require_POST
def take(request: DeskRequest, callback_id: int) -> HttpResponse:
    """Take the call-back."""
    take_callback(callback_id, actor=request.actor)
    return done(request, reverse("quality:callback", args=[callback_id]), _("You make this call-back."))


@at_desk
@require_POST
def attempt(request: DeskRequest, callback_id: int) -> HttpResponse:
    """Note an attempt; after a talk the answer is next."""
    found = found_callback(request.actor, callback_id)
    form = AttemptForm(request.POST, label_suffix="")
    noted = form.attempt(lambda clean: record_attempt(found.pk, **clean, actor=request.actor))
    if noted is None:
        return _page(request, found, attempt_form=form)
    home = reverse("quality:callback", args=[found.pk])
    if noted.outcome in Attempt.SPOKE:
        return done(request, f"{home}#answer")
    found.refresh_from_db()
    return done(request, home, _("Noted. The next attempt is due in the next half-day."))


@at_desk
@require_POST
def send_link(request: DeskRequest, callback_id: int) -> HttpResponse:
    """Make a link for an answer in writing, and show it once."""
    sent = send_text_link(callback_id, actor=request.actor)
    found = found_callback(request.actor, callback_id)
    base = f"{request.scheme}://{request.get_host()}"
    return _page(request, found, sent=sent, sent_url=link_url(sent.code, base))


@at_desk
@require_POST
def judge(request: DeskRequest, callback_id: int) -> HttpResponse:
    """Mark a dissatisfied call-back as not about the visit."""
    found = found_callback(request.actor, callback_id)
    form = ReasonForm(request.POST, label_suffix="")
    if form.attempt(lambda clean: mark_not_about_visit(found.pk, reason=clean["reason"], actor=request.actor)) is None:
        return _page(request, found, reason_form=form)
    home = reverse("quality:callback", args=[found.pk])
    return done(request, home, _("Marked: it passes the gate, and stays dissatisfied."))


@at_desk
@require_POST
def delight(request: DeskRequest, callback_id: int) -> HttpResponse:
    """Confirm that the customer was moved."""
    found = found_callback(request.actor, callback_id)
    form = DelightForm(request.POST, label_suffix="")
    if form.attempt(lambda clean: confirm_delight(found.pk, **clean, actor=request.actor)) is None:
        return _page(request, found, delight_form=form)
    return done(request, reverse("quality:callback", args=[found.pk]), _("Confirmed: the story counts."))


@never_cache
@at_desk
@require_safe
def of_case(request: DeskRequest, case_id: int) -> HttpResponse:
    """The call-backs of a case, as a panel of its page."""
    case = Case.objects.visible_to(request.actor).select_related("unit", "steward__unit").filter(pk=case_id).first()
    if case is None or not may_see_callbacks_of(request.actor, case):
        raise Http404
    found = callbacks_of(case_id)
    orders = orders_of(case_id)
    rows = [{"callback": one, "marks": marks(one, orders), "may_call": may_see_callbacks(request.actor)} for one in found]
    return render(request, "quality/_of_case.html", {"rows": rows, "now": clock.now()})


@at_desk
@require_safe
def of_case_page(request: DeskRequest, case_id: int) -> HttpResponse:
    """Lead from a case to its open call-back."""
    found = open_callback_of(case_id)
    if found is None or not Case.objects.visible_to(request.actor).filter(pk=case_id).exists():
        raise NotFound
    return redirect("quality:callback", found.pk)
