"""`jieli doctor`."""

import argparse
import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import psycopg
from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from jieli.cases.models import Promise
from jieli.config import health, messages
from jieli.config.environment import read
from jieli.config.opening import cluster, database, is_migrated
from jieli.embedded import account, binaries
from jieli.embedded.cluster import chinese_is_searchable
from jieli.embedded.refusals import EmbeddedError
from jieli.lib import clock

HELP = "Look at everything that can be wrong with this installation, and say how to mend it. 1 when something is."
_FREE_BYTES = 1024**3
_NOTICED_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "warning", "wrong"]
    message: str = ""
    hint: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(args: argparse.Namespace) -> int:
    """Look, and print."""
    found = list(look())
    if args.json:
        print(json.dumps({"findings": [asdict(finding) for finding in found]}, ensure_ascii=False, indent=1))
    else:
        for finding in found:
            print(f"{finding.state:8} {finding.what}{': ' if finding.message else ''}{finding.message}")
            if finding.hint and finding.state != "ok":
                print(f"{'':8}   → {finding.hint}")
    return 1 if any(finding.state == "wrong" for finding in found) else 0


def look() -> Iterator[Finding]:
    """Yield findings, the plain ones first; stops where the rest would make no sense."""
    yield Finding("Python", "ok", sys.version.split()[0])
    try:
        told = checks.run_checks()
    except Exception as error:
        told = [checks.Error(f"{type(error).__name__}: {error}", hint="This is a fault of Jieli itself: please report it.")]
    for message in told:
        state: Literal["warning", "wrong"] = "wrong" if message.level >= checks.ERROR else "warning"
        yield Finding("settings", state, str(message.msg), str(message.hint or ""))
    yield _data_folder(settings.DATA)
    yield _secret_key(settings.DATA / "secret-key")
    yield _translations()
    yield _front_end()
    if not settings.DATABASE_IS_EXTERNAL:
        yield from _embedded()
    try:
        with database() as addresses:
            yield from _database(addresses.app, addresses.owner, assumed=addresses.assume)
    except EmbeddedError as error:
        yield Finding("database", "wrong", error.message, error.hint)
    except (psycopg.Error, DatabaseError) as error:
        yield Finding("database", "wrong", str(error).strip(), "Is it running, and is DATABASE_URL right?")


def _data_folder(folder: Path) -> Finding:
    if folder.exists() and not os.access(folder, os.W_OK):
        return Finding("data folder", "wrong", f"{folder} cannot be written", "Run as the account that made it, or set DATA.")
    parent = next(part for part in (folder, *folder.parents) if part.exists())
    free = shutil.disk_usage(parent).free
    if free < _FREE_BYTES:
        return Finding("data folder", "warning", f"only {free // 2**20} MB are free on {parent}", "Make room.")
    return Finding("data folder", "ok", str(folder))


def _secret_key(file: Path) -> Finding:
    if read("JIELI_SECRET_KEY"):
        return Finding("secret key", "ok", "from the environment")
    if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
        return Finding("secret key", "wrong", f"{file} can be read by others", f"chmod 600 {file}")
    return Finding("secret key", "ok", "in the data folder")


def _translations() -> Finding:
    sources = [(app, messages.catalogue(app)) for app in messages.apps()]
    missing = [app for app, source in sources if source.exists() and not source.with_suffix(".mo").exists()]
    if missing:
        return Finding("translations", "wrong", f"not compiled: {', '.join(missing)}", "Run `jieli messages`.")
    return Finding("translations", "ok")


def _front_end() -> Finding:
    built = messages.PACKAGE / "ui" / "static" / "ui" / "build"
    if not built.is_dir() or not any(built.iterdir()):
        return Finding("front end", "wrong", "not built", "Run `make setup` (needs Node.js).")
    return Finding("front end", "ok")


def _embedded() -> Iterator[Finding]:
    server = cluster()
    known = server.known()
    try:
        chosen = binaries.choose()
        owner = account.choose(server.wanted_account, Path(known.folder) if known else None)
    except EmbeddedError as error:
        yield Finding("embedded PostgreSQL", "wrong", error.message, error.hint)
        return
    running = "runs" if server.is_running() else "does not run now"
    yield Finding("embedded PostgreSQL", "ok", f"{chosen.version} from the {chosen.source}, as {owner.name}, {running}")
    if known and not Path(known.folder).is_relative_to(settings.DATA):
        yield Finding(
            "embedded PostgreSQL",
            "warning",
            f"{owner.name} cannot enter {settings.DATA}, so the database lies in {known.folder}",
            "Back it up with `jieli backup`; or move the checkout out of the private folder.",
        )


def _database(app_url: str, owner_url: str, *, assumed: str) -> Iterator[Finding]:
    with psycopg.connect(app_url, connect_timeout=10) as connection:
        version = connection.info.server_version // 10_000
        yield Finding(
            "database", "ok" if version >= binaries.OLDEST else "wrong", f"PostgreSQL {version}", "15 or newer is needed."
        )
        try:
            searchable = chinese_is_searchable(connection)
        except psycopg.errors.UndefinedFunction:
            connection.rollback()
            yield Finding("extensions", "wrong", "pg_trgm is missing", "Run `jieli migrate`.")
            return
        if not searchable:
            yield Finding("Chinese search", "wrong", "LC_CTYPE drops Chinese characters", "Make the database with C.UTF-8.")
        row = connection.execute(
            "select count(*) from pg_tables where tableowner = current_user and schemaname = 'public'"
        ).fetchone()
    if row and not row[0]:
        yield Finding("roles", "ok", "the application owns nothing")
    elif assumed:
        yield Finding("roles", "warning", "the application could become the owner again (SET ROLE)", "Make a login of its own.")
    elif app_url == owner_url:
        yield Finding(
            "roles",
            "warning",
            "the application is the owner of its tables",
            "Set DATABASE_OWNER_URL, or let the owner make roles.",
        )
    else:
        yield Finding("roles", "wrong", "the application owns tables", "Run `jieli migrate` as the owner.")
    if not is_migrated():
        yield Finding("migrations", "wrong", "the database is not at this version", "Run `jieli migrate`.")
        return
    yield Finding("migrations", "ok")
    yield from _queue(app_url)
    worker = health.state()["worker"]
    yield Finding("worker", "ok" if worker == "ok" else "warning", worker, "Start one: `jieli run` or `jieli work`.")
    if worker == "ok":
        yield _promises()


def _promises() -> Finding:
    """Say whether a worker that lives leaves promises unnoticed: somebody should have been told, and was not."""
    missed = Promise.objects.alarming(clock.now() - _NOTICED_WITHIN).count()
    state: Literal["ok", "wrong"] = "wrong" if missed else "ok"
    message = f"{missed} alarms are more than five minutes late" if missed else "every alarm was noticed"
    return Finding("promises", state, message, "The worker's log says why, under `sweep.promise_failed`: please report it.")


def _queue(app_url: str) -> Iterator[Finding]:
    with psycopg.connect(app_url) as connection:
        row = connection.execute(
            "select tgenabled from pg_trigger where tgname = 'procrastinate_jobs_notify_queue_job_inserted_v1'"
        ).fetchone()
        if row and row[0] not in ("D", b"D"):
            yield Finding("queue", "warning", "jobs notify, which slows every commit", "Run `jieli migrate`.")
        failed = connection.execute("select count(*) from procrastinate_jobs where status = 'failed'").fetchone()
        if failed and failed[0]:
            yield Finding("queue", "warning", f"{failed[0]} jobs have failed for good", "See the log for their reasons.")
