"""The part master: what parts there are, what they fit, and what may stand in for them."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from jieli.lib import clock


class Part(models.Model):
    """One spare part, or a whole machine that is given in exchange; it has to come back unless the master says no.

    A refurbished machine is stocked under a code of its own, so that nobody gets one for a new one, which `refurbished_of` is.
    """

    never_deleted = True

    class Kind(models.TextChoices):
        """What is stocked under the code."""

        PART = "part", pgettext_lazy("a stocked thing", "part")
        MACHINE = "machine", pgettext_lazy("a stocked thing", "whole machine")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.PART)
    price_amount = models.DecimalField(_("price"), max_digits=10, decimal_places=2, null=True, blank=True)
    warranty_code = models.CharField(_("warranty code"), max_length=40, blank=True)
    is_returnable = models.BooleanField(_("comes back"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)
    refurbished_of = models.OneToOneField(
        "self", models.PROTECT, related_name="refurbished", null=True, blank=True, verbose_name=_("refurbished from")
    )
    attributes = models.JSONField(default=dict, blank=True, help_text="columns of an import that have no place of their own")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="parts_part_code", condition=Q(code=Upper("code")) & ~Q(code="")),
            models.CheckConstraint(name="parts_part_named", condition=~Q(name="")),
            models.CheckConstraint(name="parts_part_kind", condition=Q(kind__in=["part", "machine"])),
            models.CheckConstraint(name="parts_part_price", condition=Q(price_amount__isnull=True) | Q(price_amount__gte=0)),
            models.CheckConstraint(
                name="parts_only_machines_refurbished", condition=Q(refurbished_of__isnull=True) | Q(kind="machine")
            ),
        ]
        indexes: ClassVar = [
            GinIndex(name="parts_part_by_code", fields=["code"], opclasses=["gin_trgm_ops"]),
            GinIndex(name="parts_part_by_name", fields=["name"], opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def label(self) -> str:
        """Return the name in the reader's language where there is one."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class PartFit(models.Model):
    """A model, or with an empty model a whole product line, in which a part is used; a part without any fits everything."""

    part = models.ForeignKey(Part, models.CASCADE, related_name="fits", db_index=False)
    product_line = models.CharField(_("product line"), max_length=80)
    model = models.CharField(_("model"), max_length=120, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="parts_fit_once", fields=["part", "product_line", "model"]),
            models.CheckConstraint(name="parts_fit_line", condition=~Q(product_line="")),
        ]
        indexes: ClassVar = [models.Index(name="parts_fit_of_model", fields=["product_line", "model"])]

    def __str__(self) -> str:
        return f"{self.product_line} {self.model}".strip()


class Substitute(models.Model):
    """A part that may be used in place of another."""

    part = models.ForeignKey(Part, models.CASCADE, related_name="substitutes", db_index=False)
    substitute = models.ForeignKey(Part, models.CASCADE, related_name="stands_in_for")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="parts_substitute_once", fields=["part", "substitute"]),
            models.CheckConstraint(name="parts_substitute_other", condition=~Q(part=F("substitute"))),
        ]
