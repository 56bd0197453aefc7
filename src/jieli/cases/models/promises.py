"""Promises: what, to whom, until when, by which rule; their segments and the alarms they rang."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.cases.models.case import Case


class PromiseQuerySet(models.QuerySet["Promise"]):
    """Promises in the words of the domain."""

    def unended(self) -> "PromiseQuerySet":
        """Keep those still to be kept."""
        return self.filter(ended_at__isnull=True)

    def to_customer(self) -> "PromiseQuerySet":
        """Keep those which the customer counts on."""
        return self.exclude(kind__in=Promise.INSIDE_KINDS)

    def alarming(self, at: datetime) -> "PromiseQuerySet":
        """Keep those at which the sweep must look at this instant, the most urgent first."""
        return self.unended().filter(next_alarm_at__lte=at).order_by("next_alarm_at", "id")


class Promise(models.Model):
    """One promise of a case (spec 1, Promises).

    Its row is the first segment: from `started_at`, `target` minutes or days of `calendar`, or a given instant. `due_at` is a
    cache of the replay of all segments; `jieli verify` recomputes it. `holds_until` adds the policy's grace (invariant 3).
    A breach is an alarm of 100 %, not an end: the promise runs on until it is kept late or cancelled.
    """

    never_deleted = True

    class Kind(models.TextChoices):
        """What is promised."""

        ACCEPT = "accept", pgettext_lazy("promise", "accept")
        FIRST_REPLY = "first_reply", pgettext_lazy("promise", "first reply")
        NEXT_REPLY = "next_reply", pgettext_lazy("promise", "reply")
        ARRIVE = "arrive", pgettext_lazy("promise", "arrive")
        RESOLVE = "resolve", pgettext_lazy("promise", "resolve")
        CALLBACK = "callback", pgettext_lazy("promise", "call-back")
        PASS_ANSWER = "pass_answer", pgettext_lazy("promise", "answer to a pass")
        PART_DELIVERY = "part_delivery", pgettext_lazy("promise", "part delivery")
        INTERNAL_ANSWER = "internal_answer", pgettext_lazy("promise", "internal answer")
        DECISION = "decision", pgettext_lazy("promise", "decision")
        PAYOUT = "payout", pgettext_lazy("promise", "payout")

    class Mode(models.TextChoices):
        """How the target is counted."""

        MINUTES = "minutes", _("working minutes")
        DAYS = "days", _("working days")
        INSTANT = "instant", _("a given time")

    class Outcome(models.TextChoices):
        """How it ended."""

        KEPT = "kept", _("kept")
        LATE = "late", _("late")
        CANCELLED = "cancelled", _("cancelled")

    # Ended by the answer to an offer alone; and these with what colleagues ask each other, on which no customer counts.
    OFFER_KINDS: ClassVar[tuple[str, ...]] = ("pass_answer", "decision")
    INSIDE_KINDS: ClassVar[tuple[str, ...]] = (*OFFER_KINDS, "internal_answer")

    case = models.ForeignKey(Case, models.PROTECT, related_name="promises", db_index=False)
    kind = models.CharField(max_length=16)
    offer = models.ForeignKey("cases.Pass", models.PROTECT, related_name="promises", null=True)
    started_at = models.DateTimeField()
    mode = models.CharField(max_length=8)
    target = models.DecimalField(max_digits=9, decimal_places=2, null=True, help_text="minutes or days")
    given_due_at = models.DateTimeField(null=True, help_text="the time a person gave (mode instant)")
    calendar = models.CharField(max_length=40)
    calendar_unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")
    segments = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    holds_until = models.DateTimeField()
    paused_until = models.DateTimeField(null=True)
    policy = models.CharField(max_length=60, help_text="policy and version, such as 'promises v7'")
    rule = models.CharField(max_length=80)
    facts = models.JSONField(default=dict, help_text="what the rule matched on: it explains the time")
    told_at = models.DateTimeField(null=True)
    told_how = models.CharField(max_length=20, blank=True)
    by_import = models.BooleanField(default=False)
    breached_at = models.DateTimeField(null=True)
    next_alarm_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True)
    late_minutes = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    reason = models.CharField(max_length=300, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="cases_promise_kind_known",
                condition=Q(
                    kind__in=[
                        "accept",
                        "first_reply",
                        "next_reply",
                        "arrive",
                        "resolve",
                        "callback",
                        "pass_answer",
                        "part_delivery",
                        "internal_answer",
                        "decision",
                        "payout",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="cases_promise_target_given",
                condition=Q(mode__in=["minutes", "days"], target__isnull=False, target__gt=0, given_due_at__isnull=True)
                | Q(mode="instant", target__isnull=True, given_due_at__isnull=False),
            ),
            models.CheckConstraint(
                name="cases_promise_outcome",
                condition=Q(ended_at__isnull=True, outcome="")
                | Q(outcome="kept", ended_at__isnull=False, ended_at__lte=F("due_at"))
                | Q(outcome="late", ended_at__isnull=False, ended_at__gt=F("due_at"), late_minutes__isnull=False)
                | (Q(outcome="cancelled", ended_at__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(name="cases_promise_grace", condition=Q(holds_until__gte=F("due_at"))),
            models.CheckConstraint(
                name="cases_promise_pause_open",
                condition=Q(paused_until__isnull=True) | Q(ended_at__isnull=True, due_at__gte=F("paused_until")),
            ),
            models.CheckConstraint(
                name="cases_promise_watched",
                condition=Q(ended_at__isnull=False)
                | Q(breached_at__isnull=False)
                | Q(next_alarm_at__isnull=False, next_alarm_at__lte=F("due_at")),
            ),
            models.UniqueConstraint(
                name="cases_one_running_of_kind",
                fields=["case", "kind"],
                condition=Q(ended_at__isnull=True) & ~Q(kind__in=["next_reply", "internal_answer", "part_delivery"]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="cases_promise_of_case", fields=["case", "id"]),
            models.Index(name="cases_promise_alarm", fields=["next_alarm_at", "id"], condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def is_running(self) -> bool:
        """Tell whether it is still to be kept."""
        return self.ended_at is None


class Segment(models.Model):
    """A change in the life of a promise: paused, resumed or re-targeted; appended once, so that due times can be replayed."""

    append_only = True

    class Kind(models.TextChoices):
        """What changed."""

        PAUSE = "pause", _("paused")
        RESUME = "resume", _("resumed")
        RETARGET = "retarget", _("re-planned")

    promise = models.ForeignKey(Promise, models.PROTECT, related_name="history", db_index=False)
    sequence = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    consent = models.BooleanField(default=False)
    mode = models.CharField(max_length=8, blank=True)
    target = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    given_due_at = models.DateTimeField(null=True)
    calendar = models.CharField(max_length=40, blank=True)
    policy = models.CharField(max_length=60, blank=True)
    rule = models.CharField(max_length=80, blank=True)
    facts = models.JSONField(default=dict)
    event = models.ForeignKey("events.Event", models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="cases_segment_once", fields=["promise", "sequence"]),
            models.CheckConstraint(name="cases_segment_kind", condition=Q(kind__in=["pause", "resume", "retarget"])),
            models.CheckConstraint(
                name="cases_pause_agreed",
                condition=~Q(kind="pause") | (Q(until__isnull=False, until__gt=F("at"), consent=True) & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.promise_id} #{self.sequence} {self.kind}"


class Alarm(models.Model):
    """A share of a promise's time that was reached and told, once; a share of 100 is the breach."""

    append_only = True

    promise = models.ForeignKey(Promise, models.PROTECT, related_name="alarms", db_index=False)
    share = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    noticed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="cases_alarm_once", fields=["promise", "share"])]
