"""Backup and restore: one file with the database, the evidence files and the key, proved by counting rows again.

The file is a tar of ``manifest.json``, ``database.dump`` (pg_dump's own format), ``secret-key`` and ``files/``. All of it is as
secret as the database itself.
"""

import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from jieli import __version__
from jieli.embedded.binaries import candidates
from jieli.embedded.cluster import EXTENSIONS
from jieli.embedded.refusals import EmbeddedError

FORM = 1


def _program(name: str, server_major: int) -> Path:
    for found in candidates():
        if found.has(name) and found.major >= server_major:
            return found.program(name)
    raise EmbeddedError(
        f"There is no {name} for PostgreSQL {server_major} here.", f"Run:  apt-get install postgresql-client-{server_major}"
    )


def environment_of(url: str) -> dict[str, str]:
    """Return the environment by which PostgreSQL's programs reach `url`: a command line can be read by everybody."""
    parts = urlsplit(url)
    return {
        **os.environ,
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }


def _call(program: Path, *arguments: str | Path, url: str) -> None:
    done = subprocess.run([program, *map(str, arguments)], env=environment_of(url), capture_output=True, text=True, check=False)
    if done.returncode:
        raise EmbeddedError(f"{program.name} failed: {done.stderr.strip()[-2000:]}")


def counts(connection: "psycopg.Connection[Any]") -> dict[str, int]:
    """Return the number of rows of every table, as the connection's transaction sees them."""
    tables = [name for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'public' order by 1")]
    found = {}
    for name in tables:
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(name))).fetchone()
        found[name] = int(row[0]) if row else 0
    return found


def _major(connection: "psycopg.Connection[Any]") -> int:
    return connection.info.server_version // 10_000


@contextmanager
def _snapshot(url: str) -> "Iterator[tuple[psycopg.Connection[Any], str]]":
    with psycopg.connect(url) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        row = connection.execute("select pg_export_snapshot()").fetchone()
        yield connection, str(row[0] if row else "")


def back_up(target: Path, *, url: str, files: Path, key: Path) -> dict[str, Any]:
    """Write everything to `target`, whole or not at all; return the manifest. Jieli may go on working meanwhile.

    The rows are those of one instant. Evidence is written before its row, so each row's file is there.
    Raises EmbeddedError.
    """
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        dump = Path(scratch) / "database.dump"
        with _snapshot(url) as (connection, snapshot):
            program = _program("pg_dump", _major(connection))
            _call(program, "-Fc", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", "-f", dump, url=url)
            manifest = {
                "form": FORM,
                "jieli": __version__,
                "made_at": datetime.now(UTC).isoformat(),
                "postgresql": _major(connection),
                "tables": counts(connection),
                "sha256": _digest(dump),
            }
        fresh = Path(scratch) / "backup"
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out, tarfile.open(fileobj=out, mode="w") as tar:
            _add_text(tar, "manifest.json", json.dumps(manifest, indent=1))
            tar.add(dump, "database.dump")
            if key.exists():
                tar.add(key, "secret-key")
            if files.exists():
                tar.add(files, "files")
            out.flush()
            os.fsync(out.fileno())
        read_manifest(fresh)
        fresh.replace(target)
    return manifest


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(text.encode())
    member.mode = 0o600
    tar.addfile(member, io.BytesIO(text.encode()))


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def read_manifest(backup: Path) -> dict[str, Any]:
    """Return the manifest after reading the whole file and comparing the digest. Raises EmbeddedError."""
    try:
        with tarfile.open(backup) as tar:
            names = tar.getnames()  # reads to the end: a file that was cut short is found here
            manifest = json.load(_member(tar, "manifest.json"))
            digest = hashlib.file_digest(_member(tar, "database.dump"), "sha256").hexdigest()
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise EmbeddedError(f"{backup} is not a backup of Jieli, or it is damaged: {error}") from error
    if manifest.get("form") != FORM:
        raise EmbeddedError(f"{backup} was made by another version of Jieli ({manifest.get('jieli')}).")
    if digest != manifest["sha256"]:
        raise EmbeddedError(f"{backup} is damaged: its database does not match its manifest.")
    if "database.dump" not in names:
        raise EmbeddedError(f"{backup} has no database in it.")
    return dict(manifest)


def _member(tar: tarfile.TarFile, name: str) -> Any:
    found = tar.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def restore_into(backup: Path, *, url: str, manifest: dict[str, Any]) -> None:
    """Bring the database of `backup` into the empty database at `url`, as its owner, and count every table again.

    Raises EmbeddedError.
    """
    with psycopg.connect(url) as connection:
        if counts(connection):
            raise EmbeddedError("The database is not empty.", "Restore into an empty database.")
        for name in EXTENSIONS:
            connection.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(name)))
        program = _program("pg_restore", _major(connection))
    with tempfile.TemporaryDirectory() as scratch, tarfile.open(backup) as tar:
        tar.extract("database.dump", scratch, filter="data")
        dump = Path(scratch) / "database.dump"
        listing = Path(scratch) / "list"
        _call(program, "--list", "-f", listing, dump, url=url)
        # The extensions and the schema are there already, and may belong to somebody else.
        kept = [
            line
            for line in listing.read_text().splitlines()
            if not any(
                word in line for word in (" EXTENSION ", " COMMENT - EXTENSION ", " SCHEMA - public", " COMMENT - SCHEMA ")
            )
        ]
        listing.write_text("\n".join(kept) + "\n")
        _call(
            program, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "-L", listing,
            "-d", unquote(urlsplit(url).path.lstrip("/")), dump, url=url,
        )  # fmt: skip
    with psycopg.connect(url) as connection:
        found = counts(connection)
    wrong = [
        f"{name}: {manifest['tables'].get(name)} → {found.get(name)}"
        for name in manifest["tables"]
        if manifest["tables"][name] != found.get(name)
    ]
    if wrong:
        raise EmbeddedError("The restored database has other row counts than the backup:\n" + "\n".join(wrong))


def restore_files(backup: Path, *, data: Path) -> None:
    """Bring evidence files and the key back; a different key that is there is kept beside it."""
    with tarfile.open(backup) as tar:
        members = [member for member in tar.getmembers() if member.name == "files" or member.name.startswith("files/")]
        tar.extractall(data, members, filter="data")
        if "secret-key" in tar.getnames():
            key = data / "secret-key"
            text = _member(tar, "secret-key").read()
            if key.exists() and key.read_bytes() != text:
                key.replace(key.with_name("secret-key.before-restore"))
            if not key.exists():
                with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
                    out.write(text)
