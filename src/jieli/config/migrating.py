"""Bring a database to this version: roles, migrations, rights. Runs as the owner of the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger
from psycopg import sql

from jieli.config import grants
from jieli.config.database import APP_ROLE, Addresses, derived_password
from jieli.embedded.cluster import EXTENSIONS, chinese_is_searchable
from jieli.embedded.refusals import ChineseNotSearchable

# Two starts at once must not migrate at once.
_LOCK = 0x6A69656C69


def migrate(addresses: Addresses, *, verbosity: int = 1) -> None:
    """Migrate the database at `addresses`; Django must already be connected as the owner.

    Raises ChineseNotSearchable, psycopg.Error.
    """
    with psycopg.connect(addresses.owner, autocommit=True) as guard:
        guard.execute("select pg_advisory_lock(%s)", [_LOCK])
        _prepare(guard, addresses)
        with connection.cursor() as cursor:  # a migration may make its functions before the tables they read
            cursor.execute("set check_function_bodies = off")
        with _noted_in_place():
            call_command("migrate", interactive=False, verbosity=verbosity)
        role = addresses.assume or unquote(urlsplit(addresses.app).username or "")
        if role and role != connection.settings_dict["USER"]:
            grants.apply(role)


@contextmanager
def _noted_in_place() -> Iterator[None]:
    """Let an added index, constraint or trigger be noted on the model's class of a migration, instead of making it anew.

    Django makes that class again and all that are related to it, 350 times: two thirds of a first start. None of the three
    changes a field, so the classes stay as they are; what changes fields makes them anew with all that was noted.
    """

    def note(state: Any, app_label: str, model_name: str, option: str, added: object) -> None:
        options = state.models[app_label, model_name].options
        options[option] = [*options.get(option, []), added]
        if option != "triggers" and "apps" in state.__dict__:
            setattr(state.apps.get_model(app_label, model_name)._meta, option, list(options[option]))

    def note_trigger(operation: Any, app_label: str, state: Any) -> None:
        note(state, app_label, operation.model_name, "triggers", operation.trigger)

    before = ProjectState._append_option, AddTrigger.state_forwards  # type: ignore[attr-defined]
    ProjectState._append_option, AddTrigger.state_forwards = note, note_trigger  # type: ignore[attr-defined,method-assign,assignment]
    try:
        yield
    finally:
        ProjectState._append_option, AddTrigger.state_forwards = before  # type: ignore[attr-defined,method-assign]


def _prepare(guard: "psycopg.Connection[tuple[object, ...]]", addresses: Addresses) -> None:
    """Make what a database of somebody else's lacks: extensions and the application's role."""
    have = {name for (name,) in guard.execute("select extname from pg_extension")}
    for name in EXTENSIONS:
        if name not in have:
            guard.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(name)))
    if not chinese_is_searchable(guard):
        raise ChineseNotSearchable(
            "This database cannot search Chinese: pg_trgm finds no characters in '东莞市'.",
            "Make the database with LC_CTYPE C.UTF-8 (or zh_CN.UTF-8).",
        )
    if settings.DATABASE_IS_EXTERNAL:
        make_app_role(guard, addresses, settings.SECRET_KEY)


def make_app_role(guard: "psycopg.Connection[tuple[object, ...]]", addresses: Addresses, secret_key: str) -> None:
    """Make the application's role where it is ours to make: `jieli_app` with the derived password, or one to SET.

    A role that somebody else made for the application keeps its password.
    """
    parts = urlsplit(addresses.app)
    role = sql.Identifier(APP_ROLE)
    found = guard.execute("select 1 from pg_roles where rolname = %s", [APP_ROLE]).fetchone()
    password = derived_password(secret_key)
    if addresses.assume:
        if not found:
            guard.execute(sql.SQL("create role {} nologin").format(role))
        guard.execute(sql.SQL("grant {} to current_user").format(role))
    elif (parts.username, parts.password) == (APP_ROLE, password) and not answers(addresses.app):
        verb = sql.SQL("alter" if found else "create")
        guard.execute(sql.SQL("{} role {} login password {}").format(verb, role, sql.Literal(password)))
    (name,) = guard.execute("select current_database()").fetchone() or ("",)
    # Temporary tables could stand in front of real ones for a trigger's eyes.
    guard.execute(sql.SQL("revoke temporary on database {} from public").format(sql.Identifier(str(name))))


def answers(url: str) -> bool:
    """Tell whether one can log in at `url`."""
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


if __name__ == "__main__":
    import os

    import django

    os.environ["JIELI_DATABASE_ROLE"] = "owner"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jieli.config.settings")
    django.setup()
    migrate(settings.DATABASE_ADDRESSES, verbosity=1)
