"""Recording what happened."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from jieli.events import recent
from jieli.events.actor import Actor
from jieli.events.events import ClockMoved
from jieli.events.facts import Fact, split_texts
from jieli.events.models import CompanyClock, Event
from jieli.events.policy import may_move_clock
from jieli.events.reactions import handlers_of
from jieli.events.refusals import Invalid, Refused, require
from jieli.lib import clock
from jieli.lib.sql import rows


class ClockStands(Refused):
    """Outside demo mode nobody moves the company clock."""

    code = "clock_stands"
    message = _("The clock can be moved in demo mode only.")


_INSERT = """
insert into events_event (stream, stream_id, sequence, at, actor_kind, actor_id, actor_name, type, data, previous, hash)
values (%s, %s, 0, coalesce(%s, company_now()), %s, %s, %s, %s, %s, '', '')
returning id, sequence, at, recorded_at, previous, hash
"""


def keyed_digest(key: uuid.UUID, text: str) -> str:
    """Return the hex digest by which an event vouches for a text kept outside of it; the key is kept beside the text."""
    return sha256(key.bytes + text.encode()).hexdigest()


def record(fact: Fact, *, actor: Actor, at: datetime | None = None) -> Event:
    """Append one event to the chain of its stream and queue a job per registered handler, in the caller's transaction.

    `at` is when it happened, for imports and offline work; by default now. Cost: one insert, one more when the fact has
    texts, one per handler. Raises RuntimeError outside a transaction, so that no change goes without its event.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() outside a transaction")
    recent.note(fact.stream)
    values, texts = split_texts(fact)
    keys = {name: uuid.uuid4() for name in texts}
    for name, text in texts.items():
        values[name] = keyed_digest(keys[name], text)
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                fact.stream,
                fact.stream_id,
                at,
                actor.kind,
                None if actor.is_internal else actor.id,
                actor.name[:120] if actor.is_internal else "",
                fact.type,
                json.dumps(values),
            ],
        )
        row = cursor.fetchone()
        if texts:
            cursor.executemany(
                "insert into events_eventtext (event_id, field, key, body) values (%s, %s, %s, %s)",
                [(row[0], name, keys[name], text) for name, text in texts.items()],
            )
    event = Event(
        id=row[0],
        stream=fact.stream,
        stream_id=fact.stream_id,
        sequence=row[1],
        at=row[2],
        recorded_at=row[3],
        actor_kind=actor.kind,
        actor_id=None if actor.is_internal else actor.id,
        actor_name=actor.name if actor.is_internal else "",
        type=fact.type,
        data=values,
        previous=bytes(row[4]),
        hash=bytes(row[5]),
    )
    event._state.adding = False
    event._state.db = "default"
    queue_reactions(fact.type, [event.id])
    return event


_INSERT_MANY = """
insert into events_event (stream, stream_id, sequence, at, actor_kind, actor_id, actor_name, type, data, previous, hash)
select r.stream, r.stream_id, 0, coalesce(%(at)s::timestamptz, company_now()), %(actor_kind)s, %(actor_id)s, %(actor_name)s,
  r.type, r.data, '', ''
from jsonb_to_recordset(%(facts)s::jsonb) as r(stream text, stream_id bigint, type text, data jsonb)
returning id
"""


def record_many(facts: Sequence[Fact], *, actor: Actor, at: datetime | None = None) -> list[int]:
    """Append many facts without texts in one statement, in their order, and return the event ids.

    Raises ValueError for a fact with a text (use `record`), RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record_many() outside a transaction")
    rows = []
    for fact in facts:
        recent.note(fact.stream)
        values, texts = split_texts(fact)
        if texts:
            raise ValueError(f"{fact.type} has texts")
        rows.append({"stream": fact.stream, "stream_id": fact.stream_id, "type": fact.type, "data": values})
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT_MANY,
            {
                "facts": json.dumps(rows),
                "at": at,
                "actor_kind": actor.kind,
                "actor_id": None if actor.is_internal else actor.id,
                "actor_name": actor.name[:120] if actor.is_internal else "",
            },
        )
        ids = [event_id for (event_id,) in cursor.fetchall()]
    by_type: dict[str, list[int]] = {}
    for fact, event_id in zip(facts, ids, strict=True):
        by_type.setdefault(fact.type, []).append(event_id)
    for type_, event_ids in by_type.items():
        queue_reactions(type_, event_ids)
    return ids


# What procrastinate's own `defer` sends, for SQL that records events by itself: the handlers named in a text[] parameter are
# queued for the event with the id in `event.id`. A test compares the rows with the queue's own.
QUEUE_FOR_EVENT = """(
  select procrastinate_defer_jobs_v1(array_agg(row('reactions', 'events.react', 0, null, null,
    jsonb_build_object('handler', handler, 'event_id', event.id), null)::procrastinate_job_to_defer_v1))
  from unnest(%s::text[]) handler having count(*) > 0
)"""
_QUEUE = f"select {QUEUE_FOR_EVENT} from unnest(%s::bigint[]) event (id)"  # noqa: S608  # made of constants


def queue_reactions(type_: str, event_ids: Iterable[int]) -> None:
    """Queue the registered handlers of one type of fact for each of the events, in the caller's transaction."""
    handlers = handlers_of(type_)
    if not handlers:
        return
    rows(_QUEUE, [handlers, list(event_ids)])


@transaction.atomic
def move_clock(*, seconds: int, actor: Actor) -> datetime:
    """Move the company clock forward in demo mode and return the new instant; production refuses (spec 1, Time).

    Raises NotAllowed for anybody but an administrator, ClockStands outside demo mode, Invalid for no or too long a move.
    """
    require(may_move_clock(actor))
    if not 0 < seconds <= 400 * 86400:
        raise Invalid(fields={"seconds": _("Choose a time between one second and 400 days ahead.")})
    row = CompanyClock.objects.select_for_update().get()
    if row.mode == CompanyClock.Mode.REAL:
        raise ClockStands
    row.shift += timedelta(seconds=seconds)
    row.save(update_fields=["shift"])
    clock.forget()
    record(ClockMoved(company_id=1, seconds=seconds), actor=actor)  # at the new time: a demo that is left goes on from there
    return clock.now()


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact of a foreign history with the time at which it happened there."""

    fact: Fact
    at: datetime


encoded = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_APPEND = """
select events_append(%s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[], %s::text[], %s::jsonb, %s, %s, %s)
"""
_COPY_TEXTS = "copy events_eventtext (event_id, field, key, body) from stdin"


@dataclass(slots=True)
class Batch:
    """Events to be appended together, column by column, in their order: what imports of millions fill without objects.

    `data` is JSON text as the facts would write it; only facts without texts can be added here.
    """

    streams: list[str] = field(default_factory=list)
    stream_ids: list[int] = field(default_factory=list)
    ats: list[datetime] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)

    def add(self, stream: str, stream_id: int, at: datetime, type_: str, data: str) -> None:
        """Add one event."""
        self.streams.append(stream)
        self.stream_ids.append(stream_id)
        self.ats.append(at)
        self.types.append(type_)
        self.data.append(data)

    def __len__(self) -> int:
        return len(self.ats)


def append_batch(batch: Batch, *, actor: Actor) -> list[int]:
    """Append events of the past in their order, each at its own time, and return their ids; nobody reacts to them.

    Cost: one statement to reserve ids and one to chain and write, whatever their number. Raises RuntimeError outside a
    transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("append_batch() outside a transaction")
    if not len(batch):
        return []
    ids = reserve_ids("events_event", len(batch))
    actor_id, actor_name = (None, actor.name[:120]) if actor.is_internal else (actor.id, "")
    with connection.cursor() as cursor:
        cursor.execute(
            _APPEND,
            [
                # Written out by hand: names and numbers need no quoting, and element by element it would cost most.
                _array(map(str, ids)),
                _array(batch.streams),
                _array(map(str, batch.stream_ids)),
                _array(at.isoformat() for at in batch.ats),
                _array(batch.types),
                f"[{','.join(batch.data)}]",
                actor.kind,
                actor_id,
                actor_name,
            ],
        )
    return ids


def _array(parts: Iterable[str]) -> str:
    return f"{{{','.join(parts)}}}"


def append_history(happened: Sequence[Happened], *, actor: Actor) -> list[int]:
    """Append facts of the past in their order, each at its own time, and return the event ids; nobody reacts to them.

    Values that are empty are left out. Cost: as `append_batch`, one COPY more when facts have texts. Raises RuntimeError
    outside a transaction.
    """
    batch = Batch()
    texts_of: list[tuple[int, str, uuid.UUID, str]] = []
    for place, one in enumerate(happened):
        values, texts = split_texts(one.fact)
        data = {name: value for name, value in values.items() if value or value == 0}
        for name, text in texts.items():
            key = uuid.uuid4()
            data[name] = keyed_digest(key, text)
            texts_of.append((place, name, key, text))
        fact = one.fact
        batch.add(fact.stream, fact.stream_id, one.at, fact.type, encoded(data))
    ids = append_batch(batch, actor=actor)
    if texts_of:
        with connection.cursor() as cursor, cursor.copy(_COPY_TEXTS) as copy:
            for place, name, key, text in texts_of:
                copy.write_row((ids[place], name, key, text))
    return ids


def reserve_ids(table: str, count: int) -> list[int]:
    """Return ids of a table that nobody else will get, rising: for rows which must name each other before they are written."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)", [table, count])
        return [value for (value,) in cursor.fetchall()]
