"""What a row of incentives.csv says (interfaces, Exchange files); pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.lib.money import parse_amount

COLUMNS = ("outlet", "month", "kind", "amount", "order", "reason")

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
_MOST = Decimal("1e10")
_LONGEST = {"outlet": 64, "kind": 40, "order": 40, "reason": 300}


@dataclass(slots=True)
class IncentiveRow:
    """A row read: its values, unknown columns, and what is wrong by column."""

    line: int
    row: Mapping[str, str]
    outlet: str = ""
    month: date = date.min
    kind: str = ""
    amount: Decimal = Decimal(0)
    order: str = ""
    reason: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str | Lazy] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[str, date, str, Decimal, str, str, tuple[tuple[str, str], ...]]:
        """Return all that the row says: there is no key."""
        others = tuple(sorted(self.attributes.items()))
        return (self.outlet, self.month, self.kind, self.amount, self.order, self.reason, others)


def read_incentive(line: int, row: Mapping[str, str]) -> IncentiveRow:
    """Return what a row says. The amount is signed as given."""
    read = IncentiveRow(line, row)
    for column, cell in row.items():
        text = cell.strip()
        if "\x00" in text:
            read.faults[column] = _("This holds a character that cannot be kept.")
        elif column in _LONGEST:
            if len(text) > _LONGEST[column]:
                read.faults[column] = _("This is too long.")
            setattr(read, column, text)
        elif column == "month":
            _take_month(read, text)
        elif column == "amount":
            _take_amount(read, text)
        elif text:
            read.attributes[column] = text
    for column in ("outlet", "month", "kind", "amount"):
        if not row.get(column, "").strip():
            read.faults[column] = _("This must not be empty.")
    return read


def _take_month(read: IncentiveRow, text: str) -> None:
    if _MONTH.fullmatch(text) is None or text < "1970":
        read.faults["month"] = _("Give a month as 2026-11.")
    else:
        read.month = date.fromisoformat(f"{text}-01")


def _take_amount(read: IncentiveRow, text: str) -> None:
    try:
        read.amount = parse_amount(text.removeprefix("+") if text[1:2].isdigit() else text)
    except ValueError:
        read.faults["amount"] = _("This is not an amount such as 1234.50 or -80.00.")
        return
    if abs(read.amount) >= _MOST:
        read.faults["amount"] = _("This amount is too large.")
