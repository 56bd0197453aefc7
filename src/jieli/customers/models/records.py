"""What is kept about customers as a whole: merges, certificates of erasure, segments."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jieli.customers.models.customers import Customer
from jieli.lib import clock


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


class Segment(models.Model):
    """A saved filter of the list of customers (客户细分); it holds no words of a customer, so an erasure leaves it as it is."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    filters = models.JSONField()
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="customers_segment_named", condition=~Q(name="")),
            models.CheckConstraint(name="customers_segment_filters", condition=~Q(filters={})),
        ]

    def __str__(self) -> str:
        return self.name
