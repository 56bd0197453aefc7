"""`jieli db start|stop|url|shell`."""

import argparse
import os
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jieli.config.environment import read
from jieli.embedded.binaries import Binaries, candidates
from jieli.embedded.cluster import Cluster
from jieli.embedded.connection import ADMIN, APP, OWNER, Connection

HELP = """The embedded PostgreSQL by itself; what follows -- goes to psql.

`url` and `shell` use the application's role unless told otherwise.
"""
_ROLES = {"app": APP, "owner": OWNER, "admin": ADMIN}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "act", choices=("start", "stop", "url", "shell"), help="start it and leave it; stop it; print its URL; psql"
    )
    parser.add_argument("--role", choices=tuple(_ROLES), default="app", help="as whom (url, shell)")
    parser.add_argument("--force", action="store_true", help="stop even while a running Jieli uses it")


def run(args: argparse.Namespace) -> int:
    """Do one of the four."""
    if read("DATABASE_URL"):
        if args.act == "url":
            print(read("DATABASE_OWNER_URL") or read("DATABASE_URL") if args.role == "owner" else read("DATABASE_URL"))
            return 0
        if args.act != "shell":
            print("jieli: DATABASE_URL is set, so there is no embedded database to start or stop.", file=sys.stderr)
            return 1
        return _shell(read("DATABASE_URL"), args.after)
    cluster = Cluster(Path(read("JIELI_DATA")).expanduser(), wanted_account=read("JIELI_POSTGRES_USER"))
    if args.act == "start":
        known = cluster.keep()
        print(f"jieli: PostgreSQL runs on port {known.port}, and stays until `jieli db stop`.", file=sys.stderr)
        return 0
    if args.act == "stop":
        stopped = cluster.known() is not None and cluster.stop(force=args.force)
        print(f"jieli: PostgreSQL {'is stopped' if stopped else 'did not run'}.", file=sys.stderr)
        return 0
    found = cluster.known()
    if found is None or not cluster.is_running():
        print("jieli: the embedded database does not run; `jieli db start` starts it.", file=sys.stderr)
        return 1
    return _reach(found, args)


def _reach(known: Connection, args: argparse.Namespace) -> int:
    url = known.url(_ROLES[args.role])
    if args.act == "url":
        print(url)
        return 0
    return _shell(url, args.after)


def _shell(url: str, rest: list[str]) -> int:  # noqa: RET503
    psql = next((found for found in candidates() if found.has("psql")), Binaries(Path("/usr/bin"), "system"))
    if not psql.has("psql"):
        print("jieli: there is no psql here: apt-get install postgresql-client", file=sys.stderr)
        return 1
    sys.stdout.flush()
    # The URL goes by the environment: a command line can be read by everybody on the machine.
    os.environ.update(_as_environment(url))
    os.execv(psql.program("psql"), ["psql", *rest])  # noqa: S606 - never returns


def _as_environment(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
