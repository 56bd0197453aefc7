"""The front door: staff come to their work, everybody else to the portal."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from jieli.cases.views import lists
from jieli.config.nav import FIGURES, ITEMS, WORK, links, roles_of
from jieli.intake.views import reporting


def front_door(request: HttpRequest) -> HttpResponseBase:
    """Lead by who asks: staff to the first page of their work, else of their figures; those without one to their own page."""
    if not request.user.is_authenticated:
        return reporting.entry(request)
    order = (WORK, FIGURES)
    pages = links(ITEMS, roles=roles_of(request))
    first = min(pages, key=lambda page: order.index(page.group) if page.group in order else len(order), default=None)
    return redirect(first.url) if first else lists.home(request)
