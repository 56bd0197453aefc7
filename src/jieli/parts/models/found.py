"""What the lab found on an old part, one finding after another: a later one corrects those before it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieli.orders.models import WorkOrder
from jieli.parts.models.stock import stands
from jieli.parts.models.used import UsedPart


class Finding(models.Model):
    """One finding of the lab on an old part; the one with the highest number counts. A correction says why it was needed."""

    append_only = True

    used_part = models.ForeignKey(UsedPart, models.PROTECT, related_name="findings", db_index=False)
    number = models.PositiveSmallIntegerField()
    finding = models.CharField(_("lab finding"), max_length=12, choices=WorkOrder.LabFinding.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)
    reason = models.CharField(_("why it was corrected"), max_length=300, blank=True)
    at = models.DateTimeField(_("found"))
    found_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="parts_finding_numbered", fields=["used_part", "number"]),
            models.CheckConstraint(
                name="parts_finding_corrects_why", condition=Q(number=1, reason="") | Q(number__gt=1) & ~Q(reason="")
            ),
            models.CheckConstraint(
                name="parts_finding_known", condition=Q(finding__in=["confirmed", "no_fault", "wrong_part", "misuse"])
            ),
        ]
        triggers: ClassVar = [stands("finding_stands", "a finding of the lab")]
