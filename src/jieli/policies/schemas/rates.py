"""The policy `rates`: one whole rate table as one version (spec 6, L; interfaces, rates.csv)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated

from django.utils.translation import gettext_noop
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from jieli.policies.codes import ServiceType
from jieli.policies.schemas.base import Code, Strict

Kilometres = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=3)]
Fee = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)]
TableLabel = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]


class Rate(Strict):
    """The fee of one kind of work in one distance band: `from_km` ≤ distance < `to_km`; without `to_km` there is no end."""

    product_line: Code = Field(title=gettext_noop("Product line"))
    service_type: ServiceType = Field(title=gettext_noop("Service type"))
    in_warranty: bool = Field(title=gettext_noop("In warranty"))
    from_km: Kilometres = Field(title=gettext_noop("From (km)"))
    to_km: Kilometres | None = Field(default=None, title=gettext_noop("Below (km)"))
    fee_amount: Fee = Field(title=gettext_noop("Fee"))

    @property
    def work(self) -> tuple[str, str, bool]:
        """Return what the fee is for, distance apart."""
        return (self.product_line, self.service_type.value, self.in_warranty)

    @model_validator(mode="after")
    def _rising(self) -> "Rate":
        if self.to_km is not None and self.to_km <= self.from_km:
            raise PydanticCustomError("band", "the band must end above its beginning")
        return self


def overlap(rates: Iterable[Rate]) -> tuple[int, int] | None:
    """Return the places of the first rate that overlaps an earlier one and of that one, or None."""
    seen: dict[tuple[str, str, bool], list[tuple[int, Rate]]] = {}
    for place, rate in enumerate(rates):
        others = seen.setdefault(rate.work, [])
        for other_place, other in others:
            if (other.to_km is None or rate.from_km < other.to_km) and (rate.to_km is None or other.from_km < rate.to_km):
                return place, other_place
        others.append((place, rate))
    return None


class Rates(Strict):
    """A whole rate table: its label, which lines keep, and the first day of finishing for which it holds, alone."""

    table: TableLabel = Field(title=gettext_noop("Label of the table"))
    valid_from: date = Field(title=gettext_noop("Valid from"))
    rates: tuple[Rate, ...] = Field(title=gettext_noop("Fees"), min_length=1)

    @cached_property
    def bands(self) -> dict[tuple[str, str, bool], tuple[Rate, ...]]:
        """Return the fees of each kind of work, as they are written."""
        found: dict[tuple[str, str, bool], list[Rate]] = {}
        for rate in self.rates:
            found.setdefault(rate.work, []).append(rate)
        return {work: tuple(rates) for work, rates in found.items()}

    @model_validator(mode="after")
    def _told_apart(self) -> "Rates":
        found = overlap(self.rates)
        if found is not None:
            place, other = found
            raise PydanticCustomError("bands", "overlaps the band of fee {other}", {"other": other + 1, "at": f"rates.{place}"})
        return self
