"""`make check`: everything that can be seen without running Jieli. Runs all checks, then says which failed."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

FAST: dict[str, list[str]] = {
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "lint": ["ruff", "check", "--quiet", "."],
    "layers": ["lint-imports", "--no-logo"],
    "translations": ["jieli", "messages", "--check"],
}
FULL: dict[str, list[str]] = {
    **FAST,
    "templates": ["djlint", "src", "--lint", "--quiet", "--extension=html"],
    "types": ["mypy"],
    "migrations": ["python", "-m", "django", "makemigrations", "--check", "--dry-run", "-v1"],
    "settings": ["python", "-m", "django", "check", "--fail-level", "WARNING"],
    "API description": ["jieli", "openapi", "--check"],
}
# An address in a lock file would tie everybody to one registry; funding links of authors are harmless.
_ADDRESS = re.compile(
    r'"resolved"|registry\.|--index-url|--extra-index-url|--find-links|https?://(?!.*(fund|sponsor|collective|paypal|github\.com))'
)
LEFTOVERS = ("*.rej", "*.orig", "*.bak", "*.swp", "*~")


def addresses_in_locks() -> list[str]:
    """Return the lines of the lock files which name a registry."""
    found = []
    for name in ("requirements.lock", "package-lock.json"):
        file = ROOT / name
        for number, line in enumerate(file.read_text().splitlines() if file.exists() else [], 1):
            if _ADDRESS.search(line) and '"url":' not in line:
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def leftovers() -> list[str]:
    """Return the files in the repository that a tool left behind: rejected hunks, backups, swap files."""
    listed = subprocess.run(["git", "ls-files", "-z", *LEFTOVERS], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name]


def main() -> int:
    """Run the checks; return 1 when one failed."""
    checks = FAST if "--fast" in sys.argv else FULL
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": "jieli.config.settings",
        "JIELI_SECRET_KEY": "a key for checks alone",
        "JIELI_LOG_LEVEL": "WARNING",
        "JIELI_DATABASE_ROLE": "owner",  # no pool, so nothing waits for a database that these checks do not need
        "JIELI_DATA": str(Path(tempfile.gettempdir()) / "jieli-checks"),
    }
    failed = []
    for name, command in checks.items():
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        took = time.monotonic() - began
        print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name:16} {took:5.1f} s", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
    if found := addresses_in_locks():
        failed.append("lock files")
        print("FAILED lock files\n" + "\n".join(found))
    if found := leftovers():
        failed.append("leftovers")
        print("FAILED leftovers\n" + "\n".join(found))
    if failed:
        print(f"\nmake check: {', '.join(failed)} failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
