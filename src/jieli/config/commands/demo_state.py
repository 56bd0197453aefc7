"""`jieli demo-state`: what `jieli run --demo` asks between its steps."""

import argparse

from django.db import connection

from jieli.people.queries import demo_logins

HELP = "Tell by the exit code whether the database still has to be filled (0) or not (1); or print the demo logins."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--logins", action="store_true", help="print the demo logins")


def run(args: argparse.Namespace) -> int:
    """Answer."""
    if args.logins:
        for login in demo_logins():
            print(f"  {login['username']:14} {login['password']:14} {login['name']}  {login['role']} · {login['unit']}")
        return 0
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from people_staff) or exists (select from cases_case)")
        return int(cursor.fetchone()[0])
