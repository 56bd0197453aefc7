"""Visits for programs: a page of them by what they are of, by keyset."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from jieli.events.actor import Actor
from jieli.events.refusals import NotFound
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.people.models import Unit
from jieli.visits.models import Visit, VisitOrder

PAGE = 50
_SCOPE = "visits"


class BadCursor(ValueError):
    """The cursor was not made by this list."""


@dataclass(frozen=True, slots=True)
class VisitQuery:
    """What somebody asks of the list; empty values narrow nothing. `case_id` and the instants are of what is asked for.

    `outlet` is the code of a unit, `engineer` a login name, `order` the number of a work order; a unit stands for those below
    it, too.
    """

    state: str = ""
    engineer: str = ""
    outlet: str = ""
    order: str = ""
    case_id: int | None = None
    steps_complete: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: str = ""
    limit: int = PAGE


def visit_page(query: VisitQuery, actor: Actor) -> tuple[list[Visit], str]:
    """Return visits which the actor may see, the latest begun first, with their orders, and the cursor of those that follow.

    Two queries. Raises BadCursor.
    """
    found = Visit.objects.visible_to(actor)
    if query.state:
        found = found.filter(state=query.state)
    if query.engineer:
        found = found.filter(engineer__code=query.engineer)
    if query.outlet:
        paths = Unit.objects.filter(code=query.outlet).values_list("path", flat=True)
        under = Unit.objects.under_paths(list(paths)).values("pk")
        theirs = VisitOrder.objects.filter(order__outlet__in=under)
        found = found.filter(pk__in=theirs.values("visit_id"))
    if query.order:
        found = found.filter(pk__in=VisitOrder.objects.filter(order__number=query.order).values("visit_id"))
    if query.case_id is not None:
        found = found.filter(case_id=query.case_id)
    if query.steps_complete is not None:
        found = found.filter(steps_complete=query.steps_complete)
    if query.since is not None:
        found = found.filter(started_at__gte=query.since)
    if query.until is not None:
        found = found.filter(started_at__lt=query.until)
    if query.cursor:
        found = found.filter(pk__lt=_before(query.cursor))
    orders = Prefetch("orders", VisitOrder.objects.select_related("order__outlet").order_by("order_id"))
    rows = list(found.select_related("engineer").prefetch_related(orders).order_by("-pk")[: query.limit + 1])
    shown = rows[: query.limit]
    return shown, encode_cursor([shown[-1].pk], scope=_SCOPE) if len(rows) > query.limit else ""


def _before(cursor: str) -> int:
    try:
        (pk,) = decode_cursor(cursor, scope=_SCOPE)
    except ValueError:
        raise BadCursor from None
    if not isinstance(pk, int):
        raise BadCursor
    return pk


def visible_visit(actor: Actor, visit_id: int) -> Visit:
    """Return a visit which the actor may see; raises NotFound, also when hidden. One query."""
    found = Visit.objects.visible_to(actor).filter(pk=visit_id).first()
    if found is None:
        raise NotFound
    return found
