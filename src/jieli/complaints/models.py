"""Complaints about an outlet and what the database refuses about them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieli.orders.models import WorkOrder
from jieli.people.models import Unit


class Complaint(models.Model):
    """A complaint about an outlet; it counts in the month in which it was opened, upheld or not (spec 6, exact readings)."""

    never_deleted = True

    number = models.CharField(_("number"), max_length=40, unique=True)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("work order"))
    outlet = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("outlet"), db_index=False)
    opened_at = models.DateTimeField(_("opened"))
    level = models.PositiveSmallIntegerField(_("level"), null=True, blank=True)
    upheld = models.BooleanField(_("upheld"), null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True, help_text="columns of an import that have no place of their own")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="complaints_number", condition=~Q(number="")),
            models.CheckConstraint(name="complaints_level", condition=Q(level__isnull=True) | Q(level__gte=1, level__lte=4)),
        ]
        indexes: ClassVar = [models.Index(name="complaints_of_outlet", fields=["outlet", "opened_at"])]

    def __str__(self) -> str:
        return self.number
