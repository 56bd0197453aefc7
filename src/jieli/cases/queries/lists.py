"""Lists of cases: views by name, filters, sorts and keyset pages, at a cost that does not grow with the table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from jieli.cases.models import Case, CaseQuerySet, Mention, Pass, Promise
from jieli.cases.models.case import ways_to_see
from jieli.events.actor import Actor
from jieli.lib import clock
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.people.models import Unit

VIEWS = ("mine", "queue", "risk", "passed", "waiting", "stewarded", "mentioned", "unit", "complaints", "all")
SORTS = ("due", "-due", "newest", "oldest")
PAGE = 50
RISK = timedelta(hours=1)
COMPLAINTS = (Case.Kind.COMPLAINT, Case.Kind.INTERNAL_COMPLAINT)
_COUNTED = 200
_SHOWN = (
    *("kind", "service_type", "subject", "severity", "tags", "channel", "status", "stage", "is_on_duty", "revision"),
    *("opened_at", "next_due_at", "closed_at", "reopened", "customer__name", "customer__tier", "owner__code", "owner__name"),
    *("steward__code", "steward__name", "unit__code", "unit__name", "unit__path"),
)
_WIDE = ("complaints", "all")  # views that nothing narrows but what one may see
_OWN = ("mine", "stewarded", "passed", "waiting", "mentioned")  # views of cases which one sees for that very reason


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list shows; every field narrows it. `view` is one of VIEWS, `statuses` empty means the open ones."""

    view: str = "mine"
    statuses: Sequence[str] = ()
    kinds: Sequence[str] = ()
    stages: Sequence[str] = ()
    severities: Sequence[int] = ()
    owner_code: str = ""
    unit_code: str = ""
    tag: str = ""
    sort: str = "due"
    cursor: str = ""
    limit: int = PAGE


@dataclass(slots=True)
class CaseRow:
    """A case as lists show it: with the promise that stands first, and the pass that is pending."""

    case: Case
    promise: Promise | None = None
    offer: Pass | None = None


@dataclass(slots=True)
class CasePage:
    """One page of a list; `next` is the cursor of the page after it, empty at the end."""

    rows: list[CaseRow] = field(default_factory=list)
    next: str = ""


class BadCursor(ValueError):
    """The cursor was not made by this list."""


def in_way(view: str, way: Q) -> CaseQuerySet:
    """Return the cases of a wide view which one of the ways of seeing shows."""
    seen = Case.objects.filter(way)
    return seen.filter(kind__in=COMPLAINTS) if view == "complaints" else seen


def in_view(view: str, actor: Actor, now: datetime) -> CaseQuerySet:
    """Return the cases of a named view which the actor may see."""
    seen = Case.objects.all() if view in _OWN and actor.is_staff else Case.objects.visible_to(actor)
    if view == "mine":
        return seen.owned_by(actor.id or 0)
    if view == "stewarded":
        return seen.filter(steward_id=actor.id)
    if view == "passed":
        return seen.filter(pass_offers__state=Pass.State.OFFERED, pass_offers__receiver_id=actor.id)
    if view == "waiting":
        return seen.owned_by(actor.id or 0).filter(status=Case.Status.WAITING)
    if view == "mentioned":
        return seen.filter(pk__in=Mention.objects.filter(staff_id=actor.id or 0).values("case_id"))
    if view == "queue":
        return seen.filter(is_on_duty=True, unit__in=units_of(actor))
    if view == "risk":
        return seen.filter(Q(owner_id=actor.id) | Q(unit__in=units_of(actor))).at_risk(now + RISK)
    if view == "unit":
        return seen.filter(unit__in=units_of(actor))
    if view == "complaints":
        return seen.filter(kind__in=COMPLAINTS)
    return seen


def units_of(actor: Actor) -> list[int]:
    """Return the ids of the units over which the actor holds any role, and those below. One query.

    They are read first, because PostgreSQL plans well only when it knows which units they are: a handful of cases or most.
    """
    return list(Unit.objects.under_paths(actor.unit_paths()).values_list("pk", flat=True))


def case_list(query: ListQuery, actor: Actor) -> CasePage:
    """Return one page of cases. Three queries for any number of rows: cases, their running promises, pending passes;
    one more for views of units, three more for views which nothing narrows but what the actor may see.

    Raises BadCursor for a cursor of another list or a forged one.
    """
    now = clock.now()
    sort = query.sort if query.sort in SORTS else "due"
    if sort in ("due", "-due") and set(query.statuses) & set(Case.ENDED_STATUSES):
        sort = "newest"
    limit = max(1, min(query.limit, 200))
    found = _after(_narrow(in_view(query.view, actor, now), query), sort, query.cursor)
    ways = ways_to_see(actor) if query.view in _WIDE else []
    if len(ways) > 1:
        # The first rows of each way are read by its index; walking one index past all cases of others would not end soon.
        each = [
            _after(_narrow(in_way(query.view, way), query), sort, query.cursor)[: limit + 1].values_list("pk") for way in ways
        ]
        ids = [pk for (pk,) in each[0].union(*each[1:])]
        found = _after(Case.objects.filter(pk__in=ids), sort, "")
    cases = list(shown_in_lists(found)[: limit + 1])
    more = len(cases) > limit
    rows = [CaseRow(case) for case in cases[:limit]]
    _attach(rows)
    return CasePage(rows, _cursor(rows[-1].case, sort) if more else "")


def shown_in_lists(found: QuerySet[Case]) -> QuerySet[Case]:
    """Read with each case the customer, owner, steward and unit, and of all only what lists show."""
    return found.select_related("customer", "owner", "steward", "unit").only(*_SHOWN)


def _narrow(found: QuerySet[Case], query: ListQuery) -> QuerySet[Case]:
    filters: dict[str, Any] = {"status__in": list(query.statuses) or list(Case.OPEN_STATUSES)}
    if query.kinds:
        filters["kind__in"] = list(query.kinds)
    if query.stages:
        filters["stage__in"] = list(query.stages)
    if query.severities:
        filters["severity__in"] = list(query.severities)
    if query.owner_code:
        filters["owner__code"] = query.owner_code
    if query.tag:
        filters["tags__contains"] = [query.tag]
    if query.unit_code:
        unit = Unit.objects.filter(code=query.unit_code).first()
        filters["unit__in"] = Unit.objects.filter(path__startswith=unit.path) if unit is not None else []
    return found.filter(**filters)


_ABOVE = '("cases_case"."next_due_at", "cases_case"."id") > (%s, %s)'
_BELOW = '("cases_case"."next_due_at", "cases_case"."id") < (%s, %s)'


def _after(found: QuerySet[Case], sort: str, cursor: str) -> QuerySet[Case]:
    by_due, down = sort in ("due", "-due"), sort in ("-due", "newest")
    if by_due:
        order = ("-next_due_at", "-id") if down else ("next_due_at", "id")
        # Open cases always have a next time (invariant 3): to ask for it would only mislead the planner's estimate.
        found = found.order_by(*order)
    else:
        found = found.order_by("-id" if down else "id")
    if not cursor:
        return found
    try:
        values = decode_cursor(cursor, scope=f"cases.{sort}")
        if by_due:
            due_at, case_id = values
            return found.extra(where=[_BELOW if down else _ABOVE], params=[due_at, case_id])  # noqa: S610 - constant text
        (case_id,) = values
    except (ValueError, TypeError) as error:
        raise BadCursor from error
    return found.filter(pk__lt=case_id) if down else found.filter(pk__gt=case_id)


def _cursor(case: Case, sort: str) -> str:
    values = [case.next_due_at, case.pk] if sort in ("due", "-due") else [case.pk]
    return encode_cursor(values, scope=f"cases.{sort}")


def _attach(rows: Sequence[CaseRow]) -> None:
    if not rows:
        return
    by_id = {row.case.pk: row for row in rows}
    running = Promise.objects.unended().to_customer().filter(case_id__in=by_id).order_by("case_id", F("due_at").desc(), "-id")
    for promise in running.only("case_id", "due_at", "started_at", "breached_at", "paused_until"):
        by_id[promise.case_id].promise = promise
    offers = Pass.objects.filter(case_id__in=by_id, state=Pass.State.OFFERED).select_related("receiver")
    for offer in offers.only("case_id", "receiver__code", "receiver__name"):
        by_id[offer.case_id].offer = offer


def rows_for(cases: Sequence[Case]) -> list[CaseRow]:
    """Return cases as list rows, in their order. Two queries."""
    rows = [CaseRow(case) for case in cases]
    _attach(rows)
    return rows


def view_count(view: str, actor: Actor) -> tuple[int, bool]:
    """Return how many open cases a view holds, counted to 200, and whether there are more."""
    found = in_view(view, actor, clock.now()).open().order_by()[: _COUNTED + 1]
    count = found.count()
    return min(count, _COUNTED), count > _COUNTED
