"""Search: by number, phone, name, device serial, or words in any message, in Chinese and English (spec 1, Search)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower, StrIndex

from jieli.cases.models import Case, Message
from jieli.cases.models.case import Bigrams
from jieli.cases.queries.lists import CaseRow, rows_for
from jieli.cases.rules.numbers import WrongNumber, looks_like_number, parse_case_number
from jieli.customers.models import Customer, Device
from jieli.events.actor import Actor
from jieli.lib.text import lowered, pairs

LIMIT = 50
_ENOUGH = 200
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
        found = visible.filter(pk=parse_case_number(wanted)).select_related("customer", "owner", "steward", "unit")
        return Found(rows_for(list(found)), ("number",))
    if len(wanted) < 2:
        return Found([], ())
    ids: dict[int, None] = {}
    by: list[str] = []
    for name, more_ids in _places(wanted, visible):
        before = len(ids)
        ids.update(dict.fromkeys(more_ids))
        if len(ids) > before:
            by.append(name)
        if len(ids) >= _ENOUGH:
            break
    newest = sorted(ids, reverse=True)
    cases = visible.filter(pk__in=newest[:limit]).select_related("customer", "owner", "steward", "unit").order_by("-id")
    return Found(rows_for(list(cases)), tuple(by), len(newest) > limit)


def _places(wanted: str, visible: QuerySet[Case]) -> Iterable[tuple[str, list[int]]]:
    digits = re.sub(r"\D", "", wanted)
    if _DIGITS.fullmatch(wanted) and len(digits) >= 4:
        yield "number", _by_bare_number(wanted, visible)
        customers = Customer.objects.filter(
            Q(phone_digits__startswith=digits) | Q(phone_reversed__startswith=digits[::-1])
        ).values_list("pk", flat=True)[:_ENOUGH]
        yield "phone", _of_customers(list(customers), visible)
    if re.fullmatch(r"[\w\-./]{3,60}", wanted):
        devices = list(Device.objects.filter(serial__iexact=wanted).values_list("pk", flat=True)[:_ENOUGH])
        yield "serial", list(visible.filter(device_id__in=devices).values_list("pk", flat=True)[:_ENOUGH]) if devices else []
    names = Customer.objects.filter(name__icontains=wanted).values_list("pk", flat=True)[:_ENOUGH]
    yield "name", _of_customers(list(names), visible)
    pieces = pairs(wanted)
    low = lowered(wanted)
    described = visible.alias(pieces=Bigrams(F("subject")), place=StrIndex(Lower(F("subject")), Value(low))).filter(
        pieces__contains=pieces,  # type: ignore[misc]  # the stubs read an alias as text
        place__gt=0,
    )
    yield "words", list(described.order_by().values_list("pk", flat=True)[:_ENOUGH])
    said = (
        Message.objects.alias(pieces=Bigrams(F("body")), place=StrIndex(Lower(F("body")), Value(low)))
        .filter(
            pieces__contains=pieces,  # type: ignore[misc]
            place__gt=0,
            case__in=visible,
        )
        .order_by()
        .values_list("case_id", flat=True)
    )
    yield "words", list(said[:_ENOUGH])


def _by_bare_number(wanted: str, visible: QuerySet[Case]) -> list[int]:
    try:
        return list(visible.filter(pk=parse_case_number(wanted)).values_list("pk", flat=True))
    except WrongNumber:
        return []


def _of_customers(customer_ids: list[int], visible: QuerySet[Case]) -> list[int]:
    if not customer_ids:
        return []
    return list(visible.filter(customer_id__in=customer_ids).order_by("-id").values_list("pk", flat=True)[:_ENOUGH])
