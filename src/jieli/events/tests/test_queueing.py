"""Reactions are queued by a statement of our own: the rows must be those which the queue itself would write."""

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob

from jieli.events.actions import queue_reactions
from jieli.events.events import ClockMoved
from jieli.events.models import Event
from jieli.events.reactions import on

pytestmark = pytest.mark.django_db


@on(ClockMoved)
def noticed(event: Event) -> None:
    """React to something that nothing else reacts to."""


def test_a_job_is_the_one_which_the_queue_itself_would_write() -> None:
    name = f"{noticed.__module__}.noticed"
    with transaction.atomic():
        queue_reactions(ClockMoved.type, [7])
        queue.configure_task("events.react").defer(handler=name, event_id=7)
    ours, theirs = ProcrastinateJob.objects.filter(task_name="events.react").order_by("id")
    for field in ("queue_name", "priority", "args", "status", "scheduled_at", "attempts", "lock", "queueing_lock"):
        assert getattr(ours, field) == getattr(theirs, field)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_events")
        assert cursor.fetchone()[0] == 2
