"""The demo is made in a database beside the embedded one, which takes its place when all is done.

Who stops half-way finds the old one as it was, so what is made need not be one transaction: the company is committed first,
and half of the stories are then lived by a process of its own in a copy of it.
"""

import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection as PipeEnd
from threading import Thread
from typing import Any, TypeVar

import psycopg

from jieli.config.database import Addresses, close, point
from jieli.config.opening import migrate_apart
from jieli.embedded.cluster import drop_database, make_database, prepare_database, put_in_place
from jieli.embedded.connection import ADMIN, APP, DATABASE, OWNER, Connection
from jieli.lib import clock

MAKING, TELLING, REPLACED = "jieli_making", "jieli_telling", "jieli_replaced"
"""The database beside the present one, the copy in which stories are lived, and what the present one is called at its end."""

T = TypeVar("T")


class Beside:
    """The making of a demo beside the database of an embedded server."""

    def __init__(self, known: Connection, admin: "psycopg.Connection[Any]") -> None:
        self._known, self._admin = known, admin
        self._settling: Thread | None = None

    @contextmanager
    def apart(self, work: Callable[[], T], /) -> Iterator[Callable[[], T]]:
        """Let another process do `work` in a copy of the database as it is committed now; give what waits for its answer.

        To be asked outside a transaction. What the work writes into the database is thrown away; its answer is pickled.
        """
        close()  # a database is copied while nobody uses it
        _copy(self._admin, TELLING, MAKING)
        hears, tells = Pipe(duplex=False)
        helper = get_context("fork").Process(target=self._do, args=(work, hears, tells), daemon=True)
        helper.start()
        tells.close()

        def answer() -> T:
            try:
                is_done, said = hears.recv()
            except EOFError:
                raise RuntimeError("the process that lives stories has died") from None
            if not is_done:
                raise RuntimeError(f"the process that lives stories failed:\n{said}")
            found: T = said
            return found

        try:
            clock.tell_database()
            yield answer
        finally:
            helper.kill()
            helper.join()
            hears.close()
            if self._settling is not None:
                self._settling.join()
            drop_database(self._admin, TELLING)

    def settle(self) -> None:
        """Begin to drop the copy, whose stories were told: for that the server brings to the disk whatever was written so far.

        The commit at the end then waits for the rest alone.
        """
        self._settling = Thread(target=drop_database, args=(self._admin, TELLING), name="settle")
        self._settling.start()

    def _do(self, work: Callable[[], T], hears: "PipeEnd[Any, Any]", tells: "PipeEnd[Any, Any]") -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who began it ends it
        hears.close()  # while it is open here, too, nobody would notice that the other process has ended
        said: tuple[bool, T | str]
        try:
            _work_in(self._known, TELLING)
            clock.tell_database()
            said = True, work()
        except Exception:  # whatever it is, it is told
            said = False, traceback.format_exc()
        close()
        with suppress(BrokenPipeError):
            tells.send(said)


@contextmanager
def beside(known: Connection, *, is_empty: bool) -> Iterator[Beside]:
    """Work as the owner in a database beside the embedded one, which takes its place if the block ends well.

    It begins migrated: as a copy of the present one if that `is_empty`. Whoever is connected to the present one is cut off.
    Raises EmbeddedError.
    """
    close()
    with psycopg.connect(known.url(ADMIN, "postgres"), autocommit=True) as admin:
        for left in (TELLING, MAKING, REPLACED):
            drop_database(admin, left)
        try:
            if is_empty:
                _copy(admin, MAKING, DATABASE)
            else:
                make_database(admin, MAKING)
                prepare_database(known.url(ADMIN, MAKING))
                migrate_apart(_addresses(known, MAKING))
            _work_in(known, MAKING)
            yield Beside(known, admin)
            close()
            put_in_place(admin, MAKING, aside=REPLACED)
        finally:
            close()
            for left in (MAKING, REPLACED):
                drop_database(admin, left)
    _work_in(known, DATABASE)


def _work_in(known: Connection, name: str) -> None:
    point(_addresses(known, name), role="owner", pool=0)


def _addresses(known: Connection, name: str) -> Addresses:
    return Addresses(known.url(APP, name), known.url(OWNER, name))


def _copy(admin: "psycopg.Connection[Any]", name: str, template: str) -> None:
    admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [template])
    make_database(admin, name, template, strategy="file_copy")
