"""Races for tests: forked processes, each with a connection of its own, that begin at the same instant."""

import os
import select
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from threading import Thread
from typing import Any

import psycopg
from django.db import connection

from jieli.config.database import Addresses, close, point
from jieli.events.refusals import Refused
from jieli.lib import clock

DONE = "done"
_PATIENCE = 60
_READY = "+"


def race(urls: Addresses, at: datetime, *acts: Callable[[], Any]) -> Counter[str]:
    """Run each act in a process of its own, all at once, with the clock held, and count how they ended.

    An act ends as ``done``, with the code of its refusal, or with the name of what went wrong. The URLs must ask for no
    encryption: a thread of the pool that just ended may hold a lock of OpenSSL, which a fork at that instant keeps for ever.
    The runners have no pool, whose threads may wait for such a lock, too.
    """
    close()
    wait, go = os.pipe()
    runners = [_forked(urls, at, act, wait, go) for act in acts]
    end = time.monotonic() + _PATIENCE
    ready = [_read(reader, 1, end) for _pid, reader in runners]
    os.close(wait)
    end = time.monotonic() + _PATIENCE
    os.close(go)  # whoever waits reads its end, all at the same instant
    ends = [
        _read(reader, 10_000, end) if first == _READY else f"never ready: {first}{_read(reader, 10_000, end)}"
        for first, (_pid, reader) in zip(ready, runners, strict=True)
    ]
    for pid, reader in runners:
        _end(pid, reader)
    clock.tell_database()  # it is a new connection
    return Counter(ends)


def _end(pid: int, reader: int) -> None:
    os.close(reader)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _forked(urls: Addresses, at: datetime, act: Callable[[], Any], wait: int, go: int) -> tuple[int, int]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    try:
        os.close(go)
        point(urls, pool=0)
        with clock.frozen(at):
            os.write(writer, _READY.encode())
            os.read(wait, 1)
            os.write(writer, _how_it_ends(act).encode())
    except BaseException as error:
        os.write(writer, f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(0)


def _read(reader: int, most: int, end: float) -> str:
    """Read what a runner says, up to `most` bytes or its end; says when nothing came in time."""
    said = b""
    while len(said) < most:
        if not select.select([reader], [], [], max(0.0, end - time.monotonic()))[0]:
            return f"{said.decode()} … no answer"
        piece = os.read(reader, most - len(said))
        if not piece:
            break
        said += piece
    return said.decode()


def _how_it_ends(act: Callable[[], Any]) -> str:
    try:
        act()
    except Refused as refused:
        return refused.code
    except Exception as error:
        return f"{type(error).__name__}: {error}\n{traceback.format_exc()[-3000:]}"
    return DONE


def waiting(act: Callable[[], object]) -> Thread:
    """Begin an act beside the open transaction, on a connection of its own; return when it waits for a lock of this one."""

    def beside() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = Thread(target=beside)
    thread.start()
    # Not `pg_stat_activity`: within a transaction it knows no connection that began after it was first read.
    waits = "select count(*) from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))"
    end = time.monotonic() + _PATIENCE
    with connection.cursor() as cursor:
        while cursor.execute(waits).fetchone() == (0,):
            assert time.monotonic() < end, "it never waited"
    return thread


def two_at_once(
    url: str, at: datetime, first: Sequence[str], second: Sequence[str], *, isolation: str = "read committed"
) -> tuple[str, str]:
    """Run two lists of SQL in two open transactions, then commit the first, then the second; return how each ended.

    The second runs beside the first: where it must wait for the first, it waits. Ends are ``done`` or the name of the rule or
    the error that refused.
    """
    ends = {"first": DONE, "second": DONE}
    with _opened(url, at, isolation) as one, _opened(url, at, isolation) as other:
        ends["first"] = _try(lambda: _all(one, first))

        def and_commit() -> None:
            _all(other, second)
            other.commit()

        def beside() -> None:
            ends["second"] = _try(and_commit)

        thread = Thread(target=beside)
        # The second's statements are on their way before the first commits; its own commit comes when it comes.
        thread.start()
        thread.join(0.25)
        if ends["first"] == DONE:
            ends["first"] = _try(one.commit)
        else:
            one.rollback()
        thread.join(_PATIENCE)
        with suppress(psycopg.Error):
            other.rollback()
    return ends["first"], ends["second"]


def _opened(url: str, at: datetime, isolation: str) -> psycopg.Connection[Any]:
    level = getattr(psycopg.IsolationLevel, isolation.replace(" ", "_").upper())
    opened = psycopg.connect(url, autocommit=True)
    opened.execute("select set_config('jieli.frozen_at', %s, false)", [at.isoformat()])
    opened.autocommit = False
    opened.isolation_level = level
    return opened


def _all(opened: psycopg.Connection[Any], statements: Sequence[str]) -> None:
    for sql in statements:
        opened.execute(sql.encode())


def _try(act: Callable[[], Any]) -> str:
    try:
        act()
    except psycopg.Error as error:
        return error.diag.constraint_name or type(error).__name__
    return DONE
