"""Who acts: a person, a customer, a rule, an import or the system itself."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["staff", "customer", "rule", "system", "import"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held over a unit and everything below it; `unit_path` is the unit's path such as ``/1/4/``."""

    role: str
    unit_path: str


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of an act, with the rights that were his when he acted.

    `id` is the staff or customer id; rules, imports and the system have a `name` instead. `scopes` narrows what an API
    token may do; empty means unrestricted.
    """

    kind: ActorKind
    id: int | None
    name: str
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] = frozenset()

    @property
    def is_staff(self) -> bool:
        """Tell whether a person of the company acts."""
        return self.kind == "staff"

    @property
    def is_internal(self) -> bool:
        """Tell whether the software itself acts: a rule, an import, the system."""
        return self.kind in ("rule", "system", "import")

    def has_role(self, *roles: str, unit_path: str | None = None) -> bool:
        """Tell whether one of `roles` is granted, for the unit at `unit_path` when given."""
        return any(
            grant.role in roles and (unit_path is None or unit_path.startswith(grant.unit_path)) for grant in self.grants
        )

    def unit_paths(self, *roles: str) -> tuple[str, ...]:
        """Return the paths of the units over which one of `roles` (any role when none is named) is held."""
        return tuple({grant.unit_path for grant in self.grants if not roles or grant.role in roles})


SYSTEM = Actor("system", None, "system")
COMMAND_LINE = Actor("system", None, "command line")
"""Who works at the machine itself, with the rights of the system."""


def rule_actor(name: str) -> Actor:
    """Return the actor for an automatic decision of the rule `name`."""
    return Actor("rule", None, name)


def import_actor(source: str) -> Actor:
    """Return the actor for an import from `source`."""
    return Actor("import", None, source)


def customer_actor(customer_id: int, name: str) -> Actor:
    """Return the actor for a customer who reached us by his link, his mail or his call."""
    return Actor("customer", customer_id, name)
