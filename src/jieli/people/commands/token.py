"""`jieli token NAME --role ROLE [--unit CODE] [--scope read|write|settle]`: make an API token and print it alone, once."""

import argparse
import sys

from jieli.events.actor import COMMAND_LINE
from jieli.people.actions import token_for_program
from jieli.people.models import Role

HELP = (
    "Make an API token and print it alone on standard output, once. NAME is the code of a person, whom the token then acts as, "
    "narrowed to the role; or of a program, for which a person without a login is made."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("name", metavar="NAME", help="code of the person or program")
    parser.add_argument("--role", required=True, choices=Role.values, help="the one role of the token")
    parser.add_argument(
        "--unit", default="", metavar="CODE", help="unit in which it holds, with everything below (default: all)"
    )
    parser.add_argument(
        "--scope", action="append", default=[], choices=["read", "write", "settle"], help="narrow what it may do (repeatable)"
    )


def run(args: argparse.Namespace) -> int:
    """Issue the token; a refusal is explained on standard error by the command line itself."""
    _token, plain = token_for_program(args.name, role=args.role, unit_code=args.unit, scopes=args.scope, actor=COMMAND_LINE)
    sys.stdout.write(f"{plain}\n")
    return 0
