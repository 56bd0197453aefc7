"""The money of a case's work: what the runs said of each order, what a run would say now, disputes, incentives, the pay.

One reading for the panel of the case and the page of the whole way: both show what they find here, to whom it is shown here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import connection

from jieli.events.actor import Actor
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.queries import local_date
from jieli.policies.queries import current
from jieli.settlement.models import Dispute, Incentive, Line, PayLine, Run, Statement
from jieli.settlement.policy import may_see_slip, may_see_statement
from jieli.settlement.queries import statements
from jieli.settlement.queries.months import Month, following, month_from
from jieli.settlement.queries.narrowing import around_orders
from jieli.settlement.queries.shapes import LineRow
from jieli.settlement.queries.statement import StatementLine, explained, policy_labelled
from jieli.settlement.queries.terms import terms_of
from jieli.settlement.rules import wording

LINES = 100


@dataclass(frozen=True, slots=True)
class Decided:
    """What a run said about an order: the line with its words, the statement it stands on when that is sealed."""

    line: Line
    words: StatementLine
    statement: Statement | None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the run of a month would say of an order by what is known now; provisional until the month's cut-off is over."""

    month: Month
    words: StatementLine
    is_provisional: bool


@dataclass(slots=True)
class OrderMoney:
    """One order: what every run said, latest first, what the next would say, its disputes and incentives, its line of pay."""

    order: WorkOrder
    decided: list[Decided] = field(default_factory=list)
    foreseen: Foreseen | None = None
    disputes: list[Dispute] = field(default_factory=list)
    incentives: list[tuple[Incentive, str]] = field(default_factory=list)
    pay: PayLine | None = None

    @property
    def pay_why(self) -> str:
        """Return why the order is not valid for pay; empty when it is."""
        return str(PayLine.Why(self.pay.why).label) if self.pay is not None and self.pay.why else ""

    @property
    def fee_amount(self) -> Decimal | None:
        """Return what the outlet gets for it."""
        return next((one.line.fee_amount for one in self.decided if one.line.fee_amount is not None), None)

    @property
    def is_known(self) -> bool:
        """Tell whether there is anything to say of its money."""
        return bool(self.decided or self.foreseen or self.disputes or self.incentives or self.pay)


def money_of(actor: Actor, orders: Sequence[WorkOrder]) -> list[OrderMoney]:
    """Return the money of the orders whose statements the actor may see, as far as it is known or can be foreseen.

    The orders come with `outlet` and `engineer`. Some ten queries, three more per month in which orders may be decided.
    """
    units = {one.outlet_id: one.outlet for one in orders}
    outlets = {pk: may_see_statement(actor, unit) for pk, unit in units.items()}
    seen = {one.pk: OrderMoney(one) for one in orders if outlets[one.outlet_id] and one.cancelled_at is None}
    if not seen:
        return []
    lines = list(
        Line.objects.filter(order_id__in=list(seen))
        .select_related("run", "outlet", "earlier", "charged_outlet")
        .order_by("-run__month")[:LINES]
    )
    words = _explained(lines, {pk: one.order for pk, one in seen.items()})
    sealed = {
        (one.run_id, one.outlet_id): one
        for one in Statement.objects.filter(run__in={line.run_id for line in lines}, outlet__in=list(outlets)).defer("document")
    }
    for line in lines:
        one = Decided(line, words[line.run_id, line.order_id], sealed.get((line.run_id, line.outlet_id)))
        seen[line.order_id].decided.append(one)
    for order_id, foreseen in _foreseen(seen.values()):
        seen[order_id].foreseen = foreseen
    disputes = Dispute.objects.filter(order__in=list(seen)).select_related("ruling", "statement__run")
    for dispute in disputes.defer("statement__document").order_by("id")[:LINES]:
        seen[dispute.order_id or 0].disputes.append(dispute)
    for incentive in Incentive.objects.filter(order__in=list(seen)).order_by("id")[:LINES]:
        seen[incentive.order_id or 0].incentives.append(
            (incentive, wording.incentive_words(incentive.kind, current("settlement").data))
        )
    engineers = {one.engineer_id: one.engineer for one in orders if one.engineer is not None}
    may_see_pay = {pk: may_see_slip(actor, engineer) for pk, engineer in engineers.items()}
    for pay in PayLine.objects.filter(order__in=list(seen)).select_related("staff", "pay_run__run"):
        if may_see_pay.get(pay.staff_id):
            seen[pay.order_id].pay = pay
    return [one for one in seen.values() if one.is_known]


def _foreseen(orders: Iterable[OrderMoney]) -> Iterator[tuple[int, Foreseen]]:
    """Give what the next run would say of the finished orders that none paid or rejected, unless it says the same again."""
    open_orders = [
        one for one in orders if one.order.finished_at is not None and not any(found.line.held_in == 0 for found in one.decided)
    ]
    if not open_orders:
        return
    last = Run.objects.order_by("-month").values_list("month", flat=True).first()
    by_month: dict[date, dict[int, OrderMoney]] = defaultdict(dict)
    for one in open_orders:
        assert one.order.finished_at is not None
        finished_in = local_date(one.order.finished_at).replace(day=1)
        by_month[max(finished_in, following(last)) if last else finished_in][one.order.pk] = one
    for first, mine in by_month.items():
        month = month_from(first)
        terms = terms_of(month)
        with connection.cursor() as cursor:
            parameters = terms.parameters | {"orders": list(mine), "outlet": None}
            cursor.execute(around_orders(statements.listed()), parameters)
            rows = [row for row in map(LineRow._make, cursor.fetchall()) if row.order_id in mine]
        for row, words in zip(rows, explained(rows, terms.settlement, terms.tables), strict=True):
            before = next(iter(mine[row.order_id].decided), None)
            if before is None or (before.line.decision, before.line.gate) != (row.decision, row.gate):
                yield row.order_id, Foreseen(terms.month, words, clock.now() <= terms.month.cut_off)


def _explained(lines: Sequence[Line], orders: Mapping[int, WorkOrder]) -> dict[tuple[int, int], StatementLine]:
    by_policy: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_policy[line.run.settlement_policy].append(line)
    found = {}
    for label, mine in by_policy.items():
        told = explained([_row(line, orders[line.order_id]) for line in mine], policy_labelled(label), [])
        found.update({(line.run_id, line.order_id): words for line, words in zip(mine, told, strict=True)})
    return found


def _row(line: Line, order: WorkOrder) -> LineRow:
    return LineRow(
        outlet_id=line.outlet_id,
        outlet=line.outlet.code,
        order_id=line.order_id,
        number=order.number,
        decision=line.decision,
        gate=line.gate,
        fee_amount=line.fee_amount,
        rate_amount=line.rate_amount,
        rate=line.rate,
        earlier=line.earlier.number if line.earlier else "",
        charged_outlet=line.charged_outlet.code if line.charged_outlet else "",
        finished_at=line.finished_at,
        product_line=order.product_line,
        service_type=order.service_type,
        in_warranty=order.in_warranty,
        distance_km=order.distance_km,
        night=order.night,
        holiday=order.holiday,
        high_floor=order.high_floor,
    )
