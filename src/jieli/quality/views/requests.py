"""What every page here needs of its request."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from jieli.events.actor import Actor
from jieli.people.models import Staff

P = ParamSpec("P")


class DeskRequest(HttpRequest):
    """A request of a logged-in person."""

    actor: Actor
    user: Staff


def at_desk(
    view: Callable[Concatenate[DeskRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Ask strangers to log in; what a person sees is the business of `visible_to`."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return login_required(guarded)  # type: ignore[return-value]


def done(request: HttpRequest, url: str, message: object = "") -> HttpResponse:
    """Answer an act that happened: go to `url`, by script or by redirect, and say it there."""
    if message:
        messages.success(request, str(message))
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)
