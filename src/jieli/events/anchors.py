"""Proofs over the chains: recomputing every hash, comparing heads, texts and daily anchors."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection, transaction

from jieli.events.models import Anchor
from jieli.lib import clock


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain, head, text or anchor does not hold."""

    kind: str
    stream: str
    stream_id: int
    sequence: int
    reason: str


_HEADS_AT = """
select distinct on (stream, stream_id) hash from events_event where id <= %s
order by stream, stream_id, sequence desc
"""


def _hash_of_heads(last_event_id: int) -> tuple[int, bytes]:
    digest = sha256()
    chains = 0
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_HEADS_AT, [last_event_id])
        while rows := cursor.fetchmany(5000):
            chains += len(rows)
            for (head,) in rows:
                digest.update(head)
    return chains, digest.digest()


def make_anchor() -> Anchor | None:
    """Hash all heads and keep the result under today's date; None when today has its anchor already.

    The table is locked against writers only for the instant in which the last event id is read, so that no event with a
    lower id can be committed afterwards.
    """
    today = clock.now().date()
    if Anchor.objects.filter(on=today).exists():
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select events_settled_id()")
        (last_event_id,) = cursor.fetchone()
    chains, digest = _hash_of_heads(last_event_id)
    return Anchor.objects.create(on=today, last_event_id=last_event_id, chains=chains, hash=digest)


_BROKEN_CHAINS = """
with checked as (
  select stream, stream_id, sequence, previous, hash,
         coalesce(lag(hash) over w, '\\x'::bytea) as expected_previous,
         row_number() over w as expected_sequence,
         events_digest(previous, stream, stream_id, sequence, at, recorded_at, actor_kind, actor_id, actor_name, type,
                       data) as expected_hash
  from events_event window w as (partition by stream, stream_id order by sequence)
)
select stream, stream_id, sequence,
       case when sequence <> expected_sequence then 'an event is missing before this one'
            when previous <> expected_previous then 'the event before this one was changed'
            else 'the content of this event was changed' end
from checked
where sequence <> expected_sequence or previous <> expected_previous or hash <> expected_hash
order by stream, stream_id, sequence limit 20
"""

_BROKEN_HEADS = """
select coalesce(h.stream, e.stream), coalesce(h.stream_id, e.stream_id), coalesce(e.sequence, h.sequence),
       case when h.stream is null then 'the chain has no head'
            when e.stream is null then 'the chain of this head is gone'
            else 'the head is not the last event of the chain' end
from events_head h
full join (select distinct on (stream, stream_id) stream, stream_id, sequence, hash from events_event
           order by stream, stream_id, sequence desc) e using (stream, stream_id)
where h.hash is distinct from e.hash or h.sequence is distinct from e.sequence
order by 1, 2 limit 20
"""

_BROKEN_TEXTS = """
select e.stream, e.stream_id, e.sequence, 'the text "' || t.field || '" is not the one the event vouches for'
from events_eventtext t join events_event e on e.id = t.event_id
where t.erased_at is null
  and encode(sha256(uuid_send(t.key) || convert_to(t.body, 'UTF8')), 'hex') is distinct from e.data ->> t.field
order by e.id limit 20
"""


def breaks() -> Iterator[Break]:
    """Yield what does not hold, chains first; nothing when every event is as it was written. Reads the whole table once."""
    for kind, sql in (
        ("chain", _BROKEN_CHAINS),
        ("head", _BROKEN_HEADS),
        ("text", _BROKEN_TEXTS),
    ):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            for stream, stream_id, sequence, reason in cursor.fetchall():
                yield Break(kind, stream, stream_id, sequence, reason)
    for anchor in Anchor.objects.order_by("on"):
        chains, digest = _hash_of_heads(anchor.last_event_id)
        if (chains, digest) != (anchor.chains, bytes(anchor.hash)):
            yield Break(
                "anchor",
                "company",
                1,
                0,
                f"the heads of {anchor.on:%Y-%m-%d} are not the ones anchored that day",
            )
