"""The facts that this app records, on the chain of the case; what people said and wrote is text, kept outside the hash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.events.facts import Fact, Text, Words


def _results() -> Mapping[str, Any]:
    return {"satisfied": _("satisfied"), "dissatisfied": _("dissatisfied"), "unreached": _("unreached")}


def _outcomes() -> Mapping[str, Any]:
    return {
        "no_answer": _("no answer"),
        "busy": _("busy"),
        "refused": _("did not want to talk"),
        "talked": _("talked"),
        "called_us": _("the customer called us"),
        "text_link": _("link sent"),
    }


def _degrees() -> Mapping[str, Any]:
    return {
        "thanks": _("words of thanks"),
        "handshake": _("a warm handshake"),
        "tears": _("moved to tears"),
        "returns": _("comes again"),
    }


def _abouts() -> Mapping[str, Any]:
    return {"visit": pgettext_lazy("a call-back", "visit"), "complaint": _("complaint"), "recovery": _("recovery")}


def _reasons() -> Mapping[str, Any]:
    return {
        "reopened": pgettext_lazy("why a call-back is dropped", "the case goes on"),
        "cancelled": pgettext_lazy("why a call-back is dropped", "the case was cancelled"),
        "merged": pgettext_lazy("why a call-back is dropped", "the case goes on in another"),
    }


class QualityFact(Fact):
    """A fact of the quality of one case."""

    stream: ClassVar[str] = "case"
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {
        "result": _results,
        "outcome": _outcomes,
        "moved": _degrees,
        "about": _abouts,
        "why": _reasons,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackPlanned(QualityFact):
    """After the result was told, the customer is to be called back."""

    type: ClassVar[str] = "quality.callback_planned"
    sentence: ClassVar = _("A call-back (%(about)s) is due by %(due_at)s")
    icon: ClassVar = ("phone", "accent")

    case_id: int
    callback_id: int
    about: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackNotSampled(QualityFact):
    """The policy samples; this customer is not called."""

    type: ClassVar[str] = "quality.callback_not_sampled"
    sentence: ClassVar = _("Not in the sample of call-backs (%(policy)s)")
    icon: ClassVar = ("phone", "grey")

    case_id: int
    callback_id: int
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackTaken(QualityFact):
    """Somebody is going to call the customer."""

    type: ClassVar[str] = "quality.callback_taken"
    sentence: ClassVar = _("%(caller_id)s makes the call-back")
    staff_fields: ClassVar = ("caller_id",)
    icon: ClassVar = ("phone", "grey")

    case_id: int
    callback_id: int
    caller_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAttempted(QualityFact):
    """An attempt was made to reach the customer."""

    type: ClassVar[str] = "quality.call_attempted"
    sentence: ClassVar = _("Call-back, attempt %(number)s: %(outcome)s")
    icon: ClassVar = ("phone", "grey")

    case_id: int
    callback_id: int
    number: int
    half_day: str
    outcome: str
    note: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackAnswered(QualityFact):
    """The customer said whether the need is met, or all attempts are used; `by` is ``call``, ``link`` or ``nobody``."""

    type: ClassVar[str] = "quality.callback_answered"
    sentence: ClassVar = _("Call-back: %(result)s")
    customer_sees: ClassVar = True
    icon: ClassVar = ("phone", "accent")

    case_id: int
    callback_id: int
    about: str
    result: str
    by: str
    solved: bool | None = None
    on_time: bool | None = None
    charged_as_shown: bool | None = None
    manners: bool | None = None
    moved: str = ""
    how_bad: int | None = None
    story: Text = ""
    what: Text = ""
    wish: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackDropped(QualityFact):
    """The case went on before the customer was called; its next result gets a call-back of its own."""

    type: ClassVar[str] = "quality.callback_dropped"
    sentence: ClassVar = _("The call-back falls away: %(why)s")
    icon: ClassVar = ("phone", "grey")

    case_id: int
    callback_id: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAboutVisit(QualityFact):
    """A quality officer found that the dissatisfaction is not about the visit: it passes the gate, and stays what it is."""

    type: ClassVar[str] = "quality.not_about_visit"
    sentence: ClassVar = _("The dissatisfaction is not about the visit: %(reason)s")
    icon: ClassVar = ("scale", "accent")

    case_id: int
    callback_id: int
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DelightConfirmed(QualityFact):
    """The moving story of a customer was confirmed."""

    type: ClassVar[str] = "quality.delight_confirmed"
    sentence: ClassVar = _("The customer was moved, confirmed: %(moved)s")
    icon: ClassVar = ("heart", "ok")

    case_id: int
    callback_id: int
    moved: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryStarted(QualityFact):
    """The customer is dissatisfied: the case goes on as a recovery."""

    type: ClassVar[str] = "quality.recovery_started"
    sentence: ClassVar = _("The customer is dissatisfied; %(steward_id)s makes it good")
    staff_fields: ClassVar = ("steward_id",)
    icon: ClassVar = ("heart", "risk")

    case_id: int
    callback_id: int
    recovery_id: int
    steward_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRecorded(QualityFact):
    """What was missing is restored, and something personal was done."""

    type: ClassVar[str] = "quality.recovery_recorded"
    sentence: ClassVar = _("Recovery: %(restored)s Personally: %(personal)s")
    icon: ClassVar = ("heart", "ok")

    case_id: int
    recovery_id: int
    restored: Text
    personal: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountSpent(QualityFact):
    """An amount was spent on a recovery within the authority of a role, without asking anybody."""

    type: ClassVar[str] = "quality.amount_spent"
    sentence: ClassVar = _("%(amount)s spent on the spot (authority up to %(limit_amount)s, %(policy)s): %(purpose)s")
    icon: ClassVar = ("receipt", "grey")

    case_id: int
    recovery_id: int
    spending_id: int
    amount: Decimal
    role: str
    limit_amount: Decimal
    policy: str
    purpose: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountAsked(QualityFact):
    """An amount above all authority was proposed; it takes a second person."""

    type: ClassVar[str] = "quality.amount_asked"
    sentence: ClassVar = _("%(amount)s proposed, above all authority; a second person decides: %(purpose)s")
    icon: ClassVar = ("receipt", "risk")

    case_id: int
    recovery_id: int
    spending_id: int
    amount: Decimal
    purpose: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountDecided(QualityFact):
    """The second person agreed to an amount above all authority, or refused it."""

    type: ClassVar[str] = "quality.amount_decided"
    sentence: ClassVar = _("%(amount)s: the second person decided (%(decision)s)")
    icon: ClassVar = ("receipt", "grey")
    words: ClassVar = {
        "decision": lambda: {
            "spent": pgettext_lazy("a second person", "agreed"),
            "refused": pgettext_lazy("a second person", "refused"),
        }
    }

    case_id: int
    recovery_id: int
    spending_id: int
    amount: Decimal
    decision: str
