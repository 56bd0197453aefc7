"""Who is on duty, who is away, and who stands in."""

from datetime import date, datetime
from typing import ClassVar, Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q


class InstantRange(Func):
    """The half-open range of two instants, as PostgreSQL's tstzrange."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class DutyShiftQuerySet(models.QuerySet["DutyShift"]):
    """Duty shifts in the words of the domain."""

    def at(self, at: datetime) -> Self:
        """Keep the shifts that run at this instant."""
        return self.filter(starts_at__lte=at, ends_at__gt=at)

    def between(self, starts_at: datetime, ends_at: datetime) -> Self:
        """Keep the shifts that touch this stretch of time."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


class DutyShift(models.Model):
    """One stretch of time in which one person is the duty officer of a unit."""

    unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="duty_shifts")
    staff = models.ForeignKey("people.Staff", models.PROTECT, related_name="duty_shifts", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = DutyShiftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="people_dutyshift_ends_later",
                condition=Q(ends_at__gt=F("starts_at")),
            ),
            ExclusionConstraint(
                name="people_dutyshift_one_at_a_time",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (
                        InstantRange(F("starts_at"), F("ends_at")),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [models.Index(fields=["staff", "ends_at"], name="people_dutyshift_staff")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.starts_at:%Y-%m-%d %H:%M}"


class CompanyDuty(models.Model):
    """The one duty officer of the whole company, to whom everything falls that has no other owner.

    Once set there is always exactly one, and active (spec 1, Ownership): the last place where a case can land.
    """

    never_deleted: ClassVar[bool] = True

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    staff = models.ForeignKey("people.Staff", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(name="people_companyduty_single", condition=Q(id=1))]
        triggers = [
            pgtrigger.Protect(name="never_delete", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="name_active_staff",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func="""
                    perform 1 from people_staff where id = new.staff_id for share;
                    if exists (
                        select 1 from people_companyduty duty join people_staff person on person.id = duty.staff_id
                        where not person.is_active
                    ) then
                        raise exception 'the duty officer of the company must be active'
                            using errcode = 'check_violation', constraint = 'people_companyduty_active';
                    end if;
                    return null;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.staff_id)


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences in the words of the domain."""

    def at(self, at: datetime) -> Self:
        """Keep the absences that run at this instant."""
        return self.filter(starts_at__lte=at, ends_at__gt=at)

    def not_over(self, at: datetime) -> Self:
        """Keep those that run or are still to come."""
        return self.filter(ends_at__gt=at)


class Absence(models.Model):
    """A stretch of time in which a person is away and a deputy acts."""

    staff = models.ForeignKey("people.Staff", models.PROTECT, related_name="absences", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True, default="")

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="people_absence_ends_later",
                condition=Q(ends_at__gt=F("starts_at")),
            ),
        ]
        indexes = [models.Index(fields=["staff", "ends_at"], name="people_absence_staff")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.starts_at:%Y-%m-%d %H:%M}"


class DeputyQuerySet(models.QuerySet["Deputy"]):
    """Deputies in the words of the domain."""

    def on(self, on: date) -> Self:
        """Keep those named for this day, the first choice first."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on).order_by("order", "id")


class Deputy(models.Model):
    """A person who stands in for another, from one day to another (both included, no end: until further notice)."""

    staff = models.ForeignKey("people.Staff", models.PROTECT, related_name="deputies")
    deputy = models.ForeignKey("people.Staff", models.PROTECT, related_name="deputy_for")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=1)

    objects = DeputyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="people_deputy_not_self", condition=~Q(staff=F("deputy"))),
            models.CheckConstraint(
                name="people_deputy_ends_later",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} for {self.staff_id}"
