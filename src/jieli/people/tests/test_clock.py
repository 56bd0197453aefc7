"""The company clock of a demo: moved by one, seen by all, asked once for a request."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from jieli.events.actions import move_clock
from jieli.lib import clock
from jieli.people.tests.factories import a_person, acting

pytestmark = [pytest.mark.django_db, pytest.mark.running_clock]


def test_a_request_asks_once_how_far_the_clock_was_moved(settings: Settings, django_assert_num_queries: Any) -> None:
    settings.DEMO = True
    with django_assert_num_queries(2):
        first, second = clock.now(), clock.now()
    with django_assert_num_queries(1), clock.read_once():
        third, fourth = clock.now(), clock.now()
    assert first <= second <= third <= fourth < first + timedelta(minutes=1)


def test_a_request_that_moves_the_clock_sees_it_moved_and_so_does_the_next(settings: Settings) -> None:
    settings.DEMO = True
    admin = acting(a_person(roles=("administrator",)))
    with clock.read_once():
        before = clock.now()
        move_clock(seconds=86400, actor=admin)
        assert clock.now() - before >= timedelta(days=1)
    with clock.read_once():
        assert clock.now() - before >= timedelta(days=1)
