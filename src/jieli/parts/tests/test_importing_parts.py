"""parts.csv and stock.csv: what they bring, what they refuse, and that twice changes nothing."""

import pytest

from jieli.cases.queries.verifying import findings
from jieli.orders.tests.factories import imported
from jieli.parts.models import Part, Place
from jieli.parts.tests.factories import an_engineer, an_outlet, on_hand

pytestmark = pytest.mark.django_db
PUMP = {
    "code": "pump",
    "name": "排水泵",
    "name_en": "Drain pump",
    "kind": "part",
    "price_amount": "38.5",
    "is_returnable": "true",
    "fits": "washing_machine:XQG100;refrigerator",
    "colour": "grey",
}


def test_the_master_comes_in_and_twice_changes_nothing(tmp_path):
    report = imported(tmp_path, "parts", [PUMP, {"code": "belt", "name": "皮带", "is_returnable": "false"}])
    assert (report.imported, report.rejected, report.columns_unknown) == (2, 0, ["colour"])
    pump = Part.objects.get(code="PUMP")
    assert (str(pump.price_amount), pump.attributes) == ("38.50", {"colour": "grey"})
    assert sorted(pump.fits.values_list("product_line", "model")) == [("refrigerator", ""), ("washing_machine", "XQG100")]
    assert imported(tmp_path, "parts", [PUMP]).unchanged == 1
    assert imported(tmp_path, "parts", [{"code": "PUMP", "price_amount": "40"}]).imported == 1
    pump.refresh_from_db()
    assert (str(pump.price_amount), pump.name, pump.fits.count()) == ("40.00", "排水泵", 2)


def test_rows_that_cannot_be_parts_are_listed(tmp_path):
    rows = [
        {"code": "", "name": "x"},
        {"code": "A", "name": ""},
        {"code": "B", "name": "x", "price_amount": "-1", "is_active": "yes", "kind": "thing"},
        {"code": "C" * 41, "name": "x"},
    ]
    report = imported(tmp_path, "parts", rows)
    assert (report.imported, report.rejected) == (0, 4)
    assert {(one["line"], one["column"]) for one in report.bad} == {
        (2, "code"),
        (3, "name"),
        (4, "price_amount"),
        (4, "is_active"),
        (4, "kind"),
        (5, "code"),
    }


def test_stock_is_what_was_counted_and_places_are_made(tmp_path):
    engineer = an_engineer(an_outlet())
    imported(tmp_path, "parts", [PUMP])
    van = {"place": "V-1", "kind": "van", "unit": engineer.unit.code, "staff": engineer.code, "part": "pump", "quantity": "3"}
    assert imported(tmp_path, "stock", [van]).imported == 1
    place = Place.objects.get(code="V-1")
    assert (place.staff, on_hand(place, "PUMP")) == (engineer, 3)
    assert imported(tmp_path, "stock", [van]).unchanged == 1
    assert imported(tmp_path, "stock", [{"place": "V-1", "part": "PUMP", "quantity": "1"}]).imported == 1
    assert on_hand(place, "PUMP") == 1
    report = imported(
        tmp_path,
        "stock",
        [
            {"place": "V-1", "part": "NIL", "quantity": "1"},
            {"place": "NOWHERE", "part": "PUMP", "quantity": "1"},
            {"place": "V-1", "part": "PUMP", "quantity": "-1"},
            {"place": "V-1", "part": "PUMP", "quantity": "2"},
            {"place": "V-1", "part": "PUMP", "quantity": "9"},
        ],
    )
    assert [(one["line"], one["column"]) for one in report.bad] == [(2, "part"), (3, "place"), (4, "quantity"), (6, "part")]
    assert on_hand(place, "PUMP") == 2
    assert [one.as_dict() for one in findings()] == []
