"""What a row of outlets.csv says (interfaces, Exchange files); pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.lib.cells import list_in, number_in
from jieli.network.models import Outlet

COLUMNS = (
    "code", "type", "tier", "region", "latitude", "longitude", "capacity_per_day", "product_lines", "status",
)  # fmt: skip
PLACES = Decimal("0.000001")

_UNREADABLE = {
    "type": _("This is none of flagship, core, standard, satellite."),
    "tier": _("This is neither star_centre nor outlet."),
    "status": _("This is none of active, suspended, ended."),
    "region": _("This is too long."),
    "latitude": _("The latitude lies between -90 and 90."),
    "longitude": _("The longitude lies between -180 and 180."),
    "capacity_per_day": _("This is not a whole number of orders."),
    "product_lines": _("Product lines are separated by semicolons, each of at most 60 characters."),
}


@dataclass(slots=True)
class OutletRow:
    """The known cells of a row as values, the cells of unknown columns, and what is wrong by column."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str | Lazy] = field(default_factory=dict)


def read_outlet(row: Mapping[str, str]) -> OutletRow:
    """Return what a row says; empty cells are unknown and left out."""
    read = OutletRow(row.get("code", "").strip())
    if not read.code:
        read.faults["code"] = _("This must not be empty.")
    for column, cell in row.items():
        text = cell.strip()
        if not text or column == "code":
            continue
        if "\x00" in text:
            read.faults[column] = _("This holds a character that cannot be kept.")
        elif column not in _READERS:
            read.attributes[column] = text
        else:
            try:
                read.values[column] = _READERS[column](text)
            except ValueError:
                read.faults[column] = _UNREADABLE[column]
    if ("latitude" in read.values) != ("longitude" in read.values) and not read.faults.keys() & {"latitude", "longitude"}:
        missing = "longitude" if "latitude" in read.values else "latitude"
        read.faults[missing] = _("A place needs latitude and longitude.")
    return read


def _one_of(codes: list[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in codes:
            raise ValueError(text)
        return text

    return read


def _degrees(most: int) -> Callable[[str], Decimal]:
    def read(text: str) -> Decimal:
        value = number_in(text)
        if not -most <= value <= most:
            raise ValueError(text)
        return value.quantize(PLACES)

    return read


def _region(text: str) -> str:
    if len(text) > 60:
        raise ValueError(text)
    return text


def _capacity(text: str) -> int:
    value = number_in(text)
    if value != int(value) or not 0 <= value <= 100_000:
        raise ValueError(text)
    return int(value)


def _lines(text: str) -> list[str]:
    found = list_in(text)
    if any(len(one) > 60 for one in found):
        raise ValueError(text)
    return found


_READERS: dict[str, Callable[[str], Any]] = {
    "type": _one_of(Outlet.Type.values),
    "tier": _one_of(Outlet.Tier.values),
    "status": _one_of(Outlet.Status.values),
    "region": _region,
    "latitude": _degrees(90),
    "longitude": _degrees(180),
    "capacity_per_day": _capacity,
    "product_lines": _lines,
}
