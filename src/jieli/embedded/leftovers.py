"""What a killed server leaves behind: a pid file that still looks alive, and children that have not ended yet."""

import os
import time
from pathlib import Path

_PROC = Path("/proc")


def _state(pid: int) -> str:
    """Return the kernel's letter for a process: ``Z`` is dead but not yet reaped, empty when there is none."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def processes_in(folder: Path) -> list[int]:
    """Return the living processes that work in the cluster `folder`: every PostgreSQL process has it as its directory."""
    wanted = os.path.realpath(folder)
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()] if _PROC.exists() else []
    return [pid for pid in pids if _works_in(pid, wanted)]


def _works_in(pid: int, folder: str) -> bool:
    try:
        return os.readlink(_PROC / str(pid) / "cwd") == folder and _state(pid) not in ("", "Z", "X")
    except OSError:  # gone, a zombie, or not ours
        return False


def postmaster(folder: Path) -> int | None:
    """Return the id of the living postmaster of the cluster, or None."""
    try:
        pid = int((folder / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    if not _PROC.exists():  # no way to see zombies here; PostgreSQL's own check must do
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        except PermissionError:
            pass
        return pid
    return pid if _works_in(pid, os.path.realpath(folder)) else None


def clear(folder: Path, *, patience: float = 30) -> bool:
    """Remove the pid file of a postmaster that is dead, after its last child has ended; tell whether all is clear.

    PostgreSQL keeps believing in a pid file while its process is a zombie that nobody reaps (a container's idle process 1), so
    it would refuse for ever. A child that still works is waited for: starting beside it could harm the data.
    """
    file = folder / "postmaster.pid"
    if not _PROC.exists():
        return True
    end = time.monotonic() + patience
    while processes_in(folder):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    file.unlink(missing_ok=True)
    return True
