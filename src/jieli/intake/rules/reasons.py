"""The reasons that the reading of files gives, in people's language: `lib` knows only English."""

import re

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

_REASONS: tuple[tuple[str, Lazy], ...] = (
    (r"the time is blank", _("the time is missing")),
    (r"(?P<value>'.*'|\".*\") has none of the formats (?P<formats>.*)", _("%(value)s is not written as %(formats)s")),
    (r"(?P<value>'.*'|\".*\") lies outside the years 1 to 9999", _("%(value)s lies outside the years 1 to 9999")),
    (r"(?P<value>'.*'|\".*\"): .*", _("there is no such date or time: %(value)s")),
    (
        r"the row has (?P<found>[\d,]+) columns, the header has (?P<wanted>[\d,]+)",
        _("the row has %(found)s columns, the header has %(wanted)s"),
    ),
    (
        r"the file ends in the middle of this row: it seems to be cut",
        _("the file ends in the middle of this row: it seems to be cut"),
    ),
    (r"the row holds bytes that are not (?P<encoding>.*)", _("the row holds bytes that are not %(encoding)s")),
    (r"the compressed file is cut: its end is missing", _("the compressed file is cut: its end is missing")),
    (r"the compressed file is damaged.*", _("the compressed file is damaged")),
    (
        r"the file ends inside a quoted field .*|a field of this row is endless.*",
        _("a quoted field begins in this row and does not end: a quote is missing, or the file is cut"),
    ),
    (
        r"a quote stands in the middle of a quoted field .*",
        _("a quote stands in the middle of a quoted field of this row; it must be doubled"),
    ),
    (r"this is no row of CSV.*", _("this is no row of CSV")),
    (r"the file has (?P<size>[\d,]+ MB), more than (?P<most>[\d,]+ MB)", _("the file has %(size)s, more than %(most)s")),
    (r"more than (?P<most>[\d,]+ MB) come out of the file", _("more than %(most)s come out of the file")),
    (r"the file is packed more than .*", _("the file is packed so strongly that it looks like a bomb")),
    (r"byte (?P<byte>[\d,]+) is NUL: .*", _("byte %(byte)s is NUL: this is not a text file")),
    (r"a line is longer than (?P<most>[\d,]+) characters", _("a line is longer than %(most)s characters")),
    (r"the file is empty|the sheet is empty", _("the file is empty")),
    (r"the text is in UTF-32; .*", _("the text is in UTF-32; save it as UTF-8")),
    (r"there is no encoding (?P<name>.*)", _("there is no encoding %(name)s")),
    (
        r"the text is in none of these encodings: (?P<names>.*); name its encoding",
        _("the text is in none of these encodings: %(names)s; name its encoding in the mapping"),
    ),
    (
        r"this is an old or encrypted Excel file: .*",
        _("this is an old or encrypted Excel file: save it as .xlsx without a password, or as CSV"),
    ),
    (
        r"the workbook is (damaged|encrypted).*|the workbook cannot be read.*|a (part|tag) .* of the workbook .*",
        _("the workbook is damaged, cut or encrypted"),
    ),
    (r"the workbook has no sheet (?P<name>.*); it has (?P<names>.*)", _("there is no sheet %(name)s; there are: %(names)s")),
    (r"more than .* come out of the workbook|a sheet spans .*|the texts of a sheet .*", _("the workbook is too large")),
    (r"the file has no header|the header is no row of CSV", _("the file has no header")),
    (
        r"the header has (?P<found>[\d,]+) columns, more than (?P<most>[\d,]+)",
        _("the header has %(found)s columns, more than %(most)s"),
    ),
)
_COMPILED = tuple((re.compile(pattern, re.DOTALL), words) for pattern, words in _REASONS)


def in_words(reason: str) -> str:
    """Return a reason of `lib.tabular` or `lib.dates` in the language of the moment; an unknown one stays as it is."""
    for pattern, words in _COMPILED:
        found = pattern.fullmatch(reason)
        if found:
            return str(words) % found.groupdict() if found.groupdict() else str(words)
    return reason
