"""What engineers are paid for a month, order by order (spec 6, Pay)."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from jieli.orders.models import WorkOrder
from jieli.people.models import Staff, Unit
from jieli.settlement.models.months import Run, stands


class PayRun(models.Model):
    """The pay of one decided month for all engineers together; `policy` is the version whose numbers were used."""

    append_only = True

    run = models.OneToOneField(Run, models.PROTECT, primary_key=True, related_name="pay")
    policy = models.CharField(max_length=60)
    decided_at = models.DateTimeField(pgettext_lazy("a month", "decided"))
    decided_by_kind = models.CharField(max_length=10)
    decided_by_id = models.BigIntegerField(null=True)
    slips_count = models.PositiveIntegerField()
    total_amount = models.DecimalField(max_digits=16, decimal_places=2)
    digest = models.CharField(max_length=64)

    class Meta:
        triggers: ClassVar = [stands("pay_run_stands", "decided pay")]

    def __str__(self) -> str:
        return str(self.run_id)


class PaySlip(models.Model):
    """What one engineer is paid for a month, and what it is made of.

    `licence_points` and `licence_additions` are how his licence stood at the month's end; null when the policy paid nothing
    for it, or he had none.
    """

    append_only = True

    pay_run = models.ForeignKey(PayRun, models.PROTECT, related_name="slips", db_index=False)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", help_text="where he worked then")
    orders = models.PositiveIntegerField()
    valid = models.PositiveIntegerField()
    early = models.PositiveIntegerField()
    installations = models.PositiveIntegerField()
    delighted = models.PositiveIntegerField()
    base_amount = models.DecimalField(max_digits=12, decimal_places=2)
    commission_amount = models.DecimalField(max_digits=12, decimal_places=2)
    early_amount = models.DecimalField(max_digits=12, decimal_places=2)
    installation_amount = models.DecimalField(max_digits=12, decimal_places=2)
    delight_amount = models.DecimalField(max_digits=12, decimal_places=2)
    licence_amount = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal("0.00"))
    licence_points = models.PositiveSmallIntegerField(null=True)
    licence_additions = models.PositiveSmallIntegerField(null=True)
    total_amount = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="settlement_slip_once", fields=["pay_run", "staff"]),
            models.CheckConstraint(
                name="settlement_slip_adds_up",
                condition=Q(
                    total_amount=F("base_amount")
                    + F("commission_amount")
                    + F("early_amount")
                    + F("installation_amount")
                    + F("delight_amount")
                    + F("licence_amount")
                )
                & Q(valid__lte=F("orders"), early__lte=F("valid"), installations__lte=F("orders")),
            ),
        ]
        triggers: ClassVar = [stands("slip_stands", "a pay slip")]

    def __str__(self) -> str:
        return f"{self.pay_run_id} {self.staff_id}"

    @property
    def bonus_amount(self) -> Decimal:
        """Return what moving stories and the licence bring together."""
        return self.delight_amount + self.licence_amount


class PayLine(models.Model):
    """One order on a pay slip; an order is on one slip, ever. `why` says why it is not valid, empty when it is."""

    append_only = True

    class Why(models.TextChoices):
        """Why an order is not valid (有效单)."""

        SECOND_PART = "second_part", pgettext_lazy("pay", "a part was changed on the same machine before")
        RESULTS_LATE = "results_late", pgettext_lazy("pay", "the results were not returned in time")

    order = models.OneToOneField(WorkOrder, models.PROTECT, primary_key=True, related_name="+", db_constraint=False)
    pay_run = models.ForeignKey(PayRun, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    why = models.CharField(max_length=12, blank=True)
    is_early = models.BooleanField()
    is_installation = models.BooleanField()
    is_delighted = models.BooleanField()
    finished_at = models.DateTimeField()
    earlier = models.ForeignKey(
        WorkOrder, models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False,
        help_text="the part change before",
    )  # fmt: skip

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="settlement_pay_line_whole",
                condition=Q(why__in=["", "second_part", "results_late"]) & (Q(why="") | Q(is_early=False)),
            ),
        ]
        indexes: ClassVar = [models.Index(name="settlement_pay_of", fields=["pay_run", "staff"])]
        triggers: ClassVar = [stands("pay_line_stands", "a line of a pay slip")]

    def __str__(self) -> str:
        return str(self.order_id)
