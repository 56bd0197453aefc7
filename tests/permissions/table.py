"""The words of the tables."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LETTERS = {
    "A": "administrator",
    "M": "manager",
    "S": "supervisor",
    "G": "agent",
    "D": "dispatcher",
    "O": "outlet_manager",
    "P": "specialist",
    "Q": "quality",
    "E": "engineer",
    "F": "finance",
    "L": "employee",
    "Y": "mystery_shopper",
    "C": "customer",
}
EVERY = "".join(LETTERS)
DESK = "AMSGDOPQ"
SOFTWARE = "system rule import"


@dataclass(frozen=True)
class Who:
    """Who may: `unit` roles held at the target's unit or above it, `any` roles held anywhere, `root` over the whole company.

    `also` names those who may without a role: concerned (owner, holder), receiver, client, other_client, system, rule, import.
    `everybody` stands for each person who works here, whatever the role, also without one.
    """

    unit: str = ""
    any: str = ""
    root: str = ""
    also: str = ""
    everybody: bool = False

    def roles(self, place: str) -> str:
        """Return the roles that suffice when held at a place: own, root (above it) or other (elsewhere)."""
        return {"own": self.unit + self.any, "root": self.unit + self.any + self.root, "other": self.any}[place]


@dataclass(frozen=True)
class Try:
    """One call of an action: all of `asks` are needed, by their names; `also` may besides, whatever the permissions say.

    `ends` is how it ends for those who may: ``done``, or the code of the refusal that comes after the permission.
    """

    asks: str
    act: Callable[[Any, Any], object]
    also: str = ""
    ends: str = "done"


# Why an action asks no permission of a person.
ONLY_SOFTWARE = "(only the software itself, which the action checks)"
INSIDE = "(a step of other actions, which asked before)"
OWN = "(touches only rows of the person who acts)"
