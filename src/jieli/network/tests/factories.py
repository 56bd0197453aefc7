"""Outlets, engineers and their papers for tests, made by the same actions that people use."""

from datetime import date
from itertools import count
from typing import Any

from jieli.events.actor import SYSTEM
from jieli.network.actions.documents import keep_document
from jieli.network.actions.engineers import make_engineer, set_skill
from jieli.network.actions.licence import post_points
from jieli.network.actions.outlets import add_area, make_outlet
from jieli.network.actions.providers import make_provider
from jieli.network.models import Document, Engineer, LicencePosting, Outlet, OutletArea, Provider
from jieli.people.actions import change_unit
from jieli.people.models import Staff, Unit
from jieli.people.tests.factories import a_person, the_root

_numbers = count(1)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[120.30, 36.00], [120.50, 36.00], [120.50, 36.20], [120.30, 36.20], [120.30, 36.00]]],
}
"""A square of some 20 km around the middle of Qingdao."""


def a_provider(*, name: str = "海风服务有限公司", **values: Any) -> Provider:
    """Add a provider."""
    return make_provider(values={"code": f"PR{next(_numbers)}", "name": name, **values}, actor=SYSTEM)


def an_outlet(*, name: str = "市南网点", parent: Unit | None = None, leader: bool = False, **values: Any) -> Outlet:
    """Make an outlet below `parent`, or below the root; with `leader` an outlet manager leads it."""
    outlet = make_outlet(code=f"O{next(_numbers)}", name=name, parent_id=(parent or the_root()).pk, values=values, actor=SYSTEM)
    if leader:
        manager = a_person(unit=outlet.unit, roles=("outlet_manager",), name="网点经理")
        change_unit(outlet.unit.pk, leader_id=manager.pk, actor=SYSTEM)
        outlet.unit.refresh_from_db()
    return outlet


def an_area(outlet: Outlet, *, district: str = "", name: str = "", polygon: Any = None) -> OutletArea:
    """Let an outlet serve an area."""
    return add_area(outlet.pk, name=name, district=district, polygon=polygon, actor=SYSTEM)


def an_engineer(
    outlet: Outlet | None = None, *, name: str = "张工", product_lines: tuple[str, ...] = ("washing_machine",), **values: Any
) -> Engineer:
    """Hire an engineer into an outlet (a new one), skilled in these product lines."""
    outlet = outlet or an_outlet()
    staff: Staff = a_person(unit=outlet.unit, roles=("engineer",), name=name)
    engineer = make_engineer(staff.pk, values=values, actor=SYSTEM)
    for line in product_lines:
        set_skill(engineer.pk, product_line=line, actor=SYSTEM)
    return engineer


def a_document(*, kind: str, expires_on: date | None, **holder: Any) -> Document:
    """Keep a paper of `provider_id`, `outlet_id` or `engineer_id`."""
    return keep_document(values={"kind": kind, "number": "1", "expires_on": expires_on}, actor=SYSTEM, **holder)


def a_posting(engineer: Engineer, *, kind: str = "promise_not_kept", case_id: int, source: str = "") -> LicencePosting:
    """Post points for a case."""
    posting = post_points(engineer.pk, kind=kind, case_id=case_id, source=source or f"test {next(_numbers)}", actor=SYSTEM)
    assert posting is not None
    return posting
