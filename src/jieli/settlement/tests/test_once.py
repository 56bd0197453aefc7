"""A month is decided once: whoever races, whatever is killed, whatever is newer afterwards."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from jieli.cases.tests.racing import DONE, race
from jieli.config.database import Addresses
from jieli.events.models import Event
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.orders.models import WorkOrder
from jieli.people.models import Unit
from jieli.people.tests.factories import a_company, a_person, a_unit
from jieli.policies.tests.factories import changed, make_version
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.models import Charge, Line, Result, Run
from jieli.settlement.queries import terms
from jieli.settlement.queries.calculating import calculate
from jieli.settlement.queries.decided import decided_month
from jieli.settlement.queries.months import month_of
from jieli.settlement.refusals import MonthAlreadyPassed, MonthBeforeCutOff, MonthNotBegun
from jieli.settlement.tests.factories import (
    FINANCE,
    a_complaint,
    a_device,
    a_rate_table,
    an_incentive,
    an_order,
    an_outlet,
    an_unfinished,
    at,
    order_row,
)

pytestmark = pytest.mark.long(20)
SETTLED = at("2026-04-08 09:00")
RACERS, KILLS = 20, 100


def a_small_company(orders: int = 30) -> list[Unit]:
    """Write two outlets with orders, repeats between them, incentives, a complaint and a backlog."""
    a_rate_table("washer repair true 0 10 82.00", "washer repair true 10 - 55.50")
    outlets = [an_outlet("A"), an_outlet("B")]
    devices = [a_device() for _ in range(orders // 2)]
    rows = [
        order_row(
            outlets[place % 2],
            at(f"2026-03-{1 + place % 28:02d} 12:00"),
            device=devices[place % len(devices)],
            distance_km=Decimal(place % 20),
            steps_complete=None if place % 7 == 0 else place % 11 > 0,
        )
        for place in range(orders)
    ]
    WorkOrder.objects.bulk_create(rows)
    an_incentive(outlets[0], "2026-03", "30.00")
    an_incentive(outlets[1], "2026-03", "-5000.00")
    a_complaint(outlets[0], "2026-03-09 12:00")
    an_unfinished(outlets[1], begun=at("2026-03-05 12:00"))
    return outlets


def cents() -> list[tuple[Any, ...]]:
    """Return what the outlets get, and of which lines, as it is stored."""
    results = Result.objects.order_by("run__month", "outlet__code").values_list(
        "run__month", "outlet__code", "labour_amount", "coefficient", "incentives_amount", "payout_amount", "debt_amount"
    )
    lines = Line.objects.order_by("run__month", "order__number").values_list("order__number", "decision", "gate", "fee_amount")
    return [*results, *lines]


# --- refusals


@pytest.mark.django_db
def test_months_go_forward() -> None:
    with clock.frozen(SETTLED):
        a_small_company()
        with pytest.raises(MonthBeforeCutOff):
            decide_month(month_of("2026-04"), actor=FINANCE)
        with pytest.raises(MonthNotBegun):
            decide_month(month_of("2026-05"), actor=FINANCE)
        with pytest.raises(MonthNotBegun):
            calculate(month_of("2026-05"))
        decide_month(month_of("2026-03"), actor=FINANCE)
        for refused in (lambda month: decide_month(month, actor=FINANCE), calculate):
            with pytest.raises(MonthAlreadyPassed):
                refused(month_of("2026-02"))
    assert Run.objects.get().month == date(2026, 3, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(("moment", "is_decided"), [("2026-04-08 00:00", False), ("2026-04-08 00:00:00.000001", True)])
def test_the_cut_off_is_the_end_of_the_seventh_day_inclusive(moment: str, is_decided: bool) -> None:
    with clock.frozen(at(moment)), contextlib.nullcontext() if is_decided else pytest.raises(MonthBeforeCutOff):
        a_small_company(2)
        assert decide_month(month_of("2026-03"), actor=FINANCE).cut_off == at("2026-04-08 00:00")


# --- what is decided stays


@pytest.mark.django_db
def test_a_decision_answers_the_same_whatever_is_newer_and_tells_which_facts_changed() -> None:
    with clock.frozen(SETTLED):
        a_small_company()
        run = decide_month(month_of("2026-03"), actor=FINANCE)
        before, grades = cents(), decided_month(run).outlets
        order = Line.objects.filter(decision="payable").select_related("order").earliest("order_id").order
    with clock.frozen(at("2026-04-09 09:00")):
        make_version("settlement", changed("settlement", "night = 20.00", "night = 99.00"))
        make_version("grade", changed("grade", "a = 90", "a = 80"))
        order.outlet, order.steps_complete, order.changed_at = Unit.objects.get(code="B"), False, clock.now()
        order.device, order.finished_at = a_device(genuine=False), at("2026-04-02 12:00")
        order.save()
        assert decide_month(month_of("2026-03"), actor=FINANCE) == run
        assert decided_month(run).changed_after_decision() == [order.number]
    assert cents() == before
    assert decided_month(run).outlets == grades
    with clock.frozen(at("2026-05-09 09:00")):
        decide_month(month_of("2026-04"), actor=FINANCE)
    assert Line.objects.filter(order=order).count() == 1
    assert [row for row in cents() if row[0] != date(2026, 4, 1)][: len(grades)] == before[: len(grades)]


@pytest.mark.django_db
def test_a_changed_repair_still_counts_as_what_it_was_when_it_was_decided() -> None:
    with clock.frozen(SETTLED):
        a_rate_table()
        outlet, device = an_outlet("A"), a_device()
        first = an_order(outlet, "2026-03-05 12:00", device=device)
        decide_month(month_of("2026-03"), actor=FINANCE)
    with clock.frozen(at("2026-05-09 09:00")):
        first.device, first.changed_at = a_device(), clock.now()
        first.save()
        repeat = an_order(outlet, "2026-04-05 12:00", device=device)
        decide_month(month_of("2026-04"), actor=FINANCE)
    assert Line.objects.get(order=repeat).gate == "repeat"


@pytest.mark.django_db
def test_debt_is_carried_and_months_that_were_never_run_are_taken_along() -> None:
    with clock.frozen(at("2026-07-09 09:00")):
        a_rate_table("washer repair true 0 - 100.00")
        outlet = an_outlet("S")
        an_order(outlet, "2026-01-20 12:00")
        an_incentive(outlet, "2026-02", "-180.00")
        decide_month(month_of("2026-03"), actor=FINANCE)
        an_order(outlet, "2026-04-20 12:00")
        an_order(outlet, "2026-05-20 12:00")
        assert calculate(month_of("2026-05")).earlier_orders == 1
        decide_month(month_of("2026-05"), actor=FINANCE)
    first, second = Result.objects.order_by("run__month")
    assert (first.run.earlier_orders, first.payout_amount, first.debt_amount) == (1, Decimal("0.00"), Decimal("80.00"))
    assert (second.incentives_amount, second.payout_amount) == (Decimal("-80.00"), Decimal("120.00"))
    assert list(Charge.objects.order_by("id").values_list("kind", "amount")) == [
        ("incentive", Decimal("-180.00")),
        ("debt", Decimal("-80.00")),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["comes in later", "was unfinished", "was of a later month", "was held"])
def test_what_turns_out_late_to_have_been_finished_before_is_paid_by_the_next_run(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "STILL_COMING", 0)
    finished = at("2026-03-20 12:00")
    with clock.frozen(SETTLED):
        a_rate_table()
        outlet = an_outlet("A")
        an_order(outlet, finished)
        if way == "was unfinished":
            order = an_unfinished(outlet, device=a_device())
        elif way == "was of a later month":
            order = an_order(outlet, "2026-06-20 12:00")
        elif way == "was held":
            order = an_order(outlet, finished, steps_complete=None)
        decide_month(month_of("2026-03"), actor=FINANCE)
    with clock.frozen(at("2026-05-09 09:00")):
        if way == "comes in later":
            order = an_order(outlet, finished)
        else:
            order.opened_at, order.finished_at, order.steps_complete = at("2026-03-19 12:00"), finished, True
            order.callback_at, order.callback_result = finished, "satisfied"
            order.changed_at = clock.now() if way == "was of a later month" else None
            order.save()
        for month in ("2026-04", "2026-04"):
            decide_month(month_of(month), actor=FINANCE)
    assert list(Result.objects.order_by("run__month").values_list("payout_amount", flat=True)) == [Decimal("82.00")] * 2
    assert Line.objects.get(order=order, held_in=0).decision == "payable"


@pytest.mark.django_db
def test_the_database_refuses_to_pay_or_to_change_a_second_time() -> None:
    with clock.frozen(SETTLED):
        a_small_company()
        run = decide_month(month_of("2026-03"), actor=FINANCE)
        line = Line.objects.filter(decision="payable").earliest("order_id")
        again = {field.attname: getattr(line, field.attname) for field in Line._meta.concrete_fields}
        with pytest.raises(IntegrityError), transaction.atomic():
            Line.objects.bulk_create([Line(**again | {"run_id": run.pk + 1})])
        for statement in (
            "update settlement_line set fee_amount = 1",
            "delete from settlement_line",
            "update settlement_result set payout_amount = 1",
            "update settlement_run set digest = ''",
            "delete from settlement_charge",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        assert Event.objects.filter(type="settlement.month_decided").get().data["digest"] == run.digest


# --- races and kills


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_twenty_processes_at_once_make_one_decision(database_urls: Addresses) -> None:
    with clock.frozen(SETTLED):
        a_small_company()
    ends = race(database_urls, SETTLED, *[lambda: decide_month(month_of("2026-03"), actor=FINANCE)] * RACERS)
    assert ends == {DONE: RACERS}
    assert Run.objects.count() == 1
    assert Event.objects.filter(type="settlement.month_decided").count() == 1
    assert Line.objects.count() == 30


@pytest.fixture
def undo(admin_connection: "psycopg.Connection[Any]") -> Callable[[], None]:
    def undo() -> None:
        with admin_connection.transaction():
            admin_connection.execute("set local session_replication_role = replica")
            for table in ("charge", "line", "leftopen", "result", "run"):
                admin_connection.execute(f"delete from settlement_{table}")

    return undo


@contextlib.contextmanager
def _run_of_its_own(found: list[int]) -> Iterator[threading.Thread]:
    def run() -> None:
        try:
            with clock.frozen(SETTLED), contextlib.suppress(DatabaseError):
                with connection.cursor() as cursor:
                    cursor.execute("select pg_backend_pid()")
                    found.append(cursor.fetchone()[0])
                decide_month(month_of("2026-03"), actor=FINANCE)
        except DatabaseError:
            pass
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    yield thread
    thread.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_run_killed_anywhere_leaves_nothing_and_the_next_one_pays_the_same_cents(
    admin_connection: "psycopg.Connection[Any]", undo: Callable[[], None]
) -> None:
    with clock.frozen(SETTLED):
        a_small_company()
        begun = time.perf_counter()
        decide_month(month_of("2026-03"), actor=FINANCE)
        seconds = time.perf_counter() - begun
        expected, digest = cents(), Run.objects.get().digest
    undo()
    chance, killed = Random(7), 0
    for _ in range(KILLS):
        backend: list[int] = []
        with _run_of_its_own(backend):
            while not backend:
                time.sleep(0.0005)
            time.sleep(chance.random() * seconds)
            admin_connection.execute("select pg_terminate_backend(%s)", backend)
        if Run.objects.exists():
            assert cents() == expected
            undo()
        else:
            killed += 1
            assert [model.objects.count() for model in (Line, Result, Charge)] == [0, 0, 0]
    assert killed > KILLS // 4
    with clock.frozen(SETTLED):
        assert decide_month(month_of("2026-03"), actor=FINANCE).digest == digest
    assert cents() == expected


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_command_killed_with_its_process_leaves_nothing(
    database_urls: Addresses, owner_connection: "psycopg.Connection[Any]"
) -> None:
    with clock.frozen(SETTLED):
        a_small_company()
        expected = calculate(month_of("2026-03")).outlets
    environment = {
        **os.environ,
        "DATABASE_URL": database_urls.app,
        "DATABASE_OWNER_URL": database_urls.owner,
        "DJANGO_SETTINGS_MODULE": "jieli.config.settings",
    }
    command = [sys.executable, "-m", "jieli", "settle", "2026-03", "--json"]
    with owner_connection.transaction():
        # The run waits for this table when it stores its lines, and is killed there.
        owner_connection.execute("lock table settlement_result in access exclusive mode")
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        waits = "select count(*) from pg_locks where relation = 'settlement_result'::regclass and not granted"
        for _ in range(400):
            if owner_connection.execute(waits).fetchone() != (0,):
                break
            time.sleep(0.05)
        else:
            pytest.fail("the command never came to its results")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not Run.objects.exists()
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert not Line.objects.filter(run__isnull=True).exists()
    assert decided_month(Run.objects.get()).outlets == expected


@pytest.mark.django_db
def test_finance_is_told_once_when_orders_are_held_because_a_fee_is_missing() -> None:
    a_company()
    teller, other = a_person(unit=a_unit(), roles=["finance"]), a_person(unit=a_unit(), roles=["agent"])
    outlet = an_outlet("A")
    a_rate_table()
    an_order(outlet, "2026-03-02 10:00")
    an_order(outlet, "2026-03-03 10:00", product_line="unheard of")
    for _ in range(2):
        decide_month(month_of("2026-03"), actor=FINANCE)
    (notice,) = Notice.objects.filter(kind="settlement.rate_missing")
    held = "/settlement/2026-03/unpaid/?decision=held&gate=rate"
    assert (notice.staff_id, notice.params) == (teller.pk, {"month": "2026-03", "orders": 1, "link": held})
    assert not Notice.objects.filter(staff=other).exists()
