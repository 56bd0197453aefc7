"""Evidence: what was kept, of which case, with its digest; the bytes lie in the data folder."""

import uuid
from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieli.lib import clock

# What may never change after the upload; erasure blanks `name`, `path`, `thumbnail` and the place, nothing else.
_FIXED = (
    "id", "key", "case_id", "message_id", "content_type", "kind", "size", "sha256", "uploaded_by_kind", "uploaded_by_id",
    "uploaded_at",
)  # fmt: skip

_PROTECT = f"""
if tg_op = 'DELETE' then
    raise exception 'evidence is never deleted' using errcode = 'restrict_violation';
end if;
if ({", ".join(f"new.{name}" for name in _FIXED)}) is distinct from ({", ".join(f"old.{name}" for name in _FIXED)}) then
    raise exception 'the digest, size and origin of evidence never change' using errcode = 'restrict_violation';
end if;
if old.erased_at is not null then
    raise exception 'erased evidence never changes' using errcode = 'restrict_violation';
end if;
if old.sealed_at is not null and new.sealed_at is distinct from old.sealed_at then
    raise exception 'sealed evidence stays sealed' using errcode = 'restrict_violation';
end if;
if new.erased_at is not null then
    if not events_erasure_runs() then
        raise exception 'evidence is only ever erased by a certified erasure' using errcode = 'restrict_violation';
    end if;
    if new.name <> '' or new.path <> '' or new.thumbnail <> '' or new.uploaded_by_name <> ''
       or new.latitude is not null or new.longitude is not null then
        raise exception 'erased evidence keeps only its digest, size and times' using errcode = 'restrict_violation';
    end if;
    return new;
end if;
if new.path <> old.path or new.name <> old.name or new.uploaded_by_name <> old.uploaded_by_name
   or new.taken_at is distinct from old.taken_at
   or new.latitude is distinct from old.latitude or new.longitude is distinct from old.longitude then
    raise exception 'evidence is kept as it was uploaded' using errcode = 'restrict_violation';
end if;
if old.sealed_at is not null and (new.thumbnail <> old.thumbnail or new.customer_sees <> old.customer_sees) then
    raise exception 'sealed evidence never changes' using errcode = 'restrict_violation';
end if;
return new;
"""


def kind_choices() -> list[tuple[str, Any]]:
    """Return the kinds of files, for model fields (a callable keeps labels out of migrations)."""
    return list(Evidence.Kind.choices)


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Evidence in the words of the domain."""

    def of_case(self, case_id: int) -> "EvidenceQuerySet":
        """Keep the evidence of one case, oldest first."""
        return self.filter(case_id=case_id).order_by("id")

    def kept(self) -> "EvidenceQuerySet":
        """Keep what still has its bytes."""
        return self.filter(erased_at__isnull=True)


class Evidence(models.Model):
    """One file of a case, as it was uploaded; `path` is below the ``files`` folder, empty once erased.

    `key` is the unguessable name in addresses; the permission is asked all the same.
    """

    never_deleted = True
    app_columns = ("name", "path", "thumbnail", "uploaded_by_name", "latitude", "longitude", "taken_at",
                   "customer_sees", "sealed_at", "erased_at")  # fmt: skip

    class Kind(models.TextChoices):
        """What the bytes are, as sniffed."""

        IMAGE = "image", _("picture")
        DOCUMENT = "document", _("document")
        AUDIO = "audio", _("recording")
        VIDEO = "video", _("video")

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    case_id = models.BigIntegerField()
    message_id = models.BigIntegerField(null=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    kind = models.CharField(max_length=8, choices=kind_choices)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200, blank=True)
    thumbnail = models.CharField(max_length=200, blank=True)
    uploaded_by_kind = models.CharField(max_length=10)
    uploaded_by_id = models.BigIntegerField(null=True)
    uploaded_by_name = models.CharField(max_length=120, blank=True)
    uploaded_at = models.DateTimeField(default=clock.now)
    taken_at = models.DateTimeField(null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    customer_sees = models.BooleanField(default=False)
    sealed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="files_size_positive", condition=Q(size__gt=0)),
            models.CheckConstraint(name="files_digest_hex", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="files_bytes_unless_erased",
                condition=~Q(path="") | Q(erased_at__isnull=False),
            ),
            models.CheckConstraint(
                name="files_kind",
                condition=Q(kind__in=["image", "document", "audio", "video"]),
            ),
            models.CheckConstraint(
                name="files_place_whole",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
            ),
            models.UniqueConstraint(name="files_path_once", fields=["path"], condition=~Q(path="")),
        ]
        indexes: ClassVar = [
            models.Index(name="files_by_case", fields=["case_id", "id"]),
            models.Index(
                name="files_by_message",
                fields=["message_id"],
                condition=Q(message_id__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="evidence_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_PROTECT,
            ),
            pgtrigger.Trigger(
                name="evidence_never_truncated",
                when=pgtrigger.Before,
                level=pgtrigger.Statement,
                operation=pgtrigger.Truncate,
                func="raise exception 'evidence is never truncated' using errcode = 'restrict_violation';",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.sha256[:12]
