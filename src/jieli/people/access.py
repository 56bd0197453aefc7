"""Pages for people who are logged in: who asks, with types."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from jieli.events.actor import Actor
from jieli.events.refusals import NotFound
from jieli.people.models import Staff
from jieli.people.policy import may_see_people

P = ParamSpec("P")


class PersonRequest(HttpRequest):
    """A request of a logged-in person."""

    actor: Actor
    user: Staff


def signed_in(
    view: Callable[Concatenate[PersonRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Ask strangers to log in, and hide the page from those who may not see colleagues."""

    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_see_people(request.actor):  # type: ignore[attr-defined]
            raise NotFound
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return login_required(update_wrapper(guarded, view))  # type: ignore[return-value]
