"""The days of engineers: whom they visit when, for the phone and for the desk."""

from dataclasses import dataclass
from datetime import date, timedelta

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


def engineers_day(staff_id: int, on: date, *, unfinished: bool = True) -> list[Visit]:
    """Return the visits of an engineer on a day in the order of their windows, offers to him first, for whatever day they are.

    `unfinished` adds orders of his that are open with no appointment ahead, or one that has passed. Five queries.
    """
    begins, ends = local_midnight(on), local_midnight(on + timedelta(days=1))
    offers = list(
        Offer.objects.select_related("baton", "case__customer", "outlet")
        .filter(engineer_id=staff_id, baton__state=Pass.State.OFFERED)
        .order_by("answer_due_at")
    )
    wanted = Q(engineer_id=staff_id, state__in=["accepted", "done"], starts_at__gte=begins, starts_at__lt=ends)
    rows = Appointment.objects.select_related("case__customer", "outlet").filter(wanted).order_by("starts_at", "pk")
    appointments = {row.case_id: row for row in rows}
    # Of a case whose first visit is over the next one counts, whenever it is: it is what is to be done.
    over = [case_id for case_id, row in appointments.items() if not row.is_current]
    again = Appointment.objects.current().filter(engineer_id=staff_id, state="accepted", case_id__in=over)
    appointments |= {row.case_id: row for row in again.select_related("case__customer", "outlet")}
    orders = WorkOrder.objects.filter(engineer_id=staff_id, cancelled_at__isnull=True)
    mine = Q(case_id__in=[*appointments])
    if unfinished:
        mine |= Q(finished_at__isnull=True)
    by_case: dict[int, list[WorkOrder]] = {}
    for order in orders.filter(mine).select_related("case__customer", "device", "outlet").order_by("pk"):
        by_case.setdefault(order.case_id, []).append(order)
    others = Appointment.objects.current().filter(case_id__in=by_case.keys() - appointments.keys(), starts_at__gte=ends)
    later = set(others.values_list("case_id", flat=True))
    visits = [Visit(None, [], offer.case_id, offer) for offer in offers]
    visits += [Visit(row, by_case.get(case_id, []), case_id) for case_id, row in appointments.items()]
    open_ones = [case_id for case_id in by_case if case_id not in appointments and case_id not in later]
    return visits + [Visit(None, by_case[case_id], case_id) for case_id in open_ones]
