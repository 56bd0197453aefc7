"""(f) Exchange files: rows per second of outlets, customers, devices, orders and complaints against COPY of the same files.

COPY is the limit: it only stores the bytes. The import reads and checks each cell, finds outlets, engineers, customers and
devices, writes a case and a work order per row with an event per known time, all chained by hash. The goal: 500,000 orders in
less than five minutes on two cores, each process below 1 GB.
"""

import argparse
import contextlib
import csv
import os
import random
import resource
import sys
import tempfile
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, sleep

from ground import ground, say
from import_history import copy_seconds

ORDERS = 500_000
PER_OUTLET = 364  # a month of 5,500 outlets and 2,000,000 orders
SECONDS_ALLOWED = 300
MEMORY_ALLOWED = 1 << 30
LINES = ("washing_machine", "refrigerator", "air_conditioner", "water_heater", "television")
FILES = ("units", "outlets", "staff", "customers", "devices", "orders", "complaints")
ENGINEERS_OF_OUTLET = 2


def generate(folder: Path, orders: int) -> dict[str, int]:
    """Write a month's files and return the rows of each: one order in fifty unfinished, six or seven events each."""
    chance = random.Random(20261122)
    outlets = max(2, orders // PER_OUTLET)
    customers = max(1, orders * 2 // 5)
    month = datetime(2026, 9, 1, tzinfo=UTC)
    rows = dict.fromkeys(FILES, 0)

    def write(name: str, header: tuple[str, ...], lines: "Sequence[tuple[object, ...]]") -> None:
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(lines)
        rows[name] = len(lines)

    centres = [(f"C{n:03}", f"区域中心{n}", "regional_centre", "", f"region {n}") for n in range(20)]
    points = [(f"O{n:05}", f"网点{n}", "outlet", f"C{n % 20:03}", f"region {n % 20}") for n in range(outlets)]
    write("units", ("code", "name", "kind", "parent", "region"), [*centres, *points])
    write(
        "outlets",
        ("code", "type", "tier", "region", "capacity_per_day", "product_lines", "status"),
        [(code, "standard", "outlet", region, 40, ";".join(LINES), "active") for code, _n, _k, _p, region in points],
    )
    staff = [
        (f"E{n:05}-{k}", f"工程师{n}-{k}", f"O{n:05}", "engineer")
        for n in range(min(outlets, 300))
        for k in range(ENGINEERS_OF_OUTLET)
    ]
    write("staff", ("code", "name", "unit", "roles"), list(staff))
    write(
        "customers",
        ("code", "name", "kind", "phone", "address"),
        [
            (f"K{n:07}", f"顾客{n}", "person", f"13{chance.randrange(10**9):09}", f"北京市海淀区中关村大街{n % 900}号")
            for n in range(customers)
        ],
    )
    write(
        "devices",
        ("serial", "product_line", "model", "customer", "bought_on", "genuine"),
        [
            (f"SN{n:08}", LINES[n % 5], f"M{n % 90}", f"K{n:07}", "2025-05-01", "true" if n % 200 else "false")
            for n in range(customers)
        ],
    )
    made = []
    for n in range(orders):
        customer = chance.randrange(customers)
        point = chance.randrange(outlets)
        opened = month + timedelta(seconds=chance.randrange(28 * 86400))
        dispatched = opened + timedelta(minutes=chance.randrange(5, 120))
        promised = dispatched + timedelta(hours=24)
        is_done = n % 50 != 0
        arrived = dispatched + timedelta(minutes=chance.randrange(30, 1500)) if is_done else None
        finished = arrived + timedelta(minutes=chance.randrange(20, 180)) if arrived else None
        reported = finished + timedelta(hours=chance.randrange(1, 30)) if finished else None
        part = f"P{n % 300}" if is_done and chance.random() < 0.4 else ""
        returned = finished + timedelta(days=chance.randrange(2, 6)) if part and finished else None
        found = returned + timedelta(days=1) if returned and chance.random() < 0.9 else None
        called = finished + timedelta(hours=chance.randrange(20, 60)) if finished else None
        made.append(
            (
                f"R{n:08}", f"K{customer:07}", f"SN{customer:08}", LINES[customer % 5],
                ("repair", "repair", "installation", "maintenance")[n % 4], f"F{n % 40}" if n % 4 < 2 else "",
                "true" if n % 3 else "false", f"{chance.randrange(400) / 10}", "true" if n % 20 == 0 else "false",
                "false", "true" if n % 30 == 0 else "false", f"O{point:05}",
                f"E{point:05}-{n % ENGINEERS_OF_OUTLET}" if point < 300 else "",
                *(at.isoformat() if at else "" for at in (opened, dispatched, promised, arrived, finished, reported)),
                ("true" if n % 9 else "false") if is_done else "", ("true" if n % 70 else "false") if is_done else "", part,
                returned.isoformat() if returned else "",
                ("confirmed" if n % 25 else "no_fault") if found else "", found.isoformat() if found else "",
                ("satisfied" if n % 30 else "dissatisfied") if called else "", called.isoformat() if called else "",
                "true" if n % 400 == 0 else "false", "false",
            )
        )  # fmt: skip
    from jieli.orders.rules.order_rows import COLUMNS

    write("orders", COLUMNS, made)
    write(
        "complaints",
        ("number", "order", "outlet", "opened_at", "level", "upheld"),
        [(f"X{n:06}", f"R{n * 250:08}", made[n * 250][11], made[n * 250][13], n % 4 + 1, "true") for n in range(orders // 250)],
    )
    return rows


class Servers:
    """What the processes of one database server use: CPU seconds together, and the most memory of its own that one had."""

    def __init__(self, data: Path) -> None:
        self._postmaster = int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        self.most_memory = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Servers":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def cpu_seconds(self) -> float:
        """Return what all its processes used so far, those that ended included."""
        ticks = 0
        for pid in [self._postmaster, *self._children()]:
            with contextlib.suppress(OSError, IndexError):
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                ticks += sum(int(one) for one in fields[11 : 15 if pid == self._postmaster else 13])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _children(self) -> list[int]:
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError, IndexError):
                if int(path.read_text().rsplit(")", 1)[1].split()[1]) == self._postmaster:
                    found.append(int(path.parent.name))
        return found

    def _watch(self) -> None:
        while not self._ends.wait(0.5):
            for pid in self._children():
                with contextlib.suppress(OSError):
                    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                        if line.startswith("RssAnon:"):
                            self.most_memory = max(self.most_memory, int(line.split()[1]) * 1024)


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=0, help=f"how many (default {ORDERS:,} times the scale)")
    parser.add_argument("--scale", type=float, default=1.0, help="of the month")
    parser.add_argument("--again", action="store_true", help="import everything a second time: nothing may change")
    args = parser.parse_args()
    orders = args.orders or int(ORDERS * args.scale)
    is_well = True
    with tempfile.TemporaryDirectory() as name, ground() as place, place.admin() as admin:
        folder = Path(name)
        from jieli.events.actor import import_actor
        from jieli.intake.actions.exchange import import_exchange_file
        from jieli.people.actions import found_company

        found_company(unit_code="HQ", unit_name="总部", code="boss", name="韩梅梅")
        say(f"generate {orders:,} orders")
        rows = generate(folder, orders)
        with Servers(place.data) as servers:
            for kind in FILES:
                path = folder / f"{kind}.csv"
                with path.open(encoding="utf-8") as file:
                    columns = len(next(csv.reader(file)))
                copied = min(copy_seconds(admin, path, columns) for _ in range(3))
                for attempt in range(1 + args.again):
                    say(f"import {kind}" + " again" * attempt)
                    begun, cpu, server_cpu = perf_counter(), sum(os.times()[:2]), servers.cpu_seconds()
                    report = import_exchange_file(path, kind=kind, actor=import_actor("bench"))
                    seconds, cpu = perf_counter() - begun, sum(os.times()[:2]) - cpu
                    server_cpu = servers.cpu_seconds() - server_cpu
                    if report.rejected or (attempt and report.imported):
                        raise SystemExit(f"{kind}: {report.rejected} refused, {report.imported} imported: {report.bad[:3]}")
                    print(
                        f"{kind + ' again' * attempt:18} {rows[kind]:9,} rows  {seconds:7.1f} s = {rows[kind] / seconds:8,.0f}/s"
                        f"  {report.events:9,} events = {report.events / seconds:7,.0f}/s  cpu {cpu:5.1f} + {server_cpu:5.1f} s"
                        f"  COPY {copied:6.2f} s  ratio {copied / seconds:.4f}",
                        flush=True,
                    )
                    if kind == "orders" and not attempt:
                        allowed = SECONDS_ALLOWED * orders / ORDERS
                        is_well = seconds <= allowed
                        print(f"  goal {orders:,} orders within {allowed:.0f} s: {'reached' if is_well else 'MISSED'}")
            sleep(0.6)
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        is_small = max(own, servers.most_memory) <= MEMORY_ALLOWED
        print(
            f"memory: import {own >> 20:,} MB, largest process of the database {servers.most_memory >> 20:,} MB of its own",
            end=" ",
        )
        print("(below 1 GB)" if is_small else "MISSED")
    return 0 if is_well and is_small else 1


if __name__ == "__main__":
    sys.exit(main())
