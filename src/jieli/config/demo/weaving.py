"""Weaving: a case that was lived through by the real actions becomes many, each with its own time, people and words.

A pattern is lived in a transaction that is rolled back, so every rule and trigger has judged it; what it left in the tables is
read and compiled before. Copies are written set-wise by the owner of the tables with the triggers of those tables asleep, which
only a demo's empty database allows: whole days are added to its times (working hours stay working hours), ids are new, people,
customers and texts are exchanged by name, and events are chained anew at their own times. `jieli verify` proves the result.
"""

import json
import os
import re
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection, models

from jieli.cases.models import Case, Message
from jieli.cases.rules.numbers import case_number
from jieli.events.actions import encoded, keyed_digest, reserve_ids
from jieli.events.facts import fact_class
from jieli.events.models import Event, EventText
from jieli.files import store
from jieli.visits.models import Visit
from jieli.visits.queries.proving import digest_over, done_at

Reference = tuple[str, int]
"""A row that is exchanged and not copied: the label of its model, such as ``people.Staff``, and its id."""

NOT_COPIED = {"events", "notify", "policies", "people", "customers", "network", "settlement", "insight", "intake", "config"}
SKIPPED = {"visits.FieldEntry"}
"""What phones sent is the log of a way in, and no part of what became of the case."""

OWNED = {"parts.Movement"}
"""Models whose rows belong to the copied row that names them."""

AWAKE = {"parts_entry", "parts_movement"}
"""Tables whose triggers keep sums of their own and so judge the copies, too."""

REFERRED: Mapping[str, str] = {
    "case_id": "cases.Case",
    "message_id": "cases.Message",
    "pass_id": "cases.Pass",
    "promise_id": "cases.Promise",
    "relation_id": "cases.Relation",
    "unit_id": "people.Unit",
    "outlet_id": "people.Unit",
    "from_unit_id": "people.Unit",
    "to_unit_id": "people.Unit",
    "customer_id": "customers.Customer",
    "device_id": "customers.Device",
    "contact_id": "customers.Contact",
    "evidence_id": "files.Evidence",
    "order_id": "orders.WorkOrder",
    "appointment_id": "dispatch.Appointment",
    "offer_id": "dispatch.Offer",
    "visit_id": "visits.Visit",
    "callback_id": "quality.CallBack",
    "call_back_id": "quality.CallBack",
    "used_part_id": "parts.UsedPart",
    "movement_id": "parts.Movement",
    "part_order_id": "parts.PartOrder",
    "machine_return_id": "parts.MachineReturn",
    "place_id": "parts.Place",
    "from_place_id": "parts.Place",
    "to_place_id": "parts.Place",
    "part_id": "parts.Part",
    "recovery_id": "quality.Recovery",
    "spending_id": "quality.Spending",
    "information_id": "visits.Information",
    "from_customer_id": "customers.Customer",
}
"""What a field of an event or of JSON names, besides people."""

STAFF = "people.Staff"
STAFF_NAMES = {"staff_id", "owner_id", "engineer_id", "giver_id", "receiver_id", "steward_id", "escort_id", "caller_id"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEX = re.compile(r"[0-9a-f]{64}")
_MARK = re.compile(r"([a-z_]+:)[0-9a-f]{40}")
_STORED = re.compile(r"(?:[0-9a-f]{2}/){2}[0-9a-f]{64}-[0-9a-f]{32}")
_DATE = r"(?<!\d)(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?P<weekday> 周[一二三四五六日])?"
_TIME = r"(?<![\d:])(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?![\d:])"
_WEEKDAYS = "一二三四五六日"
_PLACE = re.compile(r'"@@(\d+)@@"')

_WOVEN = "woven_event"
_EVENTS = """
create temporary table if not exists woven_event (id bigint, stream_id bigint, sequence int, at timestamptz, actor_kind text,
  actor_id bigint, actor_name text, type text, data jsonb) on commit drop;
truncate woven_event
"""
_CHAIN = """
with chained as (
  select e.*, events_chained(''::bytea, events_content('case', e.stream_id, e.sequence, e.at, e.at, e.actor_kind, e.actor_id,
      e.actor_name, e.type, e.data)) over (partition by e.stream_id order by e.sequence rows unbounded preceding) as hash
  from woven_event e
), written as (
  insert into events_event (id, stream, stream_id, sequence, at, recorded_at, actor_kind, actor_id, actor_name, type, data,
                            previous, hash)
  select c.id, 'case', c.stream_id, c.sequence, c.at, c.at, c.actor_kind, c.actor_id, c.actor_name, c.type, c.data,
    coalesce(lag(c.hash) over (partition by c.stream_id order by c.sequence), ''::bytea), c.hash
  from chained c
)
insert into events_head (stream, stream_id, sequence, hash, xact)
select distinct on (stream_id) 'case', stream_id, sequence, hash, pg_current_xact_id()::text::bigint
from chained order by stream_id, sequence desc
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """How one copy differs: whole days and a few minutes of the day later, other rows by reference, other words by marker."""

    shift: timedelta
    rows: Mapping[Reference, int]
    words: Mapping[str, str]
    numbers: Mapping[Decimal, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class _Thread:
    """One copy while it is written: its new ids by place, and what is drawn by lot once and used in several places."""

    shift: timedelta
    rows: Mapping[Reference, int]
    words: dict[str, str]
    numbers: Mapping[Decimal, Decimal]
    ids: Sequence[int]
    uuids: dict[str, uuid.UUID] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def uuid(self, old: str) -> uuid.UUID:
        """Return the copy's own in place of an old one, always the same."""
        found = self.uuids.get(old)
        if found is None:
            found = self.uuids[old] = uuid.UUID(bytes=secrets.token_bytes(16), version=4)
        return found


Slot = Callable[[_Thread], Any]


@dataclass(slots=True)
class _Row:
    """A row to be copied: its constant values, and what changes by column."""

    values: list[Any]
    slots: list[tuple[int, Slot]]

    def of(self, thread: _Thread) -> list[Any]:
        """Return the values of a copy."""
        row = self.values.copy()
        for place, slot in self.slots:
            row[place] = slot(thread)
        return row


@dataclass(slots=True)
class _Table:
    name: str
    columns: list[str]
    rows: list[_Row] = field(default_factory=list)


@dataclass(slots=True)
class Pattern:
    """What one lived case left in the tables, ready to be copied."""

    case_place: int
    id_tables: list[tuple[str, int]]
    tables: list[_Table]
    events: _Table
    texts: _Table
    types: tuple[str, ...]

    @property
    def table_names(self) -> list[str]:
        """Return the tables into which copies are written, besides those of events."""
        return [table.name for table in self.tables]


class _Reader:
    """Reads everything that belongs to one case and compiles it."""

    def __init__(
        self,
        case: Case,
        *,
        references: Iterable[Reference],
        markers: Iterable[str],
        codes: Iterable[str],
        numbers: Iterable[Decimal],
    ) -> None:
        self.case = case
        self.numbers = set(numbers)
        self.codes = set(codes)
        self.number = case_number(case.pk)
        self.references = set(references)
        words = sorted({*markers, self.number} - {""}, key=len, reverse=True)
        self.markers = re.compile("|".join([*map(re.escape, words), _DATE, _TIME]))
        self.rows: dict[type[models.Model], dict[Any, dict[str, Any]]] = {}
        self.places: dict[Reference, int] = {}
        self.digests: dict[str, Slot] = {}

    def read(self) -> Pattern:
        """Return the pattern."""
        self._gather()
        events = list(Event.objects.filter(stream="case", stream_id=self.case.pk).order_by("sequence"))
        texts = list(EventText.objects.filter(event__in=[one.pk for one in events]))
        id_tables = []
        for model, found in self.rows.items():
            if isinstance(model._meta.pk, models.AutoField):
                id_tables.append((model._meta.db_table, len(found)))
                for pk in found:
                    self.places[(model._meta.label, pk)] = len(self.places)
        id_tables.append(("events_event", len(events)))
        for event in events:
            self.places[("events.Event", event.pk)] = len(self.places)
        for text in texts:
            if text.key is not None:
                self.digests[keyed_digest(text.key, text.body)] = self._digest(text.key, text.body)
        for visit in Visit.objects.filter(pk__in=self.rows.get(Visit, {}).keys()).exclude(digest=""):
            self.digests[visit.digest] = self._visit_digest(visit.digest, done_at(visit))
        for message in self.rows.get(Message, {}).values():
            if message["key"] is None:  # of an import
                continue
            self.digests[keyed_digest(message["key"], message["body"])] = self._digest(message["key"], message["body"])
        return Pattern(
            case_place=self.places[("cases.Case", self.case.pk)],
            id_tables=id_tables,
            tables=[self._table(model, found.values()) for model, found in self.rows.items()],
            events=self._events(events),
            texts=self._texts(texts),
            types=tuple(one.type for one in events),
        )

    # --- what belongs to the case

    def _gather(self) -> None:
        wanted = [
            model
            for model in apps.get_models()
            if model.__module__.startswith("jieli.")
            and model._meta.app_label not in NOT_COPIED
            and model._meta.label not in SKIPPED
            and not getattr(model, "owner_only", False)
        ]
        self.rows[Case] = self._found(Case, pk=self.case.pk)
        grows = True
        while grows:
            grows = False
            for model in wanted:
                for one in model._meta.concrete_fields:
                    grows |= self._follow(model, one)

    def _follow(self, model: type[models.Model], one: "models.Field[Any, Any]") -> bool:
        target = one.related_model
        if target is not None:
            keys = list(self.rows.get(target, {}))
            if target is not model and target._meta.label in OWNED and model in self.rows:
                named = {row[one.attname] for row in self.rows[model].values()} - {None}
                return self._add(target, self._found(target, pk__in=named))
        elif one.name == "case_id":
            keys = [self.case.pk]
        else:
            return False
        if not keys or (model is Case and one.name != "id"):
            return False
        return self._add(model, self._found(model, **{f"{one.name}__in": keys}))

    def _found(self, model: type[models.Model], **condition: Any) -> dict[Any, dict[str, Any]]:
        names = [one.attname for one in model._meta.concrete_fields if not isinstance(one, models.GeneratedField)]
        key = [one.attname for one in model._meta.pk_fields]
        found = model._base_manager.filter(**condition).order_by("pk").values(*names)
        return {row[key[0]] if len(key) == 1 else tuple(row[name] for name in key): row for row in found}

    def _add(self, model: type[models.Model], found: Mapping[Any, dict[str, Any]]) -> bool:
        known = self.rows.setdefault(model, {}) if found else self.rows.get(model, {})
        fresh = {pk: row for pk, row in found.items() if pk not in known}
        known.update(fresh)
        return bool(fresh)

    # --- compiling

    def _table(self, model: type[models.Model], found: Iterable[Mapping[str, Any]]) -> _Table:
        fields = [one for one in model._meta.concrete_fields if not isinstance(one, models.GeneratedField)]
        table = _Table(model._meta.db_table, [str(one.column) for one in fields])
        for row in found:
            values: list[Any] = []
            slots: list[tuple[int, Slot]] = []
            for place, one in enumerate(fields):
                slot = self._slot(one, row)
                values.append(None if slot is not None else self._constant(one, row[one.attname]))
                if slot is not None:
                    slots.append((place, slot))
            table.rows.append(_Row(values, slots))
        return table

    @staticmethod
    def _constant(one: "models.Field[Any, Any]", value: Any) -> Any:
        return encoded(value) if isinstance(one, models.JSONField) and value is not None else value

    def _slot(  # noqa: PLR0912  # one way per kind of column
        self, one: "models.Field[Any, Any]", row: Mapping[str, Any]
    ) -> Slot | None:
        value = row[one.attname]
        if value is None:
            return None
        if isinstance(one, models.AutoField):
            return self._id(one.model._meta.label, value)
        if one.related_model is not None:
            return self._id(one.related_model._meta.label, value)
        if isinstance(one, models.JSONField):
            return self._json(value)
        if isinstance(value, datetime):
            return lambda thread: value + thread.shift
        if isinstance(value, date):
            return lambda thread: value + timedelta(days=round(thread.shift / timedelta(days=1)))
        if isinstance(value, uuid.UUID):
            return lambda thread, old=str(value): thread.uuid(old)  # type: ignore[misc]
        if isinstance(value, str):
            if value in self.digests:
                return self.digests[value]
            if one.unique and _HEX.fullmatch(value):
                return lambda _thread: secrets.token_hex(32)
            return self._text(value)
        if isinstance(value, Decimal):
            return (lambda thread: thread.numbers.get(value, value)) if value in self.numbers else None
        if isinstance(value, list):
            return self._list(one.name, value)
        if isinstance(value, int) and not isinstance(value, bool) and one.name.endswith("_id"):
            kind = row.get(f"{one.name.removesuffix('_id')}_kind")
            if kind is not None:
                return self._id("customers.Customer" if kind == "customer" else STAFF, value)
            return self._named(one.name, value)
        return None

    def _id(self, label: str, value: int) -> Slot | None:
        place = self.places.get((label, value))
        if place is not None:
            return lambda thread: thread.ids[place]
        reference = (label, value)
        if reference in self.references:
            return lambda thread: thread.rows.get(reference, value)
        return None

    def _named(self, name: str, value: int, staff_fields: Sequence[str] = ()) -> Slot | None:
        if name in staff_fields:
            return self._id(STAFF, value)
        if name.endswith("event_id"):
            return self._id("events.Event", value)
        if name.endswith("_by_id") or name in STAFF_NAMES:
            return self._id(STAFF, value)
        if name not in REFERRED:
            raise LookupError(f"weaving does not know what {name} names")
        return self._id(REFERRED[name], value)

    def _text(self, value: str) -> Slot | None:
        if _UUID.fullmatch(value):
            return lambda thread: str(thread.uuid(value))
        if _STORED.fullmatch(value):
            return lambda _thread: _linked(value)
        if value in self.codes:
            return lambda thread: thread.words.get(value, value)
        if mark := _MARK.fullmatch(value):
            return lambda _thread: mark[1] + secrets.token_hex(20)
        slots: list[tuple[str, Slot]] = []
        done = 0
        for found in self.markers.finditer(value):
            slots.append((value[done : found.start()], self._spoken(found)))
            done = found.end()
        if not slots:
            return None
        rest = value[done:]
        return lambda thread: "".join([f"{before}{slot(thread)}" for before, slot in slots]) + rest

    def _spoken(self, found: "re.Match[str]") -> Slot:
        """Return what a copy says in place of a marker, a date or a time of day."""
        said = found[0]
        if found["month"]:
            on = date(self.case.opened_at.year, int(found["month"]), int(found["day"]))
            weekday = found["weekday"]

            def day(thread: _Thread) -> str:
                shifted = on + timedelta(days=round(thread.shift / timedelta(days=1)))
                return f"{shifted.month}月{shifted.day}日" + (f" 周{_WEEKDAYS[shifted.weekday()]}" if weekday else "")

            return day
        if found["hour"]:
            at = datetime(2000, 1, 1, int(found["hour"]), int(found["minute"]))  # noqa: DTZ001  # a time of day
            return lambda thread: f"{at + thread.shift:%H:%M}"
        name = "" if said == self.number else said
        return lambda thread: thread.words.get(name, said)

    def _list(self, name: str, value: list[Any]) -> Slot | None:
        slots = [self._element(name, one) for one in value]
        if not any(slots):
            return None
        return lambda thread: [one if slot is None else slot(thread) for one, slot in zip(value, slots, strict=True)]

    def _element(self, name: str, value: Any) -> Slot | None:
        if isinstance(value, uuid.UUID):
            return lambda thread, old=str(value): thread.uuid(old)  # type: ignore[misc]
        if isinstance(value, str):
            return self._text(value)
        return self._id(STAFF, value) if isinstance(value, int) and not isinstance(value, bool) else None

    def _digest(self, key: uuid.UUID, body: str) -> Slot:
        words, old = self._text(body), str(key)

        def digest(thread: _Thread) -> str:
            text = body if words is None else words(thread)
            return sha256(thread.uuid(old).bytes + text.encode()).hexdigest()

        return digest

    def _visit_digest(self, old: str, done: Mapping[str, Any]) -> Slot:
        """Return what digests a copy's visit anew: its case, orders, times, photos and what was recorded are its own."""
        case_id = self._id("cases.Case", self.case.pk) or _never
        records = [self._json(step[2]) for step in done["steps"]]
        ats = [datetime.fromisoformat(step[5]) for step in done["steps"]]
        orders = [self._id("orders.WorkOrder", result[0]) or _never for result in done["results"]]

        def digest(thread: _Thread) -> str:
            found = thread.digests.get(old)
            if found is None:
                steps = [
                    [
                        *step[:2],
                        step[2] if said is None else json.loads(said(thread)),
                        sorted(str(thread.uuid(photo)) for photo in step[3]),
                        step[4],
                        (at + thread.shift).isoformat(),
                    ]
                    for step, said, at in zip(done["steps"], records, ats, strict=True)
                ]
                whole = {
                    **done,
                    "visit": [case_id(thread), *done["visit"][1:]],
                    "steps": steps,
                    "photos": {str(thread.uuid(photo)): sha for photo, sha in done["photos"].items()},
                    "results": [[one(thread), *result[1:]] for one, result in zip(orders, done["results"], strict=True)],
                }
                found = thread.digests[old] = digest_over(whole)
            return found

        return digest

    def _json(self, value: Any, staff_fields: Sequence[str] = ()) -> Slot | None:
        """Return what writes a copy's JSON; leaves that change are found by the name of their key and by their form."""
        slots: list[Slot] = []
        plan = self._leaf("", value, staff_fields, slots)
        if not slots:
            return None
        pieces = _PLACE.split(encoded(plan))
        literals, order = pieces[::2], [slots[int(place)] for place in pieces[1::2]]

        def text(thread: _Thread) -> str:
            parts = [literals[0]]
            for slot, literal in zip(order, literals[1:], strict=True):
                said = slot(thread)
                parts.append(str(said) if isinstance(said, int) else encoded(said))
                parts.append(literal)
            return "".join(parts)

        return text

    def _leaf(self, name: str, value: Any, staff_fields: Sequence[str], slots: list[Slot]) -> Any:
        if isinstance(value, dict):
            return {key: self._leaf(key, one, staff_fields, slots) for key, one in value.items()}
        if isinstance(value, list):
            return [self._leaf(name, one, staff_fields, slots) for one in value]
        slot: Slot | None = None
        if isinstance(value, str):
            slot = self.digests.get(value) or self._said(value)
        elif isinstance(value, int) and not isinstance(value, bool) and (name.endswith("_id") or name in staff_fields):
            slot = self._named(name, value, staff_fields)
        if slot is None:
            return value
        slots.append(slot)
        return f"@@{len(slots) - 1}@@"

    def _said(self, value: str) -> Slot | None:
        if _INSTANT.fullmatch(value):
            at = datetime.fromisoformat(value)
            return lambda thread: (at + thread.shift).isoformat()
        return self._text(value)

    def _events(self, events: Sequence[Event]) -> _Table:
        columns = ["id", "stream_id", "sequence", "at", "actor_kind", "actor_id", "actor_name", "type", "data"]
        table = _Table(_WOVEN, columns)
        for event in events:
            fact = fact_class(event.type)
            data = self._json(event.data, fact.staff_fields if fact is not None else ())
            actor = self._actor(event)
            slots: list[tuple[int, Slot]] = [
                (0, self._id("events.Event", event.pk) or _never),
                (1, self._id("cases.Case", self.case.pk) or _never),
                (3, lambda thread, at=event.at: at + thread.shift),  # type: ignore[misc]
            ]
            if actor is not None:
                slots.append((5, actor))
            if data is not None:
                slots.append((8, data))
            values = [
                0,
                0,
                event.sequence,
                None,
                event.actor_kind,
                event.actor_id,
                event.actor_name,
                event.type,
                encoded(event.data),
            ]
            table.rows.append(_Row(values, slots))
        return table

    def _actor(self, event: Event) -> Slot | None:
        if event.actor_id is None:
            return None
        return self._id("customers.Customer" if event.actor_kind == "customer" else STAFF, event.actor_id)

    def _texts(self, texts: Sequence[EventText]) -> _Table:
        table = _Table("events_eventtext", ["event_id", "field", "key", "body"])
        for one in texts:
            slots: list[tuple[int, Slot]] = [
                (0, self._id("events.Event", one.event_id) or _never),
                (2, lambda thread, old=str(one.key): thread.uuid(old)),  # type: ignore[misc]
            ]
            body = self._text(one.body)
            if body is not None:
                slots.append((3, body))
            table.rows.append(_Row([0, one.field, None, one.body], slots))
        return table


def _linked(path: str) -> str:
    """Give a stored file another name, so that each copy can lose its own."""
    other = f"{path.rpartition('-')[0]}-{secrets.token_hex(16)}"
    os.link(f"{_root()}/{path}", f"{_root()}/{other}")
    return other


@cache
def _root() -> str:
    return str(store.root())


def _never(_thread: _Thread) -> Any:
    raise AssertionError("a row of the case is not among its rows")


def read_pattern(
    case: Case,
    *,
    references: Iterable[Reference],
    markers: Iterable[str],
    codes: Iterable[str] = (),
    numbers: Iterable[Decimal] = (),
) -> Pattern:
    """Compile what a lived case left: what copies exchange.

    `references` are rows, `markers` words wherever they stand, `codes` words that are a whole value, `numbers` amounts and
    places.

    Cost: some queries per table. To be asked in the transaction in which the case was lived.
    """
    return _Reader(case, references=references, markers=markers, codes=codes, numbers=numbers).read()


def weave(copies: Sequence[tuple[Pattern, Copy]], *, at_once: int = 400) -> Iterator[int]:
    """Write copies in the caller's transaction, as the owner and inside `asleep`; give after each chunk how many.

    While the database takes one chunk, the next one is made.
    """
    pools = _reserved(copies)
    raw = connection.connection
    with ThreadPoolExecutor(1, "weave") as writer:
        under_way: Future[None] | None = None
        for begin in range(0, len(copies), at_once):
            rows = _rows(copies[begin : begin + at_once], pools)
            if under_way is not None:
                under_way.result()
                yield begin
            under_way = writer.submit(_write, raw, rows)
        if under_way is not None:
            under_way.result()
            yield len(copies)


_Rows = dict[str, tuple[list[str], list[list[Any]]]]


def _rows(chunk: Sequence[tuple[Pattern, Copy]], pools: Mapping[str, Iterator[int]]) -> _Rows:
    rows: _Rows = {}
    for pattern, copy in chunk:
        ids = [new for table, count in pattern.id_tables for new in islice(pools[table], count)]
        words = {**copy.words, "": case_number(ids[pattern.case_place])}
        thread = _Thread(copy.shift, copy.rows, words, copy.numbers, ids)
        for table in (*pattern.tables, pattern.events, pattern.texts):
            into = rows.setdefault(table.name, (table.columns, []))[1]
            into.extend([row.of(thread) for row in table.rows])
    return rows


def _reserved(copies: Sequence[tuple[Pattern, Copy]]) -> dict[str, Iterator[int]]:
    wanted: dict[str, int] = {}
    for pattern, _copy in copies:
        for table, count in pattern.id_tables:
            wanted[table] = wanted.get(table, 0) + count
    return {table: iter(reserve_ids(table, count)) for table, count in wanted.items()}


def _write(raw: "psycopg.Connection[Any]", rows: _Rows) -> None:
    """Write the events first: rows whose triggers are awake ask for them."""
    with raw.cursor() as cursor:
        cursor.execute(_EVENTS)
        _copy(cursor, _WOVEN, *rows.pop(_WOVEN))
        cursor.execute(_CHAIN)
        for table, (columns, found) in rows.items():
            _copy(cursor, table, columns, found)


def _copy(cursor: "psycopg.Cursor[Any]", table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with cursor.copy(f"copy {table} ({', '.join(map(_quoted, columns))}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


@contextmanager
def asleep(tables: Iterable[str]) -> Iterator[None]:
    """Let the triggers of these tables sleep: only the owner can, and foreign keys are checked all the same."""
    names = [table for table in tables if table not in AWAKE]
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for table in names:
            cursor.execute(f"alter table {_quoted(table)} disable trigger user")
        cursor.execute("set constraints all deferred")
        yield
        cursor.execute("set constraints all immediate; set constraints all deferred")
        for table in names:
            cursor.execute(f"alter table {_quoted(table)} enable trigger user")
