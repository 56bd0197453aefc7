"""Pages for people who are logged in: who asks, with types."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase

from jieli.events.actor import Actor
from jieli.events.refusals import NotFound
from jieli.people.models import Staff
from jieli.people.policy import may_see_people

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


class PersonRequest(HttpRequest):
    """A request of a logged-in person."""

    actor: Actor
    user: Staff


def signed_in(
    view: Callable[Concatenate[PersonRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R]:
    """Ask strangers to log in, and hide the page from those who may not see colleagues."""

    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> R:
        if not may_see_people(request.actor):  # type: ignore[attr-defined]
            raise NotFound
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return login_required(update_wrapper(guarded, view))  # type: ignore[return-value]
