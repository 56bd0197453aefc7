"""A visit: one engineer on site for the orders of one case, its steps, and what was measured, signed and charged."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.cases.models import Case
from jieli.events.actor import Actor
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff


class VisitQuerySet(models.QuerySet["Visit"]):
    """Visits in the words of the domain."""

    def visible_to(self, actor: Actor) -> "VisitQuerySet":
        """Keep the visits of the cases that an actor may see, and an engineer's own."""
        if actor.is_internal:
            return self
        seen = Q(case__in=Case.objects.visible_to(actor).values("pk"))
        return self.filter(seen | Q(engineer_id=actor.id) if actor.is_staff else seen)

    def open(self) -> "VisitQuerySet":
        """Keep those that are not over."""
        return self.filter(state=Visit.State.OPEN)


class Visit(models.Model):
    """One coming of one engineer for a case; a second visit has the next number.

    `standard` is the version of the policy `visit-standard` with which it began: it keeps it. Times are the phone's, corrected
    by its clock's difference; `flags` names what contradicts itself. `digest` is the SHA-256 over the steps, by which the
    event of its end vouches for them. `steps_complete` is null until it is finished; `gaps_reason` says why it was finished
    without.
    """

    never_deleted = True

    class State(models.TextChoices):
        """Whether it goes on."""

        OPEN = "open", pgettext_lazy("a visit", "under way")
        FINISHED = "finished", pgettext_lazy("a visit", "finished")
        CALLED_OFF = "called_off", pgettext_lazy("a visit", "called off")

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False, verbose_name=_("case"))
    engineer = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("engineer"))
    number = models.PositiveSmallIntegerField(_("visit"))
    standard = models.PositiveIntegerField(_("version of the standard"))
    state = models.CharField(_("state"), max_length=10, default=State.OPEN)
    started_at = models.DateTimeField()
    set_out_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    steps_complete = models.BooleanField(_("steps complete"), null=True)
    gaps_reason = models.CharField(_("finished with gaps because"), max_length=400, blank=True)
    gaps_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True)
    fault_code = models.CharField(_("fault code"), max_length=60, blank=True)
    genuine = models.BooleanField(_("genuine"), null=True)
    flags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="visits_number_once", fields=["case", "number"]),
            models.UniqueConstraint(name="visits_one_open_of_engineer", fields=["case", "engineer"], condition=Q(state="open")),
            models.CheckConstraint(name="visits_state_known", condition=Q(state__in=["open", "finished", "called_off"])),
            models.CheckConstraint(name="visits_number_positive", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="visits_finished_whole",
                condition=Q(state="finished", finished_at__isnull=False, steps_complete__isnull=False)
                | (~Q(state="finished") & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="visits_finished_after_arrival",
                condition=Q(finished_at__isnull=True) | Q(arrived_at__isnull=True) | Q(finished_at__gte=F("arrived_at")),
            ),
            models.CheckConstraint(
                name="visits_gaps_are_gaps",
                condition=Q(gaps_reason="", gaps_by__isnull=True)
                | (~Q(gaps_reason="") & Q(gaps_by__isnull=False, steps_complete=False)),
            ),
            models.CheckConstraint(
                name="visits_place_whole",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} #{self.number}"

    @property
    def is_open(self) -> bool:
        """Tell whether it is not over."""
        return self.state == self.State.OPEN


class VisitOrder(models.Model):
    """What became of one work order at one visit; `result` is empty until the engineer said."""

    never_deleted = True

    class Result(models.TextChoices):
        """How it went."""

        FIXED = "fixed", pgettext_lazy("a visit", "fixed")
        NOT_FIXED = "not_fixed", pgettext_lazy("a visit", "not fixed")
        REMOTE = "remote", _("solved remotely")
        NO_FAULT = "no_fault", pgettext_lazy("a visit", "no fault found")

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="orders", db_index=False)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+")
    result = models.CharField(_("result"), max_length=10, blank=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    next_at = models.DateTimeField(null=True)
    note = models.CharField(_("note"), max_length=2000, blank=True)
    told_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="visits_order_once", fields=["visit", "order"]),
            models.CheckConstraint(
                name="visits_result_known", condition=Q(result__in=["", "fixed", "not_fixed", "remote", "no_fault"])
            ),
            models.CheckConstraint(name="visits_not_fixed_why", condition=~Q(result="not_fixed") | ~Q(reason="")),
            models.CheckConstraint(name="visits_finished_with_result", condition=Q(finished_at__isnull=True) | ~Q(result="")),
        ]


class StepRecord(models.Model):
    """A step of a visit, done or skipped, once; doing it again replaces it, and the entries of the phone keep both.

    `records` is ``{name: value}`` as the standard asks, `photos` the phone's names of its pictures. `at` is the phone's time
    corrected, `phone_at` as the phone had it, `received_at` ours.
    """

    never_deleted = True

    class State(models.TextChoices):
        """Whether it was done."""

        DONE = "done", pgettext_lazy("a step", "done")
        SKIPPED = "skipped", pgettext_lazy("a step", "skipped")

    pk = models.CompositePrimaryKey("visit_id", "code")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="steps", db_index=False)
    code = models.CharField(max_length=60)
    state = models.CharField(max_length=7, default=State.DONE)
    records = models.JSONField(default=dict)
    photos = ArrayField(models.UUIDField(), default=list)
    reason = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    phone_at = models.DateTimeField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="visits_skipped_why", condition=Q(state="done", reason="") | (Q(state="skipped") & ~Q(reason=""))
            ),
        ]


class SafetyTest(models.Model):
    """Voltage, earth and socket as measured; one that is not passed needs the risk signed by the customer (spec 3)."""

    never_deleted = True

    client_id = models.UUIDField(unique=True)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="safety_tests")
    voltage = models.DecimalField(_("voltage"), max_digits=6, decimal_places=1)
    earth_ohm = models.DecimalField(_("earth"), max_digits=8, decimal_places=2, null=True)
    earth_ok = models.BooleanField(_("earth in order"), null=True)
    socket_ok = models.BooleanField(_("socket in order"))
    is_passed = models.BooleanField(_("passed"))
    is_risk_signed = models.BooleanField(_("risk signed"), default=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="visits_voltage", condition=Q(voltage__gte=0, voltage__lte=1000)),
            models.CheckConstraint(name="visits_earth_known", condition=Q(earth_ohm__isnull=False) | Q(earth_ok__isnull=False)),
        ]


class Signature(models.Model):
    """A customer's signature as it was drawn: `strokes` is a list of lists of ``[x, y]``; never empty."""

    never_deleted = True

    client_id = models.UUIDField(unique=True)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="signatures")
    name = models.CharField(_("signed by"), max_length=120, blank=True)
    strokes = models.JSONField()
    photo = models.UUIDField(null=True)
    comment = models.CharField(_("comment"), max_length=2000, blank=True)
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="visits_signature_drawn", condition=~Q(strokes=[]) | Q(erased_at__isnull=False)),
        ]


class Charge(models.Model):
    """What the customer paid on site, by the price list: `items` is a list of ``{code, amount, quantity}``."""

    never_deleted = True

    client_id = models.UUIDField(unique=True)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="charges")
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+")
    items = models.JSONField()
    total_amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    paid_by = models.CharField(_("paid by"), max_length=20, blank=True)
    prices = models.PositiveIntegerField(_("version of the price list"))
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(name="visits_charge_positive", condition=Q(total_amount__gte=0))]
