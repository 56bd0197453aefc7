"""Merges beyond this app: every app whose rows point at a customer registers how they move, and how they move back."""

from collections.abc import Callable, Sequence

# (from customer, to customer, only these ids or None for all) -> the ids that moved
Mover = Callable[[int, int, Sequence[int] | None], list[int]]
_movers: dict[str, Mover] = {}


def register(name: str, mover: Mover) -> None:
    """Let `mover(from_id, to_id, only)` point its rows at another customer, inside the merge's transaction."""
    _movers[name] = mover


def movers() -> dict[str, Mover]:
    """Return the registered functions by name."""
    return dict(sorted(_movers.items()))
