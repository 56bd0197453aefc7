"""What phones send: every entry once by its name, also the refused ones; and the photos."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.cases.models import Case
from jieli.events.actor import Actor
from jieli.files.models import Evidence
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff, Unit

LEADING_ROLES = ("administrator", "manager", "supervisor")


class FieldEntryQuerySet(models.QuerySet["FieldEntry"]):
    """Entries in the words of the domain."""

    def to_settle(self) -> "FieldEntryQuerySet":
        """Keep those that a person has to look at."""
        return self.filter(state__in=FieldEntry.TO_SETTLE)

    def visible_to(self, actor: Actor) -> "FieldEntryQuerySet":
        """Keep the entries of the people whom an actor leads, and one's own."""
        if actor.is_internal:
            return self
        under = Unit.objects.under_paths(actor.unit_paths(*LEADING_ROLES)).values("pk")
        return self.filter(Q(staff__unit__in=under) | Q(staff_id=actor.id if actor.is_staff else 0))


class FieldEntry(models.Model):
    """One entry of a phone, kept as it was sent; `client_id` is the name that the phone gave it.

    `phone_at` is the phone's time, `at` the same corrected by how far its clock was off when it sent, `received_at` ours.
    Refused ones and conflicts stay until the engineer made them good or a person settled them: taken over by hand, or set
    aside with a reason.
    """

    never_deleted = True
    TO_SETTLE: ClassVar[tuple[str, ...]] = ("refused", "conflict")

    class State(models.TextChoices):
        """What became of it."""

        DONE = "done", pgettext_lazy("an entry", "done")
        REFUSED = "refused", pgettext_lazy("an entry", "refused")
        CONFLICT = "conflict", _("conflict")
        TAKEN_OVER = "taken_over", _("taken over by hand")
        SET_ASIDE = "set_aside", _("set aside")
        OVERTAKEN = "overtaken", pgettext_lazy("an entry", "made good")

    client_id = models.UUIDField(unique=True)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("engineer"))
    device = models.CharField(max_length=80, blank=True)
    order_number = models.CharField(_("work order"), max_length=40, blank=True)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", null=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", null=True)
    kind = models.CharField(_("entry"), max_length=20)
    data = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was sent")
    phone_at = models.DateTimeField(_("phone's time"))
    sent_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField(_("received"))
    state = models.CharField(_("state"), max_length=10)
    message = models.CharField(_("why"), max_length=600, blank=True)
    fields = models.JSONField(default=dict)
    flags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    settled_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True)
    settled_at = models.DateTimeField(null=True)
    settled_because = models.CharField(max_length=400, blank=True)

    objects = FieldEntryQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="visits_entry_state",
                condition=Q(state__in=["done", "refused", "conflict", "taken_over", "set_aside", "overtaken"]),
            ),
            models.CheckConstraint(
                name="visits_entry_settled",
                condition=Q(state__in=["taken_over", "set_aside"], settled_at__isnull=False, settled_by__isnull=False)
                & ~Q(settled_because="")
                | ~Q(state__in=["taken_over", "set_aside"]) & Q(settled_at__isnull=True, settled_by__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="visits_to_settle", fields=["-id"], condition=Q(state__in=["refused", "conflict"])),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.order_number}"

    @property
    def is_settled(self) -> bool:
        """Tell whether nobody needs to look at it any more."""
        return self.state not in self.TO_SETTLE

    @property
    def late_by(self) -> float:
        """Return how many minutes it lay on the phone."""
        return (self.received_at - self.at).total_seconds() / 60

    @property
    def clock_off(self) -> datetime | None:
        """Return the phone's own time when it was corrected."""
        return self.phone_at if self.phone_at != self.at else None


class Photo(models.Model):
    """A photo of a phone by the phone's name for it, kept as evidence of the case; `sha256` is what both sides computed."""

    append_only = True

    client_id = models.UUIDField(unique=True)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    evidence = models.OneToOneField(Evidence, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.client_id)
