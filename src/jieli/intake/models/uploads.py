"""Files that an administrator brought by the browser: checked first, brought in when he says so."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Upload(models.Model):
    """One file with its mapping: where it lies, how far it is, what the check found and what came of it."""

    never_deleted = True

    class State(models.TextChoices):
        """How far it is; what is being checked or brought in is a job's."""

        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        IMPORTING = "importing", _("being imported")
        DONE = "done", _("imported")
        REFUSED = "refused", pgettext_lazy("an upload", "refused")

    WORKING: ClassVar[tuple[str, ...]] = ("checking", "importing")

    file_name = models.CharField(max_length=200)
    path = models.CharField(max_length=200, help_text="in the folder of imports")
    size = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    mapping = models.TextField(blank=True)
    state = models.CharField(max_length=10, default=State.CHECKING)
    by_id = models.BigIntegerField(help_text="the administrator")
    at = models.DateTimeField()
    changed_at = models.DateTimeField()
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict, blank=True)
    reason = models.TextField(blank=True, help_text="why it was refused")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="intake_upload_state_known",
                condition=Q(state__in=["checking", "checked", "importing", "done", "refused"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"

    @property
    def state_label(self) -> str:
        """Return the state in words."""
        return str(self.State(self.state).label)

    @property
    def is_working(self) -> bool:
        """Tell whether a job has it now."""
        return self.state in self.WORKING
