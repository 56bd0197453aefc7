"""The demo's month ends: rates, complaints and incentives come as in files; two months are settled, approved and disputed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from jieli.complaints.actions.importing import import_complaints
from jieli.config.demo.company import Company
from jieli.config.demo.field import Field
from jieli.events.actor import SYSTEM, import_actor
from jieli.lib import clock
from jieli.orders.actions.importing import import_orders
from jieli.orders.models import WorkOrder
from jieli.people.queries import actor_for, local_date
from jieli.policies.actions import draft_version, start_version
from jieli.policies.models import PolicyVersion
from jieli.settlement.actions.approving import approve_month
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.disputing import DisputedLine, confirm_statement, decide_dispute, dispute_line
from jieli.settlement.actions.incentives import import_incentives
from jieli.settlement.actions.paying import decide_pay
from jieli.settlement.actions.rates import import_rates
from jieli.settlement.actions.sealing import seal_statements
from jieli.settlement.models import Line, Statement
from jieli.settlement.queries.months import Month, month_from

FEES = {
    "washing_machine": 82, "refrigerator": 90, "air_conditioner": 110, "water_heater": 85, "television": 95, "kitchen": 70,
}  # fmt: skip
FACTOR = {"repair": 1.0, "installation": 1.25, "maintenance": 0.6}
BANDS = ((0, 10, 1.0), (10, 20, 1.2), (20, 60, 1.6))
DAY = timedelta(days=1)


def settle_quarter(company: Company, network: Field, random: Random, *, now: datetime) -> None:
    """Settle the two months whose cut-off has passed: the first is sealed and disputed, the second waits for a second yes.

    Of each peer group one outlet is the best and one the worst: in so small a company a tenth is no place at all.
    """
    months = _months(now)
    by = import_actor("demo")
    _good(import_orders(_lines(_of_old_system(network, months)), actor=by).findings)
    orders = list(
        WorkOrder.objects.filter(finished_at__isnull=False)
        .order_by("pk")
        .values_list("number", "outlet__code", "finished_at", "delight", "information_accepted")
    )
    outlets = sorted({code for _number, code, *_rest in orders})
    with clock.frozen(months[0].since - 5 * DAY):
        _one_place_each()
        _good(import_rates(_lines(_rates(months[0].since)), actor=by).findings)
    _good(import_complaints(_lines(_complaints(orders, random, now)), actor=by).findings)
    incentives = _incentives(outlets, months, random)
    first, second = (actor_for(company.staff[code]) for code in ("finance", "finance2"))
    for month in months:
        with clock.frozen(min(month.cut_off, now)):
            of_month = [one for one in incentives if one["month"] == month.label]
            _good(import_incentives(_lines(of_month), actor=by).findings)
        with clock.frozen(min(month.cut_off + DAY, now)):
            run = decide_month(month, actor=first)
            decide_pay(month, actor=first)
            approve_month(month, actor=first)
        if month is months[0]:
            with clock.frozen(min(month.cut_off + DAY + timedelta(hours=2), now)):
                approve_month(month, actor=second)
                seal_statements(run.pk, actor=SYSTEM)
            _talk(company, run.pk, min(month.cut_off + 3 * DAY, now), random)


def _of_old_system(network: Field, months: Sequence[Month]) -> list[dict[str, Any]]:
    """Return orders that another program kept until lately: among them what no visit of ours leaves behind.

    Chains of repeats at one outlet and the next, parts that never came back, steps and call-backs of which nothing is known.
    """
    rows: list[dict[str, Any]] = []
    posts = network.posts
    begin = months[0].since + 3 * DAY + timedelta(hours=2)

    def add(place: int, turn: int, finished_at: datetime, **cells: Any) -> None:
        post = posts[place % len(posts)]
        fitting = [pair for pair in posts[turn % len(posts)].customers if pair[1].genuine and pair[1].product_line != "kitchen"]
        customer, device = fitting[turn]
        rows.append(
            {
                "number": f"W{len(rows) + 1:06d}",
                "customer": customer.code,
                "device": device.serial,
                "product_line": device.product_line,
                "service_type": "repair",
                "fault_group": f"old_{turn}",
                "in_warranty": "true",
                "distance_km": "6.5",
                "outlet": post.unit.code,
                "opened_at": _at(finished_at - timedelta(hours=8)),
                "dispatched_at": _at(finished_at - timedelta(hours=7)),
                "promised_until": _at(finished_at),
                "arrived_at": _at(finished_at - timedelta(hours=1)),
                "finished_at": _at(finished_at),
                "reported_at": _at(finished_at + timedelta(hours=2)),
                "fixed_first": "true",
                "steps_complete": "true",
                "callback_result": "satisfied",
                "callback_at": _at(finished_at + 2 * DAY),
                **cells,
            }
        )

    for turn in range(4):
        for later, other in ((0, 0), (9, 0), (18, 1)):
            add(turn + other, turn, begin + (later + turn) * DAY)
        add(turn, 10 + turn, months[-1].cut_off - (93 + turn) * DAY, part="P-OLD")
        add(turn, 20 + turn, begin + turn * DAY, steps_complete="")
        add(turn, 30 + turn, begin + turn * DAY, callback_result="", callback_at="")
    return rows


def _at(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _months(now: datetime) -> list[Month]:
    month = month_from(local_date(now).replace(day=1))
    while month.cut_off >= now:
        month = _before(month)
    return [_before(month), month]


def _before(month: Month) -> Month:
    return month_from((month.first - DAY).replace(day=1))


def _lines(rows: Sequence[dict[str, Any]]) -> list[tuple[int, dict[str, str]]]:
    return [(place, {name: str(value) for name, value in row.items()}) for place, row in enumerate(rows, start=2)]


def _good(findings: Sequence[object]) -> None:
    if findings:
        raise RuntimeError(f"the demo's own rows are refused: {findings[:3]}")


def _rates(since: datetime) -> list[dict[str, Any]]:
    """Return two tables; hoods that are repaired far away have no fee, so they are held and finance is told."""
    rows = []
    for version, valid_from, more in (("v11", since - 365 * DAY, 1.0), ("v12", since + 30 * DAY, 1.04)):
        for line, fee in FEES.items():
            for service, factor in FACTOR.items():
                for in_warranty, share in (("true", 1.0), ("false", 0.9)):
                    for from_km, to_km, far in BANDS:
                        if (line, service, from_km) == ("kitchen", "repair", 20):
                            continue
                        rows.append(
                            {
                                "version": version,
                                "valid_from": local_date(valid_from).isoformat(),
                                "product_line": line,
                                "service_type": service,
                                "in_warranty": in_warranty,
                                "distance_from_km": from_km,
                                "distance_to_km": to_km,
                                "fee_amount": f"{fee * factor * far * more * share:.2f}",
                            }
                        )
    return rows


def _complaints(orders: Sequence[tuple[Any, ...]], random: Random, now: datetime) -> list[dict[str, Any]]:
    worst = {code for place, code in enumerate(sorted({one[1] for one in orders})) if place % 6 == 5}
    rows: list[dict[str, Any]] = []
    for number, outlet, finished_at, *_rest in orders:
        if random.random() < (0.02 if outlet in worst else 0.002):
            row = {
                "number": f"TS{len(rows) + 1:05d}",
                "order": number,
                "outlet": outlet,
                "opened_at": min(finished_at + timedelta(hours=20), now).isoformat(timespec="seconds"),
                "level": random.choice((2, 3, 3, 4)),
                "upheld": random.choice(("true", "false", "")),
            }
            rows.append(row)
    return rows


def _incentives(outlets: Sequence[str], months: Sequence[Month], random: Random) -> list[dict[str, Any]]:
    """Return what was decided beside the orders; the last outlet owes more than it earns, which is carried on."""
    kinds = (("information", 30, "质改信息被采纳"), ("idea", 50, "小改小革建议被采纳"), ("story", 20, "客户来信感谢"))
    rows: list[dict[str, Any]] = []
    for month in months:
        for place, outlet in enumerate(outlets):
            if place % 6 == 5:
                rows.append(_incentive(outlet, month, "complaint", -200, "客户投诉升级，核实属实"))
            elif random.random() < 0.5:
                kind, amount, reason = random.choice(kinds)
                rows.append(_incentive(outlet, month, kind, amount, reason))
    rows.append(_incentive(outlets[-1], months[0], "false_charge", -25_000, "虚假收费，集中核查退还"))
    return rows


def _incentive(outlet: str, month: Month, kind: str, amount: int, reason: str) -> dict[str, Any]:
    return {"outlet": outlet, "month": month.label, "kind": kind, "amount": f"{amount:.2f}", "order": "", "reason": reason}


def _one_place_each() -> None:
    source = PolicyVersion.objects.started().filter(name="grade").values_list("source", flat=True)[0]
    fewer = source.replace("share = 0.10", "count = 1")
    draft = draft_version("grade", source=fewer, actor=SYSTEM, note="网点少，同组各取一名")
    start_version(draft.pk, actor=SYSTEM)


def _talk(company: Company, run_id: int, at: datetime, random: Random) -> None:
    """Some outlets confirm their statement, two dispute a line, and one dispute is decided."""
    statements = Statement.objects.filter(run_id=run_id).select_related("outlet__leader").order_by("outlet__code")
    for place, statement in enumerate(statements):
        assert statement.outlet.leader is not None
        owner = actor_for(statement.outlet.leader)
        line = Line.objects.filter(run_id=run_id, outlet=statement.outlet, decision="rejected").order_by("order_id").first()
        with clock.frozen(at + timedelta(minutes=11 * place)):
            if place < 2 and line is not None:
                dispute = dispute_line(
                    statement.pk,
                    line=DisputedLine(line.order.number),
                    reason="现场照片齐全，客户当面确认，请复核",
                    claimed_amount=Decimal("82.00"),
                    actor=owner,
                )
                if place == 0:
                    with clock.frozen(at + DAY):
                        decide_dispute(
                            dispute.pk,
                            granted_amount=Decimal("82.00"),
                            reason="复核属实",
                            actor=actor_for(company.staff["finance"]),
                        )
            elif random.random() < 0.6:
                confirm_statement(statement.pk, actor=owner)
