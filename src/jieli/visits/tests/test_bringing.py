"""Visits of the past come in sets, with the same rows and types of events as a live one."""

import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from jieli.events.actor import SYSTEM, import_actor
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY, acting
from jieli.visits.actions.bringing import BroughtVisit, bring_visits
from jieli.visits.actions.finishing import missing_of
from jieli.visits.models import StepRecord, Visit
from jieli.visits.queries.pages import visits_of
from jieli.visits.queries.proving import digest_of
from jieli.visits.tests.factories import an_engineer, an_order, take, whole_visit

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=2)
IMPORT = import_actor("demo")
TEXTS = {
    "contact": {"text": "约好上午到"},
    "analyse": {"likely_fault": "排水泵"},
    "listen": {"complaint": "不排水"},
    "genuine": {"serial": "SN1"},
    "diagnose": {"fault_code": "e31"},
    "repair": {"done": "换泵"},
}


def a_brought(order, **values):
    given = {
        "case_id": order.case_id,
        "order_id": order.pk,
        "order_number": order.number,
        "engineer_id": order.engineer_id,
        "service_type": order.service_type,
        "in_warranty": order.in_warranty,
        "started_at": NOON - timedelta(hours=1),
        "arrived_at": NOON,
        "finished_at": NOON + timedelta(minutes=50),
        "texts": TEXTS,
        "fault_code": "e31",
        "signed_by": "王芳",
    }
    return BroughtVisit(**(given | values))


def types_of(order):
    of_visits = Event.objects.of_case(order.case_id).filter(type__startswith="visits.")
    return list(of_visits.values_list("type", flat=True))


def test_a_brought_visit_has_the_types_of_events_and_the_steps_of_a_live_one():
    with clock.frozen(MONDAY):
        engineer = an_engineer()
        live, past = an_order(engineer), an_order(engineer)
    with clock.frozen(NOON + timedelta(hours=1)):
        take(engineer, *whole_visit(live, engineer))
        bring_visits([a_brought(past)], actor=IMPORT)
    assert types_of(past) == types_of(live)
    steps = {visit.case_id: set(visit.steps.values_list("code", flat=True)) for visit in Visit.objects.all()}
    assert steps[past.case_id] == steps[live.case_id]
    ours = Visit.objects.get(case_id=past.case_id)
    assert digest_of(ours) == ours.digest
    assert ours.steps_complete is True
    missing = {one.code for one in missing_of(ours)}
    assert missing <= {"genuine", "repair", "test_run", "tidy"}  # only their photos
    assert visits_of(past.case_id)[0].signatures[0].signature.name == "王芳"


def test_gaps_second_visits_and_charges_come_in_too():
    with clock.frozen(MONDAY):
        engineer = an_engineer()
        first, second, third = (an_order(engineer, in_warranty=False) for _ in range(3))
    with clock.frozen(NOON + timedelta(hours=3)):
        gaps = a_brought(first, left_out=["tidy"], gaps_reason="急单", gaps_by_id=engineer.pk)
        again = {
            "started_at": NOON + timedelta(hours=1),
            "arrived_at": NOON + timedelta(hours=2),
            "finished_at": NOON + timedelta(hours=3),
        }
        items = [{"code": "visit", "amount": "30.00", "quantity": 1}]
        bring_visits(
            [
                gaps,
                a_brought(second, result="not_fixed", reason="part"),
                a_brought(second, number=2, **again),
                a_brought(
                    third, charged_amount=Decimal("30.00"), charged_items=items, paid_by="cash", skips={"tidy": "outdoors"}
                ),
            ],
            actor=IMPORT,
        )
    assert list(Visit.objects.order_by("pk").values_list("number", "steps_complete")) == [
        (1, False),
        (1, True),
        (2, True),
        (1, True),
    ]
    assert "visits.finished_with_gaps" in types_of(first)
    assert "visits.arrived_again" in types_of(second)
    assert "visits.charged" in types_of(third)
    assert StepRecord.objects.get(visit__case_id=third.case_id, code="tidy").reason == "outdoors"


def test_the_events_can_be_left_to_the_caller():
    with clock.frozen(MONDAY):
        order = an_order()
    with clock.frozen(NOON + timedelta(hours=1)):
        stories = bring_visits([a_brought(order)], actor=IMPORT, tell=False)
    assert types_of(order) == []
    events = stories[order.case_id]
    assert events == sorted(events, key=lambda event: event[0])
    assert events[0][1] == "visits.started"
    assert events[-1][1] == "visits.finished"


def test_only_an_import_writes_the_past():
    with clock.frozen(MONDAY):
        engineer = an_engineer()
        order = an_order(engineer)
        for actor in (acting(engineer), SYSTEM):
            with pytest.raises(NotAllowed):
                bring_visits([a_brought(order)], actor=actor)


@pytest.mark.slow
def test_fifteen_hundred_visits_come_in_a_second_or_so():
    with clock.frozen(MONDAY):
        engineer = an_engineer()
        order = an_order(engineer)
    many = [a_brought(order, number=number) for number in range(1, 1501)]
    with clock.frozen(NOON + timedelta(hours=1)):
        began = time.process_time()
        bring_visits(many, actor=IMPORT)
        spent = time.process_time() - began
    assert StepRecord.objects.count() == 1500 * 18
    assert Counter(Event.objects.of_case(order.case_id).values_list("type", flat=True))["visits.finished"] == 1500
    assert spent < 5
