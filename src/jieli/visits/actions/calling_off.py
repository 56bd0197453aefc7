"""A visit whose work went to somebody else, or to nobody: it ends, and what was recorded stays."""

from jieli.cases.actions.changing import changing, locked_case
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.notify.actions import Telling, tell_all
from jieli.orders.models import WorkOrder
from jieli.visits import notices
from jieli.visits.actions.visiting import call_off
from jieli.visits.models import Visit


@changing
def call_off_visits(case_id: int, *, actor: Actor) -> int:
    """Call off the open visits of a case whose engineers have no order of it left, and tell them; return how many.

    Steps, photos, tests and signatures stay as they were recorded. A second time changes nothing.
    """
    case = locked_case(case_id, actor, must_be_open=False)
    require(actor.is_internal)
    theirs = WorkOrder.objects.filter(case=case, cancelled_at__isnull=True)
    have_work = set(theirs.exclude(engineer=None).values_list("engineer_id", flat=True))
    without = [visit for visit in Visit.objects.open().filter(case=case).order_by("pk") if visit.engineer_id not in have_work]
    called_off = call_off(case, actor=actor, at=clock.now(), only=[visit.pk for visit in without])
    params = {"number": case.number}
    tellings = [Telling(visit.engineer_id, notices.CALLED_OFF, case.pk, params) for visit in without]
    tell_all(tellings, actor=SYSTEM)
    return called_off
