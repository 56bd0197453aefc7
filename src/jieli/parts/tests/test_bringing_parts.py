"""Thousands of parts at once are the same rows and events as one by one, and the proof holds."""

import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from jieli.cases.queries.verifying import findings
from jieli.events.actor import SYSTEM, import_actor
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.parts.actions.bringing import (
    BroughtUse,
    NewPart,
    NewPlace,
    NewStock,
    bring_parts,
    bring_places,
    bring_stock,
    bring_used_parts,
)
from jieli.parts.actions.returning import receive_old_part, record_finding
from jieli.parts.actions.using import use_part
from jieli.parts.models import Part, UsedPart
from jieli.parts.tests.factories import a_part, a_van, an_engineer, an_order, an_outlet, on_hand
from jieli.people.tests.factories import MONDAY

pytestmark = pytest.mark.django_db
IMPORT = import_actor("demo")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def held_clock():
    with clock.frozen(MONDAY):
        yield


def types_of(case_id):
    return list(Event.objects.of_case(case_id).filter(type__startswith="parts.").values_list("type", flat=True))


def test_brought_parts_are_as_if_they_had_been_booked():
    engineer = an_engineer(an_outlet())
    assert bring_parts([NewPart("A", "泵", price_amount=Decimal("9.90"), fits=[("washing_machine", "")])], actor=IMPORT) == 1
    assert bring_parts([NewPart("A", "泵", price_amount=Decimal("9.90"), fits=[("washing_machine", "")])], actor=IMPORT) == 0
    assert bring_parts([NewPart("A", "水泵", price_amount=Decimal("9.90"))], actor=IMPORT) == 1
    assert Part.objects.get().fits.count() == 1
    places = bring_places([NewPlace("V-1", "周强", "van", engineer.unit_id, engineer.pk)], actor=IMPORT, at=MONDAY - 90 * DAY)
    assert bring_stock([NewStock("V-1", [("A", 5)], MONDAY - 80 * DAY)], source="期初", actor=IMPORT) == 2
    order, live = an_order(engineer), an_order(engineer)
    use = BroughtUse(
        order.case_id, order.number, "A", "V-1", MONDAY - 9 * DAY, old_serial="o1", new_serial="n1", in_warranty=True,
        used_by_id=engineer.pk, returned_at=MONDAY - 5 * DAY, finding="confirmed", lab_at=MONDAY - 4 * DAY,
    )  # fmt: skip
    owed = BroughtUse(order.case_id, order.number, "A", "V-1", MONDAY - 8 * DAY, in_warranty=True)
    assert bring_used_parts([use, owed], actor=IMPORT) == 2
    by_hand = use_part(live.pk, part_code="A", place_id=places["V-1"], old_serial="O2", actor=SYSTEM)
    receive_old_part(by_hand.pk, actor=SYSTEM)
    record_finding(by_hand.pk, "confirmed", actor=SYSTEM)
    assert types_of(live.case_id) == ["parts.used", "parts.returned", "parts.found"]
    assert types_of(order.case_id) == ["parts.used", "parts.used", "parts.returned", "parts.found"]
    brought = UsedPart.objects.get(old_serial="O1")
    assert (brought.lab_finding, brought.return_due_at) == ("confirmed", MONDAY + 81 * DAY)
    assert on_hand(brought.place, "A") == 2
    assert [one.as_dict() for one in findings()] == []


def test_what_is_not_there_cannot_be_brought_as_used():
    engineer = an_engineer(an_outlet())
    a_part("A")
    van = a_van(engineer)
    order = an_order(engineer)
    with pytest.raises(IntegrityError), transaction.atomic():
        bring_used_parts([BroughtUse(order.case_id, order.number, "A", van.code, MONDAY)], actor=IMPORT)
    with pytest.raises(NotAllowed):
        bring_used_parts([], actor=SYSTEM)


@pytest.mark.slow
def test_a_demo_s_worth_comes_in_within_seconds():
    engineer = an_engineer(an_outlet())
    parts = [NewPart(f"P{number}", f"备件{number}", fits=[("washing_machine", "")]) for number in range(300)]
    order = an_order(engineer)
    begun = time.monotonic()
    bring_parts(parts, actor=IMPORT)
    bring_places([NewPlace(f"S-{number}", f"库{number}", "outlet", engineer.unit_id) for number in range(200)], actor=IMPORT)
    lines = [(f"P{number}", 100) for number in range(0, 300, 10)]
    bring_stock([NewStock(f"S-{number}", lines, MONDAY) for number in range(200)], source="期初", actor=IMPORT)
    uses = [
        BroughtUse(
            order.case_id, order.number, f"P{number % 30 * 10}", f"S-{number % 200}", MONDAY - DAY,
            old_serial=f"O{number}", in_warranty=True, returned_at=MONDAY, finding="confirmed", lab_at=MONDAY,
        )
        for number in range(4000)
    ]  # fmt: skip
    bring_used_parts(uses, actor=IMPORT)
    took = time.monotonic() - begun
    assert UsedPart.objects.in_lab().count() == 0
    assert took < 15, took
