"""A month settled: 5,500 outlets and 2,000,000 finished orders, against plain SQL written by hand for the same result.

Run ``jieli bench settle`` or ``python bench/settle.py``. The company is written set by set; nothing of it is special: repeats
within and between outlets, parts that wait or fail, orders of the month before, surcharges, three rate tables, incentives,
complaints, a backlog. Then `jieli settle` decides the month as a person would, in a process of its own, and the plain SQL
does the same beside it: the gates and fees of each order, kept under an index that refuses a second time, the grades with
their ranks, and what each outlet gets. Both must agree to the cent. A second size shows whether cost grows with the orders
alone. Then the six indicators of all outlets, and the overview page in the server. Exit code 1 when a goal is missed.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
from ground import Ground, bulk, ground, say

ORDERS = 2_000_000
SMALL = 100_000
OUTLETS = 5_500
MONTH, FIRST, NEXT = "2026-10", "2026-10-01 00:00+08", "2026-11-01 00:00+08"
CUT_OFF = "2026-11-08 00:00+08"
GOAL_FIGURES, GOAL_PAGE_MS = 10, 200
GOAL_SECONDS, GOAL_RATIO, GOAL_MEMORY, GOAL_GROWTH = 60, 1.5, 1_000_000_000, 1.2
LINES = ("washer", "fridge", "oven", "heater", "cooler")
FAULTS = ("drain", "noise", "leak", "power", "door", "heat")


def found(connection: "psycopg.Connection[Any]", outlets: int) -> None:
    """Found a company of so many outlets in regions of 50, a fifth of them star centres."""
    from jieli.people import actions

    boss = actions.found_company(unit_code="HQ", unit_name="总部", code="boss", name="韩梅梅", password="enough for a bench")
    run = psycopg.ClientCursor(connection).execute
    run("set session_replication_role = replica")
    run(
        """
        insert into people_unit (id, code, name, kind, path, region, calendar, is_active, custom, leader_id, parent_id)
        select %(root)s + o, 'O' || lpad(o::text, 5, '0'), '网点' || o, 'outlet', '/' || %(root)s || '/' || %(root)s + o || '/', '',
          'desk', true, '{}', null, %(root)s
        from generate_series(1, %(outlets)s) o
        """,
        {"root": boss.unit_id, "outlets": outlets},
    )
    run(
        """
        insert into network_outlet (unit_id, type, tier, region, product_lines, status, attributes, address, district, hours,
          contract_number, bank_account, contact_name, phone, email, status_reason, changed_at)
        select %(root)s + o, 'standard', case when o %% 5 = 0 then 'star_centre' else 'outlet' end, 'R' || o / 250, '{}', 'active', '{}',
          '', '', '{}', '', '', '', '', '', '', now()
        from generate_series(1, %(outlets)s) o
        """,
        {"root": boss.unit_id, "outlets": outlets},
    )
    run("select setval(pg_get_serial_sequence('people_unit', 'id'), (select max(id) + 1 from people_unit))")
    run("set session_replication_role = origin")


def one_case() -> int:
    """Return a case on which the orders stand: what is measured reads orders, not cases."""
    from jieli.cases.actions.opening import NewCase, open_case
    from jieli.customers.actions.customers import find_or_make_customer
    from jieli.events.actor import SYSTEM

    customer = find_or_make_customer(name="王芳", phone="13800000000", actor=SYSTEM)
    need = NewCase(kind="service", service_type="repair", subject="…", description="…", channel="phone", customer=customer)
    return open_case(need, actor=SYSTEM).case_id


ORDERS_OF_A_MONTH = """
insert into orders_workorder (id, number, case_id, outlet_id, device_id, product_line, service_type, fault_group, in_warranty,
  distance_km, night, holiday, high_floor, opened_at, dispatched_at, promised_until, arrived_at, finished_at, reported_at,
  fixed_first, steps_complete, part, part_returned_at, lab_finding, lab_at, callback_result, callback_at, delight,
  information_accepted, attributes, source)
select i, 'W' || lpad(i::text, 9, '0'), %(case)s, %(root)s + 1 + (h1 %% %(outlets)s), 1 + h2 %% %(devices)s,
  (array['washer', 'fridge', 'oven', 'heater', 'cooler'])[1 + h2 %% 5],
  case when h3 %% 10 < 6 then 'repair' when h3 %% 10 < 9 then 'installation' else 'maintenance' end,
  (array['drain', 'noise', 'leak', 'power', 'door', 'heat'])[1 + h4 %% 6],
  case when h3 %% 211 = 0 then null else h1 %% 10 < 7 end,
  case when h4 %% 307 = 0 then null else (h2 %% 60000) / 1000.0 end,
  h1 %% 11 = 0, h2 %% 13 = 0, h3 %% 17 = 0, at - interval '30 hours', at - interval '20 hours', at + (h1 %% 20 - 1) * interval '20 minutes',
  at - interval '1 hour', case when i > %(finished)s then null else at end,
  at + (h2 %% 26) * interval '1 hour', h4 %% 10 > 0, case when h1 %% 101 = 0 then null else h1 %% 97 > 0 end,
  case when with_part then 'P' || h3 %% 300 else '' end,
  case when with_part and h2 %% 9 > 0 then at + (h3 %% 300) * interval '1 hour' end,
  case when with_part and h2 %% 9 > 0 then (array['confirmed', 'confirmed', 'confirmed', 'confirmed', 'confirmed', 'confirmed',
    'confirmed', 'no_fault', 'wrong_part', 'misuse'])[1 + h4 %% 10] else '' end,
  case when with_part and h2 %% 9 > 0 then at + (h3 %% 300 + 48) * interval '1 hour' end,
  case when h4 %% 23 = 0 then '' when h4 %% 19 = 0 then 'dissatisfied' when h4 %% 12 = 0 then 'unreached' else 'satisfied' end,
  case when h4 %% 23 = 0 then null else at + (h1 %% 200) * interval '1 hour' end,
  h2 %% 200 = 0, h3 %% 150 = 0, '{}', 'bench'
from (
  select i, abs(hashint4(i)) as h1, abs(hashint4(i + 1000003)) as h2, abs(hashint4(i + 2000029)) as h3,
    abs(hashint4(i + 3000017)) as h4, abs(hashint4(i + 4000037)) %% 3 = 0 as with_part,
    %(since)s::timestamptz + random() * (%(until)s::timestamptz - %(since)s::timestamptz) as at
  from generate_series(%(first)s, %(last)s) i
) made
"""


def fill(place: Ground, orders: int, outlets: int) -> None:
    """Write the company, its devices, orders, rates, incentives and complaints."""
    say(f"{outlets:,} outlets, {orders:,} finished orders")
    with place.admin() as connection:
        found(connection, outlets)
        case_id = one_case()
        root = connection.execute("select id from people_unit where parent_id is null").fetchone()[0]  # type: ignore[index]
        devices, unfinished = int(orders * 0.7), orders // 100
        tables = ["customers_customer", "customers_device", "orders_workorder", "complaints_complaint"]
        last = connection.execute("select coalesce(max(id), 0) from customers_customer").fetchone()[0]  # type: ignore[index]
        with bulk(connection, tables):
            run = psycopg.ClientCursor(connection).execute
            run("select setseed(0.5)")
            run(
                """
                insert into customers_device (id, serial, product_line, model, customer_id, genuine, attributes, created_at, changed_at)
                select i, 'SN' || lpad(i::text, 9, '0'), 'washer', 'W-' || i %% 40, %(customer)s,
                  case when i %% 89 = 0 then null else i %% 61 > 0 end, '{}', company_now(), company_now()
                from generate_series(1, %(devices)s) i
                """,
                {"devices": devices, "customer": last},
            )
            run(
                ORDERS_OF_A_MONTH,
                {
                    "case": case_id,
                    "root": root,
                    "outlets": outlets,
                    "devices": devices,
                    "finished": orders,
                    "since": FIRST,
                    "until": NEXT,
                    "first": 1,
                    "last": orders + unfinished,
                },
            )
            run(
                """
                insert into complaints_complaint (id, number, outlet_id, opened_at, level, upheld, attributes)
                select i, 'K' || i, %(root)s + 1 + abs(hashint4(i)) %% %(outlets)s, %(since)s::timestamptz + i %% 700 * interval '1 hour',
                  3, i %% 2 = 0, '{}'
                from generate_series(1, %(complaints)s) i
                """,
                {"root": root, "outlets": outlets, "complaints": orders // 500, "since": FIRST},
            )
        psycopg.ClientCursor(connection).execute(
            """
            insert into settlement_incentive (outlet_id, month, kind, amount, reason, order_number, recorded_at, attributes)
            select %(root)s + 1 + i %% %(outlets)s, '2026-10-01', 'information', case when i %% 3 = 0 then -200 else 30 end, '', '',
              company_now(), '{}'
            from generate_series(1, %(outlets)s) i
            """,
            {"root": root, "outlets": outlets},
        )
    _rates()


def _rates() -> None:
    from jieli.events.actor import SYSTEM
    from jieli.policies.actions import draft_version, start_version

    for table, (since, more) in enumerate((("2026-01-01", 0), ("2026-10-10", 2), ("2026-10-20", 3)), 1):
        rows = []
        for line_place, line in enumerate(LINES):
            for kind_place, kind in enumerate(("repair", "installation", "maintenance")):
                for warranty in ("true", "false"):
                    for band in range(5):
                        fee = 50 + 7.5 * line_place + 11 * kind_place + 4.25 * band + more + (20 if warranty == "true" else 0)
                        end = f"to_km = {(band + 1) * 10}, " if band < 4 else ""
                        rows.append(
                            f'  {{ product_line = "{line}", service_type = "{kind}", in_warranty = {warranty}, '
                            f"from_km = {band * 10}, {end}fee_amount = {fee:.2f} }},"
                        )
        body = "\n".join(rows)
        source = f'table = "t{table}"\nvalid_from = {since}\nrates = [\n{body}\n]\n'
        start_version(draft_version("rates", source=source, actor=SYSTEM).pk, actor=SYSTEM)


def settle(place: Ground) -> tuple[float, int, list[dict[str, Any]]]:
    """Decide the month by the command; return its seconds, the most memory of its process, and what each outlet gets."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "jieli", "settle", MONTH, "--json", "--data", str(place.data)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    answer = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("jieli settle failed")
    return time.perf_counter() - began, usage.ru_maxrss * 1024, json.loads(answer)["outlets"]


PLAIN = Path(__file__).with_name("settle_plain.sql")


def plain(place: Ground) -> tuple[float, list[dict[str, Any]]]:
    """Run the plain SQL as the superuser; return its seconds and what each outlet gets."""
    with place.admin() as connection:
        began = time.perf_counter()
        connection.execute(PLAIN.read_text())
        seconds = time.perf_counter() - began
        rows = connection.execute('select row_to_json(r) from plain.plain_result r order by outlet collate "C"').fetchall()
    return seconds, [row for (row,) in rows]


def differing(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> int:
    """Return how many outlets differ in anything."""
    amounts = ("labour_amount", "coefficient", "incentives_amount", "payout_amount", "debt_amount")
    counts = ("payable", "held", "rejected")

    def plainly(one: dict[str, Any]) -> tuple[Any, ...]:
        return (one["outlet"], *(Decimal(str(one[name])) for name in amounts), *(one[name] for name in counts))

    wrong = sum(plainly(one) != plainly(other) for one, other in zip(ours, theirs, strict=False))
    return wrong + abs(len(ours) - len(theirs))


def look(turns: int = 40) -> tuple[float, float, float]:
    """Return the seconds of the six indicators for all outlets, and the 50 and 95 % times in ms of the overview page."""
    from django.test import Client

    from jieli.insight.queries.kpi import indicators_by_outlet
    from jieli.people.models import Staff
    from jieli.settlement.queries.months import month_of

    began = time.perf_counter()
    indicators_by_outlet(month_of(MONTH))
    figures = time.perf_counter() - began
    client, took = Client(), []
    client.force_login(Staff.objects.get(code="boss"))
    for turn in range(turns + 1):
        began = time.perf_counter()
        answer = client.get(f"/settlement/{MONTH}/", {"sort": ("", "-payout", "score", "-held")[turn % 4]})
        if answer.status_code != 200:
            raise SystemExit(f"the overview answers {answer.status_code}")
        took.append((time.perf_counter() - began) * 1000)
    took = sorted(took[1:])
    return figures, took[len(took) // 2], took[len(took) * 95 // 100]


def measure(orders: int, outlets: int, keep: str) -> dict[str, float]:
    """Fill a company, settle it both ways, and print."""
    with ground(keep) as place:
        with place.admin() as connection:
            is_filled = connection.execute("select exists (select from orders_workorder)").fetchone()[0]  # type: ignore[index]
        if not is_filled:
            fill(place, orders, outlets)
        by_hand, theirs = plain(place)
        say(f"plain SQL {by_hand:.1f} s")
        seconds, memory, ours = settle(place)
        say(f"jieli settle {seconds:.1f} s, {memory / 1e6:.0f} MB")
        wrong = differing(ours, theirs)
        figures, page, slow_page = look()
    paid = sum(Decimal(one["payout_amount"]) for one in ours)
    lines = {name: sum(one[name] for one in ours) for name in ("payable", "held", "rejected")}
    print(
        f"{orders:>10,} orders  {outlets:>6,} outlets  settle {seconds:6.1f} s  plain {by_hand:6.1f} s  "
        f"ratio {seconds / by_hand:4.2f}  {memory / 1e6:5.0f} MB  {orders / seconds:10,.0f} orders/s"
    )
    print(f"            {lines}, {paid:,.2f} to pay, outlets that differ: {wrong}")
    print(f"            indicators of all outlets {figures:.1f} s, overview page p50 {page:.0f} ms, p95 {slow_page:.0f} ms")
    return {
        "figures": figures,
        "page": slow_page,
        "seconds": seconds,
        "ratio": seconds / by_hand,
        "memory": memory,
        "wrong": wrong,
    }


def apart(orders: int, outlets: int, keep: str) -> dict[str, float]:
    """Measure in a process of its own: one process knows one database."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (orders, outlets, keep))


def main() -> int:
    """Measure both sizes and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--outlets", type=int, default=OUTLETS)
    parser.add_argument("--small", type=int, default=SMALL, help="orders of the size to compare with, 0 for none")
    parser.add_argument("--keep", default="", help="a folder in which the large database stays")
    args = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    large = apart(args.orders, args.outlets, args.keep)
    missed = []
    if args.small:
        small = apart(args.small, args.outlets, "")
        growth = (large["seconds"] / args.orders) / (small["seconds"] / args.small)
        print(f"an order costs {growth:.2f} times as much when there are {args.orders / args.small:.0f} times as many")
        if growth > GOAL_GROWTH:
            missed.append("cost grows faster than the orders")
    if large["wrong"]:
        missed.append("the two disagree")
    if large["seconds"] > GOAL_SECONDS:
        missed.append(f"more than {GOAL_SECONDS} s")
    if large["ratio"] > GOAL_RATIO:
        missed.append(f"more than {GOAL_RATIO} × the plain SQL")
    if large["figures"] > GOAL_FIGURES:
        missed.append(f"indicators take more than {GOAL_FIGURES} s")
    if large["page"] > GOAL_PAGE_MS:
        missed.append(f"the overview takes more than {GOAL_PAGE_MS} ms")
    if large["memory"] > GOAL_MEMORY:
        missed.append("more than 1 GB")
    print("; ".join(missed) or "all goals met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
