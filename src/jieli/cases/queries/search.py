"""Search: by number, phone, name, device serial, or words in any message, in Chinese and English (spec 1, Search)."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower, StrIndex

from jieli.cases.models import Case, Message
from jieli.cases.models.case import Bigrams, ways_to_see
from jieli.cases.queries.lists import CaseRow, rows_for, shown_in_lists
from jieli.cases.rules.numbers import WrongNumber, looks_like_number, parse_case_number
from jieli.customers.models import Customer, Device
from jieli.events.actor import Actor
from jieli.lib.text import lowered, pairs

LIMIT = 50
# With more hits than this a text is everywhere: it is not fetched by the index, but looked for case by case, the newest first.
_EVERYWHERE = 2_000
_SURELY_EVERYWHERE = 20_000  # by the planner's estimate, which is much too high for rare words
_CUSTOMERS = 500
_CASES_AT_ONCE = 5_000  # of all cases
_SEEN_AT_ONCE = 500  # of those who do not see all, up to so many times
_TIMES = 3
_NEWEST = 2**63 - 1
_DIGITS = re.compile(r"[\d\s()+\-]{4,}")


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: rows, newest first; `by` says where it looked.

    `older` is the case before which the search may go on, 0 when it has seen everything.
    """

    rows: list[CaseRow]
    by: tuple[str, ...]
    older: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a text is looked for: the cases that an index found; when they are too many, `rows` tell each of the case `of`."""

    name: str
    cases: Sequence[int] = ()
    rows: QuerySet[Any] | None = None
    of: str = "pk"


def search(text: str, actor: Actor, limit: int = LIMIT, *, older: int = 0) -> Found:
    """Return the visible cases that a text points to, those before the case `older` when it is given.

    A case number (with or without its dashes) is looked up alone; WrongNumber is raised when its check digit does not fit.
    One character is too little to search for and finds nothing.
    """
    wanted = " ".join(text.replace("\x00", "").split())[:200]
    visible = Case.objects.visible_to(actor)
    if looks_like_number(wanted):
        found = visible.filter(pk=parse_case_number(wanted))
        return Found(rows_for(list(shown_in_lists(found))), ("number",))
    if len(wanted) < 2:
        return Found([], ())
    before, last = older or _NEWEST, 0
    places = list(_places(wanted))
    ids = {pk for place in places for pk in place.cases if pk < before}
    if everywhere := [place for place in places if place.rows is not None]:
        more, last = _looked_through(everywhere, actor, before, limit)
        ids = {pk for pk in ids if pk >= last} | more
    cases = list(shown_in_lists(visible.filter(pk__in=ids)).order_by("-id")[: limit + 1]) if ids else []
    by = tuple(dict.fromkeys(place.name for place in places if place.cases or place.rows is not None))
    return Found(rows_for(cases[:limit]), by, cases[limit - 1].pk if len(cases) > limit else last)


def _places(wanted: str) -> Iterator[_Place]:
    digits = re.sub(r"\D", "", wanted)
    if _DIGITS.fullmatch(wanted) and len(digits) >= 4:
        with suppress(WrongNumber):
            yield _Place("number", [parse_case_number(wanted)])
        ends = digits[::-1]
        customers = Customer.objects.filter(Q(phone_digits__startswith=digits) | Q(phone_reversed__startswith=ends))
        one = Q(customer__phone_digits__startswith=digits) | Q(customer__phone_reversed__startswith=ends)
        yield _of_customers("phone", customers, one)
    if re.fullmatch(r"[\w\-./]{3,60}", wanted):
        devices = list(Device.objects.filter(serial=wanted.upper()).values_list("pk", flat=True))
        if devices:
            yield _Place("serial", list(Case.objects.filter(device_id__in=devices).values_list("pk", flat=True)))
    yield _named(wanted)
    yield _with_words(Case, "subject", "pk", wanted)
    yield _with_words(Message, "body", "case_id", wanted)


def _holding(model: type[Any], field: str, wanted: str) -> QuerySet[Any]:
    """Return the rows whose field holds all two-character pieces of the text, by their index."""
    found: QuerySet[Any] = model.objects.alias(pieces=Bigrams(F(field))).filter(pieces__contains=pairs(wanted))
    return found


def _exact(rows: QuerySet[Any], field: str, wanted: str) -> QuerySet[Any]:
    """Keep the rows in whose field the text itself stands; lower case is not asked of what has none, as it takes long."""
    low = lowered(wanted)
    within = Lower(F(field)) if low != low.upper() else F(field)
    found: QuerySet[Any] = rows.alias(place=StrIndex(within, Value(low))).filter(place__gt=0)
    return found


def _with_words(model: type[Any], field: str, of: str, wanted: str) -> _Place:
    holding = _holding(model, field, wanted)
    # To count the hits of a word that is everywhere would cost more than to find the newest; the planner's estimate is free.
    if json.loads(holding.explain(format="json"))[0]["Plan"]["Plan Rows"] <= _SURELY_EVERYWHERE:
        ids = list(_exact(holding, field, wanted).values_list(of, flat=True)[: _EVERYWHERE + 1])
        if len(ids) <= _EVERYWHERE:
            return _Place("words", ids)
    return _Place("words", rows=_exact(model.objects.all(), field, wanted), of=of)


def _named(wanted: str) -> _Place:
    names = _exact(_holding(Customer, "name", wanted), "name", wanted)
    return _of_customers("name", names, Q(customer__name__icontains=wanted))


def _of_customers(name: str, customers: QuerySet[Customer], one: Q) -> _Place:
    ids = list(customers.values_list("pk", flat=True)[: _CUSTOMERS + 1])
    if len(ids) > _CUSTOMERS:
        return _Place(name, rows=Case.objects.filter(one))
    return _Place(name, list(Case.objects.filter(customer_id__in=ids).values_list("pk", flat=True)) if ids else ())


def _looked_through(places: Sequence[_Place], actor: Actor, before: int, limit: int) -> tuple[set[int], int]:
    """Return the cases of which some place tells, and the last case that was looked at, 0 when it was the very last."""
    ways = ways_to_see(actor)
    found: set[int] = set()
    for _time in range(_TIMES):
        within, last = _seen_next(ways, before) if ways else _next(before)
        for place in places:
            found |= _told(place, within, limit)
        before = last
        if len(found) > limit or not last:
            break
    return found, before


def _next(before: int) -> tuple[dict[str, Any], int]:
    newest = Case.objects.filter(pk__lt=before).order_by("-id").values_list("pk", flat=True)
    last = next(iter(newest[_CASES_AT_ONCE - 1 : _CASES_AT_ONCE]), 0)
    return {"gte": last, "lt": before}, last


def _seen_next(ways: Sequence[Q], before: int) -> tuple[dict[str, Any], int]:
    each = [Case.objects.filter(way, pk__lt=before).order_by("-id").values_list("pk")[:_SEEN_AT_ONCE] for way in ways]
    newest = sorted({pk for (pk,) in (each[0].union(*each[1:]) if len(each) > 1 else each[0])}, reverse=True)
    return {"in": newest[:_SEEN_AT_ONCE]}, newest[_SEEN_AT_ONCE - 1] if len(newest) >= _SEEN_AT_ONCE else 0


def _told(place: _Place, within: dict[str, Any], limit: int) -> set[int]:
    """Return the newest cases of a stretch of which a place tells."""
    assert place.rows is not None
    rows = place.rows.filter(**{f"{place.of}__{test}": value for test, value in within.items()})
    return set(rows.order_by(f"-{place.of}").values_list(place.of, flat=True).distinct()[: limit + 1])
