"""What apps above add: panels of the customer's page (cases, proactive care, complaints), links at devices."""

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


@dataclass(frozen=True, slots=True)
class DeviceLink:
    """A page of an app above about devices: `route` is a URL name that takes the filter of the list of devices as its query."""

    label: str | Lazy
    icon: str
    route: str


_device_links: dict[str, DeviceLink] = {}


def register_device_link(link: DeviceLink) -> None:
    """Add a link to the list of devices and to the page of each."""
    _device_links[link.route] = link


def device_links() -> list[DeviceLink]:
    """Return the links registered, in their order."""
    return list(_device_links.values())


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel to the page of every customer whom its `may_see` allows."""
    _panels[panel.route] = panel


def panels_for(actor: Actor, customer: Customer) -> list[Panel]:
    """Return the panels which the actor may see, in the order of their registration."""
    return [panel for panel in _panels.values() if panel.may_see(actor, customer)]
