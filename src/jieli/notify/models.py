"""Notices on the screen, preferences, outgoing mail, and webhooks with their deliveries."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieli.lib import clock
from jieli.people.models import Staff


def mail_status_choices() -> list[tuple[str, Any]]:
    """Return what becomes of mails, for model fields (a callable keeps labels out of migrations)."""
    return list(Mail.Status.choices)


def call_status_choices() -> list[tuple[str, Any]]:
    """Return what becomes of webhook calls, for model fields."""
    return list(WebhookDelivery.Status.choices)


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices in the words of the domain."""

    def of(self, staff_id: int) -> "NoticeQuerySet":
        """Keep the notices of one person, newest first."""
        return self.filter(staff_id=staff_id).order_by("-id")

    def unread(self) -> "NoticeQuerySet":
        """Keep those not yet read."""
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """Something one person must know; `params` fill the sentence of its kind and hold no personal text."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=64)
    case_id = models.BigIntegerField(null=True)
    params = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(name="notify_of_staff", fields=["staff", "-id"]),
            models.Index(
                name="notify_unread",
                fields=["staff"],
                condition=Q(read_at__isnull=True),
            ),
            models.Index(
                name="notify_of_case",
                fields=["case_id"],
                condition=Q(case_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.staff_id}"


class Preference(models.Model):
    """Whether one person wants notices of one kind by e-mail too; the screen always has them."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=64)
    by_email = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="notify_preference_once", fields=["staff", "kind"])]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.kind}"


class Mail(models.Model):
    """One outgoing e-mail and what became of it; `text` and the addresses are blanked by an erasure."""

    class Status(models.TextChoices):
        """What became of the mail."""

        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="mails")
    case_id = models.BigIntegerField(null=True)
    message_id = models.CharField(max_length=200, unique=True)
    to_address = models.EmailField(blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    status = models.CharField(max_length=6, choices=mail_status_choices, default=Status.QUEUED)
    attempts = models.IntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="notify_mail_status",
                condition=Q(status__in=["queued", "sent", "failed"]),
            ),
            models.CheckConstraint(
                name="notify_mail_sent_when",
                condition=~Q(status="sent") | Q(sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="notify_mail_failed_why",
                condition=~Q(status="failed") | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="notify_mail_erased_blank",
                condition=Q(erased_at__isnull=True) | Q(to_address="", subject="", text=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                name="notify_mail_of_case",
                fields=["case_id"],
                condition=Q(case_id__isnull=False),
            ),
            models.Index(
                name="notify_mail_not_sent",
                fields=["status", "-id"],
                condition=~Q(status="sent"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"


class Subscription(models.Model):
    """A foreign system that is told by webhook; an empty list of kinds means all."""

    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(max_length=100)
    kinds = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="notify_subscription_secret", condition=~Q(secret="")),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One call to one subscription; the same `key` is sent at every attempt so that the receiver can tell repeats."""

    class Status(models.TextChoices):
        """What became of the call; a dead one was given up and waits for a person."""

        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="deliveries")
    kind = models.CharField(max_length=64)
    case_id = models.BigIntegerField(null=True)
    payload = models.JSONField()
    status = models.CharField(max_length=6, choices=call_status_choices, default=Status.QUEUED)
    attempts = models.IntegerField(default=0)
    last_status = models.IntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="notify_call_status",
                condition=Q(status__in=["queued", "sent", "dead"]),
            ),
            models.CheckConstraint(name="notify_call_dead_why", condition=~Q(status="dead") | ~Q(reason="")),
        ]
        indexes: ClassVar = [
            models.Index(
                name="notify_call_not_sent",
                fields=["status", "-id"],
                condition=~Q(status="sent"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"
