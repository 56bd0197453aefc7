"""When an engineer could come again: his windows that are really free, for the phone while he talks with the customer."""

from jieli.dispatch.queries.slots import Slot, free_slots
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound
from jieli.orders.models import WorkOrder
from jieli.visits.policy import may_work_on

MOST = 40


def free_windows(number: str, *, actor: Actor) -> list[Slot]:
    """Return the free windows of the engineer of an order, the next first, at most 40. As `slot_days`; raises NotFound."""
    order = WorkOrder.objects.select_related("case").filter(number=number).first()
    if order is None or not may_work_on(actor, order):
        raise NotFound
    found = free_slots(
        order.outlet_id,
        product_line=order.product_line,
        service_type=order.service_type,
        engineer_id=order.engineer_id,
        ignoring=order.case_id,
    )
    return found[:MOST]
