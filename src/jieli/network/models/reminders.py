"""What was reminded of, so that nobody is reminded twice."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise as Lazy
from django.utils.translation import pgettext_lazy

from jieli.lib import clock


def about_choices() -> list[tuple[str, str | Lazy]]:
    """Return what ends or falls due in the network (a callable keeps labels out of migrations)."""
    return list(Reminder.About.choices)


class Reminder(models.Model):
    """Somebody was reminded of a last day, so many days before it: of each thing, last day and number of days once.

    `about_id` is the key of the document, outlet, provider, engineer or appeal. A renewed paper has another last day, and is
    reminded of anew.
    """

    append_only = True

    class About(models.TextChoices):
        """What ends or falls due."""

        DOCUMENT = "document", pgettext_lazy("what ends", "document")
        OUTLET_CONTRACT = "outlet_contract", pgettext_lazy("what ends", "contract of the outlet")
        PROVIDER_CONTRACT = "provider_contract", pgettext_lazy("what ends", "contract of the provider")
        LICENCE = "licence", pgettext_lazy("what ends", "licence")
        APPEAL = "appeal", pgettext_lazy("what ends", "appeal")

    about = models.CharField(max_length=20, choices=about_choices)
    about_id = models.BigIntegerField()
    last_day = models.DateField()
    days_before = models.PositiveSmallIntegerField()
    told = models.PositiveSmallIntegerField(help_text="how many people were told")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="network_reminded_once", fields=["about", "about_id", "last_day", "days_before"]),
            models.CheckConstraint(
                name="network_reminder_about",
                condition=Q(about__in=["document", "outlet_contract", "provider_contract", "licence", "appeal"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.about_id} {self.last_day}"
