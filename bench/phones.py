"""The phones of a field day: 300 engineers poll their day and post what they do, against the real web server and worker.

Run ``jieli bench phones`` or ``python bench/phones.py [--speed 3] [--minutes 8]``. Everything is made anew in a folder that is
thrown away: an embedded PostgreSQL with fsync on, the web server as `jieli serve` runs it, one `jieli work`, and a company in
the middle of a day, each engineer somewhere in a visit. The phones are one process beside them. They do what the app does:
they read the day once a minute and after what they sent was answered, send a photo (200 to 400 kB) when it is taken and
an entry when it is made, and keep both while there is no signal, which happens in every fourth visit. Now and then an answer
is lost on the way, and all of it is sent again. At most 48 requests are under way at once; what waits for its
turn counts. `--speed 1` is the pace of life, 3 is a day's work in a third of it; polls are once a minute always.

The limit: 95 % of all posts are answered within 300 ms. Beside it, once a second, the same rows are written by plain SQL and
a photo's bytes by a plain file: how long that takes shows what the machine gives. Afterwards every entry, step, signature and
photo that a phone knows to be sent is there exactly once, and `jieli verify` finds nothing. Exit code 1 when a goal is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
from field_phone import Engineer, Told, be_phones, pictures
from ground import Ground, ground, say
from intake import _cpu_ms, _wait
from promises import worker

from jieli.config.testing.ports import free_port

ENGINEERS, ORDERS = 300, 5
GOAL_MS, GOAL_RATIO = 300, 0.95
KINDS = ("poll", "unchanged", "post", "finish", "photo")
PACKAGE = Path(__file__).resolve().parents[1] / "src"


# --- the plain write beside it


class Plain(threading.Thread):
    """Once a second writes the rows of a step in one commit, and every third time the bytes and rows of a photo."""

    def __init__(self, place: Ground, picture: bytes) -> None:
        super().__init__(daemon=True)
        self.place, self.picture, self.ending = place, picture, threading.Event()
        self.step: list[float] = []
        self.photo: list[float] = []

    def run(self) -> None:
        """Write until told to stop."""
        with psycopg.connect(self.place.known.admin) as connection:
            for copy, table in (
                ("bench_entry", "visits_fieldentry"),
                ("bench_step", "visits_steprecord"),
                ("bench_evidence", "files_evidence"),
                ("bench_photo", "visits_photo"),
                ("bench_event", "events_event"),
            ):
                connection.execute(f"create table {copy} (like {table} including all)")
            connection.commit()
            step = self._rows(connection, [("bench_entry", "visits_fieldentry"), ("bench_step", "visits_steprecord")])
            photo = self._rows(
                connection,
                [("bench_evidence", "files_evidence"), ("bench_photo", "visits_photo"), ("bench_event", "events_event")],
            )
            connection.rollback()
            turn = 0
            while not self.ending.wait(1.0):
                turn += 1
                self.step.append(self._timed(connection, step, turn))
                if turn % 3 == 0:
                    self.photo.append(self._timed(connection, photo, turn, self.place.data / f"plain-{turn}"))

    def _rows(self, connection: "psycopg.Connection[Any]", pairs: Sequence[tuple[str, str]]) -> list[tuple[str, list[Any]]]:
        """Return the inserts of a newest row of each table; what must be unique is a parameter that counts."""
        found = []
        for copy, table in pairs:
            row = connection.execute(f"select to_jsonb(t) from {table} t order by ctid desc limit 1").fetchone()
            if row is None:
                raise SystemExit(f"{table} is empty: nothing to write again")
            found.append((copy, row[0]))
        return found

    def _timed(
        self, connection: "psycopg.Connection[Any]", rows: list[tuple[str, Any]], turn: int, file: Path | None = None
    ) -> float:
        began = time.perf_counter()
        if file is not None:
            handle = os.open(file, os.O_CREAT | os.O_WRONLY)
            os.write(handle, self.picture)
            os.fsync(handle)
            os.close(handle)
        for table, row in rows:
            new = dict(row)
            for name in ("id", "visit_id", "evidence_id", "stream_id", "sequence"):
                if isinstance(new.get(name), int):
                    new[name] = turn
            for name in ("client_id", "key"):
                if name in new:
                    new[name] = str(uuid.uuid4())
            for name in ("path", "thumbnail"):
                if name in new:
                    new[name] = f"{turn}-{name}"
            connection.execute(f"insert into {table} select * from jsonb_populate_record(null::{table}, %s)", [json.dumps(new)])
        connection.commit()
        return (time.perf_counter() - began) * 1000


# --- the measurement


@contextmanager
def serving(place: Ground, port: int) -> Iterator[tuple["subprocess.Popen[bytes]", "subprocess.Popen[bytes]"]]:
    """Run the web server and one worker of production."""
    environment = {**os.environ, "JIELI_DATA": str(place.data), "PYTHONPATH": str(PACKAGE)}
    log = (place.data / "web.log").open("w")
    web = subprocess.Popen(
        [sys.executable, "-m", "jieli", "serve", "--port", str(port)], env=environment, stdout=log, stderr=log
    )
    works = worker(place)
    try:
        _wait(port)
        yield web, works
    finally:
        for process in (web, works):
            process.terminate()
        for process in (web, works):
            process.wait(30)


def _share(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def show(told: Told, plain: Plain) -> bool:
    """Print the times of each kind, and judge the posts together."""
    for kind in KINDS:
        took = told.took.get(kind, [])
        if took:
            print(
                f"{kind:10} {len(took):6,} {len(took) / told.seconds:6.1f}/s   p50 {_share(took, 0.5):6.1f}  p95 {_share(took, 0.95):6.1f}"
                f"  p99 {_share(took, 0.99):7.1f} ms"
            )
    for name, theirs, kind in (("a step", plain.step, "post"), ("a photo", plain.photo, "photo")):
        ours = _share(told.took.get(kind, []), 0.5)
        print(f"plain write of {name}: p50 {_share(theirs, 0.5):.1f}  p95 {_share(theirs, 0.95):.1f} ms;"
              f" ours p50 is {ours / max(_share(theirs, 0.5), 0.1):.1f} times that")  # fmt: skip
    posts = [one for kind in ("post", "finish", "photo") for one in told.took.get(kind, [])]
    within = sum(one < GOAL_MS for one in posts) / max(1, len(posts))
    is_reached = within >= GOAL_RATIO and len(posts) > 0
    print(
        f"posts within {GOAL_MS} ms: {within:.2%} of {len(posts):,} (limit {GOAL_RATIO:.0%}, {'reached' if is_reached else 'MISSED'})"
    )
    return is_reached


def counted(connection: "psycopg.Connection[Any]", before: dict[str, int], told: Told) -> bool:
    """Compare what is in the database with what the phones know to be sent."""
    after = counts(connection)
    wanted = {
        "entries done": sum(told.entries.values()),
        "photos": told.photos,
        "signatures": told.entries.get("signature", 0),
        "safety tests": told.entries.get("safety", 0),
        "orders finished": told.entries.get("finish", 0),
        "entries refused": 0,
        "steps done by an entry of their own": told.entries.get("step", 0),
    }
    is_well = not told.wrong
    for name, number in wanted.items():
        found = after[name] - before[name]
        is_well = is_well and found == number
        print(f"{name:36} {found:6,} of {number:6,} sent: {'each once' if found == number else 'NOT as sent'}")
    for text in told.wrong[:10]:
        print(f"wrong: {text}")
    return is_well


def counts(connection: "psycopg.Connection[Any]") -> dict[str, int]:
    """Count what phones send."""
    asked = {
        "entries done": "select count(*) from visits_fieldentry where state = 'done'",
        "photos": "select count(distinct sha256) from visits_photo p join files_evidence e using (sha256) where e.id = p.evidence_id",
        "signatures": "select count(*) from visits_signature",
        "safety tests": "select count(*) from visits_safetytest",
        "orders finished": "select count(*) from events_event where type = 'orders.finished'",
        "entries refused": "select count(*) from visits_fieldentry where state <> 'done'",
        "steps done by an entry of their own": "select count(*) from visits_steprecord s where exists (select from visits_fieldentry e"
        " join visits_visitorder o on o.order_id = e.order_id where o.visit_id = s.visit_id and e.kind = 'step'"
        " and e.data ->> 'code' = s.code)",
    }
    return {name: connection.execute(text).fetchone()[0] for name, text in asked.items()}  # type: ignore[index]


def main() -> int:
    """Fill, let the phones live, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engineers", type=int, default=ENGINEERS)
    parser.add_argument("--speed", type=float, default=3.0, help="of the visits, 1 being that of life (3)")
    parser.add_argument("--minutes", type=float, default=8.0, help="how long the phones are watched (8)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phones", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.phones:
        be_phones(args.phones)
        return 0
    with ground() as place, place.admin() as connection:
        from field_day import settle_day

        began = time.monotonic()
        engineers = settle_day(place, engineers=args.engineers, orders=ORDERS, seed=args.seed)
        say(
            f"{len(engineers)} engineers with {sum(len(one.orders) for one in engineers):,} orders: {time.monotonic() - began:.0f} s"
        )
        return 0 if measure(place, connection, engineers, args) else 1


def measure(place: Ground, connection: "psycopg.Connection[Any]", engineers: list[Engineer], args: argparse.Namespace) -> bool:
    """Let the phones live beside the server and the worker, and judge what is there afterwards."""
    port = free_port()
    plan = place.data / "phones.json"
    seconds = args.minutes * 60
    plan.write_text(
        json.dumps(
            {
                "port": port,
                "speed": args.speed,
                "seconds": seconds,
                "seed": args.seed,
                "engineers": [asdict(one) for one in engineers],
            }
        )
    )
    before = counts(connection)
    with serving(place, port) as (web, works):
        load = [os.getloadavg()[0]]
        cpu = [_cpu_ms(web.pid), _cpu_ms(works.pid), _cpu_ms(_postmaster(place))]
        phones = subprocess.Popen([sys.executable, __file__, "--phones", str(plan)], stdout=subprocess.PIPE, text=True)
        while not connection.execute("select exists (select from visits_fieldentry where kind = 'step')").fetchone()[0]:  # type: ignore[index]
            time.sleep(0.5)
        plain = Plain(place, pictures(args.seed)[0])
        plain.start()
        say(f"the phones, {args.minutes:g} minutes at {args.speed:g} times the pace of life")
        output, _ = phones.communicate()
        plain.ending.set()
        plain.join()
        if phones.returncode:
            raise SystemExit("the phones broke down")
        load.append(os.getloadavg()[0])
        spent = [
            now - then
            for now, then in zip((_cpu_ms(web.pid), _cpu_ms(works.pid), _cpu_ms(_postmaster(place))), cpu, strict=True)
        ]
        told = Told(**json.loads(output))
        is_reached = show(told, plain)
        requests = sum(map(len, told.took.values()))
        print(
            f"CPU of a request: web {spent[0] / requests:.1f} ms, database {spent[2] / requests:.1f} ms, and worker {spent[1] / requests:.1f} ms;"
            f" all {sum(spent) / 1000 / told.seconds:.2f} cores, the phones {told.cpu / told.seconds:.2f};"
            f" load {load[0]:.1f} to {load[1]:.1f}; {told.bytes_of_days / 2**20:.0f} MB of days; {told.again} answers lost"
        )
        queued = _wait_for_jobs(connection)
    is_once = counted(connection, before, told)
    print(f"jobs left: {queued}")
    for name in ("entry", "step", "evidence", "photo", "event"):
        connection.execute(f"drop table bench_{name}")
    verified = subprocess.run(
        [sys.executable, "-m", "jieli", "verify"],
        env={**os.environ, "JIELI_DATA": str(place.data), "PYTHONPATH": str(PACKAGE)},
        check=False,
    )
    return is_reached and is_once and not queued and verified.returncode == 0


def _wait_for_jobs(connection: "psycopg.Connection[Any]") -> int:
    """Wait until what the phones set off is done, and return how many jobs are left after a minute."""
    left = 0
    for _ in range(60):
        (left,) = connection.execute(
            "select count(*) from procrastinate_jobs where status in ('todo', 'doing') and scheduled_at is null"
        ).fetchone() or (0,)
        if not left:
            break
        time.sleep(1)
    return left


def _postmaster(place: Ground) -> int:
    return int((Path(place.known.folder) / "postmaster.pid").read_text().split()[0])


if __name__ == "__main__":
    sys.exit(main())
