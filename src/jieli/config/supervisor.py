"""`jieli run`: starts database, web and worker, starts again what dies, and stops all of it cleanly.

It does not import Django: it stays small and cannot be broken by what its children do.
"""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from jieli.config.environment import read
from jieli.embedded.cluster import Cluster
from jieli.embedded.locks import FileLock
from jieli.embedded.refusals import EmbeddedError, NotOurs

_TICK = 0.25
# A company to try things with is there within a minute; `jieli demo` by itself makes the large one.
SMALL = ("--outlets", "12", "--customers", "1000", "--orders", "1500", "--weeks", "2")
_READY_SECONDS = 120
_PATIENCE = 20.0
_ENDING_SECONDS = 20.0
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - only compared


@dataclass
class Child:
    """A process that must live: its command line, and when to try again after it died."""

    name: str
    arguments: tuple[str, ...]
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    pause: float = 0.2
    due_at: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only us and we stop it in order."""
        self.process = subprocess.Popen([sys.executable, "-m", "jieli", *self.arguments], start_new_session=True)
        self.started_at = time.monotonic()

    def tend(self, now: float) -> None:
        """Start it again when it died, more slowly each time it dies young."""
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            if now - self.started_at > _PATIENCE:
                self.pause = 0.2
            say(f"{self.name} ended with {self.process.returncode}; starting it again")
            self.process = None
            self.due_at = now + self.pause
            self.pause = min(self.pause * 2, 10)
        if now >= self.due_at:
            self.start()

    def stop(self, how: signal.Signals) -> None:
        """Send a signal if it lives."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)

    def lives(self) -> bool:
        """Tell whether it runs."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """One running Jieli on one data folder."""

    def __init__(self, data: Path, *, host: str, port: int, demo: bool, anew: bool = False) -> None:
        self.data = data
        self.host, self.port, self.demo, self.anew = host, port, demo, anew
        self.lock = FileLock(data / "run.lock")
        self.cluster = None if read("DATABASE_URL") else Cluster(data, wanted_account=read("JIELI_POSTGRES_USER"))
        self.children = [
            Child("web", ("serve", "--host", host, "--port", str(port))),
            Child("worker", ("work",)),
        ]
        self.signals = 0
        self.database_port = 0
        self.died = False

    def run(self) -> int:
        """Run until a signal; return the exit code. Raises EmbeddedError."""
        os.environ["JIELI_DATA"] = str(self.data)
        self.data.mkdir(parents=True, exist_ok=True)
        with self._alone(), self._signals():
            self._check_port()
            say("Starting …")
            if self.cluster is not None:
                self.database_port = self.cluster.join().port
            try:
                if not self.signals:
                    self._prepare()
                self._watch()
            finally:
                self._stop()
        return 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self.lock.try_exclusive():
            raise NotOurs(
                f"Jieli already runs on {self.data} ({self.lock.read() or 'just starting'}).",
                "Stop it with Ctrl-C, or choose another folder: DATA=… make run, or jieli run --data …",
            )
        self.died = bool(self.lock.read())
        self.lock.write(f"process {os.getpid()}, {self._address()}")
        try:
            yield
        finally:
            self.lock.write("")
            self.lock.release()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def received(number: int, frame: FrameType | None) -> None:
            self.signals += 1

        before = {number: signal.signal(number, received) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _check_port(self) -> None:
        """Refuse a port that is taken; one whose Jieli was killed just now is free as soon as its processes notice."""
        trouble = self._bound()
        if trouble and trouble.errno == errno.EADDRINUSE and self.died:
            say(f"Jieli was killed here; waiting for its processes to leave port {self.port} …")
            end = time.monotonic() + _ENDING_SECONDS
            while trouble and time.monotonic() < end and not self.signals:
                time.sleep(_TICK)
                trouble = self._bound()
        if trouble:
            raise EmbeddedError(
                f"Port {self.port} on {self.host} cannot be used: {trouble.strerror}.",
                f"Choose another: PORT={self.port + 1} make run, or jieli run --port {self.port + 1}",
            ) from trouble

    def _bound(self) -> OSError | None:
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                return error
        return None

    def _prepare(self) -> None:
        self._jieli("migrate", "--quiet")
        if self.demo:
            self._fill()

    def _fill(self) -> None:
        # A code of 1 says that the database has a company already; anything else has been explained.
        asks = ["demo-state", "--resume", *(["--anew"] if self.anew else [])]
        if self.signals or subprocess.run([sys.executable, "-m", "jieli", *asks], check=False).returncode:
            return
        self._jieli("demo", *SMALL)

    def _jieli(self, *arguments: str, may_fail: bool = False) -> None:
        done = subprocess.run([sys.executable, "-m", "jieli", *arguments], check=False)
        if done.returncode and not self.signals and not may_fail:
            raise EmbeddedError(f"`jieli {' '.join(arguments)}` ended with {done.returncode}; see above.")

    def _watch(self) -> None:
        announced_by = time.monotonic() + _READY_SECONDS
        announced = False
        while not self.signals:
            now = time.monotonic()
            self._tend_database()
            for child in self.children:
                child.tend(now)
            if not announced and (self._is_ready() or now > announced_by):
                self._announce()
                announced = True
            time.sleep(_TICK)

    def _tend_database(self) -> None:
        if self.cluster is None or self.cluster.is_running():
            return
        say("the database ended; starting it again")
        try:
            port = self.cluster.ensure_running().port
        except EmbeddedError as error:
            say(str(error))
            time.sleep(1)
            return
        if port != self.database_port:  # the children know the old one
            self.database_port = port
            for child in self.children:
                child.stop(signal.SIGTERM)

    def _is_ready(self) -> bool:
        host = "127.0.0.1" if self.host in _EVERYWHERE else self.host
        try:
            with urllib.request.urlopen(f"http://{host}:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _address(self) -> str:
        host = "localhost" if self.host in (*_EVERYWHERE, "127.0.0.1", "::1") else self.host
        return read("JIELI_PUBLIC_URL") or f"http://{host}:{self.port}"

    def _announce(self) -> None:
        address = self._address()
        print(f"\n  Jieli runs:  {address}/\n  API:         {address}/api/v1/docs\n  Data:        {self.data}")
        if self.demo:
            print("\n  Demo logins (Ctrl-C stops everything):\n", flush=True)
            self._jieli("demo-state", "--logins", may_fail=True)
        print(flush=True)

    def _stop(self) -> None:
        say("Stopping …")
        for how, seconds in ((signal.SIGTERM, _PATIENCE), (signal.SIGKILL, 5.0)):
            for child in self.children:
                child.stop(how)
            end = time.monotonic() + seconds
            already = self.signals
            while any(child.lives() for child in self.children) and time.monotonic() < end:
                if self.signals > max(already, 1):  # a second Ctrl-C: no more patience
                    break
                time.sleep(0.05)
        if self.cluster is not None:
            self.cluster.leave()
        say("Stopped.")


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(f"jieli: {text}", file=sys.stderr, flush=True)
