"""What every page of parts needs of its request."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise as Lazy

from jieli.cases.models import Case
from jieli.events.actor import Actor
from jieli.events.refusals import Refused
from jieli.lib.keyset import decode_cursor
from jieli.orders.models import WorkOrder
from jieli.parts.models import Place
from jieli.parts.policy import may_see_parts
from jieli.people.models import Staff

P = ParamSpec("P")
T = TypeVar("T")


class PartsRequest(HttpRequest):
    """A request of a logged-in person who has to do with parts."""

    actor: Actor
    user: Staff


def for_parts(
    view: Callable[Concatenate[PartsRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Ask strangers to log in, and hide the page from those who have nothing to do with parts."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        require_right(may_see_parts(request.actor))  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return login_required(guarded)  # type: ignore[return-value]


def require_right(allowed: bool) -> None:
    """Answer 404 to who may not use this page: it would only end in a refusal."""
    if not allowed:
        raise Http404


def place_or_404(request: PartsRequest, place_id: int) -> Place:
    """Return a visible place, else answer 404."""
    seen = Place.objects.real().visible_to(request.actor)
    return get_object_or_404(seen.select_related("unit", "staff"), pk=place_id)


def order_or_404(request: PartsRequest, order_id: int) -> WorkOrder:
    """Return a work order whose case is visible, else answer 404."""
    order = get_object_or_404(WorkOrder.objects.select_related("outlet", "device", "case__unit", "engineer"), pk=order_id)
    require_right(Case.objects.visible_to(request.actor).filter(pk=order.case_id).exists())
    return order


def attempt(request: PartsRequest, act: Callable[[], T], done: str | Lazy | Callable[[T], object]) -> T | None:
    """Run an act of a button and say how it ended, as a notice of the next page; None when it was refused."""
    try:
        result = act()
    except Refused as refused:
        messages.error(request, str(refused))
        return None
    messages.success(request, str(done(result) if callable(done) else done))
    return result


def cursor_of(request: HttpRequest, scope: str) -> list[Any]:
    """Return the values after which the asked page of a list begins; none at its begin, or for a made-up cursor."""
    try:
        return decode_cursor(request.GET.get("after", ""), scope=scope)
    except ValueError:
        return []


def instant_and_id(values: list[Any]) -> tuple[datetime, int] | None:
    """Return a cursor's instant and id."""
    if len(values) == 2 and isinstance(values[0], datetime) and isinstance(values[1], int):
        return values[0], values[1]
    return None
