"""Making and changing engineers, their skills and shifts."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, NotFound, require
from jieli.lib import clock
from jieli.network.actions.licence import begin_licence
from jieli.network.actions.writing import apart, check_whole, cleaned, differences, refuse_if_changed, values_of
from jieli.network.events import EngineerChanged, EngineerMade, SkillRemoved, SkillSet
from jieli.network.models import Engineer, Outlet, Skill
from jieli.network.policy import (
    may_bring_network,
    may_keep_engineer,
    may_make_engineer,
    may_set_shifts,
    visible_engineers,
)
from jieli.network.refusals import AlreadyEngineer, CodeTaken
from jieli.network.rules.licence import expires_on
from jieli.people.models import Staff
from jieli.people.queries import local_date
from jieli.policies.queries import current

FIELDS = (
    "outlet_id", "level", "level_since", "licence_number", "licence_issued_on", "licence_expires_on", "home_address",
    "home_latitude", "home_longitude", "capacity_per_day", "shifts", "vehicle", "ended_on", "attributes",
)  # fmt: skip


@transaction.atomic
def make_engineer(staff_id: int, *, values: Mapping[str, Any], actor: Actor, points: int | None = None) -> Engineer:
    """Make a member of staff an engineer with a full licence, issued today unless the values say otherwise.

    Without an outlet it is the one whose unit the person works in. `points` are those of a licence that is brought in. Raises
    NotFound, NotAllowed, Invalid, AlreadyEngineer, CodeTaken (the number of the licence).
    """
    staff = Staff.objects.select_related("unit").filter(pk=staff_id).first()
    if staff is None:
        raise NotFound
    policy, today = current("licence").data, local_date(clock.now())
    clean = {"licence_issued_on": today, **cleaned(Engineer, values, allowed=FIELDS)}
    clean.setdefault("outlet_id", staff.unit_id if Outlet.objects.filter(pk=staff.unit_id).exists() else None)
    if clean["licence_issued_on"] is not None:
        clean.setdefault("licence_expires_on", expires_on(clean["licence_issued_on"], policy))
    clean.setdefault("level_since", clean["licence_issued_on"])
    outlet = Outlet.objects.select_related("unit").filter(pk=clean["outlet_id"]).first()
    require(may_make_engineer(actor, staff.unit))
    if outlet is not None:
        require(may_make_engineer(actor, outlet.unit))
    # Of two at once the second waits here and then finds the first one's row.
    Staff.objects.lock(staff_id)
    if Engineer.objects.filter(pk=staff_id).exists():
        raise AlreadyEngineer
    engineer = Engineer(staff=staff, points=policy.full_points, **clean)
    check_whole(engineer)
    _save(engineer, insert=True)
    record(engineer_made(engineer, outlet), actor=actor)
    begin_licence(engineer, points, actor=actor)
    return engineer


@transaction.atomic
def change_engineer(engineer_id: int, *, values: Mapping[str, Any], actor: Actor, seen_at: datetime | None = None) -> Engineer:
    """Change these fields of an engineer; a new level counts from today unless said. The same values change nothing.

    Raises Engineer.DoesNotExist (also when hidden), NotAllowed, Invalid, CodeTaken, ChangedMeanwhile.
    """
    engineer = locked_engineer(engineer_id, actor)
    clean = cleaned(Engineer, values, allowed=FIELDS)
    require(
        may_set_shifts(actor, engineer) if set(clean) <= {"shifts", "capacity_per_day"} else may_keep_engineer(actor, engineer)
    )
    changes = differences(engineer, clean)
    if "level" in changes and "level_since" not in changes:
        clean["level_since"] = local_date(clock.now())
        changes = differences(engineer, clean)
    if not changes:
        return engineer
    refuse_if_changed(engineer, seen_at)
    if changes.get("outlet_id", [None, None])[1] is not None:
        outlet = Outlet.objects.select_related("unit").get(pk=clean["outlet_id"])
        require(may_make_engineer(actor, outlet.unit))
    for name in changes:
        setattr(engineer, name, clean[name])
    check_whole(engineer)
    engineer.changed_at = clock.now()
    _save(engineer)
    shown, private = apart(changes)
    fact = EngineerChanged(staff_id=engineer.pk, fields=", ".join(sorted(changes)), changes=shown, private=private)
    record(fact, actor=actor)
    return engineer


def set_shifts(engineer_id: int, *, shifts: Mapping[str, Any], actor: Actor) -> Engineer:
    """Set the hours of an engineer's week; empty: those of his outlet. Raises as `change_engineer`."""
    return change_engineer(engineer_id, values={"shifts": dict(shifts)}, actor=actor)


@transaction.atomic
def follow_move(engineer_id: int, *, unit_id: int, actor: Actor) -> None:
    """Let an engineer work for the outlet whose unit he went to; other people and other units change nothing.

    Raises NotAllowed: only the software itself follows.
    """
    require(may_bring_network(actor))
    is_engineer = Engineer.objects.filter(pk=engineer_id).exists()
    if is_engineer and Outlet.objects.filter(pk=unit_id).exists():
        change_engineer(engineer_id, values={"outlet_id": unit_id}, actor=actor)


@transaction.atomic
def set_skill(
    engineer_id: int,
    *,
    product_line: str,
    level: int = Skill.Level.BASIC,
    service_types: Iterable[str] = (),
    valid_until: date | None = None,
    actor: Actor,
) -> Skill:
    """Let an engineer work on a product line, or change at which level and until when.

    Raises Engineer.DoesNotExist (also when hidden), NotAllowed, Invalid.
    """
    engineer = locked_engineer(engineer_id, actor)
    require(may_keep_engineer(actor, engineer))
    values = {
        "product_line": product_line,
        "level": level,
        "service_types": list(service_types),
        "valid_until": valid_until,
    }
    clean = cleaned(Skill, values, allowed=tuple(values))
    if not clean["product_line"]:
        raise Invalid(fields={"product_line": _("This must not be empty.")})
    skill = Skill.objects.filter(engineer=engineer, product_line=clean["product_line"]).first()
    if skill is not None and not differences(skill, clean):
        return skill
    skill = skill or Skill(engineer=engineer)
    for name, value in clean.items():
        setattr(skill, name, value)
    try:
        with transaction.atomic():
            skill.save()
    except IntegrityError as error:
        raise Invalid(fields={"service_types": _("There is no such service type.")}) from error
    record(skill_set(skill), actor=actor)
    return skill


@transaction.atomic
def remove_skill(skill_id: int, *, actor: Actor) -> None:
    """Let an engineer no longer work on a product line. Raises NotFound (also when hidden), NotAllowed."""
    skill = Skill.objects.filter(pk=skill_id).first()
    if skill is None or not Engineer.objects.filter(visible_engineers(actor), pk=skill.engineer_id).exists():
        raise NotFound
    engineer = locked_engineer(skill.engineer_id, actor)
    require(may_keep_engineer(actor, engineer))
    record(SkillRemoved(staff_id=engineer.pk, product_line=skill.product_line), actor=actor)
    skill.delete()


def engineer_made(engineer: Engineer, outlet: Outlet | None) -> EngineerMade:
    """Return the fact of a new engineer."""
    shown, private = apart(values_of(engineer, FIELDS))
    return EngineerMade(
        staff_id=engineer.pk,
        outlet_id=engineer.outlet_id,
        outlet="–" if outlet is None else outlet.unit.name,
        values=shown,
        private=private,
    )


def skill_set(skill: Skill) -> SkillSet:
    """Return the fact of a skill."""
    return SkillSet(
        staff_id=skill.engineer_id,
        product_line=skill.product_line,
        level=skill.level,
        service_types=tuple(skill.service_types),
        valid_until=skill.valid_until,
    )


def locked_engineer(engineer_id: int, actor: Actor) -> Engineer:
    """Return an engineer that the actor sees, locked, with person and outlet; raises Engineer.DoesNotExist."""
    visible = Engineer.objects.filter(visible_engineers(actor)).select_related("staff__unit", "outlet__unit")
    return visible.select_for_update(of=("self",)).get(pk=engineer_id)


def _save(engineer: Engineer, *, insert: bool = False) -> None:
    try:
        with transaction.atomic():
            engineer.save(force_insert=insert)
    except IntegrityError as error:
        if "network_engineer_licence_once" in str(error):
            raise CodeTaken(fields={"licence_number": _("Another engineer has this licence number.")}) from error
        raise
