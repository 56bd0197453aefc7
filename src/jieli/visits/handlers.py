"""What follows for a visit: the customer is told of who is on the way; a visit whose work went elsewhere is called off."""

from jieli.dispatch.actions.customer import tell_on_the_way
from jieli.events.actor import rule_actor
from jieli.events.models import Event
from jieli.events.reactions import on
from jieli.orders.events import OrderCancelled, OrderChanged
from jieli.visits.actions.calling_off import call_off_visits
from jieli.visits.events import EngineerSetOut


@on(EngineerSetOut)
def tell_customer(event: Event) -> None:
    """Tell the customer that the engineer is on the way, unless he is there already."""
    tell_on_the_way(event.stream_id, actor=rule_actor("visit"))


@on(OrderCancelled)
def order_went_elsewhere(event: Event) -> None:
    """Call off the visit of who has nothing more to do for the case: another outlet has it, or nobody comes."""
    call_off_visits(event.stream_id, actor=rule_actor("visit"))


@on(OrderChanged)
def another_engineer(event: Event) -> None:
    """Call off the visit of who had the order, when another engineer has it now."""
    if "engineer_id" in event.data.get("changed", ()):
        call_off_visits(event.stream_id, actor=rule_actor("visit"))
