"""The life of a case: corrected, moved on, waiting, resolved, ended, reopened, erased."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.cases.events.base import CaseFact
from jieli.cases.models.because import Because, becauses
from jieli.events.facts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsChanged(CaseFact):
    """Somebody corrected what is known of the case; free texts are named, their words kept apart.

    `old_custom` holds the former values of the company's own fields as JSON: who sees a field sees them.
    """

    type: ClassVar[str] = "cases.fields_changed"
    sentence: ClassVar = _("Changed: %(names)s")

    names: list[str]
    old: dict[str, Any]
    new: dict[str, Any]
    old_text: Text = ""
    old_custom: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChanged(CaseFact):
    """The case moved on along its route."""

    type: ClassVar[str] = "cases.stage_changed"
    sentence: ClassVar = _("Stage: %(old)s → %(new)s")
    customer_sees: ClassVar = True

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWaits(CaseFact):
    """We wait for the customer, who agreed, until a given time."""

    type: ClassVar[str] = "cases.waits"
    sentence: ClassVar = _("Waiting for the customer until %(until)s")
    customer_sees: ClassVar = True

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseGoesOn(CaseFact):
    """The wait is over."""

    type: ClassVar[str] = "cases.goes_on"
    sentence: ClassVar = _("The wait is over (%(why)s)")
    words: ClassVar = {"why": becauses}
    customer_sees: ClassVar = True

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResolved(CaseFact):
    """The customer was told the result; the call-back or the automatic close runs."""

    type: ClassVar[str] = "cases.resolved"
    sentence: ClassVar = _("Resolved: the result was told")
    customer_sees: ClassVar = True

    message_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(CaseFact):
    """The case is archived."""

    type: ClassVar[str] = "cases.closed"
    sentence: ClassVar = _("Closed (%(why)s)")
    words: ClassVar = {"why": becauses}
    customer_sees: ClassVar = True

    why: str = Because.BY_HAND


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCancelled(CaseFact):
    """The need fell away."""

    type: ClassVar[str] = "cases.cancelled"
    sentence: ClassVar = _("Cancelled: %(reason)s")
    customer_sees: ClassVar = True

    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened(CaseFact):
    """The need was not met after all; the case goes on under the same number."""

    type: ClassVar[str] = "cases.reopened"
    sentence: ClassVar = _("Reopened: %(reason)s")
    words: ClassVar = {"reason": becauses}
    customer_sees: ClassVar = True

    times: int
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMoved(CaseFact):
    """Two entries of one customer were merged (or parted again), and the case went along."""

    type: ClassVar[str] = "cases.customer_moved"
    sentence: ClassVar = _("The customer's entries were merged")

    from_customer_id: int
    customer_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseErased(CaseFact):
    """The customer's data were erased by a certified erasure; numbers, times, hands and promises stay."""

    type: ClassVar[str] = "cases.erased"
    sentence: ClassVar = _("The words of this case were erased (certificate %(certificate_id)s)")

    certificate_id: int
