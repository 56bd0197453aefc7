"""Customers of many needs at once are found or made as they would be one after the other."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jieli.customers.actions import find_or_make_customer
from jieli.customers.actions.finding import Wanted, find_or_make_customers
from jieli.customers.models import Customer
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.events.refusals import Refused

pytestmark = pytest.mark.django_db

WANTED = st.builds(
    Wanted,
    name=st.sampled_from(["", "王芳", "李雷"]),
    phone=st.sampled_from(["", "13800138000", "+86 138 0013 8000", "13900139000"]),
    email=st.sampled_from(["", "wang@example.com", "WANG@example.com", "nonsense"]),
    code=st.sampled_from(["", "K1", "K2"]),
)


def one_by_one(wanted: list[Wanted]) -> list[Customer | str]:
    found: list[Customer | str] = []
    for one in wanted:
        try:
            found.append(find_or_make_customer(name=one.name, phone=one.phone, email=one.email, code=one.code, actor=SYSTEM))
        except Refused as refused:
            found.append(",".join(sorted(refused.fields)))
    return found


def together(wanted: list[Wanted]) -> list[Customer | str]:
    with transaction.atomic():
        found = find_or_make_customers(wanted, actor=SYSTEM)
    return [",".join(sorted(one.fields)) if isinstance(one, Refused) else one for one in found]


def shape(found: list[Customer | str]) -> list[object]:
    """Return who is the same as whom, by the place of the first."""
    ids = [one if isinstance(one, str) else one.pk for one in found]
    return [one if isinstance(one, str) else ids.index(one) for one in ids]


@given(known=st.lists(WANTED, max_size=3), wanted=st.lists(WANTED, max_size=6))
@settings(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
def test_many_are_found_or_made_as_one_after_the_other(known: list[Wanted], wanted: list[Wanted]) -> None:
    shapes = []
    for way in (one_by_one, together):
        with transaction.atomic():
            first = one_by_one(known)
            shapes.append(shape([*first, *way(wanted)]))
            transaction.set_rollback(True)
    assert shapes[0] == shapes[1]


def test_a_customer_made_together_has_row_event_and_text() -> None:
    (customer,) = together([Wanted(name="王芳", phone="138 0013 8000", email="Wang@Example.com", language="en")])
    assert isinstance(customer, Customer)
    stored = Customer.objects.get(pk=customer.pk)
    assert (stored.phone_digits, stored.email, stored.tier, stored.language) == (
        "13800138000",
        "wang@example.com",
        "standard",
        "en",
    )
    event = Event.objects.get(stream="customer", stream_id=customer.pk)
    assert (event.type, event.sequence) == ("customers.made", 1)
    assert [(text.field, text.body) for text in event.texts.all()] == [("name", "王芳")]
