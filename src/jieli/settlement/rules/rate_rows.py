"""What a row of rates.csv says, and whether it fits into its table (interfaces, Exchange files); pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.lib.cells import date_in, number_in, truth_in
from jieli.lib.money import parse_amount
from jieli.policies.codes import ServiceType

COLUMNS = (
    "version", "valid_from", "product_line", "service_type", "in_warranty", "distance_from_km", "distance_to_km", "fee_amount",
)  # fmt: skip
REQUIRED = tuple(column for column in COLUMNS if column != "distance_to_km")

Work = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Band:
    """The fee of one distance band; `line` is where it was read, 0 when it was there before."""

    line: int
    from_km: Decimal
    to_km: Decimal | None
    fee_amount: Decimal

    def overlaps(self, other: "Band") -> bool:
        """Tell whether some distance lies in both."""
        return (self.to_km is None or other.from_km < self.to_km) and (other.to_km is None or self.from_km < other.to_km)

    def is_same(self, other: "Band") -> bool:
        """Tell whether both begin and end at the same distances."""
        return (self.from_km, self.to_km) == (other.from_km, other.to_km)


@dataclass(slots=True)
class RateRow:
    """A row read: its values and what is wrong by column."""

    line: int
    row: Mapping[str, str]
    version: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str | Lazy] = field(default_factory=dict)

    @property
    def valid_from(self) -> date:
        """Return the first day for which the table holds."""
        found: date = self.values["valid_from"]
        return found

    @property
    def work(self) -> Work:
        """Return what the fee is for, distance apart."""
        return (self.values["product_line"], self.values["service_type"], self.values["in_warranty"])

    @property
    def band(self) -> Band:
        """Return the distances and the fee."""
        end = self.values.get("distance_to_km")
        return Band(self.line, self.values["distance_from_km"], end, self.values["fee_amount"])


def _short(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > most or "\x00" in text:
            raise ValueError(text)
        return text

    return read


def _kilometres(text: str) -> Decimal:
    value = number_in(text)
    if not 0 <= value < 100_000 or value != value.quantize(Decimal("0.001")):
        raise ValueError(text)
    return value


def _fee(text: str) -> Decimal:
    value = parse_amount(text)
    if not 0 <= value < 100_000_000:
        raise ValueError(text)
    return value


def _service_type(text: str) -> str:
    if text not in ServiceType.values:
        raise ValueError(text)
    return text


_DISTANCE = _("This is not a distance in kilometres, such as 12.5.")
_READERS: dict[str, tuple[Callable[[str], Any], str | Lazy]] = {
    "version": (_short(40), _("This is too long.")),
    "valid_from": (date_in, _("This is not a date such as 2026-11-01.")),
    "product_line": (_short(60), _("This is too long.")),
    "service_type": (_service_type, _("This is no service type, such as repair, installation or maintenance.")),
    "in_warranty": (truth_in, _("This is neither true nor false.")),
    "distance_from_km": (_kilometres, _DISTANCE),
    "distance_to_km": (_kilometres, _DISTANCE),
    "fee_amount": (_fee, _("This is not an amount such as 82.00.")),
}


def read_rate(line: int, row: Mapping[str, str]) -> RateRow:
    """Return what a row says; an empty upper bound is open, an empty lower one is zero."""
    read = RateRow(line, row, row.get("version", "").strip())
    for column, (reader, reason) in _READERS.items():
        text = row.get(column, "").strip()
        if text:
            try:
                read.values[column] = reader(text)
            except ValueError:
                read.faults[column] = reason
        elif column == "distance_from_km":
            read.values[column] = Decimal(0)
        elif column != "distance_to_km":
            read.faults[column] = _("This must not be empty.")
    end = read.values.get("distance_to_km")
    if end is not None and end <= read.values.get("distance_from_km", Decimal(0)):
        read.faults.setdefault("distance_to_km", _("The band must end above its beginning."))
    return read


def in_the_way(band: Band, others: Iterable[Band]) -> Band | None:
    """Return the first band that overlaps, or None."""
    return next((other for other in others if band.overlaps(other)), None)
