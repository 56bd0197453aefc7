"""Parts ordered for a visit that lacked them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.cases.models import Promise
from jieli.events.actor import Actor
from jieli.lib import clock
from jieli.lib.damm import check_digit
from jieli.orders.models import WorkOrder
from jieli.parts.models.master import Part
from jieli.parts.models.stock import Movement, Place, stands


class PartOrderQuerySet(models.QuerySet["PartOrder"]):
    """Part orders in the words of the domain."""

    def open(self) -> "PartOrderQuerySet":
        """Keep what has not come yet."""
        return self.filter(state__in=("ordered", "shipped"))

    def visible_to(self, actor: Actor) -> "PartOrderQuerySet":
        """Keep the part orders for, or from, places that an actor sees."""
        if actor.is_internal:
            return self
        seen = Place.objects.visible_to(actor).values("pk")
        return self.filter(Q(to_place__in=seen) | Q(from_place__in=seen))


class PartOrder(models.Model):
    """So many of a part for a place, because a work order lacks them; the customer was promised when they come."""

    never_deleted = True
    app_columns = (
        "state",
        "from_place",
        "shipped_at",
        "shipment",
        "waybill",
        "received_at",
        "receipt",
        "cancelled_at",
        "reason",
    )

    class State(models.TextChoices):
        """How far it is."""

        ORDERED = "ordered", pgettext_lazy("a part order", "ordered")
        SHIPPED = "shipped", pgettext_lazy("a part order", "shipped")
        RECEIVED = "received", pgettext_lazy("a part order", "received")
        CANCELLED = "cancelled", pgettext_lazy("a part order", "cancelled")

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", verbose_name=_("work order"))
    part = models.ForeignKey(Part, models.PROTECT, related_name="+", verbose_name=_("part"))
    quantity = models.PositiveIntegerField(_("quantity"))
    to_place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("parts", "for"))
    from_place = models.ForeignKey(
        Place, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=pgettext_lazy("parts", "from")
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.ORDERED)
    ordered_at = models.DateTimeField(pgettext_lazy("a part order", "ordered"), default=clock.now)
    ordered_by_id = models.BigIntegerField(null=True)
    due_at = models.DateTimeField(_("promised until"))
    promise = models.ForeignKey(Promise, models.PROTECT, related_name="+", null=True)
    shipped_at = models.DateTimeField(pgettext_lazy("a part order", "shipped"), null=True, blank=True)
    shipment = models.OneToOneField(Movement, models.PROTECT, related_name="+", null=True, blank=True)
    waybill = models.CharField(_("waybill"), max_length=60, blank=True)
    received_at = models.DateTimeField(pgettext_lazy("a part order", "received"), null=True, blank=True)
    receipt = models.OneToOneField(Movement, models.PROTECT, related_name="+", null=True, blank=True)
    cancelled_at = models.DateTimeField(pgettext_lazy("a part order", "cancelled"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = PartOrderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="parts_ordered_some", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="parts_order_state",
                condition=Q(
                    state="ordered",
                    shipment__isnull=True,
                    receipt__isnull=True,
                    cancelled_at__isnull=True,
                    shipped_at__isnull=True,
                )
                | Q(
                    state="shipped",
                    shipment__isnull=False,
                    shipped_at__isnull=False,
                    from_place__isnull=False,
                    receipt__isnull=True,
                    cancelled_at__isnull=True,
                )
                | Q(state="received", shipment__isnull=False, receipt__isnull=False, received_at__isnull=False)
                | Q(state="cancelled", shipment__isnull=True, cancelled_at__isnull=False) & ~Q(reason=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="parts_order_open", fields=["due_at", "id"], condition=Q(state__in=["ordered", "shipped"])),
        ]
        triggers: ClassVar = [stands("order_kept", "a part order", also_updates=False)]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Return the number people use: ``PO-000012-3``, the last digit by Damm's scheme."""
        return f"PO-{self.pk:06d}-{check_digit(f'{self.pk:06d}')}"
