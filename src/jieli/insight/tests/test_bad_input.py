"""Bad files: a clear message naming line and column, the good rows kept, nothing half done."""

import gzip
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import xlsxwriter
from django.utils import translation

from jieli.cases.models import Case
from jieli.insight.queries.history import figures
from jieli.intake.actions.imports import import_path
from jieli.intake.models import ImportRun, StagedStep
from jieli.intake.refusals import BadMapping, NotReadable
from jieli.intake.tests.factories import ACTOR, SMALL_HEADER, SMALL_MAPPING, SMALL_ROWS, a_file, imported
from jieli.people.models import Staff, Unit
from jieli.people.tests.factories import a_company

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Give reasons in English."""
    with translation.override("en"):
        yield


def test_reasons_of_reading_come_in_the_language_of_the_moment(tmp_path: Path) -> None:
    a_company()
    path = tmp_path / "log.csv"
    path.write_text(text_of()[:-30], encoding="utf-8")
    with translation.override("zh-hans"):
        assert "中间" in imported(path).bad[0]["reason"]


def text_of(rows: tuple[tuple[str, ...], ...] = SMALL_ROWS) -> str:
    return "".join(",".join(row) + "\n" for row in (SMALL_HEADER, *rows))


def test_unknown_columns_are_reported_and_kept_as_custom_fields(tmp_path: Path) -> None:
    a_company()
    rows = [(*row, f"shelf {number}") for number, row in enumerate(SMALL_ROWS)]
    report = imported(a_file(tmp_path / "log.csv", rows, (*SMALL_HEADER, "place")))
    assert report.columns_unknown == ["place"]
    assert Case.objects.get(source_key="1").custom == {"place": "shelf 3", "level": "3"}


def test_a_column_that_the_mapping_needs_is_missing(tmp_path: Path) -> None:
    a_company()
    path = a_file(tmp_path / "log.csv", [row[1:] for row in SMALL_ROWS], SMALL_HEADER[1:])
    with pytest.raises(BadMapping, match="“case”"):
        imported(path)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2020-13-01T08:00:00Z", "not written as iso"),
        ("31/12/2020", "not written as iso"),
        ("", ""),
        ("?", ""),
        ("1969-12-31T23:59:59Z", "1970-01-01"),
        ("2999-01-01T00:00:00Z", ""),
    ],
)
def test_a_wrong_time_is_named_with_line_and_column(tmp_path: Path, cell: str, reason: str) -> None:
    a_company()
    rows = [*SMALL_ROWS[:2], ("7", cell, "open", "Ann", "first", "Firm A", "1"), *SMALL_ROWS[2:]]
    report = imported(a_file(tmp_path / "log.csv", rows))
    assert (report.rows, report.imported, report.rejected) == (7, 6, 1)
    (bad,) = report.bad
    assert (bad["line"], bad["column"], bad["value"]) == (4, "at", cell)
    assert reason in bad["reason"]
    assert bad["reason"]
    assert figures("small")["cases"] == 2


def test_a_row_without_a_case_and_one_without_an_activity(tmp_path: Path) -> None:
    a_company()
    rows = [("", "2020-01-01", "open", "Ann", "first", "", ""), ("8", "2020-01-01", "", "Ann", "first", "", ""), *SMALL_ROWS]
    report = imported(a_file(tmp_path / "log.csv", rows))
    assert [(bad["line"], bad["column"]) for bad in report.bad] == [(2, "case"), (3, "activity")]
    assert report.imported == 6


def test_a_value_that_the_mapping_does_not_name_is_counted_and_listed(tmp_path: Path) -> None:
    a_company()
    rows = [*SMALL_ROWS, ("2", "2020-02-01", "danced", "Ann", "first", "Firm B", "1")]
    report = imported(a_file(tmp_path / "log.csv", rows))
    assert report.imported == 7
    assert [(one["column"], one["value"], one["count"], one["lines"]) for one in report.unknown] == [
        ("who", "?", 1, "6"),
        ("activity", "danced", 1, "8"),
    ]
    assert figures("small")["by_activity"]["danced"] == 1


def test_a_file_cut_in_the_middle_of_a_row(tmp_path: Path) -> None:
    a_company()
    path = tmp_path / "log.csv"
    path.write_text(text_of()[:-30], encoding="utf-8")
    report = imported(path)
    assert (report.rows, report.imported, report.rejected) == (6, 5, 1)
    assert report.bad[0]["line"] == 7
    assert "cut" in report.bad[0]["reason"]


def test_a_compressed_file_that_is_cut(tmp_path: Path) -> None:
    a_company()
    path = tmp_path / "log.csv.gz"
    # Words that cannot be packed, so that what is cut off is some hundred rows.
    firms = [sha256(str(n).encode()).hexdigest() for n in range(600)]
    rows = tuple((str(n), "2020-01-01T08:00:00Z", "open", f"P{n % 7}", "q", firm, "1") for n, firm in enumerate(firms))
    path.write_bytes(gzip.compress(text_of(rows).encode())[:-4000])
    report = imported(path)
    assert report.imported > 100
    assert report.rejected == 1
    assert "cut" in report.bad[0]["reason"]
    assert report.bad[0]["line"] >= report.imported + 2


def test_rows_with_too_few_or_too_many_cells(tmp_path: Path) -> None:
    a_company()
    path = tmp_path / "log.csv"
    path.write_text(
        text_of() + "3,2020-01-01,open\n4,2020-01-01,open,Ann,first,Firm,1,extra\n5,2020-01-01,open,Ann,first,F,1\n"
    )
    report = imported(path)
    assert [bad["line"] for bad in report.bad] == [8, 9]
    assert (report.rows, report.imported, report.rejected) == (9, 7, 2)


def test_chinese_in_gb18030_is_found_converted_and_said(tmp_path: Path) -> None:
    a_company()
    path = tmp_path / "log.csv"
    rows = (("1", "2020-01-01T08:00:00Z", "open", "张伟", "客服一组", "东莞市某公司", "1"),)
    path.write_bytes(text_of(rows).encode("gb18030"))
    report = imported(path)
    assert any("GB18030" in note for note in report.notes)
    case = Case.objects.get(source_key="1")
    assert (case.owner.name, case.unit.name, case.customer.name) == ("张伟", "客服一组", "东莞市某公司")


def test_a_formula_stays_text_and_is_said(tmp_path: Path) -> None:
    a_company()
    rows = [*SMALL_ROWS, ("6", "2020-01-01", "open", "=cmd|' /C calc'!A0", "first", "Firm", "1")]
    report = imported(a_file(tmp_path / "log.csv", rows))
    assert any("8" in note and "who" in note for note in report.notes)
    assert Case.objects.get(source_key="6").owner.name == "=cmd|' /C calc'!A0"


def test_the_same_case_twice_in_a_file_of_cases(tmp_path: Path) -> None:
    a_company()
    text = """
        form = "cases"
        source = "small"
        title = "Small"
        time_zone = "UTC"
        times = ["iso"]
        [columns]
        case = "case"
        [[moments]]
        column = "from"
        activity = "opened"
        does = "opens"
        [[moments]]
        column = "to"
        activity = "closed"
        does = "closes"
    """
    rows = [
        ("1", "2020-01-01", "2020-01-02"),
        ("1", "2020-01-01", ""),
        ("2", "2020-01-05", "2020-01-02"),
        ("3", "2020-01-01", ""),
    ]
    report = imported(a_file(tmp_path / "log.csv", rows, ("case", "from", "to")), text)
    assert [(bad["line"], bad["column"]) for bad in report.bad] == [(3, "case"), (4, "to")]
    assert (report.imported, report.cases, report.events) == (2, 2, 3)
    again = imported(
        a_file(
            tmp_path / "log.csv", [("1", "2020-01-01", "2020-01-02"), ("3", "2020-01-01", "2020-02-01")], ("case", "from", "to")
        ),
        text,
    )
    assert (again.imported, again.unchanged, again.events) == (1, 1, 1)
    assert Case.objects.get(source_key="3").status == "closed"


def test_a_workbook_is_read_like_a_csv(tmp_path: Path) -> None:
    a_company()
    path = tmp_path / "log.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([SMALL_HEADER, *SMALL_ROWS]):
            sheet.write_row(number, 0, row)
    assert imported(path).imported == 6
    assert figures("small")["passes"] == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04 no workbook", b"\x1f\x8b\x08\0broken", b"\n\n\n", b"\xff" * 5000],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    a_company()
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises((NotReadable, BadMapping), match=r"log\.csv"):
        imported(path)
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("packed", [False, True])
def test_a_gigabyte_of_zeros_is_refused_at_once_in_little_memory(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("zeros.csv.gz" if packed else "zeros.csv")
    if packed:
        with gzip.open(path, "wb", compresslevel=1) as file:
            for _ in range(64):
                file.write(bytes(1 << 24))
    else:
        with path.open("wb") as file:
            file.truncate(1 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    with pytest.raises(NotReadable, match=r"NUL|more than 500 MB"):
        imported(path)
    assert time.monotonic() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_gigabyte_of_one_line_is_refused_in_little_memory(tmp_path: Path) -> None:
    a_company()
    path = tmp_path / "line.csv"
    with path.open("wb") as file:
        for _ in range(64):
            file.write(b"0" * (1 << 20))
    with pytest.raises(NotReadable, match="longer"):
        imported(path)


def test_an_error_in_the_middle_leaves_nothing_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_company()
    path = a_file(tmp_path / "log.csv")
    people, units = Staff.objects.count(), Unit.objects.count()

    def fall_over(_done: int, _total: int | None, what: str) -> None:
        raise RuntimeError(what)

    from jieli.intake.actions.histories import import_history

    with pytest.raises(RuntimeError):
        import_history(path, mapping_text=SMALL_MAPPING, actor=ACTOR, progress=fall_over)
    assert (Case.objects.count(), Staff.objects.count(), Unit.objects.count()) == (0, people, units)
    assert StagedStep.objects.count() == 6
    assert imported(path).imported == 6
    assert StagedStep.objects.count() == 0


def test_a_folder_takes_what_it_knows_and_names_the_rest(tmp_path: Path) -> None:
    a_company()
    (tmp_path / "units.csv").write_text("code,name,kind,parent,region\nN2,Second,outlet,N1,\nN1,First,regional_centre,,East\n")
    (tmp_path / "staff.csv").write_text(
        "code,name,unit,roles,email,hired_on,shoe\n"
        "s1,张三,N1,agent;supervisor,a@example.com,2020-01-02,42\n"
        "s2,李四,NOWHERE,agent,,,\n"
        "s3,王五,N2,king,,,\n"
        "s4,赵六,N2,agent,,2020/01/02,\n"
        "s1,张三,N1,agent,,,\n"
    )
    (tmp_path / "customers.csv").write_text(
        "code,name,kind,phone,value\nc1,王芳,person,13800138000,90\nc2,,person,,\nc3,某厂,firm,,x\n"
    )
    (tmp_path / "devices.csv").write_text(
        "serial,product_line,customer,genuine\nd1,washer,c1,true\nd2,washer,c9,true\nd3,washer,c1,maybe\n"
    )
    (tmp_path / "outlets.csv").write_text("code\nN2\n")
    (tmp_path / "notes.csv").write_text("what\never\n")
    report = import_path(tmp_path, actor=ACTOR)
    assert [(one.kind, one.rows, one.imported, one.rejected) for one in report.files] == [
        ("units", 2, 2, 0),
        ("outlets", 1, 1, 0),
        ("staff", 5, 1, 4),
        ("customers", 3, 1, 2),
        ("devices", 3, 1, 2),
    ]
    assert {name for name, _reason in report.refused} == {"notes.csv"}
    staff = report.files[2]
    assert staff.columns_unknown == ["shoe"]
    assert [(bad["line"], bad["column"], bad["value"]) for bad in staff.bad] == [
        (3, "unit", "NOWHERE"),
        (4, "roles", "king"),
        (5, "hired_on", "2020/01/02"),
        (6, "code", "s1"),
    ]
    assert not report.is_clean
    again = import_path(tmp_path, actor=ACTOR)
    assert [(one.kind, one.imported, one.unchanged) for one in again.files] == [
        ("units", 0, 2),
        ("outlets", 0, 1),
        ("staff", 0, 1),
        ("customers", 0, 1),
        ("devices", 0, 1),
    ]


def test_a_dry_run_of_a_folder_keeps_nothing(tmp_path: Path) -> None:
    a_company()
    (tmp_path / "units.csv").write_text("code,name\nN1,First\n")
    (tmp_path / "staff.csv").write_text("code,name,unit\ns1,张三,N1\n")
    report = import_path(tmp_path, actor=ACTOR, dry_run=True)
    assert [one.imported for one in report.files] == [1, 1]
    assert not Unit.objects.filter(code="N1").exists()
    assert not Staff.objects.filter(code="s1").exists()


def test_the_exchange_file_of_events_needs_no_mapping(tmp_path: Path) -> None:
    a_company()
    rows = [("a", "opened", "2020-01-01T08:00:00+08:00", "s1", "N1"), ("a", "closed", "2020-01-02T08:00:00+08:00", "s2", "N1")]
    report = import_path(a_file(tmp_path / "events.csv", rows, ("case", "activity", "at", "actor", "unit")), actor=ACTOR)
    assert report.is_clean
    assert figures("events")["passes"] == 1


def test_the_command_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-m", "jieli", "import", "--help"], capture_output=True, text=True, check=True)
    assert "--dry-run" in done.stdout
