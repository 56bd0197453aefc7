"""Erasure of the texts of events; the chain stays whole, since it holds only their digests (spec 1, Erasure)."""

from collections.abc import Iterable

from django.db import connection


def erase_texts(streams: Iterable[tuple[str, int]]) -> int:
    """Blank every text of these chains (``("case", 7)`` …) and return how many; one statement.

    Works only inside the transaction of a certified erasure, after ``customers.erased`` was recorded: the database refuses
    it anywhere else.
    """
    wanted = list(streams)
    with connection.cursor() as cursor:
        cursor.execute(
            "update events_eventtext t set body = '', key = null, erased_at = company_now() from events_event e, "
            "unnest(%s::text[], %s::bigint[]) as wanted (stream, id) "
            "where e.id = t.event_id and e.stream = wanted.stream and e.stream_id = wanted.id and t.erased_at is null",
            [[stream for stream, _id in wanted], [id_ for _stream, id_ in wanted]],
        )
        return int(cursor.rowcount)
