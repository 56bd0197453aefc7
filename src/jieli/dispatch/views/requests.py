"""What every page of dispatch needs of its request."""

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
    """Ask strangers to log in; the view asks for the rest."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return login_required(guarded)  # type: ignore[return-value]


def in_drawer(request: HttpRequest) -> bool:
    """Tell whether the answer goes into the drawer instead of a page of its own."""
    return request.headers.get("HX-Target") == "drawer-body"


def done(request: HttpRequest, url: str, message: str) -> HttpResponse:
    """Answer an act that happened: go to `url`, by script or by redirect, and say it there."""
    messages.success(request, message)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)
