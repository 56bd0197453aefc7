"""What a visit costs on the licence: late, visited again, not by the standard; each once, whatever is sent again."""

from datetime import timedelta

import pytest

from jieli.lib import clock
from jieli.network.models import LicencePosting
from jieli.network.tests.factories import an_engineer as an_engineer_with_licence
from jieli.people.tests.factories import MONDAY, a_person, acting, the_root
from jieli.visits.actions.finishing import finish_with_gaps
from jieli.visits.models import Visit
from jieli.visits.tests.factories import an_order, sent, take, whole_visit

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=2)


@pytest.fixture
def engineer():
    with clock.frozen(MONDAY - timedelta(days=30)):
        return an_engineer_with_licence().staff


def posted():
    return list(LicencePosting.objects.exclude(kind__in=["issued", "refilled"]).values_list("kind", "points").order_by("pk"))


def test_who_comes_late_loses_two_points_once(engineer):
    order = an_order(engineer, promised_until=NOON - timedelta(minutes=30))
    with clock.frozen(NOON):
        take(engineer, sent(order, "arrive"))
        take(engineer, sent(order, "arrive"))
    assert posted() == [("promise_not_kept", -2)]


def test_who_comes_in_time_loses_none_also_when_the_phone_sends_late(engineer):
    order = an_order(engineer, promised_until=NOON)
    with clock.frozen(NOON + timedelta(hours=3)):
        take(engineer, sent(order, "arrive", NOON - timedelta(minutes=5)))
    assert posted() == []


def test_a_second_visit_costs_the_first_engineer_a_point(engineer):
    order = an_order(engineer)
    with clock.frozen(NOON):
        take(engineer, sent(order, "arrive"), sent(order, "outcome", result="not_fixed", reason="skill"), sent(order, "finish"))
    with clock.frozen(NOON + timedelta(hours=3)):
        take(engineer, sent(order, "arrive"))
    assert posted() == [("visited_again", -1)]


def test_a_second_visit_on_the_customers_wish_costs_nothing(engineer):
    order = an_order(engineer)
    with clock.frozen(NOON):
        take(
            engineer,
            sent(order, "arrive"),
            sent(order, "outcome", result="not_fixed", reason="customer"),
            sent(order, "finish"),
        )
    with clock.frozen(NOON + timedelta(hours=3)):
        take(engineer, sent(order, "arrive"))
    assert posted() == []


def test_a_step_that_was_forgotten_costs_a_point_when_the_visit_ends(engineer):
    order = an_order(engineer)
    with clock.frozen(NOON):
        entries = [one for one in whole_visit(order, engineer) if one.data.get("code") != "tidy"]
        take(engineer, sent(order, "skip", NOON - timedelta(hours=1), code="tidy", reason="forgotten"), *entries)
    assert Visit.objects.get().steps_complete is True
    assert posted() == [("standard_not_followed", -1)]


def test_a_step_skipped_for_a_good_reason_costs_nothing(engineer):
    order = an_order(engineer)
    with clock.frozen(NOON):
        entries = [one for one in whole_visit(order, engineer) if one.data.get("code") != "tidy"]
        take(engineer, sent(order, "skip", NOON - timedelta(hours=1), code="tidy", reason="outdoors"), *entries)
    assert Visit.objects.get().state == "finished"
    assert posted() == []


def test_a_visit_with_gaps_costs_a_point(engineer):
    order = an_order(engineer)
    supervisor = a_person(unit=the_root(), roles=("supervisor",))
    with clock.frozen(NOON):
        take(engineer, sent(order, "arrive"))
        finish_with_gaps(Visit.objects.get().pk, reason="手机坏了", actor=acting(supervisor))
    assert posted() == [("standard_not_followed", -1)]
