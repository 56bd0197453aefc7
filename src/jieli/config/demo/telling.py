"""Who lives the stories of a demo: one process in one transaction, or two of them where there is a copy to live in."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

from django.db import connection, transaction

from jieli.events.recent import lived

T = TypeVar("T")


class Helper(Protocol):
    """What else works on a demo besides this process and its connection."""

    def apart(self, work: Callable[[], T], /) -> AbstractContextManager[Callable[[], T]]:
        """Begin work that stands by itself; what is given answers with its outcome, while the context is open."""

    def settle(self) -> None:
        """Begin to bring to the disk what was written so far."""


class Nobody:
    """Helps with nothing: work is done where its answer is asked for."""

    @contextmanager
    def apart(self, work: Callable[[], T], /) -> Iterator[Callable[[], T]]:
        """Give the work itself."""
        yield work

    def settle(self) -> None:
        """Leave it to the end."""


@contextmanager
def narrated() -> Iterator[None]:
    """Live and write in one transaction, in which nobody else changes anything."""
    with transaction.atomic(), lived():
        with connection.cursor() as cursor:
            # Each query asks for few rows by their key; to look for the best order of many tables takes longer than any order.
            cursor.execute("set local join_collapse_limit = 1; set local from_collapse_limit = 1")
        yield
