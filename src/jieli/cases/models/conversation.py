"""What was said: with the customer, and between colleagues."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieli.cases.models.case import Bigrams, Case


class Message(models.Model):
    """One message of a case; a note is never visible outside. Its event vouches for the body by a digest keyed with `key`."""

    never_deleted = True
    app_columns = ("body", "key", "erased_at", "read_at")

    class Direction(models.TextChoices):
        """From the customer, to the customer, or between colleagues."""

        IN = "in", _("from the customer")
        OUT = "out", _("to the customer")
        NOTE = "note", _("note")

    case = models.ForeignKey(Case, models.PROTECT, related_name="messages", db_index=False)
    direction = models.CharField(max_length=4)
    author_kind = models.CharField(max_length=10)
    author_id = models.BigIntegerField(null=True)
    body = models.TextField(blank=True)
    key = models.UUIDField(null=True, default=uuid.uuid4)
    channel = models.CharField(max_length=10, blank=True)
    source_id = models.CharField(max_length=300, blank=True, help_text="the id in the channel, such as a Message-ID")
    phrases = ArrayField(
        models.CharField(max_length=60), default=list, help_text="forbidden phrases sent in spite of the warning"
    )
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="cases_message_direction", condition=Q(direction__in=["in", "out", "note"])),
            models.CheckConstraint(name="cases_message_said", condition=~Q(body="") | Q(erased_at__isnull=False)),
            models.CheckConstraint(
                name="cases_message_erased_whole",
                condition=Q(erased_at__isnull=True, key__isnull=False) | Q(erased_at__isnull=False, key__isnull=True, body=""),
            ),
            models.UniqueConstraint(name="cases_message_once", fields=["channel", "source_id"], condition=~Q(source_id="")),
        ]
        indexes: ClassVar = [
            models.Index(name="cases_message_of_case", fields=["case", "id"]),
            GinIndex(Bigrams("body"), name="cases_message_words"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.direction} {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_visible(self) -> bool:
        """Tell whether the customer sees it."""
        return self.direction != self.Direction.NOTE
