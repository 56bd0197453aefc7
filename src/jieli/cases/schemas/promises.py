"""Promised times, and clocks that stand."""

from typing import Annotated, Literal

from pydantic import Field

from jieli.cases.models import Promise
from jieli.cases.models.because import reason_words
from jieli.lib.http import In, Instant, Out, kept

CustomerPromise = Literal[
    "accept", "first_reply", "next_reply", "arrive", "resolve", "callback", "part_delivery", "internal_answer", "payout"
]


class PauseIn(In):
    """Let the clocks stand until a time to which the customer agreed."""

    reason: Annotated[str, kept(40, 1)] = Field(examples=["customer"])
    until: Instant
    consent: bool


class PromiseIn(In):
    """A time that a person gives."""

    kind: CustomerPromise
    due_at: Instant
    told: bool = False


class HowIn(In):
    """How the other side was told."""

    how: Annotated[str, kept(20, 1)] = "message"


class PromiseOut(Out):
    """A promise; `paused_until` while its clock stands, `outcome` once it ended."""

    id: int
    kind: str
    due_at: Instant
    rule: str
    policy: str
    started_at: Instant
    told_at: Instant | None
    paused_until: Instant | None
    breached_at: Instant | None
    ended_at: Instant | None
    outcome: Literal["kept", "late", "cancelled"] | None
    late_minutes: str | None
    reason: str
    by_import: bool


def promise_out(promise: Promise) -> PromiseOut:
    """Return a promise."""
    return PromiseOut(
        id=promise.pk,
        kind=promise.kind,
        due_at=promise.due_at,
        rule=promise.rule,
        policy=promise.policy,
        started_at=promise.started_at,
        told_at=promise.told_at,
        paused_until=promise.paused_until,
        breached_at=promise.breached_at,
        ended_at=promise.ended_at,
        outcome=promise.outcome or None,  # type: ignore[arg-type]
        late_minutes=None if promise.late_minutes is None else str(promise.late_minutes),
        reason=reason_words(promise.reason),
        by_import=promise.by_import,
    )
