"""The company clock: the one place from which code reads the time.

In production it is the system's clock. In demo mode an administrator may move it forward, and tests may freeze it; both
live in the one row of ``events_companyclock``, which SQL reads by ``company_now()``, so that code and database agree
(spec 1, Time).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

_frozen: ContextVar[datetime | None] = ContextVar("company_clock_frozen", default=None)
_shift: ContextVar[list[timedelta] | None] = ContextVar("company_clock_shift", default=None)


def now() -> datetime:
    """Return the company's present instant, aware, in UTC.

    Cost: no query in production; one in demo mode, where another process may have moved it, and within `read_once` one in all.
    """
    frozen_at = _frozen.get()
    if frozen_at is not None:
        return frozen_at
    if not settings.DEMO:
        return datetime.now(UTC)
    shift = _shift.get()
    if shift:
        return datetime.now(UTC) + shift[0]
    with connection.cursor() as cursor:
        cursor.execute("select company_now()")
        at: datetime = cursor.fetchone()[0]
    if shift is not None:
        shift.append(at - datetime.now(UTC))
    return at.astimezone(UTC)


@contextmanager
def read_once() -> Iterator[None]:
    """Ask the database once how far the demo's clock was moved: for one request or job, which are short."""
    token = _shift.set([])
    try:
        yield
    finally:
        _shift.reset(token)


def forget() -> None:
    """Ask again: this request or job has moved the clock."""
    if shift := _shift.get():
        shift.clear()


def is_frozen() -> bool:
    """Tell whether a test holds the clock in this context."""
    return _frozen.get() is not None


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` in this context, for code and, inside a transaction of its own, for SQL.

    Tests and the demo use it: the database refuses a frozen clock outside demo mode.
    """
    token = _frozen.set(at.astimezone(UTC))
    tell_database()
    try:
        yield
    finally:
        _frozen.reset(token)
        tell_database()


def tell_database() -> None:
    """Tell the database at which instant the clock is held; a connection that was opened meanwhile does not know."""
    at = _frozen.get()
    with connection.cursor() as cursor:
        cursor.execute("select set_config('jieli.frozen_at', %s, false)", [at.isoformat() if at is not None else ""])
