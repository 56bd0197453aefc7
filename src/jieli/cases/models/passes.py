"""The baton pass: offered, then accepted, declined, withdrawn, lapsed or, when it went up, decided."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jieli.cases.models.case import Case


class Pass(models.Model):
    """An offer of a case to one person. Until it is accepted the giver owns the case (invariant 2).

    `way` is ``pass``, ``assign`` (by a rule or a supervisor; the supervisor's `candidates` are next when it lapses), ``upward``
    (to one's own superior, with a proposal, and decided instead of accepted: the case stays with the asker) or ``dispatch`` (as
    a work order, answered at its dispatch page, where time and engineer stand).
    `reasons` is the explanation of a rule: its name, policy version, who was considered, with which load.
    """

    never_deleted = True

    class Way(models.TextChoices):
        """How the offer came about."""

        PASS = "pass", _("pass")
        ASSIGN = "assign", _("assign")
        UPWARD = "upward", _("with a proposal, to the superior")
        DISPATCH = "dispatch", _("as a work order")

    class State(models.TextChoices):
        """Where the offer stands."""

        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("lapsed")
        DECIDED = "decided", _("decided")

    class Decision(models.TextChoices):
        """What a superior says to a proposal."""

        APPROVED = "approved", _("approved")
        CHANGED = "changed", _("changed")
        REFUSED = "refused", _("refused")

    case = models.ForeignKey(Case, models.PROTECT, related_name="pass_offers", db_index=False)
    way = models.CharField(max_length=8, default=Way.PASS)
    giver = models.ForeignKey("people.Staff", models.PROTECT, related_name="+")
    receiver = models.ForeignKey("people.Staff", models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("people.Staff", models.PROTECT, related_name="+", null=True)
    done = models.TextField(blank=True, help_text="what has been done")
    next = models.TextField(blank=True, help_text="what is to be done next")
    promised = models.CharField(max_length=300, blank=True, help_text="what was promised to the customer, until when")
    proposal = models.JSONField(null=True, help_text="options and the one recommended")
    candidates = models.JSONField(default=list, help_text="staff ids who are asked next when an assignment lapses")
    explanation = models.CharField(max_length=300, blank=True)
    reasons = models.JSONField(null=True, help_text="why a rule chose the receiver; empty for offers of people")
    state = models.CharField(max_length=10, default=State.OFFERED)
    offered_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_event = models.ForeignKey("events.Event", models.PROTECT, related_name="+", null=True)
    restatement = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    decision = models.CharField(max_length=10, blank=True)
    decision_text = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="cases_one_pending_pass", fields=["case"], condition=Q(state="offered")),
            models.CheckConstraint(
                name="cases_pass_state_known",
                condition=Q(state__in=["offered", "accepted", "declined", "withdrawn", "lapsed", "decided"]),
            ),
            models.CheckConstraint(name="cases_pass_way_known", condition=Q(way__in=["pass", "assign", "upward", "dispatch"])),
            models.CheckConstraint(
                name="cases_pass_reasons_of_rule", condition=Q(reasons__isnull=True) | Q(way="assign", asked_by__isnull=True)
            ),
            models.CheckConstraint(name="cases_pass_to_another", condition=~Q(giver=F("receiver"))),
            models.CheckConstraint(
                name="cases_pass_settled_has_event",
                condition=Q(state="offered", settled_at__isnull=True, settled_event__isnull=True)
                | (~Q(state="offered") & Q(settled_at__isnull=False, settled_event__isnull=False)),
            ),
            models.CheckConstraint(name="cases_pass_accepted_restates", condition=~Q(state="accepted") | ~Q(restatement="")),
            models.CheckConstraint(name="cases_pass_declined_reason", condition=~Q(state="declined") | ~Q(reason="")),
            models.CheckConstraint(
                name="cases_pass_upward_proposes",
                condition=~Q(way="upward") | Q(proposal__isnull=False),
            ),
            models.CheckConstraint(
                name="cases_pass_upward_decided",
                condition=(Q(way="upward") & ~Q(state="accepted")) | (~Q(way="upward") & ~Q(state="decided")),
            ),
            models.CheckConstraint(
                name="cases_pass_decision_known",
                condition=Q(state="decided", decision__in=["approved", "changed", "refused"])
                | (~Q(state="decided") & Q(decision="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="cases_pass_to", fields=["receiver", "offered_at"], condition=Q(state="offered")),
            models.Index(name="cases_pass_of_case", fields=["case", "id"]),
            models.Index(
                name="cases_pass_turns",
                fields=["receiver", "-offered_at"],
                condition=Q(way="assign", reasons__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.giver_id}→{self.receiver_id} {self.state}"
