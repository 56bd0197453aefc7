"""A demo goes on where it was left: while nobody runs it, the time of its company stands still."""

from datetime import timedelta

from django.db import connection, transaction

from jieli.events.actions import record
from jieli.events.actor import SYSTEM
from jieli.events.events import DemoResumed
from jieli.lib import clock

PAUSE = timedelta(hours=2)
"""A demo that was left for less goes on by the clock: between two starts of an afternoon nothing has to be saved."""

# When the company was last alive, by its own clock: what it recorded, and the signs of life of workers that were killed.
_LAST_ALIVE = """
select c.shift, greatest(
    (select max(recorded_at) from events_event),
    (select max(beat_at) from config_heartbeat) + c.shift
  ) - clock_timestamp()
from events_companyclock c where c.mode = 'demo' for update of c
"""


@transaction.atomic
def resume() -> timedelta | None:
    """Set the clock of a demo that was left for some hours back to when it was left, and return by how much; else None.

    It never goes behind what was recorded, so no chain runs backwards; who moved the clock on finds it moved on. For the owner
    of the tables, before anything else runs. Cost: one pass over the events.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LAST_ALIVE)
        found = cursor.fetchone()
        if found is None or found[1] is None:
            return None
        shift, wanted = found
        if shift - wanted < PAUSE:
            return None
        # The trigger lets the clock go forward only; that is for those who work with it, and nobody does now.
        cursor.execute("alter table events_companyclock disable trigger user")
        cursor.execute("update events_companyclock set shift = %s", [wanted])
        cursor.execute("alter table events_companyclock enable trigger user")
    clock.forget()
    left: timedelta = shift - wanted
    record(DemoResumed(company_id=1, seconds=round(left.total_seconds())), actor=SYSTEM)
    return left
