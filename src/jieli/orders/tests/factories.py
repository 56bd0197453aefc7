"""Exchange files and outlets for tests, made and brought in as people do it."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from jieli.customers.models import Customer
from jieli.events.actor import import_actor
from jieli.intake.actions.exchange import import_exchange_file
from jieli.intake.rules.reports import FileReport
from jieli.network.models import Outlet
from jieli.people import actions as people
from jieli.people.models import Staff, Unit
from jieli.people.tests.factories import a_person, the_root

IMPORT = import_actor("test")
ORDER = {
    "number": "R1",
    "customer": "K1",
    "device": "SN-1",
    "product_line": "washing_machine",
    "service_type": "repair",
    "fault_group": "F1",
    "in_warranty": "true",
    "distance_km": "12.5",
    "night": "false",
    "holiday": "false",
    "high_floor": "true",
    "outlet": "P",
    "engineer": "E1",
    "opened_at": "2026-09-01T09:00:00+08:00",
    "dispatched_at": "2026-09-01T10:00:00+08:00",
    "promised_until": "2026-09-02T10:00:00+08:00",
    "arrived_at": "2026-09-01T15:00:00+08:00",
    "finished_at": "2026-09-01T16:00:00+08:00",
    "reported_at": "2026-09-01T18:00:00+08:00",
    "fixed_first": "true",
    "steps_complete": "true",
    "part": "P7",
    "part_returned_at": "2026-09-05T09:00:00+08:00",
    "lab_finding": "confirmed",
    "lab_at": "2026-09-06T09:00:00+08:00",
    "callback_result": "satisfied",
    "callback_at": "2026-09-02T09:00:00+08:00",
    "delight": "false",
    "information_accepted": "false",
}
OPEN = dict.fromkeys(
    [
        "arrived_at", "finished_at", "reported_at", "fixed_first", "steps_complete", "part", "part_returned_at", "lab_finding",
        "lab_at", "callback_result", "callback_at",
    ],
    "",
)  # fmt: skip
"""What is not known yet of an order that is only dispatched."""


def an_order(number: str = "R1", **cells: str) -> dict[str, str]:
    """Return the cells of a finished order, some of them otherwise."""
    return {**ORDER, "number": number, **cells}


def an_open_order(number: str = "R1", **cells: str) -> dict[str, str]:
    """Return the cells of an order that is dispatched and no more."""
    return {**ORDER, "number": number, **OPEN, **cells}


def a_file(folder: Path, kind: str, rows: Sequence[Mapping[str, str]]) -> Path:
    """Write an exchange file; the columns are those of all rows."""
    path = folder / f"{kind}.csv"
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def imported(folder: Path, kind: str, rows: Sequence[Mapping[str, str]]) -> FileReport:
    """Write an exchange file and bring it in."""
    return import_exchange_file(a_file(folder, kind, rows), kind=kind, actor=IMPORT)


def an_outlet(code: str = "P", *, leader: Staff | None = None, parent: Unit | None = None) -> Outlet:
    """Make a unit that is an outlet."""
    unit = people.make_unit(
        code=code,
        name=f"网点{code}",
        kind="outlet",
        parent_id=(parent or the_root()).pk,
        leader_id=None if leader is None else leader.pk,
        actor=IMPORT,
    )
    return Outlet.objects.create(unit=unit)


def an_engineer(outlet: Outlet, code: str = "E1") -> Staff:
    """Hire an engineer into an outlet."""
    return a_person(unit=outlet.unit, roles=("engineer",), code=code, name="李雷")


def a_customer_of_code(code: str = "K1") -> Customer:
    """Make a customer with this code."""
    from jieli.customers.actions import make_customer

    return make_customer(values={"code": code, "name": "王芳"}, actor=IMPORT)
