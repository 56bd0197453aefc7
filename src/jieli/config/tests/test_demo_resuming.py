"""A demo that was left goes on where it was left: its cases are there, and no promise broke while nobody ran it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from jieli.cases.actions.opening import NewCase, open_case
from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Promise
from jieli.cases.tests.factories import a_customer, an_agent
from jieli.config.database import Addresses, point
from jieli.config.demo.resuming import PAUSE, resume
from jieli.events.actions import move_clock
from jieli.events.actor import SYSTEM
from jieli.events.anchors import breaks
from jieli.events.models import CompanyClock, Event
from jieli.lib import clock
from jieli.people.tests.factories import a_person, acting

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def demo(database_urls: Addresses, settings: Settings) -> Iterator[None]:
    """Let the company's clock be a demo's, and work as the owner, who alone may set it."""
    settings.DEMO = True
    point(database_urls, role="owner", pool=0)
    _set("mode = 'demo'")
    yield
    _set("mode = 'test', shift = '0'")
    point(database_urls, pool=0)


def _set(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "alter table events_companyclock disable trigger user;"
            f"update events_companyclock set {what};"  # made of constants
            "alter table events_companyclock enable trigger user"
        )


def pass_time(much: timedelta) -> None:
    """Let time go by in which nobody runs the demo: nothing is recorded."""
    CompanyClock.objects.update(shift=CompanyClock.objects.get().shift + much)


def a_case() -> int:
    an_agent("李雷")
    opened = open_case(
        NewCase(kind="service", subject="不排水", description="水排不出去", customer=a_customer("王芳"), channel="portal"),
        actor=SYSTEM,
    )
    return opened.case_id


def test_after_days_it_goes_on_where_it_was_left_and_nothing_broke_meanwhile(demo: None) -> None:
    a_case()
    left_at = clock.now()
    pass_time(timedelta(days=3, hours=5))
    assert Promise.objects.unended().filter(due_at__lt=clock.now()).exists()

    assert resume() is not None

    assert abs(clock.now() - left_at) < HOUR
    assert not Promise.objects.unended().filter(due_at__lt=clock.now()).exists()
    assert sweep() == 0
    told = Event.objects.get(type="events.demo_resumed")
    assert abs(told.data["seconds"] - 77 * 3600) < 3600
    assert list(breaks()) == []


def test_a_second_start_finds_nothing_to_set_back(demo: None) -> None:
    a_case()
    pass_time(timedelta(days=1))
    resume()
    at = clock.now()

    assert resume() is None
    assert abs(clock.now() - at) < HOUR


def test_left_for_a_short_while_it_goes_by_the_clock(demo: None) -> None:
    a_case()
    before = clock.now()
    pass_time(PAUSE - HOUR)

    assert resume() is None
    assert clock.now() - before >= PAUSE - HOUR


def test_what_a_person_moved_on_stays_moved_on(demo: None) -> None:
    a_case()
    before = clock.now()
    move_clock(seconds=4 * 86400, actor=acting(a_person(roles=("administrator",))))

    assert resume() is None
    pass_time(timedelta(days=7))
    assert resume() is not None

    assert abs(clock.now() - before - timedelta(days=4)) < HOUR


def test_only_a_demo_is_set_back(demo: None) -> None:
    a_case()
    pass_time(timedelta(days=3))
    _set("mode = 'test'")

    assert resume() is None
    assert CompanyClock.objects.get().shift == timedelta(days=3)
