"""The rights of the running application: everything it needs and nothing by which it could break a promise.

After each migration the owner grants the application's role rights on every table, then takes away what a model forbids:

- ``append_only = True``: no UPDATE, no DELETE;
- ``never_deleted = True``: no DELETE;
- ``app_columns = ("a", "b")``: UPDATE of these columns only;
- ``owner_only = True``: SELECT only (functions and triggers of the owner write it).

Nobody but the owner may TRUNCATE, make temporary tables or disable triggers.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection, models, transaction
from psycopg import sql

from jieli.config.database import APP_ROLE

NOTIFY_TRIGGER = "procrastinate_jobs_notify_queue_job_inserted_v1"
_READ_ONLY_TABLES = ("django_migrations",)


def apply(role: str = APP_ROLE) -> None:
    """Grant `role` its rights, all in one transaction. Runs as the owner of the tables."""
    with transaction.atomic(), connection.cursor() as cursor:
        # A later version of the queue may make its trigger anew.
        cursor.execute(f"alter table procrastinate_jobs disable trigger {NOTIFY_TRIGGER}")
        for statement in (*_general(), *_by_model()):
            cursor.execute(statement.format(role=sql.Identifier(role)).as_string(cursor.connection))


def _general() -> Iterator[sql.SQL]:
    yield sql.SQL("revoke all on all tables in schema public from {role}")
    yield sql.SQL("revoke create on schema public from public")
    yield sql.SQL("grant usage on schema public to {role}")
    yield sql.SQL("grant select, insert, update, delete on all tables in schema public to {role}")
    yield sql.SQL("grant usage, select on all sequences in schema public to {role}")
    yield sql.SQL("grant execute on all routines in schema public to {role}")
    for table in _READ_ONLY_TABLES:
        yield sql.SQL(f'revoke insert, update, delete on "{table}" from {{role}}')


def _by_model() -> Iterator[sql.SQL]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield from _for_model(model)


def _for_model(model: type[models.Model]) -> Iterator[sql.SQL]:
    table = f'"{model._meta.db_table}"'
    columns: tuple[str, ...] | None = getattr(model, "app_columns", None)
    if getattr(model, "owner_only", False):
        yield sql.SQL(f"revoke insert, update, delete on {table} from {{role}}")
        return
    if getattr(model, "append_only", False):
        yield sql.SQL(f"revoke update, delete on {table} from {{role}}")
    if getattr(model, "never_deleted", False):
        yield sql.SQL(f"revoke delete on {table} from {{role}}")
    if columns is not None:
        yield sql.SQL(f"revoke update on {table} from {{role}}")
        names = ", ".join(f'"{model._meta.get_field(name).column}"' for name in columns)  # type: ignore[union-attr]
        if names:
            yield sql.SQL(f"grant update ({names}) on {table} to {{role}}")
