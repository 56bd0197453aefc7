"""Rows of a long answer, in the memory of a few."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection, transaction

from jieli.settlement.queries import statements

_AT_ONCE = 5_000


def streamed(statement: str, parameters: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a statement through a cursor of the server, in one transaction until the last of them."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        with connection.cursor() as settings:
            settings.execute(statements.FOR_MILLIONS)
        cursor.execute(statement, parameters)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows
