"""Many at once, with real connections: the last part is used once, and whatever people do, the book adds up."""

import random
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jieli.cases.queries.verifying import findings
from jieli.cases.tests.racing import DONE, race
from jieli.events.actor import SYSTEM
from jieli.events.refusals import Refused
from jieli.lib import clock
from jieli.parts.actions.ordering import order_missing_part, receive_part_order, ship_part_order
from jieli.parts.actions.stock import count_stock, move_stock, receive_stock, scrap_stock
from jieli.parts.actions.using import release, reserve, undo_use, use_part
from jieli.parts.models import Entry, PartOrder, Place, Reservation, UsedPart
from jieli.parts.queries.verifying import findings as parts_findings
from jieli.parts.tests.factories import a_part, a_store, a_van, an_engineer, an_order, an_outlet, on_hand
from jieli.people.tests.factories import MONDAY, acting

pytestmark = [pytest.mark.long(30), pytest.mark.slow]


@pytest.mark.django_db(transaction=True)
def test_of_fifty_processes_that_use_the_last_part_one_gets_it(database_urls):
    with clock.frozen(MONDAY):
        outlet = an_outlet()
        a_part("LAST")
        store = a_store(outlet, "outlet", LAST=1)
        engineers = [an_engineer(outlet) for _ in range(50)]
        orders = [(an_order(engineer).pk, acting(engineer)) for engineer in engineers]
        ends = race(
            database_urls,
            MONDAY,
            *[
                lambda order_id=order_id, actor=actor: use_part(order_id, part_code="LAST", place_id=store.pk, actor=actor)
                for order_id, actor in orders
            ],
        )
        assert ends == {DONE: 1, "not_in_stock": 49}
        assert (on_hand(store, "LAST"), UsedPart.objects.count()) == (0, 1)
        assert [one.as_dict() for one in findings()] == []


@pytest.mark.django_db(transaction=True)
def test_reserving_and_moving_the_last_ones_from_both_ends_never_waits_in_a_circle(database_urls):
    with clock.frozen(MONDAY):
        engineer = an_engineer(an_outlet())
        for code in ("A", "B"):
            a_part(code)
        store, van = a_store(A=6, B=6), a_van(engineer, A=6, B=6)
        order = an_order(engineer)
        acts = []
        for number in range(8):
            lines = [("A", 1), ("B", 1)] if number % 2 else [("B", 1), ("A", 1)]
            acts += [
                lambda lines=lines: move_stock(store.pk, to_place_id=van.pk, lines=lines, actor=SYSTEM),
                lambda lines=lines: move_stock(van.pk, to_place_id=store.pk, lines=lines, actor=SYSTEM),
                lambda: reserve(order.pk, part_code="A", quantity=1, place_id=van.pk, actor=SYSTEM),
            ]
        ends = race(database_urls, MONDAY, *acts)
        assert set(ends) <= {DONE, "not_in_stock", "stock_reserved"}, ends
        assert on_hand(store, "A") + on_hand(van, "A") == 12
        assert [one.as_dict() for one in findings()] == []


ACT = st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 3), st.integers(-1, 6), st.integers(0, 1_000))


@pytest.mark.django_db
@given(acts=st.lists(ACT, min_size=5, max_size=25))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_people_do_the_book_adds_up(acts):
    with clock.frozen(MONDAY):
        world = _world()
        for act in acts:
            with suppress(Refused):
                _do(world, *act)
        assert [one.as_dict() for one in parts_findings()] == []
        entries = Entry.objects.filter(place__in=[place.pk for place in Place.objects.filter(unit=None)])
        outside = -sum(entries.exclude(place__kind="transit").values_list("quantity", flat=True))
        kept = sum(Entry.objects.filter(place__kind__in=Place.KEPT).values_list("quantity", flat=True))
        assert outside == kept


def _world():
    engineer = an_engineer(an_outlet())
    parts = [a_part().code for _ in range(2)]
    places = [a_store(), a_store(engineer.unit, "outlet"), a_van(engineer), a_store(kind="regional")]
    for place in places[:3]:
        receive_stock(place.pk, lines=[(code, 3) for code in parts], actor=SYSTEM)
    return engineer, parts, places, [an_order(engineer), an_order(engineer)]


def _do(world, what, one, other, quantity, seed):
    engineer, parts, places, orders = world
    luck = random.Random(seed)
    part, order, actor = parts[one % 2], orders[other % 2], acting(engineer)
    place, to = places[one], places[other]
    match what:
        case 0:
            receive_stock(place.pk, lines=[(part, quantity)], actor=SYSTEM)
        case 1:
            move_stock(place.pk, to_place_id=to.pk, lines=[(part, quantity), (parts[0], 1)], actor=SYSTEM)
        case 2:
            count_stock(place.pk, counted={part: quantity}, reason="盘点", actor=SYSTEM)
        case 3:
            scrap_stock(place.pk, lines=[(part, quantity)], reason="坏了", actor=SYSTEM)
        case 4:
            reserve(order.pk, part_code=part, quantity=quantity, place_id=to.pk, actor=actor)
        case 5 | 6:
            use_part(order.pk, part_code=part, place_id=luck.choice([None, places[2].pk]), actor=actor)
        case 7:
            undo_use(luck.choice([0, *UsedPart.objects.values_list("pk", flat=True)]), reason="错了", actor=actor)
        case 8:
            release(luck.choice([0, *Reservation.objects.values_list("pk", flat=True)]), actor=actor)
        case _:
            found = PartOrder.objects.order_by("-pk").first()
            if found is None or luck.random() < 0.3:
                order_missing_part(order.pk, part_code=part, quantity=quantity, actor=actor)
            elif found.state == "ordered":
                ship_part_order(found.pk, from_place_id=place.pk, actor=SYSTEM)
            else:
                receive_part_order(found.pk, actor=actor)
