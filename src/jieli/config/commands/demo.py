"""`jieli demo`: fill an empty database with a believable company; the same seed makes the same company."""

import argparse
import sys
from datetime import timedelta
from random import Random

from django.conf import settings
from django.db import transaction
from django.utils import translation

from jieli.cases.models import Case
from jieli.config.demo.company import found, plan_rota, set_landing
from jieli.config.demo.life import Demo
from jieli.config.demo.months import live_months
from jieli.lib import clock
from jieli.people.models import Staff

HELP = "Fill an empty database with a small company and its last weeks of work, up to this moment. Demo mode only."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sizes and the seed."""
    parser.add_argument("--outlets", type=int, default=12, help="service outlets (12)")
    parser.add_argument("--orders", type=int, default=1500, help="orders of the outlets (1500)")
    parser.add_argument("--cases", type=int, default=60, help="cases at the desks (60)")
    parser.add_argument("--weeks", type=int, default=3, help="weeks of work at the desks (3)")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes another company (1)")


def run(args: argparse.Namespace) -> int:
    """Fill; 1 when the database is not empty or not in demo mode."""
    if not settings.DEMO:
        print("jieli demo: this is no demo database; start it with `jieli run --demo`.", file=sys.stderr)
        return 1
    if Staff.objects.exists() or Case.objects.exists():
        print("jieli demo: the database is not empty; nothing was changed.", file=sys.stderr)
        return 1
    now = clock.now()
    begin = now - timedelta(weeks=args.weeks)
    random = Random(args.seed)  # noqa: S311
    with clock.frozen(begin - timedelta(days=1)):
        set_landing()
    # One transaction: a demo that is stopped half-way leaves an empty database, which the next start fills.
    with translation.override("zh-hans"), transaction.atomic():
        with clock.frozen(begin - timedelta(days=1)):
            company = found(args.outlets)
            plan_rota(company, from_at=begin, days=args.weeks * 7 + 14)
        demo = Demo(company, random)
        with clock.frozen(begin):
            demo.make_customers(60)
        demo.live(args.cases, from_at=begin, until=now, progress=args.progress)
        if args.orders:
            outlets = [code for code, unit in company.units.items() if unit.kind == "outlet"]
            with clock.frozen(now):
                live_months(outlets, Random(args.seed), orders=args.orders, now=now, progress=args.progress)  # noqa: S311
    print(f"A company with {Staff.objects.count()} people and {Case.objects.count()} cases is ready.", file=sys.stderr)
    return 0
