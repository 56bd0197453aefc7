"""The policy `numbers`: what the heart needs besides promises and routes (defaults, Other numbers)."""

from decimal import Decimal
from typing import Annotated, Literal

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from jieli.policies.codes import Kind, Role
from jieli.policies.schemas.base import ClockTime, Label, Name, Strict, refuse_doubled

Positive = Annotated[int, Field(ge=1, le=1_000_000)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
Share = Annotated[Decimal, Field(ge=0, le=1)]
Weight = Annotated[Decimal, Field(ge=0, le=1000)]


class WarningStep(Strict):
    """At which share of a promise's time who is told, and how; 100 per cent is the breach."""

    percent: Annotated[int, Field(ge=1, le=1000)] = Field(title=gettext_noop("Per cent of the time"))
    tell: tuple[Literal["owner", "steward", "leader", "manager"], ...] = Field(title=gettext_noop("Who is told"), min_length=1)
    by: tuple[Literal["screen", "email", "webhook"], ...] = Field(title=gettext_noop("How"), min_length=1)


class Passes(Strict):
    """Baton passes: how long an offer waits for its answer lies in the policy `promises` (``pass_answer``).

    An offer is urgent when the promise to the customer falls due within `urgent_within_minutes`; the receiver's end of shift
    ends an offer in any case when `end_of_shift_counts`.
    """

    most_before_alert: Positive = Field(title=gettext_noop("Passes before the flattening alert"))
    urgent_within_minutes: Positive = Field(title=gettext_noop("Urgent when due within (minutes)"))
    end_of_shift_counts: bool = Field(title=gettext_noop("The end of a shift ends the offer"))


class PauseReason(Strict):
    """Why a promise may pause. `until` names what the end is tied to: a date agreed on, or the promised delivery of a part."""

    code: Name = Field(title=gettext_noop("Code"))
    label: Label = Field(title=gettext_noop("Label"))
    needs_consent: bool = Field(title=gettext_noop("Needs the customer's consent"))
    until: Literal["date", "part_delivery"] = Field(title=gettext_noop("Ends"))
    most_days: Positive | None = Field(default=None, title=gettext_noop("Most days"))


class LoadWeights(Strict):
    """How much a case weighs on its owner: by kind, times a factor for level 1."""

    default: Weight = Field(title=gettext_noop("Other kinds"))
    kinds: dict[Kind, Weight] = Field(title=gettext_noop("By kind"))
    level_1_factor: Annotated[Decimal, Field(ge=1)] = Field(title=gettext_noop("Level 1 times"))

    def of(self, kind: str, severity: int | None) -> Decimal:
        """Return the weight of a case."""
        weight = self.kinds.get(Kind(kind), self.default)
        return weight * self.level_1_factor if severity == 1 else weight


class Dedup(Strict):
    """When a new contact joins an open case instead of opening another."""

    hours: Positive = Field(title=gettext_noop("Within hours"))
    similarity: Share = Field(title=gettext_noop("Similarity of the subject"))


class Evidence(Strict):
    """Limits of what may be attached to a case."""

    file_megabytes: Positive = Field(title=gettext_noop("Megabytes a file"))
    files_per_case: Positive = Field(title=gettext_noop("Files a case"))
    types: tuple[Literal["image", "pdf", "audio", "video"], ...] = Field(title=gettext_noop("Types"), min_length=1)


class Callback(Strict):
    """Call-backs: share of visits, attempts on different half-days, the hours in which people are called, the written way."""

    share: Share = Field(title=gettext_noop("Share of visits called"))
    attempts: Positive = Field(title=gettext_noop("Attempts on different half-days"))
    calls_from: ClockTime = Field(title=gettext_noop("Calls from"))
    calls_until: ClockTime = Field(title=gettext_noop("Calls until"))
    link_days: Positive = Field(default=7, title=gettext_noop("A link for an answer in writing holds (days)"))


class Masking(Strict):
    """Who loses sight of a phone number some days after the case is closed."""

    roles: tuple[Role, ...] = Field(title=gettext_noop("Masked for"))
    days_after_close: Annotated[int, Field(ge=0)] = Field(title=gettext_noop("Days after closing"))


class Forecast(Strict):
    """Promise less, do more: below which share of kept promises a typed time draws a warning, and which share is proposed."""

    warn_below: Share = Field(title=gettext_noop("Warn when kept less often than"))
    propose: Share = Field(title=gettext_noop("Propose the time kept this often"))


class Authority(Strict):
    """Up to which amount a role decides by itself: compensates (above the highest it takes two people), or gives a machine."""

    role: Role = Field(title=gettext_noop("Role"))
    most_amount: Amount = Field(title=gettext_noop("Up to"))


MACHINES = (
    Authority(role=Role.SUPERVISOR, most_amount=Decimal("3000.00")),
    Authority(role=Role.MANAGER, most_amount=Decimal("50000.00")),
)
"""Who approves a whole machine where a company's version of the policy is older than the question."""


class Level(Strict):
    """The words for a level of severity."""

    level: Annotated[int, Field(ge=1, le=4)] = Field(title=gettext_noop("Level"))
    label: Label = Field(title=gettext_noop("Label"))


class Numbers(Strict):
    """Everything else that a company may want to change about the way a case runs.

    `after_breach_next_reply_minutes` (desk hours) is the net for invariant 3: it counts only when no rule of the policy
    `promises` that starts at a breach matches, so that a broken promise is always followed by a next time.
    """

    grace_minutes: Positive = Field(title=gettext_noop("Grace after a broken promise (minutes)"))
    after_breach_next_reply_minutes: Positive = Field(
        title=gettext_noop("Reply after a broken promise when no rule says (minutes)")
    )
    reopen_days: Positive = Field(title=gettext_noop("Reopened within (days), else a follow-up"))
    long_absence_days: Positive = Field(title=gettext_noop("Absence that moves all open cases (days)"))
    autoclose_after_read_days: Positive = Field(title=gettext_noop("Closed by itself after the answer was read (days)"))
    autoclose_after_sent_days: Positive = Field(title=gettext_noop("Closed by itself after the answer was sent (days)"))
    repeat_days: Positive = Field(title=gettext_noop("Repeat repair within (days)"))
    warnings: tuple[WarningStep, ...] = Field(title=gettext_noop("Warnings and escalation"), min_length=1)
    passes: Passes = Field(title=gettext_noop("Passes"))
    pauses: tuple[PauseReason, ...] = Field(title=gettext_noop("Reasons for a pause"))
    load_weights: LoadWeights = Field(title=gettext_noop("Weights of load"))
    dedup: Dedup = Field(title=gettext_noop("Doubles"))
    evidence: Evidence = Field(title=gettext_noop("Evidence"))
    callback: Callback = Field(title=gettext_noop("Call-back"))
    masking: Masking = Field(title=gettext_noop("Masking of phone numbers"))
    forecast: Forecast = Field(title=gettext_noop("Promise less, do more"))
    authority: tuple[Authority, ...] = Field(title=gettext_noop("Authority to compensate"))
    machine_authority: tuple[Authority, ...] = Field(
        default=MACHINES, title=gettext_noop("Authority to exchange or take back a whole machine")
    )
    levels: tuple[Level, ...] = Field(title=gettext_noop("Levels"), min_length=4, max_length=4)

    @model_validator(mode="after")
    def _consistent(self) -> "Numbers":
        refuse_doubled(reason.code for reason in self.pauses)
        shares = [warning.percent for warning in self.warnings]
        if shares != sorted(set(shares)) or 100 not in shares:
            raise PydanticCustomError("warnings", "warnings must rise, and 100 per cent (the breach) must be among them")
        if [level.level for level in self.levels] != [1, 2, 3, 4]:
            raise PydanticCustomError("levels", "the levels are 1, 2, 3 and 4, in this order")
        return self

    def pause(self, code: str) -> PauseReason | None:
        """Return a reason for a pause by its code."""
        return next((reason for reason in self.pauses if reason.code == code), None)
