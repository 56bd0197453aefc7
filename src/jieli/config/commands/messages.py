"""`jieli messages`."""

import argparse
import sys

import django
from django.conf import settings

from jieli.config import messages

HELP = "Translations: compile what changed (default), take new texts in, or check that everything is translated."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--update", action="store_true", help="take the texts of the code into the catalogues")
    parser.add_argument(
        "--check", action="store_true", help="refuse missing, untranslated, fuzzy and unused texts, and apps that differ"
    )
    parser.add_argument("apps", nargs="*", help="only these apps")


def run(args: argparse.Namespace) -> int:
    """Compile, update or check."""
    if not settings.configured:
        # The template parser wants settings, but nothing of ours.
        settings.configure(USE_I18N=True)
        django.setup()
    apps = args.apps or messages.apps()
    if args.update:
        for app in apps:
            missing = messages.update(app)
            if missing:
                print(f"{app}: {missing} texts have no Chinese yet")
    wrong = [line for app in apps for line in messages.problems(app)] if args.check else []
    wrong += messages.conflicts() if args.check else []
    for line in wrong:
        print(line, file=sys.stderr)
    messages.compile_stale()
    return 1 if wrong else 0
