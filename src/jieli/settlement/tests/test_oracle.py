"""Hundreds of small companies settled twice: by the product, and by the slow reading of the spec beside it."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import transaction

from jieli.complaints.models import Complaint
from jieli.customers.models import Device
from jieli.lib import clock
from jieli.network.models import Outlet
from jieli.people.models import Unit
from jieli.policies.tests.factories import default_source, make_version
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.models import Incentive, Line, Result, Run
from jieli.settlement.queries.calculating import calculate
from jieli.settlement.queries.decided import decided_month
from jieli.settlement.queries.grading import grades
from jieli.settlement.queries.months import month_from
from jieli.settlement.tests import oracle
from jieli.settlement.tests.factories import FINANCE, a_device, a_rate_table, an_outlet, order_row
from jieli.visits.models import WorkOrder

pytestmark = [pytest.mark.django_db, pytest.mark.long(60)]

COMPANIES, AT_ONCE = 300, 30
FIRST = date(2024, 1, 1)  # a leap year: 90 days reach over February
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def places() -> tuple[list[Unit], list[Device]]:
    with clock.frozen(oracle.midnight(date(2024, 9, 1))):
        return [an_outlet(f"O{place}") for place in range(5)], [a_device() for _ in range(5)]


class Maker:
    """Makes one company by chance, with every edge likely."""

    def __init__(self, seed: int, outlets: list[Unit], devices: list[Device]) -> None:
        self.chance = Random(seed)
        self.outlets, self.devices = outlets, devices
        self.kind = self.chance.choice(["any"] * 8 + ["empty", "all held", "all rejected", "no rates"])
        self.months = sorted(self.chance.sample([date(2024, month, 1) for month in range(1, 7)], self.chance.randint(1, 4)))

    def company(self) -> oracle.Company:
        """Write the company and return it as lists."""
        chance = self.chance
        terms = oracle.Terms(
            least_orders=chance.choice([0, 1, 3, 10]),
            best_share=Decimal(chance.choice(["0.10", "0.34", "0.5", "1"])),
            worst_share=Decimal(chance.choice(["0.10", "0.34", "0.5", "1"])),
        )
        source = default_source("grade").replace("least_orders = 10", f"least_orders = {terms.least_orders}")
        source = source.replace("[best]\nshare = 0.10", f"[best]\nshare = {terms.best_share}")
        make_version(
            "grade", source.replace("[worst]\nshare = 0.10", f"[worst]\nshare = {terms.worst_share}\n# {chance.random()}")
        )
        peers = [("outlet", "north")] * 4 + [("star_centre", "north"), ("outlet", "south")]
        where = {unit.code: chance.choice(peers) for unit in self.outlets}
        for unit in self.outlets:
            Outlet.objects.filter(pk=unit.pk).update(tier=where[unit.code][0], region=where[unit.code][1])
        for device in self.devices:
            device.genuine = chance.choice([True] * 6 + [False, None])
            device.save()
        orders = [] if self.kind == "empty" else [self.order(place) for place in range(chance.choice([1, 8, 40, 60]))]
        shuffled = list(orders)
        chance.shuffle(shuffled)
        WorkOrder.objects.bulk_create(shuffled)
        company = oracle.Company(where, orders, terms=terms)
        self.add_rates(company)
        self.add_sides(company)
        return company

    def instant(self) -> Any:
        """Return an instant near an edge, or any."""
        month = self.chance.choice([date(2023, 12, 1), *(date(2024, month, 1) for month in range(1, 7))])
        start = oracle.midnight(month)
        return self.chance.choice(
            [
                start,
                start - MOMENT,
                start + timedelta(days=7),
                start + timedelta(days=7) + MOMENT,
                start + timedelta(days=self.chance.randint(0, 27), seconds=self.chance.randint(0, 86399)),
                start + timedelta(days=self.chance.randint(0, 27), seconds=self.chance.randint(0, 86399)),
                start + timedelta(days=self.chance.randint(0, 27), seconds=self.chance.randint(0, 86399)),
            ]
        )

    def order(self, place: int) -> WorkOrder:
        """Return one order, most of its facts in order."""
        chance = self.chance
        finished = self.instant() if chance.random() > 0.08 else None
        if finished is not None and chance.random() < 0.15:
            finished = oracle.midnight(chance.choice(self.months)) + timedelta(days=97) - timedelta(days=90)
        base = finished or self.instant()
        cut_off = oracle.midnight(oracle.after(chance.choice(self.months)) + timedelta(days=7))
        later = chance.choice(
            [base + timedelta(hours=chance.randint(0, 90)), cut_off, cut_off + MOMENT, base + timedelta(days=60)]
        )
        facts: dict[str, Any] = {
            "number": f"{chance.choice('ABa中')}{place:03d}",
            "device": chance.choice([*self.devices, None]),
            "fault_group": chance.choice(["drain", "drain", "noise", ""]),
            "service_type": chance.choice(["repair"] * 4 + ["installation", "check"]),
            "product_line": chance.choice(["washer"] * 5 + ["oven"]),
            "in_warranty": chance.choice([True, True, True, False, None]),
            "distance_km": chance.choice([Decimal(0), Decimal("9.999"), Decimal(10), Decimal("25.5"), None, Decimal(5)]),
            "night": chance.random() < 0.2,
            "holiday": chance.random() < 0.2,
            "high_floor": chance.random() < 0.2,
            "opened_at": base - timedelta(days=chance.choice([1, 5, 40])),
            "dispatched_at": chance.choice(
                [None, base - timedelta(hours=20), base - timedelta(days=35), base + timedelta(days=40)]
            ),
            "promised_until": chance.choice(
                [None, base, base - timedelta(hours=2), oracle.midnight(oracle.after(self.months[0]))]
            ),
            "arrived_at": chance.choice([None, base - timedelta(hours=1), base, later]),
            "reported_at": chance.choice([None, base + timedelta(hours=24), base + timedelta(hours=24) + MOMENT, base]),
            "fixed_first": chance.choice([True, True, True, False, None]),
            "steps_complete": chance.choice([True] * 8 + [False, None]),
            "callback_result": "",
            "callback_at": None,
            "delight": chance.random() < 0.1,
            "information_accepted": chance.random() < 0.1,
        }
        if chance.random() > 0.1:
            facts |= {
                "callback_result": chance.choice(["satisfied"] * 8 + ["dissatisfied", "unreached"]),
                "callback_at": chance.choice([base, base, later]),
            }
        if chance.random() < 0.4:
            facts |= {"part": "pump"}
            if chance.random() < 0.8:
                facts |= {"part_returned_at": chance.choice([base, later])}
                if chance.random() < 0.9:
                    found = chance.choice(["confirmed"] * 6 + ["no_fault", "wrong_part", "misuse"])
                    facts |= {"lab_finding": found, "lab_at": chance.choice([base, later])}
        if self.kind == "all held":
            facts["steps_complete"] = None
            facts |= {"callback_result": "", "callback_at": None, "part": ""}
        if self.kind == "all rejected":
            facts["steps_complete"] = False
        return order_row(chance.choice(self.outlets), finished, **facts)

    def add_rates(self, company: oracle.Company) -> None:
        """Bring in no, one or several tables."""
        if self.kind == "no rates":
            return
        for place, first in enumerate(self.chance.sample([date(2023, 1, 1), date(2024, 2, 29), date(2024, 3, 15)], k=2)):
            fee = Decimal(self.chance.randint(1, 99999)) / 100
            rows: list[tuple[str, str, bool, Decimal, Decimal | None, Decimal]] = [
                ("washer", "repair", True, Decimal(0), Decimal(10), fee),
                ("washer", "repair", True, Decimal(10), None, fee + 7),
                ("washer", "repair", False, Decimal(0), Decimal("25.5"), fee + 1),
                ("washer", "installation", True, Decimal(0), None, fee + 3),
            ]
            company.tables.append((f"t{place}", first, rows))
            texts = (f"{a} {b} {str(c).lower()} {d} {'-' if e is None else e} {f:.2f}" for a, b, c, d, e, f in rows)
            a_rate_table(*texts, table=f"t{place}", valid_from=first.isoformat())

    def add_sides(self, company: oracle.Company) -> None:
        """Write complaints and incentives."""
        chance = self.chance
        for place in range(chance.randint(0, 4)):
            unit, opened = chance.choice(self.outlets), self.instant()
            Complaint.objects.create(
                number=f"K{place}", outlet=unit, opened_at=opened, upheld=chance.choice([True, False, None])
            )
            company.complaints.append((unit.code, opened))
        for _place in range(chance.randint(0, 6)):
            unit, month = chance.choice(self.outlets), date(2024, chance.randint(1, 6), 1)
            amount = Decimal(chance.choice(["30.00", "-200.00", "-999.99", "0.01", "50.00"]))
            Incentive.objects.create(outlet=unit, month=month, kind="information", amount=amount, recorded_at=clock.now())
            company.incentives.append((unit.code, month, amount))


def product(run: Run) -> dict[str, oracle.Outcome]:
    """Return what was stored, in the shape of the oracle."""
    found = {}
    for row in Result.objects.filter(run=run).select_related("outlet"):
        found[row.outlet.code] = oracle.Outcome(
            labour=row.labour_amount,
            coefficient=row.coefficient,
            incentives=row.incentives_amount,
            payout=row.payout_amount,
            debt=row.debt_amount,
            counts={"payable": row.payable, "held": row.held, "rejected": row.rejected},
            score=row.score,
            grade=row.grade,
            rank=row.rank,
            group_size=row.group_size,
        )
    for line in decided_month(run).lines():
        found[line.outlet].lines[line.number] = (line.decision, line.gate, line.fee_amount, line.rate)
    return found


@pytest.fixture(params=range(0, COMPANIES, AT_ONCE))
def seeds(request: pytest.FixtureRequest) -> range:
    return range(request.param, request.param + AT_ONCE)


@pytest.mark.slow
def test_the_product_and_the_page_agree_to_the_cent(seeds: range, places: tuple[list[Unit], list[Device]]) -> None:
    for seed in seeds:
        with transaction.atomic():
            agree(seed, places)
            transaction.set_rollback(True)


def agree(seed: int, places: tuple[list[Unit], list[Device]]) -> None:
    """Settle one company month by month both ways; the same again changes nothing, and previews say what runs decide."""
    maker = Maker(seed, *places)
    with clock.frozen(oracle.midnight(date(2024, 1, 1))):
        company = maker.company()
    for first, expected in zip(maker.months, oracle.settle(company, maker.months), strict=True):
        month = month_from(first)
        with clock.frozen(month.cut_off + timedelta(hours=3)):
            preview = calculate(month)
            run = decide_month(month, actor=FINANCE)
            assert decide_month(month, actor=FINANCE) == run
            assert [one.outlet for one in grades(month).outlets] == sorted(company.outlets)
        assert product(run) == expected, f"company {seed}, {month.label}"
        decided = decided_month(run)
        assert decided.outlets == preview.outlets
        assert [line[:-7] for line in decided.lines()] == [line[:-7] for line in preview.lines()]
        assert sum(one.amount for one in decided.charges()) == sum(one.incentives_amount for one in decided.outlets)
        assert sorted(decided.charges()) == sorted(preview.charges())
    numbers = list(Line.objects.filter(held_in=0).values_list("order__number", flat=True))
    assert len(numbers) == len(set(numbers))
