"""What a person would leave without an owner: the apps above say, because only they know.

An app registers one function in its AppConfig.ready(); people asks before it lets somebody go or be away.
"""

from collections.abc import Callable, Sequence

Finder = Callable[[int], Sequence[str]]

_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Register a function from a staff id to the names of what the person owns, such as "J-1048-2263-7 no water"."""
    if finder not in _finders:
        _finders.append(finder)


def owned_by(staff_id: int) -> list[str]:
    """Return the names of everything open that this person owns, over all apps."""
    return [name for finder in _finders for name in finder(staff_id)]
