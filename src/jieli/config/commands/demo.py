"""`jieli demo`: fill an empty database with a believable company; the same seed makes the same company."""

import argparse
import gc
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from random import Random

from django.conf import settings
from django.db import transaction
from django.utils import translation

from jieli.cases.models import Case
from jieli.config.demo.arrivals import let_arrive, make_households
from jieli.config.demo.beside import beside
from jieli.config.demo.company import found, open_logins, plan_rota, set_landing
from jieli.config.demo.contents import lacking
from jieli.config.demo.field import build, equip, settle_customers
from jieli.config.demo.month_end import settle_quarter
from jieli.config.demo.quarter import Quarter
from jieli.config.demo.renewing import making
from jieli.config.demo.telling import Helper, Nobody, narrated
from jieli.config.opening import as_owner, cluster
from jieli.events.actions import record
from jieli.events.actor import SYSTEM
from jieli.events.events import DemoMade
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.people.queries import local_date

FULL = 15_000
"""From so many orders on the company has everything that it promises to show, and is asked whether it does."""

SIZES = ("outlets", "customers", "orders", "months", "weeks", "seed")

AROUND = 50
"""How many customers live around an outlet at least, so that each story finds a device that fits."""

HELP = "Fill an empty database with a small company and its last weeks of work, up to this moment. Demo mode only."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sizes and the seed."""
    parser.add_argument("--outlets", type=int, default=40, help="service outlets, each with four engineers (40)")
    parser.add_argument("--customers", type=int, default=6000, help="customers with a device each (6000)")
    parser.add_argument("--orders", type=int, default=15_000, help="service cases with a visit (15000)")
    parser.add_argument("--months", type=int, default=3, help="months of service (3)")
    parser.add_argument("--weeks", type=int, default=3, help="weeks of the duty rota so far (3)")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes another company (1)")
    parser.add_argument("--instead", action="store_true", help=argparse.SUPPRESS)  # of the demo that is there


def run(args: argparse.Namespace) -> int:
    """Fill; 1 when the database is not empty or not in demo mode."""
    if not settings.DEMO:
        print("jieli demo: this is no demo database; start it with `jieli run --demo`.", file=sys.stderr)
        return 1
    if args.orders and args.customers < args.outlets * AROUND:
        print(f"jieli demo: {args.outlets} outlets need at least {args.outlets * AROUND} customers.", file=sys.stderr)
        return 2
    is_filled = Staff.objects.exists() or Case.objects.exists()
    if is_filled and not (args.instead and making() is not None):
        print("jieli demo: the database is not empty; nothing was changed.", file=sys.stderr)
        return 1
    gc.disable()  # what is woven lives to the end, and looking through it for garbage takes a tenth of the time
    try:
        shortcomings = _made(args)
    finally:
        gc.enable()
    for one in shortcomings:
        print(f"jieli demo: this company shows too little or too much of one thing: {one}", file=sys.stderr)
    print(f"A company with {Staff.objects.count()} people and {Case.objects.count()} cases is ready.", file=sys.stderr)
    return 0


def _made(args: argparse.Namespace) -> list[str]:
    """Make the company as a whole or not at all, as the owner: copies are written with their guards asleep, and proved after.

    Returns what a full company shows too little or too much of.
    """
    known = None if settings.DATABASE_IS_EXTERNAL else cluster().known()
    if known is None:  # a server that somebody else runs: one transaction, so one process
        as_owner()
        return _fill(args, Nobody(), whole=transaction.atomic())
    with beside(known, is_empty=not args.instead) as place:
        return _fill(args, place, whole=nullcontext())


def _fill(args: argparse.Namespace, helper: Helper, *, whole: AbstractContextManager[object]) -> list[str]:
    """Fill the database that is open: what the stories need in one transaction, all else in another one."""
    now = clock.now()
    begin = now - timedelta(weeks=args.weeks)
    founded = min(begin, now - timedelta(days=30 * args.months + 14)) - timedelta(days=1)
    random = Random(args.seed)  # noqa: S311
    with clock.frozen(founded):
        set_landing()  # before all else: who changed a policy reads it anew each time until the transaction ends
    with translation.override("zh-hans"), whole:
        with narrated():
            with clock.frozen(founded):
                company = found()
                network = build(company, args.outlets, random=random, orders=args.orders)
                equip(network, orders=args.orders, outlets=1)
                open_logins()
                plan_rota(company, from_at=begin, days=(now - begin).days + 14)
            with clock.frozen(begin):
                households = make_households(random)
            with clock.frozen(now):
                first = min(args.customers, args.outlets * AROUND)
                settle_customers(network, first, random=random, until=local_date(now))

        def complete() -> None:
            """Let the rest of the company be there, which the stories do not need."""
            with clock.frozen(founded):
                equip(network, orders=args.orders)
            settle_customers(network, args.customers, random=random, until=local_date(now))

        def arrivals() -> None:
            let_arrive(households, random, until=now)

        with clock.frozen(now):
            if not args.orders:
                with narrated():
                    complete()
                    arrivals()
                    _sign(args)
                return []
            quarter = Quarter(company, network, random, now=now)
            with helper.apart(quarter.others) as others, narrated():
                complete()
                quarter.live(
                    args.orders,
                    days=30 * args.months,
                    progress=args.progress,
                    others=others,
                    meanwhile=arrivals,
                    woven=helper.settle,
                )
                settle_quarter(company, network, random, now=now)
                _sign(args)
                return lacking() if args.orders >= FULL else []


def _sign(args: argparse.Namespace) -> None:
    """Record with what sizes it was made."""
    record(DemoMade(company_id=1, **{name: getattr(args, name) for name in SIZES}), actor=SYSTEM)
