"""Opening a file of strangers, and what its table has to say besides its rows."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from jieli.intake.refusals import NotReadable
from jieli.intake.rules.reasons import in_words
from jieli.intake.rules.reports import FileReport
from jieli.lib.tabular import NotATable, Table, open_table


def opened(path: Path, *, encodings: Sequence[str] = (), delimiter: str = "", sheet: str = "", name: str = "") -> Table:
    """Open a table, called `name` for people. Raises NotReadable with the reason."""
    try:
        return open_table(path, encodings=encodings, delimiter=delimiter, sheet=sheet)
    except NotATable as error:
        raise NotReadable(f"{name or path.name}: {in_words(str(error))}") from error
    except OSError as error:
        raise NotReadable(f"{name or path.name}: {error.strerror or error}") from error


def note_reading(report: FileReport, table: Table) -> None:
    """Add to the report what the table found, when all its rows were read."""
    report.rejected += table.bad.count
    report.rows += table.bad.count
    report.refuse(table.bad.items)
    report.bad.sort(key=lambda one: one["line"])
    if table.is_converted:
        report.notes.append(_("The text is in %(encoding)s and was converted.") % {"encoding": table.encoding.upper()})
    for renamed in table.renamed:
        report.notes.append(
            _("Column %(number)s “%(written)s” is called “%(name)s” here.")
            % {"number": renamed.number, "written": renamed.written, "name": renamed.name}
        )
    if table.formulas.count:
        first = table.formulas.items[0]
        report.notes.append(
            _("%(count)s cells look like a formula and were kept as text; the first is in line %(line)s, column %(column)s.")
            % {"count": table.formulas.count, "line": first.line, "column": first.column}
        )


def digest_of(path: Path, *more: str) -> str:
    """Return the hex SHA-256 over a file and further texts."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    for text in more:
        digest.update(b"\0" + text.encode())
    return digest.hexdigest()


def rows_in(path: Path) -> int | None:
    """Return about how many rows a plain text has, None for a packed one: good enough to show how far one is."""
    lines = 0
    with path.open("rb") as file:
        if file.read(4).startswith((b"\x1f\x8b", b"PK\x03\x04")):
            return None
        while chunk := file.read(1 << 20):
            lines += chunk.count(b"\n")
    return max(lines - 1, 1)
