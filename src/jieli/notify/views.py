"""Notices of a person, what was not delivered, and webhooks."""

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieli.events.actor import Actor
from jieli.events.refusals import Refused
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.notify import actions, kinds, queries
from jieli.notify.forms import MailChoices, SubscriptionForm
from jieli.notify.models import Mail, Notice, Subscription, WebhookDelivery
from jieli.notify.policy import may_see_outgoing, may_subscribe

_SCOPE = "notices"


def _actor(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def _staff_id(request: HttpRequest) -> int:
    return cast(int, _actor(request).id)


@dataclass(frozen=True, slots=True)
class Line:
    """A notice as it is shown."""

    notice: Notice
    text: str
    icon: str
    url: str


def _lines(notices: list[Notice]) -> list[Line]:
    return [
        Line(one, kinds.sentence(one.kind, one.params), kinds.kind_of(one.kind).icon, kinds.link_of(one.case_id, one.params))
        for one in notices
    ]


@login_required
@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    """A person's notices, newest first; ``?unread`` shows only what was not read."""
    try:
        (before,) = decode_cursor(request.GET.get("after", ""), scope=_SCOPE)
    except ValueError:
        before = None
    unread_only = "unread" in request.GET
    rows, after = queries.notices_of(
        _staff_id(request), before=before if isinstance(before, int) else None, unread_only=unread_only
    )
    context = {
        "lines": _lines(rows),
        "newest": rows[0].pk if rows and before is None else None,
        "unread": queries.unread_count(_staff_id(request)),
        "unread_only": unread_only,
        "next_cursor": encode_cursor([after], scope=_SCOPE) if after else "",
        "may_see_outgoing": may_see_outgoing(_actor(request)),
    }
    return render(request, "notify/notices.html", context)


@login_required
@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """The newest notices as a fragment for the drawer."""
    rows, _after = queries.notices_of(_staff_id(request), size=10)
    return render(request, "notify/_lines.html", {"lines": _lines(rows)})


@login_required
@require_GET
def unread_count(request: HttpRequest) -> HttpResponse:
    """The number at the bell."""
    return render(request, "ui/_count.html", {"number": queries.unread_count(_staff_id(request))})


@login_required
@require_POST
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark a notice as read and go where it leads."""
    try:
        notice = actions.mark_read(notice_id, actor=_actor(request))
    except Notice.DoesNotExist:
        raise Http404 from None
    url = kinds.link_of(notice.case_id, notice.params)
    ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return redirect(url if url and ours else "notify:notices")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read that the page showed, and older ones."""
    shown = request.POST.get("up_to", "")
    up_to = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 18 else None
    actions.mark_all_read(actor=_actor(request), up_to=up_to)
    response = redirect("notify:notices")
    response["HX-Trigger"] = "counts"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Choose which notices come by e-mail too."""
    form = MailChoices(request.POST or None, staff_id=_staff_id(request))
    if request.method == "POST":
        form = MailChoices(request.POST, staff_id=_staff_id(request))
        if form.is_valid():
            actions.choose_mail(by_email=form.cleaned_data["by_email"], actor=_actor(request))
            messages.success(request, _("Saved."))
            return redirect("notify:notices")
    return render(request, "notify/preferences.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_GET
def outgoing(request: HttpRequest) -> HttpResponse:
    """Mails and webhook calls that wait or failed, with their reasons."""
    actor = _actor(request)
    if not may_see_outgoing(actor):
        raise Http404
    context = {
        "mails": queries.mails_not_sent(actor),
        "calls": queries.calls_not_sent(actor),
        "may_subscribe": may_subscribe(actor),
    }
    return render(request, "notify/outgoing.html", context)


@login_required
@require_POST
def resend_mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Send a failed mail again."""
    try:
        actions.resend_mail(mail_id, actor=_actor(request))
    except Mail.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("It is on its way again."))
    return redirect("notify:outgoing")


@login_required
@require_POST
def resend_call(request: HttpRequest, call_id: int) -> HttpResponse:
    """Make a webhook call again that was given up."""
    try:
        actions.resend_call(call_id, actor=_actor(request))
    except WebhookDelivery.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("It is on its way again."))
    return redirect("notify:outgoing")


@login_required
@require_http_methods(["GET", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """List webhooks; a POST makes one and shows its secret this once."""
    actor = _actor(request)
    if not may_subscribe(actor):
        raise Http404
    form = SubscriptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            made = actions.subscribe(name=clean["name"], url=clean["url"], kinds_wanted=clean.get("kinds", ()), actor=actor)
        except Refused as refused:
            for name, text in (refused.fields or {"": str(refused)}).items():
                form.add_error(name if name in form.fields else None, str(text))
        else:
            return _webhook_page(request, SubscriptionForm(), made)
    return _webhook_page(request, form)


def _webhook_page(request: HttpRequest, form: SubscriptionForm, made: Subscription | None = None) -> HttpResponse:
    context = {"form": form, "made": made, "subscriptions": queries.subscriptions()}
    response = render(request, "notify/webhooks.html", context, status=422 if form.errors else 200)
    if made is not None:
        response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def switch_webhook(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Switch a webhook on or off."""
    try:
        actions.switch_subscription(subscription_id, is_active=request.POST.get("active") == "true", actor=_actor(request))
    except Subscription.DoesNotExist:
        raise Http404 from None
    return redirect("notify:webhooks")


@login_required
@require_POST
def renew_secret(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Give a webhook a new secret and show it this once."""
    try:
        made = actions.renew_secret(subscription_id, actor=_actor(request))
    except Subscription.DoesNotExist:
        raise Http404 from None
    return _webhook_page(request, SubscriptionForm(), made)
