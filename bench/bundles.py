"""Offline bundles: a thousand of them taken in twice, in random order, a fifth of them cut off half-way; each entry counts once.

Run ``jieli bench bundles`` or ``python bench/bundles.py``. Twenty engineers have worked a visit each without a signal, and their
phones send it as fifty short bundles with notes between: shuffled, some only up to where the connection broke, then all of
it shuffled again, and at last whole. What the server does with a bundle is measured, each entry in a transaction of its own with
fsync on, by one process; the socket is left out. The limit is 30 s for the two turns, some 60 bundles a second. Beside it each entry's row is written by plain SQL, one commit each. Exit code
1 when a goal is missed or anything is there twice or not at all.
"""

import argparse
import subprocess
import sys
import time
import uuid
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from os import environ, getloadavg
from random import Random
from typing import Any

import psycopg
import psycopg.types.json
from field_phone import VISIT, Engineer, data_of, pictures
from ground import ground, say

ENGINEERS, BUNDLES = 20, 50
CUT = 0.2
GOAL_SECONDS = 30.0


def visits(engineers: list[Engineer]) -> dict[str, list[Any]]:
    """Return the entries of each engineer's visit, whose photos are sent."""
    from django.core.files.base import ContentFile

    from jieli.people.models import Staff
    from jieli.people.queries import actor_for
    from jieli.visits.actions.photos import keep_photo
    from jieli.visits.rules.entries import SentEntry

    album = pictures(1)
    found: dict[str, list[Any]] = {}
    for engineer in engineers:
        [order] = engineer.orders
        actor = actor_for(Staff.objects.get(code=engineer.code))
        entries = []
        for place, (_minutes, photos, kind, code) in enumerate(VISIT):
            names = []
            for _ in range(photos):
                name = uuid.uuid4()
                comment = str(name).encode()
                body = album[0][:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + album[0][2:]
                keep_photo(
                    ContentFile(body, "p.jpg"),
                    client_id=name,
                    order_number=order.number,
                    sha256=sha256(body).hexdigest(),
                    taken_at=None,
                    actor=actor,
                )
                names.append(str(name))
            if place >= order.done:
                entries.append(
                    SentEntry(uuid.uuid4(), order.number, kind, datetime.now(UTC), data_of(order, kind, code, names))
                )
        found[engineer.code] = entries
    return found


def cut_up(random: Random, whole: dict[str, list[Any]]) -> list[tuple[str, list[Any]]]:
    """Return the visits but their ends as bundles, fifty for each engineer: short ones, as of a phone with a bad connection."""
    from jieli.visits.rules.entries import SentEntry

    bundles = []
    for code, entries in whole.items():
        steps = [one for one in entries if one.kind not in ("outcome", "finish")]
        ends = sorted(random.sample(range(1, len(steps)), min(15, len(steps) - 1))) if len(steps) > 1 else []
        parts = [steps[start:end] for start, end in zip([0, *ends], [*ends, len(steps)], strict=True) if start < end]
        number = entries[0].order
        notes = [
            [SentEntry(uuid.uuid4(), number, "note", datetime.now(UTC), {"text": f"备注 {place}"})]
            for place in range(BUNDLES - len(parts))
        ]
        bundles += [(code, part) for part in (*parts, *notes)]
    return bundles


def replay(
    random: Random, whole: dict[str, list[Any]], bundles: list[tuple[str, list[Any]]]
) -> tuple[float, int, Counter[str]]:
    """Take everything in; return the seconds of the two turns, how many entries they carried, and the states at the end."""
    from jieli.people.models import Staff
    from jieli.people.queries import actor_for
    from jieli.visits.actions.taking import take_bundle
    from jieli.visits.rules.entries import Bundle

    actors = {code: actor_for(Staff.objects.get(code=code)) for code in whole}

    def take(code: str, entries: list[Any]) -> list[str]:
        results = take_bundle(Bundle(f"bench-{code}", datetime.now(UTC), 1, tuple(entries)), actor=actors[code])
        return [one.state for one in results]

    began, carried = time.perf_counter(), 0
    for _turn in (1, 2):
        random.shuffle(bundles)
        for code, entries in bundles:
            sent = entries[: random.randrange(len(entries))] if random.random() < CUT else entries
            carried += len(sent)
            take(code, sent)
    seconds = time.perf_counter() - began
    states = Counter(state for code, entries in bundles for state in take(code, entries))
    for code, entries in whole.items():
        states.update(take(code, entries[-2:]))
    return seconds, carried, states


def plainly(connection: "psycopg.Connection[Any]", count: int) -> float:
    """Return the seconds of writing so many rows of entries into a table like theirs, one commit each."""
    connection.execute("create table bench_entry (like visits_fieldentry including all)")
    row = connection.execute("select to_jsonb(e) from visits_fieldentry e limit 1").fetchone()
    assert row is not None
    began = time.perf_counter()
    for number in range(count):
        new = {**row[0], "id": number, "client_id": str(uuid.uuid4())}
        connection.execute(
            "insert into bench_entry select * from jsonb_populate_record(null::bench_entry, %s)",
            [psycopg.types.json.Jsonb(new)],
        )
    seconds = time.perf_counter() - began
    connection.execute("drop table bench_entry")
    return seconds


def is_once(connection: "psycopg.Connection[Any]", whole: dict[str, list[Any]], sent: int) -> bool:
    """Print how often everything is there; tell whether each is there once."""
    of_bench = "device like 'bench-%'"
    asked = {
        "entries done": (f"select count(*) from visits_fieldentry where state = 'done' and {of_bench}", sent),
        "entries kept aside": (f"select count(*) from visits_fieldentry where state <> 'done' and {of_bench}", 0),
        "visits finished by the standard": (
            "select count(*) from visits_visit v where steps_complete and exists (select from visits_fieldentry e"
            f" where e.case_id = v.case_id and e.{of_bench})",
            len(whole),
        ),
        "signatures": (
            f"select count(*) from visits_signature s join visits_fieldentry e using (client_id) where e.{of_bench}",
            sum(one.kind == "signature" for entries in whole.values() for one in entries),
        ),
        "orders finished twice": (
            "select count(*) from (select stream_id from events_event where type = 'orders.finished' group by 1"
            " having count(*) > 1) twice",
            0,
        ),
        "notes": (
            f"select count(*) from cases_message m where direction = 'note' and exists (select from visits_fieldentry e"
            f" where e.case_id = m.case_id and e.{of_bench} and e.kind = 'note' and e.data ->> 'text' = m.body)",
            sent - sum(map(len, whole.values())),
        ),
    }
    is_well = True
    for name, (text, wanted) in asked.items():
        (found,) = connection.execute(text).fetchone() or (None,)
        is_well = is_well and found == wanted
        print(f"{name:34} {found:6,} of {wanted:6,}{'' if found == wanted else '  NOT once'}")
    return is_well


def main() -> int:
    """Fill, replay, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    random = Random(args.seed)
    with ground() as place, place.admin() as connection:
        from field_day import settle_day

        engineers = settle_day(place, engineers=ENGINEERS, orders=1, seed=args.seed)
        whole = visits(engineers)
        bundles = cut_up(random, whole)
        say(f"{len(bundles):,} bundles")
        load = getloadavg()[0]
        seconds, carried, states = replay(random, whole, bundles)
        sent = sum(len(entries) for _code, entries in bundles) + 2 * len(whole)
        plain = plainly(connection, carried)
        print(
            f"{2 * len(bundles):,} bundles with {carried:,} entries in {seconds:.1f} s (limit {GOAL_SECONDS:g} s): {carried / seconds:.0f}"
            f" entries a second; as many rows written plainly, with a commit each: {plain:.1f} s, ratio {seconds / plain:.1f};"
            f" load {load:.1f} to {getloadavg()[0]:.1f}"
        )
        is_well = is_once(connection, whole, sent) and states.keys() <= {"done", "repeated"}
        verified = subprocess.run(
            [sys.executable, "-m", "jieli", "verify"], env={**environ, "JIELI_DATA": str(place.data)}, check=False
        )
    missed = [] if seconds <= GOAL_SECONDS else [f"more than {GOAL_SECONDS:g} s"]
    if not is_well or verified.returncode:
        missed.append("not everything is there once")
    print("; ".join(missed) or "all goals met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
