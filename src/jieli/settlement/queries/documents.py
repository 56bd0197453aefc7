"""The month end as JSON (interfaces, `jieli grade` and `jieli settle`): the same for commands and API."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from jieli.settlement.queries.shapes import LineRow, MonthResult, OutletGrade, OutletResult


def money(amount: Decimal) -> str:
    """Return an amount as a string with two decimals."""
    return f"{amount:.2f}"


def grade_document(one: OutletGrade) -> dict[str, Any]:
    """Return the grade of an outlet; facts are unrounded shares or null."""
    return {
        "outlet": one.outlet,
        "finished": one.finished,
        "facts": {name: share.value for name, share in one.facts.items()},
        "score": None if one.score is None else float(one.score),
        "grade": one.grade or None,
        "rank": one.rank,
        "group_size": one.group_size,
        "coefficient": money(one.coefficient),
    }


def outlet_document(one: OutletResult) -> dict[str, Any]:
    """Return what an outlet gets."""
    return {
        "outlet": one.outlet,
        "labour_amount": money(one.labour_amount),
        "coefficient": money(one.coefficient),
        "incentives_amount": money(one.incentives_amount),
        "payout_amount": money(one.payout_amount),
        "debt_amount": money(one.debt_amount),
        "payable": one.payable,
        "held": one.held,
        "rejected": one.rejected,
    }


def line_document(one: LineRow) -> dict[str, Any]:
    """Return one order of a run; the gate is null when payable, fee and table unless payable."""
    return {
        "order": one.number,
        "decision": one.decision,
        "gate": one.gate or None,
        "fee_amount": None if one.fee_amount is None else money(one.fee_amount),
        "rate_version": one.rate or None,
    }


def month_document(found: MonthResult, changed: list[str]) -> dict[str, Any]:
    """Return what is said of the month as a whole; the outlets follow."""
    return {
        "month": found.month.label,
        "policy": found.policy,
        "grade_policy": found.grade_policy,
        "rates": list(found.rates),
        "cut_off": found.month.cut_off.isoformat(),
        "decided": found.is_decided,
        "provisional": found.is_provisional,
        "earlier_orders": found.earlier_orders,
        "changed_after_decision": changed,
    }


def outlet_documents(
    found: MonthResult, *, outlet: OutletResult | None = None, with_lines: bool = False
) -> Iterator[dict[str, Any]]:
    """Give what the outlets get, in the order of their codes; with lines in the memory of one outlet's."""
    shown = found.outlets if outlet is None else [outlet]
    if not with_lines:
        yield from map(outlet_document, shown)
        return
    groups = groupby(found.lines(outlet.outlet_id if outlet else None), key=lambda line: line.outlet_id)
    waiting = next(groups, None)
    for one in shown:
        lines: list[dict[str, Any]] = []
        if waiting is not None and waiting[0] == one.outlet_id:
            lines = [line_document(line) for line in waiting[1]]
            waiting = next(groups, None)
        yield outlet_document(one) | {"lines": lines}
