"""Phones that agree on the last window at once, with real connections: one gets it, for the others the word stands."""

from datetime import timedelta

import pytest

from jieli.cases.models import Promise
from jieli.cases.tests.racing import DONE, race
from jieli.dispatch.models import Appointment
from jieli.dispatch.tests import factories as dispatch
from jieli.dispatch.tests.factories import TOMORROW, a_ready_case, a_window
from jieli.events.models import Event
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import MONDAY
from jieli.visits.tests.factories import sent, take

pytestmark = [pytest.mark.long(30), pytest.mark.django_db(transaction=True), pytest.mark.slow]

FIRST = a_window()
AGAIN = a_window(10, day=TOMORROW + timedelta(days=1))
PHONES = 6


def test_of_six_phones_that_agree_on_the_last_place_one_gets_it(database_urls):
    with clock.frozen(MONDAY):
        outlet = dispatch.an_outlet(capacity_per_day=PHONES)
        for _turn in range(PHONES - 1):
            dispatch.accepted(a_ready_case(), outlet, AGAIN)
        works = []
        for turn in range(PHONES):
            engineer, case = dispatch.an_engineer(outlet, f"工程师{turn}"), a_ready_case()
            dispatch.sent(case, outlet, engineer, FIRST)
            works.append((engineer, WorkOrder.objects.get(case=case)))
    with clock.frozen(FIRST[0]):
        for engineer, order in works:
            take(engineer.staff, sent(order, "arrive"))

    def agree(engineer, order):
        said = {"result": "not_fixed", "reason": "part", "next_at": AGAIN[0].isoformat()}
        entry = sent(order, "outcome", FIRST[0] + timedelta(minutes=20), **said)
        return lambda: take(engineer.staff, entry)[0].state == "done" or 1 / 0

    ends = race(database_urls, FIRST[0] + timedelta(minutes=30), *[agree(*work) for work in works])
    assert ends == {DONE: PHONES}
    cases = [order.case_id for _engineer, order in works]
    assert Appointment.objects.current().filter(case__in=cases, number=2).count() == 1
    assert Event.objects.filter(type="dispatch.next_visit_not_set", data__why="full").count() == PHONES - 1
    # Everybody was given a word, and it is kept apart from the place.
    assert Promise.objects.unended().filter(case__in=cases, kind="arrive").count() == PHONES
