"""Reads kept for a moment in this process: who is on duty, which hours count. They change a few times a day.

What another process changes is seen within a second; what this one changes, at once. A transaction that changed something of
the kind reads for itself, and so does everybody while the clock is held by a test. Who lives a demo's weeks in one transaction
says so by `lived`.
"""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from jieli.lib import clock

_P = ParamSpec("_P")
_R = TypeVar("_R")

SECONDS = 1.0
STREAMS = frozenset({"staff", "unit", "company", "policy"})
_MOST = 5_000

_kept: dict[Hashable, tuple[float, Any]] = {}
_lived: ContextVar[bool] = ContextVar("recent_lived", default=False)


@contextmanager
def lived() -> Iterator[None]:
    """Keep reads while the clock is held, each for its instant: for one transaction in which nobody else changes anything."""
    forget()
    token = _lived.set(True)
    try:
        yield
    finally:
        _lived.reset(token)
        forget()


def forget() -> None:
    """Forget everything that is kept."""
    _kept.clear()


def note(stream: str) -> None:
    """Note that the open transaction records a fact of a stream: what is kept may be wrong when it commits."""
    if _lived.get() and stream in STREAMS:
        forget()
    if stream in STREAMS and not _changes(connections[DEFAULT_DB_ALIAS]):
        transaction.on_commit(forget)


def _changes(here: BaseDatabaseWrapper) -> bool:
    return any(callback[1] is forget for callback in here.run_on_commit)


def _key(read: Callable[..., Any], here: BaseDatabaseWrapper, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Hashable:
    return (read, here.settings_dict["NAME"], args, tuple(sorted(kwargs.items())), clock.now() if _lived.get() else None)


def _reads_for_itself(here: BaseDatabaseWrapper) -> bool:
    return not _lived.get() and (clock.is_frozen() or _changes(here))


def _keep(key: Hashable, value: Any) -> None:
    if len(_kept) >= _MOST:
        _kept.clear()
    _kept[key] = (time.monotonic(), value)


def keep(read: Callable[..., _R], value: _R, *args: Any) -> None:
    """Keep what a read that is kept for a moment would answer: for somebody who read many at once."""
    here = connections[DEFAULT_DB_ALIAS]
    if not _reads_for_itself(here):
        _keep(_key(read.__wrapped__, here, args, {}), value)  # type: ignore[attr-defined]


def kept_a_moment(read: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a read with hashable arguments answer from memory for a second; callers must not change what they get."""

    @wraps(read)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        here = connections[DEFAULT_DB_ALIAS]
        if _reads_for_itself(here):
            return read(*args, **kwargs)
        key = _key(read, here, args, kwargs)
        found = _kept.get(key)
        if found is not None and time.monotonic() - found[0] < SECONDS:
            return found[1]  # type: ignore[no-any-return]
        value = read(*args, **kwargs)
        _keep(key, value)
        return value

    return run
