"""The settlement of a month calculated from the facts as they are: previews, and drafts of policies tried on a month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from jieli.lib import clock
from jieli.network.models import Outlet
from jieli.policies.schemas import Grade, Rates, Settlement
from jieli.settlement.models import Charge, Incentive, Result, Ruling
from jieli.settlement.queries import statements
from jieli.settlement.queries.adjustments import adjustment_row, open_adjustments
from jieli.settlement.queries.grading import FACT_COLUMNS, graded
from jieli.settlement.queries.months import Month
from jieli.settlement.queries.shapes import ChargeRow, LineRow, MonthResult, OutletResult
from jieli.settlement.queries.streaming import streamed
from jieli.settlement.queries.terms import Terms, require_begun, require_not_passed, terms_of
from jieli.settlement.rules.paying import NOTHING, paid

WORK_MEMORY = statements.FOR_MILLIONS
"""What a transaction sets before it runs one of the statements."""


def calculate(
    month: Month, *, rates: Rates | None = None, grade: Grade | None = None, settlement: Settlement | None = None
) -> "Calculation":
    """Calculate a month as a run would decide it, and change nothing; drafts take the place of policies where given.

    A month that is decided is calculated anew from the facts known now, with the runs before it as they were. Raises
    MonthNotBegun, MonthAlreadyPassed for a month that no run will decide any more.
    """
    require_begun(month)
    require_not_passed(month)
    with transaction.atomic(), connection.cursor() as cursor:
        terms = terms_of(month, rates=rates, grade=grade, settlement=settlement)
        cursor.execute(WORK_MEMORY)
        cursor.execute(statements.settled(), terms.parameters)
        return calculation(terms, cursor.fetchall(), open_incentives(terms), open_adjustments(terms))


@dataclass(frozen=True, kw_only=True)
class Calculation(MonthResult):
    """A month as it would be decided now."""

    terms: Terms
    incentives: list[Incentive]
    adjustments: list[Ruling]

    def lines(self, outlet_id: int | None = None) -> Iterator[LineRow]:
        """Calculate the lines anew and give them as they come."""
        parameters = self.terms.parameters | {"outlet": outlet_id}
        return (LineRow(*row) for row in streamed(statements.listed(), parameters))

    def charges(self, outlet_id: int | None = None) -> list[ChargeRow]:
        """Return the lines of Q as a run would keep them."""
        wanted = [one for one in self.outlets if outlet_id in (None, one.outlet_id)]
        by_outlet: dict[int, list[ChargeRow]] = {}
        for row in _charge_backs(self.terms) if any(one.charged_back_amount for one in wanted) else ():
            by_outlet.setdefault(row.outlet_id, []).append(row)
        for result in wanted:
            if result.carried_debt_amount:
                debt = ChargeRow(result.outlet_id, Charge.Kind.DEBT, result.carried_debt_amount, "", "", "", None)
                by_outlet.setdefault(result.outlet_id, []).append(debt)
        for one in self.incentives:
            order = one.order.number if one.order else ""
            row = ChargeRow(one.outlet_id, Charge.Kind.INCENTIVE, one.amount, one.kind, one.reason, order, one.month)
            by_outlet.setdefault(one.outlet_id, []).append(row)
        for ruling in self.adjustments:
            row = adjustment_row(ruling)
            by_outlet.setdefault(row.outlet_id, []).append(row)
        return [row for result in wanted for row in by_outlet.get(result.outlet_id, ())]

    def changed_after_decision(self, outlet_id: int | None = None) -> list[str]:
        """Return nothing: there is no decision."""
        return []


def calculation(
    terms: Terms, rows: Sequence[Sequence[Any]], incentives: list[Incentive], adjustments: list[Ruling]
) -> Calculation:
    """Return a month from the rows of the statement: T from the grades, then R and debt of each outlet."""
    own: dict[int, Decimal] = {}
    for one in incentives:
        own[one.outlet_id] = own.get(one.outlet_id, NOTHING) + one.amount
    granted: dict[int, Decimal] = {}
    for ruling in adjustments:
        outlet_id = ruling.dispute.statement.outlet_id
        granted[outlet_id] = granted.get(outlet_id, NOTHING) + ruling.amount
    debts = _debts(terms)
    grades = graded(rows, terms.grade)
    outlets = []
    for row, grade in zip(rows, grades, strict=True):
        payable, held, rejected, labour, charged, _late = row[FACT_COLUMNS:]
        debt = debts.get(grade.outlet_id, NOTHING)
        parts = (
            own.get(grade.outlet_id, NOTHING),
            -charged + NOTHING,
            -debt + NOTHING,
            granted.get(grade.outlet_id, NOTHING),
        )
        incentives_amount = sum(parts, NOTHING)
        pays = paid(labour, grade.coefficient, incentives_amount)
        outlets.append(
            OutletResult(
                grade, payable, held, rejected, labour, *parts, incentives_amount, pays.payout_amount, pays.debt_amount
            )
        )
    return Calculation(
        month=terms.month,
        policy=terms.policy,
        grade_policy=terms.grade_policy,
        rates=terms.rates,
        is_decided=False,
        is_provisional=clock.now() <= terms.month.cut_off,
        earlier_orders=sum(row[-1] for row in rows),
        outlets=outlets,
        terms=terms,
        incentives=incentives,
        adjustments=adjustments,
    )


def open_incentives(terms: Terms, outlet_id: int | None = None) -> list[Incentive]:
    """Return the incentives of this month and of months before that no earlier run took, by their order of coming."""
    taken = Charge.objects.filter(incentive_id=OuterRef("pk"), run_id__lte=terms.last_run)
    known = Outlet.objects.filter(unit_id=OuterRef("outlet_id"))
    rows = Incentive.objects.filter(~Exists(taken), Exists(known), month__lte=terms.month.first)
    if outlet_id is not None:
        rows = rows.filter(outlet_id=outlet_id)
    return list(rows.select_related("order").order_by("id"))


def _debts(terms: Terms) -> Mapping[int, Decimal]:
    owing = Result.objects.filter(run_id=terms.last_run, debt_amount__gt=0)
    return dict(owing.values_list("outlet_id", "debt_amount"))


_CHARGE_BACKS = f"""
with {statements.LINES}
select line.earlier_outlet, '{Charge.Kind.CHARGE_BACK.value}', -line.fee, '', '', line.number, null::date
from line where line.gate = 0 and line.verdict = 2 order by line.number collate "C"
"""  # noqa: S608  # made of constants


def _charge_backs(terms: Terms) -> list[ChargeRow]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WORK_MEMORY)
        cursor.execute(_CHARGE_BACKS, terms.parameters)
        return [ChargeRow(*row) for row in cursor.fetchall()]
