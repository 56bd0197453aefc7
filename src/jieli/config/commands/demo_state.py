"""`jieli demo-state`: what `jieli run --demo` asks between its steps."""

import argparse
import sys
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

from jieli.config.demo.renewing import renew, untouched
from jieli.config.demo.resuming import resume
from jieli.config.opening import as_owner
from jieli.people.queries import demo_logins, local_date

HELP = "Tell by the exit code whether the database still has to be filled (0) or not (1); or print the demo logins."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--logins", action="store_true", help="print the demo logins")
    parser.add_argument(
        "--resume", action="store_true", help="let a company that was left for some hours go on from there, or be made anew"
    )


def run(args: argparse.Namespace) -> int:
    """Answer."""
    if args.logins:
        for login in demo_logins():
            print(f"  {login['username']:14} {login['password']:14} {login['name']}  {login['role']} · {login['unit']}")
        return 0
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from people_staff) or exists (select from cases_case)")
        is_filled = bool(cursor.fetchone()[0])
    if is_filled and args.resume and settings.DEMO:
        as_owner()
        made = untouched()
        today = local_date(datetime.now(UTC))  # not the company clock: it may stand days behind
        if made is not None and not settings.DATABASE_IS_EXTERNAL and local_date(made.at) != today:
            print(
                f"jieli: nobody worked in this demo since it was made on {local_date(made.at)}; making it anew as of today …",
                file=sys.stderr,
            )
            if renew(made.sizes):
                return 1
            print("jieli: it could not be made anew (see above).", file=sys.stderr)
        left = resume()
        if left is not None:
            print(f"jieli: the demo goes on where it was left {_said(left)} ago.", file=sys.stderr)
    return int(is_filled)


def _said(left: timedelta) -> str:
    return f"{left.days} days" if left.days > 1 else f"{round(left / timedelta(hours=1))} hours"
