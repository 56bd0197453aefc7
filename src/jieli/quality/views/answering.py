"""The customer's page of a call-back: the same short questions in writing, without an account; the link opens it."""

import time
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from jieli.events.actor import customer_actor
from jieli.events.refusals import Refused
from jieli.lib import clock
from jieli.lib.rates import Rates
from jieli.quality.actions.linking import answer_by_link
from jieli.quality.forms import AnswerForm
from jieli.quality.models import CallBack, TextLink
from jieli.quality.queries.links import opened_link
from jieli.quality.refusals import LinkExpired, LinkUnknown, LinkUsed

wrong_codes = Rates(per_second=1 / 30, burst=20)


class TooManyTries(Refused):
    """One network address tried more codes than people do."""

    code = "too_many_requests"
    status = 429
    message = _("There were too many tries from your network. Please wait a few minutes, or call us.")


def _address(request: HttpRequest) -> str:
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")


def by_link(view: Callable[[HttpRequest, str, TextLink], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open the call-back of a code for a view; whatever does not open gets one calm answer, kept out of caches and searches."""

    @wraps(view)
    def opened(request: HttpRequest, code: str) -> HttpResponse:
        if wrong_codes.wait(_address(request), time.monotonic()):
            raise TooManyTries
        try:
            response = view(request, code, opened_link(code))
        except LinkUnknown as unknown:
            wrong_codes.take(_address(request), time.monotonic())
            response = render(request, "quality/portal_closed.html", {"why": unknown.message}, status=404)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return opened


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, code: str, link: TextLink) -> HttpResponse:
    """Ask, and take the answer."""
    callback = link.callback
    form = AnswerForm(request.POST if request.method == "POST" else None, about=callback.about, label_suffix="")
    if request.method == "POST":
        customer = callback.case.customer
        actor = customer_actor(customer.pk, customer.name)
        try:
            said = form.is_valid() and answer_by_link(
                code, result=form.cleaned_data["result"], answers=form.answers(), actor=actor
            )
        except (LinkUsed, LinkExpired) as refused:
            return _closed(request, link, refused)
        except Refused as refused:
            said = False
            for name, text in refused.fields.items():
                form.add_error(name if name in form.fields else None, str(text))
        if said:
            return redirect("quality:answered", code)
        return _asked(request, link, form, 422)
    if callback.state != CallBack.State.OPEN:
        return _closed(request, link, LinkUsed())
    if link.expires_at <= clock.now():
        return _closed(request, link, LinkExpired())
    return _asked(request, link, form, 200)


def _asked(request: HttpRequest, link: TextLink, form: AnswerForm, status: int) -> HttpResponse:
    context = {"form": form, "callback": link.callback, "case": link.callback.case, "link": link}
    return render(request, "quality/portal_answer.html", context, status=status)


def _closed(request: HttpRequest, link: TextLink, why: Refused) -> HttpResponse:
    context = {"why": why.message, "callback": link.callback, "case": link.callback.case}
    return render(request, "quality/portal_closed.html", context, status=410 if isinstance(why, LinkExpired) else 200)


@by_link
@require_safe
def answered(request: HttpRequest, code: str, link: TextLink) -> HttpResponse:
    """Say thanks, and what happens next."""
    return render(request, "quality/portal_thanks.html", {"callback": link.callback, "case": link.callback.case})
