"""Patterns: what one lived case left in the tables, read and compiled so that it can be written again with other values.

A pattern is a list of lines of COPY text with gaps (`gaps`). Ids, people, customers, times, words and digests are gaps; all
else is as it was lived.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import models

from jieli.cases.models import Message
from jieli.cases.rules.numbers import case_number
from jieli.config.demo.belongings import Belongings
from jieli.config.demo.gaps import (
    Gap,
    Gaps,
    Line,
    OwnId,
    Pieces,
    Players,
    Reference,
    Say,
    Thread,
    constant,
    copied,
    days,
    digests_by_name,
    epoch_of,
    in_array,
    in_copy,
    in_json,
    joined,
    json_string,
    jsonb,
    moment,
    names_of,
    own_file,
    own_lot,
    own_uuid,
    placed,
    plain,
)
from jieli.events.actions import encoded, keyed_digest
from jieli.events.facts import fact_class
from jieli.events.models import Event, EventText
from jieli.network.models import LicencePosting
from jieli.visits.queries.proving import one_form

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
_SOURCES: Mapping[str, Sequence[str]] = {
    "arrive": ("cases.Case",),
    "visit": ("cases.Case",),
    "used part": ("parts.UsedPart",),
    "callback": ("quality.CallBack", STAFF),
}
"""What the numbers in the source of a licence's posting name, in their order; another source stops the weaving by its name."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEX = re.compile(r"[0-9a-f]{64}")
_MARK = re.compile(r"([a-z_]+:)([0-9a-f]{40})")
_STORED = re.compile(r"(?:[0-9a-f]{2}/){2}[0-9a-f]{64}-[0-9a-f]{32}")
_DATE = r"(?<!\d)(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?P<weekday> 周[一二三四五六日])?"
_NAME = r"(?P<name>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jpg"
_TIME = r"(?<![\d:])(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?![\d:])"
_WEEKDAYS = "一二三四五六日"


BETWEEN = "\0"
"""What parts the pieces of events in their line: the one character that no text in the database has."""


@dataclass(slots=True)
class Table:
    """Rows of one table, as one text."""

    name: str
    columns: list[str]
    rows: Line
    count: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What a story posted to the licence of its engineer: the kind, how many points, when, and of which fact."""

    kind: str
    points: int
    at: datetime
    engineer: Line
    source: Line
    note: Line


@dataclass(slots=True)
class Pattern:
    """What one lived case left in the tables, ready to be copied."""

    case_place: int
    id_tables: list[tuple[str, int]]
    says: list[Say]
    tables: list[Table]
    events: Line
    """Of each event its row up to the data, what its hash vouches for up to there, and the data, with `BETWEEN` after each."""
    postings: list[Costs]
    types: tuple[str, ...]

    @property
    def row_counts(self) -> dict[str, int]:
        """Return how many rows a copy is in each table, besides those of events."""
        return {table.name: table.count for table in self.tables}


TEXTS = "events_eventtext"


class _Compiler:
    """Compiles everything that belongs to one case."""

    def __init__(
        self,
        left: Belongings,
        *,
        references: Iterable[Reference],
        markers: Iterable[str],
        codes: Iterable[str],
        numbers: Iterable[Decimal],
    ) -> None:
        self.left = left
        self.case = left.case
        self.numbers = set(numbers)
        self.codes = set(map(plain, codes))
        self.number = case_number(left.case.pk)
        self.references = set(references)
        words = sorted(map(plain, {*markers, self.number} - {""}), key=len, reverse=True)
        self.markers = re.compile("|".join([*map(re.escape, words), _DATE, _TIME, _NAME]))
        self.places: dict[Reference, int] = {}
        self.digests: dict[str, Gap] = {}

    def compiled(self) -> Pattern:
        """Return the pattern."""
        rows, events = self.left.rows, self.left.events
        id_tables = []
        for model, found in rows.items():
            if isinstance(model._meta.pk, models.AutoField):
                id_tables.append((model._meta.db_table, len(found)))
                for pk in found:
                    self.places[(model._meta.label, pk)] = len(self.places)
        id_tables.append(("events_event", len(events)))
        for event in events:
            self.places[("events.Event", event.pk)] = len(self.places)
        self.gaps = Gaps(len(self.places))
        self._find_digests()
        tables = [self._table(model, found.values()) for model, found in rows.items()]
        return Pattern(
            case_place=self.places[("cases.Case", self.case.pk)],
            id_tables=id_tables,
            tables=[*tables, self._texts(self.left.texts)],
            events=self.gaps.line([piece for event in events for piece in self._event(event)]),
            postings=[self._posting(one) for one in self.left.postings],
            types=tuple(one.type for one in events),
            says=self.gaps.says,
        )

    def _find_digests(self) -> None:
        for text in self.left.texts:
            if text.key is not None:
                self.digests[keyed_digest(text.key, text.body)] = self._digest(text.key, text.body)
        for digest, done in self.left.done.items():
            self.digests[digest] = self._visit_digest(digest, done)
        for message in self.left.rows.get(Message, {}).values():
            if message["key"] is not None:  # else of an import
                self.digests[keyed_digest(message["key"], message["body"])] = self._digest(message["key"], message["body"])

    # --- compiling

    def _table(self, model: type[models.Model], found: Iterable[Mapping[str, Any]]) -> Table:
        fields = [one for one in model._meta.concrete_fields if not isinstance(one, models.GeneratedField)]
        pieces: Pieces = []
        count = 0
        for row in found:
            for place, one in enumerate(fields):
                pieces.append("\t" if place else "")
                pieces += self._column(one, row)
            pieces.append("\n")
            count += 1
        return Table(model._meta.db_table, [str(one.column) for one in fields], self.gaps.line(pieces), count)

    def _column(self, one: "models.Field[Any, Any]", row: Mapping[str, Any]) -> Pieces:
        value = row[one.attname]
        if value is None:
            return ["\\N"]
        if isinstance(one, models.JSONField):
            return in_copy(self._json(value))
        if isinstance(value, list):
            return in_copy(self._list(value))
        pieces = self._value(one, row)
        return [constant(one, value)] if pieces is None else in_copy(pieces)

    def _value(self, one: "models.Field[Any, Any]", row: Mapping[str, Any]) -> Pieces | None:  # one way per kind of column
        value = row[one.attname]
        if isinstance(one, models.AutoField):
            return self._id(one.model._meta.label, value)
        if one.related_model is not None:
            return self._id(one.related_model._meta.label, value)
        if isinstance(value, datetime):
            return [moment(value)]
        if isinstance(value, date):
            return [Gap(("date", value), lambda thread: (value + days(thread)).isoformat())]
        if isinstance(value, UUID):
            return [own_uuid(str(value))]
        if isinstance(value, str):
            if value in self.digests:
                return [self.digests[value]]
            if one.unique and _HEX.fullmatch(value):
                return [own_lot(value, digits=64)]
            return self._text(value)
        if isinstance(value, Decimal):
            if value not in self.numbers:
                return None
            return [Gap(("number", value), lambda thread: str(thread.numbers.get(value, value)))]
        if isinstance(value, int) and not isinstance(value, bool) and one.name.endswith("_id"):
            kind = row.get(f"{one.name.removesuffix('_id')}_kind")
            if kind is not None:
                return self._id("customers.Customer" if kind == "customer" else STAFF, value)
            return self._named(one.name, value)
        return None

    def _id(self, label: str, value: int) -> Pieces | None:
        place = self.places.get((label, value))
        if place is not None:
            return [OwnId(place)]
        reference = (label, value)
        if reference in self.references:
            return [Gap(reference, lambda thread: str(thread.rows.get(reference, value)))]
        return None

    def _own_id(self, label: str, value: int) -> Pieces:
        pieces = self._id(label, value)
        if pieces is None:
            raise LookupError(f"{label} {value} of the case is not among its rows")
        return pieces

    def _named(self, name: str, value: int, staff_fields: Sequence[str] = ()) -> Pieces | None:
        if name in staff_fields:
            return self._id(STAFF, value)
        if name.endswith("event_id"):
            return self._id("events.Event", value)
        if name.endswith("_by_id") or name in STAFF_NAMES:
            return self._id(STAFF, value)
        if name not in REFERRED:
            raise LookupError(f"weaving does not know what {name} names")
        return self._id(REFERRED[name], value)

    def _text(self, value: str) -> Pieces | None:
        if _UUID.fullmatch(value):
            return [own_uuid(value)]
        if _STORED.fullmatch(value):
            return [own_file(value)]
        if value in self.codes:
            return [_word(value, value)]
        if mark := _MARK.fullmatch(value):
            return [mark[1], own_lot(mark[2], digits=40)]
        pieces: Pieces = []
        done = 0
        for found in self.markers.finditer(value):
            pieces += [value[done : found.start()], *self._spoken(found)]
            done = found.end()
        return [*pieces, value[done:]] if done else None

    def _spoken(self, found: "re.Match[str]") -> Pieces:
        """Return what a copy says in place of a marker, a date, a time of day or the name of a photo."""
        said = found[0]
        if found["month"]:
            on = date(self.case.opened_at.year, int(found["month"]), int(found["day"]))
            return [_day_of_year(on), " 周", _weekday(on)] if found["weekday"] else [_day_of_year(on)]
        if found["hour"]:
            at = datetime(2000, 1, 1, int(found["hour"]), int(found["minute"]))  # noqa: DTZ001  # a time of day
            return [Gap(("time", said), lambda thread: f"{at + thread.shift:%H:%M}")]
        if photo := found["name"]:
            return [own_uuid(photo), ".jpg"]
        return [_word("" if said == self.number else said, said)]

    def _list(self, value: list[Any]) -> Pieces:
        pieces: Pieces = ["{"]
        for place, each in enumerate(value):
            pieces.append("," if place else "")
            pieces += in_array(self._element(each) or [str(each)])
        return [*pieces, "}"]

    def _element(self, value: Any) -> Pieces | None:
        if isinstance(value, UUID):
            return [own_uuid(str(value))]
        if isinstance(value, str):
            return self._text(value)
        return self._id(STAFF, value) if isinstance(value, int) and not isinstance(value, bool) else None

    def _digest(self, key: UUID, body: str) -> Gap:
        text, old = self.gaps.line(self._text(body) or [body]), str(key)

        def digest(thread: Thread) -> str:
            own = bytes.fromhex(thread.uuid(old).replace("-", ""))
            return sha256(own + text.filled(thread.said).encode()).hexdigest()

        return Gap(("digest", old, body), digest)

    def _visit_digest(self, old: str, done: Mapping[str, Any]) -> Gap:
        """Return what digests a copy's visit anew: its case, orders, times, photos and what was recorded are its own."""
        leaves: list[Pieces] = []

        def own_step(step: Sequence[Any]) -> list[Any]:
            code, state, records, photos, reason, at = step
            own_records = self._leaf("", records, (), leaves)
            own_at = placed(in_json([moment(datetime.fromisoformat(at))]), leaves)
            return [code, state, own_records, placed([names_of(photos)], leaves), reason, own_at]

        whole = {
            **done,
            "visit": [placed(self._own_id("cases.Case", self.case.pk), leaves), *done["visit"][1:]],
            "steps": [own_step(step) for step in done["steps"]],
            "photos": placed([digests_by_name(done["photos"])], leaves),
            "results": [[placed(self._own_id("orders.WorkOrder", order), leaves), *row] for order, *row in done["results"]],
        }
        line = self.gaps.line(joined(one_form(whole), leaves))
        return Gap(("visit", old), lambda thread: sha256(line.filled(thread.said).encode()).hexdigest())

    def _json(self, value: Any, staff_fields: Sequence[str] = (), *, form: Callable[[Any], str] = encoded) -> Pieces:
        """Return a copy's JSON in pieces; leaves that change are found by the name of their key and by their form."""
        leaves: list[Pieces] = []
        return joined(form(self._leaf("", value, staff_fields, leaves)), leaves)

    def _leaf(self, name: str, value: Any, staff_fields: Sequence[str], leaves: list[Pieces]) -> Any:
        if isinstance(value, dict):
            return {key: self._leaf(key, one, staff_fields, leaves) for key, one in value.items()}
        if isinstance(value, list):
            return [self._leaf(name, one, staff_fields, leaves) for one in value]
        pieces: Pieces | None = None
        if isinstance(value, str):
            said = self._leaf_text(value)
            pieces = None if said is None else in_json(said)
        elif isinstance(value, int) and not isinstance(value, bool) and (name.endswith("_id") or name in staff_fields):
            pieces = self._named(name, value, staff_fields)
        return value if pieces is None else placed(pieces, leaves)

    def _leaf_text(self, value: str) -> Pieces | None:
        if value in self.digests:
            return [self.digests[value]]
        return [moment(datetime.fromisoformat(value))] if _INSTANT.fullmatch(value) else self._text(value)

    def _event(self, event: Event) -> Pieces:
        """Return an event as its row and as what its hash is made over, each up to the data, and the data as `jsonb`."""
        fact = fact_class(event.type)
        case_id = self._own_id("cases.Case", self.case.pk)
        actor: Pieces = ["null"]
        if event.actor_id is not None:
            actor = self._actor(event.actor_kind, event.actor_id) or [str(event.actor_id)]
        epoch, at = epoch_of(event.at), moment(event.at)
        spoken = self._text(event.actor_name) or [event.actor_name]
        content: Pieces = ['["case", ', *case_id, f", {event.sequence}, ", epoch, ", ", epoch]
        content += [f", {json_string(event.actor_kind)}, ", *actor, ", ", *in_json(spoken), f", {json_string(event.type)}, "]
        row: Pieces = [*self._own_id("events.Event", event.pk), "\tcase\t", *case_id, f"\t{event.sequence}\t", at, "\t", at]
        row += [f"\t{copied(event.actor_kind)}\t", *(["\\N"] if event.actor_id is None else actor)]
        row += ["\t", *in_copy(spoken), f"\t{copied(event.type)}\t"]
        data = self._json(event.data, fact.staff_fields if fact is not None else (), form=jsonb)
        return [*row, BETWEEN, *content, BETWEEN, *data, BETWEEN]

    def _posting(self, one: LicencePosting) -> Costs:
        """Return what a story cost or earned on the licence; the ids in its source are the copy's own."""
        words, named = one.source.rstrip("0123456789/ "), iter(_SOURCES[one.source.rstrip("0123456789/ ")])
        pieces: Pieces = [words]
        for piece in re.split(r"(\d+)", one.source.removeprefix(words)):
            label = next(named, "") if piece.isdecimal() else ""
            pieces += (self._id(label, int(piece)) if label else None) or [piece]
        engineer = self._id(STAFF, one.engineer_id) or [str(one.engineer_id)]
        line = self.gaps.line
        note = self._text(one.note) or [one.note]
        return Costs(one.kind, one.points, one.at, line(engineer), line(pieces), line(note))

    def _actor(self, kind: str, actor_id: int) -> Pieces | None:
        return self._id("customers.Customer" if kind == "customer" else STAFF, actor_id)

    def _texts(self, texts: Sequence[EventText]) -> Table:
        pieces: Pieces = []
        for one in texts:
            pieces += [*self._own_id("events.Event", one.event_id), f"\t{one.field}\t"]
            pieces += ["\\N" if one.key is None else own_uuid(str(one.key)), "\t"]
            pieces += [*in_copy(self._text(one.body) or [one.body]), "\n"]
        return Table(TEXTS, ["event_id", "field", "key", "body"], self.gaps.line(pieces), len(texts))


def _word(marker: str, said: str) -> Gap:
    return Gap(("word", marker), lambda thread: thread.words.get(marker, said))


def _day_of_year(on: date) -> Gap:
    def day(thread: Thread) -> str:
        shifted = on + days(thread)
        return f"{shifted.month}月{shifted.day}日"

    return Gap(("day", on), day)


def _weekday(on: date) -> Gap:
    return Gap(("weekday", on), lambda thread: _WEEKDAYS[(on + days(thread)).weekday()])


def pattern_of(
    left: Belongings,
    players: Players,
    *,
    markers: Iterable[str] = (),
    codes: Iterable[str] = (),
    numbers: Iterable[Decimal] = (),
) -> Pattern:
    """Compile what a lived case left: what copies exchange.

    Besides `players` those are `markers`, words wherever they stand, `codes`, words that are a whole value, and `numbers`,
    amounts and places. Asks the database nothing.
    """
    return _Compiler(
        left,
        references=players.rows,
        markers=[*markers, *players.words],
        codes=codes,
        numbers=[*numbers, *(one for one in players.numbers if one is not None)],
    ).compiled()
