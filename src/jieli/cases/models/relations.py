"""How cases belong together."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jieli.cases.models.case import Case


class Relation(models.Model):
    """A tie from one case to another; `ended_at` when it was undone. `snapshot` holds what undoing a merge must restore."""

    never_deleted = True

    class Kind(models.TextChoices):
        """What `case` is to `other`."""

        CHILD_OF = "child_of", _("child of")
        DUPLICATE_OF = "duplicate_of", _("duplicate of")
        FOLLOW_UP_OF = "follow_up_of", _("follow-up of")
        MEMBER_OF = "member_of", _("member of the group case")
        IMPROVEMENT_OF = "improvement_of", _("improvement of")
        SPLIT_FROM = "split_from", _("split from")

    case = models.ForeignKey(Case, models.PROTECT, related_name="relations")
    other = models.ForeignKey(Case, models.PROTECT, related_name="relations_in")
    kind = models.CharField(max_length=16)
    snapshot = models.JSONField(default=dict)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="cases_relation_kind",
                condition=Q(
                    kind__in=[
                        "child_of",
                        "duplicate_of",
                        "follow_up_of",
                        "member_of",
                        "improvement_of",
                        "split_from",
                    ]
                ),
            ),
            models.CheckConstraint(name="cases_relation_to_another", condition=~Q(case=F("other"))),
            models.UniqueConstraint(
                name="cases_relation_once", fields=["case", "other", "kind"], condition=Q(ended_at__isnull=True)
            ),
            models.UniqueConstraint(
                name="cases_merged_into_one",
                fields=["case"],
                condition=Q(kind="duplicate_of", ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.other_id}"
