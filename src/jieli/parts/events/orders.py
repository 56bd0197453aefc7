"""The facts about the parts of a work order, told on the chain of its case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.cases.models.because import becauses
from jieli.events.facts import Fact, Words


def _findings() -> Mapping[str, Any]:
    return {
        "confirmed": _("fault confirmed"),
        "no_fault": _("no fault found"),
        "wrong_part": _("wrong part"),
        "misuse": _("misuse"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPartFact(Fact):
    """A fact about a part of one work order, told on the chain of its case; `order` is the order's number."""

    stream: ClassVar[str] = "case"
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"finding": _findings}

    case_id: int
    order: str
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReserved(OrderPartFact):
    """Parts at a place are kept for the order."""

    type: ClassVar[str] = "parts.reserved"
    icon: ClassVar = ("package", "grey")
    sentence: ClassVar = _("%(quantity)s × %(part)s at %(place)s reserved (work order %(order)s)")

    quantity: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReleased(OrderPartFact):
    """Parts are not kept for the order any more."""

    type: ClassVar[str] = "parts.released"
    icon: ClassVar = ("package-off", "grey")
    sentence: ClassVar = _("%(quantity)s × %(part)s at %(place)s not reserved any more (work order %(order)s)")

    quantity: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartUsed(OrderPartFact):
    """One part was put in; the old one is owed until `return_due_at`, when it has to come back."""

    type: ClassVar[str] = "parts.used"
    icon: ClassVar = ("replace", "accent")
    sentence: ClassVar = _("Part %(part)s from %(place)s was put in (work order %(order)s)")

    used_part_id: int
    place: str
    old_serial: str = ""
    new_serial: str = ""
    in_warranty: bool | None = None
    return_due_at: datetime | None = None
    machine_return_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseTakenBack(OrderPartFact):
    """A part that was booked as used is back where it was taken from."""

    type: ClassVar[str] = "parts.use_taken_back"
    icon: ClassVar = ("arrow-back-up", "risk")
    sentence: ClassVar = _("Part %(part)s was not used after all: %(reason)s (work order %(order)s)")

    used_part_id: int
    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOrdered(OrderPartFact):
    """A part that the visit lacked was ordered; the customer was promised when it comes."""

    type: ClassVar[str] = "parts.ordered"
    icon: ClassVar = ("shopping-cart", "accent")
    sentence: ClassVar = _("%(quantity)s × %(part)s ordered for %(place)s, due %(due_at)s (work order %(order)s)")

    part_order_id: int
    quantity: int
    place: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PartShipped(OrderPartFact):
    """An ordered part is on its way."""

    type: ClassVar[str] = "parts.shipped"
    icon: ClassVar = ("truck-delivery", "accent")
    sentence: ClassVar = _("%(quantity)s × %(part)s left %(place)s (work order %(order)s)")

    part_order_id: int
    quantity: int
    place: str
    waybill: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartArrived(OrderPartFact):
    """An ordered part came to its place."""

    type: ClassVar[str] = "parts.arrived"
    icon: ClassVar = ("package-import", "ok")
    sentence: ClassVar = _("%(quantity)s × %(part)s came to %(place)s (work order %(order)s)")

    part_order_id: int
    quantity: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOrderCancelled(OrderPartFact):
    """A part is not needed any more."""

    type: ClassVar[str] = "parts.order_cancelled"
    icon: ClassVar = ("circle-x", "grey")
    sentence: ClassVar = _("The order of %(part)s was called off: %(reason)s (work order %(order)s)")
    words: ClassVar = {"reason": becauses}

    part_order_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OldPartReturned(OrderPartFact):
    """The old part came back; `tag` is its label."""

    type: ClassVar[str] = "parts.returned"
    icon: ClassVar = ("package-import", "ok")
    sentence: ClassVar = _("The old part %(part)s came back, %(tag)s (work order %(order)s)")

    used_part_id: int
    tag: str
    serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFound(OrderPartFact):
    """The lab looked at the old part."""

    type: ClassVar[str] = "parts.found"
    icon: ClassVar = ("microscope", "accent")
    sentence: ClassVar = _("Lab finding on the old part %(part)s, %(tag)s: %(finding)s (work order %(order)s)")

    used_part_id: int
    tag: str
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCorrected(OrderPartFact):
    """The lab corrected its finding on the old part; the later one counts where nothing is settled yet."""

    type: ClassVar[str] = "parts.finding_corrected"
    icon: ClassVar = ("microscope", "risk")
    sentence: ClassVar = _(
        "Lab finding on the old part %(part)s, %(tag)s, %(finding)s instead of %(old)s: %(reason)s (work order %(order)s)"
    )
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"finding": _findings, "old": _findings}

    used_part_id: int
    tag: str
    old: str
    finding: str
    reason: str
