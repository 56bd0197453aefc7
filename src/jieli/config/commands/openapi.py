"""`jieli openapi`."""

import argparse
import difflib
import json
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

HELP = "The API's description: print it, write it to docs/openapi.json, or check that the file there is the present one."
FILE = Path("docs/openapi.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--write", action="store_true", help=f"write {FILE}")
    parser.add_argument("--check", action="store_true", help=f"compare with {FILE}")


def description() -> str:
    """Return the OpenAPI document as text, always in the same order."""
    api = import_module("jieli.config.api").api
    return (
        json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=1, ensure_ascii=False, default=str, sort_keys=True)
        + "\n"
    )


def run(args: argparse.Namespace) -> int:
    """Print, write or check."""
    if find_spec("jieli.config.api") is None:
        print("jieli: there is no API yet.", file=sys.stderr)
        return 0
    text = description()
    if args.write:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(text)
        return 0
    if not args.check:
        print(text, end="")
        return 0
    before = FILE.read_text() if FILE.exists() else ""
    if before == text:
        return 0
    changes = difflib.unified_diff(before.splitlines(), text.splitlines(), str(FILE), "the code", lineterm="", n=2)
    print("\n".join(list(changes)[:60]), file=sys.stderr)
    print(f"\nThe API and {FILE} differ. If that is meant: jieli openapi --write, and say so in CHANGELOG.md.", file=sys.stderr)
    return 1
