"""One embedded server: made, started, joined, left and stopped.

Two locks in the data folder order what processes do: ``postgres.lock`` for the moment of a start or stop, and
``postgres.users`` shared by everyone who uses the server, so that the last one to leave stops it.
"""

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from jieli.embedded import account as accounts
from jieli.embedded import binaries as programs
from jieli.embedded import leftovers
from jieli.embedded.binaries import Binaries
from jieli.embedded.connection import (
    ADMIN,
    APP,
    DATABASE,
    OWNER,
    Connection,
    changed,
    known_addresses,
    new_connection,
    remember,
)
from jieli.embedded.locks import FileLock, held
from jieli.embedded.refusals import ChineseNotSearchable, DidNotStart, EmbeddedError, NotOurs

EXTENSIONS = ("pg_trgm", "btree_gist")
_START_SECONDS = 90


class Cluster:
    """The embedded server of one data folder.

    `durable` off (tests only) trades safety against power loss for speed. `wanted_account` names the account when root starts.
    """

    def __init__(self, data: Path, *, durable: bool = True, wanted_account: str = "") -> None:
        self.data = data.resolve()
        self.durable = durable
        self.wanted_account = wanted_account
        self._users = FileLock(self.data / "postgres.users")
        self._binaries: Binaries | None = None

    # Using it ---------------------------------------------------------------------------------------------------------

    def join(self) -> Connection:
        """Start the server if it does not run, and count as a user of it until `leave`. Raises EmbeddedError."""
        self.data.mkdir(parents=True, exist_ok=True)
        with self._one_at_a_time():
            connection = self._started()
            self._users.shared()
        return connection

    def leave(self) -> None:
        """Stop counting as a user; the last one stops the server, unless it was told to stay."""
        with self._one_at_a_time():
            self._users.release()
            known = self.known()
            if known is None or known.kept or not self._users.try_exclusive():
                self._users.release()
                return
            self._users.release()
            self._stop(known)

    @contextmanager
    def joined(self) -> Iterator[Connection]:
        """Join for the length of a block."""
        connection = self.join()
        try:
            yield connection
        finally:
            self.leave()

    def keep(self) -> Connection:
        """Start the server and leave it running until `stop` (``jieli db start``)."""
        self.data.mkdir(parents=True, exist_ok=True)
        with self._one_at_a_time():
            return changed(self.data, self._started(), kept=True)

    def stop(self, *, force: bool = False) -> bool:
        """Stop the server; tell whether it ran. Raises NotOurs while somebody uses it, unless `force`."""
        with self._one_at_a_time():
            known = self.known()
            if known is None:
                return False
            if not force and not self._users.try_exclusive():
                raise NotOurs("The embedded database is in use by a running Jieli.", "Stop that first (Ctrl-C).")
            self._users.release()
            changed(self.data, known, kept=False)
            return self._stop(known)

    def known(self) -> Connection | None:
        """Return how the server was reached last, or None."""
        return known_addresses(self.data)

    def is_running(self) -> bool:
        """Tell whether the server's process lives. Cost: reads /proc, no connection."""
        known = self.known()
        return known is not None and leftovers.postmaster(Path(known.folder)) is not None

    def ensure_running(self) -> Connection:
        """Start the server again if it died while we use it."""
        with self._one_at_a_time():
            return self._started()

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        try:
            with held(self.data / "postgres.lock", _START_SECONDS + 60):
                yield
        except TimeoutError as error:
            raise NotOurs(f"Another process has been starting or stopping the database in {self.data} for too long.") from error
        except PermissionError as error:
            raise NotOurs(
                f"The data folder {self.data} belongs to another account.",
                "Run Jieli as the account that made it, or choose another folder with DATA=… or --data.",
            ) from error

    # Making and starting ----------------------------------------------------------------------------------------------

    def _started(self) -> Connection:
        known = self.known()
        folder = Path(known.folder) if known else self._new_folder()
        account = accounts.choose(self.wanted_account, folder if folder.exists() else None)
        self._binaries = binaries = accounts.reachable(programs.choose(_major(folder)), account)
        if known is None or not (folder / "PG_VERSION").exists():
            known = self._make(folder, account, binaries)
        if leftovers.postmaster(folder) is not None and _answers(known, seconds=60):
            return known
        known = self._start(known, folder, account, binaries)
        _prepare(known)
        return known

    def _new_folder(self) -> Path:
        inside = self.data / "postgres"
        account = accounts.choose(self.wanted_account)
        if account.may_enter(self.data):
            return inside
        digest = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        return accounts.shared_place() / f"data-{digest}"

    def _make(self, folder: Path, account: accounts.Account, binaries: Binaries) -> Connection:
        if folder.exists() and any(folder.iterdir()) and not folder.is_relative_to(self.data):
            # In the shared place: the data folder to which it belonged was removed, and now there is a new one.
            _run(binaries, "pg_ctl", "-D", folder, "-m", "fast", "-w", "-s", "stop", account=account)
            folder.rename(folder.with_name(f"{folder.name}.left-{time.strftime('%Y%m%d-%H%M%S')}"))
        if folder.exists() and any(folder.iterdir()):
            raise NotOurs(
                f"{folder} holds a database, but {self.data} does not know its passwords.",
                "Bring the file postgres.json back, or move that folder away.",
            )
        # A kill in the middle leaves only the folder with the other name, which the next start throws away.
        fresh = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        account.give(fresh)
        connection = new_connection(folder, _free_port())
        password_file = fresh.with_name(f"{fresh.name}.password")
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(connection.admin_password + "\n")
        account.give(password_file)
        try:
            self._initdb(fresh, password_file, account, binaries)
        finally:
            password_file.unlink(missing_ok=True)
        with (fresh / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude_if_exists 'jieli.conf'\n")
        if folder.exists():
            folder.rmdir()
        remember(self.data, connection)
        fresh.rename(folder)
        return connection

    def _initdb(self, folder: Path, password_file: Path, account: accounts.Account, binaries: Binaries) -> None:
        # Without LC_CTYPE, pg_trgm drops every Chinese character, whatever the provider.
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-ctype=C.UTF-8", "--lc-collate=C"]
            if binaries.major >= 17
            else ["--locale-provider=libc", "--locale=C.UTF-8"]
        )
        arguments = ["-D", folder, "-U", ADMIN, "-E", "UTF8", "--auth=scram-sha-256", "--no-instructions"]
        sync = [] if self.durable else ["--no-sync"]
        done = _run(binaries, "initdb", *arguments, f"--pwfile={password_file}", *locale, *sync, account=account)
        if done.returncode:
            raise DidNotStart(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")

    def _start(self, known: Connection, folder: Path, account: accounts.Account, binaries: Binaries) -> Connection:
        end = time.monotonic() + _START_SECONDS
        if not leftovers.clear(folder):
            raise DidNotStart(
                f"Processes of a killed server still work in {folder}: {leftovers.processes_in(folder)}.",
                "Wait a little, or end them, then start again.",
            )
        while True:
            known = self._configure(known, folder, account)
            done = _run(
                binaries, "pg_ctl", "-D", folder, "-w", "-t", "60", "-l", folder / "server.log", "-s", "start", account=account
            )
            if _answers(known, seconds=60 if done.returncode == 0 else 1):
                return known
            if time.monotonic() > end or not leftovers.clear(folder, patience=10):
                raise DidNotStart(
                    f"PostgreSQL did not start. The end of {folder / 'server.log'}:\n{_tail(folder / 'server.log')}"
                )
            time.sleep(0.5)

    def _configure(self, known: Connection, folder: Path, account: accounts.Account) -> Connection:
        if not _is_free(known.port):
            known = changed(self.data, known, port=_free_port())
        file = folder / "jieli.conf"
        file.write_text(_configuration(known.port, durable=self.durable))
        file.chmod(0o600)
        account.give(file)
        return known

    def _stop(self, known: Connection) -> bool:
        folder = Path(known.folder)
        if leftovers.postmaster(folder) is None:
            return False
        account = accounts.choose(self.wanted_account, folder)
        binaries = accounts.reachable(programs.choose(_major(folder)), account)
        done = _run(binaries, "pg_ctl", "-D", folder, "-m", "fast", "-w", "-t", "60", "-s", "stop", account=account)
        if done.returncode and leftovers.postmaster(folder) is not None:
            raise EmbeddedError(f"PostgreSQL did not stop: {done.stderr.strip()}")
        return True


def _run(binaries: Binaries, name: str, *arguments: Any, account: accounts.Account) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "JIELI_", "DATABASE_"))}
    # Not a pipe: the server would inherit it and keep us waiting for its end.
    with open(os.devnull) as nothing, _scratch() as out, _scratch() as err:
        done = subprocess.run(
            [binaries.program(name), *map(str, arguments)],
            env={**environment, "LC_ALL": "C"},
            cwd="/",
            stdin=nothing,
            stdout=out,
            stderr=err,
            check=False,
            **account.process_arguments(),
        )
        return subprocess.CompletedProcess(done.args, done.returncode, _read(out), _read(err))


def _scratch() -> Any:
    return tempfile.TemporaryFile()


def _read(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode(errors="replace"))


def _major(folder: Path) -> int | None:
    try:
        return int((folder / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None


def _tail(file: Path, lines: int = 15) -> str:
    try:
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
    except OSError as error:
        return str(error)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _memory_mb() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    except (ValueError, OSError):
        return 2048


def _configuration(port: int, *, durable: bool) -> str:
    memory = _memory_mb()
    shared = min(max(memory // 8, 128), 2048) if durable else 256
    values: dict[str, Any] = {
        "listen_addresses": "'127.0.0.1'",
        "port": port,
        "unix_socket_directories": "''",
        "max_connections": 120 if durable else 200,
        "shared_buffers": f"'{shared}MB'",
        "effective_cache_size": f"'{max(memory // 2, 512)}MB'",
        "work_mem": "'16MB'",
        "maintenance_work_mem": "'256MB'",
        # Nothing follows an embedded server, so its log need only survive a crash: what a table gets in the transaction that
        # made or rewrote it is not written twice.
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "max_wal_size": "'2GB'",
        "wal_compression": "on",
        "checkpoint_timeout": "'15min'",
        "random_page_cost": 1.1,
        "jit": "off",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_line_prefix": "'%m [%p] '",
        # Names and phone numbers do not belong in a log: no rows (DETAIL), no statements, no parameters.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": 0,
        "log_statement": "none",
        "fsync": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    return "# Written at every start.\n" + "".join(f"{name} = {value}\n" for name, value in values.items())


def _answers(known: Connection, *, seconds: float) -> bool:
    """Tell whether our own server answers on the port within `seconds` (recovery after a kill takes a while)."""
    end = time.monotonic() + seconds
    while True:
        try:
            with psycopg.connect(known.url(ADMIN, "postgres"), connect_timeout=5, autocommit=True) as connection:
                (folder,) = connection.execute("select current_setting('data_directory')").fetchone() or ("",)
                return bool(os.path.realpath(folder) == os.path.realpath(known.folder))
        except psycopg.OperationalError:
            if time.monotonic() > end or leftovers.postmaster(Path(known.folder)) is None:
                return False
            time.sleep(0.1)


def _prepare(known: Connection) -> None:
    """Make roles, database and extensions where they are missing, and check that Chinese can be searched."""
    with psycopg.connect(known.url(ADMIN, "postgres"), autocommit=True) as connection:
        roles = {name for (name,) in connection.execute("select rolname from pg_roles")}
        for role, password in ((OWNER, known.owner_password), (APP, known.app_password)):
            verb = sql.SQL("alter" if role in roles else "create")
            connection.execute(
                sql.SQL("{} role {} login password {}").format(verb, sql.Identifier(role), sql.Literal(password))
            )
        found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if not found:
            make_database(connection, DATABASE)
    prepare_database(known.admin)


def make_database(
    connection: "psycopg.Connection[Any]", name: str, template: str = "template1", *, strategy: str = "wal_log"
) -> None:
    """Create a database owned by the owner role, closed to everyone but our roles; `strategy` is how PostgreSQL copies."""
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template), "owner": sql.Identifier(OWNER)}
    connection.execute(
        sql.SQL("create database {name} template {template} owner {owner} strategy {strategy}").format(
            **names, strategy=sql.Identifier(strategy)
        )
    )
    # Temporary tables could stand in front of real ones for a trigger's eyes.
    connection.execute(sql.SQL("revoke all on database {name} from public").format(**names))
    connection.execute(sql.SQL("grant connect on database {name} to {owner}, {app}").format(**names, app=sql.Identifier(APP)))


def put_in_place(connection: "psycopg.Connection[Any]", fresh: str, *, aside: str) -> None:
    """Let the database `fresh` be the one Jieli works in, and keep the present one under the name `aside`."""
    connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [DATABASE])
    with connection.transaction():
        for old, new in ((DATABASE, aside), (fresh, DATABASE)):
            connection.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(old), sql.Identifier(new)))


def drop_database(connection: "psycopg.Connection[Any]", name: str) -> None:
    """Remove a database if it is there, whoever is connected to it."""
    connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def prepare_database(admin_url: str) -> None:
    """Make the extensions in the database and check its character type. Raises ChineseNotSearchable."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for name in EXTENSIONS:
            connection.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("alter schema public owner to {}").format(sql.Identifier(OWNER)))
        if not chinese_is_searchable(connection):
            raise ChineseNotSearchable(
                "This database cannot search Chinese: pg_trgm finds no characters in '东莞市'.",
                "Make the database with LC_CTYPE C.UTF-8 (or zh_CN.UTF-8).",
            )


def chinese_is_searchable(connection: "psycopg.Connection[Any]") -> bool:
    """Tell whether pg_trgm sees Chinese characters in this database."""
    row = connection.execute("select cardinality(show_trgm('东莞市')) > 0").fetchone()
    return bool(row and row[0])
