"""`jieli verify` tells when a finished visit is other than its event vouches for."""

from datetime import timedelta

import pytest

from jieli.lib import clock
from jieli.people.tests.factories import MONDAY
from jieli.visits.models import Signature, StepRecord, Visit
from jieli.visits.queries.proving import findings
from jieli.visits.tests.factories import an_engineer, an_order, sent, take, whole_visit

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=2)


@pytest.fixture
def visit():
    engineer = an_engineer()
    order = an_order(engineer)
    with clock.frozen(NOON):
        take(engineer, *whole_visit(order, engineer))
    return Visit.objects.get()


def rules():
    return {one.rule for one in findings()}


def test_what_phones_sent_is_sound(visit):
    assert rules() == set()


def test_a_changed_step_is_found(visit):
    StepRecord.objects.filter(visit=visit, code="listen").update(records={"complaint": "没有这回事"})
    assert rules() == {"visits_steps_unchanged"}


def test_a_changed_signature_is_found(visit):
    Signature.objects.update(strokes=[[[1, 1], [90, 90]]])
    assert rules() == {"visits_steps_unchanged"}


def test_a_finish_that_was_made_up_is_found(visit):
    Visit.objects.update(steps_complete=False, digest="0" * 64)
    assert rules() == {"visits_finished_told", "visits_steps_unchanged"}


def test_a_note_after_the_visit_changes_nothing(visit):
    with clock.frozen(NOON):
        take(visit.engineer, sent(visit.orders.get().order, "note", text="钥匙在门卫"))
    assert rules() == set()
