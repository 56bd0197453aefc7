"""Deciding what engineers are paid for a month, once."""

from decimal import Decimal
from hashlib import sha256

from django.db import connection, transaction

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.policies.queries import current
from jieli.settlement.events import PayDecided
from jieli.settlement.models import PayRun, PaySlip, Run
from jieli.settlement.policy import may_settle
from jieli.settlement.queries import pay as queries
from jieli.settlement.queries.decided import month_of_run
from jieli.settlement.queries.months import Month
from jieli.settlement.refusals import MonthNotDecided
from jieli.settlement.rules.pay import Work

_STORE = f"""
with {queries.LINES},
stored as (
  insert into settlement_payline (order_id, pay_run_id, staff_id, why, is_early, is_installation, is_delighted, finished_at,
    earlier_id)
  select order_id, %(run)s, staff_id, why, why = '' and in_time, is_installation, delight, finished_at,
    case when why = 'second_part' then earlier_id end
  from line
)
{queries.SUMS}
"""  # noqa: S608  # made of constants


@transaction.atomic
def decide_pay(month: Month, *, actor: Actor) -> PayRun:
    """Decide the pay of all engineers for a decided month, by the facts known at its cut-off, and keep it for good.

    Pay that is decided is returned as it is. Every engineer who works here gets a slip, and everybody who finished an order.
    Raises NotAllowed, MonthNotDecided.
    """
    require(may_settle(actor))
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('settlement.decide_pay'))")
        run = Run.objects.filter(month=month.first).first()
        if run is None:
            raise MonthNotDecided
        decided = PayRun.objects.filter(run=run).first()
        if decided is not None:
            return decided
        loaded = current("pay")
        cursor.execute(_STORE, queries.parameters(month_of_run(run), loaded.data) | {"run": run.pk})
        works = queries.sums(cursor)
    staff = {one.pk: one for one in queries.engineers()}
    staff |= {one.pk: one for one in Staff.objects.filter(pk__in=works.keys() - staff.keys()).select_related("unit")}
    licences = queries.licences(staff.keys(), month_of_run(run), loaded.data)
    slips = [
        queries.slip(one, works.get(one.pk, Work(0, 0, 0, 0)), loaded.data, licences.get(one.pk)) for one in staff.values()
    ]
    slips.sort(key=lambda one: one.staff.code)
    pay = PayRun.objects.create(
        run=run,
        policy=loaded.version,
        decided_at=clock.now(),
        decided_by_kind=actor.kind,
        decided_by_id=None if actor.is_internal else actor.id,
        slips_count=len(slips),
        total_amount=sum((one.total_amount for one in slips), Decimal("0.00")),
        digest=_digest(slips),
    )
    for one in slips:
        one.pay_run = pay
    PaySlip.objects.bulk_create(slips, batch_size=2_000)
    fact = PayDecided(
        company_id=1,
        month=month.label,
        run_id=run.pk,
        slips=len(slips),
        total_amount=pay.total_amount,
        policy=pay.policy,
        digest=pay.digest,
    )
    record(fact, actor=actor)
    return pay


def _digest(slips: list[PaySlip]) -> str:
    """Return the digest over the slips, by the codes of the staff."""
    lines = [
        f"{one.staff.code}|{one.orders}|{one.valid}|{one.early}|{one.installations}|{one.delighted}|{one.total_amount:.2f}"
        for one in slips
    ]
    return sha256("\n".join(lines).encode()).hexdigest()
