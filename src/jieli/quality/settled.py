"""Which work orders a month end has decided: the app that settles says so, because it stands above this one."""

from collections.abc import Callable, Collection

Decided = Callable[[Collection[int]], bool]
_askers: dict[str, Decided] = {}


def register(name: str, decided: Decided) -> None:
    """Let `decided(order_ids)` tell whether the gate of one of these orders has been passed or not for good."""
    _askers[name] = decided


def is_decided(order_ids: Collection[int]) -> bool:
    """Tell whether one of these orders is settled."""
    return any(decided(order_ids) for decided in _askers.values())
