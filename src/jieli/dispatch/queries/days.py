"""The days of engineers: whom they visit when, for the phone and for the desk."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from jieli.cases.models import Pass
from jieli.dispatch.models import Appointment, Offer
from jieli.orders.models import WorkOrder
from jieli.people.queries import local_midnight


@dataclass(slots=True)
class Visit:
    """One visit of a day: the case's appointment with its work orders; `offer` waits for this engineer's answer."""

    appointment: Appointment | None
    orders: list[WorkOrder]
    case_id: int
    offer: Offer | None = None

    def starts_before(self, at: datetime) -> bool:
        """Tell whether its appointment begins before an instant."""
        return self.appointment is not None and self.appointment.starts_at < at


def engineers_day(staff_id: int, on: date, *, days: int = 1) -> list[Visit]:
    """Return the visits of an engineer on a day in the order of their windows, offers to him first, for whatever day they are.

    Orders of his that are open with no appointment ahead, or one that has passed, follow those of the day; with more `days` the
    visits of the next ones come last. Five queries; the cases and outlets are not read.
    """
    begins, tomorrow, ends = (local_midnight(on + timedelta(days=further)) for further in (0, 1, days))
    offers = list(
        Offer.objects.filter(engineer_id=staff_id, baton__state=Pass.State.OFFERED).order_by("answer_due_at"),
    )
    wanted = Q(engineer_id=staff_id, state__in=["accepted", "done"], starts_at__gte=begins, starts_at__lt=ends)
    appointments = {row.case_id: row for row in Appointment.objects.filter(wanted).order_by("starts_at", "pk")}
    # Of a case whose first visit is over the next one counts, whenever it is: it is what is to be done.
    over = [case_id for case_id, row in appointments.items() if not row.is_current]
    again = Appointment.objects.current().filter(engineer_id=staff_id, state="accepted", case_id__in=over)
    appointments |= {row.case_id: row for row in again}
    orders = WorkOrder.objects.filter(engineer_id=staff_id, cancelled_at__isnull=True)
    mine = Q(case_id__in=[*appointments]) | Q(finished_at__isnull=True)
    by_case: dict[int, list[WorkOrder]] = {}
    for order in orders.filter(mine).select_related("device").order_by("pk"):
        by_case.setdefault(order.case_id, []).append(order)
    others = Appointment.objects.current().filter(case_id__in=by_case.keys() - appointments.keys(), starts_at__gte=ends)
    later = set(others.values_list("case_id", flat=True))
    met = [Visit(row, by_case.get(case_id, []), case_id) for case_id, row in appointments.items()]
    open_ones = [case_id for case_id in by_case if case_id not in appointments and case_id not in later]
    return [
        *(Visit(None, [], offer.case_id, offer) for offer in offers),
        *(visit for visit in met if visit.starts_before(tomorrow)),
        *(Visit(None, by_case[case_id], case_id) for case_id in open_ones),
        *(visit for visit in met if not visit.starts_before(tomorrow)),
    ]
