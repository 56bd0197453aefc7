"""What an outlet and an engineer can do in a day: a visit that is over stays a part of it, and frees its window."""

from datetime import timedelta

import pytest

from jieli.dispatch.actions.coming import came, keep_appointment
from jieli.dispatch.queries.candidates import judged_engineers, outlets_for
from jieli.dispatch.queries.slots import slot_days
from jieli.dispatch.tests.factories import TOMORROW, a_ready_case, a_window, an_engineer, an_outlet, sent
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.people.queries import local_date

pytestmark = pytest.mark.django_db
EARLY, NEXT, LATE = a_window(8), a_window(10), a_window(16)


def visited(case, window):
    """Let somebody come for the appointment of a case, and go again."""
    case.refresh_from_db()
    came(case, at=window[0])
    keep_appointment(case, actor=SYSTEM, at=window[0] + timedelta(minutes=30))


def that_day(outlet, **values):
    """Return the windows of the day after Monday."""
    (day,) = slot_days(outlet.pk, product_line="washing_machine", days=1, since=local_date(TOMORROW), **values)
    return day


def room_in(day, window):
    return next(slot for slot in day.slots if (slot.starts_at, slot.ends_at) == window).free


def test_a_visit_that_is_over_stays_in_the_capacity_of_its_day():
    outlet = an_outlet(capacity_per_day=2)
    engineer = an_engineer(outlet)
    first, second = a_ready_case(), a_ready_case()
    sent(first, outlet, engineer, EARLY)
    sent(second, outlet, engineer, NEXT)
    with clock.frozen(EARLY[0] + timedelta(minutes=40)):
        visited(first, EARLY)
        day = that_day(outlet)
        assert (day.taken, day.free) == (2, 0)
        assert {slot.why for slot in day.slots} == {"past", "full"}
        (candidate,) = outlets_for(a_ready_case(), clock.now(), window=LATE)
        assert "full" in {why.code for why in candidate.against}


def test_a_visit_that_is_over_early_frees_its_window_but_not_the_engineers_day():
    outlet = an_outlet()
    engineer = an_engineer(outlet, capacity_per_day=3)
    case = a_ready_case()
    sent(case, outlet, engineer, LATE)
    before = that_day(outlet, engineer_id=engineer.pk)
    with clock.frozen(EARLY[0]):
        visited(case, EARLY)
        after = that_day(outlet, engineer_id=engineer.pk)
        assert room_in(after, LATE) == room_in(before, LATE) + 1
        assert (before.taken, after.taken, after.capacity) == (1, 1, 3)
        (judged,) = judged_engineers(a_ready_case(), [engineer], LATE)
        assert (judged.has, judged.can_be_asked) == (1, True)


def test_a_second_visit_gives_up_its_own_place_and_not_that_of_the_first():
    outlet = an_outlet()
    engineer = an_engineer(outlet)
    case = a_ready_case()
    sent(case, outlet, engineer, LATE)
    assert that_day(outlet, ignoring=case.pk).taken == 0
    with clock.frozen(EARLY[0]):
        visited(case, EARLY)
        assert that_day(outlet, ignoring=case.pk).taken == 1
