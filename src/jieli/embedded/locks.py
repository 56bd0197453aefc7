"""Locks between processes on one data folder. The kernel frees them when a process dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """An advisory lock on a file, shared or exclusive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._descriptor

    def try_exclusive(self) -> bool:
        """Take it for us alone if nobody has it."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Take it together with others, unless somebody has it alone."""
        return self._try(fcntl.LOCK_SH)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._open(), kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def exclusive(self, seconds: float) -> bool:
        """Wait up to `seconds` for it."""
        end = time.monotonic() + seconds
        while not self.try_exclusive():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def shared(self) -> None:
        """Take it together with others, waiting as long as it needs."""
        fcntl.flock(self._open(), fcntl.LOCK_SH)

    def release(self) -> None:
        """Give it back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def write(self, text: str) -> None:
        """Write who holds it, for the message that others see."""
        descriptor = self._open()
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)

    def read(self) -> str:
        """Return what the holder wrote."""
        try:
            return self.path.read_text().strip()
        except FileNotFoundError:
            return ""


@contextmanager
def held(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock on `path` alone; raises TimeoutError when it is not free within `seconds`."""
    lock = FileLock(path)
    if not lock.exclusive(seconds):
        lock.release()
        raise TimeoutError(f"{path} is held by another process")
    try:
        yield
    finally:
        lock.release()
