"""Patterns: what one lived case left in the tables, read and compiled so that it can be written again with other values.

A pattern is a list of lines of COPY text with gaps. What fills a gap is worked out once for each copy, however many gaps it
fills. Ids, people, customers, times, texts and digests are gaps; all else is as it was lived.
"""

import json
import re
import secrets
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from jieli.cases.models import Case, Message
from jieli.cases.rules.numbers import case_number
from jieli.events.actions import encoded, keyed_digest
from jieli.events.facts import fact_class
from jieli.events.models import Event, EventText
from jieli.network.models import LicencePosting
from jieli.visits.models import Visit
from jieli.visits.queries.proving import done_at, one_form

Reference = tuple[str, int]
"""A row that is exchanged and not copied: the label of its model, such as ``people.Staff``, and its id."""

NOT_COPIED = {"events", "notify", "policies", "people", "customers", "network", "settlement", "insight", "intake", "config"}
SKIPPED = {"visits.FieldEntry"}
"""What phones sent is the log of a way in, and no part of what became of the case."""

OWNED = {"parts.Movement"}
"""Models whose rows belong to the copied row that names them."""

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
_PLACE = re.compile(r'"@@(\d+)@@"')
_HEX = re.compile(r"[0-9a-f]{64}")
_MARK = re.compile(r"([a-z_]+:)[0-9a-f]{40}")
_STORED = re.compile(r"(?:[0-9a-f]{2}/){2}[0-9a-f]{64}-[0-9a-f]{32}")
_DATE = r"(?<!\d)(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?P<weekday> 周[一二三四五六日])?"
_NAME = r"(?P<name>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jpg"
_TIME = r"(?<![\d:])(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?![\d:])"
_WEEKDAYS = "一二三四五六日"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Copy:
    """How one copy differs: whole days and a few minutes of the day later, other rows by reference, other words by marker."""

    shift: timedelta
    rows: Mapping[Reference, int]
    words: Mapping[str, str]
    numbers: Mapping[Decimal, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class Thread:
    """One copy while it is written: its new ids by place, and what is drawn by lot once and used in several places."""

    shift: timedelta
    rows: Mapping[Reference, int]
    words: Mapping[str, str]
    numbers: Mapping[Decimal, Decimal]
    ids: Sequence[int]
    uuids: dict[str, str] = field(default_factory=dict)
    kept: dict[Hashable, str] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    """Stored files that get another name: the old and the new one."""

    def once(self, key: Hashable, say: "Say") -> str:
        """Return what is worked out once, since it is dear or drawn by lot, and said in several forms."""
        found = self.kept.get(key)
        if found is None:
            found = self.kept[key] = say(self)
        return found

    def linked(self, old: str) -> str:
        """Return the name of the copy's own for a stored file, so that each copy can lose its own."""
        new = f"{old.rpartition('-')[0]}-{next(_lots)}"
        self.links.append((old, new))
        return new

    def uuid(self, old: str) -> str:
        """Return the copy's own in place of an old one, always the same."""
        found = self.uuids.get(old)
        if found is None:
            lot = next(_lots)
            found = f"{lot[:8]}-{lot[8:12]}-4{lot[13:16]}-{'89ab'[int(lot[16], 16) % 4]}{lot[17:20]}-{lot[20:]}"
            self.uuids[old] = found
        return found


def _drawn() -> Iterator[str]:
    """Give 32 hexadecimal digits at a time, asking the system for many at once."""
    while True:
        many = secrets.token_hex(16 * 4096)
        yield from (many[begin : begin + 32] for begin in range(0, len(many), 32))


_lots = _drawn()

Say = Callable[[Thread], str]


@dataclass(frozen=True, slots=True)
class Gap:
    """What a copy says in one place: `key` tells which gaps are filled alike; a `plain` one needs no escaping anywhere."""

    key: Hashable
    say: Say
    plain: bool = True


Pieces = list["str | Gap"]


class Gaps:
    """The gaps of a pattern, each kept once, with the lines in which they stand."""

    def __init__(self) -> None:
        self.says: list[Say] = []
        self._places: dict[Hashable, int] = {}

    def line(self, pieces: Pieces) -> "Line":
        """Return a line of these pieces."""
        form = "".join("%s" if isinstance(one, Gap) else one.replace("%", "%%") for one in pieces)
        return Line(form, tuple(self._place(one) for one in pieces if isinstance(one, Gap)))

    def _place(self, gap: Gap) -> int:
        place = self._places.get(gap.key)
        if place is None:
            place = self._places[gap.key] = len(self.says)
            self.says.append(gap.say)
        return place


class Line:
    """Text with gaps."""

    __slots__ = ("_chosen", "form")

    def __init__(self, form: str, places: tuple[int, ...]) -> None:
        self.form = form
        self._chosen: Callable[[Sequence[str]], Any]
        if len(places) == 1:
            (place,) = places
            self._chosen = lambda said: (said[place],)
        elif places:
            self._chosen = itemgetter(*places)
        else:
            self._chosen = lambda _said: ()

    def filled(self, said: Sequence[str]) -> str:
        """Return the text of a copy."""
        return str(self.form % self._chosen(said))


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
    def table_names(self) -> list[str]:
        """Return the tables into which copies are written, besides those of events."""
        return [table.name for table in self.tables if table.name != _TEXTS]


_TEXTS = "events_eventtext"


# --- forms of text


def jsonb(value: Any) -> str:
    """Return JSON as PostgreSQL writes a `jsonb`, which is what the hash of an event is made over."""
    if isinstance(value, dict):
        rows = sorted(((json_string(key), one) for key, one in value.items()), key=lambda pair: _jsonb_order(pair[0]))
        return "{" + ", ".join(f"{key}: {jsonb(one)}" for key, one in rows) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(jsonb, value)) + "]"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    return json_string(value)


json_string = json.JSONEncoder(ensure_ascii=False).encode


def _jsonb_order(key: str) -> tuple[int, bytes]:
    written = json.loads(key).encode()
    return len(written), written


_COPIED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copied(text: str) -> str:
    """Return text as COPY reads it."""
    return text.translate(_COPIED)


def _element(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _constant(one: "models.Field[Any, Any]", value: Any) -> str:
    """Return a value that does not change as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(one, models.JSONField):
        return copied(encoded(value))
    if isinstance(value, list):
        return copied("{" + ",".join(_element(str(each)) for each in value) + "}")
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes | memoryview):
        return f"\\\\x{bytes(value).hex()}"
    if isinstance(value, timedelta):
        return f"{value / _MICROSECOND:.0f} microseconds"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str | int | float | Decimal | UUID):
        return copied(str(value))
    raise TypeError(f"weaving does not know how to write {one}: {value!r}")


def _in_copy(gap: Gap) -> Gap:
    return gap if gap.plain else Gap(("copy", gap.key), lambda thread: copied(gap.say(thread)), plain=False)


def _in_json(gap: Gap) -> Gap:
    """Return a gap as a string of JSON, with its quotes."""
    return Gap(("json", gap.key), lambda thread: json_string(gap.say(thread)), plain=gap.plain)


def _in_list(gap: Gap) -> Gap:
    return Gap(("element", gap.key), lambda thread: _element(gap.say(thread)), plain=False)


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
        also: Iterable[str],
    ) -> None:
        self.case = case
        self.also = set(also)
        self.numbers = set(numbers)
        self.codes = set(codes)
        self.number = case_number(case.pk)
        self.references = set(references)
        words = sorted({*markers, self.number} - {""}, key=len, reverse=True)
        self.markers = re.compile("|".join([*map(re.escape, words), _DATE, _TIME, _NAME]))
        self.rows: dict[type[models.Model], dict[Any, dict[str, Any]]] = {}
        self.places: dict[Reference, int] = {}
        self.digests: dict[str, Gap] = {}
        self.gaps = Gaps()
        self._asked: set[Hashable] = set()

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
        self._find_digests(texts)
        tables = [self._table(model, found.values()) for model, found in self.rows.items()]
        return Pattern(
            case_place=self.places[("cases.Case", self.case.pk)],
            id_tables=id_tables,
            tables=[*tables, self._texts(texts)],
            events=self.gaps.line([piece for event in events for piece in self._event(event)]),
            postings=[self._posting(one) for one in LicencePosting.objects.filter(case=self.case).order_by("pk")],
            types=tuple(one.type for one in events),
            says=self.gaps.says,
        )

    def _find_digests(self, texts: Iterable[EventText]) -> None:
        for text in texts:
            if text.key is not None:
                self.digests[keyed_digest(text.key, text.body)] = self._digest(text.key, text.body)
        for visit in Visit.objects.filter(pk__in=self.rows.get(Visit, {}).keys()).exclude(digest=""):
            self.digests[visit.digest] = self._visit_digest(visit.digest, done_at(visit))
        for message in self.rows.get(Message, {}).values():
            if message["key"] is not None:  # else of an import
                self.digests[keyed_digest(message["key"], message["body"])] = self._digest(message["key"], message["body"])

    # --- what belongs to the case

    def _gather(self) -> None:
        wanted = [
            model
            for model in apps.get_models()
            if model.__module__.startswith("jieli.")
            and (model._meta.app_label not in NOT_COPIED or model._meta.label in self.also)
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
        asked = (model, one.name, frozenset(keys))
        if not keys or (model is Case and one.name != "id") or asked in self._asked:
            return False
        self._asked.add(asked)
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
        if value is not None and isinstance(one, models.JSONField):
            return [_in_copy(piece) if isinstance(piece, Gap) else copied(piece) for piece in self._json(value)]
        if isinstance(value, list):
            return self._list(one, value)
        gap = self._gap(one, row) if value is not None else None
        return [_constant(one, value) if gap is None else _in_copy(gap)]

    def _gap(  # one way per kind of column
        self, one: "models.Field[Any, Any]", row: Mapping[str, Any]
    ) -> Gap | None:
        value = row[one.attname]
        if isinstance(one, models.AutoField):
            return self._id(one.model._meta.label, value)
        if one.related_model is not None:
            return self._id(one.related_model._meta.label, value)
        if isinstance(value, datetime):
            return _moment(value)
        if isinstance(value, date):
            return Gap(("date", value), lambda thread: (value + _days(thread)).isoformat())
        if isinstance(value, UUID):
            return _own(str(value))
        if isinstance(value, str):
            if value in self.digests:
                return self.digests[value]
            if one.unique and _HEX.fullmatch(value):
                return Gap(("lot", value), lambda thread: thread.once(value, lambda _thread: next(_lots) + next(_lots)))
            return self._text(value)
        if isinstance(value, Decimal):
            return (
                Gap(("number", value), lambda thread: str(thread.numbers.get(value, value))) if value in self.numbers else None
            )
        if isinstance(value, int) and not isinstance(value, bool) and one.name.endswith("_id"):
            kind = row.get(f"{one.name.removesuffix('_id')}_kind")
            if kind is not None:
                return self._id("customers.Customer" if kind == "customer" else STAFF, value)
            return self._named(one.name, value)
        return None

    def _id(self, label: str, value: int) -> Gap | None:
        place = self.places.get((label, value))
        if place is not None:
            return Gap(("id", place), lambda thread: str(thread.ids[place]))
        reference = (label, value)
        if reference in self.references:
            return Gap(reference, lambda thread: str(thread.rows.get(reference, value)))
        return None

    def _own_id(self, label: str, value: int) -> Gap:
        gap = self._id(label, value)
        if gap is None:
            raise LookupError(f"{label} {value} of the case is not among its rows")
        return gap

    def _named(self, name: str, value: int, staff_fields: Sequence[str] = ()) -> Gap | None:
        if name in staff_fields:
            return self._id(STAFF, value)
        if name.endswith("event_id"):
            return self._id("events.Event", value)
        if name.endswith("_by_id") or name in STAFF_NAMES:
            return self._id(STAFF, value)
        if name not in REFERRED:
            raise LookupError(f"weaving does not know what {name} names")
        return self._id(REFERRED[name], value)

    def _text(self, value: str) -> Gap | None:
        if _UUID.fullmatch(value):
            return _own(value)
        if _STORED.fullmatch(value):
            return Gap(("file", value), lambda thread: thread.once(value, lambda _thread: thread.linked(value)))
        if value in self.codes:
            return Gap(("text", value), lambda thread: thread.words.get(value, value), plain=False)
        if mark := _MARK.fullmatch(value):
            return Gap(("mark", value), lambda _thread: mark[1] + (next(_lots) + next(_lots))[:40])
        said: list[tuple[str, Say]] = []
        done = 0
        for found in self.markers.finditer(value):
            said.append((value[done : found.start()], self._spoken(found)))
            done = found.end()
        if not said:
            return None
        rest = value[done:]
        return Gap(
            ("text", value), lambda thread: "".join([f"{before}{say(thread)}" for before, say in said]) + rest, plain=False
        )

    def _spoken(self, found: "re.Match[str]") -> Say:
        """Return what a copy says in place of a marker, a date or a time of day."""
        said = found[0]
        if found["month"]:
            on = date(self.case.opened_at.year, int(found["month"]), int(found["day"]))
            weekday = found["weekday"]

            def day(thread: Thread) -> str:
                shifted = on + _days(thread)
                return f"{shifted.month}月{shifted.day}日" + (f" 周{_WEEKDAYS[shifted.weekday()]}" if weekday else "")

            return day
        if found["hour"]:
            at = datetime(2000, 1, 1, int(found["hour"]), int(found["minute"]))  # noqa: DTZ001  # a time of day
            return lambda thread: f"{at + thread.shift:%H:%M}"
        if photo := found["name"]:
            return lambda thread: f"{thread.uuid(photo)}.jpg"
        name = "" if said == self.number else said
        return lambda thread: thread.words.get(name, said)

    def _list(self, one: "models.Field[Any, Any]", value: list[Any]) -> Pieces:
        gaps = [self._element(each) for each in value]
        if not any(gaps):
            return [_constant(one, value)]
        pieces: Pieces = ["{"]
        for place, (each, gap) in enumerate(zip(value, gaps, strict=True)):
            pieces.append("," if place else "")
            pieces.append(copied(_element(str(each))) if gap is None else gap if gap.plain else _in_copy(_in_list(gap)))
        return [*pieces, "}"]

    def _element(self, value: Any) -> Gap | None:
        if isinstance(value, UUID):
            return _own(str(value))
        if isinstance(value, str):
            return self._text(value)
        return self._id(STAFF, value) if isinstance(value, int) and not isinstance(value, bool) else None

    def _digest(self, key: UUID, body: str) -> Gap:
        words, old = self._text(body), str(key)

        def digest(thread: Thread) -> str:
            text = body if words is None else words.say(thread)
            return sha256(bytes.fromhex(thread.uuid(old).replace("-", "")) + text.encode()).hexdigest()

        return Gap(("digest", old, body), lambda thread: thread.once((old, body), digest))

    def _visit_digest(self, old: str, done: Mapping[str, Any]) -> Gap:
        """Return what digests a copy's visit anew: its case, orders, times, photos and what was recorded are its own."""
        gaps: list[Gap] = []

        def place(gap: Gap) -> str:
            gaps.append(gap)
            return _placed(gaps)

        def own_step(step: Sequence[Any]) -> list[Any]:
            code, state, records, photos, reason, at = step
            own_records = self._leaf("", records, (), gaps)
            return [code, state, own_records, place(_names(photos)), reason, place(_in_json(self._said_at(at)))]

        whole = {
            **done,
            "visit": [place(self._own_id("cases.Case", self.case.pk)), *done["visit"][1:]],
            "steps": [own_step(step) for step in done["steps"]],
            "photos": place(_digests_by_name(done["photos"])),
            "results": [[place(self._own_id("orders.WorkOrder", order)), *row] for order, *row in done["results"]],
        }
        pieces = _split(one_form(whole), gaps)

        def digest(thread: Thread) -> str:
            said = [one if isinstance(one, str) else one.say(thread) for one in pieces]
            return sha256("".join(said).encode()).hexdigest()

        return Gap(("visit", old), lambda thread: thread.once(old, digest))

    def _json(self, value: Any, staff_fields: Sequence[str] = (), *, form: Callable[[Any], str] = encoded) -> Pieces:
        """Return a copy's JSON in pieces; leaves that change are found by the name of their key and by their form."""
        gaps: list[Gap] = []
        return _split(form(self._leaf("", value, staff_fields, gaps)), gaps)

    def _leaf(self, name: str, value: Any, staff_fields: Sequence[str], gaps: list[Gap]) -> Any:
        if isinstance(value, dict):
            return {key: self._leaf(key, one, staff_fields, gaps) for key, one in value.items()}
        if isinstance(value, list):
            return [self._leaf(name, one, staff_fields, gaps) for one in value]
        gap: Gap | None = None
        if isinstance(value, str):
            gap = self.digests.get(value) or self._said(value)
            gap = None if gap is None else _in_json(gap)
        elif isinstance(value, int) and not isinstance(value, bool) and (name.endswith("_id") or name in staff_fields):
            gap = self._named(name, value, staff_fields)
        if gap is None:
            return value
        gaps.append(gap)
        return _placed(gaps)

    def _said(self, value: str) -> Gap | None:
        return self._said_at(value) if _INSTANT.fullmatch(value) else self._text(value)

    @staticmethod
    def _said_at(value: str) -> Gap:
        at = datetime.fromisoformat(value)
        return Gap(("said at", value), lambda thread: (at + thread.shift).isoformat())

    def _event(self, event: Event) -> Pieces:
        """Return an event as its row and as what its hash is made over, each up to the data, and the data as `jsonb`."""
        fact = fact_class(event.type)
        case_id = self._own_id("cases.Case", self.case.pk)
        actor: Pieces = [
            "null" if event.actor_id is None else self._actor(event.actor_kind, event.actor_id) or str(event.actor_id)
        ]
        epoch, name = _epoch(event.at), json_string(event.actor_name)
        head: Pieces = [
            '["case", ',
            case_id,
            f", {event.sequence}, ",
            epoch,
            ", ",
            epoch,
            f", {json_string(event.actor_kind)}, ",
        ]
        content: Pieces = [*head, *actor, f", {name}, {json_string(event.type)}, "]
        at = _moment(event.at)
        row: Pieces = [self._own_id("events.Event", event.pk), "\tcase\t", case_id, f"\t{event.sequence}\t", at, "\t", at]
        row.append(f"\t{copied(event.actor_kind)}\t")
        row += ["\\N"] if event.actor_id is None else actor
        row.append(f"\t{copied(event.actor_name)}\t{copied(event.type)}\t")
        data = self._json(event.data, fact.staff_fields if fact is not None else (), form=jsonb)
        return [*row, BETWEEN, *content, BETWEEN, *data, BETWEEN]

    def _posting(self, one: LicencePosting) -> Costs:
        """Return what a story cost or earned on the licence; the ids in its source are the copy's own."""
        words, named = one.source.rstrip("0123456789/ "), iter(_SOURCES[one.source.rstrip("0123456789/ ")])
        pieces: Pieces = [words]
        for piece in re.split(r"(\d+)", one.source.removeprefix(words)):
            label = next(named, "") if piece.isdecimal() else ""
            pieces.append((self._id(label, int(piece)) or piece) if label else piece)
        note = self._text(one.note)
        engineer = self._id(STAFF, one.engineer_id) or str(one.engineer_id)
        line = self.gaps.line
        return Costs(one.kind, one.points, one.at, line([engineer]), line(pieces), line([one.note if note is None else note]))

    def _actor(self, kind: str, actor_id: int) -> Gap | None:
        return self._id("customers.Customer" if kind == "customer" else STAFF, actor_id)

    def _texts(self, texts: Sequence[EventText]) -> Table:
        pieces: Pieces = []
        for one in texts:
            body = self._text(one.body)
            pieces += [
                self._own_id("events.Event", one.event_id),
                f"\t{one.field}\t",
                "\\N" if one.key is None else _own(str(one.key)),
                "\t",
            ]
            pieces += [copied(one.body) if body is None else _in_copy(body), "\n"]
        return Table(_TEXTS, ["event_id", "field", "key", "body"], self.gaps.line(pieces), len(texts))


def _placed(gaps: Sequence[Gap]) -> str:
    """Return what stands in JSON for the last of some gaps until `_split`."""
    return f"@@{len(gaps) - 1}@@"


def _split(text: str, gaps: Sequence[Gap]) -> Pieces:
    return [gaps[int(piece)] if place % 2 else piece for place, piece in enumerate(_PLACE.split(text))]


def _names(photos: Sequence[str]) -> Gap:
    """Return the names of photos as a list of JSON, in the order of the copy's own names."""

    def names(thread: Thread) -> str:
        return "[" + ",".join(f'"{name}"' for name in sorted(map(thread.uuid, photos))) + "]"

    return Gap(("names", *photos), names)


def _digests_by_name(photos: Mapping[str, str]) -> Gap:
    """Return digests by name of photo as an object of JSON, in the order of the copy's own names."""

    def digests(thread: Thread) -> str:
        named = sorted((thread.uuid(photo), digest) for photo, digest in photos.items())
        return "{" + ",".join(f'"{name}":"{digest}"' for name, digest in named) + "}"

    return Gap(("digests", *photos), digests)


def _days(thread: Thread) -> timedelta:
    return timedelta(days=round(thread.shift / timedelta(days=1)))


def _moment(at: datetime) -> Gap:
    return Gap(("at", at), lambda thread: (at + thread.shift).isoformat())


def _epoch(at: datetime) -> Gap:
    """Return the seconds since 1970 with six decimals, as PostgreSQL writes them."""

    def epoch(thread: Thread) -> str:
        since = at + thread.shift - _EPOCH
        return f"{since.days * 86400 + since.seconds}.{since.microseconds:06d}"

    return Gap(("epoch", at), epoch)


def _own(old: str) -> Gap:
    return Gap(("uuid", old), lambda thread: thread.uuid(old))


def read_pattern(
    case: Case,
    *,
    references: Iterable[Reference],
    markers: Iterable[str],
    codes: Iterable[str] = (),
    numbers: Iterable[Decimal] = (),
    also: Iterable[str] = (),
) -> Pattern:
    """Compile what a lived case left: what copies exchange.

    `references` are rows, `markers` words wherever they stand, `codes` words that are a whole value, `numbers` amounts and
    places; `also` are models whose rows about the case are copied, too, such as ``notify.Notice``.

    Cost: some queries per table. To be asked in the transaction in which the case was lived.
    """
    return _Reader(case, references=references, markers=markers, codes=codes, numbers=numbers, also=also).read()
