"""The product agrees to the cent with a slow calculation straight from the page, on 300 random companies."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

import pytest
from django.db import transaction

from jieli.complaints.models import Complaint
from jieli.customers.models import Device
from jieli.lib import clock
from jieli.network.models import Outlet
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff, Unit
from jieli.people.tests.factories import a_person, a_unit
from jieli.policies.tests.factories import changed, make_version
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.models import Approval, Dispute, Incentive, Line, Ruling, Run, Statement
from jieli.settlement.queries.decided import decided_month
from jieli.settlement.queries.months import Month, month_of
from jieli.settlement.rules.sealing import digest_of
from jieli.settlement.tests import plain
from jieli.settlement.tests.factories import FINANCE, rate_source, the_case

pytestmark = [pytest.mark.django_db, pytest.mark.long(60)]

COMPANIES, PER_TEST = 300, 30
LEAST = 2
_devices = count(1)


@dataclass
class Made:
    """A random company as the product and as the plain calculation know it."""

    company: plain.Company
    months: list[Month]
    coming: list[tuple[plain.Order, WorkOrder]]
    known_open: list[tuple[plain.Order, dict[str, Any]]]
    people: list[Staff]

    def news(self) -> None:
        """Let orders come in late, and orders that were known as unfinished turn out to have been finished long ago."""
        WorkOrder.objects.bulk_create([row for _order, row in self.coming])
        self.company.orders += [order for order, _row in self.coming]
        for order, facts in self.known_open:
            WorkOrder.objects.filter(number=order["number"]).update(**facts)
            order.update(facts)
        self.coming, self.known_open = [], []


class Nothing(Exception):
    """Ends the transaction of a company."""


@pytest.fixture(scope="module")
def policy() -> str:
    return changed("grade", "least_orders = 10", f"least_orders = {LEAST}")


@pytest.mark.parametrize("seed", range(0, COMPANIES, PER_TEST))
def test_the_product_agrees_with_the_plain_calculation(seed: int, policy: str) -> None:
    with clock.frozen(datetime.fromisoformat("2026-06-20T12:00+08:00")):
        make_version("grade", policy)
        the_case()
        units = [a_unit(code=f"P{place:02d}", name=f"网点{place}") for place in range(24)]
        for number in range(3):
            a_person(code=f"PLAIN{number}")
        for number in range(seed, seed + PER_TEST):
            agrees(Random(number), units)


def agrees(random: Random, units: list[Unit]) -> None:
    try:
        with transaction.atomic():
            made = a_company(random, units)
            for month in made.months:
                run = compare(made, month)
                grant_some(random, made, run)
                made.news()
            raise Nothing
    except Nothing:
        pass


def grant_some(random: Random, made: Made, run: Run) -> None:
    """Let two people approve the month, and grant some disputes about its lines, which count in the next month that is run."""
    lines = list(Line.objects.filter(run=run).order_by("outlet_id", "order_id"))
    disputed = random.sample(lines, min(len(lines), random.choice((0, 0, 1, 6))))
    for place, person in enumerate(made.people[:2] if disputed else [], 1):
        Approval.objects.create(run=run, place=place, staff=person, digest=run.digest, approved_at=clock.now())
    sealed: dict[int, Statement] = {}
    for line in disputed:
        if line.outlet_id not in sealed:
            document = f"{run.pk} {line.outlet_id}".encode()
            sealed[line.outlet_id] = Statement.objects.create(
                run=run, outlet_id=line.outlet_id, document=document, sha256=digest_of(document), payout_amount=0,
                sealed_at=clock.now(), dispute_until=clock.now(),
            )  # fmt: skip
        dispute = Dispute.objects.create(
            statement=sealed[line.outlet_id],
            order_id=line.order_id,
            reason="…",
            opened_by=made.people[2],
            opened_at=clock.now(),
        )
        amount = Decimal(random.choice(("0.00", "0.01", "82.00", "555.55")))
        Ruling.objects.create(
            dispute=dispute, is_granted=amount > 0, amount=amount, reason="…", decided_by=made.people[0], decided_at=clock.now()
        )
        made.company.granted.append((line.outlet.code, run.month, amount))


def compare(made: Made, month: Month) -> Run:
    run = decide_month(month, actor=FINANCE)
    found = decided_month(run)
    results, lines = made.company.settle((month.first, month.since, month.until, month.cut_off))
    ours = {one.outlet: _plainly(one) for one in found.outlets}
    assert ours == results
    assert {one.number: (one.decision, one.gate or None, one.fee_amount, one.rate or None) for one in found.lines()} == lines
    assert sum(one["payable"] + one["held"] + one["rejected"] for one in ours.values()) == len(lines) == run.orders
    return run


def _plainly(one: Any) -> dict[str, Any]:
    grade = one.grade
    return {
        "finished": grade.finished, "score": grade.score, "grade": grade.grade or None, "rank": grade.rank,
        "coefficient": grade.coefficient, "payable": one.payable, "held": one.held, "rejected": one.rejected,
        "labour": one.labour_amount, "incentives": one.incentives_amount, "payout": one.payout_amount, "debt": one.debt_amount,
    }  # fmt: skip


def a_company(random: Random, units: list[Unit]) -> Made:
    """Write a company: empty ones, small ones, one peer group or several, months in a row, some never run."""
    outlets = random.choice(([], units[:1], units[:4], units[:11], units))
    peers = {unit.code: ("outlet", random.choice(["north"] * random.choice((1, 5)) + ["south"])) for unit in outlets}
    Outlet.objects.bulk_create([Outlet(unit=unit, tier=peers[unit.code][0], region=peers[unit.code][1]) for unit in outlets])
    tables = _tables(random)
    begin = random.choice((date(2024, 1, 1), date(2025, 12, 1), date(2026, 1, 1)))
    months = [month_of(f"{_later(begin, step):%Y-%m}") for step in range(4)]
    pairs, complaints, incentives = [], [], []
    if outlets:
        pairs = _orders(random, outlets, months)
        complaints = [
            (random.choice(outlets), _instant(random, months))
            for _ in range(random.choice((0, 0, 3, 12)))
        ]  # fmt: skip
        incentives = [
            (
                random.choice(outlets),
                random.choice(months).first,
                Decimal(random.choice(("30.00", "-200.00", "0.01", "-55.55"))),
            )
            for _ in range(random.choice((0, 4, 15)))
        ]
    Complaint.objects.bulk_create(
        [Complaint(number=f"C{place}", outlet=unit, opened_at=at) for place, (unit, at) in enumerate(complaints)]
    )
    Incentive.objects.bulk_create(
        [
            Incentive(outlet=unit, month=first, kind="information", amount=amount, recorded_at=clock.now())
            for unit, first, amount in incentives
        ]
    )
    coming = [pair for pair in pairs if random.random() < 0.1]
    here = [pair for pair in pairs if pair not in coming]
    known_open = []
    for order, row in here:
        if order["finished_at"] and random.random() < 0.1:
            known_open.append((order, {name: order[name] for name in UNFINISHED}))
            order.update(UNFINISHED)
            for name, value in UNFINISHED.items():
                setattr(row, name, value)
    WorkOrder.objects.bulk_create([row for _order, row in here])
    known = plain.Company(
        outlets=peers,
        orders=[order for order, _row in here],
        complaints=[(unit.code, at) for unit, at in complaints],
        incentives=[(unit.code, first, amount) for unit, first, amount in incentives],
        tables=tables,
        least=LEAST,
    )
    run = [month for month in months if random.random() < 0.8]
    return Made(known, run, coming, known_open, list(Staff.objects.filter(code__startswith="PLAIN").order_by("code")))


def _later(first: date, months: int) -> date:
    place = first.year * 12 + first.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def _instant(random: Random, months: list[Month]) -> datetime:
    """Return an instant of these months, now and then exactly at an edge of one."""
    month = random.choice(months)
    if random.random() < 0.1:
        return random.choice((month.since, month.until - timedelta(seconds=1), month.until))
    return month.since + timedelta(seconds=random.randrange(int((month.until - month.since).total_seconds())))


def _tables(random: Random) -> list[tuple[str, date, Any]]:
    """Bring in no rate table, one or two; some lack a kind of work or a band."""
    tables = []
    for label, valid_from in (("t1", date(2023, 1, 1)), ("t2", random.choice((date(2024, 3, 1), date(2026, 2, 15)))))[
        : random.choice((0, 1, 2, 2))
    ]:
        rows: list[tuple[str, str, bool, Decimal, Decimal | None, Decimal]] = []
        for line in ("washer", "oven"):
            for service in ("repair", "installation"):
                for warranty in (True, False):
                    bands: list[tuple[int, int | None]] = [(0, 10), (10, 20), (20, None)]
                    for low, high in bands:
                        if random.random() < 0.95:
                            fee = Decimal(random.randrange(100, 15_000)) / 100
                            rows.append((line, service, warranty, Decimal(low), None if high is None else Decimal(high), fee))
        if rows:
            tables.append((label, valid_from, rows))
            written = [
                f"{line} {service} {'true' if warranty else 'false'} {low} {'-' if high is None else high} {fee}"
                for line, service, warranty, low, high, fee in rows
            ]
            make_version("rates", rate_source(label, f"{valid_from}", written))
    return tables


UNFINISHED: dict[str, Any] = {
    "finished_at": None, "reported_at": None, "part": "", "part_returned_at": None, "lab_finding": "", "lab_at": None,
    "callback_result": "", "callback_at": None,
}  # fmt: skip
"""What is not known of an order before it is reported as finished."""

MOODS = (
    {"good": 0.995, "known": 1.0},
    {"good": 0.95, "known": 0.97},
    {"good": 0.85, "known": 0.9},
    {"good": 0.0, "known": 1.0},
    {"good": 1.0, "known": 0.0},
)


def _orders(random: Random, outlets: list[Unit], months: list[Month]) -> list[tuple[plain.Order, WorkOrder]]:
    mood = random.choices(MOODS, (3, 4, 4, 1, 1))[0]
    devices = [
        Device(serial=f"PD{next(_devices)}", product_line="washer", genuine=_judged(random, mood))
        for _ in range(random.choice((3, 30)))
    ]
    Device.objects.bulk_create(devices)
    case = the_case()
    orders, rows = [], []
    for number in range(random.choice((0, 5, 60, 240))):
        unit, device = random.choice(outlets), random.choice([*devices, None])
        one = _order(random, mood, months, number)
        orders.append(
            one
            | {"outlet": unit.code, "device": device.serial if device else "", "genuine": device.genuine if device else None}
        )
        rows.append(WorkOrder(case=case, outlet=unit, device=device, **one))
    return list(zip(orders, rows, strict=True))


def _judged(random: Random, mood: dict[str, float]) -> bool | None:
    return random.random() < mood["good"] if random.random() < mood["known"] else None


def _order(random: Random, mood: dict[str, float], months: list[Month], number: int) -> plain.Order:
    def happens(share: float = mood["good"]) -> bool:
        return random.random() < share

    opened = _instant(random, months) - timedelta(days=random.choice((0, 1, 40)))
    dispatched = opened + timedelta(hours=2) if happens(0.97) else None
    promised = dispatched + timedelta(hours=random.choice((24, 48))) if dispatched and happens(0.95) else None
    arrived = (promised or opened) + timedelta(hours=random.choice((-3, 0, 0, 5) if not happens() else (-3, 0)))
    finished = max(opened, arrived) + timedelta(hours=random.choice((1, 30)))
    if happens(0.05):
        finished = max(opened, random.choice(months).until - timedelta(seconds=random.choice((0, 1))))
    is_done = happens(0.95)
    cut_off = random.choice(months).cut_off
    called = random.choice(
        (finished + timedelta(days=2), finished + timedelta(days=2), cut_off, cut_off + timedelta(microseconds=1))
    )
    has_part = happens(0.4)
    back = finished + timedelta(days=random.choice((1, 5, 40, 100))) if has_part and happens(mood["known"]) else None
    found = back + timedelta(days=random.choice((1, 10))) if back and happens(mood["known"]) else None
    result = random.choice(("satisfied", "satisfied", "satisfied", "unreached")) if happens() else "dissatisfied"
    is_called = is_done and happens(mood["known"])
    finding = "confirmed" if happens() else random.choice(("no_fault", "wrong_part", "misuse"))
    return {
        "number": f"P{random.randrange(10**6):06d}{number:04d}",
        "product_line": random.choice(("washer", "oven")),
        "service_type": random.choice(("repair", "repair", "repair", "installation", "maintenance")),
        "fault_group": random.choice(("f1", "f2", "f2", "")),
        "in_warranty": _or_unknown(random, happens(0.7)),
        "distance_km": random.choice((Decimal("0.000"), Decimal("9.999"), Decimal(10), Decimal(20), Decimal("35.5"), None)),
        "night": happens(0.2),
        "holiday": happens(0.2),
        "high_floor": happens(0.2),
        "opened_at": opened,
        "dispatched_at": dispatched,
        "promised_until": promised,
        "arrived_at": arrived if happens(0.98) else None,
        "finished_at": finished if is_done else None,
        "reported_at": finished + timedelta(hours=random.choice((0, 24)) if happens() else 25)
        if is_done and happens(0.98)
        else None,
        "fixed_first": _or_unknown(random, happens()),
        "steps_complete": _judged(random, mood),
        "part": "pump" if has_part else "",
        "part_returned_at": back,
        "lab_finding": finding if found else "",
        "lab_at": found,
        "callback_result": result if is_called else "",
        "callback_at": called if is_called else None,
        "callback_excused": happens(0.2),
        "delight": happens(0.1),
        "information_accepted": happens(0.1),
    }


def _or_unknown(random: Random, value: bool) -> bool | None:
    return value if random.random() < 0.97 else None
