"""What belongs to a customer: contacts, further addresses, special dates, consent."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _

from jieli.customers.models.customers import Customer
from jieli.lib import clock


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


class Address(models.Model):
    """A further address of a customer; nobody's address is deleted, one that no longer holds has `ended_at`."""

    never_deleted = True

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="addresses", db_index=False)
    name = models.CharField(_("name"), max_length=60, blank=True)
    text = models.CharField(_("address"), max_length=500, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    ended_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="customers_address_given", condition=~Q(text="") | Q(erased_at__isnull=False)),
            models.CheckConstraint(
                name="customers_address_erased_is_blank",
                condition=Q(erased_at__isnull=True) | Q(name="", text="", latitude__isnull=True, longitude__isnull=True),
            ),
            models.CheckConstraint(
                name="customers_address_place_whole",
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
        ]
        indexes: ClassVar = [models.Index(name="customers_address_of", fields=["customer", "id"])]

    def __str__(self) -> str:
        return self.name or self.text or f"#{self.pk}"


class SpecialDate(models.Model):
    """A day that matters to a customer besides the birthday: a wedding day, a company's founding; returns each year or not."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="special_dates", db_index=False)
    name = models.CharField(_("name"), max_length=60)
    on = models.DateField(_("on"))
    is_yearly = models.BooleanField(_("every year"), default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="customers_specialdate_named", condition=~Q(name="")),
            models.UniqueConstraint(name="customers_specialdate_once", fields=["customer", "name", "on"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.on}"


class Consent(models.Model):
    """A customer's yes or no to one purpose, appended; the latest row of a purpose holds."""

    append_only = True

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="consents", db_index=False)
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
