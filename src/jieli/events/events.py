"""The facts that the memory itself records."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact


@dataclass(frozen=True, slots=True)
class ClockMoved(Fact):
    """An administrator moved the company clock forward in demo mode."""

    type: ClassVar[str] = "events.clock_moved"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("The demo clock was moved forward by %(seconds)s seconds")

    company_id: int
    seconds: int


@dataclass(frozen=True, slots=True)
class DemoMade(Fact):
    """A demo company was made up to this moment, of these sizes; what is recorded after it happened in it."""

    type: ClassVar[str] = "events.demo_made"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("The demo company was made: %(outlets)s outlets, %(orders)s orders in %(months)s months")

    company_id: int
    outlets: int
    customers: int
    orders: int
    months: int
    weeks: int
    seed: int


@dataclass(frozen=True, slots=True)
class DemoResumed(Fact):
    """A demo was started after some hours and its clock went on from when it was left, so many seconds earlier."""

    type: ClassVar[str] = "events.demo_resumed"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("The demo went on where it was left; its clock had stood still for %(seconds)s seconds")

    company_id: int
    seconds: int
