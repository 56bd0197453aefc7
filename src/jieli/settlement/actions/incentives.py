"""Rows of incentives.csv; the same file twice adds nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import connection, transaction
from django.utils.translation import gettext as _

from jieli.events.actions import Happened, append_history, reserve_ids
from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.lib.batches import BatchOutcome, BatchRow
from jieli.network.models import Outlet
from jieli.orders.models import WorkOrder
from jieli.policies.queries import current
from jieli.policies.schemas import Settlement
from jieli.settlement.events import IncentiveRecorded
from jieli.settlement.models import Incentive, Run
from jieli.settlement.policy import may_record_incentive
from jieli.settlement.rules.incentive_rows import IncentiveRow, read_incentive


@transaction.atomic
def import_incentives(rows: Sequence[BatchRow], *, actor: Actor) -> BatchOutcome:
    """Record the incentives of a whole file, as far as they are not recorded yet.

    There is no key: a row is known by all it says, and of equal rows each counts. What is for a decided month goes to the
    next open one, which is said. Raises NotAllowed. Cost: five reads and two writes, whatever the number of rows.
    """
    require(may_record_incentive(actor))
    outcome = BatchOutcome()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('settlement.incentives'))")
    read = [read_incentive(line, row) for line, row in rows]
    outlets = dict(Outlet.objects.filter(unit__code__in={one.outlet for one in read}).values_list("unit__code", "unit_id"))
    orders = dict(WorkOrder.objects.filter(number__in={one.order for one in read} - {""}).values_list("number", "pk"))
    stored = _stored(outlets)
    latest = Run.objects.order_by("-month").values_list("month", flat=True).first()
    policy = current("settlement").data
    now = clock.now()
    made: list[tuple[IncentiveRow, Incentive]] = []
    for one in read:
        if one.outlet and one.outlet not in outlets:
            one.faults.setdefault("outlet", _("There is no outlet with the code “%(code)s”.") % {"code": one.outlet[:60]})
        if one.faults:
            outcome.refuse(one.line, one.row, one.faults)
        elif stored[one.identity] > 0:
            stored[one.identity] -= 1
            outcome.unchanged += 1
        else:
            outcome.warn(one.line, one.row, _odd(one, policy, orders, is_decided=latest is not None and one.month <= latest))
            made.append((one, _new(one, outlets[one.outlet], orders.get(one.order))))
    ids = reserve_ids("settlement_incentive", len(made))
    for (_row, incentive), incentive_id in zip(made, ids, strict=True):
        incentive.pk, incentive.recorded_at = incentive_id, now
    Incentive.objects.bulk_create([incentive for _row, incentive in made], batch_size=2_000)
    outcome.imported = len(made)
    outcome.events = len(append_history([Happened(_fact(incentive), now) for _row, incentive in made], actor=actor))
    return outcome


def _stored(outlets: Mapping[str, int]) -> Counter[object]:
    codes = {pk: code for code, pk in outlets.items()}
    rows = Incentive.objects.filter(outlet_id__in=codes)
    return Counter(
        IncentiveRow(
            0, {}, codes[row.outlet_id], row.month, row.kind, row.amount, row.order_number, row.reason, row.attributes
        ).identity
        for row in rows.iterator(chunk_size=5_000)
    )


def _new(one: IncentiveRow, outlet_id: int, order_id: int | None) -> Incentive:
    return Incentive(
        outlet_id=outlet_id,
        month=one.month,
        kind=one.kind,
        amount=one.amount,
        order_id=order_id,
        order_number=one.order,
        reason=one.reason,
        attributes=one.attributes,
    )


def _odd(one: IncentiveRow, policy: Settlement, orders: Mapping[str, int], *, is_decided: bool) -> dict[str, str]:
    odd = {}
    kind = policy.kind(one.kind)
    if kind is None:
        odd["kind"] = _("this kind is not in the policy; its amount counts as given.")
    elif kind.contradicts(one.amount):
        odd["amount"] = _("the sign contradicts the kind; the amount counts as given.")
    if one.order and one.order not in orders:
        odd["order"] = _("there is no work order of this number; kept without.")
    if is_decided:
        odd["month"] = _("this month is decided; counted in the next open month.")
    return odd


def _fact(row: Incentive) -> IncentiveRecorded:
    return IncentiveRecorded(
        unit_id=row.outlet_id,
        incentive_id=row.pk,
        month=row.month,
        kind=row.kind,
        amount=row.amount,
        order=row.order_number,
    )
