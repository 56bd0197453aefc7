"""`jieli run` starts everything, starts again what is killed, refuses a second start, and stops all of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from jieli.config.testing.ports import free_port
from jieli.config.worker import take_up_stalled
from jieli.embedded import leftovers
from jieli.embedded.cluster import Cluster

pytestmark = pytest.mark.long(30)


@contextmanager
def still_listening(port):
    """Hold a port as the processes of a killed Jieli do until they notice."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        end = time.monotonic() + 30
        while True:  # the killed one's own may still have it
            with suppress(OSError):
                held.bind(("127.0.0.1", port))
                held.listen()
                break
            assert time.monotonic() < end
            time.sleep(0.1)
        yield


class Running:
    def __init__(self, data):
        self.data, self.port = data, free_port()
        self.log = (data.parent / "run.log").open("a+")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jieli", "run", "--port", str(self.port), "--data", str(self.data)],
            stdout=self.log,
            stderr=self.log,
        )

    def ready(self, seconds=240):
        end = time.monotonic() + seconds
        found = None
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=30) as answer:
                    return json.load(answer)
            except (OSError, urllib.error.URLError) as error:
                found = error
                time.sleep(0.1)
        self.log.seek(0)
        raise AssertionError(f"not ready: {found}\n{self.log.read()}")

    def said(self, text, seconds=60):
        end = time.monotonic() + seconds
        while text not in (log := Path(self.log.name).read_text()):
            assert time.monotonic() < end, log
            time.sleep(0.05)

    def children(self, word):
        mine = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in mine if word in Path(f"/proc/{pid}/cmdline").read_text().split("\0")]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def running(server_folder):
    run = Running(server_folder)
    yield run
    run.stop()


@pytest.fixture
def running_again(migrated_folder):
    run = Running(migrated_folder)
    yield run
    run.stop()


ALL_WELL = {"database": "ok", "migrations": "ok", "worker": "ok"}


@pytest.mark.slow
def test_it_survives_the_death_of_each_part_and_stops_cleanly(running):
    assert running.ready() == ALL_WELL

    second = subprocess.run(
        [sys.executable, "-m", "jieli", "run", "--data", str(running.data), "--port", str(free_port())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert f"Jieli already runs on {running.data} (process {running.process.pid}" in second.stderr

    for word in ("serve", "work"):
        (before,) = running.children(word)
        os.kill(before, signal.SIGKILL)
        end = time.monotonic() + 30
        while running.children(word) in ([], [before]) and time.monotonic() < end:
            time.sleep(0.1)
        assert running.ready() == ALL_WELL

    known = Cluster(running.data).known()
    os.kill(leftovers.postmaster(Path(known.folder)), signal.SIGKILL)
    time.sleep(0.3)
    assert running.ready() == ALL_WELL

    assert running.stop() == 0
    assert not Cluster(running.data).is_running()


@pytest.mark.slow
def test_after_a_kill_of_all_of_it_the_next_start_finds_everything(running_again):
    running = running_again
    running.ready()
    known = Cluster(running.data).known()
    running.process.kill()
    for pid in leftovers.processes_in(Path(known.folder)):
        os.kill(pid, signal.SIGKILL)
    running.process.wait()
    with still_listening(running.port):
        running.start()
        running.said("waiting for its processes to leave port")
    assert running.ready() == ALL_WELL
    with psycopg.connect(Cluster(running.data).known().app) as connection:
        assert connection.execute("select count(*) from django_migrations").fetchone()[0] > 50


def test_a_job_of_a_killed_worker_is_taken_up_again(transactional_db, owner_connection):
    owner_connection.execute(
        "insert into procrastinate_workers (id, last_heartbeat) overriding system value values (1, now() - interval '1 hour')"
    )
    owner_connection.execute(
        "insert into procrastinate_jobs (queue_name, task_name, status, worker_id) values"
        " ('q', 'of a dead worker', 'doing', 1), ('q', 'of nobody', 'doing', null), ('q', 'done', 'succeeded', null)"
    )
    assert take_up_stalled() == 2
    assert take_up_stalled() == 0
    rows = owner_connection.execute("select task_name, status::text from procrastinate_jobs order by id").fetchall()
    assert rows == [("of a dead worker", "todo"), ("of nobody", "todo"), ("done", "succeeded")]
