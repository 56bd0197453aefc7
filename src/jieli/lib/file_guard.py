"""What a file of strangers must pass before it is read: bounds of size, compression and shape; and its encoding.

Only `tabular` uses this module. Every bound is checked on what really comes out, not on what a header declares.
"""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_CHUNK = 1 << 18
_MEGABYTE = 1 << 20


class NotATable(ValueError):
    """The whole file is refused; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a file: bytes as stored and unpacked, how strongly packed, line, columns, cells, reported rows."""

    stored_bytes: int = 500 * _MEGABYTE
    unpacked_bytes: int = 2048 * _MEGABYTE
    workbook_bytes: int = 400 * _MEGABYTE
    packed_times: int = 200
    line_characters: int = 1_000_000
    columns: int = 1000
    cells: int = 20_000_000
    reported: int = 10_000


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a text file is written: Python's name, the line end, and whether some bytes do not fit."""

    name: str
    line_end: str
    is_damaged: bool


class Unpacked:
    """The bytes of a plain or gzip file in chunks, within the bounds; `cut` says why a packed file ended too early."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self.cut = ""
        file.seek(0, 2)
        self.stored = file.tell()
        file.seek(0)
        if self.stored > limits.stored_bytes:
            raise NotATable(f"the file has {megabytes(self.stored)}, more than {megabytes(limits.stored_bytes)}")
        self.is_packed = file.read(2) == b"\x1f\x8b"

    def chunks(self) -> Iterator[bytes]:
        """Give the bytes from the beginning. Raises NotATable when more comes out than the bounds allow."""
        self._file.seek(0)
        self.cut = ""
        # read1 gives what there is before a cut; read would lose the whole chunk in which the cut is.
        read = gzip.GzipFile(fileobj=self._file).read1 if self.is_packed else self._file.read
        total = 0
        while True:
            try:
                chunk = read(_CHUNK)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                self.cut = "cut" if isinstance(error, EOFError) else "damaged"
                return
            if not chunk:
                return
            total += len(chunk)
            if total > self._limits.unpacked_bytes:
                raise NotATable(f"more than {megabytes(self._limits.unpacked_bytes)} come out of the file")
            if self.is_packed and total > 16 * _MEGABYTE and total > self.stored * self._limits.packed_times:
                raise NotATable(f"the file is packed more than {self._limits.packed_times} times: it looks like a bomb")
            yield chunk


def find_encoding(unpacked: Unpacked, encodings: tuple[str, ...], limits: Limits) -> Encoding:
    """Return the encoding of a text: its byte order mark, the first given that fits, else UTF-8, else GB 18030.

    Reads the whole file once or twice in constant memory. Raises NotATable for what is no text.
    """
    head = next(unpacked.chunks(), b"")
    if not head:
        raise NotATable("the compressed file is damaged" if unpacked.cut else "the file is empty")
    line_end = "\r" if b"\r" in head and b"\n" not in head else "\n"
    candidates = _candidates(head, encodings)
    is_wide = candidates[0].startswith("utf-16")
    failures: list[str] = []
    for name in candidates:
        offset, extra = _first_misfit(unpacked, name, limits, may_hold_nul=is_wide)
        if offset is None:
            return Encoding(name, line_end, False)
        # A text of UTF-8 in many bytes before its first misfit is damaged UTF-8: another encoding would garble it.
        if extra >= 40 or offset < 0 or len(candidates) == 1:
            return Encoding(name, line_end, True)
        failures.append(f"{name.upper()} (byte {offset:,})")
    raise NotATable(f"the text is in none of these encodings: {', '.join(failures)}; name its encoding")


def _candidates(head: bytes, encodings: tuple[str, ...]) -> tuple[str, ...]:
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise NotATable("the text is in UTF-32; save it as UTF-8")
    if head.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if b"\0" in head[:4096]:
        for name in ("utf-16-le", "utf-16-be"):
            if _reads_as_table(head[:4096], name):
                return (name,)
    for name in encodings:
        try:
            codecs.lookup(name)
        except LookupError as error:
            raise NotATable(f"there is no encoding {name!r}") from error
    return encodings or ("utf-8", "gb18030")


def _reads_as_table(sample: bytes, name: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(name)().decode(sample)
    except UnicodeDecodeError:
        return False
    return any(letter in text for letter in ",\t;|\n") and not re.search("[\x00-\x08\x0e-\x1f]", text)


def _first_misfit(unpacked: Unpacked, name: str, limits: Limits, *, may_hold_nul: bool) -> tuple[int | None, int]:
    """Return where the bytes first do not fit an encoding: None for nowhere, -1 for the cut last character of the file.

    The second number says how many bytes more than characters came before. Raises NotATable for a NUL or an endless line.
    """
    decoder = codecs.getincrementaldecoder(name)()
    position = extra = line = 0
    chunk = b""
    for chunk in unpacked.chunks():
        if not may_hold_nul and (nul := chunk.find(0)) >= 0:
            raise NotATable(f"byte {position + nul:,} is NUL: this is not a text file")
        line_break = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        line = len(chunk) - line_break - 1 if line_break >= 0 else line + len(chunk)
        if line > 4 * limits.line_characters:
            raise NotATable(f"a line is longer than {limits.line_characters:,} characters")
        try:
            extra += len(chunk) - len(decoder.decode(chunk))
        except UnicodeDecodeError as error:
            return position + max(error.start, 0), extra + _extra(error)
        position += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return -1, extra
    return None, extra


def _extra(error: UnicodeDecodeError) -> int:
    before = bytes(error.object[: error.start])
    return len(before) - len(before.decode(error.encoding, errors="ignore"))


def megabytes(size: int) -> str:
    """Return a number of bytes for people."""
    return f"{size / _MEGABYTE:,.0f} MB"
