"""Rows of outlets.csv (interfaces, Exchange files)."""

import csv
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from jieli.events.actor import import_actor
from jieli.events.anchors import breaks
from jieli.events.models import Event
from jieli.intake.actions.exchange import import_exchange_file
from jieli.intake.rules.reports import FileReport
from jieli.network.models import Outlet
from jieli.people.tests.factories import a_unit

pytestmark = pytest.mark.django_db
ROW = {
    "code": "P",
    "type": "core",
    "tier": "outlet",
    "region": "华北",
    "latitude": "39.98321123",
    "longitude": "116.31",
    "capacity_per_day": "40",
    "product_lines": "washing_machine; refrigerator;washing_machine",
    "status": "active",
    "landlord": "张三",
}


def imported(folder: Path, rows: Sequence[Mapping[str, str]]) -> FileReport:
    path = folder / "outlets.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ROW), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return import_exchange_file(path, kind="outlets", actor=import_actor("test"))


def test_an_outlet_comes_in_once(tmp_path: Path) -> None:
    unit = a_unit(code="P")
    report = imported(tmp_path, [ROW])
    assert (report.imported, report.columns_unknown, report.bad) == (1, ["landlord"], [])
    outlet = Outlet.objects.get()
    assert (outlet.unit_id, outlet.type, outlet.tier, outlet.region) == (unit.pk, "core", "outlet", "华北")
    assert (outlet.latitude, outlet.longitude, outlet.capacity_per_day) == (Decimal("39.983211"), Decimal("116.31"), 40)
    assert (outlet.product_lines, outlet.attributes) == (["washing_machine", "refrigerator"], {"landlord": "张三"})
    event = Event.objects.get(type="network.outlet_made")
    assert (event.stream, event.stream_id, event.data["summary"]) == ("unit", unit.pk, "core, outlet, 华北, active")
    again = imported(tmp_path, [ROW])
    assert (again.imported, again.unchanged) == (0, 1)


def test_a_changed_outlet_is_an_event_with_old_and_new(tmp_path: Path) -> None:
    a_unit(code="P")
    imported(tmp_path, [ROW])
    report = imported(tmp_path, [{**ROW, "status": "suspended", "region": "", "landlord": "李四"}])
    assert (report.imported, report.unchanged) == (1, 0)
    outlet = Outlet.objects.get()
    assert (outlet.status, outlet.region, outlet.attributes) == ("suspended", "华北", {"landlord": "李四"})
    event = Event.objects.get(type="network.outlet_changed")
    assert event.data["changes"] == {"status": ["active", "suspended"], "attributes": [["landlord"], ["landlord"]]}
    assert list(breaks()) == []


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"code": "nowhere"}, "code"),
        ({"code": ""}, "code"),
        ({"type": "palace"}, "type"),
        ({"tier": "3"}, "tier"),
        ({"status": "closed"}, "status"),
        ({"latitude": "91"}, "latitude"),
        ({"longitude": ""}, "longitude"),
        ({"capacity_per_day": "1,000"}, "capacity_per_day"),
        ({"capacity_per_day": "4.5"}, "capacity_per_day"),
        ({"region": "x" * 61}, "region"),
        ({"product_lines": "x" * 61}, "product_lines"),
    ],
)
def test_a_bad_cell_is_refused_by_its_column_and_the_others_are_kept(
    tmp_path: Path, cells: dict[str, str], column: str
) -> None:
    a_unit(code="P")
    a_unit(code="Q")
    report = imported(tmp_path, [{**ROW, **cells}, {**ROW, "code": "Q"}])
    assert [(bad["line"], bad["column"]) for bad in report.bad] == [(2, column)]
    assert (report.imported, report.rejected) == (1, 1)
    assert Outlet.objects.get().unit.code == "Q"
