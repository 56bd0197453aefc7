"""Tables for spreadsheets: CSV as it streams, and workbooks in the memory of a row.

What people wrote may begin like a formula: in CSV such a text gets an apostrophe in front, in a workbook it is written as text.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import StringIO
from tempfile import TemporaryFile
from typing import IO, Any
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook  # type: ignore[import-untyped]

Cell = str | int | float | Decimal | bool | date | datetime | None

MOST_ROWS = 1_048_575
"""Rows of one sheet below its header."""
_AT_ONCE = 500
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def defused(text: str) -> str:
    """Return a text that no spreadsheet calculates."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]], zone: ZoneInfo) -> Iterator[bytes]:
    """Give a CSV in UTF-8 without a byte order mark, some hundred rows at a time."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([defused(one) for one in header])
    for number, row in enumerate(rows):
        writer.writerow([_csv_cell(cell, zone) for cell in row])
        if number % _AT_ONCE == _AT_ONCE - 1:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _csv_cell(cell: Cell, zone: ZoneInfo) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return defused(cell) if isinstance(cell, str) else str(cell)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title, header and rows; columns are as wide as their headers, or as `widths` says by place."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = ()


def workbook(sheets: Iterable[Sheet], zone: ZoneInfo) -> IO[bytes]:
    """Write a workbook into a temporary file and return it at its beginning; a full sheet goes on in a next one."""
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    book = Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    for sheet in sheets:
        _write(book, sheet, formats, zone)
    book.close()
    file.seek(0)
    return file


def _write(book: Workbook, sheet: Sheet, formats: dict[str, Any], zone: ZoneInfo) -> None:
    page: Any = None
    place = MOST_ROWS
    count = 0
    for row in _with_end(sheet.rows):
        if place == MOST_ROWS and (row is not None or page is None):
            count += 1
            page = book.add_worksheet(_title(sheet.title, count))
            page.freeze_panes(1, 0)
            page.set_landscape()
            page.repeat_rows(0)
            page.fit_to_pages(1, 0)
            for column, name in enumerate(sheet.header):
                width = sheet.widths[column] if column < len(sheet.widths) else max(10, min(30, 2 + 2 * len(name)))
                page.set_column(column, column, width)
                page.write_string(0, column, name, formats["head"])
            place = 0
        if row is None:
            break
        place += 1
        for column, cell in enumerate(row):
            _write_cell(page, place, column, cell, formats=formats, zone=zone)


def _with_end(rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell] | None]:
    yield from rows
    yield None


def _title(title: str, number: int) -> str:
    clean = "".join("-" if sign in "[]:*?/\\" else sign for sign in title).strip("'") or "Sheet"
    end = f" ({number})" if number > 1 else ""
    return clean[: 31 - len(end)] + end


def _write_cell(page: Any, row: int, column: int, cell: Cell, *, formats: dict[str, Any], zone: ZoneInfo) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, Decimal):
        page.write_number(row, column, float(cell), formats["money"])
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell)
    elif isinstance(cell, datetime):
        page.write_datetime(row, column, cell.astimezone(zone).replace(tzinfo=None), formats["time"])
    elif isinstance(cell, date):
        page.write_datetime(row, column, datetime.combine(cell, time()), formats["day"])
    else:
        page.write_string(row, column, cell)
