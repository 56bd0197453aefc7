"""Information returned from the field (信息增值): routed inside, accepted or refused within a promise."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.cases.models import Case
from jieli.events.actor import Actor
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff, Unit

LEADING_ROLES = ("administrator", "manager")


class InformationQuerySet(models.QuerySet["Information"]):
    """Information in the words of the domain."""

    def open(self) -> "InformationQuerySet":
        """Keep what nobody has decided on."""
        return self.filter(state=Information.State.OPEN)

    def visible_to(self, actor: Actor) -> "InformationQuerySet":
        """Keep what is routed to a role of an actor (in the unit named, when one is), what he leads, and his own."""
        if actor.is_internal:
            return self
        if not actor.is_staff:
            return self.none()
        seen = Q(staff_id=actor.id)
        for grant in actor.grants:
            under = Unit.objects.under_paths([grant.unit_path]).values("pk")
            if grant.role in LEADING_ROLES:
                seen |= Q(case__unit__in=under)
            seen |= Q(role=grant.role) & (Q(unit__in=under) | Q(unit__isnull=True))
        return self.filter(seen)


class Information(models.Model):
    """What an engineer learnt on site, its way inside, the answer and what came of it (spec 3, Information)."""

    never_deleted = True

    class State(models.TextChoices):
        """Whether it was answered."""

        OPEN = "open", pgettext_lazy("information", "to decide")
        ACCEPTED = "accepted", pgettext_lazy("information", "accepted")
        REFUSED = "refused", pgettext_lazy("information", "refused")

    client_id = models.UUIDField(unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("engineer"))
    kind = models.CharField(_("kind"), max_length=60)
    text = models.CharField(_("information"), max_length=4000)
    photos = ArrayField(models.UUIDField(), default=list)
    role = models.CharField(_("goes to"), max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", null=True, verbose_name=_("unit"))
    at = models.DateTimeField()
    received_at = models.DateTimeField(_("received"))
    due_at = models.DateTimeField(_("answer due"))
    state = models.CharField(_("state"), max_length=8, default=State.OPEN)
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    outcome = models.CharField(_("outcome"), max_length=1000, blank=True)
    outcome_at = models.DateTimeField(null=True)

    objects = InformationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="visits_information_state", condition=Q(state__in=["open", "accepted", "refused"])),
            models.CheckConstraint(
                name="visits_information_decided",
                condition=Q(state="open", decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False, decided_by__isnull=False)),
            ),
            models.CheckConstraint(name="visits_refused_why", condition=~Q(state="refused") | ~Q(reason="")),
        ]
        indexes: ClassVar = [
            models.Index(name="visits_information_open", fields=["due_at", "id"], condition=Q(state="open")),
            models.Index(name="visits_information_of_case", fields=["case", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        """Tell whether nobody has decided on it."""
        return self.state == self.State.OPEN
