"""The policy `landing`: in which unit a new case arrives (spec 1, Ownership)."""

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator

from jieli.policies.schemas.base import Code, Conditions, Label, Name, Strict, refuse_doubled


class LandingRule(Conditions):
    """The unit for the cases that match."""

    name: Name = Field(title=gettext_noop("Rule"))
    label: Label = Field(title=gettext_noop("Label"))
    to_unit: Code = Field(title=gettext_noop("Lands in unit"))


class Landing(Strict):
    """The rules, most specific first; a case that matches none lands at headquarters."""

    rules: tuple[LandingRule, ...] = Field(default=(), title=gettext_noop("Rules"))

    @model_validator(mode="after")
    def _names_once(self) -> "Landing":
        refuse_doubled(rule.name for rule in self.rules)
        return self
