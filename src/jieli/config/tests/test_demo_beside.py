"""A demo is made beside the present database: whole or not at all, and with the help of another process it is the same one."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random

import psycopg
import pytest
from django.db import transaction
from pytest_django import Settings

from jieli.cases.models import Case
from jieli.cases.queries.verifying import findings
from jieli.cases.tests.factories import a_customer
from jieli.config.database import Addresses, point
from jieli.config.demo import desks, quarter
from jieli.config.demo.beside import Beside, beside
from jieli.config.demo.plots import PLOTS, TODAY, charged, on_site, part_changed
from jieli.config.opening import migrate_apart
from jieli.config.tests.quarters import a_quarter, told_of_company
from jieli.customers.models import Customer
from jieli.embedded.cluster import Cluster
from jieli.embedded.connection import ADMIN, Connection
from jieli.lib import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.long(40)]
NOW = datetime.fromisoformat("2026-11-20T16:00+08:00")


@pytest.fixture
def known(
    migrated_folder: Path, database_urls: Addresses, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Connection]:
    """Run a demo's own server, empty and migrated, and come back to the tests' database."""
    settings.DEMO = True
    monkeypatch.setenv("JIELI_DEMO", "1")
    with Cluster(migrated_folder).joined() as known:
        migrate_apart(Addresses(known.app, known.owner))
        yield known
        point(database_urls, pool=0)


def names(known: Connection) -> set[str]:
    with psycopg.connect(known.url(ADMIN, "postgres")) as admin:
        return {name for (name,) in admin.execute("select datname from pg_database where not datistemplate")}


def customers(known: Connection) -> int:
    with psycopg.connect(known.app) as connection:
        found = connection.execute("select count(*) from customers_customer").fetchone()
    return int(found[0]) if found else 0


def test_who_stops_half_way_finds_what_was_there(known: Connection) -> None:
    def stops() -> None:
        with beside(known, is_empty=True):
            a_customer("何静")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stops()
    assert (customers(known), names(known)) == (0, {"postgres", "jieli"})
    with beside(known, is_empty=True):
        a_customer("何静")
        assert customers(known) == 0
    assert Customer.objects.count() == 1
    assert (customers(known), names(known)) == (1, {"postgres", "jieli"})


def test_a_helper_answers_and_leaves_nothing_or_says_what_went_wrong(known: Connection) -> None:
    with beside(known, is_empty=True) as place:
        a_customer("何静")
        assert _answer(place) == (2, 1)
        with place.apart(lambda: 1 // 0) as answer, pytest.raises(RuntimeError, match="ZeroDivisionError"):
            answer()
        with place.apart(lambda: os._exit(0)) as answer, pytest.raises(RuntimeError, match="has died"):
            answer()
        with place.apart(Customer.objects.count) as answer:
            place.settle()  # what was written goes to the disk while this one goes on
            a_customer("林涛")
    assert (customers(known), names(known)) == (2, {"postgres", "jieli"})


def _answer(place: Beside) -> tuple[int, int]:
    """Let a helper make a customer; return how many it and this process know."""

    def makes_another() -> int:
        a_customer("赵敏")
        return Customer.objects.count()

    with place.apart(makes_another) as answer, transaction.atomic():
        return answer(), Customer.objects.count()


def test_with_the_help_of_another_process_it_is_the_same_company(
    known: Connection, database_urls: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarter, "PLOTS", [plot for plot in PLOTS if plot.tell in (part_changed, charged)])
    monkeypatch.setattr(quarter, "TODAY", {on_site: TODAY[on_site]})
    monkeypatch.setattr(desks, "PAST", {desks.told: desks.PAST[desks.told]})
    monkeypatch.setattr(desks, "TODAY", {desks.enquired: desks.TODAY[desks.enquired]})
    sizes = {"founded": 60, "outlets": 1, "customers": 60, "orders": 12, "days": 30}
    with beside(known, is_empty=True) as place:
        a_quarter(Random(5), now=NOW, helper=place, **sizes)
    point(Addresses(known.app, known.owner), pool=0)
    helped = told_of_company()
    assert Case.objects.earliest("pk").pk == 10_000_001  # the first of all: stories that were unlived took no number
    with clock.frozen(NOW):
        assert list(findings()) == []
    point(database_urls, role="owner", pool=0)
    with transaction.atomic():
        a_quarter(Random(5), now=NOW, **sizes)
    assert told_of_company() == helped
