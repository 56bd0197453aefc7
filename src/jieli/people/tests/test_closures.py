"""A unit's closures hold for the units below it; for one day the nearest unit's counts (spec 1, Calendars)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieli.events.actor import SYSTEM
from jieli.people import actions, queries
from jieli.people.models import Unit
from jieli.people.tests.factories import a_person, a_unit, an_administrator

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 11, 24)
NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday 9:00 in the company's zone


@pytest.fixture
def line(db: None) -> tuple[Unit, Unit, Unit]:
    """Give a region, a centre below it and an outlet below that, all with office hours."""
    region = a_unit(name="华东", calendar="office")
    centre = a_unit(name="上海中心", parent=region, calendar="office")
    return region, centre, a_unit(name="浦东网点", parent=centre, calendar="office")


def closed(unit: Unit, *hours: tuple[str, str], on: date = TUESDAY) -> int:
    return actions.close_unit_on(unit.pk, on=on, intervals=hours, actor=an_administrator()).pk


def is_open(unit: Unit, at: datetime = NINE + timedelta(minutes=30)) -> bool:
    return queries.working_calendar(unit.pk).is_open(at)


def test_a_closure_holds_for_every_unit_below_and_for_nobody_above_or_beside(line: tuple[Unit, Unit, Unit]) -> None:
    region, centre, outlet = line
    beside = a_unit(name="华北", calendar="office")
    closed(centre)
    assert (is_open(region), is_open(centre), is_open(outlet), is_open(beside)) == (True, False, False, True)


def test_the_nearest_unit_counts(line: tuple[Unit, Unit, Unit]) -> None:
    region, centre, outlet = line
    closed(outlet, ("09:00", "12:00"))
    closed(region)
    closed(centre, ("14:00", "16:00"))
    calendar = queries.working_calendar(outlet.pk)
    assert calendar.is_open(NINE + timedelta(hours=1))
    assert not calendar.is_open(NINE + timedelta(hours=6))
    assert queries.working_calendar(centre.pk).is_open(NINE + timedelta(hours=6))
    assert not is_open(region)


def test_days_of_different_units_add_up(line: tuple[Unit, Unit, Unit]) -> None:
    region, _centre, outlet = line
    closed(region, on=TUESDAY)
    closed(outlet, on=TUESDAY + timedelta(days=1))
    due = queries.working_calendar(outlet.pk).add_minutes(NINE, 60)
    assert due.astimezone(queries.company_zone()).date() == TUESDAY + timedelta(days=2)


def test_a_lifted_closure_and_a_moved_unit_are_seen_at_once(line: tuple[Unit, Unit, Unit]) -> None:
    region, centre, outlet = line
    closure = closed(region)
    assert not is_open(outlet)
    actions.lift_closure(closure, actor=an_administrator())
    assert is_open(outlet)
    closed(region)
    elsewhere = a_unit(name="华北", calendar="office")
    actions.change_unit(centre.pk, parent_id=elsewhere.pk, actor=SYSTEM)
    assert is_open(outlet)


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_for_a_moment_forgets_the_closure_of_a_unit_above() -> None:
    region = a_unit(name="华东", calendar="office")
    outlet = a_unit(name="浦东网点", parent=region, calendar="office")
    assert is_open(outlet)
    closed(region)
    assert not is_open(outlet)


def test_many_units_are_read_by_one_query(line: tuple[Unit, Unit, Unit]) -> None:
    for unit in line:
        closed(unit)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        queries.read_hours([unit.pk for unit in line])
    assert len(captured) == 1


def test_the_page_of_a_unit_says_who_set_the_closure(line: tuple[Unit, Unit, Unit]) -> None:
    region, _centre, outlet = line
    closed(region)
    client = Client(headers={"accept-language": "en"})
    client.force_login(a_person(roles=("administrator",)))
    page = client.get(f"/units/{outlet.pk}/").content.decode()
    assert "set by" in page
    assert "/lift/" not in page
    assert "/lift/" in client.get(f"/units/{region.pk}/").content.decode()
