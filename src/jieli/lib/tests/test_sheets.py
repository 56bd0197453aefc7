"""Tables to take away hold what they were given, and nothing that a spreadsheet would calculate."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

from python_calamine import CalamineWorkbook

from jieli.lib.sheets import csv_rows, xlsx_bytes

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)


def test_csv_quotes_keeps_decimals_and_defuses_formulas() -> None:
    rows = [["=1+1", 'a "b", c', Decimal("82.00"), AT, None, True], ["-5", "-", Decimal("-50.00"), date(2026, 11, 1), 3, False]]
    text = "".join(csv_rows(["one", "two", "three", "four", "five", "six"], rows, zone=SHANGHAI))
    assert text.splitlines() == [
        "one,two,three,four,five,six",
        '\'=1+1,"a ""b"", c",82.00,2026-11-01T00:30:00+08:00,,true',
        "'-5,'-,-50.00,2026-11-01,3,false",
    ]


def test_many_rows_come_in_pieces() -> None:
    pieces = list(csv_rows(["n"], ([number] for number in range(1_200)), zone=SHANGHAI))
    assert len(pieces) == 3
    assert "".join(pieces).count("\n") == 1_201


def test_a_workbook_holds_numbers_as_numbers_and_formulas_as_texts() -> None:
    rows = [["=SUM(A1:A9)", Decimal("504.70"), AT, 7, None], ["https://jieli.example", Decimal("0.10"), AT, 8, ""]]
    made = xlsx_bytes(["网点", "amount", "at", "n", "empty"], rows, zone=SHANGHAI, title="2026-10")
    sheet = CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_name("2026-10").to_python()
    assert sheet[0][:2] == ["网点", "amount"]
    assert sheet[1] == ["=SUM(A1:A9)", 504.7, datetime(2026, 11, 1, 0, 30), 7.0, ""]  # sheets have no zones
    assert sheet[2][0] == "https://jieli.example"
