"""What parts do when a work order ends, and for the devices of a customer when a whole machine changes hands."""

from jieli.cases.models.because import Because
from jieli.events.actor import rule_actor
from jieli.events.models import Event
from jieli.events.reactions import on
from jieli.orders.events import OrderCancelled, OrderFinished
from jieli.orders.models import WorkOrder
from jieli.parts.actions.following import let_devices_follow
from jieli.parts.actions.machines import call_off_machine
from jieli.parts.actions.ordering import cancel_part_order
from jieli.parts.actions.using import release_ended
from jieli.parts.events import OldPartReturned, PartUsed, UseTakenBack
from jieli.parts.models import PartOrder, UsedPart
from jieli.parts.queries.machines import machines_waiting


@on(OrderFinished, OrderCancelled)
def let_parts_go(event: Event) -> None:
    """Let others have what was kept for an order that has ended, and call off what is not on its way to one called off."""
    order = WorkOrder.objects.filter(case_id=event.stream_id, number=event.data.get("number", "")).first()
    if order is None:
        return
    actor = rule_actor("work order ended")
    release_ended(order.pk, actor=actor)
    if order.cancelled_at is not None:
        waiting = PartOrder.objects.filter(order=order, state=PartOrder.State.ORDERED)
        for part_order_id in waiting.order_by("pk").values_list("pk", flat=True):
            cancel_part_order(part_order_id, reason=Because.ORDER_CALLED_OFF, actor=actor)
        for machine_return_id in machines_waiting(order):
            call_off_machine(machine_return_id, reason=Because.ORDER_CALLED_OFF, actor=actor)


@on(PartUsed, UseTakenBack, OldPartReturned)
def devices_follow(event: Event) -> None:
    """Let the customer's devices follow a whole machine that was handed over, taken back, or that came back for good."""
    used_part_id = int(event.data["used_part_id"])
    if UsedPart.objects.filter(pk=used_part_id, machine_return__isnull=False).exists():
        let_devices_follow(used_part_id, actor=rule_actor("whole machine"))
