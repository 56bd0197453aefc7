"""The statement of an outlet for a month, L × T + Q = R with every line: from stored rows, or calculated for it alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from jieli.cases.rules.numbers import case_number
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.lib.money import cents
from jieli.orders.models import WorkOrder
from jieli.policies import queries as policies
from jieli.policies.schemas import Settlement
from jieli.settlement.models import Charge, Incentive, Line, ReckonedResult, Reckoning, Result, Ruling, Run
from jieli.settlement.queries import statements
from jieli.settlement.queries.adjustments import open_adjustments
from jieli.settlement.queries.calculating import open_incentives
from jieli.settlement.queries.decided import lines_of_outlet
from jieli.settlement.queries.months import month_from
from jieli.settlement.queries.narrowing import around_outlet
from jieli.settlement.queries.pages import PAGE, BadCursor, GateCount, Source
from jieli.settlement.queries.rate_tables import RateTable
from jieli.settlement.queries.shapes import LineRow
from jieli.settlement.queries.terms import Terms, terms_of
from jieli.settlement.queries.trying import known_tables, tables_of_run
from jieli.settlement.rules import wording
from jieli.settlement.rules.paying import NOTHING, Paid, paid

GATE_PLACES = {gate: place for place, gate in enumerate(Line.Gate.values)}


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One order on a statement, with its explanation: what the fee is made of, or why there is none and what releases it."""

    number: str
    case_number: str
    finished_at: datetime
    decision: str
    gate: str
    fee_amount: Decimal | None
    rate: str
    explanation: str
    release: str
    charged_outlet: str
    earlier: str

    @property
    def gate_label(self) -> str:
        """Return the gate in words."""
        return str(Line.Gate(self.gate).label) if self.gate in Line.Gate.values else ""

    @property
    def decision_label(self) -> str:
        """Return the decision in words."""
        return str(Line.Decision(self.decision).label)


@dataclass(frozen=True, slots=True)
class StatementCharge:
    """One line of Q: for a charge-back both orders, for an incentive its kind and reason, for a granted dispute why.

    `charge_id` is 0 in a preview.
    """

    kind: str
    amount: Decimal
    words: str
    reason: str
    order: str
    order_case: str
    other_outlet: str
    earlier: str
    earlier_case: str
    month: date | None
    charge_id: int = field(default=0, compare=False, repr=False)

    @property
    def kind_label(self) -> str:
        """Return the kind in words."""
        return str(Charge.Kind(self.kind).label)


@dataclass(frozen=True, slots=True)
class Statement:
    """What an outlet gets for a month. In a preview labour and Q are of this moment, T is that of the last calculation."""

    labour_amount: Decimal
    coefficient: Decimal
    product_amount: Decimal
    incentives_amount: Decimal
    pays: Paid
    counts: dict[str, int]
    gates: list[GateCount]
    charges: list[StatementCharge]
    lines: list[StatementLine]
    next: str
    tables: list[tuple[str, Decimal, int]]

    @property
    def exact_amount(self) -> Decimal:
        """Return R before zero is its floor."""
        return self.pays.payout_amount - self.pays.debt_amount


_CHARGE_BACKS = f"""
with {statements.LINES}
select line.order_id, line.fee, line.earlier_id from line
where line.gate = 0 and line.verdict = 2 and line.earlier_outlet = %(outlet)s order by line.number collate "C"
"""  # noqa: S608  # made of constants


@dataclass(frozen=True, slots=True)
class DecidedLines:
    """The lines of an outlet in a decided month, their orders and the rate tables: read once, told in several languages."""

    found: list[LineRow]
    orders: Mapping[int, WorkOrder]
    tables: list[RateTable]


def decided_lines(run: Run, outlet_id: int) -> DecidedLines:
    """Return all lines of an outlet in a decided month. Four queries."""
    found = lines_of_outlet(run, outlet_id)
    return DecidedLines(found, _orders_of(found), [*known_tables(), *tables_of_run(run)])


def statement(
    source: Source,
    result: Result | ReckonedResult,
    *,
    decision: str = "",
    cursor: str = "",
    limit: int = PAGE,
    lines: DecidedLines | None = None,
) -> Statement:
    """Return the statement of an outlet with one page of its lines, by order number.

    Cost: a few queries; for a preview the gates of this outlet's orders are calculated anew. Who has read the `lines` of a
    decided month gives them. Raises BadCursor.
    """
    if source.run is not None:
        found = lines.found if lines is not None else lines_of_outlet(source.run, result.outlet_id)
        charges = _decided_charges(source.run, result.outlet_id)
        policy, tables = policy_labelled(source.run.settlement_policy), [] if lines is not None else tables_of_run(source.run)
        labour, incentives = result.labour_amount, result.incentives_amount
        pays = Paid(result.payout_amount, result.debt_amount)
    else:
        assert source.preview is not None
        terms = _terms(source.preview)
        found, charges = _live(terms, result.outlet_id)
        policy, tables = terms.settlement, terms.tables
        labour = sum((one.fee_amount for one in found if one.fee_amount is not None), NOTHING)
        incentives = sum((one.amount for one in charges), NOTHING)
        pays = paid(labour, result.coefficient, incentives)
    counts = Counter(one.decision for one in found)
    gates = Counter((one.decision, one.gate) for one in found if one.gate)
    shown = [one for one in found if not decision or one.decision == decision]
    page, following = _page(shown, cursor, limit, f"settlement.statement.{decision}")
    by_table: dict[str, list[Decimal]] = {}
    for one in found:
        if one.fee_amount is not None:
            by_table.setdefault(one.rate, []).append(one.fee_amount)
    return Statement(
        labour_amount=labour,
        coefficient=result.coefficient,
        product_amount=cents(labour * result.coefficient),
        incentives_amount=incentives,
        pays=pays,
        counts={name: counts.get(name, 0) for name in Line.Decision.values},
        gates=[
            GateCount(*key, number)
            for key, number in sorted(gates.items(), key=lambda one: (one[0][0], GATE_PLACES[one[0][1]]))
        ],
        charges=charges,
        lines=explained(page, policy, tables, lines),
        next=following,
        tables=[(label, sum(fees, NOTHING), len(fees)) for label, fees in sorted(by_table.items())],
    )


def all_lines(source: Source, outlet_id: int) -> list[StatementLine]:
    """Return all lines of an outlet, explained."""
    if source.run is not None:
        return explained(
            lines_of_outlet(source.run, outlet_id), policy_labelled(source.run.settlement_policy), tables_of_run(source.run)
        )
    assert source.preview is not None
    terms = _terms(source.preview)
    return explained(_live_lines(terms, outlet_id), terms.settlement, terms.tables)


def _page(found: list[LineRow], cursor: str, limit: int, scope: str) -> tuple[list[LineRow], str]:
    if cursor:
        try:
            (after,) = decode_cursor(cursor, scope=scope)
        except ValueError as error:
            raise BadCursor from error
        found = [one for one in found if one.number > str(after)]
    if len(found) <= limit:
        return found, ""
    page = found[:limit]
    return page, encode_cursor([page[-1].number], scope=scope)


def policy_labelled(label: str) -> Settlement:
    """Return the policy by which a run decided; the present one where that version is not known here."""
    try:
        data = policies.by_label(label).data
    except policies.NoPolicy:
        return policies.current("settlement").data
    assert isinstance(data, Settlement)
    return data


def _terms(preview: Reckoning) -> Terms:
    return terms_of(month_from(preview.month))


def _live_lines(terms: Terms, outlet_id: int) -> list[LineRow]:
    with connection.cursor() as cursor:
        cursor.execute(around_outlet(statements.listed()), terms.parameters | {"outlet": outlet_id})
        return [LineRow._make(row) for row in cursor.fetchall()]


def _live(terms: Terms, outlet_id: int) -> tuple[list[LineRow], list[StatementCharge]]:
    parameters = terms.parameters | {"outlet": outlet_id}
    with transaction.atomic(), connection.cursor() as cursor:
        found = _live_lines(terms, outlet_id)
        cursor.execute(around_outlet(_CHARGE_BACKS), parameters)
        charged_back = cursor.fetchall()
    debt = Result.objects.filter(run_id=terms.last_run, outlet_id=outlet_id, debt_amount__gt=0).first()
    rows: list[_Charged] = [
        _Charged("incentive", one.amount, incentive=one, order_id=one.order_id) for one in open_incentives(terms, outlet_id)
    ]
    rows += [
        _Charged("adjustment", one.amount, ruling=one, order_id=one.dispute.order_id)
        for one in open_adjustments(terms, outlet_id)
    ]
    rows += [_Charged("charge_back", -fee, order_id=order_id) for order_id, fee, _earlier in charged_back]
    if debt is not None:
        rows.append(_Charged("debt", -debt.debt_amount))
    return found, _charges(rows, terms.settlement, {order_id: earlier for order_id, _fee, earlier in charged_back})


def _decided_charges(run: Run, outlet_id: int) -> list[StatementCharge]:
    charges = Charge.objects.filter(run=run, outlet_id=outlet_id).defer("ruling__dispute__statement__document")
    found = list(charges.select_related("incentive", "ruling__dispute__statement__run").order_by("kind", "id"))
    rows = [
        _Charged(
            one.kind,
            one.amount,
            charge_id=one.pk,
            incentive=one.incentive,
            ruling=one.ruling,
            order_id=one.order_id or (one.incentive.order_id if one.incentive else None),
        )
        for one in found
    ]
    repeats = [one.order_id for one in found if one.kind == Charge.Kind.CHARGE_BACK]
    earlier = dict(Line.objects.filter(run=run, order_id__in=repeats).values_list("order_id", "earlier_id")) if repeats else {}
    return _charges(rows, policy_labelled(run.settlement_policy), earlier)


@dataclass(frozen=True, slots=True)
class _Charged:
    """A line of Q as it is read: stored, or as a run would keep it."""

    kind: str
    amount: Decimal
    charge_id: int = 0
    incentive: Incentive | None = None
    ruling: Ruling | None = None
    order_id: int | None = None

    @property
    def reason(self) -> str:
        """Return why, in the words of who recorded or decided it."""
        if self.ruling is not None:
            return self.ruling.reason
        return self.incentive.reason if self.incentive else ""

    @property
    def month(self) -> date | None:
        """Return the month that it is about."""
        if self.ruling is not None:
            return self.ruling.dispute.statement.run.month
        return self.incentive.month if self.incentive else None


def _charges(rows: list[_Charged], policy: Settlement, earlier: Mapping[int, int | None]) -> list[StatementCharge]:
    ids = {one.order_id for one in rows if one.order_id} | {pk for pk in earlier.values() if pk}
    orders: dict[Any, WorkOrder] = WorkOrder.objects.select_related("outlet").in_bulk(ids) if ids else {}
    found = []
    for one in rows:
        incentive = one.incentive
        order = orders.get(one.order_id)
        before = orders.get(earlier.get(one.order_id or 0)) if one.kind == Charge.Kind.CHARGE_BACK else None
        found.append(
            StatementCharge(
                charge_id=one.charge_id,
                kind=one.kind,
                amount=one.amount,
                words=wording.incentive_words(incentive.kind, policy) if incentive else "",
                reason=one.reason,
                order=order.number if order else incentive.order_number if incentive else "",
                order_case=case_number(order.case_id) if order else "",
                other_outlet=f"{order.outlet.code} {order.outlet.name}" if order and before else "",
                earlier=before.number if before else "",
                earlier_case=case_number(before.case_id) if before else "",
                month=one.month,
            )
        )
    return found


def explained(
    found: Sequence[LineRow], policy: Settlement, tables: list[RateTable], read: DecidedLines | None = None
) -> list[StatementLine]:
    """Return lines with their explanations. Two queries, none for lines that were `read` before."""
    by_label = wording.tables_by_label(table.data for table in (read.tables if read else [*known_tables(), *tables]))
    orders = read.orders if read else _orders_of(found)
    lines = []
    for one in found:
        order = orders[one.order_id]
        if one.decision == Line.Decision.PAYABLE:
            # What is payable has a fee.
            assert one.fee_amount is not None
            assert one.rate_amount is not None
            facts = wording.Order(
                one.product_line, one.service_type, one.in_warranty, one.distance_km, one.night, one.holiday, one.high_floor
            )
            work = (one.product_line, one.service_type, one.in_warranty)
            rate = wording.rate_of(by_label, one.rate, work, one.distance_km)
            words = wording.fee_words(
                facts, fee=one.fee_amount, basic=one.rate_amount, rate=rate, table=one.rate, surcharges=policy.surcharges
            )
            release = ""
        else:
            unpaid = unpaid_facts(order, one.finished_at, one.earlier, policy)
            words = wording.why_unpaid(one.decision, one.gate, unpaid)
            release = wording.what_releases(one.gate, unpaid) if one.decision == Line.Decision.HELD else ""
        lines.append(
            StatementLine(
                number=one.number,
                case_number=case_number(order.case_id),
                finished_at=one.finished_at,
                decision=one.decision,
                gate=one.gate,
                fee_amount=one.fee_amount,
                rate=one.rate,
                explanation=words,
                release=release,
                charged_outlet=one.charged_outlet,
                earlier=one.earlier,
            )
        )
    return lines


def _orders_of(found: Sequence[LineRow]) -> dict[int, WorkOrder]:
    """Return the orders of lines with what an explanation asks of them."""
    asked = ("case_id", "product_line", "service_type", "in_warranty", "distance_km", "part", "lab_finding")
    return WorkOrder.objects.only(*asked).in_bulk([one.order_id for one in found])


def unpaid_facts(order: WorkOrder, finished_at: datetime, earlier: str, policy: Settlement) -> wording.Unpaid:
    """Return what explains why an order is held or rejected."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return wording.Unpaid(
        product_line=order.product_line,
        service_type=order.service_type,
        in_warranty=order.in_warranty,
        distance_km=order.distance_km,
        finished_on=finished_at.astimezone(zone).date(),
        returns_until=(finished_at + timedelta(days=policy.return_days)).astimezone(zone).date(),
        part=order.part,
        lab_finding=order.lab_finding,
        earlier=earlier,
        repeat_days=policy.repeat_days,
        return_days=policy.return_days,
    )


def policy_of(source: Source) -> Settlement:
    """Return the settlement policy of a month."""
    return policy_labelled(source.run.settlement_policy) if source.run is not None else policies.current("settlement").data
