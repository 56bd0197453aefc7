"""A whole machine that a customer gives back, for another one or for good (spec 3, Parts; 整机返还)."""

from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.events.actor import Actor
from jieli.lib import clock
from jieli.lib.damm import check_digit
from jieli.orders.models import WorkOrder
from jieli.parts.models.master import Part
from jieli.parts.models.stock import SEEING_ROLES, stands
from jieli.parts.models.used import UsedPart
from jieli.people.models import Unit


class MachineReturnQuerySet(models.QuerySet["MachineReturn"]):
    """Whole-machine returns in the words of the domain."""

    def approved_and_waiting(self) -> "MachineReturnQuerySet":
        """Keep what is approved and has not happened yet: the other machine has not been given."""
        used = UsedPart.objects.standing().filter(machine_return=OuterRef("pk"))
        return self.filter(~Exists(used), state="approved")

    def to_come_back(self) -> "MachineReturnQuerySet":
        """Keep those asked for or approved whose old machine is not back; a hand-over that was taken back says nothing."""
        back = UsedPart.objects.standing().filter(machine_return=OuterRef("pk"), receipt__isnull=False)
        return self.filter(~Exists(back), state__in=["asked", "approved"])

    def to_dispose(self) -> "MachineReturnQuerySet":
        """Keep those whose machine is back and looked at, and about which nobody has decided: scrap or refurbish."""
        waiting = UsedPart.objects.to_dispose().filter(machine_return=OuterRef("pk"))
        return self.filter(Exists(waiting), state="approved")

    def visible_to(self, actor: Actor) -> "MachineReturnQuerySet":
        """Keep those of outlets over which an actor holds a role, and those that he asked for or whose engineer he is."""
        if actor.is_internal:
            return self
        if not actor.is_staff:
            return self.none()
        mine = Q(asked_by_id=actor.id) | Q(order__engineer_id=actor.id)
        paths = actor.unit_paths(*SEEING_ROLES)
        if paths:
            mine |= Q(order__outlet__in=Unit.objects.under_paths(paths).values("pk"))
        return self.filter(mine)


class MachineReturn(models.Model):
    """A whole machine that comes back: asked for, approved by another person within his authority, then done.

    `machine` is what the customer gets in exchange, null when he gets none; `old_machine` is what comes back. `amount` is what
    is decided about: the price of the machine given, or what is paid back. What happens to the old machine stands in its
    `UsedPart`, as with every old part.
    """

    never_deleted = True
    app_columns = (
        "state",
        "decided_at",
        "decided_by_id",
        "role",
        "limit_amount",
        "policy",
        "decision_reason",
        "called_off_at",
        "called_off_by_id",
        "called_off_why",
    )

    class Kind(models.TextChoices):
        """What the customer gets for it."""

        EXCHANGE = "exchange", pgettext_lazy("a whole machine", "exchange")
        RETURN = "return", pgettext_lazy("a whole machine", "return for good")

    class State(models.TextChoices):
        """How far it is."""

        ASKED = "asked", pgettext_lazy("a whole machine", "to be decided")
        APPROVED = "approved", pgettext_lazy("a whole machine", "approved")
        REFUSED = "refused", pgettext_lazy("a whole machine", "refused")
        CALLED_OFF = "called_off", pgettext_lazy("a whole machine", "called off")

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", verbose_name=_("work order"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    machine = models.ForeignKey(Part, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("machine given"))
    old_machine = models.ForeignKey(Part, models.PROTECT, related_name="+", verbose_name=_("machine that comes back"))
    old_serial = models.CharField(_("serial of the old machine"), max_length=80)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(_("asked"), default=clock.now)
    asked_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20, blank=True, help_text="the role by whose authority it was decided")
    limit_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, help_text="how far that authority went")
    policy = models.CharField(max_length=40, blank=True)
    decision_reason = models.CharField(_("reason of the decision"), max_length=300, blank=True)
    called_off_at = models.DateTimeField(null=True)
    called_off_by_id = models.BigIntegerField(null=True)
    called_off_why = models.CharField(max_length=300, blank=True)

    objects = MachineReturnQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="parts_machine_kind",
                condition=Q(kind="exchange", machine__isnull=False) | Q(kind="return", machine__isnull=True),
            ),
            models.CheckConstraint(
                name="parts_machine_said", condition=~Q(reason="") & ~Q(old_serial="") & Q(old_serial=Upper("old_serial"))
            ),
            models.CheckConstraint(name="parts_machine_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="parts_machine_state",
                condition=Q(state="asked", decided_at__isnull=True, decided_by_id__isnull=True, called_off_at__isnull=True)
                | Q(state="approved", decided_at__isnull=False, decided_by_id__isnull=False, called_off_at__isnull=True)
                | Q(state="refused", decided_at__isnull=False, decided_by_id__isnull=False, called_off_at__isnull=True)
                & ~Q(decision_reason="")
                | Q(state="called_off", called_off_at__isnull=False) & ~Q(called_off_why=""),
            ),
            # Nobody approves what he asked for, and nobody approves above his authority.
            models.CheckConstraint(
                name="parts_machine_by_another",
                condition=Q(decided_by_id__isnull=True) | Q(asked_by_id__isnull=True) | ~Q(decided_by_id=F("asked_by_id")),
            ),
            models.CheckConstraint(
                name="parts_machine_in_authority",
                condition=~Q(state="approved") | Q(limit_amount__isnull=False, limit_amount__gte=F("amount")),
            ),
            models.UniqueConstraint(
                name="parts_machine_asked_once", fields=["order"], condition=Q(state__in=["asked", "approved"])
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="parts_machine_to_decide", fields=["asked_at", "id"], condition=Q(state="asked")),
        ]
        triggers: ClassVar = [stands("machine_kept", "a whole-machine return", also_updates=False)]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Return the number people use: ``MR-000012-3``, the last digit by Damm's scheme."""
        return f"MR-{self.pk:06d}-{check_digit(f'{self.pk:06d}')}"
