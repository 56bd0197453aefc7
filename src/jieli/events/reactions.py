"""Reactions: functions of higher apps that follow a fact, each as a job after the commit, at least once."""

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from jieli.events.facts import Fact
from jieli.events.models import Event

Handler = Callable[[Event], None]
_F = TypeVar("_F", bound=Handler)

_by_type: dict[str, list[str]] = defaultdict(list)
_by_name: dict[str, Handler] = {}
_wanted: dict[str, Callable[[str], bool]] = {}


def on(*facts: type[Fact], wanted: Callable[[str], bool] | None = None) -> Callable[[_F], _F]:
    """Register a function for facts of these classes; it must refuse politely when called a second time.

    `wanted` tells for a type of fact whether it would do anything now: if not, no job is queued. It is asked at every fact.
    """

    def register(handler: _F) -> _F:
        name = f"{handler.__module__}.{handler.__qualname__}"
        _by_name[name] = handler
        if wanted is not None:
            _wanted[name] = wanted
        for fact in facts:
            if name not in _by_type[fact.type]:
                _by_type[fact.type].append(name)
        return handler

    return register


def handlers_of(type_: str) -> list[str]:
    """Return the names of the handlers registered for facts of `type_` which want it now."""
    return [name for name in _by_type.get(type_, []) if name not in _wanted or _wanted[name](type_)]


def handler(name: str) -> Handler:
    """Return the handler registered under `name`; raises KeyError when no installed app has it."""
    return _by_name[name]
