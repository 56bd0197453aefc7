"""The work order and what the database refuses about it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jieli.cases.models import Case
from jieli.customers.models import Device
from jieli.events.actor import Actor
from jieli.people.models import Staff, Unit


class WorkOrderQuerySet(models.QuerySet["WorkOrder"]):
    """Work orders in the words of the domain."""

    def visible_to(self, actor: Actor) -> "WorkOrderQuerySet":
        """Keep the orders of the cases that an actor may see."""
        return self if actor.is_internal else self.filter(case__in=Case.objects.visible_to(actor).values("pk"))


class WorkOrder(models.Model):
    """What one outlet does for a case: the facts that grade, settlement and indicators count (interfaces, orders.csv).

    Each time is null until it is known; each known time has its event on the chain of the case. `fixed_first` and
    `steps_complete` have no time of their own and are null while unknown. `changed_at` is when a fact was last changed after
    it had been known; `cancelled_at` ends an order that was not finished. Instants are UTC, distances kilometres.
    """

    never_deleted = True

    class LabFinding(models.TextChoices):
        """What the lab says about a returned part."""

        CONFIRMED = "confirmed", _("confirmed")
        NO_FAULT = "no_fault", _("no fault found")
        WRONG_PART = "wrong_part", _("wrong part")
        MISUSE = "misuse", _("misuse")

    class CallbackResult(models.TextChoices):
        """What the customer said when called back; unreached means that all attempts are used."""

        SATISFIED = "satisfied", _("satisfied")
        DISSATISFIED = "dissatisfied", _("dissatisfied")
        UNREACHED = "unreached", _("unreached")

    number = models.CharField(_("number"), max_length=40, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("case"))
    outlet = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False, verbose_name=_("outlet"))
    engineer = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("engineer"))
    device = models.ForeignKey(Device, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("device"))
    product_line = models.CharField(_("product line"), max_length=60, blank=True)
    service_type = models.CharField(_("service type"), max_length=20)
    fault_group = models.CharField(_("fault group"), max_length=60, blank=True)
    in_warranty = models.BooleanField(_("in warranty"), null=True, blank=True)
    distance_km = models.DecimalField(_("distance, km"), max_digits=9, decimal_places=3, null=True, blank=True)
    night = models.BooleanField(_("night"), default=False)
    holiday = models.BooleanField(_("holiday"), default=False)
    high_floor = models.BooleanField(_("high floor"), default=False)
    opened_at = models.DateTimeField(_("opened"))
    dispatched_at = models.DateTimeField(_("dispatched"), null=True, blank=True)
    promised_until = models.DateTimeField(_("promised until"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    reported_at = models.DateTimeField(_("results reported"), null=True, blank=True)
    fixed_first = models.BooleanField(_("fixed on first arrival"), null=True, blank=True)
    steps_complete = models.BooleanField(_("steps complete"), null=True, blank=True)
    part = models.CharField(_("part"), max_length=60, blank=True)
    part_returned_at = models.DateTimeField(_("part returned"), null=True, blank=True)
    lab_finding = models.CharField(_("lab finding"), max_length=12, blank=True)
    lab_at = models.DateTimeField(_("found"), null=True, blank=True)
    callback_result = models.CharField(_("call-back"), max_length=12, blank=True)
    callback_at = models.DateTimeField(_("called back"), null=True, blank=True)
    callback_excused = models.BooleanField(_("not about the visit"), default=False, db_default=False)
    delight = models.BooleanField(_("moving story"), default=False)
    information_accepted = models.BooleanField(_("information accepted"), default=False)
    attributes = models.JSONField(default=dict, blank=True, help_text="columns of an import that have no place of their own")
    cancelled_at = models.DateTimeField(_("called off"), null=True, blank=True)
    source = models.CharField(max_length=60, blank=True, help_text="the import that brought it; empty when it was made here")
    changed_at = models.DateTimeField(null=True, blank=True)

    objects = WorkOrderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="orders_order_number", condition=~Q(number="")),
            models.CheckConstraint(
                name="orders_order_codes",
                condition=Q(lab_finding__in=["", "confirmed", "no_fault", "wrong_part", "misuse"])
                & Q(callback_result__in=["", "satisfied", "dissatisfied", "unreached"]),
            ),
            models.CheckConstraint(
                name="orders_finished_after_opened", condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("opened_at"))
            ),
            models.CheckConstraint(
                name="orders_finding_dated",
                condition=Q(lab_finding="", lab_at__isnull=True) | ~Q(lab_finding="") & Q(lab_at__isnull=False),
            ),
            models.CheckConstraint(
                name="orders_finding_of_returned", condition=Q(lab_finding="") | Q(part_returned_at__isnull=False)
            ),
            models.CheckConstraint(
                name="orders_callback_dated",
                condition=Q(callback_result="", callback_at__isnull=True)
                | ~Q(callback_result="") & Q(callback_at__isnull=False),
            ),
            models.CheckConstraint(
                name="orders_cancelled_unfinished", condition=Q(cancelled_at__isnull=True) | Q(finished_at__isnull=True)
            ),
            models.CheckConstraint(name="orders_distance", condition=Q(distance_km__isnull=True) | Q(distance_km__gte=0)),
        ]
        indexes: ClassVar = [
            models.Index(name="orders_finished", fields=["finished_at"], condition=Q(finished_at__isnull=False)),
            models.Index(name="orders_unfinished", fields=["outlet"], condition=Q(finished_at__isnull=True)),
            models.Index(name="orders_of_outlet", fields=["outlet", "finished_at"]),
            models.Index(
                name="orders_repeats",
                fields=["device", "fault_group", "finished_at"],
                condition=Q(service_type="repair", device__isnull=False, finished_at__isnull=False) & ~Q(fault_group=""),
            ),
            models.Index(name="orders_changed", fields=["changed_at"], condition=Q(changed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number
