"""The rows of dispatch and what the database refuses about them."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.cases.models import Case, Pass
from jieli.events.actor import Actor
from jieli.lib import clock
from jieli.people.models import Staff, Unit


def state_choices() -> list[tuple[str, str | Lazy]]:
    """Return the states of an appointment (a callable keeps labels out of migrations)."""
    return list(Appointment.State.choices)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Appointments in the words of the domain."""

    def current(self) -> "AppointmentQuerySet":
        """Keep those that are still to come about: at most one for each case."""
        return self.filter(state__in=Appointment.CURRENT)

    def held(self) -> "AppointmentQuerySet":
        """Keep those that hold or came about: each is a part of what can be done that day."""
        return self.filter(state__in=Appointment.HELD)

    def but_current_of(self, case_id: int | None) -> "AppointmentQuerySet":
        """Leave out the appointment that a case would give up; its earlier visits stay."""
        return self.exclude(case_id=case_id or 0, state__in=Appointment.CURRENT)

    def touching(self, starts_at: datetime, ends_at: datetime) -> "AppointmentQuerySet":
        """Keep those whose window has some time in common with a stretch."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def visible_to(self, actor: Actor) -> "AppointmentQuerySet":
        """Keep those of cases that an actor may see, and an engineer's own."""
        if actor.is_internal:
            return self
        own = Q(engineer_id=actor.id) if actor.is_staff else Q(pk__in=[])
        return self.filter(Q(case__in=Case.objects.visible_to(actor).values("pk")) | own)


class Appointment(models.Model):
    """When somebody comes for a case, and who: the window that the customer is told. A set is one appointment.

    A moved one stays as it was, and another takes its place, which knows it as `moved_from`. `number` says to which coming it
    belongs: a second visit has an appointment of its own, and the first stays as kept. `orders` is how many work orders it
    stands for. `expected_at` is when who set out will probably be there; `reminded_at` when the customer was reminded.
    """

    never_deleted = True

    class State(models.TextChoices):
        """How far it has come."""

        PLANNED = "planned", pgettext_lazy("an appointment", "planned")
        OFFERED = "offered", pgettext_lazy("an appointment", "offered")
        ACCEPTED = "accepted", pgettext_lazy("an appointment", "accepted")
        MOVED = "moved", pgettext_lazy("an appointment", "moved")
        DONE = "done", pgettext_lazy("an appointment", "done")
        CANCELLED = "cancelled", pgettext_lazy("an appointment", "cancelled")

    CURRENT: ClassVar[tuple[str, ...]] = ("planned", "offered", "accepted")
    HELD: ClassVar[tuple[str, ...]] = (*CURRENT, "done")
    """Those that hold, or came about: one for each coming."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("case"), db_index=False)
    outlet = models.ForeignKey(Unit, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("outlet"))
    engineer = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("engineer"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    state = models.CharField(_("state"), max_length=10, choices=state_choices, default=State.PLANNED)
    number = models.PositiveSmallIntegerField(pgettext_lazy("an appointment", "visit"), default=1)
    orders = models.PositiveSmallIntegerField(_("work orders"), default=1)
    agreed = models.BooleanField(_("agreed with the customer"), default=False)
    by_customer = models.BooleanField(_("chosen by the customer"), default=False)
    moved_from = models.OneToOneField("self", models.PROTECT, related_name="+", null=True, blank=True)
    set_out_at = models.DateTimeField(null=True, blank=True)
    expected_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="dispatch_window_runs_forward", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="dispatch_appointment_state",
                condition=Q(state__in=["planned", "offered", "accepted", "moved", "done", "cancelled"]),
            ),
            models.CheckConstraint(name="dispatch_appointment_orders", condition=Q(orders__gte=1)),
            models.CheckConstraint(
                name="dispatch_accepted_by_outlet", condition=~Q(state="accepted") | Q(outlet__isnull=False)
            ),
            models.UniqueConstraint(
                name="dispatch_one_current_appointment",
                fields=["case"],
                condition=Q(state__in=["planned", "offered", "accepted"]),
            ),
            models.CheckConstraint(name="dispatch_appointment_number", condition=Q(number__gte=1)),
            models.UniqueConstraint(
                name="dispatch_one_appointment_of_a_visit",
                fields=["case", "number"],
                condition=Q(state__in=["planned", "offered", "accepted", "done"]),
            ),
            models.CheckConstraint(
                name="dispatch_arrived_is_kept",
                condition=Q(arrived_at__isnull=True) | Q(state__in=["planned", "offered", "accepted", "done"]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                name="dispatch_of_outlet",
                fields=["outlet", "starts_at"],
                condition=Q(state__in=["planned", "offered", "accepted", "done"]),
            ),
            models.Index(
                name="dispatch_of_engineer",
                fields=["engineer", "starts_at"],
                condition=Q(state__in=["planned", "offered", "accepted", "done"]),
            ),
            models.Index(name="dispatch_of_case", fields=["case", "-id"]),
            models.Index(
                name="dispatch_to_remind",
                fields=["starts_at"],
                condition=Q(state="accepted", reminded_at__isnull=True, arrived_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def is_current(self) -> bool:
        """Tell whether it is still to come about."""
        return self.state in self.CURRENT


class Offer(models.Model):
    """What is offered with a pass of the way ``dispatch``: the work orders of a case, to an outlet or to one of its engineers.

    Its answer, its clock and its people are those of the pass. `starts_at` and `ends_at` are the window asked for, empty when
    the outlet is to find one. `reasons` is why the candidate was asked: ``{"for": [...], "against": [...], "score": …}`` with
    codes and values, worded when shown. `counter_*` is the window that the one who was asked proposes instead.
    """

    never_deleted = True

    class CounterState(models.TextChoices):
        """What became of another window that was proposed."""

        NONE = "", pgettext_lazy("a counter-proposal", "none")
        ASKED = "asked", pgettext_lazy("a counter-proposal", "waits for an answer")
        AGREED = "agreed", pgettext_lazy("a counter-proposal", "agreed")
        REFUSED = "refused", pgettext_lazy("a counter-proposal", "refused")

    baton = models.OneToOneField(Pass, models.PROTECT, primary_key=True, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    outlet = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("outlet"), db_index=False)
    engineer = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("engineer"))
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    answer_due_at = models.DateTimeField()
    devices = models.JSONField(default=list, help_text="ids of the devices, one work order each; empty: the case's own")
    distance_km = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    reasons = models.JSONField(default=dict)
    policy = models.CharField(max_length=60)
    by_itself = models.BooleanField(default=False, help_text="the rule asked, after another refused or did not answer")
    refusal = models.CharField(max_length=60, blank=True, help_text="code of the policy's reasons to refuse")
    counter_starts_at = models.DateTimeField(null=True, blank=True)
    counter_ends_at = models.DateTimeField(null=True, blank=True)
    counter_at = models.DateTimeField(null=True, blank=True)
    counter_state = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="dispatch_offer_window",
                condition=Q(starts_at__isnull=True, ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="dispatch_offer_counter",
                condition=Q(
                    counter_state="", counter_starts_at__isnull=True, counter_ends_at__isnull=True, counter_at__isnull=True
                )
                | Q(
                    counter_state__in=["asked", "agreed", "refused"],
                    counter_ends_at__gt=F("counter_starts_at"),
                    counter_at__isnull=False,
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="dispatch_offer_of_case", fields=["case", "-baton"]),
            models.Index(name="dispatch_offer_of_outlet", fields=["outlet", "-baton"]),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} → {self.outlet_id}"
