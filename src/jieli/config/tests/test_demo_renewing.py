"""A demo in which nobody worked is of today at each start; who did work in one finds it as it was left."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Promise
from jieli.cases.tests.factories import a_case, a_customer, an_agent
from jieli.config.demo.renewing import is_untouched, making
from jieli.customers.actions import find_or_make_customer
from jieli.embedded.cluster import Cluster
from jieli.embedded.connection import ADMIN
from jieli.events.actions import record
from jieli.events.actor import COMMAND_LINE, SYSTEM, Actor, import_actor
from jieli.events.events import DemoMade
from jieli.lib import clock
from jieli.people.actions import set_password
from jieli.people.actions.sessions import sign_in
from jieli.people.tests.factories import a_person

pytestmark = pytest.mark.long(40)
SIZES = {"outlets": 1, "customers": 0, "orders": 0, "months": 3, "weeks": 1, "seed": 1}
PASSWORD = "a long enough word"


def signs_in() -> None:
    sign_in("guest", password=PASSWORD, address="192.0.2.1")


def reports_by_a_link() -> None:
    customer = a_customer()
    a_case(Actor("customer", customer.pk, customer.name), customer=customer)


def imports() -> None:
    find_or_make_customer(name="王芳", phone="13900000001", actor=import_actor("command line"))


def sets_a_password_at_the_machine() -> None:
    an_agent("赵敏")
    set_password(a_person(code="other").pk, password=PASSWORD, actor=COMMAND_LINE)


@pytest.mark.django_db
@pytest.mark.parametrize("does", [signs_in, reports_by_a_link, imports, sets_a_password_at_the_machine])
def test_whoever_acts_in_a_demo_has_worked_in_it(does: Callable[[], None]) -> None:
    set_password(a_person(code="guest").pk, password=PASSWORD, actor=SYSTEM)
    an_agent()
    a_case()
    assert making() is None  # nobody knows when it was made
    record(DemoMade(company_id=1, **SIZES), actor=SYSTEM)
    made = making()
    assert made is not None
    assert made.sizes == SIZES
    with clock.frozen(clock.now() + timedelta(days=9)):
        assert sweep() > 0
    assert Promise.objects.filter(breached_at__isnull=False).exists()
    assert is_untouched(made)  # warnings and breaks are the software's

    does()

    assert not is_untouched(made)


def jieli(*arguments: str, data: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "jieli", *arguments, "--data", str(data)],
        env={**os.environ, "JIELI_DEMO": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stderr


AGED = """
alter table events_event disable trigger user;
update events_event set recorded_at = recorded_at - interval '3 days' where type = 'events.demo_made';
alter table events_event enable trigger user
"""


@pytest.mark.slow
def test_a_start_on_another_day_makes_it_anew_with_its_sizes_and_leaves_nothing_of_the_old_one(migrated_folder: Path) -> None:
    data = migrated_folder
    with Cluster(data).joined() as known:
        jieli("migrate", "--quiet", data=data)
        arguments = [word for name, value in SIZES.items() for word in (f"--{name}", str(value))]
        jieli("demo", *arguments, data=data)
        left = data / "files" / "aa" / "photo.jpg"
        left.parent.mkdir(parents=True)
        left.write_bytes(b"of the old one")

        assert jieli("demo-state", "--resume", data=data) == ""  # of today
        assert left.exists()
        with psycopg.connect(known.admin) as connection:
            connection.execute(AGED)  # a prepared age: the company itself is as old as its making says
        assert "making it anew as of today" in jieli("demo-state", "--resume", data=data)

        assert not left.exists()
        with psycopg.connect(known.app) as connection:
            made = connection.execute(
                "select data, recorded_at > clock_timestamp() - interval '1 hour' from events_event where type = %s",
                [DemoMade.type],
            )
            assert made.fetchall() == [(SIZES, True)]
        with psycopg.connect(known.url(ADMIN, "postgres")) as admin:
            names = {name for (name,) in admin.execute("select datname from pg_database where not datistemplate")}
        assert names == {"postgres", "jieli"}
        assert "anew" not in jieli("demo-state", "--resume", data=data)

        jieli("token", "robot", "--role", "agent", data=data)  # somebody works in it
        with psycopg.connect(known.admin) as connection:
            connection.execute(AGED)
        assert "anew" not in jieli("demo-state", "--resume", data=data)
        assert "given up" in jieli("demo-state", "--resume", "--anew", data=data)

        with psycopg.connect(known.app) as connection:
            tokens = connection.execute("select count(*) from people_token")
            assert tokens.fetchall() == [(0,)]


@pytest.mark.slow
def test_what_is_no_demo_is_not_made_anew(migrated_folder: Path) -> None:
    data = migrated_folder
    with Cluster(data).joined():
        jieli("migrate", "--quiet", data=data)
        jieli("token", "robot", "--role", "agent", data=data)

        assert "it stays" in jieli("demo-state", "--resume", "--anew", data=data)
