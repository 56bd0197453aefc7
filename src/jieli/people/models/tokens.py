"""API tokens; only their digest is stored."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from jieli.people.models.staff import ROLE_CODES, role_choices


class TokenQuerySet(models.QuerySet["Token"]):
    """Tokens in the words of the domain."""

    def valid(self) -> Self:
        """Keep those which still open the door: not revoked, of an active person."""
        return self.filter(revoked_at__isnull=True, staff__is_active=True)


class Token(models.Model):
    """A key by which a program acts as a person, narrowed to one role in one unit and to scopes."""

    never_deleted: ClassVar[bool] = True

    name = models.CharField(max_length=120)
    staff = models.ForeignKey("people.Staff", models.PROTECT, related_name="tokens")
    role = models.CharField(max_length=32, choices=role_choices)
    unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")
    scopes = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="people_token_role_known", condition=Q(role__in=ROLE_CODES)),
            models.CheckConstraint(
                name="people_token_scopes_known",
                condition=Q(scopes__contained_by=["read", "write", "settle"]),
            ),
            models.CheckConstraint(
                name="people_token_digest_is_sha256",
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_revoked(self, at: datetime) -> bool:
        """Say whether the token has been withdrawn by this instant."""
        return self.revoked_at is not None and self.revoked_at <= at
