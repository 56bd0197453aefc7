"""Appointments, offers and work orders of a case, as actions and pages read them."""

from dataclasses import dataclass

from jieli.cases.models import Case, Pass
from jieli.cases.queries.case_page import found_case
from jieli.cases.rules.numbers import case_number
from jieli.customers.models import Device
from jieli.dispatch.models import Appointment, Offer
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound
from jieli.network.models import Engineer, Outlet
from jieli.orders.models import WorkOrder

_OFFER = ("baton__giver", "baton__receiver", "baton__asked_by", "outlet", "engineer")


def current_appointment(case_id: int) -> Appointment | None:
    """Return the appointment of a case that is still to come about. One query."""
    return Appointment.objects.current().select_related("outlet", "engineer").filter(case_id=case_id).first()


def kept_appointments(case_id: int) -> list[Appointment]:
    """Return the appointments of a case that came about, the first visit first, at most 20. One query."""
    kept = Appointment.objects.select_related("outlet", "engineer").filter(case_id=case_id, state=Appointment.State.DONE)
    return list(kept.order_by("number")[:20])


def pending_offer(case_id: int) -> Offer | None:
    """Return the offer of a case that waits for its answer. One query."""
    found = Offer.objects.select_related(*_OFFER).filter(case_id=case_id, baton__state=Pass.State.OFFERED)
    return found.first()


def offers_of(case_id: int) -> list[Offer]:
    """Return the offers of a case, newest first, at most 30. One query."""
    return list(Offer.objects.select_related(*_OFFER).filter(case_id=case_id).order_by("-baton_id")[:30])


def open_orders(case_id: int) -> list[WorkOrder]:
    """Return the work orders of a case that are to be done. One query."""
    rows = WorkOrder.objects.filter(case_id=case_id, finished_at__isnull=True, cancelled_at__isnull=True)
    return list(rows.select_related("outlet", "engineer", "device").order_by("pk"))


def orders_of(case_id: int) -> list[WorkOrder]:
    """Return the work orders of a case that were not called off. One query."""
    rows = WorkOrder.objects.filter(case_id=case_id, cancelled_at__isnull=True)
    return list(rows.select_related("outlet", "engineer", "device").order_by("pk"))


def case_for(actor: Actor, case_id: int) -> Case:
    """Return a case with everyone on its row; raises NotFound when it is hidden."""
    return found_case(actor, case_number(case_id))


def outlet_of(outlet_id: int) -> Outlet:
    """Return an outlet with unit and provider; raises NotFound."""
    outlet = Outlet.objects.select_related("unit", "provider").filter(pk=outlet_id).first()
    if outlet is None:
        raise NotFound
    return outlet


def engineer_of(staff_id: int) -> Engineer:
    """Return an engineer with outlet, unit and provider; raises NotFound."""
    engineer = Engineer.objects.select_related("staff__unit", "outlet__unit", "outlet__provider").filter(pk=staff_id).first()
    if engineer is None:
        raise NotFound
    return engineer


@dataclass(frozen=True, slots=True)
class State:
    """Where the dispatch of a case stands."""

    appointment: Appointment | None
    pending: Offer | None
    orders: list[WorkOrder]
    came_before: bool = False

    @property
    def outlet_id(self) -> int | None:
        """Return the outlet that has the work, or None before one accepted."""
        return self.orders[0].outlet_id if self.orders else None

    @property
    def is_under_way(self) -> bool:
        """Tell whether somebody has arrived for the present appointment; an earlier visit that is over does not count."""
        if self.appointment is not None:
            return self.appointment.arrived_at is not None
        return any(order.arrived_at is not None for order in self.orders) and not self.came_before


def state_of(case_id: int) -> State:
    """Return where the dispatch of a case stands. Three queries, one more after a visit that did not mend it."""
    appointment, orders = current_appointment(case_id), open_orders(case_id)
    came_before = (
        appointment is None
        and any(order.arrived_at is not None for order in orders)
        and Appointment.objects.filter(case_id=case_id, state=Appointment.State.DONE).exists()
    )
    return State(appointment, pending_offer(case_id), orders, came_before)


def devices_offered(offer: Offer) -> list[Device]:
    """Return the devices of a set that is offered; none when it is the case's own device. One query at most."""
    if not offer.devices:
        return []
    return list(Device.objects.filter(pk__in=[int(one) for one in offer.devices]).order_by("pk"))
