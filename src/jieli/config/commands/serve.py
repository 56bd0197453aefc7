"""`jieli serve`."""

import argparse

from jieli.config.environment import read
from jieli.config.web import serve

HELP = "The web server: several processes, in the foreground."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--port", type=int, help="port (default: PORT or 8000)")
    parser.add_argument("--host", help="address to listen on (default: JIELI_HOST or 127.0.0.1)")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    serve(host=args.host or read("JIELI_HOST"), port=args.port or read("PORT"))
    return 0
