"""The page of one case: what it is, who has it and why, what was said and promised; writing on it."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from jieli.cases import policy
from jieli.cases.actions.conversing import ForbiddenPhrase, write_message
from jieli.cases.actions.keeping import note_presence
from jieli.cases.forms.fields import LocalDateTimeField
from jieli.cases.forms.writing import WriteForm
from jieli.cases.models import Case, Message
from jieli.cases.panels import Step, answer_of, links, next_step, panels_for
from jieli.cases.queries.case_page import (
    CaseView,
    case_view,
    cases_of_customer,
    found_case,
    mark_of,
    open_cases_elsewhere,
    others_present,
    promise_of,
)
from jieli.cases.queries.forecast import forecast
from jieli.cases.queries.mentions import mentionable
from jieli.cases.queries.stories import whole_story
from jieli.cases.views.requests import DeskRequest, at_desk, done
from jieli.customers.policy import may_unmask
from jieli.events.actor import Actor
from jieli.events.refusals import require


@never_cache
@at_desk
@require_safe
def case_page(request: DeskRequest, number: str) -> HttpResponse:
    """Show a case; the same address answers the page's own polling with 304 while nothing happened."""
    case = found_case(request.actor, number)
    if number != case.number:
        return redirect("cases:case", case.number)
    if request.headers.get("HX-Request"):
        tag = f'"{mark_of(case.pk)}-{get_language()}"'
        if request.headers.get("If-None-Match") == tag:
            return HttpResponseNotModified()
    return _page(request, case, WriteForm(initial={"side": "reply"}))


def _page(request: DeskRequest, case: Case, form: WriteForm, *, status: int = 200, **more: Any) -> HttpResponse:
    before = request.GET.get("before", "")
    view = case_view(case, request.actor, before=int(before) if before.isascii() and before.isdigit() else 0)
    context = {
        "view": view,
        "case": case,
        "form": form,
        "ways": Ways(request.actor, view),
        "may_write": policy.may_write(request.actor, case),
        "may_unmask": may_unmask(request.actor),
        "panels": panels_for(request.actor, case),
        "links": links(),
        **more,
    }
    response = render(request, "cases/case.html", context, status=status)
    response["ETag"] = f'"{view.mark}-{get_language()}"'
    return response


class Ways:
    """What this person may do now, and the one thing to do next: `primary` is (act, words, icon)."""

    def __init__(self, actor: Actor, view: CaseView) -> None:
        case, pending = view.case, view.pending
        self.actor = actor
        self.is_open = case.is_open
        self.is_mine = actor.is_staff and actor.id == case.owner_id
        self.handle = policy.may_handle(actor, case)
        self.change = policy.may_change(actor, case)
        self.take = case.is_open and case.is_on_duty and policy.may_take(actor, case)
        self.offer = case.is_open and pending is None and policy.may_offer_pass(actor, case)
        self.assign = case.is_open and pending is None and policy.may_assign(actor, case)
        self.take_over = case.is_open and not self.is_mine and policy.may_take_over(actor, case)
        self.deputy = case.is_open and (self.is_mine or policy.may_assign(actor, case))
        self.answer = pending is not None and policy.may_answer_pass(actor, pending)
        self.withdraw = pending is not None and policy.may_withdraw_pass(actor, pending)
        self.escort = case.is_open and case.escort_id is not None and self.handle
        self.promise = case.is_open and self.handle
        self.pause = case.status == Case.Status.OPEN and self.handle
        self.resume = case.status == Case.Status.WAITING and self.handle
        self.resolve = case.status in ("open", "waiting") and self.handle
        self.close = case.status == Case.Status.RESOLVED and self.handle
        self.cancel = case.is_open and self.handle
        self.reopen = case.status not in ("open", "waiting") and policy.may_reopen(actor, case)
        self.stage = case.is_open and self.change
        self.link = case.erased_at is None and policy.may_renew_link(actor, case)
        self.answered_at = answer_of(pending.way) if pending is not None else None
        self.elsewhere_url = ""
        self.primary = self._primary(view)

    def _primary(self, view: CaseView) -> tuple[str, str, str] | None:
        pending = view.pending
        if self.answer and pending is not None:
            if self.answered_at is not None:
                return self._elsewhere(self.answered_at, view.case)
            return ("decide", _("Decide"), "gavel") if pending.way == "upward" else ("accept", _("Accept"), "hand-grab")
        if self.take:
            return "take", _("Take"), "hand-grab"
        if not self.is_mine:
            return None
        if self.close:
            return "close", _("Close"), "archive"
        if not self.is_open:
            return "reopen", _("Reopen"), "arrow-back-up"
        if self.resume:
            return "resume", _("Go on"), "player-play"
        if view.customer_spoke_last:
            return "reply", _("Reply"), "send"
        step = next_step(self.actor, view.case)
        return ("resolve", _("Resolve"), "circle-check") if step is None else self._elsewhere(step, view.case)

    def _elsewhere(self, step: Step, case: Case) -> tuple[str, str, str]:
        self.elsewhere_url = reverse(step.route, args=[case.pk])
        return "elsewhere", str(step.label), step.icon


@at_desk
@require_POST
def write(request: DeskRequest, number: str) -> HttpResponse:
    """Send what the composer holds; refused words stay in it, with what is wrong beside them."""
    case = found_case(request.actor, number)
    form = WriteForm(request.POST, case=case, actor=request.actor)
    try:
        message = form.attempt(
            lambda clean: write_message(
                case.pk,
                body=clean["body"],
                visible=clean["side"] == "reply",
                next_reply_at=clean["next_reply_at"] if clean["side"] == "reply" else None,
                in_spite_of_phrases=clean["in_spite"],
                actor=request.actor,
            )
        )
    except ForbiddenPhrase as refused:
        return _page(request, case, form, status=409, phrases=refused.found)
    if message is None:
        return _page(request, case, form, status=422)
    text = _("Note added.") if message.direction == Message.Direction.NOTE else _("Sent to the customer.")
    return done(request, f"{reverse('cases:case', args=[case.number])}#m{message.pk}", text)


@never_cache
@at_desk
@require_http_methods(["GET", "POST"])
def presence(request: DeskRequest, number: str) -> HttpResponse:
    """Show who else has this case open; a POST says that I have, and whether I am writing."""
    case = found_case(request.actor, number)
    if request.method == "POST":
        note_presence(case.pk, is_writing="writing" in request.POST, actor=request.actor)
    return render(request, "cases/_presence.html", {"others": others_present(case.pk, request.user.pk)})


@never_cache
@at_desk
@require_GET
def people_to_mention(request: DeskRequest, number: str) -> HttpResponse:
    """List whom the beginning of a name behind @ may mean, as a part of the composer."""
    case = found_case(request.actor, number)
    require(policy.may_write(request.actor, case))
    return render(request, "cases/_mentions.html", {"people": mentionable(case, request.GET.get("q", ""))})


@never_cache
@at_desk
@require_GET
def promise_hint(request: DeskRequest, number: str) -> HttpResponse:
    """Say how often such a time was kept in the past, before it is promised (promise less, do more)."""
    case = found_case(request.actor, number)
    text = request.GET.get("next_reply_at") or request.GET.get("due_at") or ""
    try:
        due_at: datetime | None = LocalDateTimeField(required=False).clean(text)
    except ValidationError:
        due_at = None
    return render(request, "cases/_forecast.html", {"forecast": forecast(case, due_at) if due_at else None})


@at_desk
@require_safe
def promise_story(request: DeskRequest, number: str, promise_id: int) -> HttpResponse:
    """Tell how the due time of one promise came about."""
    case = found_case(request.actor, number)
    context = {"case": case, "story": whole_story(promise_of(case, promise_id))}
    return render(request, "cases/_story.html" if request.headers.get("HX-Request") else "cases/story.html", context)


@at_desk
@require_safe
def elsewhere(request: DeskRequest, number: str) -> HttpResponse:
    """List other cases of the same customer, as a part of the page."""
    case = found_case(request.actor, number)
    return render(request, "cases/_elsewhere.html", {"cases": open_cases_elsewhere(case, request.actor)})


@at_desk
@require_safe
def of_customer(request: DeskRequest, customer_id: int) -> HttpResponse:
    """List the cases of a customer, as a panel of the customer's page."""
    return render(request, "cases/_of_customer.html", {"cases": cases_of_customer(customer_id, request.actor)})
