"""`jieli history SOURCE [--at TIME]`: figures of an imported history."""

import argparse
import json
import sys
from datetime import datetime

from jieli.insight.queries import history

HELP = "Figures of an imported history, computed from its chained events alone."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("source", metavar="SOURCE", help="the name in the mapping")
    parser.add_argument("--at", metavar="TIME", help="as it stood then, in the history's zone unless an offset is given")


def run(args: argparse.Namespace) -> int:
    """Print the figures."""
    at: datetime | None = None
    if args.at:
        try:
            at = history.instant_of(args.source, args.at)
        except ValueError as error:
            print(f"jieli: --at: {error}", file=sys.stderr)
            return 2
    found = history.figures(args.source, at)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    by_activity = found.pop("by_activity")
    width = max(map(len, (*found, *by_activity)))
    for name, value in found.items():
        print(f"{name:{width}}  {f'{value:,.3f}' if isinstance(value, float) else value}")
    print()
    for name, count in by_activity.items():
        print(f"{name:{width}}  {count:,}")
    return 0
