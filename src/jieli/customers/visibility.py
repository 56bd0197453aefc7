"""Who sees customers beyond the desk: apps above say which customers somebody has to do with, without being known here."""

from collections.abc import Callable

from django.db.models import Model, QuerySet

from jieli.events.actor import Actor

# Roles that work with every customer of the company.
DESK_ROLES = ("administrator", "manager", "supervisor", "agent", "dispatcher", "specialist", "quality")

CustomerIds = Callable[[Actor], "QuerySet[Model, object]"]
_sources: dict[str, CustomerIds] = {}


def register(name: str, customer_ids: CustomerIds) -> None:
    """Let `customer_ids(actor)`, a query of one column of customer ids, add to what an actor outside the desk sees."""
    _sources[name] = customer_ids


def sources() -> list[CustomerIds]:
    """Return what was registered, in order of the names."""
    return [_sources[name] for name in sorted(_sources)]
