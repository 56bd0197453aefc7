"""The policy `promises`: what is promised, how much time there is, and how it is counted (spec 1, Promises)."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator

from jieli.policies.codes import PromiseKind, Start, Tier
from jieli.policies.schemas.base import Code, Conditions, Label, Name, Strict, refuse_doubled


class PromiseRule(Conditions):
    """How much time a promise gives to the cases that match.

    `target` counts working minutes or working days of `calendar`: a code of the policy `calendars`, or ``unit`` for the
    calendar of the unit that owns the case. A `legal` term, and one with `tiered = false`, is the same for every
    customer; tiers never shorten days.
    """

    name: Name = Field(title=gettext_noop("Rule"))
    label: Label = Field(title=gettext_noop("Label"))
    promise: PromiseKind = Field(title=gettext_noop("Promise"))
    starts: Start = Field(title=gettext_noop("Starts"))
    mode: Literal["minutes", "days"] = Field(title=gettext_noop("Mode"))
    target: Annotated[int, Field(ge=1, le=1_000_000)] = Field(title=gettext_noop("Target"))
    calendar: Code = Field(title=gettext_noop("Calendar"))
    legal: bool = Field(default=False, title=gettext_noop("Legal term"))
    tiered: bool = Field(default=True, title=gettext_noop("Shorter for higher tiers"))

    def factor_applies(self) -> bool:
        """Tell whether a customer's tier may shorten this promise."""
        return self.mode == "minutes" and self.tiered and not self.legal


Factor = Annotated[Decimal, Field(gt=0, le=1)]


class Promises(Strict):
    """All rules, in order, and by how much a tier shortens the minutes."""

    rules: tuple[PromiseRule, ...] = Field(title=gettext_noop("Rules"))
    tier_factors: dict[Tier, Factor] = Field(default_factory=dict, title=gettext_noop("Tier factors"))

    @model_validator(mode="after")
    def _names_once(self) -> "Promises":
        refuse_doubled(rule.name for rule in self.rules)
        return self

    @cached_property
    def _by_start(self) -> dict[tuple[str, str], tuple[PromiseRule, ...]]:
        found: dict[tuple[str, str], list[PromiseRule]] = {}
        for rule in self.rules:
            found.setdefault((rule.promise.value, rule.starts.value), []).append(rule)
        return {key: tuple(rules) for key, rules in found.items()}

    def rules_for(self, promise: str, starts: str | None = None) -> Sequence[PromiseRule]:
        """Return the rules of one kind of promise, in order; only those with one start when given."""
        if starts is not None:
            return self._by_start.get((promise, starts), ())
        return tuple(rule for rule in self.rules if rule.promise == promise)

    def kinds_starting(self, starts: str) -> tuple[str, ...]:
        """Return the kinds of promise for which some rule starts then, in the order of the codes."""
        return tuple(kind.value for kind in PromiseKind if (kind.value, starts) in self._by_start)

    def rule(self, name: str) -> PromiseRule | None:
        """Return a rule by its stable name."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def target_for(self, rule: PromiseRule, tier: str | None) -> Decimal:
        """Return the minutes or days that `rule` gives a customer of `tier` (defaults: gold × 0.75, VIP × 0.5 of minutes)."""
        target = Decimal(rule.target)
        if tier is None or not rule.factor_applies():
            return target
        return target * self.tier_factors.get(Tier(tier), Decimal(1))
