"""The worker's sign of life."""

from datetime import timedelta
from typing import ClassVar, cast

from django.db import connection, models
from django.db.models.functions import Now


class Heartbeat(models.Model):
    """When each worker process was last alive, in machine time (not company time, which may be moved)."""

    worker = models.CharField(max_length=100, primary_key=True)
    beat_at = models.DateTimeField(db_default=Now())
    swept_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.worker} {self.beat_at:%H:%M:%S}"

    @classmethod
    def youngest_age(cls) -> timedelta | None:
        """Return how long ago any worker was last alive, or None when none ever was."""
        with connection.cursor() as cursor:
            cursor.execute("select clock_timestamp() - max(beat_at) from config_heartbeat")
            return cast("timedelta | None", cursor.fetchone()[0])


class KeptAnswer(models.Model):
    """The answer to a POST with an ``Idempotency-Key``, kept for a day; `request` is the digest of what was asked.

    `token` is the digest of the token, `operation` the route, `body` the sealed answer. A row is written in the transaction of
    the act.
    """

    token = models.CharField(max_length=64)
    operation = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="config_answer_once", fields=["token", "operation", "key"])]
        indexes: ClassVar = [models.Index(name="config_answer_age", fields=["kept_at"])]

    def __str__(self) -> str:
        return f"{self.operation} {self.key} {self.status}"
