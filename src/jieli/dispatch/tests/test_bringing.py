"""Dispatches of the past come in sets, with the same rows and event types as live ones."""

from datetime import timedelta

import pytest

from jieli.dispatch.actions.bringing import BroughtAppointment, BroughtDispatch, bring_dispatches
from jieli.dispatch.models import Appointment
from jieli.dispatch.tests.factories import a_ready_case, a_window, an_engineer, an_outlet, sent
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.people.tests.factories import MONDAY, acting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday(frozen):
    frozen(MONDAY)


def test_appointments_of_the_past_tell_the_same_story_as_live_ones():
    outlet = an_outlet()
    engineer = an_engineer(outlet)
    case = a_ready_case()
    past = BroughtDispatch(
        case.pk,
        appointments=[
            BroughtAppointment(a_window(10), MONDAY, outlet.pk, outlet.unit.name, by_customer=True),
            BroughtAppointment(
                a_window(14),
                MONDAY + timedelta(minutes=5),
                outlet.pk,
                outlet.unit.name,
                accepted=[(MONDAY + timedelta(minutes=10), None), (MONDAY + timedelta(minutes=20), engineer.pk)],
                ended_at=a_window(14)[1],
                ended="done",
            ),
        ],
    )
    with pytest.raises(NotAllowed):
        bring_dispatches([past], actor=acting(case.owner))
    stories = bring_dispatches([past], actor=SYSTEM)
    assert [type_ for _at, type_, _data in stories[case.pk]] == [
        "dispatch.appointment_set",
        "dispatch.appointment_moved",
        "dispatch.appointment_accepted",
        "dispatch.appointment_accepted",
        "dispatch.appointment_ended",
    ]
    first, second = Appointment.objects.filter(case=case).order_by("pk")
    assert (first.state, second.state, second.moved_from, second.engineer) == ("moved", "done", first, engineer.staff)
    live = a_ready_case()
    sent(live, outlet, engineer, a_window(14))
    told = [event.type for event in Event.objects.of_case(live.pk) if event.type.startswith("dispatch.appointment_")]
    assert set(told) <= {type_ for _at, type_, _data in stories[case.pk]}


def test_thousands_come_in_a_fixed_number_of_statements(django_assert_max_num_queries):
    outlet = an_outlet()
    cases = [a_ready_case() for _number in range(3)]
    past = [
        BroughtDispatch(
            case.pk,
            appointments=[
                BroughtAppointment(
                    a_window(10), MONDAY, outlet.pk, "网点", accepted=[(MONDAY, None)], ended_at=MONDAY, ended="done"
                )
            ],
        )
        for case in cases
    ]
    with django_assert_max_num_queries(8):
        bring_dispatches(past, actor=SYSTEM)
