"""Bringing in a foreign history: read every row into a staging table at once, then write case by case, resumable."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from jieli.cases.actions.importing import PastCase, PastStep, import_cases
from jieli.customers.actions.importing import find_or_make_named
from jieli.events.actions import record
from jieli.events.actor import Actor, import_actor
from jieli.events.refusals import require
from jieli.intake.actions.places import Places
from jieli.intake.actions.reading import digest_of, note_reading, opened
from jieli.intake.events import HistoryImported
from jieli.intake.models import ImportRun, StagedStep
from jieli.intake.policy import may_import_files
from jieli.intake.refusals import AnotherImportRuns, BadMapping
from jieli.intake.rules.mapping import Mapping, problems_text, read_mapping
from jieli.intake.rules.reports import FileReport, unknown_values
from jieli.intake.rules.rows import MissingColumns, ReadStep, RowReader, as_of_of
from jieli.lib import clock
from jieli.lib.tabular import Finding, NotATable, Table
from jieli.policies.sources import SourceProblems

Progress = Callable[[int, int | None, str], object]
CASES_AT_ONCE = 500
_MOST_BAD = 10_000


class _NothingIsKept(Exception):
    """Ends a dry run."""


@dataclass(slots=True)
class _Import:
    """One import under way."""

    path: Path
    name: str
    mapping: Mapping
    mapping_text: str
    actor: Actor
    progress: Progress
    checks_at_once: bool
    started_by_id: int | None
    report: FileReport
    as_of: datetime | None = None
    digest: str = ""
    places: Places = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(self.mapping, self.actor)


def import_history(
    path: Path,
    *,
    mapping_text: str,
    actor: Actor,
    file_name: str = "",
    form: str = "",
    dry_run: bool = False,
    progress: Progress = lambda _done, _total, _what: None,
) -> FileReport:
    """Bring in a file by its mapping and return what came of it; what is there already stays as it is.

    A killed import goes on where it stopped when it is started again with the same file and mapping. A dry run does
    everything and then nothing is kept. Raises NotAllowed, BadMapping, NotReadable, AnotherImportRuns.
    """
    require(may_import_files(actor))
    mapping = usable_mapping(mapping_text, form)
    name = file_name or path.name
    one = _Import(
        path=path,
        name=name,
        mapping=mapping,
        mapping_text=mapping_text,
        actor=import_actor(mapping.source),
        progress=progress,
        checks_at_once=dry_run,
        started_by_id=actor.id if actor.is_staff else None,
        report=FileReport(file=name, kind=mapping.form, source=mapping.source),
        as_of=as_of_of(mapping),
    )
    with alone(f"import {mapping.source}"), _table(one) as table:
        one.digest = digest_of(path, mapping_text)
        if not dry_run:
            _bring_in(one, table)
            return one.report
        try:
            with transaction.atomic():
                _bring_in(one, table)
                raise _NothingIsKept
        except _NothingIsKept:
            return one.report


def usable_mapping(text: str, form: str = "") -> Mapping:
    """Return the mapping that a text holds, of the form asked for. Raises BadMapping with every problem and its line."""
    try:
        mapping = read_mapping(text)
        as_of_of(mapping)
    except SourceProblems as error:
        raise BadMapping(problems_text(error)) from error
    except ValueError as error:
        raise BadMapping(f"as_of: {error}") from error
    if form and form != mapping.form:
        raise BadMapping(_("The mapping is of the form %(form)s.") % {"form": mapping.form})
    return mapping


@contextmanager
def _table(one: _Import) -> Iterator[Table]:
    mapping = one.mapping
    with opened(
        one.path,
        encodings=mapping.encodings,
        delimiter=mapping.delimiter or "",
        sheet=mapping.sheet or "",
        name=one.name,
    ) as table:
        yield table


@contextmanager
def alone(what: str, *, waits: bool = False) -> Iterator[None]:
    """Hold a name for this session; the lock goes with the connection, also when the process is killed.

    Raises AnotherImportRuns when another session holds it, unless it `waits` for its turn.
    """
    key = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            if not waits:
                raise AnotherImportRuns
            cursor.execute("select pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [key])


def _bring_in(one: _Import, table: Table) -> None:
    reader = _reader(one, table)
    run = ImportRun.objects.filter(digest=one.digest, state=ImportRun.State.WRITING).order_by("-id").first()
    if run is None:
        run = _read(one, table, reader)
    else:
        one.report.notes.append(_("This import was begun before and goes on where it stopped."))
    _write(one, run)
    _finish(one, run)


def _reader(one: _Import, table: Table) -> RowReader:
    try:
        return RowReader(one.mapping, table.header, now=clock.now())
    except MissingColumns as error:
        raise BadMapping(
            _("%(file)s has no column %(columns)s. It has: %(header)s.")
            % {"file": one.name, "columns": ", ".join(f"“{c}”" for c in error.columns), "header": ", ".join(table.header)}
        ) from error


# --- reading

_STAGE = "copy intake_stagedstep (run_id, key, at, step) from stdin"


def _read(one: _Import, table: Table, reader: RowReader) -> ImportRun:
    """Read the whole file into the staging table, in one transaction: a kill leaves nothing of it."""
    report = one.report
    with transaction.atomic():
        left = ImportRun.objects.filter(source=one.mapping.source, state=ImportRun.State.WRITING)
        StagedStep.objects.filter(run__in=left).delete()
        left.update(state=ImportRun.State.FAILED, finished_at=clock.now())
        run = ImportRun.objects.create(
            source=one.mapping.source,
            kind=one.mapping.form,
            file_name=one.name[:200],
            digest=one.digest,
            mapping=one.mapping_text,
            started_by_id=one.started_by_id,
            started_at=clock.now(),
        )
        steps = 0
        with connection.cursor() as cursor, cursor.copy(_STAGE) as copy:
            for step in _steps(one, table, reader):
                copy.write_row((run.pk, step.key, step.at, step.as_json()))
                steps += 1
        note_reading(report, table)
        report.columns_unknown = reader.columns_unknown
        report.unknown = unknown_values(list(reader.unknown.values()))
        run.steps = steps
        run.report = {**report.as_dict(), "brought": [0, 0, 0, 0]}
        run.save(update_fields=["steps", "report"])
    return run


def _steps(one: _Import, table: Table, reader: RowReader) -> Iterator[ReadStep]:
    report = one.report
    try:
        for line, cells in table.rows():
            report.rows += 1
            steps, bad = reader.read(line, cells)
            if bad:
                report.rejected += 1
                if len(report.bad) < _MOST_BAD:
                    report.refuse(bad)
            yield from steps
            if not report.rows & 2047:
                one.progress(report.rows, None, _("rows read"))
    except NotATable as error:
        report.rejected += 1
        report.rows += 1
        report.refuse([Finding(report.rows + 1, "", "", str(error))])


# --- writing

_NEXT = """
with keys as (select key from intake_stagedstep where run_id = %(run)s and key > %(through)s
              group by key order by key limit %(most)s)
select key, at, step from intake_stagedstep
where run_id = %(run)s and key > %(through)s and key <= (select max(key) from keys) order by key, at, id
"""


def _write(one: _Import, run: ImportRun) -> None:
    one.progress(run.done_steps, run.steps, _("steps written"))
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_NEXT, {"run": run.pk, "through": run.done_through, "most": CASES_AT_ONCE})
                rows = cursor.fetchall()
            if not rows:
                return
            cases = [[ReadStep.from_json(*row) for row in group] for _key, group in groupby(rows, key=lambda row: row[0])]
            brought = import_cases(_past(one, cases), actor=one.actor)
            counted = [*run.report["brought"]]
            run.report["brought"] = [
                counted[0] + brought.cases,
                counted[1] + brought.extended,
                counted[2] + brought.events,
                counted[3] + brought.unchanged,
            ]
            run.done_through = rows[-1][0]
            run.done_steps += len(rows)
            run.save(update_fields=["done_through", "done_steps", "report"])
            if one.checks_at_once:
                with connection.cursor() as cursor:
                    cursor.execute("set constraints all immediate; set constraints all deferred")
        one.progress(run.done_steps, run.steps, _("steps written"))


def _past(one: _Import, cases: Sequence[Sequence[ReadStep]]) -> list[PastCase]:
    """Return cases as their app takes them: people, units and customers found or made."""
    one.places.prepare(step for steps in cases for step in steps)
    named = dict(_customer(one, step) for steps in cases for step in steps if "customer" in step.about)
    if any(all("customer" not in step.about for step in steps) for steps in cases):
        named |= [_nobody(one)]
    customers, _made = find_or_make_named(named, actor=one.actor)
    return [_past_case(one, steps, customers) for steps in cases]


def _nobody(one: _Import) -> tuple[str, str]:
    return f"{one.mapping.source}:", _("%(title)s: customer not recorded") % {"title": one.mapping.title}


def _customer(one: _Import, step: ReadStep) -> tuple[str, str]:
    name = step.about["customer"]
    code = f"{one.mapping.source}:{name}"
    if len(code) > 60:
        code = f"{code[:43]}~{hashlib.sha256(code.encode()).hexdigest()[:16]}"
    return code, name


def _past_case(one: _Import, steps: Sequence[ReadStep], customers: dict[str, int]) -> PastCase:
    mapping = one.mapping
    first = next((step for step in steps if "customer" in step.about), None)
    customer_id = customers[(_nobody(one) if first is None else _customer(one, first))[0]]
    attributes: dict[str, Any] = {}
    about: dict[str, Any] = {}
    kept: dict[str, str] = {}
    past: list[PastStep] = []
    unit_id = one.places.source_unit_id
    for step in steps:
        changed: dict[str, Any] = {name: value for name, value in step.attributes.items() if attributes.get(name) != value}
        if "customer" in step.about:
            # The case is its first customer's; that the source names another later is kept with the step.
            named = customers[_customer(one, step)[0]]
            if named != attributes.get("customer_id", customer_id):
                changed["customer_id"] = named
        attributes |= changed
        kept |= step.about.get("kept", {})
        about |= {name: value for name, value in step.about.items() if name != "kept"}
        unit_id = one.places.unit_id(step.group) or unit_id
        held = one.places.holder(step.person, unit_id)
        past.append(
            PastStep(
                at=step.at,
                activity=step.activity,
                mark=step.mark,
                line=step.line,
                owner_id=held.staff_id,
                unit_id=unit_id,
                is_on_duty=bool(held.why),
                actor=step.actor,
                holder=step.holder,
                group=step.group,
                state=step.state,
                due_at=datetime.fromisoformat(step.due_at) if step.due_at else None,
                verdict=step.verdict,
                handovers=step.handovers,
                reopenings=step.reopenings,
                why=held.why,
                text=step.text,
                attributes=changed,
            )
        )
    key = steps[0].key
    subject = " ".join(about.get("subject", "").split())
    line = about.get("product_line", "")
    if len(line) > 60:
        kept["product_line"] = line
    return PastCase(
        source=mapping.source,
        source_key=key,
        kind=mapping.kind.value,
        service_type=mapping.service_type.value if mapping.service_type else "",
        subject=(subject if len(subject) <= 200 else f"{subject[:199]}…") or f"{mapping.title} {key}"[:200],
        description=about.get("subject", "") if len(subject) > 200 else "",
        customer_id=customer_id,
        steps=past,
        product_line=line[:60],
        address=about.get("address", "")[:500],
        latitude=about.get("latitude"),
        longitude=about.get("longitude"),
        language=mapping.language,
        custom={**kept, **{name: value for name, value in attributes.items() if name != "customer_id"}},
    )


def _finish(one: _Import, run: ImportRun) -> None:
    cases, extended, events, unchanged = run.report["brought"]
    report = one.report
    for name in ("rows", "rejected", "bad", "columns_unknown", "unknown"):
        setattr(report, name, run.report[name])
    report.notes = list(dict.fromkeys([*run.report["notes"], *report.notes]))
    report.cases, report.events = cases + extended, events
    if one.mapping.form == "cases":
        report.imported = cases + extended
        report.unchanged = report.rows - report.rejected - report.imported
    else:
        report.imported, report.unchanged = events, unchanged
    with transaction.atomic():
        if events:
            fact = HistoryImported(
                company_id=1,
                source=one.mapping.source,
                title=one.mapping.title,
                form=one.mapping.form,
                file_digest=one.digest,
                mapping_digest=hashlib.sha256(one.mapping_text.encode()).hexdigest(),
                time_zone=one.mapping.time_zone,
                rows=report.rows,
                cases=report.cases,
                events=events,
                rejected=report.rejected,
                as_of=one.as_of,
            )
            record(fact, actor=one.actor)
        StagedStep.objects.filter(run=run).delete()
        run.state, run.finished_at = ImportRun.State.DONE, clock.now()
        run.report = json.loads(json.dumps({**report.as_dict(), "cases": report.cases, "events": report.events}))
        run.save(update_fields=["state", "finished_at", "report"])
