"""`jieli import PATH`: exchange files, or a foreign history by a mapping."""

import argparse
import json
import sys
from pathlib import Path

from jieli.events.actor import import_actor
from jieli.intake.actions.exchange import KINDS
from jieli.intake.actions.imports import FORMS, ImportReport, import_path
from jieli.intake.rules.reports import FileReport

HELP = (
    "Bring in a folder of exchange files, one file, or a foreign history (.csv, .csv.gz, .xlsx) by a mapping. Bad rows are "
    "listed with line and reason, good ones kept; importing twice changes nothing; a killed import goes on when started again."
)
_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder of exchange files, or one file")
    parser.add_argument("--as", dest="kind", default="", choices=(*KINDS, *FORMS[1:]), metavar="KIND", help="what the file is")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="what the columns and values of a foreign history mean")
    parser.add_argument("--dry-run", action="store_true", help="do everything, keep nothing")


def run(args: argparse.Namespace) -> int:
    """Bring it in, and say what came of it; 1 when a row or a file was not taken."""
    mapping_text = ""
    if args.mapping is not None:
        try:
            mapping_text = args.mapping.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            print(f"jieli: the mapping {args.mapping} cannot be read: {error}", file=sys.stderr)
            return 1
    report = import_path(
        args.path,
        actor=import_actor("command line"),
        kind=args.kind,
        mapping_text=mapping_text,
        dry_run=args.dry_run,
        progress=args.progress,
    )
    args.progress.end()
    if args.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        _tell(report, dry_run=args.dry_run)
    for name, reason in report.refused:
        print(f"jieli: {name}: {reason}", file=sys.stderr)
    for one in report.files:
        _tell_bad(one)
    return 0 if report.is_clean else 1


def _tell(report: ImportReport, *, dry_run: bool) -> None:
    for one in report.files:
        print(
            f"{one.file} ({one.kind}): {one.rows:,} rows, {one.imported:,} imported, {one.unchanged:,} unchanged, "
            f"{one.rejected:,} refused"
        )
        for note in one.notes:
            print(f"  {note}")
        if one.columns_unknown:
            print(f"  columns not known, kept as custom fields: {', '.join(one.columns_unknown)}")
        for seen in one.unknown[:_SHOWN]:
            lines = seen["lines"] if len(seen["lines"]) <= 60 else f"{seen['lines'][:60]}…"
            print(f"  {seen['column']} = {seen['value']}: {seen['count']:,} times, {seen['reason']} (lines {lines})")
        if len(one.unknown) > _SHOWN:
            print(f"  and {len(one.unknown) - _SHOWN} more such values; --json lists them all")
    totals = report.as_dict()
    print(
        f"{totals['cases']:,} cases, {totals['events']:,} events, {totals['seconds']:.1f} s" + ("; nothing was kept" * dry_run)
    )


def _tell_bad(one: FileReport) -> None:
    for bad in one.bad[:_SHOWN]:
        place = f"line {bad['line']}" + (f", column {bad['column']}" if bad["column"] else "")
        value = f" ({bad['value'][:60]!r})" if bad["value"] else ""
        print(f"{one.file}: {place}: {bad['reason']}{value}", file=sys.stderr)
    if len(one.bad) > _SHOWN:
        print(f"{one.file}: and {len(one.bad) - _SHOWN:,} more; --json lists them", file=sys.stderr)
