"""Panels of the case page which apps above fill: visit, parts, call-back, settlement."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise as Lazy

from jieli.cases.models import Case
from jieli.events.actor import Actor


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page: `route` is a URL name taking the case's id, which answers a fragment."""

    label: str | Lazy
    route: str
    may_see: Callable[[Actor, Case], bool]


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel to the page of every case for which its `may_see` allows it."""
    _panels[panel.route] = panel


def panels_for(actor: Actor, case: Case) -> list[Panel]:
    """Return the panels which the actor may see, in the order of their registration."""
    return [panel for panel in _panels.values() if panel.may_see(actor, case)]
