"""The facts that this app records, on the chain of the outlet's unit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact, Words


def _fields() -> Mapping[str, Any]:
    return {
        "order_id": _("work order"),
        "outlet_id": _("outlet"),
        "opened_at": _("opened"),
        "level": _("level"),
        "upheld": _("upheld"),
        "attributes": _("further columns"),
    }


@dataclass(frozen=True, slots=True)
class ComplaintReceived(Fact):
    """A complaint about the outlet was received."""

    type: ClassVar[str] = "complaints.received"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("Complaint %(number)s was received")

    unit_id: int
    number: str
    opened_at: datetime
    order: str = ""
    level: int | None = None
    upheld: bool | None = None


@dataclass(frozen=True, slots=True)
class ComplaintChanged(Fact):
    """Facts of a complaint are other than they were; `changes` is ``{field: [old, new]}``, `changed` its keys."""

    type: ClassVar[str] = "complaints.changed"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("Changed in complaint %(number)s: %(changed)s")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"changed": _fields}

    unit_id: int
    number: str
    changed: list[str]
    changes: dict[str, Any]
