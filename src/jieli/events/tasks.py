"""Jobs of the memory: reactions to facts, and the daily anchor."""

from procrastinate.contrib.django import app

from jieli.events.anchors import make_anchor
from jieli.events.models import Event
from jieli.events.reactions import handler as handler_named
from jieli.lib import clock


@app.task(name="events.react", queue="reactions", retry=5)
def react(handler: str, event_id: int) -> None:
    """Run one handler for one event."""
    with clock.read_once():
        handler_named(handler)(Event.objects.get(pk=event_id))


@app.periodic(cron="7 0 * * *")
@app.task(name="events.anchor", queue="nightly", retry=3)
def anchor(timestamp: int) -> None:
    """Make the anchor of the day."""
    make_anchor()
