"""The rows of parts and what the database refuses about them."""

from jieli.parts.models.found import Finding
from jieli.parts.models.machines import MachineReturn
from jieli.parts.models.master import Part, PartFit, Substitute
from jieli.parts.models.ordered import PartOrder
from jieli.parts.models.stock import Balance, Entry, Movement, Place, Reservation
from jieli.parts.models.used import UsedPart

__all__ = [
    "Balance",
    "Entry",
    "Finding",
    "MachineReturn",
    "Movement",
    "Part",
    "PartFit",
    "PartOrder",
    "Place",
    "Reservation",
    "Substitute",
    "UsedPart",
]
