"""What a row of orders.csv says, and what cannot be or is odd about an order (interfaces, Exchange files); pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.cases.models import Case
from jieli.lib.cells import instant_in, number_in, truth_in
from jieli.orders.models import WorkOrder

COLUMNS = (
    "number", "customer", "device", "product_line", "service_type", "fault_group", "in_warranty", "distance_km", "night",
    "holiday", "high_floor", "outlet", "engineer", "opened_at", "dispatched_at", "promised_until", "arrived_at", "finished_at",
    "reported_at", "fixed_first", "steps_complete", "part", "part_returned_at", "lab_finding", "lab_at", "callback_result",
    "callback_at", "delight", "information_accepted", "callback_excused",
)  # fmt: skip
NAMES = ("number", "customer", "device", "outlet", "engineer")
"""The columns that name something else, or the order itself."""

FACTS = tuple(column for column in COLUMNS if column not in NAMES)
TIMES = ("opened_at", "dispatched_at", "promised_until", "arrived_at", "finished_at", "reported_at", "part_returned_at",
         "lab_at", "callback_at")  # fmt: skip
TRUTHS = (
    "in_warranty", "night", "holiday", "high_floor", "fixed_first", "steps_complete", "delight", "information_accepted",
    "callback_excused",
)  # fmt: skip
NEVER_UNKNOWN: dict[str, Any] = {
    "product_line": "",
    "service_type": "",
    "fault_group": "",
    "night": False,
    "holiday": False,
    "high_floor": False,
    "part": "",
    "lab_finding": "",
    "callback_result": "",
    "delight": False,
    "information_accepted": False,
    "callback_excused": False,
}
"""What an order holds in fields that know no null, while nothing is known."""

KILOMETRES = Decimal("0.001")

_BAD_TIME = _("This is not a time in ISO 8601 with its offset, such as 2026-11-22T15:07:00+08:00.")
_BAD_TRUTH = _("This is neither true nor false.")
_TOO_LONG = _("This is too long.")
_MISSING = _("This must not be empty.")
_LENGTHS = {"number": 40, "customer": 60, "device": 80, "outlet": 64, "engineer": 64}


@dataclass(slots=True)
class OrderRow:
    """A row read: the names of what it refers to, its known facts, unknown columns, and what is wrong by column."""

    line: int
    row: Mapping[str, str]
    number: str = ""
    customer: str = ""
    device: str = ""
    outlet: str = ""
    engineer: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str | Lazy] = field(default_factory=dict)


def _text(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > most:
            raise ValueError(text)
        return text

    return read


def _code(codes: list[str]) -> Callable[[str], str]:
    known = frozenset(codes)

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return read


def _kilometres(text: str) -> Decimal:
    value = number_in(text)
    if not 0 <= value < 100_000:
        raise ValueError(text)
    return value.quantize(KILOMETRES)


def _codes_reason(codes: list[str]) -> Callable[[], str]:
    return lambda: str(_("This is none of %(codes)s.") % {"codes": ", ".join(codes)})


_READERS: dict[str, tuple[Callable[[str], Any], Any]] = {
    **dict.fromkeys(TIMES, (instant_in, _BAD_TIME)),
    **dict.fromkeys(TRUTHS, (truth_in, _BAD_TRUTH)),
    **dict.fromkeys(("product_line", "fault_group", "part"), (_text(60), _TOO_LONG)),
    "distance_km": (_kilometres, _("This is not a distance in kilometres, such as 12.5.")),
    "service_type": (_code(Case.ServiceType.values), _codes_reason(Case.ServiceType.values)),
    "lab_finding": (_code(WorkOrder.LabFinding.values), _codes_reason(WorkOrder.LabFinding.values)),
    "callback_result": (_code(WorkOrder.CallbackResult.values), _codes_reason(WorkOrder.CallbackResult.values)),
}


def read_order(line: int, row: Mapping[str, str]) -> OrderRow:
    """Return what a row says; empty cells are unknown and left out. `faults_of` judges the order as a whole."""
    read = OrderRow(line, row)
    for column, cell in row.items():
        text = cell.strip()
        if not text:
            continue
        reader = _READERS.get(column)
        if reader is not None:
            try:
                read.facts[column] = reader[0](text)
            except ValueError:
                reason = reader[1]
                read.faults[column] = reason() if callable(reason) else reason
        elif column in _LENGTHS:
            if len(text) > _LENGTHS[column]:
                read.faults[column] = _TOO_LONG
            else:
                setattr(read, column, text)
        else:
            read.attributes[column] = text
    for column in ("number", "outlet"):
        if not getattr(read, column) and column not in read.faults:
            read.faults[column] = _MISSING
    return read


def faults_of(order: Mapping[str, Any]) -> dict[str, str | Lazy]:
    """Return by column what cannot be in an order; `order` holds every fact, empty ones as null or ""."""
    faults: dict[str, str | Lazy] = {}
    opened_at, finished_at = order["opened_at"], order["finished_at"]
    if opened_at is None:
        faults["opened_at"] = _MISSING
    elif finished_at is not None and finished_at < opened_at:
        faults["finished_at"] = _("The order is finished before it is opened.")
    if order["lab_finding"]:
        if order["part_returned_at"] is None:
            faults["lab_finding"] = _("A lab finding needs the return of the part: part_returned_at is empty.")
        if order["lab_at"] is None:
            faults["lab_at"] = _("A lab finding needs its time.")
    elif order["lab_at"] is not None:
        faults["lab_finding"] = _("The time of a lab finding needs the finding.")
    if order["callback_result"]:
        if order["callback_at"] is None:
            faults["callback_at"] = _("The result of a call-back needs its time.")
    elif order["callback_at"] is not None:
        faults["callback_result"] = _("The time of a call-back needs its result.")
    return faults


_ORDER_OF_TIMES = (
    ("dispatched_at", "opened_at", _("dispatched before it was opened; kept as it is.")),
    ("arrived_at", "dispatched_at", _("arrived before the dispatch; kept as it is.")),
    ("finished_at", "arrived_at", _("finished before the arrival; kept as it is.")),
    ("reported_at", "finished_at", _("results reported before the end of the work; kept as it is.")),
    ("part_returned_at", "finished_at", _("the part came back before the end of the work; kept as it is.")),
    ("lab_at", "part_returned_at", _("found by the lab before the part came back; kept as it is.")),
    ("callback_at", "finished_at", _("called back before the end of the work; kept as it is.")),
)
_FUTURE = _("lies in the future; kept as it is, its event bears the time of the import.")
_HAPPENED = tuple(column for column in TIMES if column != "promised_until")


def warnings_of(order: Mapping[str, Any], now: datetime) -> dict[str, str | Lazy]:
    """Return by column what is odd about an order and kept all the same."""
    odd: dict[str, str | Lazy] = {
        later: reason
        for later, earlier, reason in _ORDER_OF_TIMES
        if order[later] is not None and order[earlier] is not None and order[later] < order[earlier]
    }
    for column in _HAPPENED:
        if order[column] is not None and order[column] > now:
            odd[column] = _FUTURE
    return odd
