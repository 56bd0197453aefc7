"""Bringing in exchange files: one importer per kind, registered by the app that owns the rows (interfaces, Exchange files)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jieli.customers.actions.batches import import_customers, import_devices
from jieli.customers.actions.importing import CUSTOMER_COLUMNS, DEVICE_COLUMNS
from jieli.events.actions import record
from jieli.events.actor import Actor, import_actor
from jieli.events.refusals import Refused, require
from jieli.intake.actions.batching import BatchImporter, take_in_batches
from jieli.intake.actions.histories import Progress, alone
from jieli.intake.actions.reading import digest_of, note_reading, opened, rows_in
from jieli.intake.events import ExchangeFileImported
from jieli.intake.policy import may_import_files
from jieli.intake.rules.reports import FileReport
from jieli.lib.tabular import Finding, NotATable, Table
from jieli.network.actions.importing import (
    LICENCE_COLUMNS,
    import_engineer,
    import_outlets,
    import_provider,
    import_staff_with_licence,
)
from jieli.network.rules.outlet_rows import COLUMNS as OUTLET_COLUMNS
from jieli.network.rules.outlet_rows import ENGINEER_COLUMNS, PROVIDER_COLUMNS
from jieli.people import rules as people_rules
from jieli.people.actions.imports import STAFF_COLUMNS, UNIT_COLUMNS, import_unit

__all__ = ["KINDS", "BatchImporter", "Importer", "import_exchange_file", "importers", "register"]

Outcome = Literal["imported", "unchanged"]
Rows = list[tuple[int, dict[str, str]]]

KINDS = (
    "units", "providers", "outlets", "staff", "engineers", "customers", "devices", "parts", "stock", "rates", "orders",
    "complaints", "incentives", "events",
)  # fmt: skip
"""The kinds of exchange files in the order of their import."""


class RowImporter(Protocol):
    """Takes one row of an exchange file; raises Refused naming the columns."""

    def __call__(self, row: Mapping[str, str], actor: Actor) -> Outcome:
        """Make or change what the row says, or leave it."""
        ...


@dataclass(frozen=True, slots=True)
class Importer:
    """What imports one kind row by row: its known columns, the key column, the function, and a sorting of rows if needed."""

    columns: tuple[str, ...]
    key: str
    take: RowImporter
    in_order: Callable[[Rows], Rows] | None = None

    @property
    def required(self) -> tuple[str, ...]:
        """Return the columns that a file must have."""
        return (self.key,)


importers: dict[str, Importer | BatchImporter] = {}


def register(kind: str, importer: Importer | BatchImporter) -> None:
    """Let an app import its kind of exchange file."""
    if kind not in KINDS:
        raise ValueError(f"there is no exchange file {kind}")
    importers[kind] = importer


def register_lower_apps() -> None:
    """Register the kinds of the apps below intake."""
    register("units", Importer(UNIT_COLUMNS, "code", import_unit, _parents_first))
    register("providers", Importer(PROVIDER_COLUMNS, "code", import_provider))
    register("outlets", BatchImporter(OUTLET_COLUMNS, "code", lambda rows, actor: import_outlets(rows, actor=actor)))
    register("staff", Importer((*STAFF_COLUMNS, *LICENCE_COLUMNS), "code", import_staff_with_licence))
    register("engineers", Importer(ENGINEER_COLUMNS, "staff", import_engineer))
    register(
        "customers",
        BatchImporter(CUSTOMER_COLUMNS, "code", lambda rows, actor: import_customers(rows, actor=actor), side_by_side=2),
    )
    register(
        "devices",
        BatchImporter(DEVICE_COLUMNS, "serial", lambda rows, actor: import_devices(rows, actor=actor), side_by_side=2),
    )


def _parents_first(rows: Rows) -> Rows:
    return [rows[place] for place in people_rules.parents_first([row for _line, row in rows])]


def import_exchange_file(
    path: Path,
    *,
    kind: str,
    actor: Actor,
    file_name: str = "",
    progress: Progress = lambda _done, _total, _what: None,
) -> FileReport:
    """Bring in one exchange file, each row or batch in a transaction of its own; the same file again changes nothing.

    Two at once take turns. Killed, it leaves whole transactions; started again it goes on with what is missing. Raises
    NotAllowed, NotReadable. A kind which no app imports yet is refused by KeyError: ask `importers` first.
    """
    require(may_import_files(actor))
    importer = importers[kind]
    name = file_name or path.name
    report = FileReport(file=name, kind=kind, source="exchange")
    by = import_actor(f"exchange {kind}")
    with alone(f"exchange {kind}", waits=True), opened(path, name=name) as table:
        missing = [column for column in importer.required if column not in table.header]
        if missing:
            report.rejected = report.rows = 1
            reason = _("the column %(column)s is missing; the file has %(header)s")
            header = ", ".join(table.header)
            report.refuse(Finding(1, one, "", reason % {"column": one, "header": header}) for one in missing)
            return report
        report.columns_unknown = [column for column in table.header if column not in importer.columns]
        rows = _fresh(_rows(table, importer, report), importer.key, report)
        total = rows_in(path)
        if isinstance(importer, BatchImporter):
            take_in_batches(rows, importer, actor=by, report=report, progress=lambda done: progress(done, total, kind))
        else:
            for line, row in rows:
                _take(importer, line, row, by, report)
                if not report.rows & 63:
                    progress(report.rows, total, kind)
        note_reading(report, table)
    if report.imported:
        with transaction.atomic():
            fact = ExchangeFileImported(
                company_id=1,
                kind=kind,
                file_digest=digest_of(path),
                rows=report.rows,
                imported=report.imported,
                rejected=report.rejected,
            )
            record(fact, actor=by)
    return report


def _rows(table: Table, importer: Importer | BatchImporter, report: FileReport) -> Iterable[tuple[int, dict[str, str]]]:
    named = ((line, dict(zip(table.header, cells, strict=True))) for line, cells in table.rows())
    try:
        if isinstance(importer, BatchImporter) or importer.in_order is None:
            yield from named
        else:
            yield from importer.in_order(list(named))
    except NotATable as error:
        report.rejected += 1
        report.refuse([Finding(report.rows + 2, "", "", str(error))])


def _fresh(rows: Iterable[tuple[int, dict[str, str]]], key: str, report: FileReport) -> Iterable[tuple[int, dict[str, str]]]:
    """Count the rows and give them on, but of two with one key only the first."""
    seen: dict[str, int] = {}
    for line, row in rows:
        report.rows += 1
        value = row[key].strip() if key else ""
        if value and seen.setdefault(value, line) != line:
            report.rejected += 1
            reason = _("this is on line %(line)s already; only the first counts") % {"line": seen[value]}
            report.refuse([Finding(line, key, value[:200], reason)])
            continue
        yield line, row


def _take(importer: Importer, line: int, row: dict[str, str], actor: Actor, report: FileReport) -> None:
    try:
        with transaction.atomic():
            outcome = importer.take(row, actor)
    except Refused as refused:
        report.rejected += 1
        fields = refused.fields or {"": refused.message}
        report.refuse(Finding(line, column, row.get(column, "")[:200], str(reason)) for column, reason in fields.items())
        return
    except IntegrityError as error:
        report.rejected += 1
        report.refuse([Finding(line, "", "", str(error).splitlines()[0])])
        return
    if outcome == "imported":
        report.imported += 1
    else:
        report.unchanged += 1
