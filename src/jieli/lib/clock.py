"""The company clock: the one place from which code reads the time.

In production it is the system's clock. In demo mode an administrator may move it forward, and tests may freeze it; both
live in the one row of ``events_companyclock``, which SQL reads by ``company_now()``, so that code and database agree
(spec 1, Time).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection

_frozen: ContextVar[datetime | None] = ContextVar("company_clock_frozen", default=None)


def now() -> datetime:
    """Return the company's present instant, aware, in UTC.

    Cost: no query in production; one in demo mode, where the clock may have been moved by another process.
    """
    frozen_at = _frozen.get()
    if frozen_at is not None:
        return frozen_at
    if not settings.DEMO:
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("select company_now()")
        at: datetime = cursor.fetchone()[0]
    return at.astimezone(UTC)


def is_frozen() -> bool:
    """Tell whether a test holds the clock in this context."""
    return _frozen.get() is not None


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` in this context, for code and, inside a transaction of its own, for SQL.

    Only tests use it: the database refuses a frozen clock outside demo mode.
    """
    token = _frozen.set(at.astimezone(UTC))
    with connection.cursor() as cursor:
        cursor.execute("select set_config('jieli.frozen_at', %s, false)", [at.isoformat()])
    try:
        yield
    finally:
        _frozen.reset(token)
        with connection.cursor() as cursor:
            cursor.execute("select set_config('jieli.frozen_at', '', false)")
