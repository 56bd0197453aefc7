"""The facts about stock, told on the chain of the place's unit, and about the master, on that of the company."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact


class StockFact(Fact):
    """A fact about the stock of a place, told on the chain of its unit; `lines` are ``[code, quantity]``."""

    stream: ClassVar[str] = "unit"

    unit_id: int


@dataclass(frozen=True, slots=True)
class PlaceMade(StockFact):
    """A place for parts was made."""

    type: ClassVar[str] = "parts.place_made"
    icon: ClassVar = ("building-warehouse", "grey")
    sentence: ClassVar = _("%(name)s keeps parts from now on")

    unit_id: int
    place: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class StockReceived(StockFact):
    """Parts came from the supplier."""

    type: ClassVar[str] = "parts.stock_received"
    icon: ClassVar = ("package-import", "ok")
    sentence: ClassVar = _("%(total)s parts came to %(place)s")

    unit_id: int
    place: str
    total: int
    lines: list[list[Any]]


@dataclass(frozen=True, slots=True)
class StockMoved(StockFact):
    """Parts went from one place to another; told on the chain of the unit that they left."""

    type: ClassVar[str] = "parts.stock_moved"
    icon: ClassVar = ("transfer", "grey")
    sentence: ClassVar = _("%(total)s parts went from %(place)s to %(to)s")

    unit_id: int
    place: str
    to: str
    total: int
    lines: list[list[Any]]


@dataclass(frozen=True, slots=True)
class StockCounted(StockFact):
    """A count found other quantities than the book; `lines` are the differences."""

    type: ClassVar[str] = "parts.stock_counted"
    icon: ClassVar = ("clipboard-check", "risk")
    sentence: ClassVar = _("A count at %(place)s corrected %(total)s parts: %(reason)s")

    unit_id: int
    place: str
    total: int
    reason: str
    lines: list[list[Any]]


@dataclass(frozen=True, slots=True)
class StockScrapped(StockFact):
    """Parts were thrown away."""

    type: ClassVar[str] = "parts.stock_scrapped"
    icon: ClassVar = ("trash", "risk")
    sentence: ClassVar = _("%(total)s parts at %(place)s were scrapped: %(reason)s")

    unit_id: int
    place: str
    total: int
    reason: str
    lines: list[list[Any]]


@dataclass(frozen=True, slots=True)
class PartMasterChanged(Fact):
    """Parts were added to the master or changed there."""

    type: ClassVar[str] = "parts.master_changed"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("%(total)s parts of the master were added or changed")

    company_id: int
    total: int
    codes: list[str]
