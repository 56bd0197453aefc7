"""What a row of complaints.csv says (interfaces, Exchange files); pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.lib.cells import instant_in, truth_in

COLUMNS = ("number", "order", "outlet", "opened_at", "level", "upheld")

_MISSING = _("This must not be empty.")
_LEVELS = {"1": 1, "2": 2, "3": 3, "4": 4}
_READERS = {
    "opened_at": (instant_in, _("This is not a time in ISO 8601 with its offset, such as 2026-11-22T15:07:00+08:00.")),
    "level": (_LEVELS.__getitem__, _("This is none of the levels 1, 2, 3, 4.")),
    "upheld": (truth_in, _("This is neither true nor false.")),
}
_LENGTHS = {"number": 40, "order": 40, "outlet": 64}


@dataclass(slots=True)
class ComplaintRow:
    """A row read: what it names, its known facts, unknown columns, and what is wrong by column."""

    line: int
    row: Mapping[str, str]
    number: str = ""
    order: str = ""
    outlet: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str | Lazy] = field(default_factory=dict)


def read_complaint(line: int, row: Mapping[str, str]) -> ComplaintRow:
    """Return what a row says; empty cells are unknown and left out."""
    read = ComplaintRow(line, row)
    for column, cell in row.items():
        text = cell.strip()
        if not text:
            continue
        if column in _READERS:
            reader, reason = _READERS[column]
            try:
                read.facts[column] = reader(text)
            except (ValueError, KeyError):
                read.faults[column] = reason
        elif column in _LENGTHS:
            if len(text) > _LENGTHS[column]:
                read.faults[column] = _("This is too long.")
            else:
                setattr(read, column, text)
        else:
            read.attributes[column] = text
    if not read.number:
        read.faults.setdefault("number", _MISSING)
    return read
