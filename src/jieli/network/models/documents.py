"""Papers of providers, outlets and engineers, and the days on which they end."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jieli.lib import clock
from jieli.network.models.engineers import Engineer
from jieli.network.models.outlets import Outlet
from jieli.network.models.providers import Provider


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents in the words of the domain."""

    def current(self) -> Self:
        """Keep those that were not put away."""
        return self.filter(ended_at__isnull=True)

    def expired(self, on: date) -> Self:
        """Keep those whose last day lies before this day."""
        return self.filter(expires_on__lt=on)


class Document(models.Model):
    """A paper of one provider, outlet or engineer; expired, it blocks dispatch of the work that needs it (spec 6).

    `kind` is a code of the policy `network`. Work that needs it is that of `product_lines` and `service_types`, an empty
    list standing for all; a paper that blocks nothing only reminds.
    """

    never_deleted = True

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="documents", null=True, blank=True)
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="documents", null=True, blank=True)
    engineer = models.ForeignKey(Engineer, models.PROTECT, related_name="documents", null=True, blank=True)
    kind = models.CharField(_("kind of document"), max_length=60)
    number = models.CharField(_("number"), max_length=80, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    blocks = models.BooleanField(_("blocks dispatch when expired"), default=True)
    product_lines = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("product lines"))
    service_types = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("service types"))
    ended_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=clock.now)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="network_document_of_one",
                condition=Q(provider__isnull=False, outlet__isnull=True, engineer__isnull=True)
                | Q(provider__isnull=True, outlet__isnull=False, engineer__isnull=True)
                | Q(provider__isnull=True, outlet__isnull=True, engineer__isnull=False),
            ),
            models.CheckConstraint(name="network_document_kind", condition=~Q(kind="")),
            models.CheckConstraint(
                name="network_document_expires_later",
                condition=Q(issued_on__isnull=True) | Q(expires_on__isnull=True) | Q(expires_on__gte=F("issued_on")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="network_document_expiry", fields=["expires_on"], condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}".strip()
