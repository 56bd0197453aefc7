"""The panels of the case page: URLs of higher apps, shown to whom their policy allows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise as Lazy

from jieli.events.actor import Actor


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the case page that another app fills. `route` is a URL name taking the case's id."""

    label: str | Lazy
    route: str
    may_see: Callable[[Actor, Any], bool]


PANELS: tuple[Panel, ...] = ()


def panels_for(actor: Actor, case: Any) -> list[Panel]:
    """Return the panels of `case` that `actor` may see."""
    return [panel for panel in PANELS if panel.may_see(actor, case)]
