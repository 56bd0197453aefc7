"""Data folders as `jieli migrate` leaves them: made once for the tests of a checkout, and unpacked for each."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from jieli.config.testing.server import schema_hash
from jieli.embedded.connection import known_addresses, remember
from jieli.embedded.locks import held

_SECONDS = 300


def unpack_migrated(kept: Path, data: Path) -> None:
    """Make `data` a data folder whose database has all migrations and no company; the packed one stays in `kept`."""
    kept.mkdir(parents=True, exist_ok=True)
    packed = kept / f"migrated-{schema_hash()}.tar"
    with held(kept / "migrated.lock", _SECONDS):
        if not packed.exists():
            for old in kept.glob("migrated-*.tar"):
                old.unlink()
            _pack(packed)
    # By tar, because the files belong to the account that runs PostgreSQL.
    subprocess.run(["tar", "-C", data.parent, "-xpf", packed], check=True)
    known = known_addresses(data)
    if known is None:
        raise pytest.UsageError(f"{packed} holds no data folder; remove it.")
    remember(data, replace(known, folder=str(data / "postgres")))


def _pack(packed: Path) -> None:
    root = Path(tempfile.mkdtemp(prefix="jieli-migrated-"))
    root.chmod(0o755)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "jieli", "migrate", "--quiet", "--data", str(root / "data")],
            env={**os.environ, "JIELI_DATA": str(root / "data")},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise pytest.UsageError(f"`jieli migrate` does not run:\n{done.stderr[-6000:]}")
        making = packed.with_suffix(".making")
        subprocess.run(["tar", "-C", root, "-cf", making, "data"], check=True)
        making.rename(packed)
    finally:
        shutil.rmtree(root, ignore_errors=True)
