"""The policy `assignment`: to whom a case is offered by itself (spec 1, Ownership)."""

from typing import Annotated, Literal

from django.utils.translation import gettext_noop
from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from jieli.policies.codes import Role
from jieli.policies.schemas.base import Conditions, Label, Name, Strict, refuse_doubled

Need = Literal["skill", "language", "area", "licence"]


class AssignmentRule(Conditions):
    """Who comes into question for the cases that match, and who comes first.

    `needs` are conditions a candidate must meet, `prefers` only puts those first who meet them, the first named before the
    next. Load (open weighted cases) decides among equals, then the one who was served longest ago (round robin). A need of
    which the case says nothing (no product line, say) is met by everybody.
    """

    name: Name = Field(title=gettext_noop("Rule"))
    label: Label = Field(title=gettext_noop("Label"))
    automatic: bool = Field(title=gettext_noop("Offered by itself"))
    roles: tuple[Role, ...] = Field(title=gettext_noop("Candidates"), min_length=1)
    needs: tuple[Need, ...] = Field(default=(), title=gettext_noop("Must have"))
    prefers: tuple[Need, ...] = Field(default=(), title=gettext_noop("Better with"))
    earlier_owner_first: bool = Field(default=False, title=gettext_noop("The customer's earlier owner first"))
    most_load: Annotated[int, Field(ge=1)] | None = Field(default=None, title=gettext_noop("Most load"))
    tie: Literal["round_robin"] = Field(default="round_robin", title=gettext_noop("Tie breaker"))

    @field_validator("needs", "prefers")
    @classmethod
    def _kept_needs(cls, value: tuple[Need, ...]) -> tuple[Need, ...]:
        # Nobody keeps licences yet: a rule that asked for one would find nobody, or everybody, and not say why.
        if "licence" in value:
            raise PydanticCustomError("no_licences", "licences of people are not kept yet; leave licence out")
        return value


class Assignment(Strict):
    """The rules; a case that matches none, or one that is not automatic, waits with the duty officer to be taken."""

    rules: tuple[AssignmentRule, ...] = Field(default=(), title=gettext_noop("Rules"))

    @model_validator(mode="after")
    def _names_once(self) -> "Assignment":
        refuse_doubled(rule.name for rule in self.rules)
        return self
