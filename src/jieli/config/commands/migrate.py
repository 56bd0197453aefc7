"""`jieli migrate`."""

import argparse
import sys

import psycopg
from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, connection

from jieli.config.database import external
from jieli.config.environment import read
from jieli.config.migrating import answers, migrate
from jieli.config.opening import cluster, weaker_access

HELP = "Bring the database to this version: roles, extensions, migrations, and the rights of the application."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--quiet", action="store_true", help="say nothing when all is well")


def run(args: argparse.Namespace) -> int:
    """Migrate as the owner."""
    addresses = settings.DATABASE_ADDRESSES
    if settings.DATABASE_IS_EXTERNAL and not read("DATABASE_OWNER_URL"):
        access = "login" if answers(addresses.app) else weaker_access(addresses.owner)
        addresses = external(read("DATABASE_URL"), "", access=access, secret_key=settings.SECRET_KEY)
        if access != "login":
            print(
                "jieli: the owner may not make roles, so the application is less separated from its tables than it should be. "
                "Make two roles yourself and set DATABASE_URL and DATABASE_OWNER_URL.",
                file=sys.stderr,
            )
    elif not settings.DATABASE_IS_EXTERNAL:
        known = cluster().known()
        if known is not None:
            addresses = type(addresses)(known.app, known.owner)
    try:
        migrate(addresses, verbosity=0 if args.quiet else 1)
        if not _set_the_clock():
            print(
                "jieli: this database belongs to a real company; take another data folder for a demo (DATA=… or --data)."
                if settings.DEMO
                else "jieli: this is a demo whose clock was moved; in production the clock cannot be ahead. "
                "Start it with `jieli run --demo`, or take another data folder.",
                file=sys.stderr,
            )
            return 1
        if settings.DEMO and not settings.DATABASE_IS_EXTERNAL:
            (settings.DATA / "demo").touch()
    except (psycopg.Error, DatabaseError, CommandError) as error:
        print(f"jieli: the migration failed: {error}", file=sys.stderr)
        return 1
    return 0


def _set_the_clock() -> bool:
    """Let the company clock be moved in demo mode only; return whether it may run as the mode asks. Only the owner sets it."""
    with connection.cursor() as cursor:
        if settings.DEMO:
            cursor.execute(
                "update events_companyclock set mode = 'demo' where mode = 'real' and not exists (select from people_staff)"
            )
            cursor.execute("select mode <> 'real' from events_companyclock")
            return bool(cursor.fetchone()[0])
        cursor.execute("update events_companyclock set mode = 'real' where mode = 'demo' and shift = '0'")
        cursor.execute("select mode <> 'demo' from events_companyclock")
        return bool(cursor.fetchone()[0])
