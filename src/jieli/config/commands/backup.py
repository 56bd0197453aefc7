"""`jieli backup FILE`."""

import argparse
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg import connect

from jieli.config import dumping
from jieli.config.opening import cluster
from jieli.embedded.cluster import make_database, prepare_database
from jieli.embedded.connection import ADMIN, OWNER

HELP = "Write the database, the evidence files and the key to one file; then prove it by restoring it beside."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", type=Path)
    parser.add_argument("--quick", action="store_true", help="check only the file's digest, do not restore it for a proof")


def run(args: argparse.Namespace) -> int:
    """Back up."""
    known = None if settings.DATABASE_IS_EXTERNAL else cluster().known()
    url = known.owner if known else settings.DATABASE_ADDRESSES.owner
    connection.close()
    manifest = dumping.back_up(args.file, url=url, files=Path(settings.MEDIA_ROOT), key=settings.DATA / "secret-key")
    proof = "digest compared"
    if known and not args.quick:
        scratch = "jieli_proof"
        with connect(known.url(ADMIN, "postgres"), autocommit=True) as admin:
            admin.execute(f"drop database if exists {scratch} with (force)")
            make_database(admin, scratch)
            try:
                prepare_database(known.url(ADMIN, scratch))
                dumping.restore_into(args.file, url=known.url(OWNER, scratch), manifest=manifest)
            finally:
                admin.execute(f"drop database if exists {scratch} with (force)")
        proof = "restored beside and counted"
    rows = sum(manifest["tables"].values())
    print(f"jieli: {args.file}: {len(manifest['tables'])} tables, {rows:,} rows, {proof}", file=sys.stderr)
    return 0
