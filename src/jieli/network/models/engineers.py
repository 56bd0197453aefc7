"""Engineers and what they can do."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.lib import clock
from jieli.network.models.outlets import Outlet
from jieli.people.models import Staff


def level_choices() -> list[tuple[str, str | Lazy]]:
    """Return the levels of the licence, lowest first (a callable keeps labels out of migrations)."""
    return list(Engineer.Level.choices)


def vehicle_choices() -> list[tuple[str, str | Lazy]]:
    """Return what an engineer moves by (a callable keeps labels out of migrations)."""
    return list(Engineer.Vehicle.choices)


def skill_level_choices() -> list[tuple[int, str | Lazy]]:
    """Return the grades of a skill, lowest first (a callable keeps labels out of migrations)."""
    return list(Skill.Level.choices)


class EngineerQuerySet(models.QuerySet["Engineer"]):
    """Engineers in the words of the domain."""

    def working(self) -> Self:
        """Keep those who have not left."""
        return self.filter(ended_on__isnull=True, staff__is_active=True)

    def lock(self, engineer_id: int) -> "Engineer":
        """Return one engineer, locked for this transaction: his ledger waits; raises Engineer.DoesNotExist."""
        return self.select_for_update(of=("self",)).get(pk=engineer_id)


class Engineer(models.Model):
    """What makes a member of staff an engineer: outlet, licence, home, day; its key is the key of the person (spec 6).

    `points` and `revoked_at` are what the ledger of postings comes to; only the actions of the licence write them.
    `shifts` are hours by weekday (``{"mon": [["08:00", "12:00"], ["13:00", "18:00"]]}``); empty: the hours of his outlet.
    """

    never_deleted = True

    class Level(models.TextChoices):
        """The level of the licence."""

        TECHNICIAN = "technician", pgettext_lazy("licence", "technician")
        ENGINEER = "engineer", pgettext_lazy("licence", "engineer")
        SENIOR = "senior", pgettext_lazy("licence", "senior engineer")
        GOLD = "gold", pgettext_lazy("licence", "gold engineer")

    class Vehicle(models.TextChoices):
        """The class of speed of what he moves by."""

        CAR = "car", _("car")
        MOTORCYCLE = "motorcycle", _("motorcycle")

    staff = models.OneToOneField(
        Staff, models.PROTECT, primary_key=True, related_name="+", verbose_name=pgettext_lazy("an engineer", "person")
    )
    outlet = models.ForeignKey(
        Outlet, models.PROTECT, related_name="engineers", null=True, blank=True, verbose_name=_("outlet")
    )
    level = models.CharField(_("level"), max_length=12, choices=level_choices, default=Level.TECHNICIAN)
    level_since = models.DateField(_("at this level since"), null=True, blank=True)
    licence_number = models.CharField(_("licence number"), max_length=60, blank=True)
    licence_issued_on = models.DateField(_("licence issued on"), null=True, blank=True)
    licence_expires_on = models.DateField(_("licence valid until"), null=True, blank=True)
    points = models.PositiveSmallIntegerField(_("points"), default=12)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    coach = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("coach"))
    home_address = models.CharField(_("home address"), max_length=300, blank=True)
    home_latitude = models.DecimalField(_("home latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    home_longitude = models.DecimalField(_("home longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    capacity_per_day = models.PositiveSmallIntegerField(_("orders a day"), null=True, blank=True)
    shifts = models.JSONField(_("shifts"), default=dict, blank=True)
    vehicle = models.CharField(_("vehicle"), max_length=12, choices=vehicle_choices, default=Vehicle.CAR)
    ended_on = models.DateField(_("left on"), null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True, help_text="columns of an import that have no place of their own")
    changed_at = models.DateTimeField(default=clock.now)

    objects = EngineerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="network_engineer_codes",
                condition=Q(level__in=["technician", "engineer", "senior", "gold"], vehicle__in=["car", "motorcycle"]),
            ),
            models.CheckConstraint(name="network_engineer_points", condition=Q(points__gte=0, points__lte=12)),
            # Zero points revoke; a revoked licence comes back with the points of the re-examination only.
            models.CheckConstraint(
                name="network_engineer_revoked_at_zero",
                condition=Q(points=0, revoked_at__isnull=False) | Q(points__gt=0, revoked_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="network_engineer_licence_once", fields=["licence_number"], condition=~Q(licence_number="")
            ),
            models.CheckConstraint(
                name="network_engineer_licence_expires_later",
                condition=Q(licence_issued_on__isnull=True)
                | Q(licence_expires_on__isnull=True)
                | Q(licence_expires_on__gte=F("licence_issued_on")),
            ),
            models.CheckConstraint(
                name="network_engineer_home_on_earth",
                condition=Q(home_latitude__isnull=True, home_longitude__isnull=True)
                | Q(home_latitude__gte=-90, home_latitude__lte=90, home_longitude__gte=-180, home_longitude__lte=180),
            ),
            models.CheckConstraint(
                name="network_engineer_not_own_coach", condition=Q(coach__isnull=True) | ~Q(coach=F("staff"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.staff)


class Skill(models.Model):
    """For which product line an engineer's licence holds, at which grade and until when; no service types: for all of them."""

    class Level(models.IntegerChoices):
        """The grade of the skill."""

        BASIC = 1, pgettext_lazy("skill", "basic")
        MIDDLE = 2, pgettext_lazy("skill", "middle")
        HIGH = 3, pgettext_lazy("skill", "high")

    engineer = models.ForeignKey(Engineer, models.PROTECT, related_name="skills", verbose_name=_("engineer"), db_index=False)
    product_line = models.CharField(_("product line"), max_length=60)
    level = models.PositiveSmallIntegerField(pgettext_lazy("skill", "level"), choices=skill_level_choices, default=Level.BASIC)
    service_types = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("service types"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="network_skill_once", fields=["engineer", "product_line"]),
            models.CheckConstraint(name="network_skill_named", condition=~Q(product_line="")),
            models.CheckConstraint(name="network_skill_level", condition=Q(level__gte=1, level__lte=3)),
            models.CheckConstraint(
                name="network_skill_types",
                condition=Q(
                    service_types__contained_by=["design", "guidance", "installation", "repair", "maintenance", "check"]
                ),
            ),
        ]
        indexes: ClassVar = [models.Index(name="network_skill_line", fields=["product_line"])]

    def __str__(self) -> str:
        return self.product_line
