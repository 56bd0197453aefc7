"""The rows of the network and what the database refuses about them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.people.models.units import Unit


class Outlet(models.Model):
    """What makes a unit an outlet: its type, tier and region decide its peer group (spec 6, Monthly grade)."""

    never_deleted = True

    class Type(models.TextChoices):
        """The site standard that it is built to."""

        FLAGSHIP = "flagship", _("flagship")
        CORE = "core", _("core")
        STANDARD = "standard", pgettext_lazy("an outlet", "standard")
        SATELLITE = "satellite", _("satellite")

    class Tier(models.TextChoices):
        """Its place in the four-tier network."""

        STAR_CENTRE = "star_centre", _("star service centre")
        OUTLET = "outlet", _("community outlet")

    class Status(models.TextChoices):
        """Whether it gets new orders; open ones are finished or moved."""

        ACTIVE = "active", pgettext_lazy("an outlet", "active")
        SUSPENDED = "suspended", _("suspended")
        ENDED = "ended", pgettext_lazy("an outlet", "ended")

    unit = models.OneToOneField(Unit, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("unit"))
    type = models.CharField(_("type"), max_length=12, choices=Type.choices, default=Type.STANDARD)
    tier = models.CharField(pgettext_lazy("an outlet", "tier"), max_length=12, choices=Tier.choices, default=Tier.OUTLET)
    region = models.CharField(_("region"), max_length=60, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    capacity_per_day = models.PositiveIntegerField(_("orders a day"), null=True, blank=True)
    product_lines = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("product lines"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    attributes = models.JSONField(default=dict, blank=True, help_text="columns of an import that have no place of their own")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="network_outlet_codes",
                condition=Q(
                    type__in=["flagship", "core", "standard", "satellite"],
                    tier__in=["star_centre", "outlet"],
                    status__in=["active", "suspended", "ended"],
                ),
            ),
            models.CheckConstraint(
                name="network_outlet_on_earth",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit)
