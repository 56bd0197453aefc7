"""Imports of foreign histories: one row per run, and the steps that were read and wait to be written."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ImportRun(models.Model):
    """One import: of which source, from which bytes by which mapping, how far it is, and what it found.

    `digest` is over the file and the mapping: the same import again goes on where a killed one stopped. `done_through` is the
    last case key whose steps are written.
    """

    never_deleted = True

    class State(models.TextChoices):
        """How far it is."""

        WRITING = "writing", _("writing")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    source = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=State.WRITING)
    mapping = models.TextField(blank=True)
    started_by_id = models.BigIntegerField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    done_through = models.CharField(max_length=120, blank=True)
    steps = models.PositiveIntegerField(default=0)
    done_steps = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="intake_run_state_known",
                condition=Q(state__in=["writing", "done", "failed"]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="intake_run_again", fields=["digest", "-id"]),
            models.Index(name="intake_run_newest", fields=["-started_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"


class StagedStep(models.Model):
    """One step as it was read, waiting for its case to be written; gone when the run is done."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=120)
    at = models.DateTimeField()
    step = models.TextField(help_text="JSON of the step and of what it says about its case")

    class Meta:
        indexes: ClassVar = [models.Index(name="intake_staged_by_case", fields=["run", "key", "at", "id"])]

    def __str__(self) -> str:
        return f"{self.run_id} {self.key}"
