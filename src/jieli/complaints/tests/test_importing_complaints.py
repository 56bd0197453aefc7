"""Rows of complaints.csv (interfaces, Exchange files)."""

from pathlib import Path

import pytest
from django.utils import translation

from jieli.complaints.models import Complaint
from jieli.events.anchors import breaks
from jieli.events.models import Event
from jieli.orders.models import WorkOrder
from jieli.orders.tests.factories import an_order, an_outlet, imported

pytestmark = pytest.mark.django_db
ROW = {
    "number": "X1",
    "order": "R1",
    "outlet": "P",
    "opened_at": "2026-09-03T09:00:00+08:00",
    "level": "2",
    "upheld": "true",
    "channel": "12315",
}


def test_a_complaint_comes_in_once_on_the_chain_of_the_outlet(tmp_path: Path) -> None:
    outlet = an_outlet()
    imported(tmp_path, "orders", [an_order()])
    report = imported(tmp_path, "complaints", [ROW])
    assert (report.imported, report.events, report.columns_unknown) == (1, 1, ["channel"])
    complaint = Complaint.objects.get()
    assert (complaint.order, complaint.outlet_id) == (WorkOrder.objects.get(), outlet.unit_id)
    assert (complaint.level, complaint.upheld, complaint.attributes) == (2, True, {"channel": "12315"})
    event = Event.objects.get(type="complaints.received")
    assert (event.stream, event.stream_id, event.at) == ("unit", outlet.unit_id, complaint.opened_at)
    again = imported(tmp_path, "complaints", [ROW])
    assert (again.imported, again.unchanged) == (0, 1)


def test_a_complaint_without_outlet_is_about_that_of_its_order(tmp_path: Path) -> None:
    outlet = an_outlet()
    imported(tmp_path, "orders", [an_order()])
    imported(tmp_path, "complaints", [{**ROW, "outlet": "", "level": "", "upheld": ""}])
    complaint = Complaint.objects.get()
    assert (complaint.outlet_id, complaint.level, complaint.upheld) == (outlet.unit_id, None, None)


def test_what_was_found_out_since_is_an_event_with_old_and_new(tmp_path: Path) -> None:
    an_outlet()
    imported(tmp_path, "complaints", [{**ROW, "order": "", "upheld": ""}])
    report = imported(tmp_path, "complaints", [{**ROW, "order": "", "upheld": "false", "level": ""}])
    assert report.imported == 1
    assert Complaint.objects.get().upheld is False
    assert Event.objects.get(type="complaints.changed").data["changes"] == {"upheld": [None, False]}
    assert list(breaks()) == []


def test_an_unknown_order_is_kept_in_words_with_a_note_until_it_comes(tmp_path: Path) -> None:
    an_outlet()
    with translation.override("en"):
        report = imported(tmp_path, "complaints", [ROW])
    assert report.notes == ["order: there is no work order of this number; kept without. 1 rows, lines 2"]
    assert Complaint.objects.get().attributes == {"channel": "12315", "order": "R1"}
    imported(tmp_path, "orders", [an_order()])
    assert imported(tmp_path, "complaints", [ROW]).imported == 1
    assert Complaint.objects.get().order == WorkOrder.objects.get()


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"number": ""}, "number"),
        ({"outlet": "nowhere"}, "outlet"),
        ({"outlet": "", "order": ""}, "outlet"),
        ({"opened_at": "2026-09-03"}, "opened_at"),
        ({"opened_at": ""}, "opened_at"),
        ({"level": "5"}, "level"),
        ({"upheld": "ja"}, "upheld"),
    ],
)
def test_a_bad_cell_is_refused_by_its_column(tmp_path: Path, cells: dict[str, str], column: str) -> None:
    an_outlet()
    report = imported(tmp_path, "complaints", [{**ROW, **cells}, {**ROW, "number": "X2"}])
    assert [(bad["line"], bad["column"]) for bad in report.bad] == [(2, column)]
    assert Complaint.objects.get().number == "X2"
