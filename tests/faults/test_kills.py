"""Whatever is killed, whenever: what was acknowledged is there, once (spec 1; the fault test).

A real `jieli run` (embedded PostgreSQL with fsync, two web processes, one worker) serves eight writers, while its web, worker
and database processes are killed at random instants. ``FAULT_SEED`` repeats a run, ``FAULT_KILLS`` makes it longer.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from jieli.cases.rules.numbers import parse_case_number
from jieli.config.testing.ports import free_port
from jieli.embedded import leftovers
from jieli.embedded.cluster import Cluster

pytestmark = [pytest.mark.long(110), pytest.mark.slow]
HERE = Path(__file__).parent
WRITERS = 8
MOST_WAIT_SECONDS = 60
MOST_START_SECONDS = 240
# The environment of a test run is cleared of JIELI_… before tests begin, so these have names of their own.
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
MIX = ("database", "web process", "worker", "database", "web process", "web server", "worker", "database", "web process")
KILLS = int(os.environ.get("FAULT_KILLS") or 2 * len(MIX))


class Faults:
    """A running Jieli, its writers, and what kills them."""

    def __init__(self, data, command, seed, goes_on):
        self.data, self.command, self.dice, self.seed, self.goes_on = data, command, random.Random(seed), seed, goes_on
        self.place = data.parent / "faults"
        self.place.mkdir(mode=0o777)
        self.log = (self.place / "run.log").open("ab")
        self.port = free_port()
        self.environment = {**os.environ, "JIELI_DATA": str(data), "PYTHONPATH": str(HERE), "JIELI_WEB_WORKERS": "2"}
        self.writers = []
        self.killed = Counter()

    def begin(self):
        arguments = ["run", "--port", str(self.port), "--data", str(self.data)]
        self.run = subprocess.Popen(
            [sys.executable, *self.command, *arguments], env=self.environment, stdout=self.log, stderr=self.log
        )
        self.wait(self.is_ready, "a first start", MOST_START_SECONDS)
        made = subprocess.run(
            [sys.executable, HERE / "company.py", str(WRITERS)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        (self.place / "people.json").write_text(made.stdout)
        for number in range(WRITERS):
            with (self.place / f"writer-{number}.log").open("wb") as log:
                self.writers.append(
                    subprocess.Popen(
                        [
                            sys.executable,
                            HERE / "writer.py",
                            str(self.port),
                            self.place / "people.json",
                            str(number),
                            str(self.seed),
                            self.acknowledged_file(number),
                            self.place / "stop",
                            *self.goes_on,
                        ],
                        stderr=log,
                    )
                )
        self.wait(lambda: all(self.acknowledged_sizes()), "the first acknowledged operation of each writer")

    def is_ready(self):
        assert self.run.poll() is None, "jieli run ended"
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def acknowledged_file(self, number):
        return self.place / f"acknowledged-{number}.jsonl"

    def acknowledged_sizes(self):
        files = [self.acknowledged_file(number) for number in range(WRITERS)]
        return [file.stat().st_size if file.exists() else 0 for file in files]

    def wait(self, holds, what, seconds=MOST_WAIT_SECONDS):
        end = time.monotonic() + seconds
        while not holds():
            for writer, number in zip(self.writers, range(WRITERS), strict=False):
                assert writer.poll() in (None, 0), (self.place / f"writer-{number}.log").read_text()
            assert time.monotonic() < end, f"waited in vain for {what}\n{self.tail()}"
            time.sleep(0.05)

    def tail(self):
        return (self.place / "run.log").read_text(errors="replace")[-4000:]

    def children(self, pid, word=""):
        try:
            pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            return [int(one) for one in pids if not word or word in Path(f"/proc/{one}/cmdline").read_text().split("\0")]
        except OSError:
            return []

    def victims(self, what):
        if what == "database":
            folder = Path(Cluster(self.data).known().folder)
            postmaster = leftovers.postmaster(folder)
            return [postmaster, *leftovers.processes_in(folder)] if postmaster else []
        if what == "worker":
            return self.children(self.run.pid, "work")
        servers = self.children(self.run.pid, "serve")
        if what == "web server":
            return servers
        processes = [pid for server in servers for pid in self.children(server)]
        return self.dice.sample(processes, 1) if processes else []

    def kill(self, what):
        """Kill one part while writers are being answered, at a random instant."""
        before = sum(self.acknowledged_sizes())
        self.wait(lambda: sum(self.acknowledged_sizes()) > before, "an acknowledgement between two kills")
        time.sleep(self.dice.uniform(0, 1.0))
        hit = []
        self.wait(lambda: hit or hit.extend(self.victims(what)) or hit, f"a living {what}")
        for pid in hit:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.killed[what] += 1

    def end(self):
        """Let every writer finish what it began, and stop everything cleanly."""
        (self.place / "stop").touch()
        for number, writer in enumerate(self.writers):
            assert writer.wait(MOST_WAIT_SECONDS) == 0, (self.place / f"writer-{number}.log").read_text()
        self.wait(self.all_breaches_noticed, "the breach of each promise")
        self.run.send_signal(signal.SIGTERM)
        assert self.run.wait(60) == 0, self.tail()

    def all_breaches_noticed(self):
        with self.database() as connection:
            (open_,) = connection.execute(
                "select count(*) from cases_promise where due_at < now() - interval '1 second' and ended_at is null"
                " and breached_at is null and paused_until is null"
            ).fetchone()
            return open_ == 0

    def database(self):
        return psycopg.connect(Cluster(self.data).known().owner, autocommit=True)

    def stop(self):
        # A child that is just starting would start the database again after its end: each leads a session of its own.
        sessions = self.children(self.run.pid)
        for process in (*self.writers, self.run):
            if process.poll() is None:
                process.kill()
            process.wait()
        for session in sessions:
            with suppress(ProcessLookupError):
                os.killpg(session, signal.SIGKILL)
        self.log.close()

    def acknowledged(self):
        lines = [line for number in range(WRITERS) for line in self.acknowledged_file(number).read_text().splitlines()]
        return [json.loads(line) for line in lines]

    def findings(self):
        """Return what is lost or doubled; the database must run."""
        found = []
        with self.database() as connection:
            for what, query in COUNTS.items():
                there = dict(connection.execute(query).fetchall())
                twice = {key: times for key, times in there.items() if times != 1}
                found += [f"{what} {key} is there {times} times" for key, times in twice.items()]
                found += [
                    f"{what} {one['key']} on {one['number']} was acknowledged and is lost"
                    for one in self.acknowledged()
                    if one["what"] == what and _name(one) not in there
                ]
        return found


def _name(one):
    if one["what"] == "take":
        return str(parse_case_number(one["number"]))
    return str(one["id"]) if one["what"] == "promise" else one["key"]


COUNTS = {
    "open": "select subject, count(*) from cases_case join events_event e on e.stream = 'case' and e.stream_id = cases_case.id"
    " and e.type = 'cases.opened' join cases_message m on m.case_id = cases_case.id and m.body = subject group by 1",
    "take": "select stream_id::text, count(*) from events_event where type = 'cases.taken' group by 1",
    "message": "select m.body, count(*) from cases_message m join events_event e on e.type = 'cases.message_written'"
    " and (e.data ->> 'message_id')::bigint = m.id where m.direction <> 'in' group by 1",
    "promise": "select p.id::text, count(*) from cases_promise p join events_event e on e.type = 'cases.promise_made'"
    " and (e.data ->> 'promise_id')::bigint = p.id where p.kind = 'part_delivery' group by 1",
    "offer": "select p.done, count(*) from cases_pass p join events_event e on e.type = 'cases.pass_offered'"
    " and (e.data ->> 'pass_id')::bigint = p.id group by 1",
    "accept": "select restatement, count(*) from cases_pass where state = 'accepted' group by 1",
    "breach": "select data ->> 'promise_id', count(*) from events_event where type = 'cases.promise_broken' group by 1",
}


@pytest.fixture
def faults(migrated_folder):
    made = []

    def make(command, seed, *goes_on):
        made.append(Faults(migrated_folder, command, seed, goes_on))
        return made[0]

    yield make
    for one in made:
        one.stop()


def plan_of(kills, dice):
    """Return which part each kill hits: every third the database."""
    plan = [MIX[place % len(MIX)] for place in range(kills)]
    dice.shuffle(plan)
    return plan


def test_whatever_is_killed_every_acknowledged_operation_is_there_once(faults, server_folder):
    print(f"seed {SEED}; to repeat: FAULT_SEED={SEED}")
    jieli = faults(["-m", "jieli"], SEED)
    jieli.begin()
    for what in plan_of(KILLS, random.Random(SEED)):
        jieli.kill(what)
    jieli.end()
    assert jieli.killed.total() == KILLS
    assert jieli.killed["database"] * 3 >= KILLS
    verified = subprocess.run(
        [sys.executable, "-m", "jieli", "verify", "--json", "--data", str(server_folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    with Cluster(server_folder).joined():
        assert jieli.findings() == []
    happened = Counter(one["what"] for one in jieli.acknowledged())
    assert min(happened[what] for what in COUNTS if what != "breach") > KILLS
    print(f"kills {dict(jieli.killed)}, acknowledged {dict(happened)}, {verified.stdout.strip()}")


def test_a_build_that_answers_before_the_commit_is_found_out(faults):
    jieli = faults([str(HERE / "early_answers.py")], SEED, "goes-on")
    jieli.begin()
    found = []
    for _ in range(5):
        jieli.kill("database")
        jieli.wait(lambda: jieli.victims("database"), "the database")
        found = [one for one in found_when_it_answers(jieli) if "lost" in one]
        if found:
            break
    assert found


def found_when_it_answers(jieli):
    end = time.monotonic() + MOST_WAIT_SECONDS
    while True:
        try:
            return jieli.findings()
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.2)
