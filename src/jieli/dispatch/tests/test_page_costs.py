"""What the pages of dispatch cost: a budget of queries each, and never more of them for more rows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jieli.dispatch.tests.factories import a_ready_case, a_window, accepted, an_engineer, an_outlet, offered, sent
from jieli.people.tests.factories import MONDAY, a_person, the_root

pytestmark = pytest.mark.django_db


class World:
    """A dispatcher, an outlet with an engineer, and a case."""

    def __init__(self):
        self.dispatcher = a_person(unit=the_root(), roles=("dispatcher", "manager"), name="派单员")
        self.outlet = an_outlet()
        self.engineer = an_engineer(self.outlet)
        self.case = a_ready_case()

    def a_visit(self, number):
        window = a_window(8 + 2 * (number % 6), day=MONDAY + timedelta(days=1 + number // 6))
        sent(a_ready_case(), self.outlet, self.engineer, window)

    def an_offer(self, _number):
        offered(a_ready_case(), self.outlet)

    def a_candidate(self, number):
        an_engineer(self.outlet, f"工程师{number}")
        an_outlet(f"网点{number}", hours={"mon": [["08:00", "18:00"]]})


PAGES = [
    ("backlog", 10, lambda world: [], {}, lambda world, number: a_ready_case()),
    ("backlog", 10, lambda world: [], {"state": "asked"}, World.an_offer),
    ("backlog", 10, lambda world: [], {"state": "outlet"}, lambda world, number: accepted(a_ready_case(), world.outlet)),
    ("offers", 7, lambda world: [], {}, World.an_offer),
    ("day", 8, lambda world: [], {"on": "2026-11-24"}, World.a_visit),
    ("case", 100, lambda world: [world.case.pk], {}, World.a_candidate),
    ("case", 100, lambda world: [world.case.pk], {}, World.a_visit),
    ("of_case", 12, lambda world: [world.case.pk], {}, World.a_visit),
]


@pytest.mark.parametrize(("name", "budget", "about", "query", "grow"), PAGES)
def test_a_page_costs_the_same_with_more_on_it(name, budget, about, query, grow):
    world = World()
    client = Client()
    client.force_login(world.dispatcher)
    address = reverse(f"dispatch:{name}", args=about(world))
    grow(world, 1)
    few = asked(client, address, query)
    for number in range(2, 5):
        grow(world, number)
    many = asked(client, address, query)
    assert len(few) <= budget, "\n".join(few)
    assert len(many) <= len(few), "\n".join(many)


def asked(client, address, query):
    """Open a page twice, so that what is kept in the process is there, and return the queries of the second time."""
    assert client.get(address, query).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        client.get(address, query)
    return [one["sql"][:200] for one in queries.captured_queries]
