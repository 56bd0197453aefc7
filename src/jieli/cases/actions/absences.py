"""Cases of people who are away: their deputies get them, one explicit act each (spec 1, Deputies)."""

from datetime import datetime, timedelta

import structlog

from jieli.cases.actions.owning import move_to_deputy
from jieli.cases.models import Case
from jieli.cases.queries.planning import numbers
from jieli.events.actor import SYSTEM
from jieli.events.refusals import Refused
from jieli.lib import clock
from jieli.people.queries import away_stretches

log = structlog.get_logger(__name__)


def sweep_absences() -> int:
    """Move the cases of everybody who is away, as `move_cases_of_absent` says, and return how many moved."""
    now = clock.now()
    return sum(_move(staff_id, stretch, now) for staff_id, stretch in away_stretches(now).items())


def move_cases_of_absent(staff_id: int) -> int:
    """Move the cases of one person who is away to who stands in, else to the duty officer, and return how many moved.

    Those that fall due before the return; all open ones when the absence is long (policy `numbers`, long_absence_days).
    """
    now = clock.now()
    stretch = away_stretches(now).get(staff_id)
    return _move(staff_id, stretch, now) if stretch is not None else 0


def _move(staff_id: int, stretch: tuple[datetime, datetime], now: datetime) -> int:
    since, until = stretch
    cases = Case.objects.open().owned_by(staff_id)
    if until - since < timedelta(days=numbers().data.long_absence_days):
        cases = cases.filter(next_due_at__lt=until)
    moved = 0
    for case_id in list(cases.order_by("next_due_at", "id").values_list("pk", flat=True)):
        try:
            move_to_deputy(case_id, actor=SYSTEM, until=until)
        except Refused as refused:
            # Nobody else is there: it stays, and is tried again; the warnings reach the superiors meanwhile.
            log.warning("absences.stays", case=case_id, why=refused.code)
        else:
            moved += 1
    return moved
