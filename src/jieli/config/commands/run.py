"""`jieli run`."""

import argparse
import os
import sys
from pathlib import Path

from jieli.config import messages
from jieli.config.environment import read
from jieli.config.supervisor import Supervisor

HELP = "Everything in the foreground: the embedded PostgreSQL unless DATABASE_URL is set, migrations, web server and worker."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--demo", action="store_true", help="a small company to try things on; demo logins; a movable clock")
    parser.add_argument(
        "--anew", action="store_true", help="with --demo: make the company anew; what was done in it is given up"
    )
    parser.add_argument("--port", type=int, help="port of the web server (default: PORT or 8000)")
    parser.add_argument("--host", help="address to listen on (default: JIELI_HOST or 127.0.0.1)")


def run(args: argparse.Namespace) -> int:
    """Run until Ctrl-C."""
    if args.demo:
        os.environ["JIELI_DEMO"] = "1"
    port = args.port or read("PORT")
    if not 0 < port < 2**16:
        print(f"jieli: {port} is not a port.", file=sys.stderr)
        return 2
    os.environ["PORT"] = str(port)
    messages.compile_stale()
    data = Path(read("JIELI_DATA")).expanduser().resolve()
    host = args.host or read("JIELI_HOST")
    return Supervisor(data, host=host, port=port, demo=read("JIELI_DEMO"), anew=args.anew).run()
