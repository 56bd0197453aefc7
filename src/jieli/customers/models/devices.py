"""Devices of customers."""

from datetime import date
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from jieli.customers.models.customers import Customer
from jieli.lib import clock


class Device(models.Model):
    """One appliance, known by its serial when it has one; what the maker's systems add besides is in `attributes`."""

    never_deleted = True

    serial = models.CharField(_("serial number"), max_length=80, blank=True)
    product_line = models.CharField(_("product line"), max_length=80, blank=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="devices")
    bought_on = models.DateField(_("bought on"), null=True, blank=True)
    warranty_until = models.DateField(_("warranty until"), null=True, blank=True)
    extended_warranty_until = models.DateField(_("extended warranty until"), null=True, blank=True)
    genuine = models.BooleanField(_("genuine"), null=True, blank=True)
    produced_on = models.DateField(_("produced on"), null=True, blank=True)
    production_line = models.CharField(_("production line"), max_length=80, blank=True, default="", db_default="")
    batch = models.CharField(_("batch"), max_length=80, blank=True, default="", db_default="")
    supplier = models.CharField(_("supplier"), max_length=120, blank=True, default="", db_default="")
    delivery_route = models.CharField(_("delivery route"), max_length=200, blank=True, default="", db_default="")
    attributes = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="customers_serial_once", fields=["serial"], condition=~Q(serial="")),
            models.CheckConstraint(name="customers_serial_upper", condition=Q(serial=Upper("serial"))),
            models.CheckConstraint(
                name="customers_device_told_apart",
                condition=~Q(serial="") | ~Q(model="") | ~Q(product_line=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                name="customers_device_by_serial",
                fields=["serial"],
                opclasses=["text_pattern_ops"],
            ),
            models.Index(name="customers_device_by_batch", fields=["batch", "-id"], condition=~Q(batch="")),
            GinIndex(
                name="customers_serial_part",
                fields=["serial"],
                opclasses=["gin_trgm_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.serial or f"{self.product_line} {self.model}".strip()

    @property
    def covered_until(self) -> date | None:
        """Return the last day of the warranty, an extended one included; None when no end is known."""
        return max((day for day in (self.warranty_until, self.extended_warranty_until) if day), default=None)

    def in_warranty(self, on: date) -> bool | None:
        """Tell whether a warranty covers this day; None when its end is unknown."""
        return None if self.covered_until is None else on <= self.covered_until
