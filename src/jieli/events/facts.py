"""What a fact is: a frozen dataclass in the past tense with ids and plain values."""

import dataclasses
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, ClassVar

from django.utils.functional import Promise as Lazy

Text = Annotated[str, "free or personal text: kept outside the hash, erasable"]

Words = Mapping[str, Any]
"""The words for the codes that a field of a fact can hold."""

_types: dict[str, type["Fact"]] = {}


class Fact:
    """Something that happened. Subclasses are frozen dataclasses with a stable `type` such as ``cases.closed``.

    `stream` names the chain the fact belongs to; the field ``<stream>_id`` says which one. `sentence` is for people, with
    ``%(field)s`` places. `staff_fields` names the fields that hold ids of staff, so that a timeline can show names;
    `words` gives the words of fields that hold codes, one or a list; `icon` is the sign and tone of its line there.
    """

    type: ClassVar[str]
    stream: ClassVar[str]
    sentence: ClassVar[str | Lazy]
    staff_fields: ClassVar[tuple[str, ...]] = ()
    customer_sees: ClassVar[bool] = False
    icon: ClassVar[tuple[str, str]] = ("point", "grey")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "type" in cls.__dict__:
            known = _types.setdefault(cls.type, cls)
            if known.__qualname__ != cls.__qualname__:
                raise TypeError(f"two facts are called {cls.type}")

    @property
    def stream_id(self) -> int:
        """Return the id of the chain: the case, the unit, the staff member …"""
        return int(getattr(self, f"{self.stream}_id"))


def fact_class(type_: str) -> type[Fact] | None:
    """Return the class of a stored type, or None when no installed app knows it."""
    return _types.get(type_)


def known_facts() -> dict[str, type[Fact]]:
    """Return every fact that the installed apps record, by type."""
    return dict(_types)


@cache
def text_fields(cls: type[Fact]) -> tuple[str, ...]:
    """Return the names of the fields annotated `Text`."""
    hints = typing.get_type_hints(cls, include_extras=True)
    return tuple(name for name, hint in hints.items() if hint == Text or Text in typing.get_args(hint))


_PLAIN = (str, int, bool, float, type(None))


def plain(value: Any) -> Any:
    """Return `value` as JSON can hold it: times as ISO 8601 with offset, money as strings."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


@cache
def _value_fields(cls: type[Fact]) -> tuple[str, ...]:
    """Return the names of the fields but the one that names the chain."""
    names = [field.name for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
    return tuple(name for name in names if name != f"{cls.stream}_id")


def split_texts(fact: Fact) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the plain values of a fact, and apart from them its non-empty texts."""
    texts = text_fields(type(fact))  # type: ignore[arg-type]  # the stub doubts that classes are hashable
    values: dict[str, Any] = {}
    apart: dict[str, str] = {}
    for name in _value_fields(type(fact)):  # type: ignore[arg-type]
        value = getattr(fact, name)
        if name not in texts:
            values[name] = plain(value)
        elif value:
            apart[name] = value
    return values, apart
