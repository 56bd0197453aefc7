"""The demo clock: an administrator moves the company's time forward, and what falls due happens (spec 1, Time)."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jieli.cases.actions.sweeping import sweep
from jieli.cases.forms.demo import ClockForm
from jieli.cases.views.requests import DeskRequest, at_desk, done
from jieli.events.actions import move_clock
from jieli.events.policy import may_move_clock
from jieli.lib import clock

_ROUNDS = 200


@never_cache
@at_desk
@require_http_methods(["GET", "POST"])
def demo_clock(request: DeskRequest) -> HttpResponse:
    """Show the company clock; a POST moves it forward and lets everything happen that falls due on the way."""
    if not settings.DEMO or not may_move_clock(request.actor):
        raise Http404
    form = ClockForm(request.POST if request.method == "POST" else None, actor=request.actor)
    if request.method == "POST":
        moved = form.attempt(lambda clean: move_clock(seconds=_seconds(clean), actor=request.actor))
        if moved is not None:
            rung = _let_happen()
            return done(request, reverse("cases:clock"), _("The clock was moved; %(count)s alarms rang.") % {"count": rung})
    steps = [(1, _("1 hour")), (4, _("4 hours")), (24, _("1 day")), (168, _("1 week")), (720, _("30 days"))]
    context = {"form": form, "now": clock.now(), "steps": steps}
    return render(request, "cases/clock.html", context, status=422 if request.method == "POST" else 200)


def _seconds(clean: dict[str, object]) -> int:
    until, hours = clean.get("until"), clean.get("hours")
    ahead = until - clock.now() if until else timedelta(hours=float(str(hours or 0)))  # type: ignore[operator]
    return round(ahead.total_seconds())


def _let_happen() -> int:
    """Sweep until nothing is due any more, as the worker does each second."""
    total = 0
    for _round in range(_ROUNDS):
        rung = sweep()
        if not rung:
            break
        total += rung
    return total
