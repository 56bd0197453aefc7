"""The facts about whole machines that come back, told on the chain of the case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.cases.models.because import becauses
from jieli.events.facts import Fact, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFact(Fact):
    """A fact about a whole machine that comes back, told on the chain of its case; `order` is the order's number."""

    stream: ClassVar[str] = "case"

    case_id: int
    order: str
    machine_return_id: int
    number: str


def _kinds() -> Mapping[str, Any]:
    return {
        "exchange": pgettext_lazy("a whole machine", "exchange"),
        "return": pgettext_lazy("a whole machine", "return for good"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineAsked(MachineFact):
    """Somebody asked that a whole machine be exchanged, or taken back; `machine` is empty when none is given."""

    type: ClassVar[str] = "parts.machine_asked"
    icon: ClassVar = ("replace", "risk")
    sentence: ClassVar = _("Whole machine %(old_machine)s (%(kind)s, %(amount)s) asked for: %(reason)s (%(number)s)")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"kind": _kinds}

    kind: str
    old_machine: str
    old_serial: str
    amount: Decimal
    reason: str
    machine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineApproved(MachineFact):
    """A second person approved it within the authority of a role."""

    type: ClassVar[str] = "parts.machine_approved"
    icon: ClassVar = ("circle-check", "ok")
    sentence: ClassVar = _("Whole machine approved: %(amount)s (authority up to %(limit_amount)s, %(policy)s; %(number)s)")

    amount: Decimal
    role: str
    limit_amount: Decimal
    policy: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRefused(MachineFact):
    """A second person refused it."""

    type: ClassVar[str] = "parts.machine_refused"
    icon: ClassVar = ("circle-x", "risk")
    sentence: ClassVar = _("Whole machine refused: %(reason)s (%(number)s)")

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineCalledOff(MachineFact):
    """It is not wanted any more."""

    type: ClassVar[str] = "parts.machine_called_off"
    icon: ClassVar = ("circle-x", "grey")
    sentence: ClassVar = _("Whole machine called off: %(reason)s (%(number)s)")
    words: ClassVar = {"reason": becauses}

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineExpected(MachineFact):
    """A machine comes back for good: nothing is given for it, it is owed until `return_due_at`."""

    type: ClassVar[str] = "parts.machine_expected"
    icon: ClassVar = ("package", "risk")
    sentence: ClassVar = _("Whole machine %(part)s has to come back by %(return_due_at)s (%(number)s)")

    part: str
    used_part_id: int
    return_due_at: datetime
    old_serial: str = ""
    in_warranty: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineScrapped(MachineFact):
    """A machine that came back was scrapped; `lines` are what left the stock."""

    type: ClassVar[str] = "parts.machine_scrapped"
    icon: ClassVar = ("trash", "risk")
    sentence: ClassVar = _("Returned machine %(tag)s scrapped: %(reason)s (%(number)s)")

    used_part_id: int
    tag: str
    reason: str
    lines: list[list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRefurbished(MachineFact):
    """A machine that came back is in stock again, under the code for refurbished ones; `lines` are both codes."""

    type: ClassVar[str] = "parts.machine_refurbished"
    icon: ClassVar = ("refresh", "ok")
    sentence: ClassVar = _("Returned machine %(tag)s is in stock at %(place)s as %(part)s: %(reason)s (%(number)s)")

    used_part_id: int
    tag: str
    part: str
    place: str
    reason: str
    lines: list[list[Any]]
