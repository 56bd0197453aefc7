"""Rows of parts.csv and stock.csv read into values; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.lib.cells import list_in, number_in, truth_in

PART_COLUMNS = (
    "code", "name", "name_en", "kind", "price_amount", "warranty_code", "is_returnable", "is_active", "fits",
)  # fmt: skip
STOCK_COLUMNS = ("place", "part", "quantity", "kind", "unit", "staff")
STOCK_NEEDS = ("place", "part", "quantity")

_MISSING = _("This must not be empty.")
_LONGEST = {"code": 40, "name": 120, "name_en": 120, "warranty_code": 40}


@dataclass(slots=True)
class PartRow:
    """What a row of parts.csv says; what is empty is left out of `values`."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str | Lazy] = field(default_factory=dict)


def read_part(row: Mapping[str, str]) -> PartRow:
    """Return what a row of parts.csv says; fits are ``line`` or ``line:model``, separated by semicolons."""
    read = PartRow("".join((row.get("code") or "").split()).upper())
    if not read.code:
        read.faults["code"] = _MISSING
    for column, cell in row.items():
        text = (cell or "").strip()
        if "\x00" in text:
            read.faults[column] = _("This holds a character that cannot be kept.")
        elif len(text) > _LONGEST.get(column, 10_000):
            read.faults[column] = _("This is too long.")
        elif not text or column == "code":
            continue
        elif column not in PART_COLUMNS:
            read.attributes[column] = text
        else:
            _take(read, column, text)
    return read


_REASONS = {
    "price_amount": _("Give an amount from 0."),
    "kind": _("Choose part or whole machine."),
    "is_returnable": _("Write true or false."),
    "is_active": _("Write true or false."),
}


def _take(read: PartRow, column: str, text: str) -> None:
    try:
        read.values[column] = _value(column, text)
    except ValueError:
        read.faults[column] = _REASONS[column]


def _value(column: str, text: str) -> Any:
    match column:
        case "price_amount":
            amount = number_in(text)
            if not 0 <= amount < 10**8:
                raise ValueError(text)
            return amount.quantize(Decimal("0.01"))
        case "is_returnable" | "is_active":
            return truth_in(text)
        case "kind":
            if text not in ("part", "machine"):
                raise ValueError(text)
            return text
        case "fits":
            pairs = [one.partition(":") for one in list_in(text)]
            return [(line.strip()[:80], model.strip()[:120]) for line, _colon, model in pairs if line.strip()]
        case _:
            return text


@dataclass(slots=True)
class StockRow:
    """How many of a part somebody counted at a place; kind, unit and staff are for a place that is to be made."""

    place: str
    part: str
    quantity: int = 0
    kind: str = ""
    unit: str = ""
    staff: str = ""
    faults: dict[str, str | Lazy] = field(default_factory=dict)


def read_stock(row: Mapping[str, str]) -> StockRow:
    """Return what a row of stock.csv says."""
    cells = {column: (row.get(column) or "").strip() for column in STOCK_COLUMNS}
    read = StockRow(cells["place"].upper(), cells["part"].upper(), kind=cells["kind"], unit=cells["unit"], staff=cells["staff"])
    read.faults = {column: _MISSING for column in STOCK_NEEDS if not cells[column]}
    if cells["quantity"]:
        if cells["quantity"].isdecimal() and int(cells["quantity"]) <= 100_000:
            read.quantity = int(cells["quantity"])
        else:
            read.faults["quantity"] = _("Give a whole number from 0 to 100,000.")
    return read
