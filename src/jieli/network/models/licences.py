"""The points ledger of the licence, and appeals against its postings."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.cases.models import Case
from jieli.lib import clock
from jieli.network.models.engineers import Engineer


def posting_kind_choices() -> list[tuple[str, str | Lazy]]:
    """Return what posts points (a callable keeps labels out of migrations)."""
    return list(LicencePosting.Kind.choices)


class LicencePosting(models.Model):
    """One line of an engineer's points ledger, never changed; the ledger read in order gives the balance (spec 6, Licence).

    `points` is what the line takes or gives by the policy in force then. A line of a beginning (issue, import, annual review,
    re-examination) says instead in `sets_to` with how many points the ledger begins anew. `balance` is what it came to then.
    `source` says which fact it comes from: one fact posts once. An upheld appeal takes a line out of the reckoning.
    """

    append_only = True

    class Kind(models.TextChoices):
        """What posts points, and what begins the ledger anew."""

        PROMISE_NOT_KEPT = "promise_not_kept", _("promise not kept")
        STANDARD_NOT_FOLLOWED = "standard_not_followed", _("standard not followed")
        VISITED_AGAIN = "visited_again", _("not fixed at first and visited again")
        PART_MISJUDGED = "part_misjudged", _("part misjudged")
        IMPROPER_CHARGE = "improper_charge", _("improper charge")
        INSULT_OR_FRAUD = "insult_or_fraud", _("insult or fraud")
        CUSTOMER_MOVED = "customer_moved", _("customer moved")
        ADOPTED_IMPROVEMENT = "adopted_improvement", _("adopted improvement")
        ISSUED = "issued", pgettext_lazy("licence", "issued")
        IMPORTED = "imported", pgettext_lazy("licence", "imported")
        REVIEWED = "reviewed", _("annual review")
        REEXAMINED = "reexamined", _("re-examination")

    engineer = models.ForeignKey(Engineer, models.PROTECT, related_name="postings", verbose_name=_("engineer"), db_index=False)
    kind = models.CharField(_("reason"), max_length=24, choices=posting_kind_choices)
    points = models.SmallIntegerField(_("points"), default=0)
    sets_to = models.PositiveSmallIntegerField(null=True, blank=True)
    balance = models.PositiveSmallIntegerField(_("balance"))
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("case"))
    source = models.CharField(max_length=120)
    note = models.CharField(_("note"), max_length=300, blank=True)
    policy = models.CharField(max_length=80)
    by_kind = models.CharField(max_length=10)
    by_id = models.BigIntegerField(null=True, blank=True)
    by_name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="network_posting_once", fields=["kind", "source"]),
            models.CheckConstraint(name="network_posting_balance", condition=Q(balance__gte=0, balance__lte=12)),
            models.CheckConstraint(name="network_posting_source", condition=~Q(source="")),
            models.CheckConstraint(
                name="network_posting_counts_or_begins",
                condition=Q(
                    kind__in=["issued", "imported", "reviewed", "reexamined"], points=0, sets_to__gte=0, sets_to__lte=12
                )
                | Q(
                    kind__in=[
                        "promise_not_kept",
                        "standard_not_followed",
                        "visited_again",
                        "part_misjudged",
                        "improper_charge",
                        "insult_or_fraud",
                    ],
                    points__lt=0,
                    sets_to__isnull=True,
                    case__isnull=False,
                )
                | Q(kind__in=["customer_moved", "adopted_improvement"], points__gt=0, sets_to__isnull=True, case__isnull=False),
            ),
        ]
        indexes: ClassVar = [models.Index(name="network_posting_ledger", fields=["engineer", "id"])]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="posting_never_changed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=(
                    "raise exception 'a posting of the licence is never changed or deleted' "
                    "using errcode = 'restrict_violation';"
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.points:+d}"


def appeal_decision_choices() -> list[tuple[str, str | Lazy]]:
    """Return how an appeal can end (a callable keeps labels out of migrations)."""
    return list(LicenceAppeal.Decision.choices)


class LicenceAppeal(models.Model):
    """An appeal against one posting: one each; upheld, the posting no longer counts."""

    never_deleted = True

    class Decision(models.TextChoices):
        """How it ended."""

        UPHELD = "upheld", pgettext_lazy("an appeal", "upheld")
        REFUSED = "refused", pgettext_lazy("an appeal", "refused")

    posting = models.OneToOneField(LicencePosting, models.PROTECT, related_name="appeal")
    reason = models.CharField(_("reason"), max_length=1000)
    by_id = models.BigIntegerField()
    made_at = models.DateTimeField(default=clock.now)
    decide_until = models.DateTimeField()
    decision = models.CharField(_("decision"), max_length=8, choices=appeal_decision_choices, blank=True)
    decision_reason = models.CharField(_("reason of the decision"), max_length=1000, blank=True)
    decided_by_id = models.BigIntegerField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="network_appeal_reasoned", condition=~Q(reason="")),
            models.CheckConstraint(
                name="network_appeal_decided_whole",
                condition=Q(decision="", decided_at__isnull=True, decided_by_id__isnull=True)
                | Q(decision__in=["upheld", "refused"], decided_at__isnull=False, decided_by_id__isnull=False)
                & ~Q(decision_reason=""),
            ),
            # Nobody decides on an appeal of his own.
            models.CheckConstraint(
                name="network_appeal_decided_by_another",
                condition=Q(decided_by_id__isnull=True) | ~Q(decided_by_id=models.F("by_id")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="network_appeal_open", fields=["decide_until"], condition=Q(decided_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.posting_id} {self.decision}"

    @property
    def is_overdue(self) -> bool:
        """Tell whether nobody decided it in time."""
        return self.decided_at is None and self.decide_until < clock.now()
