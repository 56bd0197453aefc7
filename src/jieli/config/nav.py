"""The navigation: which entries the apps offer, to whom."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise as Lazy

from jieli.events.actor import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation. `route` is a URL name; `may_see` is a function of the owning app's policy."""

    label: str | Lazy
    route: str
    icon: str
    may_see: Callable[[Actor], bool]
    section: str = "desk"


ENTRIES: tuple[Entry, ...] = ()


def entries_for(actor: Actor) -> list[Entry]:
    """Return the entries that `actor` may see, in order."""
    return [entry for entry in ENTRIES if entry.may_see(actor)]
