"""The policy `settlement`: cut-off, terms, surcharges and kinds of incentives (spec 6, Settlement)."""

from decimal import Decimal
from typing import Annotated, Literal

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator

from jieli.policies.schemas.base import Label, Name, Strict, refuse_doubled

Days = Annotated[int, Field(ge=0, le=3660)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)]


class Surcharges(Strict):
    """What is added to the fee of the rate table; they add up."""

    night: Amount = Field(title=gettext_noop("Night"))
    holiday: Amount = Field(title=gettext_noop("Holiday"))
    high_floor: Amount = Field(title=gettext_noop("High floor"))


class IncentiveKind(Strict):
    """A kind of incentive: for or against the outlet, and the amount that is proposed."""

    code: Name = Field(title=gettext_noop("Code"))
    label: Label = Field(title=gettext_noop("Label"))
    sign: Literal["plus", "minus"] = Field(title=gettext_noop("For or against the outlet"))
    amount: Amount = Field(title=gettext_noop("Amount"))

    def contradicts(self, amount: Decimal) -> bool:
        """Tell whether an amount has the other sign than its kind."""
        return amount < 0 if self.sign == "plus" else amount > 0


class Settlement(Strict):
    """The numbers of a run. Days are days of 24 hours, but for the cut-off: it is the end of a local day."""

    cut_off_days: Days = Field(title=gettext_noop("Cut-off (days after the month's end)"))
    repeat_days: Days = Field(title=gettext_noop("Repeat repair within (days)"))
    return_days: Days = Field(title=gettext_noop("A part comes back within (days)"))
    surcharges: Surcharges = Field(title=gettext_noop("Surcharges"))
    incentives: tuple[IncentiveKind, ...] = Field(default=(), title=gettext_noop("Kinds of incentives"))

    @model_validator(mode="after")
    def _kinds_once(self) -> "Settlement":
        refuse_doubled(kind.code for kind in self.incentives)
        return self

    def kind(self, code: str) -> IncentiveKind | None:
        """Return a kind of incentive by its code."""
        return next((kind for kind in self.incentives if kind.code == code), None)
