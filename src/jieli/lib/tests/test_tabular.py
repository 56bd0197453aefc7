"""Tables of strangers: good rows come through, everything else is said by line, and no file can fill the memory."""

import csv
import gzip
import io
import tracemalloc
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from jieli.lib.tabular import Limits, NotATable, Table, open_table

SHARED = Path(__file__).parents[5] / "shared" / "data"


def table(
    content: str | bytes, encoding: str = "utf-8", *, encodings: tuple[str, ...] = (), limits: Limits | None = None
) -> Table:
    data = content if isinstance(content, bytes) else content.encode(encoding)
    return open_table(io.BytesIO(data), encodings=encodings, limits=limits or Limits())


def workbook(rows: list[list[object]], first_row: int = 0) -> io.BytesIO:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet("订单")
        hours = book.add_format({"num_format": "[h]:mm:ss"})
        sheet.add_write_handler(str, lambda sheet, row, column, text, *_: sheet.write_string(row, column, text))
        sheet.add_write_handler(
            timedelta, lambda sheet, row, column, length, *_: sheet.write_datetime(row, column, length, hours)
        )
        for number, row in enumerate(rows, first_row):
            sheet.write_row(number, 0, row)
    return file


def workbook_with_sheet(xml: str, texts: str = "") -> io.BytesIO:
    """Return a workbook whose first sheet is this XML."""
    source = zipfile.ZipFile(workbook([["a", "b"], ["c", "d"]]))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                content = xml.encode()
            if texts and member.filename == "xl/sharedStrings.xml":
                content = texts.encode()
            target.writestr(member.filename, content)
    return file


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


class TestCsv:
    def test_rows_with_the_line_where_each_begins(self) -> None:
        opened = table('name,note\nWang,"two\nlines"\n\nLi,"a ""quote"""\r\nZhao,\n')
        assert opened.header == ("name", "note")
        assert list(opened.rows()) == [(2, ["Wang", "two\nlines"]), (5, ["Li", 'a "quote"']), (6, ["Zhao", ""])]
        assert opened.bad.count == 0

    def test_rows_can_be_read_again(self) -> None:
        opened = table("a,b\n1,2\n3\n")
        assert list(opened.rows()) == list(opened.rows()) == [(2, ["1", "2"])]
        assert opened.bad.count == 1

    def test_a_column_name_used_twice_gets_a_suffix(self) -> None:
        opened = table("category,category,category_2,,x\n1,2,3,4,5\n")
        assert opened.header == ("category", "category_3", "category_2", "column_4", "x")
        assert [(each.number, each.written, each.name) for each in opened.renamed] == [
            (2, "category", "category_3"),
            (4, "", "column_4"),
        ]

    def test_a_wrong_number_of_columns_is_reported_and_the_rest_kept(self) -> None:
        opened = table("a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n")
        assert [line for line, _ in opened.rows()] == [2, 5]
        assert [(bad.line, bad.reason) for bad in opened.bad.items] == [
            (3, "the row has 2 columns, the header has 3"),
            (4, "the row has 4 columns, the header has 3"),
        ]

    @pytest.mark.parametrize(
        ("end", "line", "reason"),
        [
            ("5,6,7\n8,", 4, "cut"),
            ("5,6,7\n8,9", 4, "cut"),
            ('5,6,7\n8,9,"text wit', 4, "cut"),
            ('5,6,7\n8,9,"text\nwith lines\n', 4, "cut"),
        ],
    )
    def test_a_file_cut_in_the_middle_of_a_row(self, end: str, line: int, reason: str) -> None:
        opened = table(f"a,b,c\n1,2,3\n{end}")
        list(opened.rows())
        last = opened.bad.items[-1]
        assert last.line == line
        assert "cut" in last.reason

    def test_the_last_row_needs_no_line_end(self) -> None:
        assert list(table("a,b\n1,2").rows()) == [(2, ["1", "2"])]

    def test_a_quote_that_is_not_doubled_harms_its_row_only(self) -> None:
        opened = table('a,b\n"x"y,2\n3,4\n')
        assert list(opened.rows()) == [(3, ["3", "4"])]
        assert (opened.bad.items[0].line, "quote" in opened.bad.items[0].reason) == (2, True)

    def test_a_quote_that_is_never_closed_is_bounded(self) -> None:
        opened = table('a,b\n1,"open\n' + "3,4\n" * 60_000)
        rows = sum(1 for _ in opened.rows())
        assert rows > 20_000
        assert (opened.bad.items[0].line, "closing quote" in opened.bad.items[0].reason) == (2, True)

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_found_in_the_header(self, delimiter: str) -> None:
        opened = table(f'"a,;"{delimiter}b{delimiter}c\n1{delimiter}2{delimiter}3\n')
        assert (opened.delimiter, opened.header) == (delimiter, ("a,;", "b", "c"))

    def test_old_line_ends(self) -> None:
        assert list(table("a,b\r1,2\r3,4\r").rows()) == [(2, ["1", "2"]), (3, ["3", "4"])]

    def test_formulas_are_kept_and_flagged(self) -> None:
        opened = table("a,b\n=1+1,@x\n-5,+86 138-0013-8000\n-x,+a\n")
        assert [cells for _, cells in opened.rows()] == [["=1+1", "@x"], ["-5", "+86 138-0013-8000"], ["-x", "+a"]]
        assert [(flag.line, flag.column, flag.value) for flag in opened.formulas.items] == [
            (2, "a", "=1+1"),
            (2, "b", "@x"),
            (4, "a", "-x"),
            (4, "b", "+a"),
        ]

    def test_reports_are_counted_when_they_are_too_many_to_keep(self) -> None:
        opened = table("a,b\n" + "1\n" * 50, limits=Limits(reported=10))
        list(opened.rows())
        assert (opened.bad.count, len(opened.bad.items)) == (50, 10)

    @given(
        st.lists(
            st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), min_size=2, max_size=2), max_size=8
        )
    )
    def test_what_was_written_by_the_rules_is_read_back(self, rows: list[list[str]]) -> None:
        file = io.StringIO()
        csv.writer(file).writerows([["a", "b"], *rows])
        opened = table(file.getvalue())
        assert [cells for _, cells in opened.rows()] == [row for row in rows if any(row)]
        assert opened.bad.count == 0


class TestEncodings:
    @pytest.mark.parametrize(
        ("encoding", "found", "is_converted"),
        [
            ("utf-8", "utf-8", False),
            ("utf-8-sig", "utf-8-sig", False),
            ("gb18030", "gb18030", True),
            ("gbk", "gb18030", True),
            ("utf-16", "utf-16", True),
            ("utf-16-le", "utf-16-le", True),
            ("utf-16-be", "utf-16-be", True),
        ],
    )
    def test_it_is_found_and_said(self, encoding: str, found: str, is_converted: bool) -> None:
        opened = table("number,说明\n1,洗衣机漏水\n2,冰箱不制冷\n", encoding)
        assert (opened.encoding, opened.is_converted) == (found, is_converted)
        assert opened.header == ("number", "说明")
        assert [cells[1] for _, cells in opened.rows()] == ["洗衣机漏水", "冰箱不制冷"]

    def test_one_that_is_named_is_taken(self) -> None:
        opened = table("a,b\nRené,é\n", "latin-1", encodings=("utf-8", "latin-1"))
        assert (opened.encoding, list(opened.rows())) == ("latin-1", [(2, ["René", "é"])])

    def test_a_text_in_no_known_encoding_is_refused(self) -> None:
        with pytest.raises(NotATable, match="none of these encodings: UTF-8"):
            table("a,b\nRené,é\n", "latin-1")

    def test_an_unknown_encoding_is_refused(self) -> None:
        with pytest.raises(NotATable, match="no encoding"):
            table("a,b\n", encodings=("klingon",))

    def test_damaged_bytes_in_utf_8_harm_their_row_only(self) -> None:
        good = "洗衣机漏水很严重请尽快处理,1\n" * 10
        opened = table("说明,b\n".encode() + good.encode() + b"\xe6\xff,2\n" + good.encode())
        assert sum(1 for _ in opened.rows()) == 20
        assert [(bad.line, bad.reason) for bad in opened.bad.items] == [(12, "the row holds bytes that are not UTF-8")]

    def test_a_file_cut_in_a_character_stays_utf_8(self) -> None:
        opened = table("a,b\n1,洗衣\n2,漏水".encode()[:-1])
        assert (opened.encoding, list(opened.rows())) == ("utf-8", [(2, ["1", "洗衣"])])
        assert opened.bad.items[0].line == 3

    def test_a_text_that_turns_to_gb_18030_late(self) -> None:
        opened = table(b"a,b\n" + b"1,2\n" * 100_000 + "3,冰箱不制冷\n".encode("gb18030"))
        assert opened.encoding == "gb18030"
        assert list(opened.rows())[-1] == (100_002, ["3", "冰箱不制冷"])


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "empty"),
            (b"\n\n", "no header"),
            (b",,,\n", "no header"),
            (b"a,b\n1,\x002\n", "NUL"),
            (b"\xff\xfe\x00\x00a\x00\x00\x00", "UTF-32"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or encrypted Excel"),
            (b"PK\x03\x04nonsense", "damaged or cut"),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "NUL|encodings"),
            (b"\x1f\x8bnot really gzip", "damaged"),
            (b"a" * 5_000_000, "longer than"),
            (("," * 2000).join("ab").encode(), "2,001 columns"),
        ],
    )
    def test_what_is_no_table_says_why(self, content: bytes, reason: str) -> None:
        with pytest.raises(NotATable, match=reason):
            table(content)

    def test_a_large_file_is_refused_by_its_size(self) -> None:
        with pytest.raises(NotATable, match="the file has"):
            table(b"a,b\n" * 1_000_000, limits=Limits(stored_bytes=1 << 20))

    def test_a_gigabyte_of_zeros_is_refused_at_once(self, tmp_path: Path) -> None:
        file = tmp_path / "zeros.csv"
        with file.open("wb") as hole:
            hole.truncate(1 << 30)
        begin = perf_counter()
        with pytest.raises(NotATable, match=r"NUL|the file has"):
            open_table(file)
        with pytest.raises(NotATable, match="NUL"):
            open_table(file, limits=Limits(stored_bytes=1 << 40))
        assert perf_counter() - begin < 1

    @pytest.mark.parametrize("filling", [b"\0", b"a", b"1,2\n"])
    def test_a_gzip_bomb_is_refused(self, filling: bytes) -> None:
        packed = gzip.compress(b"a,b\n" + filling * (64 * (1 << 20) // len(filling)))
        with pytest.raises(NotATable, match=r"NUL|longer|bomb"):
            table(packed)

    def test_more_than_the_bound_coming_out_is_refused(self) -> None:
        packed = gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000)
        with pytest.raises(NotATable, match="come out"):
            table(packed, limits=Limits(unpacked_bytes=1 << 20))


class TestGzip:
    def test_rows(self) -> None:
        assert list(table(gzip.compress(b"a,b\n1,2\n")).rows()) == [(2, ["1", "2"])]

    def test_a_cut_file_gives_its_whole_rows_and_says_where_it_ends(self) -> None:
        content = "a,b\n" + "".join(f"{number},{number * 7919 % 10_007}\n" for number in range(50_000))
        opened = table(gzip.compress(content.encode())[:-5_000])
        rows = list(opened.rows())
        assert 20_000 < len(rows) < 50_000
        assert rows == [(number + 2, [str(number), str(number * 7919 % 10_007)]) for number in range(len(rows))]
        assert opened.bad.items[-1].line == len(rows) + 2
        assert "cut" in opened.bad.items[-1].reason


class TestWorkbooks:
    def test_cells_become_text(self) -> None:
        opened = open_table(
            workbook(
                [["a", "b", "a"], [1, 2.5, True], ["", "", ""], [datetime(2026, 11, 20, 18, 30), "=cmd", timedelta(hours=30)]],
                2,
            )
        )
        assert (opened.kind, opened.header) == ("xlsx", ("a", "b", "a_2"))
        assert list(opened.rows()) == [(4, ["1", "2.5", "true"]), (6, ["2026-11-20T18:30:00", "=cmd", "30:00:00"])]
        assert [(flag.line, flag.column) for flag in opened.formulas.items] == [(6, "b")]

    def test_a_sheet_is_chosen_by_name(self) -> None:
        assert open_table(workbook([["a"], ["1"]]), sheet="订单").header == ("a",)
        with pytest.raises(NotATable, match="no sheet 'Orders'; it has 订单"):
            open_table(workbook([["a"]]), sheet="Orders")

    def test_an_empty_sheet_is_refused(self) -> None:
        with pytest.raises(NotATable, match="empty"):
            open_table(workbook([]))

    def test_a_cut_workbook_is_refused(self) -> None:
        content = workbook([["a"], ["1"]]).getvalue()
        with pytest.raises(NotATable, match="damaged or cut"):
            table(content[:-100])

    def test_a_file_that_is_only_a_zip_is_refused(self) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a.txt", "nothing")
        with pytest.raises(NotATable, match="cannot be read"):
            open_table(file)

    @pytest.mark.parametrize(
        "rows",
        [
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
            "<row r='1'><c r='A1'><v>1</v></c></row><x:row r='9'><x:c s='>' r='XFD1048576'><v>1</v></x:c></x:row>",
            '<row r="1048575"><c/></row><row><c r="A1048576"><v>1</v></c><c r="CV1048576"><v>1</v></c><c><v>1</v></c></row>',
        ],
    )
    def test_cells_far_apart_are_refused(self, rows: str) -> None:
        with pytest.raises(NotATable, match="a sheet spans"):
            open_table(workbook_with_sheet(SHEET.format(rows)))

    @pytest.mark.parametrize("tag", ['<c r="XFD1048576" s="<">', "<c r='A1", '<row r="5" <c>'])
    def test_a_malformed_tag_is_refused(self, tag: str) -> None:
        with pytest.raises(NotATable, match="malformed"):
            open_table(workbook_with_sheet(SHEET.format(f"<row>{tag}<v>1</v></c></row>")))

    def test_formats_far_down_do_not_count(self) -> None:
        cells = '<row r="1"><c r="A1"><v>7</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
        assert open_table(workbook_with_sheet(SHEET.format(cells))).header == ("7",)

    def test_one_long_text_named_by_many_cells_is_refused(self) -> None:
        texts = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{"x" * 30_000}</t></si></sst>'
        cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 60_000))
        with pytest.raises(NotATable, match="texts of a sheet"):
            open_table(workbook_with_sheet(SHEET.format(cells), texts))

    def test_a_workbook_that_unpacks_into_too_much_is_refused(self) -> None:
        file = workbook_with_sheet(SHEET.format(" " * 5_000_000))
        with pytest.raises(NotATable, match="come out of the workbook"):
            open_table(file, limits=Limits(workbook_bytes=1 << 20))

    def test_tags_across_the_chunks_are_seen(self) -> None:
        rows = "".join(
            f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}"><v>1</v></c></row>' for row in range(1, 30_001)
        )
        assert sum(1 for _ in open_table(workbook_with_sheet(SHEET.format(rows))).rows()) == 29_999
        with pytest.raises(NotATable, match="30,000 rows and 2 columns"):
            open_table(workbook_with_sheet(SHEET.format(rows)), limits=Limits(cells=59_999))


def test_memory_does_not_grow_with_a_csv(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    file.write_text("number,text\n" + "".join(f"{number},漏水{number}\n" for number in range(300_000)), encoding="utf-8")
    tracemalloc.start()
    with open_table(file) as opened:
        assert sum(1 for _ in opened.rows()) == 300_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_a_missing_file_is_the_callers_affair(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_table(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("processes/helpdesk.csv.gz", 21_348),
        ("processes/BPI2013_closed.csv.gz", 6_660),
        ("processes/incident_event_log_first200.csv.gz", 1_285),
        ("requests/boston311.csv.gz", 19_554),
        ("requests/boston311-100.csv", 100),
        ("requests/nyc311-100.csv", 100),
        ("surveys/AirlinePassengerSatisfaction.csv.gz", 25_976),
        ("texts/waimai_10k.csv.gz", 11_987),
    ],
)
def test_real_files_are_read_to_the_last_row(name: str, rows: int) -> None:
    if not (SHARED / name).exists():
        pytest.skip("the shared data folder is missing: no real files to read")
    with open_table(SHARED / name) as opened:
        assert sum(1 for _ in opened.rows()) == rows
        assert opened.bad.count == 0
