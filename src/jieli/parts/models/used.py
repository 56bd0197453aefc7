"""The part that was used, the old one that came out, and what the lab found: one traced unit."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.events.actor import Actor
from jieli.lib.damm import check_digit
from jieli.orders.models import WorkOrder
from jieli.parts.models.master import Part
from jieli.parts.models.stock import SEEING_ROLES, Movement, Place, stands
from jieli.people.models import Unit


class UsedPartQuerySet(models.QuerySet["UsedPart"]):
    """Used parts in the words of the domain."""

    def standing(self) -> "UsedPartQuerySet":
        """Keep those whose use was not taken back."""
        return self.filter(undone_at__isnull=True)

    def put_in(self) -> "UsedPartQuerySet":
        """Keep those that the customer got: not a machine that was taken back for good."""
        return self.standing().filter(movement__isnull=False)

    def owed(self) -> "UsedPartQuerySet":
        """Keep those whose old part has to come back and has not."""
        return self.standing().filter(return_due_at__isnull=False, returned_at__isnull=True)

    def overdue(self, at: datetime) -> "UsedPartQuerySet":
        """Keep those whose old part should be back."""
        return self.owed().filter(return_due_at__lt=at)

    def in_lab(self) -> "UsedPartQuerySet":
        """Keep those that are back and that nobody has looked at."""
        return self.standing().filter(returned_at__isnull=False, lab_finding="")

    def to_dispose(self) -> "UsedPartQuerySet":
        """Keep the whole machines that are back and looked at, and about which nobody has decided: scrap or refurbish."""
        return self.standing().filter(receipt__isnull=False, disposal__isnull=True).exclude(lab_finding="")

    def visible_to(self, actor: Actor) -> "UsedPartQuerySet":
        """Keep what outlets used over which an actor holds a role, and what he used himself."""
        if actor.is_internal:
            return self
        if not actor.is_staff:
            return self.none()
        mine = Q(used_by_id=actor.id) | Q(order__engineer_id=actor.id)
        paths = actor.unit_paths(*SEEING_ROLES)
        if paths:
            mine |= Q(order__outlet__in=Unit.objects.under_paths(paths).values("pk"))
        return self.filter(mine)


class UsedPart(models.Model):
    """One part put into a customer's device, the old one that came out, its way back and the lab's finding.

    `in_warranty` is what the order said when it was used (None: not known); the old part is owed until `return_due_at`, null
    when it need not come back. `client_id` is the name that a phone gave to the act, so that it happens once.

    A whole machine belongs to its `machine_return`; it has no `movement` when nothing was given for it. `receipt` is its way
    back into the book, `disposal` what became of it. The lab's finding is the latest of `findings`.
    """

    never_deleted = True
    app_columns = (
        "returned_at",
        "returned_by_id",
        "lab_finding",
        "lab_at",
        "lab_by_id",
        "lab_note",
        "undone_at",
        "undo",
        "receipt",
        "disposed_at",
        "disposed_by_id",
        "disposal",
    )

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", verbose_name=_("work order"))
    part = models.ForeignKey(Part, models.PROTECT, related_name="+", verbose_name=_("part"))
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True, verbose_name=pgettext_lazy("parts", "from"))
    movement = models.OneToOneField(Movement, models.PROTECT, related_name="used_part", null=True)
    machine_return = models.ForeignKey(
        "parts.MachineReturn", models.PROTECT, related_name="used", null=True, verbose_name=_("whole-machine return")
    )
    old_serial = models.CharField(_("serial of the old part"), max_length=80, blank=True)
    new_serial = models.CharField(_("serial of the new part"), max_length=80, blank=True)
    in_warranty = models.BooleanField(_("in warranty"), null=True)
    is_returnable = models.BooleanField(_("comes back"))
    used_at = models.DateTimeField(pgettext_lazy("a part", "used"))
    used_by_id = models.BigIntegerField(null=True)
    return_due_at = models.DateTimeField(_("back by"), null=True)
    returned_at = models.DateTimeField(pgettext_lazy("an old part", "back"), null=True)
    returned_by_id = models.BigIntegerField(null=True)
    lab_finding = models.CharField(_("lab finding"), max_length=12, blank=True, choices=WorkOrder.LabFinding.choices)
    lab_at = models.DateTimeField(_("found"), null=True)
    lab_by_id = models.BigIntegerField(null=True)
    lab_note = models.CharField(_("note"), max_length=300, blank=True)
    undone_at = models.DateTimeField(null=True)
    undo = models.OneToOneField(Movement, models.PROTECT, related_name="+", null=True)
    receipt = models.OneToOneField(Movement, models.PROTECT, related_name="+", null=True)
    disposed_at = models.DateTimeField(null=True)
    disposed_by_id = models.BigIntegerField(null=True)
    disposal = models.OneToOneField(Movement, models.PROTECT, related_name="+", null=True)
    client_id = models.UUIDField(null=True, unique=True)

    objects = UsedPartQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="parts_used_serials", condition=Q(old_serial=Upper("old_serial"), new_serial=Upper("new_serial"))
            ),
            models.UniqueConstraint(
                name="parts_new_serial_once",
                fields=["part", "new_serial"],
                condition=~Q(new_serial="") & Q(undone_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="parts_old_serial_once",
                fields=["part", "old_serial"],
                condition=~Q(old_serial="") & Q(undone_at__isnull=True),
            ),
            models.CheckConstraint(
                name="parts_used_due",
                condition=Q(return_due_at__isnull=True) | Q(is_returnable=True, return_due_at__gt=F("used_at")),
            ),
            models.CheckConstraint(
                name="parts_found_of_returned",
                condition=Q(lab_finding="", lab_at__isnull=True)
                | Q(
                    lab_finding__in=["confirmed", "no_fault", "wrong_part", "misuse"],
                    lab_at__isnull=False,
                    returned_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="parts_undone_whole",
                condition=Q(undone_at__isnull=True, undo__isnull=True)
                | Q(undone_at__isnull=False, undo__isnull=False, returned_at__isnull=True)
                | Q(undone_at__isnull=False, undo__isnull=True, movement__isnull=True, returned_at__isnull=True),
            ),
            models.CheckConstraint(
                name="parts_used_from",
                condition=Q(movement__isnull=False, place__isnull=False)
                | Q(movement__isnull=True, place__isnull=True, machine_return__isnull=False, new_serial=""),
            ),
            models.UniqueConstraint(
                name="parts_machine_given_once",
                fields=["machine_return"],
                condition=Q(machine_return__isnull=False, undone_at__isnull=True),
            ),
            models.CheckConstraint(
                name="parts_disposed_of_found",
                condition=Q(disposal__isnull=True, disposed_at__isnull=True)
                | Q(disposal__isnull=False, disposed_at__isnull=False, receipt__isnull=False) & ~Q(lab_finding=""),
            ),
            models.CheckConstraint(
                name="parts_receipt_of_machine",
                condition=Q(receipt__isnull=True) | Q(machine_return__isnull=False, returned_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                name="parts_used_owed",
                fields=["return_due_at", "id"],
                condition=Q(return_due_at__isnull=False, returned_at__isnull=True, undone_at__isnull=True),
            ),
            models.Index(
                name="parts_used_in_lab",
                fields=["returned_at", "id"],
                condition=Q(returned_at__isnull=False, lab_finding="", undone_at__isnull=True),
            ),
            models.Index(
                name="parts_used_to_dispose",
                fields=["lab_at", "id"],
                condition=Q(receipt__isnull=False, disposal__isnull=True),
            ),
            models.Index(name="parts_used_old_serial", fields=["old_serial"], condition=~Q(old_serial="")),
        ]
        triggers: ClassVar = [stands("used_kept", "a used part", also_updates=False)]

    def __str__(self) -> str:
        return self.tag

    @property
    def old_part(self) -> Part:
        """Return what comes back: of an exchanged machine that which the customer had. Reads `machine_return__old_machine`."""
        return self.part if self.machine_return is None else self.machine_return.old_machine

    @property
    def tag(self) -> str:
        """Return what the label on the old part says: ``OP-000123-4``, the last digit by Damm's scheme."""
        return f"OP-{self.pk:06d}-{check_digit(f'{self.pk:06d}')}"
