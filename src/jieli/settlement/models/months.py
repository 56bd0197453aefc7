"""Runs, lines, results and incentives of the month end, and what the database refuses about them."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.customers.models import Device
from jieli.orders.models import WorkOrder
from jieli.people.models import Unit


def stands(name: str, what: str) -> pgtrigger.Trigger:
    """Return the trigger by which the database refuses to change or delete a row."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"raise exception '{what} is never changed or deleted' using errcode = 'restrict_violation';",
    )


class Run(models.Model):
    """The decision of one month for all outlets together; it names the policy versions used (spec 6, Run).

    `month` is its first day, `until` the end of its last day and `cut_off` the instant up to which facts count, both in the
    company's local time. `rates` are the rate tables that were known, as ``rates v3 (2026-07)``. A line holds no foreign key
    that the database would check row by row: two million lines are one statement, and orders and units are never deleted.
    """

    append_only = True

    month = models.DateField(_("month"), unique=True)
    until = models.DateTimeField()
    cut_off = models.DateTimeField(_("cut-off"))
    decided_at = models.DateTimeField(pgettext_lazy("a month", "decided"))
    decided_by_kind = models.CharField(max_length=10)
    decided_by_id = models.BigIntegerField(null=True)
    settlement_policy = models.CharField(max_length=60)
    grade_policy = models.CharField(max_length=60)
    rates = ArrayField(models.CharField(max_length=80), default=list)
    last_order = models.BigIntegerField(default=0, help_text="the highest id of an order when it looked")
    orders = models.PositiveIntegerField(help_text="looked at")
    earlier_orders = models.PositiveIntegerField(help_text="of these, finished before the month and in no run before")
    digest = models.CharField(
        max_length=64, help_text="SHA-256 over results and lines by the ids of orders, so of this database only"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="settlement_month_first", condition=Q(month__day=1)),
            models.CheckConstraint(name="settlement_after_cut_off", condition=Q(decided_at__gt=F("cut_off"))),
        ]
        triggers: ClassVar = [stands("run_stands", "a decided month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Outcome(models.Model):
    """What one outlet gets for one month, R = L × T + Q, never below zero (spec 6, Settlement), and its grade.

    `facts` are the shares of the grade as ``[numerator, denominator]`` by name, null numerators never; `parts` the points of
    each. An ungraded outlet has neither score, grade nor rank, and the coefficient 1.
    """

    outlet = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    payable = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    labour_amount = models.DecimalField(max_digits=16, decimal_places=2, help_text="L")
    coefficient = models.DecimalField(max_digits=5, decimal_places=2, help_text="T")
    incentives_amount = models.DecimalField(
        max_digits=16, decimal_places=2, help_text="Q: incentives, charge-backs, carried debt"
    )
    payout_amount = models.DecimalField(max_digits=16, decimal_places=2, help_text="R, not below zero")
    debt_amount = models.DecimalField(
        max_digits=16, decimal_places=2, help_text="what R lacked of zero, carried to the next month"
    )
    finished = models.PositiveIntegerField()
    facts = models.JSONField()
    parts = models.JSONField()
    score = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    grade = models.CharField(max_length=1, blank=True)
    rank = models.PositiveIntegerField(null=True)
    group_size = models.PositiveIntegerField()
    peers = models.CharField(max_length=80, help_text="the peer group: tier and region at the time")

    class Meta:
        abstract = True


class Result(Outcome):
    """The outcome of a decided month for one outlet."""

    append_only = True

    run = models.ForeignKey(Run, models.PROTECT, related_name="results", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="settlement_result_once", fields=["run", "outlet"]),
            models.CheckConstraint(
                name="settlement_pays_or_owes",
                condition=Q(payout_amount__gte=0, debt_amount=0) | Q(payout_amount=0, debt_amount__gte=0),
            ),
            models.CheckConstraint(
                name="settlement_graded_whole",
                condition=Q(grade="", score__isnull=True, rank__isnull=True, coefficient=1)
                | Q(grade__in=["A", "B", "C"], score__isnull=False, rank__isnull=False),
            ),
        ]
        indexes: ClassVar = [models.Index(name="settlement_of_outlet", fields=["outlet", "run"])]
        triggers: ClassVar = [stands("result_stands", "a decided result")]


class Line(models.Model):
    """One order looked at in a run: payable, held or rejected, and by which gate (spec 6, Gates).

    An order is payable or rejected once, ever: the database refuses a second time, because `held_in` is 0 then. A held one is
    looked at again, and `held_in` is its run. The fee holds the surcharges; `rate` is the label of the rate table.
    """

    append_only = True

    class Decision(models.TextChoices):
        """What the gates say."""

        PAYABLE = "payable", _("payable")
        HELD = "held", _("held")
        REJECTED = "rejected", _("rejected")

    class Gate(models.TextChoices):
        """The gates in their order; `rate` is asked last."""

        STEPS = "steps", pgettext_lazy("a gate", "steps")
        CALLBACK = "callback", pgettext_lazy("a gate", "call-back")
        GENUINE = "genuine", pgettext_lazy("a gate", "genuine product")
        REPEAT = "repeat", pgettext_lazy("a gate", "repeat")
        RETURN = "return", pgettext_lazy("a gate", "part returned")
        LAB = "lab", pgettext_lazy("a gate", "lab finding")
        RATE = "rate", pgettext_lazy("a gate", "rate")

    pk = models.CompositePrimaryKey("order_id", "held_in")
    held_in = models.BigIntegerField()
    run = models.ForeignKey(Run, models.PROTECT, related_name="lines", db_index=False, db_constraint=False)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    outlet = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    decision = models.CharField(max_length=8)
    gate = models.CharField(max_length=8, blank=True)
    fee_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    rate_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, help_text="the fee without surcharges")
    rate = models.CharField(max_length=40, blank=True)
    earlier = models.ForeignKey(
        WorkOrder,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
        help_text="the payable repair which this one repeats",
    )
    charged_outlet = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
        help_text="whose Q bears the fee of the repeat",
    )
    facts_changed_at = models.DateTimeField(null=True, help_text="the order's `changed_at` when it was decided")
    finished_at = models.DateTimeField(help_text="as it was known when it was decided")
    device = models.ForeignKey(
        Device,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
        help_text="of a payable repair with a fault group, for the repeats after it",
    )
    fault_group = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="settlement_line_kept_once",
                condition=Q(decision="held", held_in=F("run_id")) | Q(decision__in=["payable", "rejected"], held_in=0),
            ),
            models.CheckConstraint(
                name="settlement_line_whole",
                condition=Q(decision="payable", gate="", fee_amount__isnull=False, rate_amount__isnull=False) & ~Q(rate="")
                | Q(
                    decision__in=["held", "rejected"],
                    gate__in=["steps", "callback", "genuine", "repeat", "return", "lab", "rate"],
                    fee_amount__isnull=True,
                    rate_amount__isnull=True,
                    charged_outlet__isnull=True,
                    device__isnull=True,
                    rate="",
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="settlement_line_of_outlet", fields=["run", "outlet"]),
            models.Index(
                name="settlement_line_unpaid",
                fields=["run", "decision", "gate", "outlet", "order"],
                condition=~Q(decision="payable"),
            ),
        ]
        triggers: ClassVar = [stands("line_stands", "a decided line")]


class LeftOpen(models.Model):
    """An order that was not finished when a run looked: it may be reported later as finished before (see `undecided`)."""

    append_only = True

    pk = models.CompositePrimaryKey("run_id", "order_id")
    run = models.ForeignKey(Run, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", db_index=False, db_constraint=False)

    class Meta:
        triggers: ClassVar = [stands("left_open_stands", "what a run saw")]


class Incentive(models.Model):
    """A signed amount for or against an outlet; it counts in the first run of its month or a later one (spec 6, Q)."""

    append_only = True

    outlet = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField(_("month"))
    kind = models.CharField(_("kind"), max_length=40)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", null=True, blank=True)
    order_number = models.CharField(max_length=40, blank=True, help_text="as it was named, known or not")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    attributes = models.JSONField(default=dict, blank=True, help_text="columns of an import that have no place of their own")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="settlement_incentive_month", condition=Q(month__day=1)),
            models.CheckConstraint(name="settlement_incentive_kind", condition=~Q(kind="")),
        ]
        indexes: ClassVar = [models.Index(name="settlement_incentive_of", fields=["outlet", "month"])]
        triggers: ClassVar = [stands("incentive_stands", "an incentive")]


class Charge(models.Model):
    """One line of an outlet's Q in a run: an incentive, a charge-back of a repeat, the debt carried, or a dispute granted."""

    append_only = True

    class Kind(models.TextChoices):
        """Where the amount comes from."""

        INCENTIVE = "incentive", _("incentive")
        CHARGE_BACK = "charge_back", _("charge-back")
        DEBT = "debt", _("carried debt")
        ADJUSTMENT = "adjustment", _("adjustment")

    run = models.ForeignKey(Run, models.PROTECT, related_name="charges", db_index=False)
    outlet = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    incentive = models.OneToOneField(Incentive, models.PROTECT, related_name="+", null=True)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", null=True, help_text="the repeating order")
    ruling = models.OneToOneField(
        "settlement.Ruling", models.PROTECT, related_name="+", null=True, help_text="the dispute that was granted"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="settlement_charge_whole",
                condition=Q(kind="incentive", incentive__isnull=False, ruling__isnull=True)
                | Q(kind="charge_back", incentive__isnull=True, ruling__isnull=True, order__isnull=False, amount__lte=0)
                | Q(kind="debt", incentive__isnull=True, ruling__isnull=True, order__isnull=True, amount__lt=0)
                | Q(kind="adjustment", incentive__isnull=True, ruling__isnull=False, amount__gt=0),
            ),
            models.UniqueConstraint(name="settlement_charged_back_once", fields=["order"], condition=Q(kind="charge_back")),
            models.UniqueConstraint(name="settlement_debt_once", fields=["run", "outlet"], condition=Q(kind="debt")),
        ]
        indexes: ClassVar = [models.Index(name="settlement_charge_of_outlet", fields=["run", "outlet"])]
        triggers: ClassVar = [stands("charge_stands", "a charge")]


class Reckoning(models.Model):
    """A calculation of a whole month that somebody asked for on the pages; a job does it, and its rows are what pages show.

    A preview says what a run would decide, a trial what it would be under a draft of a policy; a decision keeps nothing here
    but how it went: the run is the truth. `seen_event` is the latest event that it can have known. Of each thing at most one
    is unfinished. Rows of finished previews and trials are deleted when newer ones take their place.
    """

    class Kind(models.TextChoices):
        """What is asked."""

        PREVIEW = "preview", pgettext_lazy("a calculation", "preview")
        DECISION = "decision", pgettext_lazy("a calculation", "decision")
        TRIAL = "trial", pgettext_lazy("a calculation", "trial of a draft")

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", pgettext_lazy("a calculation", "waiting")
        WORKING = "working", pgettext_lazy("a calculation", "working")
        DONE = "done", pgettext_lazy("a calculation", "done")
        REFUSED = "refused", pgettext_lazy("a calculation", "refused")

    UNFINISHED: ClassVar[tuple[str, ...]] = (State.WAITING.value, State.WORKING.value)

    kind = models.CharField(max_length=8)
    month = models.DateField(_("month"))
    state = models.CharField(max_length=8, default=State.WAITING)
    reason = models.CharField(max_length=400, blank=True, help_text="why it was refused, for people")
    draft_id = models.BigIntegerField(default=0, help_text="the draft that is tried; 0 for none")
    draft_revision = models.PositiveIntegerField(default=0)
    base = models.ForeignKey(
        "self", models.CASCADE, related_name="+", null=True, help_text="the preview a trial is held against"
    )
    asked_by_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    seen_event = models.BigIntegerField(default=0)
    settlement_policy = models.CharField(max_length=60, blank=True)
    grade_policy = models.CharField(max_length=60, blank=True)
    rates = ArrayField(models.CharField(max_length=80), default=list)
    earlier_orders = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="settlement_reckoning_codes",
                condition=Q(kind__in=["preview", "decision", "trial"], state__in=["waiting", "working", "done", "refused"]),
            ),
            models.CheckConstraint(
                name="settlement_trial_of_draft", condition=Q(kind="trial", draft_id__gt=0) | ~Q(kind="trial") & Q(draft_id=0)
            ),
            models.UniqueConstraint(
                name="settlement_reckoned_once_at_a_time",
                fields=["kind", "month", "draft_id"],
                condition=Q(state__in=["waiting", "working"]),
            ),
        ]
        indexes: ClassVar = [models.Index(name="settlement_reckoning_of", fields=["kind", "month", "draft_id", "id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.month:%Y-%m}"

    @property
    def is_unfinished(self) -> bool:
        """Tell whether a job has it, or will."""
        return self.state in self.UNFINISHED


class ReckonedResult(Outcome):
    """The outcome of one outlet in a preview or a trial; in a trial also how it differs, and which rules make it so."""

    reckoning = models.ForeignKey(Reckoning, models.CASCADE, related_name="results", db_index=False)
    difference_amount = models.DecimalField(max_digits=16, decimal_places=2, default=0, help_text="more or less to pay")
    causes = ArrayField(models.CharField(max_length=12), default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="settlement_reckoned_result_once", fields=["reckoning", "outlet"]),
        ]


class ReckonedLine(models.Model):
    """An order that a preview would hold or reject."""

    reckoning = models.ForeignKey(Reckoning, models.CASCADE, related_name="lines", db_index=False)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    outlet = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    decision = models.CharField(max_length=8)
    gate = models.CharField(max_length=8)
    earlier = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False)
    finished_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(name="settlement_reckoned_unpaid", fields=["reckoning", "decision", "gate", "outlet", "order"]),
        ]
