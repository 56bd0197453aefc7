"""Deciding a month for all outlets together, once."""

from collections.abc import Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.urls import reverse

from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.notify.actions import Telling, tell_all
from jieli.orders.models import WorkOrder
from jieli.people.models import Role, Staff
from jieli.settlement.events import MonthDecided
from jieli.settlement.models import Charge, Result, Run
from jieli.settlement.notices import RATE_MISSING
from jieli.settlement.policy import may_settle
from jieli.settlement.queries import statements
from jieli.settlement.queries.adjustments import open_adjustments
from jieli.settlement.queries.calculating import WORK_MEMORY, Calculation, calculation, open_incentives
from jieli.settlement.queries.months import Month
from jieli.settlement.queries.shapes import OutletResult
from jieli.settlement.queries.terms import Terms, require_begun, require_not_passed, terms_of
from jieli.settlement.refusals import MonthBeforeCutOff

_STORE = f"""
stored as (
  insert into settlement_line (run_id, held_in, order_id, outlet_id, decision, gate, fee_amount, rate_amount, rate, earlier_id,
    charged_outlet_id, facts_changed_at, finished_at, device_id, fault_group)
  select %(run)s, case when line.gate > 0 and not line.is_rejected then %(run)s else 0 end, line.order_id, line.outlet_id,
    {statements.DECISION},
    case when line.gate = 0 then line.fee end, case when line.gate = 0 then line.rate_fee end,
    case when line.gate = 0 then (%(rate_labels)s::text[])[line.rate_place] else '' end,
    line.earlier_id, case when line.gate = 0 and line.verdict = 2 then line.earlier_outlet end, line.changed_at,
    line.finished_at, case when line.gate = 0 then line.repaired_device end,
    case when line.gate = 0 and line.repaired_device is not null then line.fault_group else '' end
  from line
),
charged_back as (
  insert into settlement_charge (run_id, outlet_id, kind, amount, order_id)
  select %(run)s, line.earlier_outlet, '{Charge.Kind.CHARGE_BACK.value}', -line.fee, line.order_id
  from line where line.gate = 0 and line.verdict = 2
),
left_open as (
  insert into settlement_leftopen (run_id, order_id)
  select %(run)s, o.id from orders_workorder o where o.finished_at is null
)"""  # noqa: S608  # made of constants

_DIGESTS = """
select outlet_id, encode(sha256(convert_to(string_agg(
    order_id || '|' || decision || '|' || gate || '|' || coalesce(fee_amount::text, '') || '|' || rate,
    E'\\n' order by order_id), 'UTF8')), 'hex'),
  count(*) filter (where gate = 'rate')
from settlement_line where run_id = %s group by outlet_id
"""


@transaction.atomic
def decide_month(month: Month, *, actor: Actor) -> Run:
    """Decide everything finished up to the end of a month and not decided before, for all outlets, and keep it for good.

    A month that is decided is returned as it is. One transaction under one lock: killed anywhere, nothing has happened. Cost:
    one statement over the orders, which also keeps the lines; results and incentives in bulk. Raises NotAllowed,
    MonthNotBegun, MonthBeforeCutOff, MonthAlreadyPassed.
    """
    require(may_settle(actor))
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('settlement.decide_month'))")
        decided = Run.objects.filter(month=month.first).first()
        if decided is not None:
            return decided
        require_begun(month)
        require_not_passed(month)
        terms = terms_of(month)
        now = clock.now()
        if now <= terms.month.cut_off:
            raise MonthBeforeCutOff
        run_id = _next_id(cursor)
        last_order = WorkOrder.objects.aggregate(last=Max("pk"))["last"] or 0
        cursor.execute(WORK_MEMORY)
        cursor.execute(statements.settled(_STORE), terms.parameters | {"run": run_id})
        found = calculation(terms, cursor.fetchall(), open_incentives(terms), open_adjustments(terms))
        cursor.execute(_DIGESTS, [run_id])
        digests = {outlet_id: (digest, without_rate) for outlet_id, digest, without_rate in cursor.fetchall()}
    digest = _digest(found.outlets, {outlet_id: digest for outlet_id, (digest, _) in digests.items()})
    run = _keep(run_id, terms, found, last_order=last_order, digest=digest, actor=actor)
    without_rate = sum(number for _, number in digests.values())
    record(_fact(run, found.outlets, without_rate), actor=actor)
    if without_rate:
        _tell_finance(run, without_rate)
    return run


def _tell_finance(run: Run, orders: int) -> None:
    holders = Staff.objects.active().filter(grants__role=Role.FINANCE).distinct().values_list("pk", flat=True)
    month = f"{run.month:%Y-%m}"
    params = {"month": month, "orders": orders, "link": f"{reverse('settlement:unpaid', args=[month])}?decision=held&gate=rate"}
    tell_all([Telling(staff_id, RATE_MISSING, None, params) for staff_id in holders], actor=SYSTEM)


def _next_id(cursor: Any) -> int:
    cursor.execute("select nextval(pg_get_serial_sequence('settlement_run', 'id'))")
    return int(cursor.fetchone()[0])


def _keep(run_id: int, terms: Terms, found: Calculation, *, last_order: int, digest: str, actor: Actor) -> Run:
    run = Run(
        id=run_id,
        month=terms.month.first,
        until=terms.month.until,
        cut_off=terms.month.cut_off,
        decided_at=clock.now(),
        decided_by_kind=actor.kind,
        decided_by_id=None if actor.is_internal else actor.id,
        settlement_policy=terms.policy,
        grade_policy=terms.grade_policy,
        rates=list(terms.rates),
        last_order=last_order,
        orders=sum(one.payable + one.held + one.rejected for one in found.outlets),
        earlier_orders=found.earlier_orders,
        digest=digest,
    )
    run.save(force_insert=True)
    Result.objects.bulk_create([_row(run_id, one) for one in found.outlets], batch_size=2_000)
    charges = [
        Charge(run_id=run_id, outlet_id=one.outlet_id, kind=Charge.Kind.INCENTIVE, amount=one.amount, incentive=one)
        for one in found.incentives
    ]
    charges += [
        Charge(run_id=run_id, outlet_id=one.outlet_id, kind=Charge.Kind.DEBT, amount=one.carried_debt_amount)
        for one in found.outlets
        if one.carried_debt_amount
    ]
    charges += [
        Charge(
            run_id=run_id,
            outlet_id=one.dispute.statement.outlet_id,
            kind=Charge.Kind.ADJUSTMENT,
            amount=one.amount,
            ruling=one,
            order_id=one.dispute.order_id,
        )
        for one in found.adjustments
    ]
    Charge.objects.bulk_create(charges, batch_size=2_000)
    return run


def _row(run_id: int, one: OutletResult) -> Result:
    return Result(
        run_id=run_id,
        outlet_id=one.outlet_id,
        payable=one.payable,
        held=one.held,
        rejected=one.rejected,
        labour_amount=one.labour_amount,
        coefficient=one.coefficient,
        incentives_amount=one.incentives_amount,
        payout_amount=one.payout_amount,
        debt_amount=one.debt_amount,
        finished=one.grade.finished,
        facts={name: list(share) for name, share in one.grade.facts.items()},
        parts={name: str(points) for name, points in one.grade.parts.items()},
        score=one.grade.score,
        grade=one.grade.grade,
        rank=one.grade.rank,
        group_size=one.grade.group_size,
        peers=one.grade.peers,
    )


def _digest(outlets: Sequence[OutletResult], digests: dict[int, str]) -> str:
    """Return the digest over results and lines, outlets by code, lines by the id of the order; for this database only."""
    whole = sha256()
    for one in outlets:
        amounts = (one.labour_amount, one.coefficient, one.incentives_amount, one.payout_amount, one.debt_amount)
        counts = (one.payable, one.held, one.rejected)
        line = [one.outlet, *(f"{amount:.2f}" for amount in amounts), *map(str, counts), digests.get(one.outlet_id, "")]
        whole.update(("|".join(line) + "\n").encode())
    return whole.hexdigest()


def _fact(run: Run, outlets: Sequence[OutletResult], without_rate: int) -> MonthDecided:
    return MonthDecided(
        company_id=1,
        month=f"{run.month:%Y-%m}",
        run_id=run.pk,
        orders=run.orders,
        payable=sum(one.payable for one in outlets),
        held=sum(one.held for one in outlets),
        rejected=sum(one.rejected for one in outlets),
        payout_amount=sum((one.payout_amount for one in outlets), Decimal("0.00")),
        debt_amount=sum((one.debt_amount for one in outlets), Decimal("0.00")),
        held_without_rate=without_rate,
        policy=run.settlement_policy,
        grade_policy=run.grade_policy,
        digest=run.digest,
    )
