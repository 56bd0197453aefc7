"""The policy `prices`: the price list that is shown to the customer and charged by out of warranty (spec 3, step 19)."""

from decimal import Decimal
from typing import Annotated

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator

from jieli.policies.codes import ServiceType
from jieli.policies.schemas.base import Code, Label, Name, Strict, refuse_doubled

Amount = Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)]


class Price(Strict):
    """One position of the list. Without product lines or service types it holds for all."""

    code: Name = Field(title=gettext_noop("Code"))
    label: Label = Field(title=gettext_noop("Label"))
    amount: Amount = Field(title=gettext_noop("Amount"))
    product_lines: tuple[Code, ...] = Field(default=(), title=gettext_noop("Product line"))
    service_types: tuple[ServiceType, ...] = Field(default=(), title=gettext_noop("Service type"))

    def holds_for(self, product_line: str, service_type: str) -> bool:
        """Tell whether the position may be charged for such work."""
        return (not self.product_lines or product_line in self.product_lines) and (
            not self.service_types or service_type in {str(one) for one in self.service_types}
        )


class Prices(Strict):
    """The list; parts are charged at the price of the part master, not here."""

    prices: tuple[Price, ...] = Field(title=gettext_noop("Prices"))

    @model_validator(mode="after")
    def _codes_once(self) -> "Prices":
        refuse_doubled(price.code for price in self.prices)
        return self

    def price(self, code: str) -> Price | None:
        """Return a position by its code."""
        return next((price for price in self.prices if price.code == code), None)
