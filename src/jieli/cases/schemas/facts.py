"""The facts of a case's chain."""

import json
from collections.abc import Sequence
from typing import Any

from jieli.cases.queries.own_fields import seen_custom
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.lib.http import Instant, Out


class EventOut(Out):
    """One fact of the case's chain. `texts` are its free texts, which lie outside of the hash and can be erased."""

    sequence: int
    at: Instant
    actor: str
    actor_kind: str
    actor_name: str
    type: str
    data: dict[str, Any]
    texts: dict[str, str]
    hash: str


def events_out(events: Sequence[Event], names: dict[int, tuple[str, str]], kind: str, reader: Actor) -> list[EventOut]:
    """Return the facts of the chain of a case of this kind; reads their texts, which must have been fetched."""
    return [_event_out(event, names, kind, reader) for event in events]


def _event_out(event: Event, names: dict[int, tuple[str, str]], kind: str, reader: Actor) -> EventOut:
    actor, actor_name = event.actor_kind, event.actor_name
    if event.actor_kind == "staff":
        actor, actor_name = names.get(event.actor_id or 0, ("", ""))
    elif event.actor_name:
        actor = event.actor_name
    return EventOut(
        sequence=event.sequence,
        at=event.at,
        actor=actor,
        actor_kind=event.actor_kind,
        actor_name=actor_name,
        type=event.type,
        data=event.data,
        texts={text.field: _seen_text(text.field, text.body, kind, reader) for text in event.texts.all()},
        hash=bytes(event.hash).hex(),
    )


def _seen_text(name: str, body: str, kind: str, reader: Actor) -> str:
    """Return a free text of a fact; of the company's own fields only what the reader sees."""
    if name != "old_custom" or not body:
        return body
    return json.dumps(seen_custom(json.loads(body), kind, reader), ensure_ascii=False, sort_keys=True)
