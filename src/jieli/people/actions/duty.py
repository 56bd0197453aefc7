"""The duty rota of units, and the duty officer of the company."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, NotFound, Refused, require
from jieli.people import policy, queries
from jieli.people.events import CompanyDutySet, DutyShiftRemoved, DutyShiftSet
from jieli.people.models import CompanyDuty, DutyShift, Staff, Unit


class ShiftOverlaps(Refused):
    """Somebody else has the duty of this unit in that time."""

    code = "shift_overlaps"
    message = _("Somebody has the duty of this unit in that time already.")


_LONGEST_SHIFT = timedelta(days=31)


def _unit(unit_id: int, *, actor: Actor) -> Unit:
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None or not policy.may_see_people(actor):
        raise NotFound
    return unit


@transaction.atomic
def set_duty_shift(unit_id: int, *, staff_id: int, starts_at: datetime, ends_at: datetime, actor: Actor) -> DutyShift:
    """Put a person on duty for a unit in a stretch of time (half-open).

    Raises NotFound, NotAllowed, Invalid (fields staff, starts_at, ends_at), ShiftOverlaps.
    """
    unit = _unit(unit_id, actor=actor)
    require(actor.is_internal or policy.may_set_rota(actor, unit))
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise Invalid(fields={"starts_at": _("A time needs its zone.")})
    if ends_at <= starts_at:
        raise Invalid(fields={"ends_at": _("The end must be after the start.")})
    if ends_at - starts_at > _LONGEST_SHIFT:
        raise Invalid(fields={"ends_at": _("A duty shift lasts at most 31 days.")})
    if not Staff.objects.active().filter(pk=staff_id).exists():
        raise Invalid(fields={"staff": _("This person is not active.")})
    try:
        with transaction.atomic():
            shift = DutyShift.objects.create(unit=unit, staff_id=staff_id, starts_at=starts_at, ends_at=ends_at)
    except IntegrityError as error:
        if "people_dutyshift_one_at_a_time" in str(error):
            raise ShiftOverlaps from error
        raise
    record(
        DutyShiftSet(unit_id=unit.pk, shift_id=shift.pk, duty_id=staff_id, starts_at=starts_at, ends_at=ends_at),
        actor=actor,
    )
    return shift


@transaction.atomic
def remove_duty_shift(shift_id: int, *, actor: Actor) -> None:
    """Take a shift out of the rota; the gap falls to the unit's leader. Raises NotFound, NotAllowed."""
    shift = DutyShift.objects.select_related("unit").select_for_update(of=("self",)).filter(pk=shift_id).first()
    if shift is None or not policy.may_see_people(actor):
        raise NotFound
    require(policy.may_set_rota(actor, shift.unit))
    record(
        DutyShiftRemoved(
            unit_id=shift.unit_id,
            shift_id=shift_id,
            duty_id=shift.staff_id,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
        ),
        actor=actor,
    )
    shift.delete()


@transaction.atomic
def copy_duty_week(unit_id: int, *, from_monday: date, to_monday: date, actor: Actor) -> list[DutyShift]:
    """Repeat the shifts that begin in one week in another, at the same clock times; taken times and leavers are left out.

    Raises NotFound, NotAllowed.
    """
    unit = _unit(unit_id, actor=actor)
    require(policy.may_set_rota(actor, unit))
    zone = queries.company_zone()
    begins, ends = queries.local_midnight(from_monday), queries.local_midnight(from_monday + timedelta(days=7))
    shifts = DutyShift.objects.filter(unit=unit, starts_at__gte=begins, starts_at__lt=ends, staff__is_active=True)
    by = to_monday - from_monday
    made = []
    for shift in shifts.order_by("starts_at"):
        starts_at, ends_at = (
            (at.astimezone(zone).replace(tzinfo=None) + by).replace(tzinfo=zone) for at in (shift.starts_at, shift.ends_at)
        )
        if not DutyShift.objects.filter(unit=unit).between(starts_at, ends_at).exists():
            made.append(set_duty_shift(unit_id, staff_id=shift.staff_id, starts_at=starts_at, ends_at=ends_at, actor=actor))
    return made


@transaction.atomic
def set_company_duty(*, staff_id: int, actor: Actor) -> CompanyDuty:
    """Name the person to whom every case falls that nobody else can take (spec 1, Ownership).

    Raises NotAllowed, Invalid (field staff). The database refuses an inactive person, at commit.
    """
    row = CompanyDuty.objects.select_for_update(of=("self",)).first()
    require(actor.is_internal or policy.may_set_company_duty(actor, queries.root_unit()))
    staff = Staff.objects.select_for_update(of=("self",)).filter(pk=staff_id).first()
    if staff is None or not staff.is_active:
        raise Invalid(fields={"staff": _("This person is not active.")})
    former_id = None if row is None else row.staff_id
    if row is not None and former_id == staff_id:
        return row
    if row is None:
        row = CompanyDuty.objects.create(id=1, staff=staff)
    else:
        row.staff = staff
        row.save(update_fields=["staff"])
    record(CompanyDutySet(company_id=1, duty_id=staff_id, former_id=former_id), actor=actor)
    return row
