"""Which customers are to be reminded of a visit."""

from datetime import timedelta

from jieli.cases.models import Case
from jieli.dispatch.models import Appointment
from jieli.dispatch.rules.telling import is_quiet, reminder_due
from jieli.lib import clock
from jieli.people.queries import company_zone
from jieli.policies.queries import current

A_DAY = timedelta(days=1)


def appointments_to_remind() -> list[int]:
    """Return the ids of accepted appointments whose reminder is due now, the nearest first; none in quiet hours. One query."""
    now, telling, zone = clock.now(), current("dispatch").data.telling, company_zone()
    if not telling.reminds or is_quiet(now, telling, zone):
        return []
    # A reminder goes a day earlier at most than the policy's hours before, where those fall into quiet ones.
    latest = now + timedelta(hours=float(telling.reminder_hours)) + A_DAY
    rows = Appointment.objects.filter(
        state=Appointment.State.ACCEPTED,
        reminded_at__isnull=True,
        arrived_at__isnull=True,
        starts_at__gt=now,
        starts_at__lte=latest,
        case__status__in=[Case.Status.OPEN, Case.Status.WAITING],
    )
    found = rows.order_by("starts_at", "pk").values_list("pk", "starts_at", "changed_at")
    due = ((pk, changed_at, reminder_due(starts_at, telling, zone)) for pk, starts_at, changed_at in found)
    return [pk for pk, changed_at, due_at in due if changed_at < due_at <= now]
