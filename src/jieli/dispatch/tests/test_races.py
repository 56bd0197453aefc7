"""Many at once, with real connections: the last window goes to one, an offer is answered once."""

from datetime import timedelta

import pytest

from jieli.cases.tests.racing import DONE, race
from jieli.dispatch.actions.answering import accept_offer, refuse_offer
from jieli.dispatch.actions.appointing import set_appointment
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.tests.factories import a_ready_case, a_window, an_engineer, an_outlet, manager_of, offered
from jieli.events.actor import customer_actor
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import MONDAY, acting

pytestmark = [pytest.mark.long(30), pytest.mark.django_db(transaction=True), pytest.mark.slow]

LATER = MONDAY + timedelta(minutes=5)


def test_of_twenty_customers_who_want_the_last_window_one_gets_it(database_urls):
    with clock.frozen(MONDAY):
        outlet = an_outlet(capacity_per_day=1)
        an_engineer(outlet)
        cases = [a_ready_case() for _number in range(20)]
    starts_at, ends_at = a_window()

    def want(case):
        actor = customer_actor(case.customer_id, "王芳")
        return lambda: set_appointment(case.pk, starts_at=starts_at, ends_at=ends_at, actor=actor)

    ends = race(database_urls, LATER, *[want(case) for case in cases])
    assert set(ends) <= {DONE, "not_free"}, ends
    assert ends[DONE] == 1
    assert Appointment.objects.current().filter(outlet_id=outlet.pk).count() == 1


def test_an_offer_is_accepted_or_refused_once(database_urls):
    with clock.frozen(MONDAY):
        outlet, case = an_outlet(), a_ready_case()
        offer = offered(case, outlet, a_window())
        manager = acting(manager_of(outlet))
    accept = [lambda: accept_offer(offer.pk, actor=manager)] * 4
    refuse = [lambda: refuse_offer(offer.pk, reason="no_part", actor=manager)] * 4
    ends = race(database_urls, LATER, *accept, *refuse)
    assert ends[DONE] == 1
    assert set(ends) <= {DONE, "no_offer", "not_found"}, ends
    is_accepted = Offer.objects.get(pk=offer.pk).baton.state == "accepted"
    assert WorkOrder.objects.filter(case=case).count() == is_accepted
