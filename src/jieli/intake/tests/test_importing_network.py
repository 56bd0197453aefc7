"""Rows of providers.csv, outlets.csv, staff.csv and engineers.csv (interfaces, Exchange files)."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from jieli.cases.tests.factories import a_case
from jieli.events.actor import import_actor
from jieli.events.anchors import breaks
from jieli.intake.actions.exchange import import_exchange_file
from jieli.network.models import Engineer, Outlet, Provider
from jieli.network.tests.factories import a_posting, an_outlet
from jieli.people.models import Staff
from jieli.people.tests.factories import a_unit

pytestmark = pytest.mark.django_db
PROVIDER = {
    "code": "PR",
    "name": "海风服务有限公司",
    "capital_amount": "500000.00",
    "contract_from": "2025-01-01",
    "contract_until": "2027-12-31",
    "is_exclusive": "true",
    "bank_account": "6222020000001234",
    "owner": "王五",
}
OUTLET = {
    "code": "O",
    "provider": "PR",
    "address": "青岛市市南区香港中路 1 号",
    "district": "370202",
    "areas": "370202;370203",
    "radius_km": "20",
    "hours": "mon-fri 08:00-18:00; sat 09:00-12:00",
    "contract_until": "2027-12-31",
    "deposit_amount": "20000",
    "phone": "0532-88888888",
}
STAFF = {
    "code": "E1",
    "name": "张工",
    "unit": "O",
    "roles": "engineer",
    "licence_points": "9",
    "licence_level": "senior",
    "product_lines": "washing_machine;refrigerator",
}
ENGINEER = {
    "staff": "E1",
    "outlet": "O",
    "level": "gold",
    "licence_number": "L-1",
    "licence_issued_on": "2026-03-01",
    "points": "11",
    "skills": "washing_machine:high:2027-03-01; television",
    "home_latitude": "36.1",
    "home_longitude": "120.4",
    "capacity_per_day": "8",
    "shifts": "mon-sat 08:00-12:00 13:00-18:00",
    "vehicle": "motorcycle",
}


@pytest.fixture
def bring(tmp_path):
    def imported(kind, *rows):
        path = tmp_path / f"{kind}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), restval="")
            writer.writeheader()
            writer.writerows(rows)
        return import_exchange_file(path, kind=kind, actor=import_actor("test"))

    return imported


def counts(report):
    return report.imported, report.unchanged, [(one["line"], one["column"]) for one in report.bad]


def test_a_provider_comes_in_once_and_its_changes_too(bring):
    report = bring("providers", PROVIDER)
    assert (counts(report), report.columns_unknown) == ((1, 0, []), ["owner"])
    provider = Provider.objects.get()
    assert (provider.capital_amount, provider.is_exclusive, provider.attributes) == (
        Decimal("500000.00"),
        True,
        {"owner": "王五"},
    )
    assert counts(bring("providers", PROVIDER)) == (0, 1, [])
    assert counts(bring("providers", {**PROVIDER, "status": "ended"})) == (1, 0, [])
    assert list(breaks()) == []


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"name": ""}, "name"),
        ({"capital_amount": "1e9"}, "capital_amount"),
        ({"capital_amount": "-5"}, "capital_amount"),
        ({"contract_until": "2024-12-31"}, "contract_until"),
        ({"contract_from": "01.01.2025"}, "contract_from"),
        ({"is_exclusive": "ja"}, "is_exclusive"),
        ({"status": "paused"}, "status"),
    ],
)
def test_a_wrong_cell_of_a_provider_is_named_with_its_line(bring, cells, column):
    assert counts(bring("providers", {**PROVIDER, **cells})) == (0, 0, [(2, column)])
    assert not Provider.objects.exists()


def test_an_outlet_comes_in_with_provider_areas_and_hours(bring):
    a_unit(code="O")
    bring("providers", PROVIDER)
    assert counts(bring("outlets", OUTLET)) == (1, 0, [])
    outlet = Outlet.objects.select_related("provider").get()
    assert (outlet.provider.code, outlet.district, outlet.radius_km) == ("PR", "370202", Decimal("20.00"))
    assert (outlet.hours["sat"], outlet.deposit_amount) == ([["09:00", "12:00"]], Decimal("20000.00"))
    assert sorted(outlet.areas.values_list("district", flat=True)) == ["370202", "370203"]
    assert counts(bring("outlets", OUTLET)) == (0, 1, [])
    assert counts(bring("outlets", {**OUTLET, "areas": "370203;370212"})) == (1, 0, [])
    assert sorted(outlet.areas.values_list("district", flat=True)) == ["370203", "370212"]
    assert list(breaks()) == []


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"provider": "nobody"}, "provider"),
        ({"radius_km": "900"}, "radius_km"),
        ({"hours": "always"}, "hours"),
        ({"deposit_amount": "1.234"}, "deposit_amount"),
        ({"areas": "x" * 21}, "areas"),
        ({"contract_until": "soon"}, "contract_until"),
    ],
)
def test_a_wrong_cell_of_an_outlet_is_named_with_its_line(bring, cells, column):
    a_unit(code="O")
    bring("providers", PROVIDER)
    assert counts(bring("outlets", {**OUTLET, **cells})) == (0, 0, [(2, column)])


def test_an_engineer_of_the_staff_file_has_licence_level_and_skills(bring):
    outlet = an_outlet()
    row = {**STAFF, "unit": outlet.unit.code}
    report = bring("staff", row)
    assert (counts(report), report.columns_unknown) == ((1, 0, []), [])
    engineer = Engineer.objects.get()
    assert (engineer.outlet_id, engineer.points, engineer.level, engineer.licence_expires_on) == (outlet.pk, 9, "senior", None)
    assert sorted(engineer.skills.values_list("product_line", flat=True)) == ["refrigerator", "washing_machine"]
    assert Staff.objects.get(code="E1").custom == {}
    assert counts(bring("staff", row)) == (0, 1, [])


def test_importing_the_staff_again_does_not_undo_what_was_posted_since(bring):
    outlet = an_outlet()
    row = {**STAFF, "unit": outlet.unit.code}
    bring("staff", row)
    a_posting(Engineer.objects.get(), case_id=a_case().pk)
    assert counts(bring("staff", row)) == (0, 1, [])
    assert Engineer.objects.get().points == 7
    bring("staff", {**row, "licence_points": "12"})
    assert Engineer.objects.get().points == 12


def test_who_is_no_engineer_keeps_the_columns_as_custom_fields(bring):
    outlet = an_outlet()
    bring("staff", {**STAFF, "unit": outlet.unit.code, "roles": "agent"})
    assert not Engineer.objects.exists()
    assert Staff.objects.get(code="E1").custom == {"licence_points": "9", "licence_level": "senior"}


@pytest.mark.parametrize(
    ("cells", "column"), [({"licence_points": "13"}, "licence_points"), ({"licence_level": "master"}, "licence_level")]
)
def test_a_wrong_licence_is_named_with_its_line_and_nobody_is_hired(bring, cells, column):
    outlet = an_outlet()
    assert counts(bring("staff", {**STAFF, "unit": outlet.unit.code, **cells})) == (0, 0, [(2, column)])
    assert not Staff.objects.filter(code="E1").exists()


def test_an_engineers_file_fills_the_record(bring):
    outlet = an_outlet()
    bring("staff", {**STAFF, "unit": outlet.unit.code})
    row = {**ENGINEER, "outlet": outlet.unit.code}
    assert counts(bring("engineers", row)) == (1, 0, [])
    engineer = Engineer.objects.get()
    assert (engineer.level, engineer.points, engineer.capacity_per_day, engineer.vehicle) == ("gold", 11, 8, "motorcycle")
    assert engineer.shifts["sat"] == [["08:00", "12:00"], ["13:00", "18:00"]]
    skills = {one.product_line: (one.level, one.valid_until) for one in engineer.skills.all()}
    assert skills == {
        "washing_machine": (3, date(2027, 3, 1)),
        "refrigerator": (1, None),
        "television": (1, None),
    }
    assert counts(bring("engineers", row)) == (0, 1, [])


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"staff": "nobody"}, "staff"),
        ({"outlet": "nowhere"}, "outlet"),
        ({"points": "12.5"}, "points"),
        ({"skills": "washing_machine:expert"}, "skills"),
        ({"shifts": "mon 8-12"}, "shifts"),
        ({"home_longitude": ""}, "home_longitude"),
        ({"licence_expires_on": "2025-03-01"}, "licence_expires_on"),
    ],
)
def test_a_wrong_cell_of_an_engineer_is_named_with_its_line(bring, cells, column):
    outlet = an_outlet()
    bring("staff", {**STAFF, "unit": outlet.unit.code, "roles": "agent"})
    row = {**ENGINEER, "outlet": outlet.unit.code, **cells}
    assert counts(bring("engineers", row)) == (0, 0, [(2, column)])
    assert not Engineer.objects.exists()


def test_a_person_without_a_row_of_his_own_becomes_an_engineer_with_a_year_from_issue(bring):
    outlet = an_outlet()
    bring("staff", {**STAFF, "unit": outlet.unit.code, "roles": "agent"})
    bring("engineers", {"staff": "E1", "licence_issued_on": "2026-03-01"})
    engineer = Engineer.objects.get()
    assert (engineer.licence_expires_on, engineer.points, engineer.outlet_id) == (date(2027, 3, 1), 12, outlet.pk)
