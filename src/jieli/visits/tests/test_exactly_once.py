"""Proof: bundles sent twice, in random order, cut off half-way, from two phones at once: every step and photo exactly once."""

import uuid
from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jieli.cases.tests.racing import DONE, race
from jieli.events.models import Event
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY, acting
from jieli.visits.actions.taking import take_bundle
from jieli.visits.models import FieldEntry, Photo, SafetyTest, Signature, StepRecord, Visit
from jieli.visits.tests.factories import a_photo, an_engineer, an_order, bundle_of, sent, take, whole_visit

pytestmark = pytest.mark.long(20)
NOON = MONDAY + timedelta(hours=2)


def cut(random, entries):
    """Return how many entries the server has taken in when the connection breaks; the phone sends all of them again."""
    return random.randrange(len(entries)) if random.random() < 0.2 else len(entries)


@pytest.mark.slow
@pytest.mark.django_db
def test_a_thousand_bundles_twice_in_random_order_with_a_fifth_cut_off_leave_everything_once():
    random = Random(20261122)
    with clock.frozen(MONDAY):
        engineer = an_engineer()
        orders = [an_order(engineer) for _ in range(20)]
    actor = acting(engineer)
    with clock.frozen(NOON):
        whole = {order.pk: whole_visit(order, engineer) for order in orders}
        # Fifty bundles of each visit: short ones, as of a phone with a bad connection.
        bundles = []
        for order in orders:
            steps = [one for one in whole[order.pk] if one.kind not in ("outcome", "finish")]
            ends = sorted(random.sample(range(1, len(steps)), 15))
            parts = [steps[start:end] for start, end in zip([0, *ends], [*ends, len(steps)], strict=True)]
            notes = [[sent(order, "note", text=f"备注 {place}")] for place in range(50 - len(parts))]
            bundles += parts + notes
        assert len(bundles) == 1000
        for _turn in (1, 2):
            random.shuffle(bundles)
            for entries in bundles:
                take_bundle(bundle_of(*entries[: cut(random, entries)]), actor=actor)
        results = [one for entries in bundles for one in take_bundle(bundle_of(*entries), actor=actor)]
        finals = [one for order in orders for one in take_bundle(bundle_of(*whole[order.pk][-2:]), actor=actor)]
    assert {one.state for one in results} <= {"done", "repeated"}
    assert {one.state for one in finals} == {"done"}
    sent_steps = sum(one.kind == "step" for entries in whole.values() for one in entries)
    assert FieldEntry.objects.filter(kind="step", state="done").count() == sent_steps
    assert FieldEntry.objects.count() == sum(map(len, bundles)) + 2 * len(orders)
    assert FieldEntry.objects.to_settle().count() == 0
    assert Visit.objects.filter(state="finished", steps_complete=True).count() == len(orders)
    assert StepRecord.objects.count() == len(orders) * 18
    assert Signature.objects.count() == SafetyTest.objects.count() == len(orders)
    photos = [name for row in StepRecord.objects.all() for name in row.photos]
    assert Photo.objects.count() == len(photos) == len(set(photos))
    told = Counter(Event.objects.filter(type__startswith="visits.").values_list("stream_id", "type"))
    assert {number for (_case, type_), number in told.items() if type_ != "visits.phase_done"} == {1}
    assert {number for (_case, type_), number in told.items() if type_ == "visits.phase_done"} == {4}


@pytest.mark.django_db
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_sent_again_and_lost_a_visit_ends_once(data):
    with clock.frozen(MONDAY):
        engineer = an_engineer()
        order = an_order(engineer)
    with clock.frozen(NOON):
        entries = whole_visit(order, engineer)
        sent_until = 0
        while sent_until < len(entries):
            start = data.draw(st.integers(0, sent_until))
            end = data.draw(st.integers(sent_until, len(entries)))
            if data.draw(st.booleans()) or end == sent_until:
                end = min(len(entries), end + 5)
            take(engineer, *entries[start:end])
            sent_until = max(sent_until, end)
    assert Event.objects.of_case(order.case_id).filter(type="orders.finished").count() == 1
    assert Event.objects.of_case(order.case_id).filter(type="cases.resolved").count() == 1
    assert FieldEntry.objects.filter(order=order, state="done").count() == len(entries)


@pytest.mark.django_db(transaction=True)
def test_the_same_bundle_from_two_phones_at_once_is_done_once(database_urls):
    with clock.frozen(MONDAY):
        engineer = an_engineer()
        order = an_order(engineer)
    actor = acting(engineer)
    with clock.frozen(NOON):
        entries = whole_visit(order, engineer)
    ends = race(database_urls, NOON, *[lambda: take_bundle(bundle_of(*entries), actor=actor)] * 3)
    order.refresh_from_db()
    assert ends == {DONE: 3}
    assert FieldEntry.objects.filter(state="done").count() == FieldEntry.objects.count() == len(entries)
    assert StepRecord.objects.count() == 18
    assert Event.objects.of_case(order.case_id).filter(type="visits.signed").count() == 1
    assert order.finished_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_same_photo_on_four_connections_at_once_is_kept_once(database_urls):
    with clock.frozen(MONDAY):
        engineer = an_engineer()
        order = an_order(engineer)
    name = uuid.uuid4()
    ends = race(database_urls, NOON, *[lambda: a_photo(order, engineer, seed=3, client_id=name)] * 4)
    assert ends == {DONE: 4}
    assert Photo.objects.count() == 1
