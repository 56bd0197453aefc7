"""`jieli password CODE`: set a person's password, read from the terminal or from standard input."""

import argparse
import getpass
import sys

from jieli.events.actor import COMMAND_LINE
from jieli.events.refusals import NotFound
from jieli.people.actions import ensure_company, set_password
from jieli.people.models import Staff

HELP = (
    "Set a person's password, typed at the terminal or given on standard input. On an empty database the company is founded "
    "first, with the administrator `admin`."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("code", metavar="CODE", help="login name of the person")


def run(args: argparse.Namespace) -> int:
    """Set the password; a refusal is explained on standard error by the command line itself."""
    ensure_company()
    staff = Staff.objects.filter(code=args.code).first()
    if staff is None:
        raise NotFound
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    set_password(staff.pk, password=password, actor=COMMAND_LINE)
    return 0
