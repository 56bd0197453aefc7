"""Promises that fall due: a million are open, ten thousand of them fall due within a minute, two workers notice them.

Run ``jieli bench promises`` or ``python bench/promises.py [--scale 0.01]``. The workers are those of production (`jieli work`),
on an embedded database with fsync on. Lateness is measured twice: by the alarm's own `noticed_at`, and by the time of the commit
that made it visible to everybody. Each breach must have rung, been recorded and opened its next-reply promise exactly once, no
other promise may have rung, and `jieli verify` must find nothing. Exit code 1 when a goal is missed.
"""

import argparse
import os
import subprocess
import sys
import time
from typing import Any

import psycopg
from ground import FIRST_CASE, STAFF_OF_OUTLET, Company, Ground, bulk, found_company, ground, say, write_customers

PROMISES = 1_000_000
DUE = 10_000
SECONDS = 60
WORKERS = 2
GOAL_SECONDS, GOAL_RATIO = 2.0, 0.99
PATIENCE = 180
TABLES = (
    "customers_customer",
    "customers_device",
    "cases_case",
    "cases_heldby",
    "cases_promise",
    "cases_alarm",
    "events_event",
)
_CASES = """
insert into cases_case (id, kind, service_type, subject, description, product_line, fault_code, address, tags, custom, channel,
  language, source, source_key, status, stage, route, is_on_duty, is_steward_provisional, landing, opened_at, next_due_at, reopened,
  passes, revision, tracking_digest, customer_id, owner_id, owner_event_id, steward_id, unit_id)
select %(first)s - 1 + i, 'service', 'repair', '洗衣机不排水', '', 'washer', '', '北京市海淀区', '{}', '{}', 'portal', 'zh-hans', '', '',
  'open', 'handling', 'service@routes v1', false, false, 'bench', now() - interval '2 hours', now(), 0, 0, 1,
  md5(i::text) || md5(i::text), 1 + i %% %(customers)s, %(staff)s + u.number * %(each)s + i / %(outlets)s %% %(each)s,
  10000 + 2 * i, %(desk_staff)s + i %% %(outlets)s, %(outlet)s + u.number
from generate_series(1, %(cases)s) i, lateral (select i %% %(outlets)s as number) u
"""
_OPENED = """
insert into events_event (id, stream, stream_id, sequence, at, recorded_at, actor_kind, actor_id, actor_name, type, data, previous, hash)
select 10000 + 2 * i - 1, 'case', c.id, 1, c.opened_at, c.opened_at, 'system', null, 'bench', 'cases.opened', d.data, '',
  events_digest('', 'case', c.id, 1, c.opened_at, c.opened_at, 'system', null, 'bench', 'cases.opened', d.data)
from cases_case c, lateral (select c.id - %(first)s + 1 as i) n,
  lateral (select jsonb_build_object('case_id', c.id, 'owner_id', %(boss)s, 'unit_id', c.unit_id) as data) d
"""
_TAKEN = """
insert into events_event (id, stream, stream_id, sequence, at, recorded_at, actor_kind, actor_id, actor_name, type, data, previous, hash)
select e.id + 1, 'case', c.id, 2, c.opened_at, c.opened_at, 'staff', c.owner_id, '', 'cases.taken', d.data, e.hash,
  events_digest(e.hash, 'case', c.id, 2, c.opened_at, c.opened_at, 'staff', c.owner_id, '', 'cases.taken', d.data)
from cases_case c join events_event e on e.stream = 'case' and e.stream_id = c.id,
  lateral (select jsonb_build_object('case_id', c.id, 'owner_id', c.owner_id, 'from_id', %(boss)s, 'unit_id', c.unit_id) as data) d
"""
_HEADS = """
insert into events_head (stream, stream_id, sequence, hash, xact)
select 'case', stream_id, sequence, hash, 1 from events_event where stream = 'case' and sequence = 2
"""
_PROMISES = """
insert into cases_promise (id, case_id, kind, started_at, mode, target, calendar, calendar_unit_id, segments, due_at, holds_until,
  policy, rule, facts, told_how, by_import, next_alarm_at, outcome, reason)
select (c.id - %(first)s) * 3 + k.place, c.id, k.kind, c.opened_at, 'minutes', t.minutes, 'always', c.unit_id, 0,
  c.opened_at + t.minutes * interval '1 minute', c.opened_at + (t.minutes + 240) * interval '1 minute', 'promises v1', 'bench', '{}',
  '', false, c.opened_at + t.minutes / 2 * interval '1 minute', '', ''
from cases_case c, lateral (values (1, 'accept'), (2, 'first_reply'), (3, 'resolve')) k (place, kind),
  lateral (select 20000 + 2 * (c.id %% 5000) + 10000 * k.place as minutes) t
where (c.id - %(first)s) * 3 + k.place <= %(promises)s
"""
# Those that fall due: the whole cases in order, the first promise of each, one every few milliseconds from `start` on.
_DUE = """
update cases_promise p set target = 120, started_at = d.at - interval '2 hours', due_at = d.at, next_alarm_at = d.at,
  holds_until = d.at + interval '4 hours'
from generate_series(0, %(due)s - 1) i, lateral (select %(start)s::timestamptz + i * %(step)s * interval '1 second' as at) d
where p.id = i * %(every)s * 3 + 1
"""
_RUNG = """
insert into cases_alarm (promise_id, share, due_at, noticed_at)
select p.id, s.share, p.due_at, p.started_at + s.share * interval '72 seconds'
from cases_promise p, lateral (values (50), (80)) s (share) where p.target = 120
"""
_NEXT = """
update cases_case c set next_due_at = d.at
from (select case_id, min(due_at) as at from cases_promise where ended_at is null group by 1) d where d.case_id = c.id
"""


def fill(connection: "psycopg.Connection[Any]", company: Company, promises: int) -> int:
    """Write the cases and their promises; return how many cases there are."""
    cases = -(-promises // 3)
    values = {
        "first": FIRST_CASE,
        "cases": cases,
        "promises": promises,
        "customers": max(10, cases // 5),
        "boss": company.manager,
        "staff": company.outlet_agent,
        "each": STAFF_OF_OUTLET,
        "desk_staff": company.desk_agent,
        "outlet": company.outlet,
        "outlets": company.outlets,
    }
    with bulk(connection, TABLES):
        client = psycopg.ClientCursor(connection)
        say(f"{promises:,} promises on {cases:,} cases")
        write_customers(connection, values["customers"])
        for text in (_CASES, _OPENED, _TAKEN, _HEADS, _PROMISES):
            client.execute(text, values)
            connection.execute("analyze cases_case, events_event")
        connection.execute(_NEXT)
        connection.execute("insert into cases_heldby (case_id, unit_id) select id, unit_id from cases_case")
        say("indexes")
    return cases


def arm(connection: "psycopg.Connection[Any]", *, cases: int, due: int, seconds: float) -> None:
    """Let `due` promises fall due within `seconds`, from some seconds ahead on."""
    connection.execute("set session_replication_role = replica")
    connection.execute("set synchronous_commit = on")
    client = psycopg.ClientCursor(connection)
    (start,) = connection.execute("select clock_timestamp() + interval '15 seconds'").fetchone() or (None,)
    client.execute(_DUE, {"due": due, "start": start, "step": seconds / due, "every": cases // due})
    client.execute(_RUNG)
    client.execute(_NEXT + " and c.id in (select case_id from cases_promise where target = 120)")
    connection.execute("set session_replication_role = origin")


def worker(place: Ground) -> "subprocess.Popen[bytes]":
    """Start one worker of production."""
    return subprocess.Popen(
        [sys.executable, "-m", "jieli", "work"],
        env={**os.environ, "JIELI_DATA": str(place.data)},
        stdout=subprocess.DEVNULL,
        stderr=(place.data / "worker.log").open("a"),
    )


def one(connection: "psycopg.Connection[Any]", text: str) -> Any:
    """Return the first row of a query."""
    return connection.execute(text).fetchone()


def judge(connection: "psycopg.Connection[Any]", due: int) -> bool:
    """Print what happened to those that fell due, each with its limit; tell whether all is well."""
    is_well = True
    for name, instant in (("noticed", "a.noticed_at"), ("visible to all", "pg_xact_commit_timestamp(a.xmin)")):
        within, p50, p99, most = one(
            connection,
            f"select avg((late <= {GOAL_SECONDS})::int), percentile_cont(0.5) within group (order by late),"
            f" percentile_cont(0.99) within group (order by late), max(late) from (select extract(epoch from {instant} - a.due_at)"
            f" as late from cases_alarm a where a.share = 100) l",
        )
        reached = within is not None and within >= GOAL_RATIO
        is_well = is_well and reached
        print(
            f"{name:16} within {GOAL_SECONDS:g} s {float(within or 0):8.2%} (limit {GOAL_RATIO:.0%}, {'reached' if reached else 'MISSED'})"
            f"   p50 {p50 or 0:.2f} s  p99 {p99 or 0:.2f} s  most {most or 0:.2f} s"
        )
    counted = {
        "alarms": "select count(*), count(distinct promise_id) from cases_alarm where share = 100",
        "events": "select count(*), count(distinct data ->> 'promise_id') from events_event where type = 'cases.promise_broken'",
        "next replies": "select count(*), count(distinct case_id) from cases_promise where kind = 'next_reply'",
    }
    for name, text in counted.items():
        found, distinct = one(connection, text)
        once = found == distinct == due
        is_well = is_well and once
        print(f"{name:16} {found:,} of {due:,}, each once: {'yes' if once else 'NO'}")
    (others,) = one(
        connection, "select count(*) from cases_alarm a join cases_promise p on p.id = a.promise_id where p.target > 10000"
    )
    print(f"{'others':16} {others} alarms of promises that were not due")
    return is_well and not others


def main() -> int:
    """Fill, let the workers run, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of the open promises and of those that fall due")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="within which they fall due")
    args = parser.parse_args()
    promises, due = int(PROMISES * args.scale), int(DUE * args.scale)
    with ground(track_commit_timestamp="on") as place, place.admin() as connection:
        company = found_company(connection, promises // 3)
        cases = fill(connection, company, promises)
        workers = [worker(place) for _ in range(WORKERS)]
        try:
            while one(connection, "select count(*) from config_heartbeat")[0] < WORKERS:
                if any(process.poll() is not None for process in workers):
                    raise SystemExit((place.data / "worker.log").read_text()[-2000:])
                time.sleep(0.2)
            arm(connection, cases=cases, due=due, seconds=args.seconds)
            say(f"{due:,} fall due within {args.seconds:g} s")
            begun = time.monotonic()
            while (
                one(connection, "select count(*) from cases_alarm where share = 100")[0] < due
                and time.monotonic() - begun < PATIENCE
            ):
                time.sleep(2)
            time.sleep(2)
        finally:
            for process in workers:
                process.terminate()
            for process in workers:
                process.wait(30)
        is_well = judge(connection, due)
        say("verify")
        verified = subprocess.run(
            [sys.executable, "-m", "jieli", "verify"], env={**os.environ, "JIELI_DATA": str(place.data)}, check=False
        )
        return 0 if is_well and verified.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
