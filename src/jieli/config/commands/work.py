"""`jieli work`."""

import argparse

from jieli.config.worker import main

HELP = "One worker: runs jobs and notices promises that fall due. Start as many as you like."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(args: argparse.Namespace) -> int:
    """Work until told to stop."""
    return main()
