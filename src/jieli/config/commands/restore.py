"""`jieli restore FILE`."""

import argparse
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from psycopg import connect

from jieli.config import dumping
from jieli.config.environment import read
from jieli.embedded.cluster import Cluster, drop_database, make_database, prepare_database, put_in_place
from jieli.embedded.connection import ADMIN, OWNER, Connection
from jieli.embedded.locks import FileLock
from jieli.embedded.refusals import NotOurs

HELP = "Bring a backup back. The embedded database that is there is kept under another name; an external one must be empty."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", type=Path)


def run(args: argparse.Namespace) -> int:
    """Restore, then migrate to this version."""
    manifest = dumping.read_manifest(args.file)
    data = Path(read("JIELI_DATA")).expanduser().resolve()
    data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data / "run.lock")
    if not lock.try_exclusive():
        raise NotOurs(f"Jieli runs on {data}.", "Stop it first.")
    before = ""
    if read("DATABASE_URL"):
        dumping.restore_into(args.file, url=read("DATABASE_OWNER_URL") or read("DATABASE_URL"), manifest=manifest)
        dumping.restore_files(args.file, data=data)
        done = subprocess.run([sys.executable, "-m", "jieli", "migrate", "--quiet"], check=False).returncode
    else:
        with Cluster(data, wanted_account=read("JIELI_POSTGRES_USER")).joined() as known:
            before = _swap(args.file, known, manifest)
            dumping.restore_files(args.file, data=data)
            done = subprocess.run(
                [sys.executable, "-m", "jieli", "migrate", "--quiet", "--data", str(data)], check=False
            ).returncode
    lock.release()
    print(f"jieli: restored {sum(manifest['tables'].values()):,} rows of {manifest['made_at']}", file=sys.stderr)
    if before:
        print(f"jieli: what was there before is kept as the database {before}", file=sys.stderr)
    return 1 if done else 0


def _swap(backup: Path, known: Connection, manifest: dict[str, object]) -> str:
    """Restore beside the present database and put it in its place only when every row is there; return the old one's name."""
    fresh = "jieli_restoring"
    old = f"jieli_before_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    with connect(known.url(ADMIN, "postgres"), autocommit=True) as admin:
        drop_database(admin, fresh)
        make_database(admin, fresh)
        prepare_database(known.url(ADMIN, fresh))
        dumping.restore_into(backup, url=known.url(OWNER, fresh), manifest=manifest)
        was_used = _has_tables(known)
        put_in_place(admin, fresh, aside=old)
        if not was_used:
            drop_database(admin, old)
    return old if was_used else ""


def _has_tables(known: Connection) -> bool:
    with connect(known.owner) as connection:
        return bool(dumping.counts(connection))
