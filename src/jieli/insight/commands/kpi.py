"""`jieli kpi MONTH`: the six indicators."""

import argparse
import json
import sys

from jieli.events.refusals import Refused
from jieli.insight.queries.kpi import indicators
from jieli.people.models import Unit
from jieli.settlement.queries.months import month_of
from jieli.settlement.queries.terms import require_begun

HELP = "The six indicators of a month: value, numerator, denominator, formula, policy."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("month", metavar="MONTH", help="as 2026-11")
    parser.add_argument("--unit", metavar="CODE", default="", help="of this unit and what lies below it (the company)")
    parser.add_argument("--line", metavar="LINE", default="", help="of one product line (all)")


def run(args: argparse.Namespace) -> int:
    """Print the indicators; 1 when there is no such unit or month."""
    path = "/"
    if args.unit:
        unit = Unit.objects.filter(code=args.unit).first()
        if unit is None:
            print(f"jieli: there is no unit with the code {args.unit}", file=sys.stderr)
            return 1
        path = unit.path
    try:
        month = month_of(args.month)
        require_begun(month)
    except Refused as refused:
        print(f"jieli: {refused}", file=sys.stderr)
        return 1
    found = indicators(month, unit_path=path, product_line=args.line)
    if args.json:
        print(json.dumps({name: one.as_dict() for name, one in found.items()}, ensure_ascii=False))
        return 0
    for name, one in found.items():
        value = "–" if one.value is None else f"{100 * one.value:.2f} %"
        print(f"{name:18} {value:>10}  {one.numerator:,} / {one.denominator:,}  {one.formula}")
    return 0
