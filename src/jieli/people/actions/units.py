"""Units: made, changed, closed for a day; and the company's first unit."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import Invalid, NotFound, Refused, require
from jieli.people import policy, queries, rules
from jieli.people.actions.duty import set_company_duty
from jieli.people.actions.staff import hire
from jieli.people.events import UnitChanged, UnitClosedOn, UnitClosureLifted, UnitMade
from jieli.people.models import CompanyDuty, DutyShift, Role, Staff, Unit, UnitClosure


class UnitInUse(Refused):
    """The unit still has people or units, so it cannot be closed down."""

    code = "unit_in_use"
    message = _("Move the people and units of this unit first.")


class UnitBelowItself(Refused):
    """The move would put a unit below itself."""

    code = "unit_below_itself"
    message = _("A unit cannot lie below itself.")


class CompanyExists(Refused):
    """The company was founded before."""

    code = "company_exists"
    message = _("The company exists already.")


def visible_unit(unit_id: int, *, actor: Actor) -> Unit:
    """Return a unit locked for this transaction; raises NotFound, also when hidden from the actor."""
    if not policy.may_see_people(actor):
        raise NotFound
    try:
        return Unit.objects.lock(unit_id)
    except Unit.DoesNotExist:
        raise NotFound from None


def _checked_code(code: str, *, taken: bool) -> str:
    code = code.strip()
    if not code or len(code) > 64:
        raise Invalid(fields={"code": _("Enter a code of 1 to 64 characters.")})
    if taken:
        raise Invalid(fields={"code": _("This code is taken.")})
    return code


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 200:
        raise Invalid(fields={"name": _("Enter a name of 1 to 200 characters.")})
    return name


def _checked_kind(kind: str) -> str:
    if kind not in Unit.Kind.values:
        raise Invalid(fields={"kind": _("This kind of unit is not known.")})
    return kind


def _checked_calendar(code: str) -> str:
    if queries.calendar_hours(code) is None:
        raise Invalid(fields={"calendar": _("This calendar is not in the policy.")})
    return code


@transaction.atomic
def make_unit(
    *,
    code: str,
    name: str,
    actor: Actor,
    kind: str = Unit.Kind.DEPARTMENT,
    parent_id: int | None = None,
    region: str = "",
    calendar: str = "desk",
    leader_id: int | None = None,
    custom: Mapping[str, Any] | None = None,
) -> Unit:
    """Add a unit to the tree; without a parent it lies below the root, and the very first one is the root.

    Imports pass without a role. Raises NotAllowed, NotFound, Invalid (fields code, name, kind, calendar).
    """
    parent = Unit.objects.filter(parent__isnull=True).first() if parent_id is None else visible_unit(parent_id, actor=actor)
    require(actor.is_internal or (parent is not None and policy.may_manage_unit(actor, parent)))
    if parent is not None and not parent.is_active:
        raise Invalid(fields={"parent": _("This unit is not active.")})
    unit = Unit(
        code=_checked_code(code, taken=Unit.objects.filter(code=code.strip()).exists()),
        name=_checked_name(name),
        kind=_checked_kind(kind),
        parent=parent,
        region=region.strip()[:120],
        calendar=_checked_calendar(calendar),
        leader_id=leader_id,
        custom=dict(custom or {}),
    )
    unit.save(force_insert=True)
    unit.refresh_from_db(fields=["path"])
    record(UnitMade(unit_id=unit.pk, code=unit.code, name=unit.name, kind=unit.kind, parent_id=unit.parent_id), actor=actor)
    return unit


def _shown(unit: Unit, fields: Iterable[str]) -> str:
    """Return the values of some fields as JSON, with names in place of ids."""
    return json.dumps({field.removesuffix("_id"): _value(unit, field) for field in fields}, ensure_ascii=False)


def _value(unit: Unit, field: str) -> str:
    if field == "parent_id":
        return "" if unit.parent_id is None else Unit.objects.get(pk=unit.parent_id).name
    if field == "leader_id":
        return "" if unit.leader_id is None else Staff.objects.get(pk=unit.leader_id).name
    return str(getattr(unit, field))


@transaction.atomic
def change_unit(
    unit_id: int,
    *,
    actor: Actor,
    name: str | None = None,
    kind: str | None = None,
    parent_id: int | None = None,
    leader_id: int | None = None,
    without_leader: bool = False,
    region: str | None = None,
    calendar: str | None = None,
    is_active: bool | None = None,
    custom: Mapping[str, Any] | None = None,
) -> Unit:
    """Change what is given and leave the rest; a move needs the right over both places. Records one event, or none.

    Imports pass without a role. Raises NotAllowed, NotFound, Invalid, UnitBelowItself, UnitInUse.
    """
    unit = visible_unit(unit_id, actor=actor)
    require(actor.is_internal or policy.may_manage_unit(actor, unit))
    wanted = _plain_changes(unit, name=name, kind=kind, region=region, calendar=calendar, custom=custom)
    if without_leader or leader_id is not None:
        wanted["leader_id"] = None if without_leader else _checked_leader(leader_id)
    if parent_id is not None and parent_id != unit.parent_id:
        wanted["parent_id"] = _checked_parent(unit, parent_id, actor=actor)
    if is_active is not None:
        if not is_active and unit.is_active:
            _require_unused(unit)
        wanted["is_active"] = is_active
    changed = tuple(field for field, value in wanted.items() if getattr(unit, field) != value)
    if not changed:
        return unit
    before = _shown(unit, changed)
    for field in changed:
        setattr(unit, field, wanted[field])
    try:
        with transaction.atomic():
            unit.save(update_fields=list(changed))
    except IntegrityError as error:
        # Somebody else moved the other unit in the meantime: the database saw the cycle.
        if "below itself" in str(error):
            raise UnitBelowItself from error
        raise
    after = _shown(unit, changed)
    unit.refresh_from_db(fields=["path"])
    record(UnitChanged(unit_id=unit.pk, changed=changed, before=before, after=after), actor=actor)
    return unit


def _plain_changes(
    unit: Unit,
    *,
    name: str | None,
    kind: str | None,
    region: str | None,
    calendar: str | None,
    custom: Mapping[str, Any] | None,
) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if name is not None:
        wanted["name"] = _checked_name(name)
    if kind is not None:
        wanted["kind"] = _checked_kind(kind)
    if region is not None:
        wanted["region"] = region.strip()[:120]
    if calendar is not None and calendar != unit.calendar:
        wanted["calendar"] = _checked_calendar(calendar)
    if custom is not None:
        wanted["custom"] = {**unit.custom, **custom}
    return wanted


def _checked_leader(leader_id: int | None) -> int | None:
    if leader_id is None or not Staff.objects.active().filter(pk=leader_id).exists():
        raise Invalid(fields={"leader": _("This person is not active.")})
    return leader_id


def _checked_parent(unit: Unit, parent_id: int, *, actor: Actor) -> int:
    if unit.parent_id is None:
        raise Invalid(fields={"parent": _("The root of the tree stays where it is.")})
    parent = visible_unit(parent_id, actor=actor)
    require(actor.is_internal or policy.may_manage_unit(actor, parent))
    if parent.path.startswith(unit.path):
        raise UnitBelowItself
    return parent_id


def _require_unused(unit: Unit) -> None:
    has_people = Staff.objects.active().filter(unit=unit).exists()
    has_units = Unit.objects.active().filter(parent=unit).exists()
    if unit.parent_id is None or has_people or has_units:
        raise UnitInUse


@transaction.atomic
def close_unit_on(
    unit_id: int, *, on: date, actor: Actor, intervals: Sequence[tuple[str, str]] = (), note: str = ""
) -> UnitClosure:
    """Let a unit keep other hours on one day (none: closed), instead of what was set for that day before.

    Raises NotAllowed, NotFound, Invalid (field intervals).
    """
    unit = visible_unit(unit_id, actor=actor)
    require(policy.may_close_unit(actor, unit))
    try:
        checked = rules.parse_intervals(rules.format_intervals(intervals))
    except ValueError as error:
        raise Invalid(fields={"intervals": _("These hours cannot be read: %(piece)s") % {"piece": error}}) from error
    closure, _made = UnitClosure.objects.update_or_create(
        unit=unit, on=on, defaults={"intervals": [list(pair) for pair in checked], "note": note.strip()[:200]}
    )
    hours = rules.format_intervals(checked) or "-"
    record(UnitClosedOn(unit_id=unit.pk, on=on, hours=hours, note=closure.note), actor=actor)
    return closure


@transaction.atomic
def lift_closure(closure_id: int, *, actor: Actor) -> None:
    """Let a unit keep its usual hours again on the day of this closure. Raises NotFound, NotAllowed."""
    closure = UnitClosure.objects.filter(pk=closure_id).first()
    if closure is None:
        raise NotFound
    unit = visible_unit(closure.unit_id, actor=actor)
    require(policy.may_close_unit(actor, unit))
    UnitClosure.objects.filter(Q(pk=closure_id)).delete()
    record(UnitClosureLifted(unit_id=unit.pk, on=closure.on), actor=actor)


@transaction.atomic
def ensure_company(*, actor: Actor = SYSTEM) -> Unit:
    """Return the root unit; on an empty database found a company first, with the administrator `admin` who has no password.

    Only the system does this. Raises NotAllowed.
    """
    require(actor.is_internal)
    root = Unit.objects.filter(parent__isnull=True).first()
    if root is None:
        found_company(
            unit_code="HQ", unit_name=gettext("Headquarters"), code="admin", name=gettext("Administrator"), actor=actor
        )
        root = queries.root_unit()
    return root


@transaction.atomic
def found_company(
    *,
    unit_code: str,
    unit_name: str,
    code: str,
    name: str,
    password: str | None = None,
    language: str = "zh-hans",
    actor: Actor = SYSTEM,
) -> Staff:
    """Make the first unit and the first person: administrator, leader of that unit and duty officer of the company.

    Only the system does this, on an empty database. Raises NotAllowed, CompanyExists, Invalid.
    """
    require(actor.is_internal)
    if Unit.objects.exists() or CompanyDuty.objects.exists() or DutyShift.objects.exists():
        raise CompanyExists
    unit = make_unit(code=unit_code, name=unit_name, kind=Unit.Kind.HEADQUARTERS, actor=actor)
    staff = hire(
        code=code,
        name=name,
        unit_id=unit.pk,
        roles=[Role.ADMINISTRATOR],
        password=password,
        language=language,
        actor=actor,
    )
    change_unit(unit.pk, leader_id=staff.pk, actor=actor)
    set_company_duty(staff_id=staff.pk, actor=actor)
    return staff
