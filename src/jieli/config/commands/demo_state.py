"""`jieli demo-state`: what `jieli run --demo` asks between its steps."""

import argparse
import sys
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

from jieli.config.demo.renewing import is_untouched, making, renew
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
    parser.add_argument("--anew", action="store_true", help="with --resume: make it anew, whoever worked in it")


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
        if _renewed(is_asked=args.anew):
            return 1
        left = resume()
        if left is not None:
            print(
                f"jieli: the demo goes on where it was left {_said(left)} ago. To begin anew as of today: ANEW=1 make run, or"
                " jieli run --demo --anew",
                file=sys.stderr,
            )
    return int(is_filled)


def _renewed(*, is_asked: bool) -> bool:
    """Make the company anew if somebody asks for it, or if nobody worked in one of another day; tell whether it was."""
    made = making()
    if made is None or settings.DATABASE_IS_EXTERNAL:
        if is_asked:
            print("jieli: only what `jieli demo` made, in Jieli's own PostgreSQL, is made anew; it stays.", file=sys.stderr)
        return False
    on, today = local_date(made.at), local_date(datetime.now(UTC))  # not the company clock: it may stand days behind
    if is_asked:
        print("jieli: making the demo anew as of today; what was done in it is given up …", file=sys.stderr)
    elif on != today and is_untouched(made):
        print(f"jieli: nobody worked in this demo since it was made on {on}; making it anew as of today …", file=sys.stderr)
    else:
        return False
    is_done = renew(made.sizes)
    if not is_done:
        print("jieli: it could not be made anew (see above).", file=sys.stderr)
    return is_done


def _said(left: timedelta) -> str:
    return f"{left.days} days" if left.days > 1 else f"{round(left / timedelta(hours=1))} hours"
