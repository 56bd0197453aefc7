"""Tells every request who acts."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from jieli.people.queries import actor_for


class Acting:
    """Set `request.actor`: the logged-in person with the roles held now, or None. One query for people, none otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with `request.actor` set."""
        request.actor = actor_for(request.user) if request.user.is_authenticated else None  # type: ignore[attr-defined]
        return self.get_response(request)
