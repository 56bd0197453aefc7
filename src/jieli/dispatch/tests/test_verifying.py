"""`jieli verify` finds appointments, offers and work orders that do not say the same."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.queries.verifying import findings, most_in_a_window
from jieli.dispatch.tests.factories import (
    TOMORROW,
    a_ready_case,
    a_window,
    accepted,
    an_engineer,
    an_outlet,
    offered,
    sent,
)
from jieli.lib import clock
from jieli.orders.models import WorkOrder

pytestmark = pytest.mark.django_db


def rules():
    return sorted({finding.rule for finding in findings()})


def test_what_people_did_is_sound():
    outlet = an_outlet()
    engineer = an_engineer(outlet)
    sent(a_ready_case(), outlet, engineer, a_window())
    accepted(a_ready_case(), outlet, a_window(16))
    offered(a_ready_case(), outlet, a_window(10))
    offered(a_ready_case(), outlet)
    assert rules() == []


def in_one_window(outlet, engineer, count):
    """Let an engineer have some cases in one window, put there behind the back of everything that counts."""
    for turn in range(count):
        case = a_ready_case()
        sent(case, outlet, engineer, a_window(10, day=TOMORROW + timedelta(days=turn)))
    Appointment.objects.filter(engineer=engineer.staff).update(starts_at=a_window()[0], ends_at=a_window()[1])


ATTACKS = {
    "dispatch_accepted_has_order": lambda: WorkOrder.objects.update(cancelled_at=clock.now()),
    "dispatch_engineer_agrees": lambda: WorkOrder.objects.update(engineer_id=an_engineer(an_outlet("别家")).pk),
    "dispatch_visits_in_order": lambda: Appointment.objects.update(number=2),
    "dispatch_moved_on": lambda: Appointment.objects.update(state="moved"),
    "dispatch_arrival_is_told": lambda: Appointment.objects.update(arrived_at=clock.now()),
}


@pytest.mark.parametrize("rule", sorted(ATTACKS))
def test_what_was_changed_behind_its_back_is_found(rule):
    outlet = an_outlet()
    sent(a_ready_case(), outlet, an_engineer(outlet), a_window())
    ATTACKS[rule]()
    assert rules() == [rule]


def test_an_appointment_for_which_nobody_is_asked_and_an_offer_for_another_time_are_found():
    outlet, case = an_outlet(), a_ready_case()
    an_engineer(outlet)
    offered(case, outlet, a_window())
    Offer.objects.update(starts_at=a_window(16)[0], ends_at=a_window(16)[1])
    assert rules() == ["dispatch_asked_is_held"]
    other = a_ready_case()
    Appointment.objects.filter(case=case).update(case=other)
    assert rules() == ["dispatch_asked_is_held", "dispatch_offered_is_asked"]


def test_an_engineer_with_more_visits_in_a_window_than_ever_allowed_is_found():
    outlet = an_outlet()
    engineer = an_engineer(outlet)
    in_one_window(outlet, engineer, most_in_a_window())
    assert rules() == []
    in_one_window(outlet, engineer, 1)
    assert rules() == ["dispatch_room_of_engineer"]


def test_the_database_refuses_a_second_appointment_of_one_visit():
    outlet, case = an_outlet(), a_ready_case()
    sent(case, outlet, an_engineer(outlet), a_window())
    held = Appointment.objects.get(case=case)
    Appointment.objects.filter(pk=held.pk).update(state="done")
    held.pk, held.state = None, "planned"
    with pytest.raises(IntegrityError, match="dispatch_one_appointment_of_a_visit"), transaction.atomic():
        held.save(force_insert=True)
