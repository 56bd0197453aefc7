"""The front door: staff come to their work, everybody else to the portal."""

from django.http import HttpRequest, HttpResponseBase

from jieli.cases.views import lists
from jieli.intake.views import reporting


def front_door(request: HttpRequest) -> HttpResponseBase:
    """Lead by who asks."""
    if request.user.is_authenticated:
        return lists.home(request)
    return reporting.entry(request)
