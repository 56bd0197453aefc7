"""Approving a decided month: two different people, and then its statements are sealed."""

from django.db import connection, transaction
from procrastinate.contrib.django import app as queue

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.settlement.events import MonthApproved
from jieli.settlement.models import Approval, Run
from jieli.settlement.models.sealing import PLACES
from jieli.settlement.policy import SETTLING_ROLES, may_approve
from jieli.settlement.queries.months import Month
from jieli.settlement.refusals import ApprovedByYou, MonthApprovedAlready, MonthNotDecided


@transaction.atomic
def approve_month(month: Month, *, actor: Actor) -> Approval:
    """Approve a decided month; with the second approval a job seals the statement of each outlet.

    The two must be different people, whatever their roles, and by token as well: a token acts as its person. Raises NotAllowed,
    MonthNotDecided, ApprovedByYou, MonthApprovedAlready.
    """
    require(may_approve(actor))
    assert actor.id is not None
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('settlement.approve'))")
    run = Run.objects.filter(month=month.first).first()
    if run is None:
        raise MonthNotDecided
    given = list(Approval.objects.filter(run=run))
    if any(one.staff_id == actor.id for one in given):
        raise ApprovedByYou
    if len(given) == len(PLACES):
        raise MonthApprovedAlready
    approval = Approval.objects.create(
        run=run,
        place=len(given) + 1,
        staff_id=actor.id,
        role=next((grant.role for grant in actor.grants if grant.role in SETTLING_ROLES), ""),
        digest=run.digest,
        approved_at=clock.now(),
    )
    fact = MonthApproved(
        company_id=1,
        month=month.label,
        run_id=run.pk,
        place=approval.place,
        role=approval.role,
        digest=approval.digest,
    )
    record(fact, actor=actor)
    if approval.place == len(PLACES):
        queue.configure_task("settlement.seal").defer(run_id=run.pk)
    return approval
