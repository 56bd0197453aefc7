"""The event table, its heads, texts and anchors, and the company clock's row."""

from datetime import timedelta
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CompanyNow(models.Func):
    """The company clock inside the database (``company_now()``)."""

    function = "company_now"
    output_field = models.DateTimeField()
    arity = 0


class CompanyClock(models.Model):
    """The single row from which ``company_now()`` reads: real, moved forward (demo) or frozen by a test's session."""

    app_columns = ("shift",)
    never_deleted = True

    class Mode(models.TextChoices):
        """Whether the clock may be moved (demo) or held (test)."""

        REAL = "real", _("real")
        DEMO = "demo", _("demo")
        TEST = "test", _("test")

    id = models.SmallIntegerField(primary_key=True, default=1)
    mode = models.CharField(max_length=4, choices=Mode.choices, default=Mode.REAL)
    shift = models.DurationField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="events_clock_single", condition=Q(id=1)),
            models.CheckConstraint(
                name="events_clock_real_stands",
                condition=~Q(mode="real") | Q(shift=timedelta(0)),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="only_forward",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=(
                    "if new.shift < old.shift then "
                    "raise exception 'the company clock moves only forward' using errcode = 'check_violation'; "
                    "end if; return new;"
                ),
            )
        ]


class EventQuerySet(models.QuerySet["Event"]):
    """Events by chain and kind."""

    def of_case(self, case_id: int) -> "EventQuerySet":
        """Keep the events of one case, in order."""
        return self.filter(stream="case", stream_id=case_id).order_by("sequence")


class Event(models.Model):
    """A fact that happened. The database numbers it, chains it by hash and refuses every change of it (spec 1, Events).

    `at` is when it happened, `recorded_at` when we learned it: they differ for imports and for phones that were offline.
    `previous` and `hash` are 32 bytes; `data` never holds personal or free text, only its keyed digest.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    stream = models.CharField(max_length=16)
    stream_id = models.BigIntegerField()
    sequence = models.IntegerField()
    at = models.DateTimeField(db_default=CompanyNow())
    recorded_at = models.DateTimeField(db_default=CompanyNow())
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=120, blank=True)
    type = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="events_one_per_sequence",
                fields=["stream", "stream_id", "sequence"],
            ),
            models.CheckConstraint(
                name="events_actor_kind",
                condition=Q(actor_kind__in=["staff", "customer", "rule", "system", "import"]),
            ),
            models.CheckConstraint(
                name="events_actor_known",
                condition=Q(actor_kind__in=["staff", "customer"], actor_id__isnull=False)
                | Q(actor_kind__in=["rule", "system", "import"], actor_id__isnull=True),
            ),
        ]
        indexes: ClassVar = [models.Index(name="events_by_type", fields=["type", "id"])]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="never_changed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=("raise exception 'an event is never changed or deleted' using errcode = 'restrict_violation';"),
            ),
            pgtrigger.Trigger(
                name="never_truncated",
                when=pgtrigger.Before,
                level=pgtrigger.Statement,
                operation=pgtrigger.Truncate,
                func="raise exception 'events are never truncated' using errcode = 'restrict_violation';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream}:{self.stream_id} #{self.sequence} {self.type}"


class EventText(models.Model):
    """A free or personal text of an event: outside the hash, which holds only its keyed digest, so that it can be erased."""

    never_deleted = True
    app_columns = ("body", "key", "erased_at")

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="texts", db_index=False)
    field = models.CharField(max_length=40)
    key = models.UUIDField(null=True)
    body = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="events_text_once", fields=["event", "field"]),
            models.CheckConstraint(
                name="events_text_erased_whole",
                condition=Q(erased_at__isnull=True, key__isnull=False) | Q(erased_at__isnull=False, key__isnull=True, body=""),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="only_erased",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=(
                    "if tg_op = 'DELETE' or old.erased_at is not null or new.erased_at is null "
                    "or not events_erasure_runs() then "
                    "raise exception 'a text of an event is only ever erased, by a certified erasure' "
                    "using errcode = 'restrict_violation'; end if; return new;"
                ),
            )
        ]


class Head(models.Model):
    """The last sequence and hash of a chain; only the database's own trigger writes it, `jieli verify` compares it."""

    owner_only = True

    pk = models.CompositePrimaryKey("stream", "stream_id")
    stream = models.CharField(max_length=16)
    stream_id = models.BigIntegerField()
    sequence = models.IntegerField()
    hash = models.BinaryField(max_length=32)
    xact = models.BigIntegerField(help_text="the transaction that appended last; constraint triggers ask for it")


class Anchor(models.Model):
    """A daily hash over the heads of all chains up to `last_event_id` (spec 1, Events)."""

    append_only = True

    on = models.DateField(unique=True)
    last_event_id = models.BigIntegerField()
    chains = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    made_at = models.DateTimeField(db_default=CompanyNow())

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="anchor_never_changed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="raise exception 'an anchor is never changed' using errcode = 'restrict_violation';",
            )
        ]
