"""What all schemas share: strictness, words in two languages, and conditions of rules."""

from collections.abc import Iterable
from datetime import time
from functools import cached_property
from typing import Annotated, Any, ClassVar

from django.utils.translation import gettext_noop
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from jieli.policies.codes import Channel, Kind, ServiceType, Tier


class Strict(BaseModel):
    """A part of a policy: unknown keys are refused, values are not bent to fit, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Label(Strict):
    """The words for one thing in both languages."""

    zh: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    en: Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]

    def in_language(self, language: str) -> str:
        """Return the words for a language code such as ``zh-hans`` or ``en``."""
        return self.zh if language.lower().startswith("zh") else self.en


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
"""A stable id: small letters, digits, ``-`` and ``_``; it is stored with what the rule decided."""

Code = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
"""A code of the company's own data, such as a unit, an area or a product line."""


def is_clock_time(text: str) -> str:
    """Check a time of day such as ``08:00``; ``24:00`` is the end of the day."""
    if text != "24:00":
        try:
            if len(text) != 5:
                raise ValueError
            time.fromisoformat(text)
        except ValueError:
            raise PydanticCustomError("clock_time", "is not a time of day such as 08:00") from None
    return text


ClockTime = Annotated[str, AfterValidator(is_clock_time)]

Severity = Annotated[int, Field(ge=0, le=4)]
"""A level 1 to 4; 0 stands for "not judged yet"."""


class Conditions(Strict):
    """On what a rule matches. A condition left out always holds; a list holds when it contains the fact.

    The level 0 stands for a case that nobody has judged yet.
    """

    condition_names: ClassVar[tuple[str, ...]] = (
        "kind",
        "service_type",
        "severity",
        "tier",
        "product_line",
        "area",
        "channel",
        "language",
        "unit",
        "inside",
        "urgent",
    )

    kind: tuple[Kind, ...] = Field(default=(), title=gettext_noop("Kind of case"))
    service_type: tuple[ServiceType, ...] = Field(default=(), title=gettext_noop("Service type"))
    severity: tuple[Severity, ...] = Field(default=(), title=gettext_noop("Level"))
    tier: tuple[Tier, ...] = Field(default=(), title=gettext_noop("Tier"))
    product_line: tuple[Code, ...] = Field(default=(), title=gettext_noop("Product line"))
    area: tuple[Code, ...] = Field(default=(), title=gettext_noop("Area"))
    channel: tuple[Channel, ...] = Field(default=(), title=gettext_noop("Channel"))
    language: tuple[Code, ...] = Field(default=(), title=gettext_noop("Language"))
    unit: tuple[Code, ...] = Field(default=(), title=gettext_noop("Unit"))
    inside: bool | None = Field(default=None, title=gettext_noop("Inside the company"))
    urgent: bool | None = Field(default=None, title=gettext_noop("Urgent"))

    @cached_property
    def conditions(self) -> dict[str, frozenset[Any]]:
        """Return the conditions given, each with the values for which it holds."""
        given: dict[str, frozenset[Any]] = {}
        for name in self.condition_names:
            value = getattr(self, name)
            if isinstance(value, bool):
                given[name] = frozenset((value,))
            elif value:
                given[name] = frozenset(str(item) if isinstance(item, str) else item for item in value)
        return given


def doubled(names: Iterable[str]) -> str | None:
    """Return the first name that comes twice, or None."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def refuse_doubled(names: Iterable[str]) -> None:
    """Refuse a list in which a name comes twice."""
    name = doubled(names)
    if name is not None:
        raise PydanticCustomError("doubled", "the name {name} is used twice", {"name": name})
