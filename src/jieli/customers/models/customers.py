"""Customers and their tiers."""

from datetime import date
from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jieli.customers import visibility
from jieli.events.actor import Actor
from jieli.lib import clock


def tier_choices() -> list[tuple[str, Any]]:
    """Return the tiers, for model fields (a callable keeps labels out of migrations)."""
    return list(Tier.choices)


def kind_choices() -> list[tuple[str, Any]]:
    """Return the kinds of customers, for model fields."""
    return list(Customer.Kind.choices)


def temperament_choices() -> list[tuple[str, Any]]:
    """Return the temperaments, for model fields."""
    return list(Customer.Temperament.choices)


def _share(name: str, *fields: str) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            name=f"customers_{name}_{field}_0_100",
            condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0, f"{field}__lte": 100}),
        )
        for field in fields
    ]


class Tier(models.TextChoices):
    """The level of a customer; it changes promises and never removes the standard one (spec 2, Tier)."""

    STANDARD = "standard", _("standard")
    SILVER = "silver", _("silver")
    GOLD = "gold", _("gold")
    VIP = "vip", "VIP"


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Customers in the words of the domain."""

    def present(self) -> "CustomerQuerySet":
        """Keep those who were neither merged into another nor erased."""
        return self.filter(merged_into__isnull=True, erased_at__isnull=True)

    def visible_to(self, actor: Actor) -> "CustomerQuerySet":
        """Keep what the actor may see: all for the desk, else himself, or whom a registered app names."""
        if actor.is_internal or actor.has_role(*visibility.DESK_ROLES):
            return self
        if actor.kind == "customer" and actor.id is not None:
            return self.filter(pk=actor.id)
        seen = Q(pk__in=[])
        for customer_ids in visibility.sources():
            seen |= Q(pk__in=customer_ids(actor))
        return self.filter(seen)

    def lock(self, customer_id: int) -> "Customer":
        """Return one customer locked for change; raises Customer.DoesNotExist."""
        return self.select_for_update(of=("self",)).get(pk=customer_id)


class Customer(models.Model):
    """A person or organisation that we serve; `phone_digits` is the phone as it is compared and searched."""

    never_deleted = True

    class Kind(models.TextChoices):
        """Whether the customer is one person or an organisation."""

        PERSON = "person", _("person")
        ORGANISATION = "organisation", _("organisation")

    class Temperament(models.TextChoices):
        """How somebody is best talked with: an agent's guess, shown as guidance, never exported (spec 5, Temperament)."""

        LIVELY = "lively", _("lively")
        PERFECTIONIST = "perfectionist", _("perfectionist")
        POWERFUL = "powerful", _("powerful")
        QUIET = "quiet", _("quiet")

    code = models.CharField(_("code"), max_length=60, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=kind_choices, default=Kind.PERSON)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_digits = models.CharField(max_length=40, blank=True)
    phone_reversed = models.GeneratedField(
        expression=Reverse("phone_digits"),
        output_field=models.CharField(max_length=40),
        db_persist=True,
    )
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("address"), max_length=500, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    value = models.DecimalField(_("value"), max_digits=5, decimal_places=2, null=True, blank=True)
    importance = models.DecimalField(_("importance"), max_digits=5, decimal_places=2, null=True, blank=True)
    potential = models.DecimalField(_("potential"), max_digits=5, decimal_places=2, null=True, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    preferences = models.TextField(_("preferences"), blank=True)
    notes = models.TextField(_("notes"), blank=True)
    temperament = models.CharField(
        _("temperament"), max_length=13, choices=temperament_choices, blank=True, default="", db_default=""
    )
    attributes = models.JSONField(default=dict, blank=True)

    tier = models.CharField(_("tier"), max_length=8, choices=tier_choices, default=Tier.STANDARD)
    tier_score = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    tier_policy = models.CharField(max_length=80, blank=True)
    tier_scored_at = models.DateTimeField(null=True)

    legal_hold = models.CharField(max_length=300, blank=True)
    legal_hold_until = models.DateField(null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="customers_code_once", fields=["code"], condition=~Q(code="")),
            models.CheckConstraint(
                name="customers_customer_tier",
                condition=Q(tier__in=["standard", "silver", "gold", "vip"]),
            ),
            models.CheckConstraint(
                name="customers_customer_kind",
                condition=Q(kind__in=["person", "organisation"]),
            ),
            models.CheckConstraint(
                name="customers_customer_temperament",
                condition=Q(temperament__in=["", "lively", "perfectionist", "powerful", "quiet"]),
            ),
            models.CheckConstraint(
                name="customers_customer_named",
                condition=~Q(name="") | Q(erased_at__isnull=False),
            ),
            models.CheckConstraint(
                name="customers_erased_is_blank",
                condition=Q(erased_at__isnull=True)
                | Q(
                    name="",
                    phone="",
                    phone_digits="",
                    email="",
                    address="",
                    preferences="",
                    notes="",
                    temperament="",
                    code="",
                    latitude__isnull=True,
                    longitude__isnull=True,
                    birthday__isnull=True,
                    attributes={},
                ),
            ),
            models.CheckConstraint(
                name="customers_held_not_erased",
                condition=Q(legal_hold="") | Q(erased_at__isnull=True),
            ),
            models.CheckConstraint(
                name="customers_place_whole",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
            ),
            models.CheckConstraint(
                name="customers_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
            ),
            *_share("customer", "value", "importance", "potential", "tier_score"),
        ]
        indexes: ClassVar = [
            models.Index(
                name="customers_by_phone",
                fields=["phone_digits"],
                opclasses=["text_pattern_ops"],
            ),
            models.Index(
                name="customers_by_phone_end",
                fields=["phone_reversed"],
                opclasses=["text_pattern_ops"],
            ),
            models.Index(name="customers_by_email", fields=["email"], condition=~Q(email="")),
            models.Index(
                name="customers_by_name",
                fields=["name", "id"],
                opclasses=["text_pattern_ops", "int8_ops"],
            ),
            GinIndex(
                name="customers_name_similar",
                fields=["name"],
                opclasses=["gin_trgm_ops"],
            ),
            models.Index(name="customers_by_tier", fields=["tier", "-id"]),
            models.Index(
                name="customers_merged",
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="erased_stays_erased",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__erased_at__isnull=False, new__erased_at__isnull=True),
                func="raise exception 'an erased customer stays erased' using errcode = 'restrict_violation';",
            )
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    def is_held(self, on: date) -> bool:
        """Tell whether a legal hold forbids erasure on this day."""
        return bool(self.legal_hold) and (self.legal_hold_until is None or self.legal_hold_until >= on)

    @property
    def shown_name(self) -> str:
        """Return the name, or in its place that it was erased."""
        return self.name or gettext("(erased)")

    @property
    def is_erased(self) -> bool:
        """Tell whether the personal data were erased."""
        return self.erased_at is not None
