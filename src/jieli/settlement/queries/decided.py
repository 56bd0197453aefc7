"""What was decided, read from its rows in the same shapes as a calculation."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, Sum

from jieli.settlement.models import Charge, Line, Result, Run
from jieli.settlement.queries import statements
from jieli.settlement.queries.adjustments import adjustment_row
from jieli.settlement.queries.months import Month, following, local_midnight
from jieli.settlement.queries.shapes import ChargeRow, LineRow, MonthResult, OutletGrade, OutletResult
from jieli.settlement.queries.streaming import streamed
from jieli.settlement.rules.grading import Share

_SEPARATOR = " · "
_OF_RULING = ("dispute__statement__run", "dispute__order", "dispute__charge__order")


def month_of_run(run: Run) -> Month:
    """Return the month of a run with the cut-off that it had."""
    return Month(run.month, local_midnight(run.month), local_midnight(following(run.month)), run.cut_off)


def decided_month(run: Run) -> "DecidedMonth":
    """Return a decided month for all outlets. Two queries."""
    amounts: dict[int, dict[str, Decimal]] = {}
    sums = Charge.objects.filter(run=run).values_list("outlet_id", "kind").annotate(Sum("amount"))
    for outlet_id, kind, amount in sums:
        amounts.setdefault(outlet_id, {})[kind] = amount
    return DecidedMonth(
        month=month_of_run(run),
        policy=run.settlement_policy,
        grade_policy=run.grade_policy,
        rates=tuple(run.rates),
        is_decided=True,
        is_provisional=False,
        earlier_orders=run.earlier_orders,
        outlets=[_result(row, amounts.get(row.outlet_id, {})) for row in _results(run)],
        run=run,
    )


def decided_grades(run: Run) -> list[OutletGrade]:
    """Return the grades of a decided month in the order of the outlets' codes. One query."""
    return [_grade(row) for row in _results(run)]


def last_grades(outlet_ids: Collection[int]) -> dict[int, str]:
    """Return the grade of each outlet in the last decided month in which it was graded, by its id. One query."""
    found = Result.objects.filter(outlet_id__in=outlet_ids).exclude(grade="").exclude(grade__isnull=True)
    rows = found.order_by("outlet_id", "-run__month").distinct("outlet_id")
    return {outlet_id: str(grade) for outlet_id, grade in rows.values_list("outlet_id", "grade")}


def _results(run: Run) -> list[Result]:
    rows = Result.objects.filter(run=run).select_related("outlet")
    return sorted(rows, key=lambda row: row.outlet.code)


def _grade(row: Result) -> OutletGrade:
    tier, _, region = row.peers.partition(_SEPARATOR)
    return OutletGrade(
        outlet_id=row.outlet_id,
        outlet=row.outlet.code,
        name=row.outlet.name,
        tier=tier,
        region=region,
        finished=row.finished,
        facts={name: Share(*pair) for name, pair in row.facts.items()},
        parts={name: Decimal(points) for name, points in row.parts.items()},
        score=row.score,
        grade=row.grade,
        rank=row.rank,
        group_size=row.group_size,
        coefficient=row.coefficient,
    )


def _result(row: Result, amounts: dict[str, Decimal]) -> OutletResult:
    nothing = Decimal("0.00")
    return OutletResult(
        grade=_grade(row),
        payable=row.payable,
        held=row.held,
        rejected=row.rejected,
        labour_amount=row.labour_amount,
        own_incentives_amount=amounts.get(Charge.Kind.INCENTIVE, nothing),
        charged_back_amount=amounts.get(Charge.Kind.CHARGE_BACK, nothing),
        carried_debt_amount=amounts.get(Charge.Kind.DEBT, nothing),
        adjustments_amount=amounts.get(Charge.Kind.ADJUSTMENT, nothing),
        incentives_amount=row.incentives_amount,
        payout_amount=row.payout_amount,
        debt_amount=row.debt_amount,
    )


_LINES = f"""
select l.outlet_id, u.code, l.order_id, o.number, l.decision, l.gate, l.fee_amount, l.rate_amount, l.rate,
  coalesce(e.number, ''), coalesce(x.code, ''), l.finished_at, {statements.EXPLAINED}
from settlement_line l
join people_unit u on u.id = l.outlet_id
join orders_workorder o on o.id = l.order_id
left join orders_workorder e on e.id = l.earlier_id
left join people_unit x on x.id = l.charged_outlet_id
where l.run_id = %(run)s and (%(outlet)s::bigint is null or l.outlet_id = %(outlet)s)
order by u.code collate "C", o.number collate "C"
"""  # noqa: S608  # made of constants
_OF_OUTLET = _LINES.replace("(%(outlet)s::bigint is null or l.outlet_id = %(outlet)s)", "l.outlet_id = %(outlet)s")


def lines_of_outlet(run: Run, outlet_id: int) -> list[LineRow]:
    """Return the stored lines of one outlet, by order number. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_OUTLET, {"run": run.pk, "outlet": outlet_id})
        return [LineRow._make(row) for row in cursor.fetchall()]


# OFFSET 0 keeps the few changed orders in front: each asks for its own line.
_CHANGED = """
select o.number from orders_workorder o
join lateral (
  select l.facts_changed_at, l.outlet_id from settlement_line l
  where l.order_id = o.id and l.held_in = 0 and l.run_id = %s offset 0
) l on l.facts_changed_at is null or o.changed_at > l.facts_changed_at
where o.changed_at is not null and (%s::bigint is null or l.outlet_id = %s)
order by o.number collate "C"
"""


@dataclass(frozen=True, kw_only=True)
class DecidedMonth(MonthResult):
    """A decided month; nothing that happens later changes it."""

    run: Run

    def lines(self, outlet_id: int | None = None) -> Iterator[LineRow]:
        """Give the stored lines."""
        statement = _LINES if outlet_id is None else _OF_OUTLET
        parameters = {"run": self.run.pk, "outlet": outlet_id}
        return (LineRow(*row) for row in streamed(statement, parameters))

    def charges(self, outlet_id: int | None = None) -> list[ChargeRow]:
        """Return the stored lines of Q."""
        rows = Charge.objects.filter(Q(run=self.run), Q() if outlet_id is None else Q(outlet_id=outlet_id))
        about = ("incentive__order", "order", *(f"ruling__{name}" for name in _OF_RULING))
        found = rows.select_related(*about).defer("ruling__dispute__statement__document")
        return [_charge(row) for row in found.order_by("outlet__code", "kind", "id")]

    def changed_after_decision(self, outlet_id: int | None = None) -> list[str]:
        """Return the numbers of the orders whose facts changed after the decision."""
        return changed_orders(self.run, outlet_id)


def changed_orders(run: Run, outlet_id: int | None = None) -> list[str]:
    """Return the numbers of the orders decided in a run whose facts changed afterwards. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [run.pk, outlet_id, outlet_id])
        return [number for (number,) in cursor.fetchall()]


def _charge(row: Charge) -> ChargeRow:
    if row.ruling is not None:
        return adjustment_row(row.ruling)
    incentive = row.incentive
    order: Any = row.order or (incentive.order if incentive else None)
    return ChargeRow(
        row.outlet_id,
        row.kind,
        row.amount,
        incentive.kind if incentive else "",
        incentive.reason if incentive else "",
        order.number if order else "",
        incentive.month if incentive else None,
    )


def is_any_decided(order_ids: Collection[int]) -> bool:
    """Tell whether one of these orders is paid or rejected for good; what is held is not. One query."""
    return Line.objects.filter(order_id__in=list(order_ids)).exclude(decision=Line.Decision.HELD).exists()
