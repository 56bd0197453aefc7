"""The legal entities above the outlets."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.lib import clock


def provider_status_choices() -> list[tuple[str, str | Lazy]]:
    """Return the states of a provider (a callable keeps labels out of migrations)."""
    return list(Provider.Status.choices)


class Provider(models.Model):
    """A legal entity that runs outlets: contract, capital, bank account, exclusivity; paid as one (spec 6, Provider)."""

    never_deleted = True

    class Status(models.TextChoices):
        """Whether the contract runs."""

        ACTIVE = "active", pgettext_lazy("a provider", "active")
        ENDED = "ended", pgettext_lazy("a provider", "ended")

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    legal_person = models.CharField(_("legal representative"), max_length=100, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    capital_amount = models.DecimalField(_("registered capital"), max_digits=14, decimal_places=2, null=True, blank=True)
    contract_number = models.CharField(_("contract number"), max_length=60, blank=True)
    contract_from = models.DateField(_("contract from"), null=True, blank=True)
    contract_until = models.DateField(_("contract until"), null=True, blank=True)
    is_exclusive = models.BooleanField(_("works for us alone"), default=False)
    bank_name = models.CharField(_("bank"), max_length=120, blank=True)
    bank_holder = models.CharField(_("account holder"), max_length=120, blank=True)
    bank_account = models.CharField(_("bank account"), max_length=60, blank=True)
    contact_name = models.CharField(_("contact"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=provider_status_choices, default=Status.ACTIVE)
    attributes = models.JSONField(default=dict, blank=True, help_text="columns of an import that have no place of their own")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="network_provider_named", condition=~Q(code="") & ~Q(name="")),
            models.CheckConstraint(name="network_provider_status", condition=Q(status__in=["active", "ended"])),
            models.CheckConstraint(
                name="network_provider_capital", condition=Q(capital_amount__isnull=True) | Q(capital_amount__gte=0)
            ),
            models.CheckConstraint(
                name="network_provider_contract_ends_later",
                condition=Q(contract_from__isnull=True)
                | Q(contract_until__isnull=True)
                | Q(contract_until__gte=F("contract_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name
