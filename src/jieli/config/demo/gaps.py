"""Gaps: what differs from one copy of a lived case to the next, and the lines of text in which it stands.

What fills a gap is plain, so that it needs no escape in COPY, in JSON or in an array; what surrounds it is escaped once, when a
pattern is compiled. A gap is filled once for each copy, in however many places it stands.
"""

import json
import re
import secrets
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import models

from jieli.events.actions import encoded

_PLACE = re.compile(r'"@@(\d+)@@"')
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Reference = tuple[str, int]
"""A row that is exchanged and not copied: the label of its model, such as ``people.Staff``, and its id."""


def plain(text: str) -> str:
    """Return text that may fill a gap. Raises ValueError for what would need an escape."""
    if _ESCAPED.search(text):
        raise ValueError(f"a copy cannot say {text!r}: it would have to be escaped")
    return text


@dataclass(frozen=True, slots=True)
class Copy:
    """How one copy differs: whole days and a few minutes of the day later, other rows by reference, other words by marker."""

    shift: timedelta
    rows: Mapping[Reference, int]
    words: Mapping[str, str]
    numbers: Mapping[Decimal, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plain("".join(self.words.values()))


@dataclass(frozen=True, slots=True)
class Players:
    """Those who play in a story: their rows, what is said of them, and where they are; in an order that all stories keep."""

    rows: Sequence[Reference]
    words: Sequence[str]
    numbers: Sequence[Decimal | None] = ()

    def copy(
        self, others: "Players", *, shift: timedelta, words: Mapping[str, str], numbers: Mapping[Decimal, Decimal] | None = None
    ) -> Copy:
        """Return a copy in which others play; `words` and `numbers` differ besides, whoever plays."""
        rows = {old: new for old, (_label, new) in zip(self.rows, others.rows, strict=True)}
        said = dict(zip(self.words, others.words, strict=True))
        pairs = zip(self.numbers, others.numbers, strict=True)
        amounts = {old: new for old, new in pairs if old is not None and new is not None}
        return Copy(shift=shift, rows=rows, words=said | dict(words), numbers=amounts | dict(numbers or {}))


@dataclass(slots=True)
class Thread:
    """One copy while it is written: its new ids by place, and what is drawn by lot once and used in several places."""

    shift: timedelta
    rows: Mapping[Reference, int]
    words: Mapping[str, str]
    numbers: Mapping[Decimal, Decimal]
    ids: Sequence[int]
    uuids: dict[str, str] = field(default_factory=dict)
    said: list[str | int] = field(default_factory=list)
    """What fills the gaps so far: one that is worked out from others finds them here."""
    links: list[tuple[str, str]] = field(default_factory=list)
    """Stored files that get another name: the old and the new one."""

    def fill(self, says: Sequence["Say"]) -> Sequence[str | int]:
        """Return what fills each gap, the ids first."""
        self.said += self.ids
        for say in says:
            self.said.append(say(self))
        return self.said

    def linked(self, old: str) -> str:
        """Return the name of the copy's own for a stored file, so that each copy can lose its own."""
        new = f"{old.rpartition('-')[0]}-{next(lots)}"
        self.links.append((old, new))
        return new

    def uuid(self, old: str) -> str:
        """Return the copy's own in place of an old one, always the same."""
        found = self.uuids.get(old)
        if found is None:
            lot = next(lots)
            found = f"{lot[:8]}-{lot[8:12]}-4{lot[13:16]}-{'89ab'[int(lot[16], 16) % 4]}{lot[17:20]}-{lot[20:]}"
            self.uuids[old] = found
        return found


def _drawn() -> Iterator[str]:
    """Give 32 hexadecimal digits at a time, asking the system for many at once."""
    while True:
        many = secrets.token_hex(16 * 4096)
        yield from (many[begin : begin + 32] for begin in range(0, len(many), 32))


lots = _drawn()

Say = Callable[[Thread], str]


@dataclass(frozen=True, slots=True)
class Gap:
    """What a copy says in one place: `key` tells which gaps are filled alike."""

    key: Hashable
    say: Say


@dataclass(frozen=True, slots=True)
class OwnId:
    """A copy's own id, in place of that of the lived row which was the `place`-th to be found."""

    place: int


Pieces = list["str | Gap | OwnId"]
"""A value as a copy says it: constant text and gaps."""


class Gaps:
    """The gaps of a pattern, each kept once, with the lines in which they stand.

    Copies have so many `ids` of their own, which fill most gaps; `says` tells what fills the others.
    """

    def __init__(self, ids: int) -> None:
        self.says: list[Say] = []
        self._ids = ids
        self._places: dict[Hashable, int] = {}

    def line(self, pieces: Pieces) -> "Line":
        """Return a line of these pieces."""
        form = "".join(one.replace("%", "%%") if isinstance(one, str) else "%s" for one in pieces)
        return Line(form, tuple(self._place(one) for one in pieces if not isinstance(one, str)))

    def _place(self, gap: "Gap | OwnId") -> int:
        if isinstance(gap, OwnId):
            return gap.place
        place = self._places.get(gap.key)
        if place is None:
            place = self._places[gap.key] = self._ids + len(self.says)
            self.says.append(gap.say)
        return place


class Line:
    """Text with gaps."""

    __slots__ = ("_chosen", "form")

    def __init__(self, form: str, places: tuple[int, ...]) -> None:
        self.form = form
        self._chosen: Callable[[Sequence[str | int]], Any]
        if len(places) == 1:
            (place,) = places
            self._chosen = lambda said: (said[place],)
        elif places:
            self._chosen = itemgetter(*places)
        else:
            self._chosen = lambda _said: ()

    def filled(self, said: Sequence[str | int]) -> str:
        """Return the text of a copy."""
        return str(self.form % self._chosen(said))


# --- gaps of several kinds


def days(thread: Thread) -> timedelta:
    """Return by how many whole days a copy is shifted."""
    return timedelta(days=round(thread.shift / timedelta(days=1)))


def moment(at: datetime) -> Gap:
    """Return an instant in ISO 8601."""
    return Gap(("at", at.isoformat()), lambda thread: (at + thread.shift).isoformat())


def epoch_of(at: datetime) -> Gap:
    """Return an instant in seconds since 1970 with six decimals, as PostgreSQL writes them."""
    lived = (at - _EPOCH) // _MICROSECOND

    def epoch(thread: Thread) -> str:
        seconds, microseconds = divmod(lived + thread.shift // _MICROSECOND, 1_000_000)
        return f"{seconds}.{microseconds:06d}"

    return Gap(("epoch", at), epoch)


def own_uuid(old: str) -> Gap:
    """Return the copy's own UUID in place of an old one."""
    return Gap(("uuid", old), lambda thread: thread.uuid(old))


def own_lot(old: str, *, digits: int) -> Gap:
    """Return up to 64 hexadecimal digits drawn by lot in place of old ones."""
    return Gap(("lot", old), lambda _thread: (next(lots) + next(lots))[:digits])


def own_file(old: str) -> Gap:
    """Return the name of the copy's own for a stored file."""
    return Gap(("file", old), lambda thread: thread.linked(old))


def names_of(photos: Sequence[str]) -> Gap:
    """Return the names of photos as a list of JSON, in the order of the copy's own names."""

    def names(thread: Thread) -> str:
        return "[" + ",".join(f'"{name}"' for name in sorted(map(thread.uuid, photos))) + "]"

    return Gap(("names", *photos), names)


def digests_by_name(photos: Mapping[str, str]) -> Gap:
    """Return digests by name of photo as an object of JSON, in the order of the copy's own names."""

    def digests(thread: Thread) -> str:
        named = sorted((thread.uuid(photo), digest) for photo, digest in photos.items())
        return "{" + ",".join(f'"{name}":"{digest}"' for name, digest in named) + "}"

    return Gap(("digests", *photos), digests)


# --- forms of text


def in_copy(pieces: Pieces) -> Pieces:
    """Return a value as COPY reads it."""
    return [copied(one) if isinstance(one, str) else one for one in pieces]


def in_json(pieces: Pieces) -> Pieces:
    """Return a value as a string of JSON, with its quotes."""
    return ['"', *(json_string(one)[1:-1] if isinstance(one, str) else one for one in pieces), '"']


def in_array(pieces: Pieces) -> Pieces:
    """Return a value as an element of an array of PostgreSQL, with its quotes."""
    return ['"', *(one.replace("\\", "\\\\").replace('"', '\\"') if isinstance(one, str) else one for one in pieces), '"']


def placed(leaf: Pieces, leaves: list[Pieces]) -> str:
    """Add a leaf of JSON to those found so far; return what stands for it until `joined`."""
    leaves.append(leaf)
    return f"@@{len(leaves) - 1}@@"


def joined(text: str, leaves: Sequence[Pieces]) -> Pieces:
    """Return JSON with its leaves in their places."""
    pieces: Pieces = []
    for place, piece in enumerate(_PLACE.split(text)):
        pieces += leaves[int(piece)] if place % 2 else [piece]
    return pieces


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


def constant(one: "models.Field[Any, Any]", value: Any) -> str:
    """Return a value that does not change as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(one, models.JSONField):
        return copied(encoded(value))
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
