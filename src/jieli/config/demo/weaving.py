"""Weaving: a case that was lived through by the real actions becomes many, each with its own time, people and words.

A pattern is lived in a transaction that is rolled back, so every rule and trigger has judged it; what it left in the tables is
read and compiled before (`patterns`). Copies are written set-wise by the owner of the tables with the triggers of those tables
asleep, which only a demo's empty database allows: whole days are added to its times (working hours stay working hours), ids
are new, people, customers and texts are exchanged by name, and events are chained anew at their own times. `jieli verify`
proves the result.
"""

import errno
import os
import pickle
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from jieli.cases.rules.numbers import case_number
from jieli.config.demo.gaps import Copy, Thread
from jieli.config.demo.patterns import BETWEEN, TEXTS, Pattern
from jieli.files import store
from jieli.network.actions.bringing import NewPosting

AWAKE = {"parts_entry", "parts_movement"}
"""Tables whose triggers keep sums of their own and so judge the copies, too."""

LONG = 50_000
"""From so many rows on a table gets its indexes at the end."""

EVENTS = "events_event"
HEADS = "events_head"
_EVENT_COLUMNS = (
    "id", "stream", "stream_id", "sequence", "at", "recorded_at", "actor_kind", "actor_id", "actor_name", "type", "data",
    "previous", "hash",
)  # fmt: skip
_HEAD_COLUMNS = ("stream", "stream_id", "sequence", "hash", "xact")

_Texts = dict[str, tuple[Sequence[str], bytes]]


@dataclass(slots=True)
class Woven:
    """What copies leave to be written otherwise: files that get another name, and points of licences."""

    links: list[tuple[str, str]] = field(default_factory=list)
    postings: list[NewPosting] = field(default_factory=list)


class Loom:
    """Makes the texts of copies in a process of its own while the caller lives on; `weave` writes them when they are there.

    Ids are reserved at once. To be made in the transaction in which the copies are written, and closed.
    """

    def __init__(self, copies: Sequence[tuple[Pattern, Copy]], *, at_once: int = 400) -> None:
        pools = _reserved(copies)
        with connection.cursor() as cursor:
            cursor.execute("select pg_current_xact_id()::text")
            (transaction_id,) = cursor.fetchone()
        self._chunks = [copies[begin : begin + at_once] for begin in range(0, len(copies), at_once)]
        self._folder = tempfile.TemporaryDirectory(prefix="jieli-loom-")
        self._heard, tells = Pipe(duplex=False)
        # Forked, since patterns are functions: it must not touch the connection, and ends without closing it.
        self._maker = get_context("fork").Process(
            target=_make, args=(self._chunks, pools, transaction_id, Path(self._folder.name), tells), daemon=True
        )
        self._maker.start()
        tells.close()

    def __enter__(self) -> "Loom":
        return self

    def __exit__(self, *_: object) -> None:
        self._maker.kill()
        self._maker.join()
        self._heard.close()
        self._folder.cleanup()

    def weave(self, *, postings: list[NewPosting] | None = None) -> Iterator[int]:
        """Write the copies as the owner and inside `asleep`; give after each chunk how many are written.

        What they cost on licences is added to `postings`, to be brought in afterwards: a ledger is written in the order of
        time. Raises RuntimeError when the process that makes them has died.
        """
        raw, linker, written = connection.connection, _Linker(), 0
        with ThreadPoolExecutor(1, "link") as disk:
            for chunk in self._chunks:
                texts, woven = self._next()
                linking = disk.submit(linker.link, woven.links)
                _write(raw, texts)
                linking.result()
                if postings is not None:
                    postings += woven.postings
                written += len(chunk)
                yield written

    def _next(self) -> tuple[_Texts, Woven]:
        try:
            made = Path(self._folder.name, str(self._heard.recv()))
        except EOFError:
            raise RuntimeError("the process that makes the copies has died") from None
        found: tuple[_Texts, Woven] = pickle.loads(made.read_bytes())  # noqa: S301  # what this program wrote a moment ago
        made.unlink()
        return found


def _make(
    chunks: Sequence[Sequence[tuple[Pattern, Copy]]],
    pools: Mapping[str, Iterator[int]],
    transaction_id: str,
    folder: Path,
    tells: "Connection[int, None]",
) -> None:
    """Write the texts of each chunk into a file and tell its number."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who began it ends it
    for number, chunk in enumerate(chunks):
        folder.joinpath(str(number)).write_bytes(pickle.dumps(_texts(chunk, pools, transaction_id)))
        tells.send(number)


def _texts(
    chunk: Sequence[tuple[Pattern, Copy]], pools: Mapping[str, Iterator[int]], transaction_id: str
) -> tuple[_Texts, Woven]:
    """Return what is copied into each table, the events first as awake triggers ask for them."""
    woven = Woven()
    texts: dict[str, tuple[Sequence[str], list[str]]] = {EVENTS: (_EVENT_COLUMNS, []), HEADS: (_HEAD_COLUMNS, [])}
    for pattern, copy in chunk:
        ids = [new for table, count in pattern.id_tables for new in islice(pools[table], count)]
        case_id = ids[pattern.case_place]
        thread = Thread(copy.shift, copy.rows, {**copy.words, "": case_number(case_id)}, copy.numbers, ids)
        said = thread.fill(pattern.says)
        for table in pattern.tables:
            if table.count:
                texts.setdefault(table.name, (table.columns, []))[1].append(table.rows.filled(said))
        last = _chained(pattern, said, texts[EVENTS][1])
        texts[HEADS][1].append(f"case\t{case_id}\t{len(pattern.types)}\t\\\\x{last}\t{transaction_id}\n")
        woven.links += thread.links
        woven.postings += [
            NewPosting(
                engineer_id=int(one.engineer.filled(said)),
                kind=one.kind,
                at=one.at + copy.shift,
                source=one.source.filled(said),
                case_id=case_id,
                note=one.note.filled(said),
            )
            for one in pattern.postings
        ]
    return {table: (columns, "".join(lines).encode()) for table, (columns, lines) in texts.items()}, woven


class _Linker:
    """Gives stored files more names: nothing is written twice."""

    def __init__(self) -> None:
        self._root = str(store.root())
        self._sources: dict[str, str] = {}

    def link(self, links: Sequence[tuple[str, str]]) -> None:
        """Make the names. Raises OSError."""
        for old, new in links:
            source, target = f"{self._root}/{self._sources.get(old, old)}", f"{self._root}/{new}"
            try:
                os.link(source, target)
            except OSError as error:
                if error.errno != errno.EMLINK:
                    raise
                shutil.copyfile(source, target)  # a file has as many names as the disk allows; the next ones are of this one
                self._sources[old] = new


def _chained(pattern: Pattern, said: Sequence[str | int], into: list[str]) -> str:
    """Add the events of a copy, chained as the database's trigger chains them; return the last hash in hex."""
    previous, before = b"", ""
    pieces = iter(pattern.events.filled(said).split(BETWEEN))
    for row, content, data in zip(pieces, pieces, pieces, strict=False):
        digest = sha256(previous + f"{content}{data}]".encode())
        previous, hash_ = digest.digest(), digest.hexdigest()
        copied = data.replace("\\", "\\\\") if "\\" in data else data
        into.append(f"{row}{copied}\t\\\\x{before}\t\\\\x{hash_}\n")
        before = hash_
    return before


def row_counts(copies: Sequence[tuple[Pattern, Copy]]) -> Counter[str]:
    """Return how many rows of each table the copies have."""
    rows = Counter[str]()
    for pattern, _copy in copies:
        rows.update(pattern.row_counts)
    return rows


def _reserved(copies: Sequence[tuple[Pattern, Copy]]) -> dict[str, Iterator[int]]:
    wanted: dict[str, int] = {}
    for pattern, _copy in copies:
        for table, count in pattern.id_tables:
            wanted[table] = wanted.get(table, 0) + count
    return {table: iter(_next_ids(table, count)) for table, count in wanted.items()}


def _next_ids(table: str, count: int) -> range:
    """Return ids in one piece: nobody else writes to a demo's empty database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select setval(of_ids, nextval(of_ids) + %s) from pg_get_serial_sequence(%s, 'id') of_ids", [count, table]
        )
        (last,) = cursor.fetchone()
    return range(last - count, last)


def _write(raw: "psycopg.Connection[Any]", texts: _Texts) -> None:
    with raw.cursor() as cursor:
        for table, (columns, rows) in texts.items():
            with cursor.copy(f"copy {table} ({', '.join(map(_quoted, columns))}) from stdin") as copy:
                copy.write(rows)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


@contextmanager
def asleep(tables: Mapping[str, int]) -> Iterator[None]:
    """Let the triggers of the events and of these tables sleep, and ask foreign keys once, at the end; the owner alone can.

    `tables` says how many rows each is going to get. A foreign key that is made anew is judged by one join, and an index by
    one sort; row by row either would cost more than the rows.
    """
    names = sorted({EVENTS, HEADS, TEXTS, *tables} - AWAKE)
    long = [table for table in names if table == EVENTS or tables.get(table, 0) > LONG]
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(_CONSTRAINTS, [[*names, *AWAKE], long])
        constraints = [(_quoted(table), _quoted(name), definition) for table, name, definition in cursor.fetchall()]
        for table, name, _definition in constraints:
            cursor.execute(f"alter table {table} drop constraint {name}")
        for table in names:
            cursor.execute(f"alter table {_quoted(table)} disable trigger user")
        cursor.execute(_INDEXES, [long])
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"drop index {name}")
        cursor.execute(_PRIMARY, [long])
        for table, primary in cursor.fetchall():
            # What is written to a table after it was rewritten need not be logged, where nothing follows the server.
            cursor.execute(f"cluster {table} using {primary}; alter table {table} set without cluster")
        cursor.execute("set constraints all deferred")
        yield
        cursor.execute("set constraints all immediate")
        for _name, definition in indexes:
            cursor.execute(definition)
        for table in names:
            cursor.execute(f"alter table {_quoted(table)} enable trigger user")
        for table, name, definition in constraints:
            cursor.execute(f"alter table {table} add constraint {name} {definition}")
        cursor.execute("set constraints all deferred")


# A primary key stays: it is filled in its order, and triggers that are awake find rows by it.
_INDEXES = """
select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
where indrelid = any (%s::regclass[]) and not indisprimary order by 1
"""
_PRIMARY = """
select indrelid::regclass::text, indexrelid::regclass::text from pg_index
where indrelid = any (%s::regclass[]) and indisprimary order by 1
"""
_CONSTRAINTS = """
select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
where contype = 'f' and conrelid = any (%s::regclass[]) or contype = 'u' and conrelid = any (%s::regclass[]) order by 1, 2
"""
