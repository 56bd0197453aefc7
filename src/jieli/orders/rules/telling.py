"""Which event tells which time of an order, and what it says; pure."""

from collections.abc import Mapping
from typing import Any

from jieli.orders.events import (
    CustomerCalledBack,
    LabFound,
    OrderArrived,
    OrderDispatched,
    OrderFact,
    OrderFinished,
    OrderReported,
    PartReturned,
)

EVENT_TIMES = (
    "dispatched_at", "arrived_at", "finished_at", "reported_at", "part_returned_at", "lab_at", "callback_at",
)  # fmt: skip
"""The times of which each has its event, in the order in which they usually come."""

TOLD: Mapping[str, tuple[str, ...]] = {
    "dispatched_at": ("outlet_id", "promised_until"),
    "finished_at": ("fixed_first",),
    "part_returned_at": ("part",),
    "lab_at": ("lab_finding",),
    "callback_at": ("callback_result",),
}
"""The facts which the event of a time says, too."""


def telling(time: str, order: Mapping[str, Any], outlet: str) -> tuple[type[OrderFact], dict[str, Any]]:
    """Return the fact of a known time and what it says besides number and case; `outlet` is the code."""
    match time:
        case "dispatched_at":
            until = order["promised_until"]
            return OrderDispatched, {"outlet": outlet} | ({} if until is None else {"promised_until": until.isoformat()})
        case "arrived_at":
            return OrderArrived, {}
        case "finished_at":
            return OrderFinished, {} if order["fixed_first"] is None else {"fixed_first": order["fixed_first"]}
        case "reported_at":
            return OrderReported, {}
        case "part_returned_at":
            return PartReturned, {"part": order["part"]}
        case "lab_at":
            return LabFound, {"finding": order["lab_finding"]}
        case _:
            return CustomerCalledBack, {"result": order["callback_result"]}
