"""Orders by thousands: killed at any moment and started again, by two at once, and beside a database that refuses a row."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connections

from jieli.cases.actions.importing import PastCase, PastStep, import_cases
from jieli.cases.models import Case, Promise
from jieli.cases.queries.verifying import findings
from jieli.config.database import Addresses
from jieli.customers.models import Customer, Device
from jieli.events.anchors import breaks
from jieli.events.models import Event
from jieli.intake.actions.exchange import import_exchange_file
from jieli.intake.actions.imports import import_path
from jieli.lib import clock
from jieli.network.models import Outlet
from jieli.orders.models import WorkOrder
from jieli.orders.tests.factories import IMPORT, a_customer_of_code, a_file, an_open_order, an_order, an_outlet
from jieli.people.models import Staff
from jieli.people.tests.factories import the_root

pytestmark = [pytest.mark.long(25), pytest.mark.django_db(transaction=True)]


def many(count: int) -> list[dict[str, str]]:
    return [
        (an_order if n % 5 else an_open_order)(
            f"R{n:05}", customer=f"K{n % 500}", device=f"SN{n % 700}", outlet="PQ"[n % 2], engineer=""
        )
        for n in range(count)
    ]


def counted() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in (Case, WorkOrder, Promise, Event, Customer, Device)}


@pytest.mark.slow
def test_a_killed_import_leaves_whole_orders_and_goes_on(tmp_path: Path, database_urls: Addresses) -> None:
    an_outlet("P")
    an_outlet("Q")
    total = 9_000  # five transactions
    path = a_file(tmp_path, "orders", many(total))
    command = [sys.executable, "-m", "jieli", "import", str(path), "--json"]
    environment = {**os.environ, "DATABASE_URL": database_urls.app, "DATABASE_OWNER_URL": database_urls.owner}
    dice = random.Random(20261122)
    kills = 0
    for wanted in (1, 2000, 4000):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and WorkOrder.objects.count() < wanted:
            time.sleep(0.01)
        time.sleep(dice.random() * 0.4)
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        assert WorkOrder.objects.count() == Case.objects.count() == Event.objects.filter(type="cases.imported").count()
    assert kills == 3
    partly = WorkOrder.objects.count()
    assert 0 < partly < total
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (report,) = json.loads(done.stdout)["files"]
    assert (report["rows"], report["bad"]) == (total, [])
    assert report["imported"] + report["unchanged"] == total
    assert report["unchanged"] >= partly
    assert list(breaks()) == []
    assert list(findings()) == []
    found = counted()
    assert (found["WorkOrder"], found["Case"], found["Customer"], found["Device"]) == (total, total, 500, 700)
    assert Event.objects.filter(type="orders.dispatched").count() == total
    again = json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert (again["files"][0]["unchanged"], again["cases"], again["events"]) == (total, 0, 0)
    assert counted() == found


def test_two_imports_of_one_file_at_once_make_each_order_once(tmp_path: Path) -> None:
    an_outlet("P")
    an_outlet("Q")
    path = a_file(tmp_path, "orders", many(3000))
    reports = []

    def bring_in() -> None:
        try:
            reports.append(import_exchange_file(path, kind="orders", actor=IMPORT))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=bring_in) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((one.imported, one.unchanged, one.rejected) for one in reports) == [(0, 3000, 0), (3000, 0, 0)]
    assert WorkOrder.objects.count() == 3000
    assert list(breaks()) == []
    assert list(findings()) == []


def test_what_only_the_database_refuses_keeps_out_that_row_alone(tmp_path: Path) -> None:
    outlet = an_outlet("P")
    an_outlet("Q")
    a_case_called("R00007", outlet)
    report = import_exchange_file(a_file(tmp_path, "orders", many(50)), kind="orders", actor=IMPORT)
    assert (report.imported, report.rejected) == (49, 1)
    assert [bad["line"] for bad in report.bad] == [9]
    assert "cases_once_per_source" in report.bad[0]["reason"]
    assert WorkOrder.objects.count() == 49


def test_a_dry_run_keeps_nothing_and_finds_the_same(tmp_path: Path) -> None:
    an_outlet("P")
    rows = [an_order(), an_order("R2", outlet="nowhere"), an_open_order("R3")]
    report = import_path(a_file(tmp_path, "orders", rows), actor=IMPORT, dry_run=True)
    (one,) = report.files
    assert (one.rows, one.imported, one.rejected, one.cases) == (3, 2, 1, 2)
    assert not WorkOrder.objects.exists()
    assert not Customer.objects.filter(code="K1").exists()


def a_case_called(key: str, outlet: Outlet) -> None:
    owner = the_root().leader or Staff.objects.earliest("pk")
    step = PastStep(clock.now(), "opened", "m", 1, owner.pk, outlet.unit_id, state="closed")
    one = PastCase("orders", key, "service", "维修", a_customer_of_code("K-x").pk, [step])
    import_cases([one], actor=IMPORT)
