"""`jieli bench NAME`."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

HELP = "One of the measurements of bench/, or all of them; what follows -- goes to it. Needs a checkout, not only the package."
FOLDER = Path(__file__).resolve().parents[4] / "bench"


def names() -> list[str]:
    """Return the measurements there are: the scripts that can be run by themselves."""
    return sorted(file.stem for file in FOLDER.glob("*.py") if "__main__" in file.read_text())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the name."""
    parser.add_argument("name", choices=[*names(), "all"], metavar="NAME", help=", ".join([*names(), "all"]))


def run(args: argparse.Namespace) -> int:
    """Run one measurement, or each in turn; 1 when one of them missed a goal."""
    chosen = names() if args.name == "all" else [args.name]
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("JIELI_", "DATABASE_"))}
    missed = []
    for name in chosen:
        print(f"# {name}", flush=True)
        if subprocess.run([sys.executable, str(FOLDER / f"{name}.py"), *args.after], env=ours, check=False).returncode:
            missed.append(name)
    if missed:
        print(f"jieli: missed a goal: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0
