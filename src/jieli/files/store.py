"""Bytes in the data folder: ``files/ab/cd/<sha256>-<random>``, on the disk before the row that names them is committed."""

import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.conf import settings


class TooLong(Exception):
    """The stream has more bytes than allowed."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A finished file: `path` is relative to the root."""

    path: str
    sha256: str
    size: int


def root() -> Path:
    """Return the folder of all evidence."""
    return Path(settings.MEDIA_ROOT)


def full_path(path: str) -> Path:
    """Return where a stored path lies; raises ValueError for one that leads outside."""
    found = (root() / path).resolve()
    if not found.is_relative_to(root().resolve()):
        raise ValueError(path)
    return found


def write(chunks: Iterable[bytes], *, most_bytes: int, beside: str = "") -> Stored:
    """Stream bytes to the disk, digesting while they pass, and return where they lie, synced.

    What belongs to another file lies `beside` it: no further folder has to be made and synced.
    Raises TooLong as soon as there are more than `most_bytes`; then nothing is left behind.
    """
    folder = root() / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    random = secrets.token_hex(16)
    incoming = folder / random
    digest, size = sha256(), 0
    try:
        with incoming.open("xb") as file:
            os.chmod(file.fileno(), 0o600)
            for chunk in chunks:
                size += len(chunk)
                if size > most_bytes:
                    raise TooLong
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        hex_ = digest.hexdigest()
        folder_name = beside.rpartition("/")[0] if beside else f"{hex_[:2]}/{hex_[2:4]}"
        path = f"{folder_name}/{hex_}-{random}"
        target = root() / path
        _make_folders(target.parent)
        incoming.rename(target)
        _sync_folder(target.parent)
    except BaseException:
        incoming.unlink(missing_ok=True)
        raise
    return Stored(path, hex_, size)


def remove(*paths: str) -> None:
    """Remove stored files; one that is gone already is no error."""
    for path in paths:
        if path:
            full_path(path).unlink(missing_ok=True)


def digest_of(path: str) -> str:
    """Return the SHA-256 of the bytes as they lie on the disk; raises FileNotFoundError."""
    with full_path(path).open("rb") as file:
        digest = sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def stored_paths(*, older_than: float) -> Iterator[str]:
    """Yield the paths of all files not written since `older_than` (seconds since 1970), unfinished uploads among them."""
    top = root()
    if not top.exists():
        return
    for folder, _folders, names in os.walk(top):
        for name in names:
            file = Path(folder) / name
            try:
                if file.stat().st_mtime < older_than:
                    yield str(file.relative_to(top))
            except FileNotFoundError:
                continue


def _make_folders(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)
        _sync_folder(folder.parent.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
