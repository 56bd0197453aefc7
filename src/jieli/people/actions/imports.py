"""Rows of units.csv and staff.csv; importing the same row twice changes nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.people import rules
from jieli.people.actions.staff import change_staff, grant_role, hire
from jieli.people.actions.units import change_unit, make_unit
from jieli.people.models import Grant, Role, Staff, Unit

Outcome = Literal["imported", "unchanged"]

UNIT_COLUMNS = ("code", "name", "kind", "parent", "region")
SKILL_COLUMNS = ("product_lines", "languages", "areas")
STAFF_COLUMNS = ("code", "name", "unit", "roles", "email", "phone", "hired_on", *SKILL_COLUMNS)


def _given(row: Mapping[str, str], column: str) -> str | None:
    """Return a cell, or None when it is empty: unknown, so nothing is changed."""
    value = (row.get(column) or "").strip()
    return value or None


def _custom(row: Mapping[str, str], known: tuple[str, ...]) -> dict[str, str]:
    return {column: value.strip() for column, value in row.items() if column not in known and value and value.strip()}


def _required(row: Mapping[str, str], column: str) -> str:
    value = _given(row, column)
    if value is None:
        raise Invalid(fields={column: _("This must not be empty.")})
    return value


@transaction.atomic
def import_unit(row: Mapping[str, str], actor: Actor) -> Outcome:
    """Make or change the unit of one row of units.csv; empty cells change nothing, unknown columns are kept as custom fields.

    A parent must exist already: sort rows with `rules.parents_first`. An empty parent means below the root. Raises
    NotAllowed, Invalid with the column.
    """
    require(actor.is_internal)
    code = _required(row, "code")
    custom = _custom(row, UNIT_COLUMNS)
    parent_code = _given(row, "parent")
    parent_id = None
    if parent_code is not None:
        parent_id = Unit.objects.filter(code=parent_code).values_list("pk", flat=True).first()
        if parent_id is None:
            raise Invalid(fields={"parent": _("There is no unit %(code)s.") % {"code": parent_code}})
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        make_unit(
            code=code,
            name=_required(row, "name"),
            kind=_given(row, "kind") or Unit.Kind.DEPARTMENT,
            parent_id=parent_id,
            region=_given(row, "region") or "",
            custom=custom,
            actor=actor,
        )
        return "imported"
    before = (unit.name, unit.kind, unit.parent_id, unit.region, unit.custom)
    unit = change_unit(
        unit.pk,
        name=_given(row, "name"),
        kind=_given(row, "kind"),
        parent_id=parent_id,
        region=_given(row, "region"),
        custom=custom,
        actor=actor,
    )
    after = (unit.name, unit.kind, unit.parent_id, unit.region, unit.custom)
    return "unchanged" if before == after else "imported"


@transaction.atomic
def import_staff(row: Mapping[str, str], actor: Actor) -> Outcome:
    """Hire or change the person of one row of staff.csv; roles are added in the person's unit, none is taken away.

    Lists (roles, product_lines, languages, areas) stand between semicolons; the last three replace what was there. Empty cells
    change nothing, unknown columns are kept as custom fields. Raises NotAllowed, Invalid with the column.
    """
    require(actor.is_internal)
    code = _required(row, "code")
    custom = _custom(row, STAFF_COLUMNS)
    roles = rules.split_list(_given(row, "roles") or "")
    unknown = [role for role in roles if role not in Role.values]
    if unknown:
        raise Invalid(fields={"roles": _("There is no role %(role)s.") % {"role": ", ".join(unknown)}})
    unit = _unit_of(row)
    hired_on = _date(row, "hired_on")
    skills: dict[str, Any] = {
        column: rules.split_list(cell) for column in SKILL_COLUMNS if (cell := _given(row, column)) is not None
    }
    staff = Staff.objects.filter(code=code).first()
    if staff is None:
        if unit is None:
            raise Invalid(fields={"unit": _("This must not be empty.")})
        hire(
            code=code,
            name=_required(row, "name"),
            unit_id=unit.pk,
            roles=roles,
            email=_given(row, "email") or "",
            phone=_given(row, "phone") or "",
            hired_on=hired_on,
            **skills,
            custom=custom,
            actor=actor,
        )
        return "imported"
    before = _record_of(staff)
    staff = change_staff(
        staff.pk,
        name=_given(row, "name"),
        unit_id=None if unit is None else unit.pk,
        email=_given(row, "email"),
        phone=_given(row, "phone"),
        hired_on=hired_on,
        **skills,
        custom=custom,
        actor=actor,
    )
    after = _record_of(staff)
    held = set(Grant.objects.filter(staff=staff, unit_id=staff.unit_id).values_list("role", flat=True))
    for role in roles:
        grant_role(staff.pk, role=role, unit_id=staff.unit_id, actor=actor)
    return "unchanged" if before == after and set(roles) <= held else "imported"


def _record_of(staff: Staff) -> tuple[object, ...]:
    skills = (staff.product_lines, staff.languages, staff.areas)
    return (staff.name, staff.unit_id, staff.email, staff.phone, staff.hired_on, skills, staff.custom)


def _unit_of(row: Mapping[str, str]) -> Unit | None:
    code = _given(row, "unit")
    if code is None:
        return None
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise Invalid(fields={"unit": _("There is no unit %(code)s.") % {"code": code}})
    return unit


def _date(row: Mapping[str, str], column: str) -> date | None:
    text = _given(row, column)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(fields={column: _("A date is written like 2026-11-22.")}) from error
