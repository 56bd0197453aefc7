"""The facts that this app records; an outlet's lie on the chain of its unit."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact


@dataclass(frozen=True, slots=True)
class OutletMade(Fact):
    """A unit became an outlet of the network; `values` are its type, tier, region and the other fields."""

    type: ClassVar[str] = "network.outlet_made"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("Became an outlet: %(summary)s")

    unit_id: int
    summary: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutletChanged(Fact):
    """Fields of an outlet changed; `changes` is ``{field: [old, new]}``."""

    type: ClassVar[str] = "network.outlet_changed"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("Data of the outlet were changed: %(fields)s")

    unit_id: int
    fields: str
    changes: dict[str, Any]
