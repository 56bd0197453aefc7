"""Taking the rows of an exchange file many at once: each batch one transaction, a few of them side by side."""

import contextvars
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from threading import Barrier
from typing import Protocol

from django.db import DataError, IntegrityError, OperationalError, connection, connections, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from jieli.events.actor import Actor
from jieli.events.refusals import Refused
from jieli.intake.rules.reports import FileReport
from jieli.intake.rules.rows import Seen
from jieli.lib import clock
from jieli.lib.batches import BatchOutcome, BatchRow
from jieli.lib.tabular import Finding

_TRIES = 5
_WHOLE = 10_000_000


class TakeMany(Protocol):
    """Takes many rows at once, in a transaction of the caller; a row that cannot be taken becomes a finding of the outcome."""

    def __call__(self, rows: Sequence[BatchRow], actor: Actor) -> BatchOutcome:
        """Make or change what the rows say, or leave it."""
        ...


@dataclass(frozen=True, slots=True)
class BatchImporter:
    """What imports one kind in batches.

    `columns` are the known ones, the others are reported and kept by the importer as attributes. Of two rows with the same
    value in the column `key` the second is refused before the importer sees it; "" when rows have no key. `also_needed` are
    further columns that the header must have. A batch has up to `at_once` rows, None gives the whole file in one call.
    `side_by_side` batches run at once, each in a transaction and thread of its own: above 1 only when they do not depend on
    each other. `take_many` may be called again with some of the same rows after its transaction was rolled back.
    """

    columns: tuple[str, ...]
    key: str
    take_many: TakeMany
    also_needed: tuple[str, ...] = ()
    at_once: int | None = 4000
    side_by_side: int = 1

    @property
    def required(self) -> tuple[str, ...]:
        """Return the columns that a file must have."""
        return ((self.key,) if self.key else ()) + self.also_needed


def take_in_batches(
    rows: Iterable[BatchRow],
    importer: BatchImporter,
    *,
    actor: Actor,
    report: FileReport,
    progress: Callable[[int], object],
) -> None:
    """Take all rows and add what came of them to the report. In a transaction of the caller one batch after the other."""
    warned: dict[tuple[str, str], Seen] = {}
    done = 0
    for taken, outcome in _outcomes(_batches(rows, importer.at_once or _WHOLE), importer, actor):
        _add(report, outcome, warned)
        done += taken
        progress(done)
    report.bad.sort(key=lambda one: one["line"])
    for seen in warned.values():
        report.notes.append(
            _("%(column)s: %(reason)s %(count)s rows, lines %(lines)s")
            % {"column": seen.column, "reason": seen.reason, "count": seen.count, "lines": _first(seen.ranges())}
        )


def _batches(rows: Iterable[BatchRow], size: int) -> Iterator[list[BatchRow]]:
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def _outcomes(
    batches: Iterable[Sequence[BatchRow]], importer: BatchImporter, actor: Actor
) -> Iterator[tuple[int, BatchOutcome]]:
    if importer.side_by_side < 2 or connection.in_atomic_block:
        for batch in batches:
            yield len(batch), _taken(importer, batch, actor)
        return
    language = translation.get_language()

    def run(batch: Sequence[BatchRow]) -> tuple[int, BatchOutcome]:
        with translation.override(language), clock.frozen(clock.now()) if clock.is_frozen() else nullcontext():
            return len(batch), _taken(importer, batch, actor)

    all_here = Barrier(importer.side_by_side)

    def leave() -> None:
        all_here.wait()
        connections.close_all()

    with ThreadPoolExecutor(importer.side_by_side, "import") as pool:
        running: set[Future[tuple[int, BatchOutcome]]] = set()
        try:
            for batch in batches:
                running.add(pool.submit(contextvars.copy_context().run, run, batch))
                # One batch more than threads waits ready, so that none of them waits for the reading of the file.
                while len(running) > importer.side_by_side:
                    ready, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in ready)
            for one in list(running):
                yield one.result()
        finally:
            for one in running:
                one.cancel()
            for _thread in range(importer.side_by_side):
                pool.submit(leave)


def _taken(importer: BatchImporter, rows: Sequence[BatchRow], actor: Actor) -> BatchOutcome:
    """Take rows in a transaction; what the database refuses is looked for by halves, so that only the faulty rows stay out."""
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                outcome = importer.take_many(rows, actor)
                if connection.in_atomic_block and connection.savepoint_ids:
                    with connection.cursor() as cursor:
                        cursor.execute("set constraints all immediate; set constraints all deferred")
                return outcome
        except Refused as refused:
            fault: Mapping[str, object] = refused.fields or {"": refused.message}
            break
        except (IntegrityError, DataError) as error:
            fault = {"": str(error).splitlines()[0]}
            break
        except OperationalError as error:
            if connection.in_atomic_block or attempt == _TRIES - 1 or getattr(error.__cause__, "sqlstate", "") != "40P01":
                raise
    if len(rows) == 1 or importer.at_once is None:
        return BatchOutcome(findings=[Finding(rows[0][0], column, "", str(reason)) for column, reason in fault.items()])
    middle = len(rows) // 2
    outcome = _taken(importer, rows[:middle], actor)
    _join(outcome, _taken(importer, rows[middle:], actor))
    return outcome


def _join(into: BatchOutcome, other: BatchOutcome) -> None:
    into.imported += other.imported
    into.unchanged += other.unchanged
    into.cases += other.cases
    into.events += other.events
    into.findings += other.findings
    into.warnings += other.warnings
    into.notes += other.notes


def _add(report: FileReport, outcome: BatchOutcome, warned: dict[tuple[str, str], Seen]) -> None:
    report.imported += outcome.imported
    report.unchanged += outcome.unchanged
    report.cases += outcome.cases
    report.events += outcome.events
    report.rejected += outcome.rejected
    report.refuse(outcome.findings)
    report.notes += [note for note in outcome.notes if note not in report.notes]
    for one in outcome.warnings:
        key = (one.column, one.reason)
        if key not in warned:
            warned[key] = Seen(one.column, "", one.reason)
        warned[key].add(one.line)


def _first(lines: str) -> str:
    return lines if len(lines) <= 60 else f"{lines[:60].rsplit(',', 1)[0]},…"
