"""Tables to take away hold what they were given, and nothing that a spreadsheet would calculate."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from jieli.lib import sheets
from jieli.lib.sheets import Sheet, csv_text, workbook

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)


def test_csv_quotes_keeps_decimals_and_defuses_formulas() -> None:
    rows = [["=1+1", 'a "b", c', Decimal("82.00"), AT, None, True], ["-5", "-", Decimal("-50.00"), date(2026, 11, 1), 3, False]]
    text = b"".join(csv_text(["one", "two", "three", "four", "five", "six"], rows, SHANGHAI))
    assert text.decode("utf-8").split("\r\n")[:-1] == [
        "one,two,three,four,five,six",
        '\'=1+1,"a ""b"", c",82.00,2026-11-01T00:30:00+08:00,,true',
        "'-5,'-,-50.00,2026-11-01,3,false",
    ]


def test_many_rows_come_in_pieces() -> None:
    pieces = list(csv_text(["n"], ([number] for number in range(1_200)), SHANGHAI))
    assert len(pieces) == 3
    assert b"".join(pieces).count(b"\n") == 1_201


def test_a_workbook_holds_numbers_as_numbers_and_formulas_as_texts() -> None:
    rows = [["=SUM(A1:A9)", Decimal("504.70"), AT, 7, None], ["https://jieli.example", Decimal("0.10"), AT, 8, ""]]
    pages = [Sheet("2026-10", ["网点", "amount", "at", "n", "empty"], rows)]
    made = workbook(pages, SHANGHAI)
    sheet = CalamineWorkbook.from_filelike(made).get_sheet_by_name("2026-10").to_python()
    assert sheet[0][:2] == ["网点", "amount"]
    assert sheet[1] == ["=SUM(A1:A9)", 504.7, datetime(2026, 11, 1, 0, 30), 7.0, ""]  # sheets have no zones
    assert sheet[2][0] == "https://jieli.example"


def test_a_full_sheet_goes_on_in_a_next_one_and_titles_are_those_a_workbook_can_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    made = workbook([Sheet("a/b: " + "c" * 40, ["n"], [[1], [2], [3]]), Sheet("empty", ["n"], [])], SHANGHAI)
    book = CalamineWorkbook.from_filelike(made)
    first, second, empty = book.sheet_names
    assert (first[:5], len(first), second[-4:], empty) == ("a-b- ", 31, " (2)", "empty")
    assert [book.get_sheet_by_name(name).to_python() for name in (second, empty)] == [[["n"], [3.0]], [["n"]]]
