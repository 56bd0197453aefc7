"""`jieli verify`: prove the event chains and the invariants on this database."""

import argparse
import json
import sys

from django.db import connection

from jieli.cases.queries.verifying import findings

HELP = "Recompute every hash and check every invariant. Exit 1 with the first break when something does not hold."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the whole database is verified."""


def run(args: argparse.Namespace) -> int:
    """Print what does not hold; 1 when anything does not."""
    found = [finding.as_dict() for finding in findings(args.progress)]
    with connection.cursor() as cursor:
        cursor.execute("select (select count(*) from events_event), (select count(*) from cases_case)")
        events, cases = cursor.fetchone()
    if args.json:
        print(json.dumps({"ok": not found, "events": events, "cases": cases, "breaks": found}, ensure_ascii=False))
    elif not found:
        print(f"{events} events in unbroken chains, {cases} cases: every invariant holds.")
    for one in found[:20] if not args.json else ():
        print(f"{one['rule']}: {one['where']}: {one['reason']}", file=sys.stderr)
    return 1 if found else 0
