"""The policy `tiers`: how customers are weighed (spec 2, Tier)."""

from decimal import Decimal
from typing import Annotated

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from jieli.policies.schemas.base import Strict

Share = Annotated[Decimal, Field(ge=0, le=1)]
Score = Annotated[Decimal, Field(ge=0, le=100)]


class Weights(Strict):
    """The shares of value, importance and potential in the score; together 1."""

    value: Share = Field(title=gettext_noop("Value"))
    importance: Share = Field(title=gettext_noop("Importance"))
    potential: Share = Field(title=gettext_noop("Potential"))

    @model_validator(mode="after")
    def _whole(self) -> "Weights":
        if self.value + self.importance + self.potential != 1:
            raise PydanticCustomError("weights", "the three weights must add up to 1")
        return self


class CutOffs(Strict):
    """The score from which a customer belongs to a tier; below silver is standard."""

    vip: Score = Field(title="VIP")
    gold: Score = Field(title=gettext_noop("Gold"))
    silver: Score = Field(title=gettext_noop("Silver"))

    @model_validator(mode="after")
    def _falling(self) -> "CutOffs":
        if not self.vip > self.gold > self.silver:
            raise PydanticCustomError("cut_offs", "VIP must begin above gold, and gold above silver")
        return self


class Tiers(Strict):
    """score = value × w1 + importance × w2 + potential × w3, on 0 to 100."""

    weights: Weights = Field(title=gettext_noop("Weights"))
    cut_offs: CutOffs = Field(title=gettext_noop("Cut-offs"))
