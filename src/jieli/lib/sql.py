"""SQL on the hot path: statements that the database plans once for each connection."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections


def rows(statement: str, parameters: Sequence[Any]) -> list[Any]:
    """Run a constant statement as a prepared one and return its rows; errors are Django's, as with an ordinary cursor.

    Where prepared statements are switched off (``prepare_threshold`` of the connection, for a pooler between), and where
    queries are logged or counted, it runs as any other.
    """
    here = connections[DEFAULT_DB_ALIAS]
    if here.queries_logged:
        with here.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []
    here.ensure_connection()
    raw = here.connection
    assert isinstance(raw, psycopg.Connection)
    with here.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(statement, parameters, prepare=True if raw.prepare_threshold is not None else None)
        return cursor.fetchall() if cursor.description else []
