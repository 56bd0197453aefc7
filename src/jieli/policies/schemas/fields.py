"""The policy `fields`: what is asked in addition, per kind of case (spec 1, Fields)."""

from functools import cached_property
from typing import Literal

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from jieli.policies.codes import Kind, Role
from jieli.policies.schemas.base import Label, Name, Strict, refuse_doubled


class Choice(Strict):
    """One answer of a field of type choice."""

    code: Name = Field(title=gettext_noop("Code"))
    label: Label = Field(title=gettext_noop("Label"))


class CustomField(Strict):
    """A field of the company's own. `sees` names the roles that see it (nobody named: all); `portal` asks the customer too."""

    name: Name = Field(title=gettext_noop("Field"))
    label: Label = Field(title=gettext_noop("Label"))
    kinds: tuple[Kind, ...] = Field(title=gettext_noop("Kinds of case"), min_length=1)
    type: Literal["text", "number", "date", "choice", "boolean"] = Field(title=gettext_noop("Type"))
    required: bool = Field(default=False, title=gettext_noop("Required"))
    choices: tuple[Choice, ...] = Field(default=(), title=gettext_noop("Choices"))
    sees: tuple[Role, ...] = Field(default=(), title=gettext_noop("Seen by"))
    portal: bool = Field(default=False, title=gettext_noop("Asked on the portal"))

    @model_validator(mode="after")
    def _choices_fit(self) -> "CustomField":
        if (self.type == "choice") != bool(self.choices):
            raise PydanticCustomError("choices", 'choices belong to type = "choice", which needs at least one')
        refuse_doubled(choice.code for choice in self.choices)
        return self


class Fields(Strict):
    """All custom fields in the order in which they are asked; a name may come once per kind of case."""

    fields: tuple[CustomField, ...] = Field(default=(), title=gettext_noop("Fields"))

    @model_validator(mode="after")
    def _once_per_kind(self) -> "Fields":
        refuse_doubled(f"{kind.value}.{field.name}" for field in self.fields for kind in field.kinds)
        return self

    def of(self, kind: str) -> tuple[CustomField, ...]:
        """Return the fields of one kind of case."""
        return self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> dict[str, tuple[CustomField, ...]]:
        return {kind.value: tuple(field for field in self.fields if kind in field.kinds) for kind in Kind}
