"""The end of a month: two people approve it, and the statements of 5,500 outlets are sealed, with every line in both languages.

Run ``jieli bench sealing`` or ``python bench/sealing.py [--orders 2000000]``. The company and its month are those of the bench
`settle`, decided by `jieli settle`; then two people approve, and the job that this queues is done by one `jieli work`, as in
production. Measured from the second approval until the last statement is sealed.

The limit is 10 minutes on two cores: a month end is one morning's work of a few people, and disputes may begin when all is
sealed; a quarter of an hour with the calculation before it is what they can wait beside their desks. PDFs are not part of it: the sealed
document is what is kept, and its PDF is made from it when somebody asks, the same bytes each time. A person waits for that, so
the limit for one is 2 seconds. Each outlet must have one statement over what the month decided for it, each PDF twice the same
bytes, and `jieli verify` must find nothing. Exit code 1 when a goal is missed.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from ground import Ground, ground, say
from promises import worker
from settle import MONTH, ORDERS, OUTLETS, fill, settle

GOAL_SECONDS, GOAL_PDF_SECONDS = 600, 2.0
GOAL_MEMORY = 1_000_000_000
PDFS = 40


def approvers() -> list[Any]:
    """Return two people who may approve a month."""
    from jieli.events.actor import SYSTEM
    from jieli.people import actions
    from jieli.people.models import Staff
    from jieli.people.queries import actor_for

    root = Staff.objects.get(code="boss").unit
    made = [
        actions.hire(code=code, name=name, unit_id=root.pk, roles=("finance",), phone="", language="zh-hans", actor=SYSTEM)
        for code, name in (("f1", "高翔"), ("f2", "邓雨桐"))
    ]
    return [actor_for(one) for one in made]


def seal(place: Ground, connection: "psycopg.Connection[Any]", outlets: int) -> tuple[float, int]:
    """Approve the month twice and return how many seconds its sealing took a worker, and the worker's most memory in bytes."""
    from jieli.settlement.actions.approving import approve_month
    from jieli.settlement.queries.months import month_of

    first, second = approvers()
    approve_month(month_of(MONTH), actor=first)
    process = worker(place)
    try:
        while not connection.execute("select exists (select from config_heartbeat)").fetchone()[0]:  # type: ignore[index]
            time.sleep(0.2)
        began = time.perf_counter()
        approve_month(month_of(MONTH), actor=second)
        done = 0
        while done < outlets:
            time.sleep(0.5)
            (done,) = connection.execute("select count(*) from settlement_statement").fetchone() or (0,)
            if process.poll() is not None:
                raise SystemExit((place.data / "worker.log").read_text()[-2000:])
        return time.perf_counter() - began, _most_memory(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _most_memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def print_some(seed: int) -> tuple[list[float], int]:
    """Return the seconds of some PDFs, and how many of them were other bytes the second time."""
    from jieli.settlement.models import Statement
    from jieli.settlement.queries.printing import printed

    ids = list(Statement.objects.order_by("pk").values_list("pk", flat=True))
    took, differing = [], 0
    for turn, pk in enumerate(Random(seed).sample(ids, min(PDFS, len(ids)))):
        statement = Statement.objects.select_related("outlet", "run").get(pk=pk)
        language = ("zh-hans", "en")[turn % 2]
        began = time.perf_counter()
        content = printed(statement, language)
        took.append(time.perf_counter() - began)
        differing += printed(statement, language) != content
    return sorted(took), differing


def wrong_ones(connection: "psycopg.Connection[Any]") -> int:
    """Return how many outlets have no statement, more than one, or one over another amount than the month decided."""
    (found,) = connection.execute(
        "select count(*) from settlement_result r left join (select run_id, outlet_id, count(*) as copies, min(payout_amount) as"
        " amount, min(convert_from(document, 'UTF8')::jsonb ->> 'payout_amount') as told from settlement_statement group by 1, 2) s"
        " using (run_id, outlet_id) where s.copies is distinct from 1 or s.amount <> r.payout_amount"
        " or s.told::numeric <> r.payout_amount"
    ).fetchone() or (0,)
    return int(found)


def main() -> int:
    """Fill, decide, seal, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--outlets", type=int, default=OUTLETS)
    parser.add_argument("--keep", default="", help="a folder in which the filled database stays, not yet decided")
    args = parser.parse_args()
    missed = []
    with ground(args.keep) as place, place.admin() as connection:
        fill(place, args.orders, args.outlets)
        seconds, _memory, _outlets = settle(place)
        say(f"decided in {seconds:.0f} s")
        load = os.getloadavg()[0]
        took, memory = seal(place, connection, args.outlets)
        lines = connection.execute("select count(*) from settlement_line").fetchone()[0]  # type: ignore[index]
        kept = connection.execute("select sum(length(document)) from settlement_statement").fetchone()[0]  # type: ignore[index]
        pdfs, differing = print_some(1)
        wrong = wrong_ones(connection)
        slow = pdfs[len(pdfs) * 95 // 100]
        print(
            f"{args.outlets:,} statements with {lines:,} lines sealed in {took:.0f} s: {args.outlets / took:.0f} statements and"
            f" {lines / took:,.0f} lines a second (limit {GOAL_SECONDS} s); {memory / 1e6:.0f} MB; documents of {kept / 2**20:,.0f} MB;"
            f" load {load:.1f} to {os.getloadavg()[0]:.1f}"
        )
        print(
            f"PDF of a statement: p50 {pdfs[len(pdfs) // 2]:.2f} s, p95 {slow:.2f} s (limit {GOAL_PDF_SECONDS:g} s);"
            f" other bytes the second time: {differing} of {len(pdfs)}"
        )
        print(f"outlets without exactly one statement over what was decided: {wrong}")
        say("verify")
        verified = subprocess.run(
            [sys.executable, "-m", "jieli", "verify"], env={**os.environ, "JIELI_DATA": str(place.data)}, check=False
        )
    if took > GOAL_SECONDS:
        missed.append(f"more than {GOAL_SECONDS} s")
    if slow > GOAL_PDF_SECONDS:
        missed.append(f"a PDF takes more than {GOAL_PDF_SECONDS:g} s")
    if memory > GOAL_MEMORY:
        missed.append("more than 1 GB")
    if differing or wrong or verified.returncode:
        missed.append("not everything is sealed once and as it was decided")
    print("; ".join(missed) or "all goals met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
