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


def on(*facts: type[Fact]) -> Callable[[_F], _F]:
    """Register a function for facts of these classes; it must refuse politely when called a second time."""

    def register(handler: _F) -> _F:
        name = f"{handler.__module__}.{handler.__qualname__}"
        _by_name[name] = handler
        for fact in facts:
            if name not in _by_type[fact.type]:
                _by_type[fact.type].append(name)
        return handler

    return register


def handlers_of(type_: str) -> list[str]:
    """Return the names of the handlers registered for facts of `type_`."""
    return _by_type.get(type_, [])


def handler(name: str) -> Handler:
    """Return the handler registered under `name`; raises KeyError when no installed app has it."""
    return _by_name[name]
