"""The month end once more, slowly: over lists, order by order, straight from the pages of the spec, without any SQL.

It shares nothing with the product but the rows it reads. Where the product counts in sets, this goes from one order to the
next; where the product uses fractions, this uses decimals of sixty digits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

LOCAL = timezone(timedelta(hours=8))
CENT = Decimal("0.01")


@dataclass
class Terms:
    """The numbers of the policies."""

    cut_off_days: int = 7
    repeat_days: int = 90
    return_days: int = 90
    surcharges: tuple[Decimal, Decimal, Decimal] = (Decimal(20), Decimal(30), Decimal(10))
    least_orders: int = 10
    best_share: Decimal = Decimal("0.1")
    worst_share: Decimal = Decimal("0.1")


@dataclass
class Company:
    """All there is: outlets by code with tier and region; rows; rate tables as (label, first day, rows)."""

    outlets: dict[str, tuple[str, str]]
    orders: list[Any]
    complaints: list[tuple[str, datetime]] = field(default_factory=list)
    incentives: list[tuple[str, date, Decimal]] = field(default_factory=list)
    tables: list[tuple[str, date, list[tuple[str, str, bool, Decimal, Decimal | None, Decimal]]]] = field(default_factory=list)
    terms: Terms = field(default_factory=Terms)


@dataclass
class Outcome:
    """What a month comes to for one outlet."""

    labour: Decimal = Decimal(0)
    coefficient: Decimal = Decimal(1)
    incentives: Decimal = Decimal(0)
    payout: Decimal = Decimal(0)
    debt: Decimal = Decimal(0)
    counts: dict[str, int] = field(default_factory=lambda: {"payable": 0, "held": 0, "rejected": 0})
    score: Decimal | None = None
    grade: str = ""
    rank: int | None = None
    group_size: int = 0
    lines: dict[str, tuple[str, str, Decimal | None, str]] = field(default_factory=dict)


def midnight(day: date) -> datetime:
    """Return when a local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL)


def after(first: date) -> date:
    """Return the first day of the next month."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def known(at: datetime | None, cut_off: datetime) -> bool:
    """Tell whether something dated is known to the run."""
    return at is not None and at <= cut_off


def gates(order: Any, cut_off: datetime, terms: Terms) -> dict[str, str]:
    """Return pass, wait or fail for each gate but the repeat."""
    found = {"steps": {True: "pass", False: "fail", None: "wait"}[order.steps_complete]}
    if not known(order.callback_at, cut_off):
        found["callback"] = "wait"
    else:
        found["callback"] = "fail" if order.callback_result == "dissatisfied" else "pass"
    genuine = order.device.genuine if order.device is not None else None
    found["genuine"] = {True: "pass", False: "fail", None: "wait"}[genuine]
    found["return"] = found["lab"] = "pass"
    if order.part and order.in_warranty:
        if not known(order.part_returned_at, cut_off):
            too_late = cut_off - order.finished_at > timedelta(hours=24 * terms.return_days)
            found["return"] = "fail" if too_late else "wait"
        if not known(order.lab_at, cut_off):
            found["lab"] = "wait"
        elif order.lab_finding != "confirmed":
            found["lab"] = "fail"
    return found


def fee_of(order: Any, company: Company) -> tuple[Decimal, str] | None:
    """Return the fee with surcharges and the label of the table."""
    day = order.finished_at.astimezone(LOCAL).date()
    valid = [table for table in company.tables if table[1] <= day]
    if not valid or order.in_warranty is None or order.distance_km is None:
        return None
    label, _first, rows = max(valid, key=lambda table: table[1])
    for line, kind, warranty, low, high, fee in rows:
        is_this_work = (line, kind, warranty) == (order.product_line, order.service_type, order.in_warranty)
        if is_this_work and low <= order.distance_km and (high is None or order.distance_km < high):
            night, holiday, floor = company.terms.surcharges
            whole = fee
            whole += night if order.night else 0
            whole += holiday if order.holiday else 0
            whole += floor if order.high_floor else 0
            return whole, label
    return None


def share(numerator: int, denominator: int) -> Decimal | None:
    """Return a share, nothing without cases."""
    return None if denominator == 0 else Decimal(numerator) / Decimal(denominator)


def part(value: Decimal | None, points: int, full: str, zero: str) -> Decimal:
    """Return the points of a part."""
    if value is None:
        return Decimal(points)
    reached = (value - Decimal(zero)) / (Decimal(full) - Decimal(zero))
    return Decimal(points) * max(Decimal(0), min(Decimal(1), reached))


def score(code: str, company: Company, first: date, cut_off: datetime) -> tuple[int, Decimal]:
    """Return how many orders were finished and the score of the month."""
    since, until = midnight(first), midnight(after(first))
    mine = [order for order in company.orders if order.outlet.code == code]
    done = [order for order in mine if order.finished_at is not None and since <= order.finished_at < until]
    called = [order for order in done if known(order.callback_at, cut_off)]
    satisfied = sum(order.callback_result == "satisfied" for order in called)
    reached = satisfied + sum(order.callback_result == "dissatisfied" for order in called)
    promised = [order for order in done if order.promised_until is not None]
    kept = sum(known(order.arrived_at, cut_off) and order.arrived_at <= order.promised_until for order in promised)
    repairs = [order for order in done if order.service_type == "repair"]
    informed = [
        order
        for order in done
        if known(order.reported_at, cut_off) and order.reported_at - order.finished_at <= timedelta(hours=24)
    ]

    def unfinished(order: Any, at: datetime) -> bool:
        return order.finished_at is None or order.finished_at >= at

    sent = [
        order
        for order in mine
        if order.dispatched_at is not None
        and (since <= order.dispatched_at < until or (order.dispatched_at < since and unfinished(order, since)))
    ]
    overdue = [
        order
        for order in sent
        if order.promised_until is not None and order.promised_until < until and unfinished(order, until)
    ]
    complaints = [1 for outlet, opened in company.complaints if outlet == code and since <= opened < until]
    inspected = [order for order in done if known(order.lab_at, cut_off)]
    misjudged = [order for order in inspected if order.lab_finding in ("no_fault", "wrong_part")]
    stories = sum(order.delight for order in done) + sum(order.information_accepted for order in done)
    with localcontext() as context:
        context.prec = 60
        whole = (
            part(share(satisfied, reached), 35, "1", "0.8")
            + part(share(kept, len(promised)), 15, "1", "0.8")
            + part(share(sum(order.fixed_first is True for order in repairs), len(repairs)), 15, "1", "0.8")
            + part(share(len(informed), len(done)), 10, "1", "0.8")
            + part(share(len(overdue), len(sent)), 10, "0", "0.05")
            + part(share(len(complaints), len(done)), 10, "0", "0.01")
            + part(share(len(misjudged), len(inspected)), 5, "0", "0.1")
            + min(Decimal("0.5") * stories, Decimal(5))
        )
        # Thirds that add up to a half cent are a half cent: sixty digits less ten are exact.
        return len(done), whole.quantize(Decimal(1).scaleb(-45), ROUND_HALF_UP).quantize(CENT, ROUND_HALF_UP)


def grades(company: Company, first: date, cut_off: datetime) -> dict[str, Outcome]:
    """Return the graded part of each outlet's month."""
    found = {code: Outcome() for code in company.outlets}
    groups: dict[tuple[str, str], list[str]] = {}
    for code, peers in company.outlets.items():
        finished, points = score(code, company, first, cut_off)
        if finished >= company.terms.least_orders:
            found[code].score = points
            groups.setdefault(peers, []).append(code)
    for code, peers in company.outlets.items():
        found[code].group_size = len(groups.get(peers, ()))
    for codes in groups.values():
        best = int(company.terms.best_share * len(codes))
        worst = int(company.terms.worst_share * len(codes))
        scores = {code: found[code].score or Decimal(0) for code in codes}
        for code, mine in scores.items():
            one = found[code]
            one.grade = "A" if mine >= 90 else "B" if mine >= 75 else "C"
            one.rank = 1 + sum(other > mine for other in scores.values())
            not_better = sum(other <= mine for other in scores.values())
            if one.grade == "A" and one.rank <= best:
                one.coefficient = Decimal("1.10")
            if one.grade == "C" and not_better <= worst:
                one.coefficient = Decimal("0.90")
    return found


def settle(company: Company, months: Sequence[date]) -> list[dict[str, Outcome]]:
    """Settle months one after the other and return what each outlet gets in each."""
    terms = company.terms
    decided: set[str] = set()
    paid: list[Any] = []
    used: set[int] = set()
    debts: dict[str, Decimal] = {}
    results = []
    for first in months:
        until = midnight(after(first))
        cut_off = midnight(after(first) + timedelta(days=terms.cut_off_days))
        month = grades(company, first, cut_off)
        looked = [
            order
            for order in company.orders
            if order.finished_at is not None and order.finished_at < until and order.number not in decided
        ]
        for order in sorted(looked, key=lambda one: (one.finished_at, one.number)):
            one = month[order.outlet.code]
            states = gates(order, cut_off, terms)
            before = earlier_repair(order, paid)
            within = before is not None and order.finished_at - before.finished_at <= timedelta(hours=24 * terms.repeat_days)
            states["repeat"] = "fail" if within and before.outlet.code == order.outlet.code else "pass"
            fee = fee_of(order, company)
            states["rate"] = "pass" if fee is not None else "wait"
            names = ("steps", "callback", "genuine", "repeat", "return", "lab", "rate")
            failed = [name for name in names if states[name] == "fail"]
            waiting = [name for name in names if states[name] == "wait"]
            line: tuple[str, str, Decimal | None, str]
            if failed:
                decision, line = "rejected", ("rejected", failed[0], None, "")
            elif waiting:
                decision, line = "held", ("held", waiting[0], None, "")
            else:
                assert fee is not None
                decision, line = "payable", ("payable", "", fee[0], fee[1])
                one.labour += fee[0]
                paid.append(order)
                if within:
                    month[before.outlet.code].incentives -= fee[0]
            if decision != "held":
                decided.add(order.number)
            one.counts[decision] += 1
            one.lines[order.number] = line
        for place, (code, of_month, amount) in enumerate(company.incentives):
            if place not in used and of_month <= first:
                used.add(place)
                month[code].incentives += amount
        for code, debt in debts.items():
            month[code].incentives -= debt
        for one in month.values():
            result = (one.labour * one.coefficient + one.incentives).quantize(CENT, ROUND_HALF_UP)
            one.payout, one.debt = max(result, Decimal(0)), max(-result, Decimal(0))
        debts = {code: one.debt for code, one in month.items()}
        results.append(month)
    return results


def earlier_repair(order: Any, paid: Iterable[Any]) -> Any:
    """Return the latest earlier payable repair of the same device and fault group, whoever did it."""
    if order.service_type != "repair" or order.device is None or not order.fault_group:
        return None
    same = [
        other
        for other in paid
        if other.service_type == "repair"
        and other.device == order.device
        and other.fault_group == order.fault_group
        and (other.finished_at, other.number) < (order.finished_at, order.number)
    ]
    return max(same, key=lambda other: (other.finished_at, other.number), default=None)
