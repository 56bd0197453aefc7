"""Panels of the customer's page which apps above fill: cases, proactive care, complaints."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise as Lazy

from jieli.customers.models import Customer
from jieli.events.actor import Actor


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page: `route` is a URL name taking the customer's id, which answers a fragment."""

    label: str | Lazy
    route: str
    may_see: Callable[[Actor, Customer], bool]


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel to the page of every customer whom its `may_see` allows."""
    _panels[panel.route] = panel


def panels_for(actor: Actor, customer: Customer) -> list[Panel]:
    """Return the panels which the actor may see, in the order of their registration."""
    return [panel for panel in _panels.values() if panel.may_see(actor, customer)]
