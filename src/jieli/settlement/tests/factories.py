"""Small companies for tests of the month end: outlets, orders with everything in order, rates, incentives.

Orders are written as rows, all of an outlet on one case: what a month is made of is their facts, not how they came.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from jieli.cases.actions.progressing import cancel_case
from jieli.cases.models import Case
from jieli.cases.tests.factories import a_case
from jieli.complaints.models import Complaint
from jieli.customers.models import Device
from jieli.events.actor import SYSTEM, Actor, Grant
from jieli.network.models import Outlet
from jieli.orders.models import WorkOrder
from jieli.people.models import Unit
from jieli.people.tests.factories import a_unit
from jieli.policies.tests.factories import make_version
from jieli.settlement.models import Incentive

FINANCE = Actor("staff", 77, "财务", (Grant("finance", "/"),))

_numbers = count(1)


def at(text: str) -> datetime:
    """Return an instant written in the company's local time (+08:00), such as ``2026-03-01 10:00``."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def an_outlet(code: str = "", *, tier: str = "outlet", region: str = "north") -> Unit:
    """Return the unit of a new outlet."""
    unit = a_unit(code=code or f"N{next(_numbers)}", name=f"网点{code}")
    Outlet.objects.create(unit=unit, tier=tier, region=region)
    return unit


def a_device(*, genuine: bool | None = True, serial: str = "") -> Device:
    """Return a new device."""
    return Device.objects.create(serial=serial or f"DV{next(_numbers)}", product_line="washer", genuine=genuine)


def the_case() -> Case:
    """Return a case on which orders of tests stand; it has ended, so that it needs no next time."""
    return Case.objects.first() or cancel_case(a_case().pk, reason="…", actor=SYSTEM)


def order_row(outlet: Unit, finished_at: datetime | None, **facts: Any) -> WorkOrder:
    """Return an order with all in order, not yet written: a repair in warranty at 5 km, without a part."""
    begun = finished_at or facts.pop("begun", at("2026-03-01 08:00"))
    given: dict[str, Any] = {
        "number": f"W{next(_numbers):08d}",
        "case": the_case(),
        "outlet": outlet,
        "product_line": "washer",
        "service_type": "repair",
        "fault_group": "drain",
        "in_warranty": True,
        "distance_km": Decimal(5),
        "opened_at": begun - timedelta(hours=5),
        "dispatched_at": begun - timedelta(hours=4),
        "promised_until": begun,
        "arrived_at": begun - timedelta(hours=1) if finished_at else None,
        "finished_at": finished_at,
        "reported_at": begun + timedelta(hours=1) if finished_at else None,
        "fixed_first": True,
        "steps_complete": True,
        "callback_result": "satisfied" if finished_at else "",
        "callback_at": begun + timedelta(hours=2) if finished_at else None,
    }
    return WorkOrder(**given | facts)


def an_order(outlet: Unit, finished_at: datetime | str, **facts: Any) -> WorkOrder:
    """Write a finished order, on a genuine device of its own unless one is given."""
    when = at(finished_at) if isinstance(finished_at, str) else finished_at
    facts.setdefault("device", None)
    device = facts.pop("device") or a_device(genuine=facts.pop("genuine", True))
    row = order_row(outlet, when, device=device, **facts)
    row.save(force_insert=True)
    return row


def an_unfinished(outlet: Unit, **facts: Any) -> WorkOrder:
    """Write an order that is not finished."""
    row = order_row(outlet, None, **facts)
    row.save(force_insert=True)
    return row


def rate_source(table: str, valid_from: str, rows: Iterable[str]) -> str:
    """Return the text of a rate table; a row is ``washer repair true 0 10 82.00``, ``-`` for no end."""
    lines = []
    for row in rows:
        line, kind, warranty, low, high, fee = row.split()
        end = "" if high == "-" else f"to_km = {high}, "
        lines.append(
            f'  {{ product_line = "{line}", service_type = "{kind}", in_warranty = {warranty}, from_km = {low}, {end}'
            f"fee_amount = {fee} }},"
        )
    body = "\n".join(lines)
    return f'table = "{table}"\nvalid_from = {valid_from}\nrates = [\n{body}\n]\n'


def a_rate_table(*rows: str, table: str = "t1", valid_from: str = "2020-01-01") -> None:
    """Bring in a rate table: 82.00 for every repair in warranty unless rows are given."""
    make_version("rates", rate_source(table, valid_from, rows or ("washer repair true 0 - 82.00",)))


def an_incentive(outlet: Unit, month: str, amount: str, *, kind: str = "information", **facts: Any) -> Incentive:
    """Record an incentive."""
    first = date.fromisoformat(f"{month}-01")
    return Incentive.objects.create(
        outlet=outlet, month=first, kind=kind, amount=Decimal(amount), recorded_at=at(f"{month}-15 12:00"), **facts
    )


def a_complaint(outlet: Unit, opened_at: str, **facts: Any) -> Complaint:
    """Write a complaint about an outlet."""
    return Complaint.objects.create(number=f"K{next(_numbers):06d}", outlet=outlet, opened_at=at(opened_at), **facts)
