"""Customers, contacts, devices, consent, merges and certificates of erasure."""

from datetime import date
from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse, Upper
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


class Contact(models.Model):
    """A person who speaks for a customer; nobody is deleted, a contact who left has `ended_at`."""

    never_deleted = True

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contacts")
    name = models.CharField(_("name"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_digits = models.CharField(max_length=40, blank=True)
    phone_reversed = models.GeneratedField(
        expression=Reverse("phone_digits"),
        output_field=models.CharField(max_length=40),
        db_persist=True,
    )
    email = models.EmailField(_("e-mail"), blank=True)
    role = models.CharField(_("role"), max_length=100, blank=True)
    ended_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="customers_contact_named",
                condition=~Q(name="") | Q(erased_at__isnull=False),
            ),
            models.CheckConstraint(
                name="customers_contact_erased_is_blank",
                condition=Q(erased_at__isnull=True) | Q(name="", phone="", phone_digits="", email="", role=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                name="customers_contact_by_phone",
                fields=["phone_digits"],
                opclasses=["text_pattern_ops"],
            ),
            models.Index(
                name="customers_contact_phone_end",
                fields=["phone_reversed"],
                opclasses=["text_pattern_ops"],
            ),
            models.Index(
                name="customers_contact_by_email",
                fields=["email"],
                condition=~Q(email=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class Device(models.Model):
    """One appliance, known by its serial when it has one; what the maker's systems add is in `attributes`."""

    never_deleted = True

    serial = models.CharField(_("serial number"), max_length=80, blank=True)
    product_line = models.CharField(_("product line"), max_length=80, blank=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="devices")
    bought_on = models.DateField(_("bought on"), null=True, blank=True)
    warranty_until = models.DateField(_("warranty until"), null=True, blank=True)
    genuine = models.BooleanField(_("genuine"), null=True, blank=True)
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
            GinIndex(
                name="customers_serial_part",
                fields=["serial"],
                opclasses=["gin_trgm_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.serial or f"{self.product_line} {self.model}".strip()

    def in_warranty(self, on: date) -> bool | None:
        """Tell whether the warranty covers this day; None when its end is unknown."""
        return None if self.warranty_until is None else on <= self.warranty_until


class Consent(models.Model):
    """A customer's yes or no to one purpose, appended; the latest row of a purpose holds."""

    append_only = True

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=60)
    given = models.BooleanField(_("given"))
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="customers_consent_purpose", condition=~Q(purpose="")),
        ]
        indexes: ClassVar = [models.Index(name="customers_consent_latest", fields=["customer", "purpose", "-id"])]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.given}"


class Merge(models.Model):
    """One customer merged into another, with the ids of every row that moved, so that it can be undone."""

    never_deleted = True
    app_columns = ("undone_at",)

    kept = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    merged = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    moved = models.JSONField(default=dict)
    filled = models.JSONField(default=list)
    by_kind = models.CharField(max_length=10)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(default=clock.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="customers_merged_once",
                fields=["merged"],
                condition=Q(undone_at__isnull=True),
            ),
            models.CheckConstraint(name="customers_merge_of_two", condition=~Q(kept=F("merged"))),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.kept_id}"


class ErasureCertificate(models.Model):
    """Proof that a customer's personal data were erased: what, how many, by whom, when; `digest` is its SHA-256."""

    append_only = True

    customer = models.OneToOneField(Customer, models.PROTECT, related_name="certificate")
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=10)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300)
    counts = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="customers_certificate_digest", condition=Q(digest__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(name="customers_certificate_reason", condition=~Q(reason="")),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="certificate_never_changed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=(
                    "raise exception 'a certificate of erasure is never changed or deleted' "
                    "using errcode = 'restrict_violation';"
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.digest[:12]}"
