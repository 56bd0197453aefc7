"""The month end once more, slow and plain over lists, straight from the page (spec 6): what the product must agree with.

It shares nothing with the product: no SQL, no rule, no policy. Orders are dictionaries with the columns of orders.csv; a month
is the tuple of its first day, begin, end and cut-off.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Order = dict[str, Any]
Month = tuple[date, datetime, datetime, datetime]

COMPANY = ZoneInfo("Asia/Shanghai")
NINETY_DAYS = timedelta(hours=90 * 24)
CENT = Decimal("0.01")


def cents(amount: Fraction) -> Decimal:
    """Round half-up, away from zero, to 0.01."""
    whole, rest = divmod(abs(amount) * 100, 1)
    number = whole + (1 if rest >= Fraction(1, 2) else 0)
    return (Decimal(int(number)) * CENT).copy_sign(Decimal(1 if amount >= 0 else -1)) + Decimal("0.00")


class Company:
    """A company with everything it ever knew, and what it decided month by month."""

    def __init__(
        self,
        outlets: Mapping[str, tuple[str, str]],
        orders: Sequence[Order],
        complaints: Sequence[tuple[str, datetime]],
        incentives: Sequence[tuple[str, date, Decimal]],
        tables: Sequence[tuple[str, date, Sequence[tuple[str, str, bool, Decimal, Decimal | None, Decimal]]]],
        least: int,
    ) -> None:
        self.outlets, self.complaints, self.tables, self.least = outlets, complaints, tables, least
        self.orders = list(orders)
        self.incentives = list(incentives)
        self.decided: set[str] = set()
        self.paid_repairs: list[Order] = []
        self.debts: dict[str, Decimal] = {}
        self.granted: list[tuple[str, date, Decimal]] = []

    def settle(
        self, month: Month
    ) -> tuple[dict[str, dict[str, Any]], dict[str, tuple[str, str | None, Decimal | None, str | None]]]:
        """Decide a month: the result of each outlet, and of each order looked at its decision, gate, fee and rate table."""
        first, _begin, end, cut_off = month
        looked = [
            one for one in self.orders if one["finished_at"] and one["finished_at"] < end and one["number"] not in self.decided
        ]
        looked.sort(key=lambda one: (one["finished_at"], one["number"]))
        lines: dict[str, Any] = {}
        labour: dict[str, Decimal] = defaultdict(Decimal)
        charged: dict[str, Decimal] = defaultdict(Decimal)
        counts: dict[str, dict[str, int]] = {code: {"payable": 0, "held": 0, "rejected": 0} for code in self.outlets}
        for one in looked:
            earlier = self.latest_paid(one)
            decision, gate = self.judge(one, cut_off, earlier)
            fee = rate = None
            if decision == "payable":
                rate, fee = self.fee(one) or (None, None)
                if fee is None:
                    decision, gate = "held", "rate"
            lines[one["number"]] = (decision, gate, fee, rate)
            counts[one["outlet"]][decision] += 1
            if fee is not None:
                labour[one["outlet"]] += fee
                if one["service_type"] == "repair" and one["device"] and one["fault_group"]:
                    self.paid_repairs.append(one)
                if earlier and one["finished_at"] - earlier["finished_at"] <= NINETY_DAYS:
                    charged[earlier["outlet"]] += fee
        self.decided |= {number for number, line in lines.items() if line[0] != "held"}
        due = [one for one in self.incentives if one[1] <= first]
        self.incentives = [one for one in self.incentives if one[1] > first]
        corrections = [one for one in self.granted if one[1] < first]
        self.granted = [one for one in self.granted if one[1] >= first]
        due += corrections
        grades = self.grade(month)
        results = {}
        for code in self.outlets:
            extra = sum((amount for outlet, _month, amount in due if outlet == code), Decimal("0.00"))
            extra -= charged[code] + self.debts.get(code, Decimal("0.00"))
            total = cents(Fraction(labour[code]) * Fraction(grades[code]["coefficient"]) + Fraction(extra))
            results[code] = grades[code] | counts[code] | {
                "labour": labour[code], "incentives": extra, "payout": max(total, Decimal("0.00")),
                "debt": max(-total, Decimal("0.00")),
            }  # fmt: skip
        self.debts = {code: one["debt"] for code, one in results.items()}
        return results, lines

    def latest_paid(self, order: Order) -> Order | None:
        """Return the latest payable repair of the same device and fault group that was finished before this one."""
        if order["service_type"] != "repair" or not order["device"] or not order["fault_group"]:
            return None
        before = [
            one for one in self.paid_repairs
            if one["device"] == order["device"] and one["fault_group"] == order["fault_group"]
            and (one["finished_at"], one["number"]) < (order["finished_at"], order["number"])
        ]  # fmt: skip
        return max(before, key=lambda one: (one["finished_at"], one["number"]), default=None)

    def judge(self, order: Order, cut_off: datetime, earlier: Order | None) -> tuple[str, str | None]:
        """Walk the six gates: the first that fails rejects, else the first that waits holds."""
        dissatisfied = order["callback_result"] == "dissatisfied" and not order.get("callback_excused")
        called = order["callback_at"] is not None and order["callback_at"] <= cut_off
        back = order["part_returned_at"] is not None and order["part_returned_at"] <= cut_off
        found = order["lab_at"] is not None and order["lab_at"] <= cut_off
        has_warranty_part = bool(order["part"]) and order["in_warranty"] is True
        is_repeat = (
            earlier is not None
            and earlier["outlet"] == order["outlet"]
            and order["finished_at"] - earlier["finished_at"] <= NINETY_DAYS
        )
        known = {True: "passes", False: "fails", None: "waits"}
        gates = {
            "steps": known[order["steps_complete"]],
            "callback": "waits" if not called else "fails" if dissatisfied else "passes",
            "genuine": known[order["genuine"] if order["device"] else None],
            "repeat": "fails" if is_repeat else "passes",
            "return": "passes",
            "lab": "passes",
        }
        if has_warranty_part:
            late = cut_off - order["finished_at"] > NINETY_DAYS
            gates["return"] = "passes" if back else "fails" if late else "waits"
            gates["lab"] = "waits" if not found else "passes" if order["lab_finding"] == "confirmed" else "fails"
        for decision, state in (("rejected", "fails"), ("held", "waits")):
            for gate, is_so in gates.items():
                if is_so == state:
                    return decision, gate
        return "payable", None

    def fee(self, order: Order) -> tuple[str, Decimal] | None:
        """Return the label of the newest table valid on the local finishing date and the fee with surcharges."""
        day = order["finished_at"].astimezone(COMPANY).date()
        valid = [table for table in self.tables if table[1] <= day]
        if not valid or order["in_warranty"] is None or order["distance_km"] is None:
            return None
        label, _from, rows = max(valid, key=lambda table: table[1])
        work = (order["product_line"], order["service_type"], order["in_warranty"])
        for line, service, warranty, low, high, amount in rows:
            if (
                (line, service, warranty) == work
                and low <= order["distance_km"]
                and (high is None or order["distance_km"] < high)
            ):
                return label, amount + 20 * order["night"] + 30 * order["holiday"] + 10 * order["high_floor"]
        return None

    def grade(self, month: Month) -> dict[str, dict[str, Any]]:
        """Score each outlet from the facts known at the cut-off, rank it in its peer group, and find T."""
        graded: dict[str, dict[str, Any]] = {}
        for code in self.outlets:
            shares, bonuses = self.facts(code, month)
            finished = shares["information"][1]
            graded[code] = {"finished": finished, "score": None, "grade": None, "rank": None, "coefficient": Decimal("1.00")}
            if finished >= self.least:
                graded[code]["score"] = self.score(shares, bonuses)
        for peers in set(self.outlets.values()):
            group = [one for code, one in graded.items() if self.outlets[code] == peers and one["score"] is not None]
            places = len(group) // 10
            for one in group:
                score = one["score"]
                one["rank"] = 1 + sum(other["score"] > score for other in group)
                one["grade"] = "A" if score >= 90 else "B" if score >= 75 else "C"
                not_better = sum(other["score"] <= score for other in group)
                if one["grade"] == "A" and one["rank"] <= places:
                    one["coefficient"] = Decimal("1.10")
                if one["grade"] == "C" and not_better <= places:
                    one["coefficient"] = Decimal("0.90")
        return graded

    def facts(self, code: str, month: Month) -> tuple[dict[str, tuple[int, int]], int]:
        """Count the shares of one outlet's month, and its moving stories and accepted informations."""
        _first, begin, end, cut_off = month
        own = [one for one in self.orders if one["outlet"] == code]
        done = [one for one in own if one["finished_at"] and begin <= one["finished_at"] < end]
        called = [one["callback_result"] for one in done if one["callback_at"] and one["callback_at"] <= cut_off]
        promised = [one for one in done if one["promised_until"]]
        repairs = [one for one in done if one["service_type"] == "repair"]
        in_time = [
            one for one in done
            if one["reported_at"] and one["reported_at"] <= cut_off
            and one["reported_at"] - one["finished_at"] <= timedelta(hours=24)
        ]  # fmt: skip
        unfinished = [one for one in own if not one["finished_at"] or one["finished_at"] >= end]
        found = [one["lab_finding"] for one in done if one["lab_at"] and one["lab_at"] <= cut_off]
        dispatched = [
            one for one in own
            if one["dispatched_at"] and one["dispatched_at"] < end
            and (one["dispatched_at"] >= begin or not one["finished_at"] or one["finished_at"] >= begin)
        ]  # fmt: skip
        overdue = [one for one in unfinished if one in dispatched and one["promised_until"] and one["promised_until"] < end]
        complaints = [at for outlet, at in self.complaints if outlet == code and begin <= at < end]
        kept = [one for one in promised if one["arrived_at"] and one["arrived_at"] <= min(one["promised_until"], cut_off)]
        shares = {
            "satisfaction": (called.count("satisfied"), called.count("satisfied") + called.count("dissatisfied")),
            "on_time": (len(kept), len(promised)),
            "fixed_first": (sum(one["fixed_first"] is True for one in repairs), len(repairs)),
            "information": (len(in_time), len(done)),
            "backlog": (len(overdue), len(dispatched)),
            "complaints": (len(complaints), len(done)),
            "parts_misjudged": (found.count("no_fault") + found.count("wrong_part"), len(found)),
        }
        return shares, sum(one["delight"] + one["information_accepted"] for one in done)

    def score(self, shares: Mapping[str, tuple[int, int]], bonuses: int) -> Decimal:
        """Add up the parts, unrounded, and round once."""
        table = {
            "satisfaction": (35, 100, 80), "on_time": (15, 100, 80), "fixed_first": (15, 100, 80), "information": (10, 100, 80),
            "backlog": (10, 0, 5), "complaints": (10, 0, 1), "parts_misjudged": (5, 0, 10),
        }  # fmt: skip
        total = min(Fraction(5), Fraction(bonuses, 2))
        for name, (points, full, zero) in table.items():
            part, whole = shares[name]
            reached = Fraction(100 * part, whole) if whole else Fraction(full)
            total += min(Fraction(points), max(Fraction(0), points * (reached - zero) / (full - zero)))
        return cents(total)


__all__ = ["Company", "Month", "Order", "cents"]
