"""Outlets, and the areas that they serve."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.lib import clock
from jieli.network.models.providers import Provider
from jieli.people.models import Unit


class OutletQuerySet(models.QuerySet["Outlet"]):
    """Outlets in the words of the domain."""

    def under_paths(self, paths: tuple[str, ...]) -> Self:
        """Keep those whose unit lies in any of these subtrees; nothing when there is none."""
        return self.filter(unit__in=Unit.objects.under_paths(paths).values("pk"))

    def working(self) -> Self:
        """Keep those whose contract runs, the suspended among them."""
        return self.exclude(status=Outlet.Status.ENDED)

    def lock(self, outlet_id: int) -> "Outlet":
        """Return one outlet, locked for this transaction; raises Outlet.DoesNotExist."""
        return self.select_for_update(of=("self",)).get(pk=outlet_id)


class Outlet(models.Model):
    """What makes a unit an outlet: its type, tier and region decide its peer group (spec 6, Monthly grade).

    Its key is the key of its unit; name, code, leader and calendar are the unit's. `hours` are opening hours by weekday
    (``{"mon": [["08:00", "20:00"]]}``); empty: those of the unit's calendar. No `areas`: it serves what lies within its radius.
    """

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
    provider = models.ForeignKey(
        Provider, models.PROTECT, related_name="outlets", null=True, blank=True, verbose_name=_("provider")
    )
    type = models.CharField(_("type"), max_length=12, choices=Type.choices, default=Type.STANDARD)
    tier = models.CharField(pgettext_lazy("an outlet", "tier"), max_length=12, choices=Tier.choices, default=Tier.OUTLET)
    region = models.CharField(_("region"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    district = models.CharField(_("district code"), max_length=20, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    radius_km = models.DecimalField(_("service radius, km"), max_digits=6, decimal_places=2, null=True, blank=True)
    capacity_per_day = models.PositiveIntegerField(_("orders a day"), null=True, blank=True)
    product_lines = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("product lines"))
    hours = models.JSONField(_("opening hours"), default=dict, blank=True)
    contract_number = models.CharField(_("contract number"), max_length=60, blank=True)
    contract_from = models.DateField(_("contract from"), null=True, blank=True)
    contract_until = models.DateField(_("contract until"), null=True, blank=True)
    deposit_amount = models.DecimalField(_("deposit"), max_digits=12, decimal_places=2, null=True, blank=True)
    bank_account = models.CharField(_("bank account"), max_length=60, blank=True)
    contact_name = models.CharField(_("contact"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    status_reason = models.CharField(_("reason"), max_length=300, blank=True)
    status_at = models.DateTimeField(null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True, help_text="columns of an import that have no place of their own")
    changed_at = models.DateTimeField(default=clock.now)

    objects = OutletQuerySet.as_manager()

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
            models.CheckConstraint(
                name="network_outlet_amounts",
                condition=(Q(deposit_amount__isnull=True) | Q(deposit_amount__gte=0))
                & (Q(radius_km__isnull=True) | Q(radius_km__gte=0)),
            ),
            models.CheckConstraint(
                name="network_outlet_contract_ends_later",
                condition=Q(contract_from__isnull=True)
                | Q(contract_until__isnull=True)
                | Q(contract_until__gte=F("contract_from")),
            ),
            models.CheckConstraint(name="network_outlet_lines_given", condition=~Q(product_lines__contains=[""])),
        ]
        indexes: ClassVar = [
            models.Index(name="network_outlet_place", fields=["latitude", "longitude"]),
            models.Index(name="network_outlet_region", fields=["region", "tier"]),
        ]

    def __str__(self) -> str:
        return str(self.unit)


def area_kind_choices() -> list[tuple[str, str | Lazy]]:
    """Return how an area is described (a callable keeps labels out of migrations)."""
    return list(OutletArea.Kind.choices)


class OutletArea(models.Model):
    """An area that an outlet serves: a district by its code and all below it, or a polygon of GeoJSON with its bounds."""

    class Kind(models.TextChoices):
        """How the area is described."""

        DISTRICT = "district", _("district")
        POLYGON = "polygon", _("drawn on the map")

    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="areas", verbose_name=_("outlet"))
    kind = models.CharField(_("kind of area"), max_length=10, choices=area_kind_choices)
    name = models.CharField(_("name"), max_length=120, blank=True)
    district = models.CharField(_("district code"), max_length=20, blank=True)
    polygon = models.JSONField(_("outline"), null=True, blank=True)
    south = models.FloatField(null=True, editable=False)
    north = models.FloatField(null=True, editable=False)
    west = models.FloatField(null=True, editable=False)
    east = models.FloatField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="network_area_described",
                condition=Q(kind="district", polygon__isnull=True, south__isnull=True) & ~Q(district="")
                | Q(
                    kind="polygon",
                    district="",
                    polygon__isnull=False,
                    south__gte=-90,
                    north__lte=90,
                    north__gte=F("south"),
                    west__gte=-180,
                    east__lte=180,
                    east__gte=F("west"),
                ),
            ),
            models.UniqueConstraint(name="network_area_once", fields=["outlet", "district"], condition=~Q(district="")),
        ]
        indexes: ClassVar = [
            models.Index(name="network_area_district", fields=["district"], condition=~Q(district="")),
            models.Index(name="network_area_bounds", fields=["south", "north"], condition=Q(kind="polygon")),
        ]

    def __str__(self) -> str:
        return self.name or self.district or f"#{self.pk}"
