"""The worker's sign of life."""

from datetime import timedelta
from typing import cast

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
