"""`jieli grade MONTH`: the monthly grades."""

import argparse
import json
import sys

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jieli.settlement.commands.tables import print_table
from jieli.settlement.queries.documents import grade_document
from jieli.settlement.queries.grading import MonthGrades, grades
from jieli.settlement.queries.months import month_of
from jieli.settlement.rules.grading import PARTS, Share

HELP = (
    "The monthly grades of all outlets: facts, score, grade, rank and coefficient; the stored ones when the month is decided."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("month", metavar="MONTH", help="as 2026-11")


def run(args: argparse.Namespace) -> int:
    """Print the grades."""
    found = grades(month_of(args.month))
    if args.json:
        json.dump([grade_document(one) for one in found.outlets], sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
        return 0
    _print(found)
    return 0


def _print(found: MonthGrades) -> None:
    if found.is_provisional:
        sys.stdout.write(_("Provisional: the cut-off is not over.") + "\n")
    columns = [
        _("satisfaction"),
        _("on time"),
        _("fixed first"),
        _("information"),
        _("backlog"),
        _("complaints"),
        _("misjudged"),
    ]
    head = [
        _("outlet"),
        pgettext("orders of a month", "finished"),
        *columns,
        _("score"),
        _("grade"),
        _("rank"),
        _("coefficient"),
    ]
    print_table(
        head,
        (
            [
                one.outlet,
                str(one.finished),
                *(_percent(one.facts[name]) for name in PARTS),
                "–" if one.score is None else f"{one.score:.2f}",
                one.grade or "–",
                f"{one.rank}/{one.group_size}" if one.rank else "–",
                f"{one.coefficient:.2f}",
            ]
            for one in found.outlets
        ),
    )
    sys.stdout.write(found.policy + "\n")


def _percent(share: Share) -> str:
    return f"{100 * share.numerator / share.denominator:.1f} %" if share.denominator else "–"
