"""Search: by number, phone, name, device serial, or words in any message, in Chinese and English (spec 1, Search)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Lower, StrIndex

from jieli.cases.models import Case, Message
from jieli.cases.models.case import Bigrams, ways_to_see
from jieli.cases.queries.lists import CaseRow, rows_for, shown_in_lists
from jieli.cases.rules.numbers import WrongNumber, looks_like_number, parse_case_number
from jieli.customers.models import Customer, Device
from jieli.events.actor import Actor
from jieli.lib.text import lowered, pairs

LIMIT = 50
_ENOUGH = 200
# A word that is everywhere is looked for among the newest messages that hold it and, for those who do not see everything, in
# the newest cases they see: what is older than both is not looked for.
_NEWEST_HITS = 400
_NEWEST_SEEN = 500
_DIGITS = re.compile(r"[\d\s()+\-]{4,}")


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: rows, newest first; `by` says where it looked, `more` that it stopped."""

    rows: list[CaseRow]
    by: tuple[str, ...]
    more: bool = False


def search(text: str, actor: Actor, limit: int = LIMIT) -> Found:
    """Return the visible cases that a text points to.

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
    ids: dict[int, None] = {}
    by: list[str] = []
    for name, more_ids in _places(wanted, visible, ways_to_see(actor)):
        before = len(ids)
        ids.update(dict.fromkeys(more_ids))
        if len(ids) > before:
            by.append(name)
        if len(ids) >= _ENOUGH:
            break
    newest = sorted(ids, reverse=True)
    cases = shown_in_lists(visible.filter(pk__in=newest[:limit])).order_by("-id")
    return Found(rows_for(list(cases)), tuple(by), len(newest) > limit)


class _NamePairs(Func):
    """The two-character pieces of a customer's name, which have an index."""

    function = "customers_pairs"
    output_field = ArrayField(TextField())


def _places(wanted: str, visible: QuerySet[Case], ways: Sequence[Q]) -> Iterable[tuple[str, list[int]]]:
    digits = re.sub(r"\D", "", wanted)
    if _DIGITS.fullmatch(wanted) and len(digits) >= 4:
        yield "number", _by_bare_number(wanted, visible)
        customers = Customer.objects.filter(
            Q(phone_digits__startswith=digits) | Q(phone_reversed__startswith=digits[::-1])
        ).values_list("pk", flat=True)[:_ENOUGH]
        yield "phone", _of_customers(list(customers), visible)
    if re.fullmatch(r"[\w\-./]{3,60}", wanted):
        devices = list(Device.objects.filter(serial=wanted.upper()).values_list("pk", flat=True)[:_ENOUGH])
        yield "serial", list(visible.filter(device_id__in=devices).values_list("pk", flat=True)[:_ENOUGH]) if devices else []
    pieces = pairs(wanted)
    names = Customer.objects.alias(
        pieces=_NamePairs(F("name")), place=StrIndex(Lower(F("name")), Value(lowered(wanted)))
    ).filter(
        pieces__contains=pieces,  # type: ignore[misc]  # the stubs read an alias as text
        place__gt=0,
    )
    yield "name", _of_customers(list(names.order_by("-id").values_list("pk", flat=True)[:_ENOUGH]), visible)
    yield "words", _with_words(wanted, visible, ways)


def _with_words(wanted: str, visible: QuerySet[Case], ways: Sequence[Q]) -> list[int]:
    """Return cases in whose subject or messages the words stand, from the newest on."""
    low = lowered(wanted)
    in_subject = Case.objects.alias(place=StrIndex(Lower(F("subject")), Value(low))).filter(place__gt=0)
    in_messages = Message.objects.alias(place=StrIndex(Lower(F("body")), Value(low))).filter(place__gt=0)
    holding: dict[str, Any] = {"pieces__contains": pairs(wanted)}
    subjects = in_subject.alias(pieces=Bigrams(F("subject"))).filter(**holding).values_list("pk", flat=True)
    said = in_messages.alias(pieces=Bigrams(F("body"))).filter(**holding).values_list("case_id", flat=True)
    most = _NEWEST_HITS if ways else 2 * LIMIT
    hits = [*subjects.order_by("-id")[:most], *said.order_by("-id")[:most]]
    if not ways:
        return hits
    found = list(visible.filter(pk__in=set(hits)).values_list("pk", flat=True))
    if len(hits) < most or len(found) > LIMIT:
        return found
    each = [Case.objects.filter(way).order_by("-id").values_list("pk")[:_NEWEST_SEEN] for way in ways]
    seen = each[0].union(*each[1:]) if len(each) > 1 else each[0]
    newest = sorted((pk for (pk,) in seen), reverse=True)[:_NEWEST_SEEN]
    found += in_subject.filter(pk__in=newest).values_list("pk", flat=True)
    found += in_messages.filter(case_id__in=newest).values_list("case_id", flat=True)
    return found


def _by_bare_number(wanted: str, visible: QuerySet[Case]) -> list[int]:
    try:
        return list(visible.filter(pk=parse_case_number(wanted)).values_list("pk", flat=True))
    except WrongNumber:
        return []


def _of_customers(customer_ids: list[int], visible: QuerySet[Case]) -> list[int]:
    if not customer_ids:
        return []
    return list(visible.filter(customer_id__in=customer_ids).order_by("-id").values_list("pk", flat=True)[:_ENOUGH])
