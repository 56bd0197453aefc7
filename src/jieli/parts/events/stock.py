"""The facts about stock, told on the chain of the place's unit, and about the master, on that of the company."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFact(Fact):
    """A fact about the stock of a place, told on the chain of its unit."""

    stream: ClassVar[str] = "unit"

    unit_id: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedFact(StockFact):
    """Stock was booked; `lines` are ``[code, quantity]``, `total` how many parts they are together."""

    total: int
    lines: list[list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMade(StockFact):
    """A place for parts was made."""

    type: ClassVar[str] = "parts.place_made"
    icon: ClassVar = ("building-warehouse", "grey")
    sentence: ClassVar = _("%(name)s keeps parts from now on")

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReceived(BookedFact):
    """Parts came from the supplier."""

    type: ClassVar[str] = "parts.stock_received"
    icon: ClassVar = ("package-import", "ok")
    sentence: ClassVar = _("%(total)s parts came to %(place)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class StockMoved(BookedFact):
    """Parts went from one place to another; told on the chain of the unit that they left."""

    type: ClassVar[str] = "parts.stock_moved"
    icon: ClassVar = ("transfer", "grey")
    sentence: ClassVar = _("%(total)s parts went from %(place)s to %(to)s")

    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCounted(BookedFact):
    """A count found other quantities than the book; `lines` are the differences."""

    type: ClassVar[str] = "parts.stock_counted"
    icon: ClassVar = ("clipboard-check", "risk")
    sentence: ClassVar = _("A count at %(place)s corrected %(total)s parts: %(reason)s")

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockScrapped(BookedFact):
    """Parts were thrown away."""

    type: ClassVar[str] = "parts.stock_scrapped"
    icon: ClassVar = ("trash", "risk")
    sentence: ClassVar = _("%(total)s parts at %(place)s were scrapped: %(reason)s")

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMasterChanged(Fact):
    """Parts were added to the master or changed there."""

    type: ClassVar[str] = "parts.master_changed"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("%(total)s parts of the master were added or changed")

    company_id: int
    total: int
    codes: list[str]
