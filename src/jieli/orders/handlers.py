"""What orders do when something happened to their case."""

from jieli.cases.events import CaseCancelled
from jieli.events.actor import rule_actor
from jieli.events.models import Event
from jieli.events.reactions import on
from jieli.orders.actions.living import cancel_orders_of


@on(CaseCancelled)
def call_off_orders(event: Event) -> None:
    """Call off what is unfinished of a case that was called off."""
    cancel_orders_of(event.stream_id, actor=rule_actor("case cancelled"))
