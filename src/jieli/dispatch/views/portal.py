"""The customer's page of the appointment: see it, choose it, move it. No account: the link of the case opens it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jieli.dispatch.actions.appointing import set_appointment
from jieli.dispatch.forms import read_window
from jieli.dispatch.queries.portal import appointment_words, visiting
from jieli.events.refusals import Refused
from jieli.intake.links import LinkRequest, by_link
from jieli.intake.queries.following import customer_of
from jieli.intake.views.guarding import take_turn, writings


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def appointment(request: LinkRequest) -> HttpResponse:
    """Show the appointment with the times that are free; a POST chooses one of them."""
    if request.method != "POST":
        return _page(request)
    take_turn(writings, request)
    try:
        window = read_window(request.POST.get("window", ""))
    except ValueError:
        window = None
    if window is None:
        return _page(request, wrong=_("Choose one of the times shown."), status=422)
    starts_at, ends_at = window
    try:
        made = set_appointment(request.case.pk, starts_at=starts_at, ends_at=ends_at, actor=customer_of(request.case))
    except Refused as refused:
        words = " ".join([str(refused.message), *(str(one) for one in refused.fields.values())])
        return _page(request, wrong=words, status=refused.status)
    messages.success(request, appointment_words(made))
    return redirect(f"{request.link}/appointment")


def _page(request: LinkRequest, *, wrong: str = "", status: int = 200) -> HttpResponse:
    shown = visiting(request.case)
    context = {
        "case": request.case,
        "link": request.link,
        "page": shown,
        "words": appointment_words(shown.appointment) if shown.appointment is not None else "",
        "wrong": wrong,
    }
    return render(request, "dispatch/portal_appointment.html", context, status=status)
