"""Tables in files of strangers: rows of .csv, .csv.gz and .xlsx, with everything that is wrong with them said by line.

What a file is, its first bytes decide, not its name. A .csv is read in constant memory, an .xlsx as a whole. Cells are text
as written; nothing is guessed and nothing is calculated.
"""

import csv
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO, Self

from python_calamine import CalamineError, CalamineWorkbook

from jieli.lib.file_guard import Encoding, Limits, NotATable, Unpacked, find_encoding
from jieli.lib.workbook_guard import check_workbook

__all__ = ["Finding", "Limits", "NotATable", "Renamed", "Report", "Row", "Table", "open_table"]

Row = tuple[int, list[str]]
_DELIMITERS = ",\t;|"
_NUMBER = re.compile(r"[+-]?[0-9][0-9\s.,()-]*%?")
_REPLACEMENT = "\ufffd"
_DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a row, in the words of the exchange interface; `column` and `value` are "" when it is the whole row."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Report:
    """Findings of one kind: their number, and the first of them as far as the limits let them be kept."""

    most: int
    items: list[Finding] = field(default_factory=list)
    count: int = 0

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it while there is room."""
        self.count += 1
        if len(self.items) < self.most:
            self.items.append(finding)


@dataclass(frozen=True, slots=True)
class Renamed:
    """A column whose header was blank or taken already: its number from 1, what the file says, what it is called here."""

    number: int
    written: str
    name: str


class Table:
    """An open table: its header at once, its rows as they are asked for.

    `header` holds unique names; `renamed` says which were changed. `encoding` is what a text was written in, and
    `is_converted` whether it was other than UTF-8; an .xlsx has encoding "". `bad` reports rows that `rows` leaves out,
    `formulas` cells that a spreadsheet would calculate: they are kept as text, and a writer must defuse them. Both are
    complete when all rows were read. Close a table, or use it in a ``with``; it closes only a file that it opened.
    """

    _own_file: BinaryIO | None = None

    def __init__(self, kind: str, header: Sequence[str], limits: Limits, *, encoding: Encoding | None, delimiter: str) -> None:
        self.kind = kind
        self.header, self.renamed = _unique(header, limits)
        self.encoding = "" if encoding is None else encoding.name
        self.is_converted = encoding is not None and not encoding.name.startswith("utf-8")
        self.delimiter = delimiter
        self.bad = Report(limits.reported)
        self.formulas = Report(limits.reported)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, if this table opened it."""
        if self._own_file is not None:
            self._own_file.close()

    def rows(self) -> Iterator[Row]:
        """Give each good row as (line number, cells), the line being that in the file where the row begins.

        Rows without any text are left out. Reading again starts from the beginning. Raises NotATable when the file turns
        out beyond its bounds.
        """
        self.bad = Report(self.bad.most)
        self.formulas = Report(self.formulas.most)
        for line, cells in self._records():
            if not any(cells):
                continue
            row = self._of_right_length(line, cells)
            if row is None:
                continue
            for name, cell in zip(self.header, row, strict=True):
                if cell and cell[0] in "=+-@\t\r" and not _NUMBER.fullmatch(cell):
                    self.formulas.add(Finding(line, name, cell[:200], "a spreadsheet would calculate this cell; kept as text"))
            yield line, row

    def _records(self) -> Iterator[Row]:
        raise NotImplementedError

    def _of_right_length(self, line: int, cells: list[str]) -> list[str] | None:
        wanted = len(self.header)
        if len(cells) > wanted and not any(cells[wanted:]):
            cells = cells[:wanted]
        if len(cells) == wanted:
            return cells
        self.bad.add(Finding(line, "", "", f"the row has {len(cells)} columns, the header has {wanted}"))
        return None


def open_table(
    source: Path | BinaryIO,
    *,
    encodings: Sequence[str] = (),
    delimiter: str = "",
    sheet: str = "",
    limits: Limits = _DEFAULT_LIMITS,
) -> Table:
    """Open a file by path, or a seekable binary file, and read its header: the first row with any text.

    `encodings` are tried in order instead of UTF-8 and GB 18030; a byte order mark wins. The delimiter is found in the
    header unless given; `sheet` names a sheet, else the first. Raises NotATable with the reason for what cannot be a table,
    FileNotFoundError and the like for a path.
    """
    if not isinstance(source, Path):
        return _opened(source, tuple(encodings), delimiter, sheet, limits)
    file = source.open("rb")
    try:
        table = _opened(file, tuple(encodings), delimiter, sheet, limits)
    except BaseException:
        file.close()
        raise
    table._own_file = file
    return table


def _opened(file: BinaryIO, encodings: tuple[str, ...], delimiter: str, sheet: str, limits: Limits) -> Table:
    file.seek(0)
    head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        return _Workbook(file, sheet, limits)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotATable("this is an old or encrypted Excel file: save it as .xlsx without a password, or as CSV")
    return _Csv(file, encodings, delimiter, limits)


class _Csv(Table):
    def __init__(self, file: BinaryIO, encodings: tuple[str, ...], delimiter: str, limits: Limits) -> None:
        self._limits = limits
        self._unpacked = Unpacked(file, limits)
        self._encoding = find_encoding(self._unpacked, encodings, limits)
        self._is_unfinished = False
        first = next((line for line in self._lines() if line.strip("\r\n\t ,;|")), "")
        if not first:
            raise NotATable("the file has no header")
        found = delimiter or max(_DELIMITERS, key=re.sub(r'"[^"]*"', "", first).count)
        self._reader_delimiter = found
        header = next((cells for _, cells in self._parsed(Report(0)) if any(cell.strip() for cell in cells)), None)
        if header is None:
            raise NotATable("the header is no row of CSV")
        super().__init__("csv", header, limits, encoding=self._encoding, delimiter=found)

    def _lines(self) -> Iterator[str]:
        """Give the lines with their ends, a line being what ends in the file's own line end."""
        name, end = self._encoding.name, self._encoding.line_end
        decoder = getincrementaldecoder(name)(errors="replace")
        self._is_unfinished = False
        pending = ""
        for chunk in self._unpacked.chunks():
            *whole, pending = (pending + decoder.decode(chunk)).split(end)
            for line in whole:
                yield line + "\n"
            if len(pending) > self._limits.line_characters:
                raise NotATable(f"a line is longer than {self._limits.line_characters:,} characters")
        pending += decoder.decode(b"", final=True)
        if pending:
            self._is_unfinished = True
            yield pending

    def _parsed(self, bad: Report) -> Iterator[Row]:
        """Give the rows with the line where each begins; what is no row of CSV goes to `bad`."""
        reader = csv.reader(self._lines(), delimiter=self._reader_delimiter, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                yield line, next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                bad.add(Finding(line, "", "", _csv_reason(str(error))))

    def _records(self) -> Iterator[Row]:
        is_header = True
        line = 0
        for line, cells in self._parsed(self.bad):
            if is_header:
                is_header = not any(cell.strip() for cell in cells)
            elif self._is_unfinished and (self._unpacked.cut or len(cells) < len(self.header)):
                self.bad.add(Finding(line, "", "", "the file ends in the middle of this row: it seems to be cut"))
            elif self._encoding.is_damaged and any(_REPLACEMENT in cell for cell in cells):
                self.bad.add(Finding(line, "", "", f"the row holds bytes that are not {self.encoding.upper()}"))
            else:
                yield line, cells
        if self._unpacked.cut and not self._is_unfinished:
            self.bad.add(Finding(line + 1, "", "", f"the compressed file is {self._unpacked.cut}: its end is missing"))


class _Workbook(Table):
    def __init__(self, file: BinaryIO, sheet: str, limits: Limits) -> None:
        check_workbook(file, limits)
        file.seek(0)
        try:
            workbook = CalamineWorkbook.from_filelike(file)
            if not workbook.sheet_names or (sheet and sheet not in workbook.sheet_names):
                raise NotATable(f"the workbook has no sheet {sheet!r}; it has {', '.join(workbook.sheet_names) or 'none'}")
            self._sheet = workbook.get_sheet_by_name(sheet or workbook.sheet_names[0])
        except (CalamineError, OSError) as error:
            raise NotATable(f"the workbook cannot be read: {error}") from error
        self._header_line, header = next(((line, cells) for line, cells in self._cells() if any(cells)), (0, []))
        if not header:
            raise NotATable("the sheet is empty")
        super().__init__("xlsx", header, limits, encoding=None, delimiter="")

    def _cells(self) -> Iterator[Row]:
        for line, cells in enumerate(self._sheet.iter_rows(), 1):
            yield line, [_as_text(cell) for cell in cells]

    def _records(self) -> Iterator[Row]:
        return ((line, cells) for line, cells in self._cells() if line > self._header_line)


def _unique(header: Sequence[str], limits: Limits) -> tuple[tuple[str, ...], tuple[Renamed, ...]]:
    if len(header) > limits.columns:
        raise NotATable(f"the header has {len(header):,} columns, more than {limits.columns:,}")
    written = [name.strip() for name in header]
    while written and not written[-1]:
        written.pop()
    taken = set(written)
    seen: set[str] = set()
    names: list[str] = []
    renamed: list[Renamed] = []
    for number, text in enumerate(written, 1):
        name = text
        if not text or text in seen:
            stem, count = (text, 2) if text else ("column", number)
            while (name := f"{stem}_{count}") in taken:
                count += 1
            renamed.append(Renamed(number, text, name))
            taken.add(name)
        seen.add(name)
        names.append(name)
    return tuple(names), tuple(renamed)


def _csv_reason(error: str) -> str:
    if "unexpected end of data" in error:
        return "the file ends inside a quoted field that begins in this row: it seems to be cut, or a quote is missing"
    if "field limit" in error:
        return "a field of this row is endless: a closing quote seems to be missing"
    if "expected after" in error:
        return "a quote stands in the middle of a quoted field of this row; it must be doubled"
    return f"this is no row of CSV: {error}"


def _as_text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
    return "" if cell is None else str(cell)
