"""The API's reads of people: the units and staff whose codes other operations ask for."""

from typing import Annotated

from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from jieli.events.refusals import Invalid, require
from jieli.lib import clock
from jieli.lib.http import Answer, ApiRequest, Out, Page, answers
from jieli.people.models import Unit
from jieli.people.policy import may_see_people
from jieli.people.queries import StaffRow, UnitNode, staff_page, unit_tree

router = Router(tags=["people"])


class UnitOut(Out):
    """A unit of the company; `parent` is null for the root."""

    code: str
    name: str
    kind: str
    parent: str | None
    region: str
    calendar: str
    leader: str | None
    depth: int
    people: int


class StaffOut(Out):
    """A colleague; `code` is what `to` asks for. `product_lines`, `languages` and `areas` are what assignment asks for."""

    code: str
    name: str
    unit: str
    unit_name: str
    product_lines: list[str]
    languages: list[str]
    areas: list[str]
    is_active: bool
    is_away: bool


@router.get("/units", response=answers(Page[UnitOut]), operation_id="list_units", summary="The units")
def list_units(request: ApiRequest) -> Answer:
    """Return the active units, each after its parent."""
    require(may_see_people(request.auth))
    nodes = unit_tree()
    codes = {node.unit.pk: node.unit.code for node in nodes}
    return Answer(Page(items=[_unit_out(node, codes) for node in nodes], next=None))


def _unit_out(node: UnitNode, codes: dict[int, str]) -> UnitOut:
    unit = node.unit
    return UnitOut(
        code=unit.code,
        name=unit.name,
        kind=unit.kind,
        parent=codes.get(unit.parent_id or 0),
        region=unit.region,
        calendar=unit.calendar,
        leader=unit.leader.code if unit.leader is not None else None,
        depth=node.depth,
        people=node.people,
    )


@router.get("/staff", response=answers(Page[StaffOut]), operation_id="list_staff", summary="The staff")
def list_staff(
    request: ApiRequest,
    *,
    q: Annotated[str, Query(max_length=100, description="Part of a name or code.")] = "",
    unit: Annotated[str, Query(max_length=64, description="Code of a unit; the units below it count.")] = "",
    cursor: Annotated[str, Query(max_length=4096, description="`next` of the page before.")] = "",
) -> Answer:
    """Return active colleagues by code, with whether they are away now."""
    require(may_see_people(request.auth))
    wanted = Unit.objects.filter(code=unit).first() if unit and "\x00" not in unit else None
    if unit and wanted is None:
        raise Invalid(fields={"unit": _("There is no such unit.")})
    try:
        rows, further = staff_page(at=clock.now(), text=q.replace("\x00", ""), unit=wanted, after=cursor)
    except ValueError:
        raise Invalid(fields={"cursor": _("This is no cursor of this list.")}) from None
    return Answer(Page(items=[_staff_out(row) for row in rows], next=further or None))


def _staff_out(row: StaffRow) -> StaffOut:
    person = row.staff
    return StaffOut(
        code=person.code,
        name=person.name,
        unit=person.unit.code,
        unit_name=person.unit.name,
        product_lines=person.product_lines,
        languages=sorted(person.spoken_languages),
        areas=sorted(person.served_areas),
        is_active=person.is_active,
        is_away=row.is_away,
    )
