"""What the network does when people below it do something."""

from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.events.reactions import on
from jieli.network.actions.engineers import follow_move
from jieli.people.events import StaffMoved


@on(StaffMoved)
def engineer_follows(event: Event) -> None:
    """Let an engineer who went to the unit of an outlet work for that outlet."""
    follow_move(event.stream_id, unit_id=event.data["unit_id"], actor=SYSTEM)
