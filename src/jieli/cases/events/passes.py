"""Offers of the baton, their answers, and the escort."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.cases.events.base import CaseFact
from jieli.cases.events.owners import OwnerChanged
from jieli.cases.models.because import becauses
from jieli.events.facts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfPass(CaseFact):
    staff_fields: ClassVar[tuple[str, ...]] = ("giver_id", "receiver_id")

    pass_id: int
    giver_id: int
    receiver_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Accepted(OwnerChanged):
    staff_fields: ClassVar = ("owner_id", "from_id", "escort_id")

    pass_id: int
    restatement: Text
    escort_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOffered(_OfPass):
    """The owner offered the baton, or a rule did; the owner keeps it until it is accepted.

    `reasons` is why a rule chose the receiver: the rule, its policy version, who was considered with which load, what decided.
    """

    type: ClassVar[str] = "cases.pass_offered"
    sentence: ClassVar = _("%(giver_id)s offered it to %(receiver_id)s; %(giver_id)s keeps it until it is accepted")
    staff_fields: ClassVar = ("giver_id", "receiver_id", "asked_by_id")

    way: str
    answer_due_at: datetime
    explanation: str = ""
    reasons: dict[str, Any] | None = None
    asked_by_id: int | None = None
    done: Text = ""
    next: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassAccepted(_Accepted):
    """The receiver restated the need and has the baton; the giver stays as escort."""

    type: ClassVar[str] = "cases.pass_accepted"
    sentence: ClassVar = _("%(owner_id)s accepted it from %(from_id)s: “%(restatement)s”")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentAccepted(_Accepted):
    """The one to whom the case was assigned accepted it."""

    type: ClassVar[str] = "cases.assignment_accepted"
    sentence: ClassVar = _("%(owner_id)s accepted the assignment: “%(restatement)s”")


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyFound(CaseFact):
    """An automatic rule found nobody (more) to ask; the duty officer keeps the case. `reasons` says why, as in an offer."""

    type: ClassVar[str] = "cases.nobody_found"
    sentence: ClassVar = _("Nobody to ask was found; it stays with %(duty_id)s, who is on duty")
    staff_fields: ClassVar = ("duty_id",)

    duty_id: int
    reasons: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassDeclined(_OfPass):
    """The receiver declined with a reason; the giver still has it."""

    type: ClassVar[str] = "cases.pass_declined"
    sentence: ClassVar = _("%(receiver_id)s declined: %(reason)s")

    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PassWithdrawn(_OfPass):
    """The offer was taken back."""

    type: ClassVar[str] = "cases.pass_withdrawn"
    sentence: ClassVar = _("The offer to %(receiver_id)s was withdrawn (%(why)s)")
    words: ClassVar = {"why": becauses}

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLapsed(_OfPass):
    """Nobody answered in time; giver and leader are told, the giver still has it."""

    type: ClassVar[str] = "cases.pass_lapsed"
    sentence: ClassVar = _("%(receiver_id)s did not answer in time; %(giver_id)s still has it")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecided(_OfPass):
    """The superior decided on a proposal; the case stays with the one who asked."""

    type: ClassVar[str] = "cases.proposal_decided"
    sentence: ClassVar = _("%(receiver_id)s decided (%(decision)s): %(text)s")

    decision: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class EscortEnded(CaseFact):
    """The receiver kept the first promise: the giver has run on far enough."""

    type: ClassVar[str] = "cases.escort_ended"
    sentence: ClassVar = _("%(escort_id)s has run on far enough")
    staff_fields: ClassVar = ("escort_id",)

    escort_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EscortAsked(CaseFact):
    """The owner asked the escort a question, which must be answered within the pass-answer time."""

    type: ClassVar[str] = "cases.escort_asked"
    sentence: ClassVar = _("%(asked_by_id)s asked %(escort_id)s: %(question)s")
    staff_fields: ClassVar = ("asked_by_id", "escort_id")

    escort_id: int
    asked_by_id: int
    question: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLimitReached(CaseFact):
    """The case went through more hands than the policy wants: fewer hands, fewer drops."""

    type: ClassVar[str] = "cases.pass_limit_reached"
    sentence: ClassVar = _("It went through %(passes)s hands; more than %(limit)s are too many")

    passes: int
    limit: int
