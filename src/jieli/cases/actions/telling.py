"""Telling people of a case what they should know."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from jieli.cases.models import Case
from jieli.events.actor import SYSTEM
from jieli.notify.actions import Telling, tell_all
from jieli.people.models import Staff, Unit
from jieli.people.queries import duty_officer, superior_of


def tell(case: Case, staff_ids: Iterable[int | None], kind: str, **params: Any) -> None:
    """Tell each of these people once, in the caller's transaction; nobody for None."""
    who = sorted({staff_id for staff_id in staff_ids if staff_id is not None})
    if who:
        about = {"number": case.number, "subject": case.subject, **params}
        tell_all([Telling(staff_id, kind, case.pk, about) for staff_id in who], actor=SYSTEM)


def leader_of(staff: Staff) -> int | None:
    """Return the superior of a person, or None at the top."""
    superior = superior_of(staff)
    return superior.pk if superior is not None else None


def manager_of(unit: Unit) -> int | None:
    """Return the leader of the unit above, or of the unit itself at the top."""
    above = unit.parent if unit.parent_id else unit
    return above.leader_id if above is not None else None


def officer_of(case: Case, at: datetime) -> int:
    """Return the duty officer of the case's unit."""
    return duty_officer(case.unit_id, at).pk
