"""Offers of a case and the answers to them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from jieli.cases.models import Pass
from jieli.cases.models.because import reason_words
from jieli.cases.queries.assigning import why_offered
from jieli.cases.rules.numbers import case_number
from jieli.cases.schemas.codes import StaffCode
from jieli.lib.http import In, Instant, Out, kept


class Proposal(In):
    """What a case that goes up to one's own superior needs: options, and the place of the recommended one."""

    options: list[Annotated[str, kept(2_000, 1)]] = Field(min_length=1, max_length=20)
    recommended: Annotated[int, Field(ge=0, le=19, strict=True)] = 0


class PassIn(In):
    """An offer of the case to one person."""

    to: StaffCode
    done: Annotated[str, kept(5_000, 1)]
    next: Annotated[str, kept(5_000, 1)]
    proposal: Proposal | Annotated[str, kept(2_000, 1)] | None = None


class AcceptIn(In):
    """The need in the receiver's own words."""

    restatement: Annotated[str, kept(5_000, 1)]


class DecideIn(In):
    """The word of the superior on a proposal."""

    decision: Literal["approved", "changed", "refused"]
    text: Annotated[str, kept(5_000, 1)]


class AssignIn(In):
    """Whom to offer the case: one person, or several who are asked in turn when an offer lapses."""

    to: StaffCode | Annotated[list[StaffCode], Field(min_length=1, max_length=20)]
    note: Annotated[str, kept(2_000)] = ""
    explanation: Annotated[str, kept(300)] = ""


class PassOut(Out):
    """An offer of a case and what became of it."""

    id: int
    number: str
    way: Literal["pass", "assign", "upward", "dispatch"]
    state: Literal["offered", "accepted", "declined", "withdrawn", "lapsed", "decided"]
    giver: str
    giver_name: str
    receiver: str
    receiver_name: str
    done: str
    next: str
    promised: str
    proposal: dict[str, Any] | None
    explanation: str
    offered_at: Instant
    settled_at: Instant | None
    restatement: str
    reason: str
    decision: str
    decision_text: str


def pass_out(offer: Pass) -> PassOut:
    """Return an offer; reads its giver and receiver."""
    return PassOut(
        id=offer.pk,
        number=case_number(offer.case_id),
        way=offer.way,  # type: ignore[arg-type]
        state=offer.state,  # type: ignore[arg-type]
        giver=offer.giver.code,
        giver_name=offer.giver.name,
        receiver=offer.receiver.code,
        receiver_name=offer.receiver.name,
        done=offer.done,
        next=offer.next,
        promised=offer.promised,
        proposal=offer.proposal,
        explanation=why_offered(offer),
        offered_at=offer.offered_at,
        settled_at=offer.settled_at,
        restatement=offer.restatement,
        reason=reason_words(offer.reason),
        decision=offer.decision,
        decision_text=offer.decision_text,
    )
