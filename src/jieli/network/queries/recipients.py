"""Who is told of what happens in the network."""

from collections.abc import Collection

from jieli.network.models import Engineer
from jieli.network.policy import JUDGES, KEEPERS
from jieli.people.models import Grant, Unit
from jieli.people.rules import ancestor_ids

_LAST = "administrator"
"""Told only where nobody else holds such a role: administrators keep the software, not the network."""


def judges_over(engineer: Engineer, *, concerned: Collection[int]) -> list[int]:
    """Return who may decide an appeal of an engineer: those who judge over his unit and are not concerned. One query."""
    unit = engineer.outlet.unit if engineer.outlet is not None else engineer.staff.unit
    held = [one for one in _holders(unit, JUDGES) if one[0] not in concerned]
    return _without_last(held)


def keepers_over(unit: Unit) -> list[int]:
    """Return who keeps the outlets of a unit: those with the role for the nearest unit at or above it. One query."""
    held = _holders(unit, KEEPERS)
    nearest = next((level for _staff, role, level in held if role != _LAST), None)
    return _without_last([one for one in held if nearest is None or one[2] == nearest])


def _holders(unit: Unit, roles: Collection[str]) -> list[tuple[int, str, int]]:
    """Return (person, role, steps upward) of those who work here and hold a role over a unit, the nearest first."""
    above = {unit_id: steps for steps, unit_id in enumerate(ancestor_ids(unit.path))}
    rows = Grant.objects.filter(unit__in=list(above), role__in=roles, staff__is_active=True)
    found = [(staff_id, role, above[unit_id]) for staff_id, role, unit_id in rows.values_list("staff", "role", "unit")]
    return sorted(found, key=lambda one: (one[2], one[0]))


def _without_last(held: Collection[tuple[int, str, int]]) -> list[int]:
    others = {staff_id for staff_id, role, _level in held if role != _LAST}
    return sorted(others or {staff_id for staff_id, _role, _level in held})
