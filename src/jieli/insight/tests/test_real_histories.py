"""Real histories come in by their shipped mappings, and their figures come out to the digit."""

import csv
import gzip
import random
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from jieli.cases.models import Case
from jieli.customers.models import Customer
from jieli.events.anchors import breaks
from jieli.events.models import Event
from jieli.insight.queries.history import figures, instant_of
from jieli.intake.tests.factories import data_folder, imported, mapping
from jieli.people.tests.factories import a_company

pytestmark = [pytest.mark.long(20), pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_the_help_desk(tmp_path: Path) -> None:
    a_company()
    copy = tmp_path / "log.csv.gz"
    shutil.copy(data_folder() / "processes" / "helpdesk.csv.gz", copy)
    report = imported(copy, mapping("helpdesk"))
    assert (report.rows, report.imported, report.rejected, report.columns_unknown) == (21348, 21348, 0, [])
    copy.unlink()
    found = figures("helpdesk")
    assert (found["events"], found["cases"], found["actors"], found["passes"]) == (21348, 4580, 22, 8648)
    assert round(found["duration_mean_days"], 3) == 40.858
    assert round(found["duration_median_days"], 3) == 39.859
    assert found["reopened"] == 152
    assert found["by_activity"]["Resolve ticket"] == 4983
    assert len(found["by_activity"]) == 14
    assert Customer.objects.filter(code__startswith="helpdesk:").count() == 397
    assert list(breaks()) == []
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")


def test_a_shuffled_help_desk_with_other_columns_in_another_zone(tmp_path: Path) -> None:
    a_company()
    with gzip.open(data_folder() / "processes" / "helpdesk.csv.gz", "rt", newline="") as file:
        _header, *rows = csv.reader(file)
    order = list(range(len(rows)))
    random.Random(7).shuffle(order)
    copy = tmp_path / "shuffled.csv"
    shanghai = ZoneInfo("Asia/Shanghai")
    with copy.open("w", newline="", encoding="gb18030") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["经办人", "工单", "完成时间", "步骤", "客户", "组"])
        for place in order:
            row = rows[place]
            at = datetime.strptime(row[3], "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=ZoneInfo("UTC")).astimezone(shanghai)
            writer.writerow([row[2], row[0], at.strftime("%d.%m.%Y %H:%M:%S"), row[1], row[8], row[15]])
    text = """
        form = "events"
        source = "another"
        title = "工单"
        time_zone = "Asia/Shanghai"
        times = ["%d.%m.%Y %H:%M:%S"]
        [columns]
        case = "工单"
        at = "完成时间"
        activity = "步骤"
        actor = "经办人"
        group = "组"
        customer = "客户"
        [values]
        opens = ["Insert ticket", "Assign seriousness", "Take in charge ticket", "Require upgrade", "Schedule intervention",
                 "Create SW anomaly", "Resolve SW anomaly"]
        pauses = ["Wait"]
        resolves = ["Resolve ticket"]
        closes = ["Closed"]
        keeps = ["VERIFIED", "RESOLVED", "INVALID", "DUPLICATE"]
    """
    report = imported(copy, text)
    assert report.rejected == 0
    assert any("GB18030" in note for note in report.notes)
    found = figures("another")
    assert (found["events"], found["cases"], found["actors"], found["passes"]) == (21348, 4580, 22, 8648)
    assert round(found["duration_mean_days"], 3) == 40.858
    assert round(found["duration_median_days"], 3) == 39.859


def test_the_problems_of_volvo() -> None:
    a_company()
    report = imported(data_folder() / "processes" / "BPI2013_closed.csv.gz", mapping("volvo"))
    assert (report.rows, report.rejected, report.columns_unknown) == (6660, 0, [])
    found = figures("volvo")
    assert (found["events"], found["cases"], found["cases_passed"], found["passes"]) == (6660, 1487, 123, 220)
    assert round(found["duration_mean_days"], 2) == 178.88
    assert round(found["duration_median_days"], 2) == 81.98
    assert found["by_activity"] == {"Accepted": 4207, "Completed": 1568, "Queued": 875, "Unmatched": 10}
    assert found["open"] == 0


def test_the_incidents_with_every_dirty_value_reported() -> None:
    a_company()
    path = data_folder() / "processes" / "incident_event_log_first200.csv.gz"
    report = imported(path, mapping("servicenow"))
    assert (report.rows, report.imported, report.rejected, report.columns_unknown) == (1285, 1285, 0, [])
    with gzip.open(path, "rt", newline="") as file:
        _header, *rows = csv.reader(file)
    assert sum(one["count"] for one in report.unknown) == sum(cell in ("?", "-100") for row in rows for cell in row)
    by_column = {one["column"]: one for one in report.unknown}
    assert by_column["cmdb_ci"]["lines"] == "2-1286"
    assert by_column["caused_by"]["lines"] == "2-1175,1183-1286"
    found = figures("servicenow")
    assert (found["events"], found["cases"]) == (1285, 200)
    assert (found["sla_met"], found["sla_known"]) == (130, 200)
    assert (found["reopened"], found["passes"]) == (3, 138)
    without_person = Event.objects.filter(type__in=["cases.imported", "cases.pass_imported"], data__why__isnull=False)
    assert "duty officer" in without_person[0].data["why"] or "值班" in without_person[0].data["why"]


def test_the_requests_of_a_city() -> None:
    a_company()
    report = imported(data_folder() / "requests" / "boston311.csv.gz", mapping("boston311"))
    assert (report.rows, report.imported, report.rejected) == (19554, 19554, 0)
    found = figures("boston311")
    assert found["cases"] == 19554
    assert (found["sla_met"], found["sla_known"]) == (11623, 13257)
    assert (found["open"], found["overdue"]) == (4753, 1459)
    assert round(found["duration_median_days"] * 24, 2) == 234.09
    assert figures("boston311", instant_of("boston311", "2016-01-13 00:00"))["overdue"] == 1459
    assert figures("boston311", instant_of("boston311", "2015-07-01"))["cases"] < 19554
    open_case = Case.objects.filter(source="boston311", status="open").first()
    assert open_case is not None
    promise = open_case.promises.get()
    assert (promise.kind, promise.by_import) == ("next_reply", True)
    assert open_case.next_due_at is not None
    assert open_case.next_due_at - promise.started_at < timedelta(days=10)
    assert not Case.objects.filter(source="boston311", status="closed", promises__isnull=False).exists()
