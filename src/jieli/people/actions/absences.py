"""Absences and deputies: nobody who owns open cases is away without a present deputy (spec 1, Deputies)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, NotFound, require
from jieli.lib import clock
from jieli.people import policy, queries, rules
from jieli.people.actions.covering import HORIZON, queue_behind_others, require_covered
from jieli.people.actions.staff import visible_staff
from jieli.people.events import AbsenceDeclared, AbsenceEnded, DeputyNamed, DeputyRemoved
from jieli.people.models import Absence, Deputy, Staff


@transaction.atomic
def declare_absence(staff_id: int, *, starts_at: datetime, ends_at: datetime, actor: Actor, reason: str = "") -> Absence:
    """Say that a person will be away from one instant to another.

    Raises NotFound, NotAllowed, Invalid (field ends_at), AbsenceOrphansCases with the cases that would have nobody: the
    person's own, and those of absent people for whom this person stands in.
    """
    queue_behind_others()
    staff = visible_staff(staff_id, actor=actor)
    require(policy.may_declare_absence(actor, staff))
    now = clock.now()
    if ends_at <= starts_at:
        raise Invalid(fields={"ends_at": _("The end must be after the start.")})
    if ends_at <= now:
        raise Invalid(fields={"ends_at": _("The end must be in the future.")})
    require_covered(_new_gaps(rules.Away(staff_id, starts_at, ends_at)))
    absence = Absence.objects.create(staff=staff, starts_at=starts_at, ends_at=ends_at, reason=reason.strip()[:200])
    record(
        AbsenceDeclared(staff_id=staff.pk, absence_id=absence.pk, starts_at=starts_at, ends_at=ends_at, reason=absence.reason),
        actor=actor,
    )
    return absence


def _new_gaps(planned: rules.Away) -> dict[int, datetime]:
    """Return the gaps that come from this absence, without those which were there before."""
    starts_at = max(planned.starts_at, clock.now())
    before = queries.uncovered(starts_at=starts_at, ends_at=planned.ends_at)
    after = queries.uncovered(starts_at=starts_at, ends_at=planned.ends_at, planned=[planned])
    return {
        staff_id: at
        for staff_id, at in after.items()
        if staff_id == planned.staff_id or staff_id not in before or at < before[staff_id]
    }


@transaction.atomic
def end_absence(absence_id: int, *, actor: Actor) -> None:
    """Say that a person is back, or that a coming absence is called off; one that is over stays as it was.

    Raises NotFound, NotAllowed.
    """
    absence = Absence.objects.filter(pk=absence_id).first()
    if absence is None:
        raise NotFound
    staff = visible_staff(absence.staff_id, actor=actor)
    require(policy.may_declare_absence(actor, staff))
    absence = Absence.objects.select_for_update(of=("self",)).filter(pk=absence_id).first()
    now = clock.now()
    if absence is None or absence.ends_at <= now:
        return
    record(
        AbsenceEnded(staff_id=staff.pk, absence_id=absence_id, ends_at=absence.ends_at, ended_at=now),
        actor=actor,
    )
    if absence.starts_at >= now:
        absence.delete()
    else:
        absence.ends_at = now
        absence.save(update_fields=["ends_at"])


@transaction.atomic
def name_deputy(
    staff_id: int, *, deputy_id: int, starts_on: date, actor: Actor, ends_on: date | None = None, order: int = 1
) -> Deputy:
    """Name who stands in for a person from one day to another (both included; no end: until further notice).

    Raises NotFound, NotAllowed, Invalid (fields deputy, ends_on, order).
    """
    queue_behind_others()
    staff = visible_staff(staff_id, actor=actor)
    require(policy.may_name_deputy(actor, staff))
    if deputy_id == staff_id:
        raise Invalid(fields={"deputy": _("Nobody can stand in for himself.")})
    if not Staff.objects.active().filter(pk=deputy_id).exists():
        raise Invalid(fields={"deputy": _("This person is not active.")})
    if ends_on is not None and ends_on < starts_on:
        raise Invalid(fields={"ends_on": _("The end must not be before the start.")})
    if not 1 <= order <= 99:
        raise Invalid(fields={"order": _("The order is a number from 1 to 99.")})
    deputy = Deputy.objects.create(staff=staff, deputy_id=deputy_id, starts_on=starts_on, ends_on=ends_on, order=order)
    record(
        DeputyNamed(staff_id=staff.pk, deputy_id=deputy_id, starts_on=starts_on, ends_on=ends_on, order=order),
        actor=actor,
    )
    return deputy


@transaction.atomic
def remove_deputy(deputy_row_id: int, *, actor: Actor) -> None:
    """Take back the naming of a deputy. Raises NotFound, NotAllowed, AbsenceOrphansCases."""
    queue_behind_others()
    row = Deputy.objects.filter(pk=deputy_row_id).first()
    if row is None:
        raise NotFound
    staff = visible_staff(row.staff_id, actor=actor)
    require(policy.may_name_deputy(actor, staff))
    now = clock.now()
    before = queries.uncovered(starts_at=now, ends_at=now + HORIZON)
    after = queries.uncovered(starts_at=now, ends_at=now + HORIZON, without_deputy_row=row.pk)
    require_covered({person: at for person, at in after.items() if person not in before or at < before[person]})
    record(
        DeputyRemoved(staff_id=staff.pk, deputy_id=row.deputy_id, starts_on=row.starts_on, ends_on=row.ends_on),
        actor=actor,
    )
    row.delete()
