"""Three months of finished work at some outlets as exchange files, for tests of the month end.

Each outlet has its own hand: one shines, one drops the baton, most lie between. What a month end can meet occurs: each gate
held and rejected, each grade and coefficient, charge-backs, a carried debt, orders of months before.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from jieli.config.demo import words
from jieli.events.actor import import_actor
from jieli.intake.actions.exchange import KINDS, import_exchange_file
from jieli.people.queries import local_date
from jieli.settlement.queries.months import Month, month_from

Row = dict[str, Any]
Progress = Callable[[int, int | None, str], object]

PARTS = ("排水泵", "门锁开关", "温控器", "电磁阀", "主控板")
FEES = {
    "washing_machine": 82, "refrigerator": 90, "air_conditioner": 110, "water_heater": 85, "television": 95, "kitchen": 70,
}  # fmt: skip
FACTOR = {"repair": 1.0, "installation": 1.25, "maintenance": 0.6}
BANDS = ((0, 10, 1.0), (10, 20, 1.2), (20, 60, 1.6))
FAULTS = ("drain", "noise", "no_start", "leak", "display", "heating")


@dataclass(frozen=True, slots=True)
class Hand:
    """How an outlet works: shares of orders that go well."""

    satisfied: float
    on_time: float
    fixed_first: float
    reported: float
    steps: float
    confirmed: float
    complaints: float = 0.003
    stories: float = 0.02


GOOD = Hand(0.99, 0.99, 0.99, 0.995, 1.0, 0.99, 0.0, 0.12)
FAIR = Hand(0.96, 0.95, 0.94, 0.97, 0.985, 0.93)
WEAK = Hand(0.91, 0.90, 0.87, 0.92, 0.97, 0.85, 0.01, 0.01)
POOR = Hand(0.82, 0.82, 0.80, 0.84, 0.94, 0.70, 0.03, 0.0)


def hand_of(place: int) -> Hand:
    """Return how the outlet at this place of the list works: one of six shines, one of six drops the baton."""
    return (GOOD, FAIR, FAIR, WEAK, WEAK, POOR)[place % 6]


def settled_months(now: datetime) -> list[Month]:
    """Return the latest two months whose cut-off has passed, the earlier first."""
    month = month_from(local_date(now).replace(day=1))
    while month.cut_off >= now:
        month = _before(month)
    return [_before(month), month]


def _before(month: Month) -> Month:
    return month_from((month.first - timedelta(days=1)).replace(day=1))


class Months:
    """The files of the demo's months, row by row; the same random source makes the same rows."""

    def __init__(self, outlets: Sequence[str], random: Random, *, since: datetime, until: datetime) -> None:
        self.outlets, self.random, self.since, self.until = outlets, random, since, until
        self.rows: dict[str, list[Row]] = {kind: [] for kind in KINDS}
        self.devices: dict[str, list[Row]] = {}

    def make(self, orders: int, *, cut_off: datetime) -> dict[str, list[Row]]:
        """Return the rows of each file; `cut_off` is that of the last settled month."""
        for place, code in enumerate(self.outlets):
            self._outlet(place, code)
        self._rates()
        for number in range(max(60, orders * 2 // 3)):
            self._customer(number)
        span = (self.until - self.since).total_seconds()
        for number in range(orders):
            place = number % len(self.outlets)
            opened = self.since + timedelta(seconds=self.random.random() * span)
            self._order(number, place, opened, hand_of(place))
        self._special(cut_off)
        self._incentives()
        return self.rows

    def _outlet(self, place: int, code: str) -> None:
        half = len(self.outlets) / 2
        self.rows["outlets"].append(
            {
                "code": code,
                "type": ("flagship", "core", "standard", "satellite")[min(place % 6, 3)],
                "tier": "outlet",
                "region": "east" if place % 12 < min(half, 6) else "south",
                "latitude": f"{30 + place * 0.31:.6f}",
                "longitude": f"{118 + place * 0.27:.6f}",
                "capacity_per_day": 12 + place % 5,
                "product_lines": ";".join(FEES),
                "status": "active",
            }
        )

    def _rates(self) -> None:
        middle = self.since + (self.until - self.since) / 2
        for version, valid_from, more in (("v11", self.since - timedelta(days=365), 1.0), ("v12", middle, 1.04)):
            for line, fee in FEES.items():
                for service, factor in FACTOR.items():
                    for in_warranty in ("true", "false"):
                        for from_km, to_km, far in BANDS:
                            if (line, service) == ("kitchen", "repair") and from_km == 20:
                                continue  # a gap in the table: such orders are held, and finance is told
                            amount = fee * factor * far * more * (1.0 if in_warranty == "true" else 0.9)
                            self.rows["rates"].append(
                                {
                                    "version": version,
                                    "valid_from": valid_from.date().isoformat(),
                                    "product_line": line,
                                    "service_type": service,
                                    "in_warranty": in_warranty,
                                    "distance_from_km": from_km,
                                    "distance_to_km": to_km,
                                    "fee_amount": f"{amount:.2f}",
                                }
                            )

    def _customer(self, number: int) -> None:
        code = f"K{number + 1:05d}"
        self.rows["customers"].append(
            {
                "code": code,
                "name": words.a_name(self.random),
                "kind": "person",
                "phone": f"136{self.random.randint(0, 9999):04d}{number:04d}",
                "address": words.an_address(self.random),
            }
        )
        line = self.random.choice(list(FEES))
        genuine = self.random.choices(("true", "false", ""), (972, 14, 14))[0]
        device = {
            "serial": f"D{line[:2].upper()}{number + 1:06d}",
            "product_line": line,
            "model": self.random.choice(words.LINES[line][1]),
            "customer": code,
            "bought_on": (self.since - timedelta(days=self.random.randint(30, 1500))).date().isoformat(),
            "genuine": genuine,
        }
        self.rows["devices"].append(device)
        self.devices.setdefault(line, []).append(device)

    def _happens(self, share: float) -> bool:
        return self.random.random() < share

    def _order(self, number: int, place: int, opened: datetime, hand: Hand, **fixed: Any) -> Row:
        """Add one order as far as it has come by the end of the time; `fixed` are cells that are to be so."""
        device = fixed.pop("of", None) or self.random.choice(self.rows["devices"])
        service = self.random.choices(tuple(FACTOR), (70, 18, 12))[0]
        dispatched = opened + timedelta(minutes=self.random.randint(5, 90))
        promised = dispatched + timedelta(hours=self.random.choice((24, 24, 36, 48)))
        early = timedelta(hours=self.random.uniform(1, 20))
        arrived = promised - early if self._happens(hand.on_time) else promised + timedelta(hours=self.random.uniform(1, 30))
        arrived = max(arrived, dispatched + timedelta(minutes=40))
        finished = arrived + timedelta(minutes=self.random.randint(25, 150))
        reported = finished + timedelta(hours=self.random.uniform(0.5, 20) if self._happens(hand.reported) else 30)
        called = finished + timedelta(hours=self.random.uniform(20, 60))
        row: Row = {
            "number": f"W{number + 1:06d}",
            "customer": device["customer"],
            "device": device["serial"],
            "product_line": device["product_line"],
            "service_type": service,
            "fault_group": self.random.choice(FAULTS) if service == "repair" else "",
            "in_warranty": "true" if self._happens(0.6) else "false",
            "distance_km": f"{self.random.triangular(0.5, 30, 6):.1f}",
            "night": "true" if self._happens(0.04) else "false",
            "holiday": "true" if self._happens(0.05) else "false",
            "high_floor": "true" if self._happens(0.06) else "false",
            "outlet": self.outlets[place],
            "engineer": "",
            "opened_at": opened,
            "dispatched_at": dispatched,
            "promised_until": promised,
            "arrived_at": arrived,
            "finished_at": finished if self._happens(0.985) else None,
            "reported_at": reported,
            "fixed_first": "true" if self._happens(hand.fixed_first) else "false",
            "steps_complete": "true" if self._happens(hand.steps) else self.random.choice(("false", "")),
            "callback_result": self._said(hand),
            "callback_at": called,
            "delight": "true" if self._happens(hand.stories) else "false",
            "information_accepted": "true" if self._happens(0.02) else "false",
        }
        if service == "repair" and self._happens(0.35):
            self._part(row, finished, hand)
        row.update(fixed)
        self.rows["orders"].append(self._until_now(row))
        if row["finished_at"] and self._happens(hand.complaints):
            self._complaint(row)
        return row

    def _said(self, hand: Hand) -> str:
        if self._happens(0.02):
            return ""
        if self._happens(0.05):
            return "unreached"
        return "satisfied" if self._happens(hand.satisfied) else "dissatisfied"

    def _part(self, row: Row, finished: datetime, hand: Hand) -> None:
        row["part"] = self.random.choice(PARTS)
        if self._happens(0.93):
            row["part_returned_at"] = finished + timedelta(days=self.random.uniform(0.5, 6))
            if self._happens(0.93):
                row["lab_at"] = row["part_returned_at"] + timedelta(days=self.random.uniform(0.5, 5))
                bad = self.random.choice(("no_fault", "wrong_part", "misuse"))
                row["lab_finding"] = "confirmed" if self._happens(hand.confirmed) else bad

    def _until_now(self, row: Row) -> Row:
        """Leave out what lies ahead, and what cannot have come before it."""
        unfinished = row["finished_at"] is None or row["finished_at"] > self.until
        if unfinished:
            for name in ("finished_at", "reported_at", "callback_at", "callback_result", "part", "part_returned_at", "lab_at",
                         "lab_finding", "fixed_first", "steps_complete"):  # fmt: skip
                row[name] = None
            row["delight"] = row["information_accepted"] = "false"
        for at, what in (("lab_at", "lab_finding"), ("callback_at", "callback_result")):
            if not row.get(what) or not row.get(at) or row[at] > self.until:
                row[at] = row[what] = None
        for at in ("dispatched_at", "arrived_at", "reported_at", "part_returned_at"):
            if row.get(at) and row[at] > self.until:
                row[at] = None
        return row

    def _complaint(self, order: Row) -> None:
        self.rows["complaints"].append(
            {
                "number": f"C{len(self.rows['complaints']) + 1:05d}",
                "order": order["number"],
                "outlet": order["outlet"],
                "opened_at": min(order["finished_at"] + timedelta(hours=20), self.until),
                "level": self.random.choice((2, 3, 3, 4)),
                "upheld": self.random.choice(("true", "false", "")),
            }
        )

    def _special(self, cut_off: datetime) -> None:
        """Add what chance might leave out: chains of repeats, parts that never came back, gaps in the table of fees."""
        number = len(self.rows["orders"])
        well = {"service_type": "repair", "steps_complete": "true", "callback_result": "satisfied", "part": None,
                "part_returned_at": None, "lab_at": None, "lab_finding": None, "in_warranty": "true"}  # fmt: skip
        genuine = [
            device for device in self.rows["devices"] if device["genuine"] == "true" and device["product_line"] != "kitchen"
        ]
        begin = self.since + timedelta(days=3)
        for turn in range(6):
            device, place = genuine[turn], turn % len(self.outlets)
            chain = well | {"of": device, "fault_group": f"chain_{turn}", "distance_km": "6.0"}
            for later, other in ((0, place), (9, place), (18, (place + 1) % len(self.outlets))):
                self._fixed(number, other, begin + timedelta(days=later + turn), chain)
                number += 1
        for turn in range(6):  # finished so long before the last cut-off that the part will not come
            part = well | {"of": genuine[10 + turn], "fault_group": f"old_{turn}", "part": PARTS[0], "distance_km": "5.0"}
            self._fixed(number, turn % len(self.outlets), cut_off - timedelta(days=93 + turn), part)
            number += 1
        kitchen = [one for one in self.rows["devices"] if one["genuine"] == "true" and one["product_line"] == "kitchen"]
        for turn, device in enumerate(kitchen[:4]):
            far = well | {"of": device, "fault_group": f"far_{turn}", "distance_km": "25.0"}
            self._fixed(number, turn, begin + timedelta(days=turn), far)
            number += 1

    def _fixed(self, number: int, place: int, opened: datetime, cells: Mapping[str, Any]) -> None:
        finished = opened + timedelta(hours=8)
        times = {
            "arrived_at": finished - timedelta(hours=1),
            "finished_at": finished,
            "reported_at": finished + timedelta(hours=2),
        }
        self._order(number, place, opened, FAIR, **cells, **times, callback_at=finished + timedelta(days=2))

    def _incentives(self) -> None:
        kinds = {"information": 30, "idea": 50, "story": 20}
        settled = sorted({f"{row['finished_at']:%Y-%m}" for row in self.rows["orders"] if row["finished_at"]})
        for month in settled[-3:]:
            for place, code in enumerate(self.outlets):
                if place % 6 == 5:
                    self._incentive(code, month, "complaint", -200, "客户投诉升级,核实属实")
                elif self._happens(0.5):
                    kind = self.random.choice(list(kinds))
                    self._incentive(code, month, kind, kinds[kind], "质改信息被采纳" if kind != "story" else "客户来信感谢")
        # More than the month's labour: what is lacking is carried to the next month.
        self._incentive(self.outlets[-1], settled[-3], "false_charge", -9800, "虚假收费,集中核查退还")

    def _incentive(self, outlet: str, month: str, kind: str, amount: int, reason: str) -> None:
        self.rows["incentives"].append(
            {"outlet": outlet, "month": month, "kind": kind, "amount": f"{amount:.2f}", "order": "", "reason": reason}
        )


def bring_in(rows: Mapping[str, Sequence[Row]], progress: Progress) -> None:
    """Import the rows as the exchange files that they are; raises RuntimeError naming the first row that is refused."""
    with TemporaryDirectory() as folder:
        for kind in KINDS:
            if not rows[kind]:
                continue
            path = Path(folder) / f"{kind}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                names = list(dict.fromkeys(name for row in rows[kind] for name in row))
                writer = csv.DictWriter(file, names)
                writer.writeheader()
                writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows[kind])
            report = import_exchange_file(path, kind=kind, actor=import_actor("demo"), progress=progress)
            for bad in report.bad:
                raise RuntimeError(f"{kind}.csv line {bad['line']}, {bad['column']}: {bad['reason']}")


def _cell(value: object) -> object:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else "" if value is None else value
