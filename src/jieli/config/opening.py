"""Open the database for one command: the external one as it is, the embedded one started or joined."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from jieli.config.database import Addresses, external, point
from jieli.config.environment import read
from jieli.embedded.cluster import Cluster
from jieli.embedded.refusals import EmbeddedError


def cluster() -> Cluster:
    """Return the embedded server of the data folder."""
    return Cluster(settings.DATA, wanted_account=read("JIELI_POSTGRES_USER"))


@contextmanager
def database(*, role: str = "app") -> Iterator[Addresses]:
    """Point Django at a running database for the length of a block. Raises EmbeddedError."""
    if settings.DATABASE_IS_EXTERNAL:
        addresses = reachable(settings.DATABASE_ADDRESSES, role=role)
        point(addresses, role=role, pool=settings.DATABASE_POOL)
        yield addresses
        return
    with cluster().joined() as known:
        addresses = Addresses(known.app, known.owner)
        point(addresses, role=role, pool=settings.DATABASE_POOL)
        yield addresses


def as_owner() -> None:
    """Point Django at the database that is open as the owner of its tables: for what only a demo may do to itself."""
    addresses = settings.DATABASE_ADDRESSES
    if not settings.DATABASE_IS_EXTERNAL:
        known = cluster().known()
        if known is not None:
            addresses = Addresses(known.app, known.owner)
    point(addresses, role="owner", pool=0)


def reachable(addresses: Addresses, *, role: str = "app") -> Addresses:
    """Return addresses that answer; where no role of its own can be had for the application, SET ROLE or none at all.

    Raises EmbeddedError when the database does not answer.
    """
    try:
        with psycopg.connect(addresses.owner if role == "owner" else addresses.app, connect_timeout=10):
            return addresses
    except psycopg.OperationalError as error:
        if addresses.app == addresses.owner or read("DATABASE_OWNER_URL") or role == "owner":
            raise EmbeddedError(f"The database does not answer: {error}", "Check DATABASE_URL.") from None
    access = weaker_access(addresses.owner)
    os.environ["JIELI_DATABASE_ACCESS"] = access  # for the processes we start
    return external(read("DATABASE_URL"), "", access=access, secret_key=settings.SECRET_KEY)


def weaker_access(owner_url: str) -> str:
    """Return ``login`` if the owner may make roles, else ``assume`` if it may become `jieli_app`, else ``none``.

    Raises EmbeddedError when the owner cannot connect either.
    """
    try:
        with psycopg.connect(owner_url, connect_timeout=10) as guard:
            row = guard.execute(
                "select rolsuper or rolcreaterole, exists(select from pg_roles r where r.rolname = 'jieli_app'"
                " and pg_has_role(r.oid, 'member')) from pg_roles where rolname = current_user"
            ).fetchone()
    except psycopg.OperationalError as error:
        raise EmbeddedError(f"The database does not answer: {error}", "Check DATABASE_URL.") from None
    may_make, is_member = row or (False, False)
    return "login" if may_make else "assume" if is_member else "none"


def is_migrated() -> bool:
    """Tell whether the database has every migration of this version."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def ensure_migrated() -> None:
    """Migrate an embedded database that is behind; refuse with an external one. Raises EmbeddedError."""
    if is_migrated():
        return
    if settings.DATABASE_IS_EXTERNAL:
        raise EmbeddedError("The database is not at this version.", "Run `jieli migrate`.")
    migrate_apart()


def migrate_apart(addresses: Addresses | None = None) -> None:
    """Run `jieli migrate` in a process of its own, which connects as the owner. Raises EmbeddedError.

    `addresses` are those of another database than Jieli's own.
    """
    environment = {**os.environ, "JIELI_DATA": str(settings.DATA)}
    if addresses is not None:
        environment |= {"DATABASE_URL": addresses.app, "DATABASE_OWNER_URL": addresses.owner}
    done = subprocess.run(
        [sys.executable, "-m", "jieli", "migrate", "--quiet"], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise EmbeddedError(f"The migration failed:\n{done.stderr.strip()}")
