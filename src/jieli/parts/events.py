"""The facts that parts record: of a work order on the chain of its case, of stock on the chain of the place's unit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.events.facts import Fact, Words


def _findings() -> Mapping[str, Any]:
    return {
        "confirmed": _("fault confirmed"),
        "no_fault": _("no fault found"),
        "wrong_part": _("wrong part"),
        "misuse": _("misuse"),
    }


class OrderPartFact(Fact):
    """A fact about a part of one work order, told on the chain of its case; `order` is the order's number."""

    stream: ClassVar[str] = "case"
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"finding": _findings}

    case_id: int
    order: str
    part: str


@dataclass(frozen=True, slots=True)
class PartReserved(OrderPartFact):
    """Parts at a place are kept for the order."""

    type: ClassVar[str] = "parts.reserved"
    icon: ClassVar = ("package", "grey")
    sentence: ClassVar = _("%(quantity)s × %(part)s at %(place)s reserved (work order %(order)s)")

    case_id: int
    order: str
    part: str
    quantity: int
    place: str


@dataclass(frozen=True, slots=True)
class PartReleased(OrderPartFact):
    """Parts are not kept for the order any more."""

    type: ClassVar[str] = "parts.released"
    icon: ClassVar = ("package-off", "grey")
    sentence: ClassVar = _("%(quantity)s × %(part)s at %(place)s not reserved any more (work order %(order)s)")

    case_id: int
    order: str
    part: str
    quantity: int
    place: str


@dataclass(frozen=True, slots=True)
class PartUsed(OrderPartFact):
    """One part was put in; the old one is owed until `return_due_at`, when it has to come back."""

    type: ClassVar[str] = "parts.used"
    icon: ClassVar = ("replace", "accent")
    sentence: ClassVar = _("Part %(part)s from %(place)s was put in (work order %(order)s)")

    case_id: int
    order: str
    part: str
    used_part_id: int
    place: str
    old_serial: str = ""
    new_serial: str = ""
    in_warranty: bool | None = None
    return_due_at: datetime | None = None
    machine_return_id: int | None = None


@dataclass(frozen=True, slots=True)
class UseTakenBack(OrderPartFact):
    """A part that was booked as used is back where it was taken from."""

    type: ClassVar[str] = "parts.use_taken_back"
    icon: ClassVar = ("arrow-back-up", "risk")
    sentence: ClassVar = _("Part %(part)s was not used after all: %(reason)s (work order %(order)s)")

    case_id: int
    order: str
    part: str
    used_part_id: int
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class PartOrdered(OrderPartFact):
    """A part that the visit lacked was ordered; the customer was promised when it comes."""

    type: ClassVar[str] = "parts.ordered"
    icon: ClassVar = ("shopping-cart", "accent")
    sentence: ClassVar = _("%(quantity)s × %(part)s ordered for %(place)s, due %(due_at)s (work order %(order)s)")

    case_id: int
    order: str
    part: str
    part_order_id: int
    quantity: int
    place: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PartShipped(OrderPartFact):
    """An ordered part is on its way."""

    type: ClassVar[str] = "parts.shipped"
    icon: ClassVar = ("truck-delivery", "accent")
    sentence: ClassVar = _("%(quantity)s × %(part)s left %(place)s (work order %(order)s)")

    case_id: int
    order: str
    part: str
    part_order_id: int
    quantity: int
    place: str
    waybill: str = ""


@dataclass(frozen=True, slots=True)
class PartArrived(OrderPartFact):
    """An ordered part came to its place."""

    type: ClassVar[str] = "parts.arrived"
    icon: ClassVar = ("package-import", "ok")
    sentence: ClassVar = _("%(quantity)s × %(part)s came to %(place)s (work order %(order)s)")

    case_id: int
    order: str
    part: str
    part_order_id: int
    quantity: int
    place: str


@dataclass(frozen=True, slots=True)
class PartOrderCancelled(OrderPartFact):
    """A part is not needed any more."""

    type: ClassVar[str] = "parts.order_cancelled"
    icon: ClassVar = ("circle-x", "grey")
    sentence: ClassVar = _("The order of %(part)s was called off: %(reason)s (work order %(order)s)")

    case_id: int
    order: str
    part: str
    part_order_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class OldPartReturned(OrderPartFact):
    """The old part came back; `tag` is its label."""

    type: ClassVar[str] = "parts.returned"
    icon: ClassVar = ("package-import", "ok")
    sentence: ClassVar = _("The old part %(part)s came back, %(tag)s (work order %(order)s)")

    case_id: int
    order: str
    part: str
    used_part_id: int
    tag: str
    serial: str = ""


@dataclass(frozen=True, slots=True)
class PartFound(OrderPartFact):
    """The lab looked at the old part."""

    type: ClassVar[str] = "parts.found"
    icon: ClassVar = ("microscope", "accent")
    sentence: ClassVar = _("Lab finding on the old part %(part)s, %(tag)s: %(finding)s (work order %(order)s)")

    case_id: int
    order: str
    part: str
    used_part_id: int
    tag: str
    finding: str


@dataclass(frozen=True, slots=True)
class FindingCorrected(OrderPartFact):
    """The lab corrected its finding on the old part; the later one counts where nothing is settled yet."""

    type: ClassVar[str] = "parts.finding_corrected"
    icon: ClassVar = ("microscope", "risk")
    sentence: ClassVar = _(
        "Lab finding on the old part %(part)s, %(tag)s, %(finding)s instead of %(old)s: %(reason)s (work order %(order)s)"
    )
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"finding": _findings, "old": _findings}

    case_id: int
    order: str
    part: str
    used_part_id: int
    tag: str
    old: str
    finding: str
    reason: str


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


@dataclass(frozen=True, slots=True)
class MachineAsked(MachineFact):
    """Somebody asked that a whole machine be exchanged, or taken back; `machine` is empty when none is given."""

    type: ClassVar[str] = "parts.machine_asked"
    icon: ClassVar = ("replace", "risk")
    sentence: ClassVar = _("Whole machine %(old_machine)s (%(kind)s, %(amount)s) asked for: %(reason)s (%(number)s)")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"kind": _kinds}

    case_id: int
    order: str
    machine_return_id: int
    number: str
    kind: str
    old_machine: str
    old_serial: str
    amount: Decimal
    reason: str
    machine: str = ""


@dataclass(frozen=True, slots=True)
class MachineApproved(MachineFact):
    """A second person approved it within the authority of a role."""

    type: ClassVar[str] = "parts.machine_approved"
    icon: ClassVar = ("circle-check", "ok")
    sentence: ClassVar = _("Whole machine approved: %(amount)s (authority up to %(limit_amount)s, %(policy)s; %(number)s)")

    case_id: int
    order: str
    machine_return_id: int
    number: str
    amount: Decimal
    role: str
    limit_amount: Decimal
    policy: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MachineRefused(MachineFact):
    """A second person refused it."""

    type: ClassVar[str] = "parts.machine_refused"
    icon: ClassVar = ("circle-x", "risk")
    sentence: ClassVar = _("Whole machine refused: %(reason)s (%(number)s)")

    case_id: int
    order: str
    machine_return_id: int
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class MachineCalledOff(MachineFact):
    """It is not wanted any more."""

    type: ClassVar[str] = "parts.machine_called_off"
    icon: ClassVar = ("circle-x", "grey")
    sentence: ClassVar = _("Whole machine called off: %(reason)s (%(number)s)")

    case_id: int
    order: str
    machine_return_id: int
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class MachineExpected(MachineFact):
    """A machine comes back for good: nothing is given for it, it is owed until `return_due_at`."""

    type: ClassVar[str] = "parts.machine_expected"
    icon: ClassVar = ("package", "risk")
    sentence: ClassVar = _("Whole machine %(part)s has to come back by %(return_due_at)s (%(number)s)")

    case_id: int
    order: str
    machine_return_id: int
    number: str
    part: str
    used_part_id: int
    return_due_at: datetime
    old_serial: str = ""
    in_warranty: bool | None = None


@dataclass(frozen=True, slots=True)
class MachineScrapped(MachineFact):
    """A machine that came back was scrapped; `lines` are what left the stock."""

    type: ClassVar[str] = "parts.machine_scrapped"
    icon: ClassVar = ("trash", "risk")
    sentence: ClassVar = _("Returned machine %(tag)s scrapped: %(reason)s (%(number)s)")

    case_id: int
    order: str
    machine_return_id: int
    number: str
    used_part_id: int
    tag: str
    reason: str
    lines: list[list[Any]]


@dataclass(frozen=True, slots=True)
class MachineRefurbished(MachineFact):
    """A machine that came back is in stock again, under the code for refurbished ones; `lines` are both codes."""

    type: ClassVar[str] = "parts.machine_refurbished"
    icon: ClassVar = ("refresh", "ok")
    sentence: ClassVar = _("Returned machine %(tag)s is in stock at %(place)s as %(part)s: %(reason)s (%(number)s)")

    case_id: int
    order: str
    machine_return_id: int
    number: str
    used_part_id: int
    tag: str
    part: str
    place: str
    reason: str
    lines: list[list[Any]]


class StockFact(Fact):
    """A fact about the stock of a place, told on the chain of its unit; `lines` are ``[code, quantity]``."""

    stream: ClassVar[str] = "unit"

    unit_id: int


@dataclass(frozen=True, slots=True)
class PlaceMade(StockFact):
    """A place for parts was made."""

    type: ClassVar[str] = "parts.place_made"
    icon: ClassVar = ("building-warehouse", "grey")
    sentence: ClassVar = _("%(name)s keeps parts from now on")

    unit_id: int
    place: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class StockReceived(StockFact):
    """Parts came from the supplier."""

    type: ClassVar[str] = "parts.stock_received"
    icon: ClassVar = ("package-import", "ok")
    sentence: ClassVar = _("%(total)s parts came to %(place)s")

    unit_id: int
    place: str
    total: int
    lines: list[list[Any]]


@dataclass(frozen=True, slots=True)
class StockMoved(StockFact):
    """Parts went from one place to another; told on the chain of the unit that they left."""

    type: ClassVar[str] = "parts.stock_moved"
    icon: ClassVar = ("transfer", "grey")
    sentence: ClassVar = _("%(total)s parts went from %(place)s to %(to)s")

    unit_id: int
    place: str
    to: str
    total: int
    lines: list[list[Any]]


@dataclass(frozen=True, slots=True)
class StockCounted(StockFact):
    """A count found other quantities than the book; `lines` are the differences."""

    type: ClassVar[str] = "parts.stock_counted"
    icon: ClassVar = ("clipboard-check", "risk")
    sentence: ClassVar = _("A count at %(place)s corrected %(total)s parts: %(reason)s")

    unit_id: int
    place: str
    total: int
    reason: str
    lines: list[list[Any]]


@dataclass(frozen=True, slots=True)
class StockScrapped(StockFact):
    """Parts were thrown away."""

    type: ClassVar[str] = "parts.stock_scrapped"
    icon: ClassVar = ("trash", "risk")
    sentence: ClassVar = _("%(total)s parts at %(place)s were scrapped: %(reason)s")

    unit_id: int
    place: str
    total: int
    reason: str
    lines: list[list[Any]]


@dataclass(frozen=True, slots=True)
class PartMasterChanged(Fact):
    """Parts were added to the master or changed there."""

    type: ClassVar[str] = "parts.master_changed"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("%(total)s parts of the master were added or changed")

    company_id: int
    total: int
    codes: list[str]
