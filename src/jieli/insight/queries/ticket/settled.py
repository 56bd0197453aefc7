"""How the work of a case was settled: each order's decision with its explanation, its statement, its line on a pay slip."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from jieli.events.actor import Actor
from jieli.insight.queries.ticket.visits import language
from jieli.orders.models import WorkOrder
from jieli.policies.queries import NoPolicy, by_label, current
from jieli.policies.schemas import Settlement
from jieli.settlement.models import Incentive, Line, PayLine, Statement
from jieli.settlement.policy import may_see_slip, may_see_statement
from jieli.settlement.queries.statement import StatementLine, explained

LINES = 100


@dataclass(frozen=True, slots=True)
class Decided:
    """What a run said about an order: the line with its words, the statement it stands on when that is sealed."""

    line: Line
    words: StatementLine
    statement: Statement | None


@dataclass(slots=True)
class OrderSettled:
    """One order: what every run said, latest first, the incentives that name it, and the engineer's line of pay."""

    order: WorkOrder
    decided: list[Decided] = field(default_factory=list)
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


@dataclass(frozen=True, slots=True)
class _Row:
    """A line with the facts that explain it, as the explanation asks for them."""

    order_id: int
    number: str
    decision: str
    gate: str
    fee_amount: Decimal | None
    rate_amount: Decimal | None
    rate: str
    earlier: str
    charged_outlet: str
    finished_at: datetime
    product_line: str
    service_type: str
    in_warranty: bool | None
    distance_km: Decimal | None
    night: bool
    holiday: bool
    high_floor: bool


def settled(actor: Actor, orders: Sequence[WorkOrder]) -> list[OrderSettled]:
    """Return how the orders were settled whose statements the actor may see. Five queries, one more per settlement policy."""
    outlets = {one.outlet_id: may_see_statement(actor, one.outlet) for one in orders}
    seen = {one.pk: OrderSettled(one) for one in orders if outlets[one.outlet_id] and one.cancelled_at is None}
    if not seen:
        return []
    lines = list(
        Line.objects.filter(order_id__in=list(seen))
        .select_related("run", "earlier", "charged_outlet")
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
    for incentive in Incentive.objects.filter(order__in=list(seen)).order_by("id")[:LINES]:
        seen[incentive.order_id or 0].incentives.append((incentive, _kind_words(incentive.kind)))
    may_see_pay = {one.engineer_id: may_see_slip(actor, one.engineer) for one in orders if one.engineer is not None}
    for pay in PayLine.objects.filter(order__in=list(seen)).select_related("staff", "pay_run__run"):
        if may_see_pay.get(pay.staff_id):
            seen[pay.order_id].pay = pay
    return list(seen.values())


def _explained(lines: Sequence[Line], orders: dict[int, WorkOrder]) -> dict[tuple[int, int], StatementLine]:
    by_policy: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_policy[line.run.settlement_policy].append(line)
    found = {}
    for label, mine in by_policy.items():
        told = explained([_row(line, orders[line.order_id]) for line in mine], _policy(label), [])
        found.update({(line.run_id, line.order_id): words for line, words in zip(mine, told, strict=True)})
    return found


def _policy(label: str) -> Settlement:
    try:
        data: Any = by_label(label).data
    except NoPolicy:
        return current("settlement").data
    return data if isinstance(data, Settlement) else current("settlement").data


def _row(line: Line, order: WorkOrder) -> _Row:
    return _Row(
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


def _kind_words(kind: str) -> str:
    known = current("settlement").data.kind(kind)
    return known.label.in_language(language()) if known else kind
