"""`jieli settle MONTH [--preview] [--outlet CODE] [--lines]`: the settlement."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jieli.events.actor import COMMAND_LINE
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.commands.tables import print_table
from jieli.settlement.queries.documents import month_document, outlet_documents
from jieli.settlement.queries.months import Month, month_of
from jieli.settlement.queries.results import month_result
from jieli.settlement.queries.shapes import LineRow, MonthResult, OutletResult
from jieli.settlement.refusals import NoSuchOutlet

HELP = (
    "Settle a month for all outlets: decide everything finished up to its end and not decided before, once. A decided month "
    "answers the same again. --preview decides nothing and may come before the cut-off."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("month", metavar="MONTH", help="as 2026-11")
    parser.add_argument("--preview", action="store_true", help="show what would be decided, and change nothing")
    parser.add_argument("--outlet", metavar="CODE", default="", help="show this outlet alone; all are decided together")
    parser.add_argument("--lines", action="store_true", help="show each order with its gate, fee and rate table")


def run(args: argparse.Namespace) -> int:
    """Decide unless it is a preview, and print."""
    month = month_of(args.month)
    if not args.preview:
        decide_month(month, actor=COMMAND_LINE)
    with one_picture():
        _show(args, month, month_result(month, preview=args.preview))
    return 0


@contextmanager
def one_picture() -> Iterator[None]:
    """Read everything as of one instant, also when an import goes on beside."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        yield


def _show(args: argparse.Namespace, month: Month, found: MonthResult) -> None:
    outlet = found.of(args.outlet) if args.outlet else None
    if args.outlet and outlet is None:
        raise NoSuchOutlet
    if args.json:
        _write_json(found, outlet, with_lines=args.lines)
    else:
        _print(month, found, outlet, with_lines=args.lines)


def _write_json(found: MonthResult, outlet: OutletResult | None, *, with_lines: bool) -> None:
    head = month_document(found, found.changed_after_decision(outlet.outlet_id if outlet else None))
    sys.stdout.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "outlets": [')
    for place, one in enumerate(outlet_documents(found, outlet=outlet, with_lines=with_lines)):
        sys.stdout.write((",\n" if place else "\n") + json.dumps(one, ensure_ascii=False))
    sys.stdout.write("]}\n")


def _print(month: Month, found: MonthResult, outlet: OutletResult | None, *, with_lines: bool) -> None:
    shown = found.outlets if outlet is None else [outlet]
    if not found.is_decided:
        sys.stdout.write(_("Preview: nothing is decided.") + "\n")
    if found.is_provisional:
        sys.stdout.write(_("Provisional: the cut-off is not over.") + "\n")
    if found.earlier_orders:
        text = _("%(count)s of the orders were finished before the month and are in no run before.")
        sys.stdout.write(text % {"count": f"{found.earlier_orders:,}"} + "\n")
    changed = found.changed_after_decision(outlet.outlet_id if outlet else None)
    if changed:
        text = _("Facts changed after the decision, which moves nothing: %(numbers)s")
        sys.stdout.write(text % {"numbers": ", ".join(changed[:20]) + ("…" if len(changed) > 20 else "")} + "\n")
    print_table(
        [
            _("outlet"),
            _("labour L"),
            "T",
            _("incentives Q"),
            _("to pay"),
            _("debt"),
            _("payable"),
            _("held"),
            _("rejected"),
        ],
        (
            [
                one.outlet,
                f"{one.labour_amount:,.2f}",
                f"{one.coefficient:.2f}",
                f"{one.incentives_amount:,.2f}",
                f"{one.payout_amount:,.2f}",
                f"{one.debt_amount:,.2f}",
                f"{one.payable:,}",
                f"{one.held:,}",
                f"{one.rejected:,}",
            ]
            for one in shown
        ),
    )
    sys.stdout.write(f"{month.label}  {found.policy}  {found.grade_policy}  {', '.join(found.rates)}\n")
    if with_lines:
        sys.stdout.write("\n")
        _print_lines(found.lines(outlet.outlet_id if outlet else None))


def _print_lines(lines: Iterable[LineRow]) -> None:
    head = [_("outlet"), _("order"), pgettext("a line", "decision"), _("gate"), _("rate table"), _("fee")]
    rows = ([one.outlet, one.number, one.decision, one.gate or "–", one.rate or "–", _fee(one)] for one in lines)
    print_table(head, rows, left=5)


def _fee(one: LineRow) -> str:
    return "–" if one.fee_amount is None else f"{one.fee_amount:,.2f}"
