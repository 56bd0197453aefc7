"""What an .xlsx file of strangers must pass before a library reads it whole: a workbook can be a bomb in four ways.

It may unpack into too much, place two cells so far apart that the rectangle between them fills the memory, name one long
shared text from a million cells, or lie about any of it in a header. So everything is unpacked and counted once. Only
`tabular` uses this module.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO

from jieli.lib.file_guard import Limits, NotATable, megabytes

_CHUNK = 1 << 18
_LONGEST_TAG = 1 << 22
_TOKEN = re.compile(rb"""<(?:[^\s<>/:"']+:)?(row|c|v|si)(?=[\s/>])((?:[^<>"']|"[^"<]*"|'[^'<]*')*)(>?)\s*([0-9]{0,10})""")
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,10})["']""")


def check_workbook(file: BinaryIO, limits: Limits) -> None:
    """Refuse a workbook that would unpack or spread beyond the bounds. Raises NotATable.

    Cost: unpacks the workbook once, in constant memory but for the lengths of its shared texts.
    """
    stored = file.seek(0, 2)
    if stored > limits.stored_bytes:
        raise NotATable(f"the file has {megabytes(stored)}, more than {megabytes(limits.stored_bytes)}")
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > 5000 or any(member.flag_bits & 1 for member in members):
                raise NotATable("the workbook is encrypted or has too many parts")
            _Check(limits).archive(archive)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, OSError, RuntimeError) as error:
        raise NotATable(f"the workbook is damaged or cut: {error}") from error


class _Check:
    """One pass over the parts of a workbook, counting what comes out."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.workbook_bytes
        self.lengths: list[int] = []

    def archive(self, archive: zipfile.ZipFile) -> None:
        # The shared texts come first: what they cost depends on how often the sheets name them.
        for member in sorted(archive.infolist(), key=lambda member: "sharedstrings" not in member.filename.lower()):
            name = member.filename.lower()
            with archive.open(member) as part:
                if "sharedstrings" in name:
                    self.texts(part)
                elif "worksheets/" in name:
                    self.sheet(part)
                else:
                    while chunk := part.read(_CHUNK):
                        self.take(chunk)

    def take(self, chunk: bytes) -> None:
        self.left -= len(chunk)
        if self.left < 0:
            raise NotATable(f"more than {megabytes(self.limits.workbook_bytes)} come out of the workbook")

    def texts(self, part: IO[bytes]) -> None:
        begin: int | None = None
        before = self.left
        for offset, token in self.tokens(part):
            if token[1] == b"si":
                if begin is not None:
                    self.lengths.append(offset - begin)
                begin = offset
        if begin is not None:
            self.lengths.append(before - self.left - begin)

    def sheet(self, part: IO[bytes]) -> None:
        row = column = rows = columns = spread = 0
        for _, token in self.tokens(part):
            kind, attributes, number = token[1], token[2], token[4]
            if kind == b"v":
                # A number below the count of texts may be a number or name one: count the worse.
                if number and int(number) < len(self.lengths):
                    spread += self.lengths[int(number)]
                continue
            found = _REFERENCE.search(attributes)
            if kind == b"row":
                row, column = int(found[2]) if found else row + 1, 0
                continue
            if found and found[1]:
                row, column = int(found[2]), _column(found[1])
            else:
                column += 1
            if not attributes.endswith(b"/"):
                rows, columns = max(rows, row), max(columns, column)
        if rows * columns > self.limits.cells:
            raise NotATable(f"a sheet spans {rows:,} rows and {columns:,} columns: more than {self.limits.cells:,} cells")
        if spread > 4 * self.limits.workbook_bytes:
            raise NotATable(f"the texts of a sheet come to more than {megabytes(4 * self.limits.workbook_bytes)}")

    def tokens(self, part: IO[bytes]) -> "Iterator[tuple[int, re.Match[bytes]]]":
        """Give the tags that matter with their offsets. Each lies between two "<", so the last one waits for more."""
        carry, base = b"", 0
        is_last = False
        while not is_last:
            chunk = part.read(_CHUNK)
            is_last = not chunk
            self.take(chunk)
            if b"\0" in chunk:
                raise NotATable("a part of the workbook is not in UTF-8")
            carry += chunk
            end = len(carry) if is_last else max(carry.rfind(b"<"), 0)
            for token in _TOKEN.finditer(carry, 0, end):
                if not token[3]:
                    raise NotATable("a tag of the workbook is malformed")
                yield base + token.start(), token
            base += end
            carry = carry[end:]
            if len(carry) > _LONGEST_TAG:
                raise NotATable("a tag or text of the workbook is endless")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
