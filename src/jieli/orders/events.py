"""The facts that this app records, on the chain of the order's case.

An event of a time happened at that time; `facts` is what became known with it and has no event of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact, Words


def _findings() -> Mapping[str, Any]:
    return {
        "confirmed": _("confirmed"),
        "no_fault": _("no fault found"),
        "wrong_part": _("wrong part"),
        "misuse": _("misuse"),
    }


def _results() -> Mapping[str, Any]:
    return {"satisfied": _("satisfied"), "dissatisfied": _("dissatisfied"), "unreached": _("unreached")}


def _fields() -> Mapping[str, Any]:
    return {
        "outlet_id": _("outlet"),
        "engineer_id": _("engineer"),
        "device_id": _("device"),
        "product_line": _("product line"),
        "service_type": _("service type"),
        "fault_group": _("fault group"),
        "in_warranty": _("in warranty"),
        "distance_km": _("distance, km"),
        "night": _("night"),
        "holiday": _("holiday"),
        "high_floor": _("high floor"),
        "opened_at": _("opened"),
        "dispatched_at": _("dispatched"),
        "promised_until": _("promised until"),
        "arrived_at": _("arrived"),
        "finished_at": _("finished"),
        "reported_at": _("results reported"),
        "fixed_first": _("fixed on first arrival"),
        "steps_complete": _("steps complete"),
        "part": _("part"),
        "part_returned_at": _("part returned"),
        "lab_finding": _("lab finding"),
        "lab_at": _("found"),
        "callback_result": _("call-back"),
        "callback_at": _("called back"),
        "callback_excused": _("not about the visit"),
        "delight": _("moving story"),
        "information_accepted": _("information accepted"),
        "cancelled_at": _("called off"),
        "attributes": _("further columns"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact(Fact):
    """A fact of one work order, told on the chain of its case."""

    stream: ClassVar[str] = "case"
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"finding": _findings, "result": _results, "changed": _fields}

    case_id: int
    number: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDispatched(OrderFact):
    """The order was given to an outlet."""

    type: ClassVar[str] = "orders.dispatched"
    icon: ClassVar = ("truck", "accent")
    sentence: ClassVar = _("Work order %(number)s was dispatched to %(outlet)s")

    outlet: str
    promised_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderArrived(OrderFact):
    """Somebody arrived on site."""

    type: ClassVar[str] = "orders.arrived"
    icon: ClassVar = ("map-pin", "accent")
    sentence: ClassVar = _("Arrived on site (work order %(number)s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFinished(OrderFact):
    """The work was done; `fixed_first` tells whether on the first arrival, empty while unknown."""

    type: ClassVar[str] = "orders.finished"
    icon: ClassVar = ("circle-check", "ok")
    sentence: ClassVar = _("Work order %(number)s was finished")

    fixed_first: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReported(OrderFact):
    """The outlet returned its results."""

    type: ClassVar[str] = "orders.reported"
    icon: ClassVar = ("clipboard-check", "grey")
    sentence: ClassVar = _("The results of work order %(number)s came back")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReturned(OrderFact):
    """The changed part came back from the outlet."""

    type: ClassVar[str] = "orders.part_returned"
    icon: ClassVar = ("package", "grey")
    sentence: ClassVar = _("The changed part %(part)s came back (work order %(number)s)")

    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabFound(OrderFact):
    """The lab looked at the returned part."""

    type: ClassVar[str] = "orders.lab_found"
    icon: ClassVar = ("microscope", "grey")
    sentence: ClassVar = _("The lab's finding on the part of work order %(number)s: %(finding)s")

    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCalledBack(OrderFact):
    """The customer was called back; unreached means that all attempts are used."""

    type: ClassVar[str] = "orders.called_back"
    icon: ClassVar = ("phone", "accent")
    sentence: ClassVar = _("Call-back on work order %(number)s: %(result)s")

    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged(OrderFact):
    """Facts of the order became known or are other than they were; `changes` is ``{field: [old, new]}``, `changed` its keys."""

    type: ClassVar[str] = "orders.order_changed"
    icon: ClassVar = ("edit", "risk")
    sentence: ClassVar = _("Changed in work order %(number)s: %(changed)s")

    changed: list[str]
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(OrderFact):
    """The order was called off before it was finished; it counts nowhere."""

    type: ClassVar[str] = "orders.cancelled"
    icon: ClassVar = ("circle-x", "grey")
    sentence: ClassVar = _("Work order %(number)s was called off")
