"""Lists of call-backs by keyset: what is due, what is mine, what customers said; and amounts that wait for a second person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from jieli.cases.models import Case
from jieli.cases.models.case import ways_to_see
from jieli.events.actor import Actor
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.quality.models import Attempt, CallBack, Spending

PAGE = 50
MOST_COUNTED = 1_000


class BadCursor(ValueError):
    """The cursor was not made by this list."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What somebody asks of the list; empty values narrow nothing. `view` is ``due``, ``mine`` or ``said``."""

    view: str = "due"
    about: str = ""
    result: str = ""
    cursor: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Row:
    """A call-back with on how many half-days somebody tried."""

    callback: CallBack
    used: int

    @property
    def case(self) -> Case:
        """Return its case."""
        return self.callback.case


@dataclass(frozen=True, slots=True)
class CallBackPage:
    """Rows, and the cursor of those that follow; empty at the end."""

    rows: Sequence[Row]
    next: str


def callback_page(query: ListQuery, actor: Actor) -> CallBackPage:
    """Return a page of the call-backs which the actor may see: open ones the next due first, answered ones the latest first.

    Two queries. Raises BadCursor.
    """
    scope = f"callbacks.{query.view}"
    found = _narrowed(query, actor).select_related("case__customer", "case__owner", "case__device", "caller")
    if query.view == "said":
        found = found.filter(_after(query.cursor, scope, "result_at", "lt")).order_by("-result_at", "-pk")
    else:
        found = found.filter(_after(query.cursor, scope, "due_at", "gt")).order_by("due_at", "pk")
    rows = list(found[: query.limit + 1])
    shown, more = rows[: query.limit], len(rows) > query.limit
    tries = Attempt.objects.filter(callback__in=[one.pk for one in shown]).values("callback_id")
    used = dict(tries.annotate(used=Count("half_day", distinct=True)).values_list("callback_id", "used"))
    following = ""
    if more:
        last = shown[-1]
        place = last.result_at if query.view == "said" else last.due_at
        following = encode_cursor([place, last.pk], scope=scope)
    return CallBackPage([Row(one, used.get(one.pk, 0)) for one in shown], following)


def _narrowed(query: ListQuery, actor: Actor) -> Any:
    found = CallBack.objects.visible_to(actor)
    if query.view == "said":
        found = found.filter(result_at__isnull=False)
    else:
        found = found.open()
    if query.view == "mine":
        found = found.filter(mine(actor))
    if query.about:
        found = found.filter(about=query.about)
    return found.filter(result=query.result) if query.result and query.view == "said" else found


def mine(actor: Actor) -> Q:
    """Return the condition that a call-back is for somebody to make: he took it, or its case is his and nobody took it."""
    free = Q(caller__isnull=True)
    steward = Q(case__steward_id=actor.id) | Q(case__owner_id=actor.id)
    return Q(caller_id=actor.id) | free & steward


def _after(cursor: str, scope: str, name: str, way: str) -> Q:
    if not cursor:
        return Q()
    try:
        at, pk = decode_cursor(cursor, scope=scope)
    except ValueError:
        raise BadCursor from None
    if not isinstance(at, datetime) or not isinstance(pk, int):
        raise BadCursor
    return Q(**{f"{name}__{way}": at}) | Q(**{name: at, f"pk__{way}": pk})


def mine_count(actor: Actor) -> int:
    """Return how many call-backs are for somebody to make, at most a thousand. One query."""
    return CallBack.objects.open().filter(mine(actor))[:MOST_COUNTED].count()


def counts(actor: Actor) -> dict[str, int]:
    """Return how many open call-backs there are for the actor to see and to make, at most a thousand each. Two queries."""
    return {"due": CallBack.objects.visible_to(actor).open()[:MOST_COUNTED].count(), "mine": mine_count(actor)}


def amounts_asked(actor: Actor) -> list[Spending]:
    """Return the amounts above all authority that wait for a second person, of cases which the actor may see. One query."""
    found = Spending.objects.filter(state=Spending.State.ASKED).exclude(by_id=actor.id)
    if ways_to_see(actor):
        found = found.filter(recovery__case__in=Case.objects.visible_to(actor).values("pk"))
    return list(found.select_related("recovery__case", "by").order_by("at")[:20])
