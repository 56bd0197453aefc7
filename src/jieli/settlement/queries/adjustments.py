"""Granted disputes that wait for the next open month."""

from django.db.models import Exists, OuterRef

from jieli.network.models import Outlet
from jieli.settlement.models import Charge, Ruling
from jieli.settlement.queries.shapes import ChargeRow
from jieli.settlement.queries.terms import Terms


def open_adjustments(terms: Terms, outlet_id: int | None = None) -> list[Ruling]:
    """Return the granted disputes about earlier months that no earlier run took, by their order."""
    taken = Charge.objects.filter(ruling_id=OuterRef("pk"), run_id__lte=terms.last_run)
    known = Outlet.objects.filter(unit_id=OuterRef("dispute__statement__outlet_id"))
    rows = Ruling.objects.filter(
        ~Exists(taken), Exists(known), is_granted=True, dispute__statement__run__month__lt=terms.month.first
    )
    if outlet_id is not None:
        rows = rows.filter(dispute__statement__outlet_id=outlet_id)
    about = ("dispute__statement__run", "dispute__order", "dispute__charge__incentive", "dispute__charge__order")
    return list(rows.select_related(*about).defer("dispute__statement__document").order_by("pk"))


def adjustment_row(ruling: Ruling) -> ChargeRow:
    """Return a granted dispute as a line of Q."""
    dispute = ruling.dispute
    order = dispute.order or (dispute.charge.order if dispute.charge else None)
    statement = dispute.statement
    number = order.number if order else ""
    return ChargeRow(statement.outlet_id, Charge.Kind.ADJUSTMENT, ruling.amount, "", ruling.reason, number, statement.run.month)
