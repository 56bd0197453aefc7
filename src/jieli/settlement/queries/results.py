"""The result of a month: what was decided, else what would be."""

from jieli.settlement.models import Run
from jieli.settlement.queries.calculating import calculate
from jieli.settlement.queries.decided import decided_month
from jieli.settlement.queries.months import Month
from jieli.settlement.queries.shapes import MonthResult
from jieli.settlement.refusals import MonthNotDecided


def decided_runs() -> list[Run]:
    """Return the decided months, the latest first."""
    return list(Run.objects.order_by("-month"))


def month_result(month: Month, *, preview: bool = False) -> MonthResult:
    """Return the decided month, or with `preview` what a run would decide when there is none yet.

    Raises MonthNotDecided without `preview`, and what `calculate` raises.
    """
    run = Run.objects.filter(month=month.first).first()
    if run is not None:
        return decided_month(run)
    if not preview:
        raise MonthNotDecided
    return calculate(month)
