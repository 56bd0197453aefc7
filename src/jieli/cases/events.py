"""The facts that cases record. Their types are stable; their sentences are what people read in the timeline."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact, Text


class CaseFact(Fact):
    """A fact of one case."""

    stream: ClassVar[str] = "case"

    case_id: int


@dataclass(frozen=True, slots=True)
class CaseOpened(CaseFact):
    """A need was received: the case, its first owner (the duty officer) and its first promises."""

    type: ClassVar[str] = "cases.opened"
    sentence: ClassVar = _("Received by %(channel)s; %(owner_id)s is on duty and answers for it")
    staff_fields: ClassVar = ("owner_id", "steward_id")
    customer_sees: ClassVar = True

    case_id: int
    kind: str
    channel: str
    customer_id: int
    unit_id: int
    owner_id: int
    steward_id: int
    landing: str
    promises: list[dict[str, Any]]
    message_id: int | None = None
    body_digest: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class CaseImported(CaseFact):
    """A case came in from a foreign history, with its first step there.

    The fields from `activity` on are those of every imported step; the figures of a history are computed from them alone.
    `actor` acted there; `holder` is whose change counts as a hand-over; `group` is the queue; `state` is what the step made
    of the case (empty: no change); `due_at` and `verdict` (met, missed) are the source's own; `handovers` and `reopenings`
    are its own counters where it has them; `line` is the line of the file, `mark` tells the same step in a later export.
    """

    type: ClassVar[str] = "cases.imported"
    sentence: ClassVar = _("Imported from %(source)s as %(source_key)s: %(activity)s; owner %(owner_id)s")
    staff_fields: ClassVar = ("owner_id",)

    case_id: int
    source: str
    source_key: str
    owner_id: int
    unit_id: int
    activity: str = ""
    actor: str = ""
    holder: str = ""
    group: str = ""
    state: str = ""
    due_at: datetime | None = None
    verdict: str = ""
    handovers: int | None = None
    reopenings: int | None = None
    line: int = 0
    mark: str = ""
    why: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActivityImported(CaseFact):
    """A step of a foreign history which leaves the case with its owner; the fields are those of `CaseImported`."""

    type: ClassVar[str] = "cases.activity_imported"
    sentence: ClassVar = _("%(activity)s (from the imported history)")

    case_id: int
    activity: str
    actor: str = ""
    holder: str = ""
    group: str = ""
    state: str = ""
    due_at: datetime | None = None
    verdict: str = ""
    handovers: int | None = None
    reopenings: int | None = None
    line: int = 0
    mark: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PassImported(CaseFact):
    """A step of a foreign history by which the case came to another person or unit; the fields are those of `CaseImported`."""

    type: ClassVar[str] = "cases.pass_imported"
    sentence: ClassVar = _("%(activity)s; handed over to %(owner_id)s (from the imported history)")
    staff_fields: ClassVar = ("owner_id", "from_id")

    case_id: int
    owner_id: int
    from_id: int
    unit_id: int
    activity: str
    actor: str = ""
    holder: str = ""
    group: str = ""
    state: str = ""
    due_at: datetime | None = None
    verdict: str = ""
    handovers: int | None = None
    reopenings: int | None = None
    line: int = 0
    mark: str = ""
    why: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MessageImported(CaseFact):
    """A text of a foreign history; the body lies in the message, the event holds its digest."""

    type: ClassVar[str] = "cases.message_imported"
    sentence: ClassVar = _("A text came with the imported history")

    case_id: int
    message_id: int
    body_digest: str


@dataclass(frozen=True, slots=True)
class CaseTaken(CaseFact):
    """A member of the unit took the case from the duty officer."""

    type: ClassVar[str] = "cases.taken"
    sentence: ClassVar = _("%(owner_id)s took it")
    staff_fields: ClassVar = ("owner_id", "from_id")
    customer_sees: ClassVar = True

    case_id: int
    owner_id: int
    from_id: int
    unit_id: int


@dataclass(frozen=True, slots=True)
class CaseTakenOver(CaseFact):
    """A superior took the case over, with a reason."""

    type: ClassVar[str] = "cases.taken_over"
    sentence: ClassVar = _("%(owner_id)s took it over from %(from_id)s: %(reason)s")
    staff_fields: ClassVar = ("owner_id", "from_id")

    case_id: int
    owner_id: int
    from_id: int
    unit_id: int
    reason: Text


@dataclass(frozen=True, slots=True)
class CaseDeputised(CaseFact):
    """The owner is away, and his deputy (or, without one, the duty officer) has the case now."""

    type: ClassVar[str] = "cases.deputised"
    sentence: ClassVar = _("%(owner_id)s stands in for %(from_id)s: %(why)s")
    staff_fields: ClassVar = ("owner_id", "from_id")

    case_id: int
    owner_id: int
    from_id: int
    unit_id: int
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PassOffered(CaseFact):
    """The owner offered the baton, or a rule did; the owner keeps it until it is accepted.

    `reasons` is why a rule chose the receiver: the rule, its policy version, who was considered with which load, what decided.
    """

    type: ClassVar[str] = "cases.pass_offered"
    sentence: ClassVar = _("%(giver_id)s offered it to %(receiver_id)s; %(giver_id)s keeps it until it is accepted")
    staff_fields: ClassVar = ("giver_id", "receiver_id", "asked_by_id")

    case_id: int
    pass_id: int
    way: str
    giver_id: int
    receiver_id: int
    answer_due_at: datetime
    explanation: str = ""
    reasons: dict[str, Any] | None = None
    asked_by_id: int | None = None
    done: Text = ""
    next: Text = ""


@dataclass(frozen=True, slots=True)
class PassAccepted(CaseFact):
    """The receiver restated the need and has the baton; the giver stays as escort."""

    type: ClassVar[str] = "cases.pass_accepted"
    sentence: ClassVar = _("%(owner_id)s accepted it from %(from_id)s: “%(restatement)s”")
    staff_fields: ClassVar = ("owner_id", "from_id", "escort_id")

    case_id: int
    pass_id: int
    owner_id: int
    from_id: int
    unit_id: int
    restatement: Text
    escort_id: int | None = None


@dataclass(frozen=True, slots=True)
class AssignmentAccepted(CaseFact):
    """The one to whom the case was assigned accepted it."""

    type: ClassVar[str] = "cases.assignment_accepted"
    sentence: ClassVar = _("%(owner_id)s accepted the assignment: “%(restatement)s”")
    staff_fields: ClassVar = ("owner_id", "from_id", "escort_id")

    case_id: int
    pass_id: int
    owner_id: int
    from_id: int
    unit_id: int
    restatement: Text
    escort_id: int | None = None


@dataclass(frozen=True, slots=True)
class NobodyFound(CaseFact):
    """An automatic rule found nobody (more) to ask; the duty officer keeps the case. `reasons` says why, as in an offer."""

    type: ClassVar[str] = "cases.nobody_found"
    sentence: ClassVar = _("Nobody to ask was found; it stays with %(duty_id)s, who is on duty")
    staff_fields: ClassVar = ("duty_id",)

    case_id: int
    duty_id: int
    reasons: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PassDeclined(CaseFact):
    """The receiver declined with a reason; the giver still has it."""

    type: ClassVar[str] = "cases.pass_declined"
    sentence: ClassVar = _("%(receiver_id)s declined: %(reason)s")
    staff_fields: ClassVar = ("giver_id", "receiver_id")

    case_id: int
    pass_id: int
    giver_id: int
    receiver_id: int
    reason: Text


@dataclass(frozen=True, slots=True)
class PassWithdrawn(CaseFact):
    """The offer was taken back."""

    type: ClassVar[str] = "cases.pass_withdrawn"
    sentence: ClassVar = _("The offer to %(receiver_id)s was withdrawn (%(why)s)")
    staff_fields: ClassVar = ("giver_id", "receiver_id")

    case_id: int
    pass_id: int
    giver_id: int
    receiver_id: int
    why: str


@dataclass(frozen=True, slots=True)
class PassLapsed(CaseFact):
    """Nobody answered in time; giver and leader are told, the giver still has it."""

    type: ClassVar[str] = "cases.pass_lapsed"
    sentence: ClassVar = _("%(receiver_id)s did not answer in time; %(giver_id)s still has it")
    staff_fields: ClassVar = ("giver_id", "receiver_id")

    case_id: int
    pass_id: int
    giver_id: int
    receiver_id: int


@dataclass(frozen=True, slots=True)
class ProposalDecided(CaseFact):
    """The superior decided on a proposal; the case stays with the one who asked."""

    type: ClassVar[str] = "cases.proposal_decided"
    sentence: ClassVar = _("%(receiver_id)s decided (%(decision)s): %(text)s")
    staff_fields: ClassVar = ("giver_id", "receiver_id")

    case_id: int
    pass_id: int
    giver_id: int
    receiver_id: int
    decision: str
    text: Text


@dataclass(frozen=True, slots=True)
class EscortEnded(CaseFact):
    """The receiver kept the first promise: the giver has run on far enough."""

    type: ClassVar[str] = "cases.escort_ended"
    sentence: ClassVar = _("%(escort_id)s has run on far enough")
    staff_fields: ClassVar = ("escort_id",)

    case_id: int
    escort_id: int


@dataclass(frozen=True, slots=True)
class PassLimitReached(CaseFact):
    """The case went through more hands than the policy wants: fewer hands, fewer drops."""

    type: ClassVar[str] = "cases.pass_limit_reached"
    sentence: ClassVar = _("It went through %(passes)s hands; more than %(limit)s are too many")

    case_id: int
    passes: int
    limit: int


@dataclass(frozen=True, slots=True)
class MessageWritten(CaseFact):
    """Something was said on the case; the body lies in the message, the event holds its digest."""

    type: ClassVar[str] = "cases.message_written"
    sentence: ClassVar = _("A message was written")
    staff_fields: ClassVar = ()
    customer_sees: ClassVar = False

    case_id: int
    message_id: int
    direction: str
    channel: str
    body_digest: str
    phrases: list[str] = field(default_factory=list)
    mentions: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PromiseMade(CaseFact):
    """A time was promised, by a rule or by a person."""

    type: ClassVar[str] = "cases.promise_made"
    sentence: ClassVar = _("Promised: %(promise)s by %(due_at)s (%(rule)s, %(policy)s)")
    customer_sees: ClassVar = True

    case_id: int
    promise_id: int
    promise: str
    due_at: datetime
    rule: str
    policy: str
    told: bool = False


@dataclass(frozen=True, slots=True)
class PromiseTold(CaseFact):
    """The other side was told of a promise."""

    type: ClassVar[str] = "cases.promise_told"
    sentence: ClassVar = _("The time of %(promise)s was told (%(how)s)")

    case_id: int
    promise_id: int
    promise: str
    how: str


@dataclass(frozen=True, slots=True)
class PromiseEnded(CaseFact):
    """A promise was kept, kept late, or cancelled with a reason."""

    type: ClassVar[str] = "cases.promise_ended"
    sentence: ClassVar = _("%(promise)s: %(outcome)s")
    customer_sees: ClassVar = True

    case_id: int
    promise_id: int
    promise: str
    outcome: str
    due_at: datetime
    late_minutes: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PromisePaused(CaseFact):
    """The clock stands, with the customer's consent, until a given time."""

    type: ClassVar[str] = "cases.promise_paused"
    sentence: ClassVar = _("The clock of %(promise)s stands until %(until)s (%(reason)s, agreed)")
    customer_sees: ClassVar = True

    case_id: int
    promise_id: int
    promise: str
    reason: str
    until: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PromiseResumed(CaseFact):
    """The clock runs again."""

    type: ClassVar[str] = "cases.promise_resumed"
    sentence: ClassVar = _("The clock of %(promise)s runs again; due %(due_at)s")
    customer_sees: ClassVar = True

    case_id: int
    promise_id: int
    promise: str
    due_at: datetime
    woke_by_itself: bool


@dataclass(frozen=True, slots=True)
class PromiseReplanned(CaseFact):
    """Another rule applies now; the due time was worked out anew from all segments."""

    type: ClassVar[str] = "cases.promise_replanned"
    sentence: ClassVar = _("%(promise)s re-planned from %(old_due_at)s to %(due_at)s: %(rule)s, %(policy)s")
    customer_sees: ClassVar = True

    case_id: int
    promise_id: int
    promise: str
    old_due_at: datetime
    due_at: datetime
    rule: str
    policy: str


@dataclass(frozen=True, slots=True)
class PromiseWarned(CaseFact):
    """A share of the time of a promise is used up; the ones who should know were told."""

    type: ClassVar[str] = "cases.promise_warned"
    sentence: ClassVar = _("%(share)s %% of the time for %(promise)s is used")

    case_id: int
    promise_id: int
    promise: str
    share: int


@dataclass(frozen=True, slots=True)
class PromiseBroken(CaseFact):
    """The due time passed; the promise runs on until it is kept late or cancelled."""

    type: ClassVar[str] = "cases.promise_broken"
    sentence: ClassVar = _("%(promise)s was not kept by %(due_at)s")
    staff_fields: ClassVar = ("responsible_id", "steward_id")
    customer_sees: ClassVar = True

    case_id: int
    promise_id: int
    promise: str
    due_at: datetime
    responsible_id: int
    steward_id: int


@dataclass(frozen=True, slots=True)
class FieldsChanged(CaseFact):
    """Somebody corrected what is known of the case; free texts are named, their words kept apart.

    `old_custom` holds the former values of the company's own fields as JSON: who sees a field sees them.
    """

    type: ClassVar[str] = "cases.fields_changed"
    sentence: ClassVar = _("Changed: %(names)s")

    case_id: int
    names: list[str]
    old: dict[str, Any]
    new: dict[str, Any]
    old_text: Text = ""
    old_custom: Text = ""


@dataclass(frozen=True, slots=True)
class StageChanged(CaseFact):
    """The case moved on along its route."""

    type: ClassVar[str] = "cases.stage_changed"
    sentence: ClassVar = _("Stage: %(old)s → %(new)s")
    customer_sees: ClassVar = True

    case_id: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class CaseWaits(CaseFact):
    """We wait for the customer, who agreed, until a given time."""

    type: ClassVar[str] = "cases.waits"
    sentence: ClassVar = _("Waiting for the customer until %(until)s")
    customer_sees: ClassVar = True

    case_id: int
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class CaseGoesOn(CaseFact):
    """The wait is over."""

    type: ClassVar[str] = "cases.goes_on"
    sentence: ClassVar = _("The wait is over (%(why)s)")
    customer_sees: ClassVar = True

    case_id: int
    why: str


@dataclass(frozen=True, slots=True)
class CaseResolved(CaseFact):
    """The customer was told the result; the call-back or the automatic close runs."""

    type: ClassVar[str] = "cases.resolved"
    sentence: ClassVar = _("Resolved: the result was told")
    customer_sees: ClassVar = True

    case_id: int
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class CaseClosed(CaseFact):
    """The case is archived."""

    type: ClassVar[str] = "cases.closed"
    sentence: ClassVar = _("Closed (%(why)s)")
    customer_sees: ClassVar = True

    case_id: int
    why: str = "by hand"


@dataclass(frozen=True, slots=True)
class CaseCancelled(CaseFact):
    """The need fell away."""

    type: ClassVar[str] = "cases.cancelled"
    sentence: ClassVar = _("Cancelled: %(reason)s")
    customer_sees: ClassVar = True

    case_id: int
    reason: Text


@dataclass(frozen=True, slots=True)
class CaseReopened(CaseFact):
    """The need was not met after all; the case goes on under the same number."""

    type: ClassVar[str] = "cases.reopened"
    sentence: ClassVar = _("Reopened: %(reason)s")
    customer_sees: ClassVar = True

    case_id: int
    times: int
    reason: Text


@dataclass(frozen=True, slots=True)
class CasesRelated(CaseFact):
    """Two cases were tied together."""

    type: ClassVar[str] = "cases.related"
    sentence: ClassVar = _("Tied to %(other_number)s (%(kind)s)")

    case_id: int
    other_id: int
    other_number: str
    kind: str


@dataclass(frozen=True, slots=True)
class RelationUndone(CaseFact):
    """A tie between two cases was undone."""

    type: ClassVar[str] = "cases.relation_undone"
    sentence: ClassVar = _("No longer tied to %(other_number)s (%(kind)s)")

    case_id: int
    other_id: int
    other_number: str
    kind: str


@dataclass(frozen=True, slots=True)
class CaseMerged(CaseFact):
    """The case was merged into another; both histories are kept and both customers are told."""

    type: ClassVar[str] = "cases.merged"
    sentence: ClassVar = _("Goes on under %(into_number)s")
    customer_sees: ClassVar = True

    case_id: int
    into_id: int
    into_number: str


@dataclass(frozen=True, slots=True)
class MergeUndone(CaseFact):
    """A merge was undone; the case goes on by itself as it was."""

    type: ClassVar[str] = "cases.merge_undone"
    sentence: ClassVar = _("Goes on by itself again, no longer under %(into_number)s")
    customer_sees: ClassVar = True

    case_id: int
    into_id: int
    into_number: str


@dataclass(frozen=True, slots=True)
class EvidenceKept(CaseFact):
    """A photo, recording or document was kept as evidence."""

    type: ClassVar[str] = "cases.evidence_kept"
    sentence: ClassVar = _("Evidence kept (%(content_type)s)")
    customer_sees: ClassVar = True

    case_id: int
    evidence_id: int
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class EscortAsked(CaseFact):
    """The owner asked the escort a question, which must be answered within the pass-answer time."""

    type: ClassVar[str] = "cases.escort_asked"
    sentence: ClassVar = _("%(asked_by_id)s asked %(escort_id)s: %(question)s")
    staff_fields: ClassVar = ("asked_by_id", "escort_id")

    case_id: int
    escort_id: int
    asked_by_id: int
    question: Text


@dataclass(frozen=True, slots=True)
class StewardNamed(CaseFact):
    """The first person whom the customer reached is answerable until the customer has been told the result."""

    type: ClassVar[str] = "cases.steward_named"
    sentence: ClassVar = _("%(steward_id)s is the first-contact owner")
    staff_fields: ClassVar = ("steward_id",)
    customer_sees: ClassVar = True

    case_id: int
    steward_id: int


@dataclass(frozen=True, slots=True)
class CustomerMoved(CaseFact):
    """Two entries of one customer were merged (or parted again), and the case went along."""

    type: ClassVar[str] = "cases.customer_moved"
    sentence: ClassVar = _("The customer's entries were merged")

    case_id: int
    from_customer_id: int
    customer_id: int


@dataclass(frozen=True, slots=True)
class CaseErased(CaseFact):
    """The customer's data were erased by a certified erasure; numbers, times, hands and promises stay."""

    type: ClassVar[str] = "cases.erased"
    sentence: ClassVar = _("The words of this case were erased (certificate %(certificate_id)s)")

    case_id: int
    certificate_id: int


@dataclass(frozen=True, slots=True)
class LinkAsked(CaseFact):
    """Somebody who named number and phone of the case lost its link; who it was is still to be checked."""

    type: ClassVar[str] = "cases.link_asked"
    sentence: ClassVar = _("A new link was asked for on the portal")
    customer_sees: ClassVar = True

    case_id: int


@dataclass(frozen=True, slots=True)
class LinkRenewed(CaseFact):
    """The customer got a new link, after a check of who asks; the old one ended."""

    type: ClassVar[str] = "cases.link_renewed"
    sentence: ClassVar = _("A new link was given, the old one ended (checked: %(proof)s)")
    customer_sees: ClassVar = True

    case_id: int
    proof: str
