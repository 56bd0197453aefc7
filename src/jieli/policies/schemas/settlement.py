"""The policy `settlement`: cut-off, terms, surcharges and kinds of incentives (spec 6, Settlement)."""

from decimal import Decimal
from typing import Annotated, Literal

from django.utils.translation import gettext_noop
from pydantic import Field, StringConstraints, model_validator

from jieli.policies.schemas.base import Label, Name, Strict, refuse_doubled

Days = Annotated[int, Field(ge=0, le=3660)]
Account = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
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


class Accounts(Strict):
    """The accounts of the journal that a decided month is booked to."""

    labour: Account = Field(default="640101", title=gettext_noop("Labour fees"))
    coefficient: Account = Field(default="640102", title=gettext_noop("What the coefficient adds or takes"))
    incentives: Account = Field(default="640103", title=gettext_noop("Incentives and charge-backs"))
    adjustments: Account = Field(default="640104", title=gettext_noop("Granted disputes"))
    debts: Account = Field(default="122101", title=gettext_noop("Debts of outlets"))
    payable: Account = Field(default="220201", title=gettext_noop("To pay to providers"))


class Settlement(Strict):
    """The numbers of a run. Days are days of 24 hours, but for the cut-off: it is the end of a local day."""

    cut_off_days: Days = Field(title=gettext_noop("Cut-off (days after the month's end)"))
    repeat_days: Days = Field(title=gettext_noop("Repeat repair within (days)"))
    return_days: Days = Field(title=gettext_noop("A part comes back within (days)"))
    dispute_days: Days = Field(default=7, title=gettext_noop("A line may be disputed within (days)"))
    surcharges: Surcharges = Field(title=gettext_noop("Surcharges"))
    incentives: tuple[IncentiveKind, ...] = Field(default=(), title=gettext_noop("Kinds of incentives"))
    accounts: Accounts = Field(default=Accounts(), title=gettext_noop("Accounts"))

    @model_validator(mode="after")
    def _kinds_once(self) -> "Settlement":
        refuse_doubled(kind.code for kind in self.incentives)
        return self

    def kind(self, code: str) -> IncentiveKind | None:
        """Return a kind of incentive by its code."""
        return next((kind for kind in self.incentives if kind.code == code), None)
