"""SQL on the hot path: statements that the database plans once for each connection, several of them in one round trip."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

Statement = tuple[str, Sequence[Any]]


def rows(statement: str, parameters: Sequence[Any]) -> list[Any]:
    """Run a constant statement that returns rows as a prepared one, and return them; errors are Django's.

    Where prepared statements are switched off (``prepare_threshold`` of the connection, for a pooler between), and where
    queries are logged or counted, it runs as any other.
    """
    return rows_of_each([(statement, parameters)])[0]


def rows_of_each(statements: Sequence[Statement]) -> list[list[Any]]:
    """Run constant statements one after the other in one round trip, the opening of the transaction included.

    Each sees what was committed before it began, as if it had been sent alone. When one fails, those after it do not run.
    """
    here = connections[DEFAULT_DB_ALIAS]
    if here.queries_logged:
        return [_logged(here, *one) for one in statements]
    here.ensure_connection()
    raw = here.connection
    assert isinstance(raw, psycopg.Connection)
    prepare = True if raw.prepare_threshold is not None else None
    with here.wrap_database_errors:
        if len(statements) == 1:
            with psycopg.Cursor(raw) as cursor:
                return [cursor.execute(*statements[0], prepare=prepare).fetchall()]
        with raw.pipeline():
            cursors = [psycopg.Cursor(raw).execute(*one, prepare=prepare) for one in statements]
        return [cursor.fetchall() for cursor in cursors]


def _logged(here: Any, statement: str, parameters: Sequence[Any]) -> list[Any]:
    with here.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
