"""Tables to take away: CSV row by row, XLSX in the memory of a few rows; no cell is a formula (spec 8)."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from zoneinfo import ZoneInfo

import xlsxwriter  # type: ignore[import-untyped]

Cell = str | int | float | Decimal | date | datetime | bool | None

CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"csv": CSV, "xlsx": XLSX}
_CALCULATES = ("=", "+", "-", "@", "\t", "\r")
_AT_ONCE = 500


def csv_rows(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, zone: ZoneInfo) -> Iterator[str]:
    """Give a table as pieces of CSV: UTF-8 text, RFC 4180 quoting, ISO times of the zone, money with its decimals.

    A text that a spreadsheet would calculate gets an apostrophe before it.
    """
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(head)
    for place, row in enumerate(rows, start=1):
        writer.writerow([_text(cell, zone) for cell in row])
        if not place % _AT_ONCE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def xlsx_bytes(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, zone: ZoneInfo, title: str = "") -> bytes:
    """Return a table as one sheet of a workbook: numbers as numbers, times in the zone, texts as texts whatever they say."""
    whole = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(whole, options) as book:
        sheet = book.add_worksheet(title[:31] or None)
        bold = book.add_format({"bold": True, "bottom": 1})
        styles = {name: book.add_format({"num_format": form}) for name, form in _FORMATS.items()}
        sheet.freeze_panes(1, 0)
        for column, text in enumerate(head):
            sheet.set_column(column, column, max(10, min(40, 2 + sum(2 if ord(one) > 255 else 1 for one in text))))
            sheet.write_string(0, column, text, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                _write(sheet, (number, column), cell, zone, styles)
    return whole.getvalue()


_Styles = Mapping[str, object]
_FORMATS = {"money": "#,##0.00", "day": "yyyy-mm-dd", "time": "yyyy-mm-dd hh:mm"}


def _write(sheet: "xlsxwriter.worksheet.Worksheet", at: tuple[int, int], cell: Cell, zone: ZoneInfo, styles: _Styles) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_boolean(*at, cell)
    elif isinstance(cell, Decimal):
        sheet.write_number(*at, cell, styles["money"])
    elif isinstance(cell, int | float):
        sheet.write_number(*at, cell)
    elif isinstance(cell, datetime):
        sheet.write_datetime(*at, cell.astimezone(zone).replace(tzinfo=None), styles["time"])
    elif isinstance(cell, date):
        sheet.write_datetime(*at, cell, styles["day"])
    else:
        sheet.write_string(*at, cell)


def _text(cell: Cell, zone: ZoneInfo) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_CALCULATES) else cell
    return str(cell)
