"""(e) Import: events per second of a foreign history against COPY of the same file into a plain table, in the same run.

COPY is the limit: it only stores the bytes. The import reads and checks each row, finds people, units and customers, writes
cases with owners and promises, and chains every event by hash. The generated log has 150,000 events in 25,000 cases; the real
help desk is measured too where its file is (JIELI_SHARED_DATA, else ../shared/data).
"""

import argparse
import csv
import gzip
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import BinaryIO, cast

import psycopg
from ground import ground, say
from psycopg import sql

EVENTS_OF_CASE = 6
CASES = 25_000
SECONDS_ALLOWED = 180
REPOSITORY = Path(__file__).resolve().parents[1]
MAPPINGS = REPOSITORY / "docs" / "how-to" / "mappings"

HEADER = ("case", "at", "step", "who", "group", "customer", "product", "level", "site", "channel", "priority", "note")
STEPS = ("opened", "taken", "asked", "taken", "answered", "closed")
MAPPING = """
form = "events"
source = "generated"
title = "Generated log"
time_zone = "UTC"
times = ["%Y-%m-%d %H:%M:%S"]
unknown = ["?"]

[columns]
case = "case"
at = "at"
activity = "step"
actor = "who"
group = "group"
customer = "customer"
product_line = "product"
attributes = ["level", "site", "channel", "priority"]
keep = ["note"]

[values]
opens = ["opened", "taken"]
pauses = ["asked"]
resolves = ["answered"]
closes = ["closed"]
"""


def generate(path: Path, cases: int) -> int:
    """Write a log of `cases` cases in the order of time, one case in ten still open, and return its number of events."""
    chance = random.Random(20261122)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    rows = []
    for case in range(cases):
        at = start + timedelta(minutes=20 * case)
        product, customer = f"product {chance.randrange(40)}", f"customer {chance.randrange(5000)}"
        last = chance.randrange(2, 5) if case % 10 == 0 else EVENTS_OF_CASE
        for step in (*STEPS[:last], *STEPS[1:2] * (EVENTS_OF_CASE - last)):
            who = "?" if chance.random() < 0.05 else f"person {chance.randrange(200)}"
            level, site = str(chance.randrange(1, 5)), f"site {chance.randrange(50)}"
            row = (f"C{case:06}", f"{at:%Y-%m-%d %H:%M:%S}", step, who, f"group {chance.randrange(60)}", customer, product)
            rows.append((*row, level, site, "phone", level, "?"))
            at += timedelta(minutes=chance.randrange(5, 3000))
    rows.sort(key=lambda row: row[1])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows)
    return len(rows)


def copy_seconds(connection: "psycopg.Connection[tuple[object, ...]]", path: Path, columns: int) -> float:
    """Return how long COPY takes to store the file in a table of text columns, committed."""
    names: Sequence[str] = [f"c{number}" for number in range(columns)]
    table = sql.Identifier("bench_copy")
    connection.execute(sql.SQL("drop table if exists {}").format(table))
    definitions = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in names)
    connection.execute(sql.SQL("create table {} ({})").format(table, definitions))
    begun = perf_counter()
    statement = sql.SQL("copy {} from stdin csv header").format(table)
    with closing(opened(path)) as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
        while chunk := file.read(1 << 18):
            copy.write(chunk)
    return perf_counter() - begun


def opened(path: Path) -> BinaryIO:
    """Open a file for reading bytes, unpacked."""
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def measure(
    admin: "psycopg.Connection[tuple[object, ...]]", path: Path, mapping: str, columns: int
) -> tuple[int, float, float]:
    """Import a file and COPY it; return events and the two times."""
    from jieli.events.actor import import_actor
    from jieli.intake.actions.histories import import_history

    copied = min(copy_seconds(admin, path, columns) for _ in range(3))
    begun = perf_counter()
    report = import_history(path, mapping_text=mapping, actor=import_actor("bench"))
    seconds = perf_counter() - begun
    if report.rejected:
        raise SystemExit(f"{report.rejected} rows of {path.name} were refused: {report.bad[:3]}")
    return report.events, seconds, copied


def show(name: str, events: int, seconds: float, copied: float) -> None:
    """Print one row."""
    print(f"{name:34} {events:9,} events  import {seconds:7.1f} s = {events / seconds:8,.0f}/s", end="  ")
    print(f"COPY {copied:6.2f} s = {events / copied:10,.0f}/s  ratio {copied / seconds:.4f}")


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of the generated log")
    args = parser.parse_args()
    data = Path(os.environ.get("JIELI_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
    is_well = True
    with tempfile.TemporaryDirectory() as folder, ground() as place, place.admin() as admin:
        from jieli.people.actions import found_company

        found_company(unit_code="HQ", unit_name="总部", code="boss", name="韩梅梅")
        path = Path(folder) / "generated.csv"
        say("generate a log")
        generate(path, int(CASES * args.scale))
        say("import it")
        events, seconds, copied = measure(admin, path, MAPPING, len(HEADER))
        show("generated log", events, seconds, copied)
        allowed = SECONDS_ALLOWED * args.scale
        is_well = seconds <= allowed
        print(f"  goal {events:,} events within {allowed:.0f} s: {'reached' if is_well else 'MISSED'}")
        begun = perf_counter()
        from jieli.insight.queries.history import figures

        found = figures("generated")
        print(f"  its figures, from {found['events']:,} events: {perf_counter() - begun:.2f} s")
        real = data / "processes" / "helpdesk.csv.gz"
        if real.exists():
            show("help desk", *measure(admin, real, (MAPPINGS / "helpdesk.toml").read_text(encoding="utf-8"), 16))
        else:
            print(f"help desk: not here ({real.name})")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
