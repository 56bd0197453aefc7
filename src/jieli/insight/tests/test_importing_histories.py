"""Importing a foreign history: what becomes of its rows, twice, with more rows, killed, and worked on afterwards."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.owning import take_over_case
from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.actions.progressing import close_case, reopen_case, resolve_case
from jieli.cases.models import Case, Promise
from jieli.cases.queries.verifying import findings
from jieli.cases.refusals import ReopenTooLate
from jieli.config.database import Addresses
from jieli.customers.models import Customer
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.insight.queries.history import NoSuchHistory, figures
from jieli.intake.actions import histories
from jieli.intake.actions.histories import import_history
from jieli.intake.models import ImportRun, StagedStep
from jieli.intake.refusals import AnotherImportRuns, BadMapping
from jieli.intake.tests.factories import SMALL_MAPPING, SMALL_ROWS, a_file, imported
from jieli.lib import clock
from jieli.people.models import Staff, Unit
from jieli.people.tests.factories import a_company, a_person, acting, the_root

pytestmark = [pytest.mark.long(25), pytest.mark.django_db]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_row_becomes_a_step_of_a_case_with_owner_unit_and_chain(tmp_path: Path) -> None:
    boss = a_company()
    report = imported(a_file(tmp_path / "log.csv"))
    assert (report.rows, report.imported, report.unchanged, report.cases, report.events) == (6, 6, 0, 2, 6)
    one, two = Case.objects.filter(source="small").order_by("source_key")
    assert (one.status, one.owner.name, one.unit.name, one.channel, one.passes) == ("closed", "Ben", "second", "import", 1)
    assert one.customer.name == "Firm A"
    assert one.custom == {"level": "3"}
    assert (one.opened_at, one.closed_at) == (at("2020-01-01T08:00"), at("2020-01-03T08:00"))
    assert not one.promises.exists()
    events = list(Event.objects.of_case(one.pk))
    assert [event.type for event in events] == [
        "cases.imported",
        "cases.pass_imported",
        "cases.pass_imported",
        "cases.activity_imported",
    ]
    assert events[0].at == at("2020-01-01T08:00")
    assert events[2].data["attributes"] == {"level": "3"}
    assert (two.status, two.owner.name) == ("open", "Ann")
    first = Event.objects.of_case(two.pk)[0]
    assert first.data["owner_id"] == boss.pk
    assert "first" in first.data["why"]
    assert two.promises.get().by_import
    ann = Staff.objects.get(code="small:Ann")
    assert not ann.has_usable_password()
    assert Unit.objects.get(code="small:second").parent == Unit.objects.get(code="import:small")
    assert list(findings()) == []


def test_an_empty_database_gets_a_company_first(tmp_path: Path) -> None:
    assert imported(a_file(tmp_path / "log.csv", SMALL_ROWS[4:])).imported == 2
    source_unit = Unit.objects.get(code="import:small")
    assert source_unit.parent is not None
    assert list(findings()) == []


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    a_company()
    path = a_file(tmp_path / "log.csv")
    imported(path)
    before = _everything()
    report = imported(path)
    assert (report.imported, report.unchanged, report.events) == (0, 6, 0)
    assert _everything() == before


def test_a_later_export_with_more_rows_only_adds(tmp_path: Path) -> None:
    a_company()
    imported(a_file(tmp_path / "early.csv", [SMALL_ROWS[0], SMALL_ROWS[2], SMALL_ROWS[4]]))
    assert Case.objects.get(source_key="1").status == "resolved"
    more = [*SMALL_ROWS, ("2", "2020-02-01T08:30:00Z", "close", "Ben", "first", "Firm B", "1")]
    more += [("3", "2020-02-01T08:30:00Z", "open", "Cem", "first", "Firm C", "1")]
    report = imported(a_file(tmp_path / "late.csv", more))
    assert (report.imported, report.unchanged) == (5, 3)
    assert figures("small") == figures("small") | {"events": 8, "cases": 3, "passes": 2, "actors": 3}
    one, two = Case.objects.get(source_key="1"), Case.objects.get(source_key="2")
    assert (one.status, two.status, two.owner.name) == ("closed", "closed", "Ben")
    assert not Promise.objects.unended().filter(case__in=[one, two]).exists()
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert list(findings()) == []


def test_identical_rows_of_an_event_log_are_events_each(tmp_path: Path) -> None:
    a_company()
    path = a_file(tmp_path / "log.csv", [*SMALL_ROWS, SMALL_ROWS[1]])
    imported(path)
    assert figures("small")["events"] == 7
    assert imported(path).unchanged == 7


def test_a_dry_run_says_everything_and_keeps_nothing(tmp_path: Path) -> None:
    a_company()
    before = _everything()
    path = a_file(tmp_path / "log.csv", [*SMALL_ROWS, ("4", "yesterday", "open", "Ann", "first", "Firm A", "2")])
    report = imported(path, dry_run=True)
    assert (report.rows, report.imported, report.rejected, report.bad[0]["line"]) == (7, 6, 1, 8)
    assert _everything() == before
    assert not ImportRun.objects.exists()
    with pytest.raises(NoSuchHistory):
        figures("small")


def test_ties_in_time_keep_the_order_of_the_file(tmp_path: Path) -> None:
    a_company()
    rows = [("9", "2020-01-01T08:00:00Z", "work", who, "first", "Firm A", "2") for who in ("Ben", "Ann", "Cem")]
    imported(a_file(tmp_path / "log.csv", rows))
    assert Case.objects.get(source_key="9").owner.name == "Cem"
    assert [e.data["actor"] for e in Event.objects.of_case(Case.objects.get().pk) if "actor" in e.data] == ["Ben", "Ann", "Cem"]


def test_figures_at_an_instant_leave_out_what_came_later(tmp_path: Path) -> None:
    a_company()
    imported(a_file(tmp_path / "log.csv"))
    early = figures("small", at("2020-01-02T08:00"))
    assert (early["events"], early["cases"], early["open"]) == (4, 2, 2)
    late = figures("small")
    assert (late["events"], late["open"], late["reopened"], late["passes"]) == (6, 1, 0, 1)


def test_a_history_that_nobody_imported_names_those_there_are(tmp_path: Path) -> None:
    a_company()
    imported(a_file(tmp_path / "log.csv"))
    with pytest.raises(NoSuchHistory, match="small"):
        figures("smal")


def test_an_imported_case_is_worked_like_any_other(tmp_path: Path) -> None:
    a_company()
    yesterday = (clock.now() - timedelta(days=1)).isoformat()
    rows = [*SMALL_ROWS, ("3", yesterday, "close", "Ann", "first", "Firm A", "1")]
    path = a_file(tmp_path / "log.csv", rows)
    imported(path)
    before = figures("small")
    lilei = a_person(unit=the_root(), roles=("manager",), name="李雷")
    hanmei = a_person(unit=the_root(), roles=("agent",), name="韩梅")
    case = Case.objects.get(source_key="2")
    take_over_case(case.pk, reason="看一下老工单", actor=acting(lilei))
    write_message(case.pk, body="我们接着处理", visible=True, actor=acting(lilei))
    offer = offer_pass(case.pk, to=hanmei, done="看过", next="回复", actor=acting(lilei))
    accept_pass(offer.pk, restatement="客户等答复", actor=acting(hanmei))
    resolve_case(case.pk, answer="好了", actor=acting(hanmei))
    close_case(case.pk, actor=acting(hanmei))
    with pytest.raises(ReopenTooLate):
        reopen_case(Case.objects.get(source_key="1").pk, reason="又坏了", actor=acting(lilei))
    assert reopen_case(Case.objects.get(source_key="3").pk, reason="又坏了", actor=acting(lilei)).is_open
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert list(findings()) == []
    assert figures("small") == before
    report = imported(a_file(path, [*rows, ("2", "2020-03-01T08:00:00Z", "work", "Cem", "first", "Firm B", "1")]))
    assert report.imported == 1
    again = Case.objects.get(pk=case.pk)
    assert (again.status, again.owner_id) == ("closed", hanmei.pk)


def test_only_administrators_and_the_command_line_import(tmp_path: Path) -> None:
    a_company()
    agent = a_person(unit=the_root(), roles=("agent",))
    with pytest.raises(NotAllowed):
        import_history(a_file(tmp_path / "log.csv"), mapping_text=SMALL_MAPPING, actor=acting(agent))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('time_zone = "UTC"', 'time_zone = "Beijing"'), "line 5"),
        (('times = ["iso"]', 'times = ["%H:%M"]'), "line 6"),
        (('actor = "who"', 'aktor = "who"'), "actor"),
        (('closes = ["close"]', 'closes = ["open"]'), "open"),
        (('form = "events"', 'form = "cases"'), "moments"),
        (('case = "case"', "case = "), "TOML"),
        (('actor = "who"', 'actor = "nobody"'), "“nobody”"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    a_company()
    with pytest.raises(BadMapping) as refused:
        imported(a_file(tmp_path / "log.csv"), SMALL_MAPPING.replace(*change))
    assert message in str(refused.value).replace("第 ", "line ").replace(" 行", "")
    assert not Case.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_killed_import_goes_on_where_it_stopped(tmp_path: Path, database_urls: Addresses) -> None:
    a_company()
    start = datetime(2020, 1, 1, tzinfo=UTC)
    rows = [
        (str(case), (start + timedelta(hours=case, minutes=step)).isoformat(), activity, f"P{(case + step) % 7}", "q", "F", "1")
        for case in range(2000)  # four transactions
        for step, activity in enumerate(("open", "work", "answer", "close"))
    ]
    path = a_file(tmp_path / "log.csv", rows)
    (tmp_path / "mapping.toml").write_text(SMALL_MAPPING)
    command = [sys.executable, "-m", "jieli", "import", str(path), "--mapping", str(tmp_path / "mapping.toml"), "--json"]
    environment = {**os.environ, "DATABASE_URL": database_urls.app, "DATABASE_OWNER_URL": database_urls.owner}
    kills = 0
    for wanted in (0, 1, 2001):  # when all is read, after the first transaction, after the second
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while process.poll() is None and ImportRun.objects.filter(done_steps__gte=wanted).count() == 0:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
    assert kills == 3
    partly = Case.objects.filter(source="small").count()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert 0 < partly < 2000
    assert report["files"][0]["rows"] == 8000
    assert report["files"][0]["imported"] == 8000
    assert report["cases"] == 2000
    found = figures("small")
    assert (found["events"], found["cases"], found["passes"]) == (8000, 2000, 6000)
    assert not StagedStep.objects.exists()
    again = json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert again["files"][0]["unchanged"] == 8000


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_source_do_not_run_at_once(tmp_path: Path) -> None:
    a_company()
    path = a_file(tmp_path / "log.csv")

    refused: list[AnotherImportRuns] = []

    def second() -> None:
        try:
            imported(path)
        except AnotherImportRuns as error:
            refused.append(error)
        finally:
            connection.close()

    with histories.alone("import small"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(refused) == 1
    assert imported(path).imported == 6


def _everything() -> dict[str, int]:
    return {
        "events": Event.objects.count(),
        "cases": Case.objects.count(),
        "staff": Staff.objects.count(),
        "units": Unit.objects.count(),
        "customers": Customer.objects.count(),
        "promises": Promise.objects.count(),
        "staged": StagedStep.objects.count(),
    }
