"""The policy `network`: how far outlets reach, and which papers they and their people must keep valid (spec 6)."""

from decimal import Decimal
from typing import Annotated, Literal

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator

from jieli.policies.codes import ServiceType
from jieli.policies.schemas.base import Code, Label, Name, Strict, refuse_doubled


class DocumentKind(Strict):
    """A kind of paper: whose it is, and which work is not dispatched once it has expired; empty lists stand for all work."""

    code: Name = Field(title=gettext_noop("Code"))
    label: Label = Field(title=gettext_noop("Label"))
    of: tuple[Literal["provider", "outlet", "engineer"], ...] = Field(title=gettext_noop("Paper of"), min_length=1)
    blocks: bool = Field(title=gettext_noop("Blocks dispatch when expired"))
    product_lines: tuple[Code, ...] = Field(default=(), title=gettext_noop("Product line"))
    service_types: tuple[ServiceType, ...] = Field(default=(), title=gettext_noop("Service type"))


class Network(Strict):
    """The reach of outlets without areas of their own, and the kinds of documents."""

    service_radius_km: Annotated[Decimal, Field(ge=0, le=1000)] = Field(
        title=gettext_noop("Service radius of an outlet without areas (km)")
    )
    remind_days: Annotated[int, Field(ge=0, le=365)] = Field(title=gettext_noop("Remind of an expiry so many days before"))
    remind_again_days: tuple[Annotated[int, Field(ge=0, le=365)], ...] = Field(
        default=(), title=gettext_noop("Remind again so many days before")
    )
    documents: tuple[DocumentKind, ...] = Field(title=gettext_noop("Documents"))

    @model_validator(mode="after")
    def _once(self) -> "Network":
        refuse_doubled(kind.code for kind in self.documents)
        return self

    @property
    def reminders(self) -> tuple[int, ...]:
        """Return how many days before a last day people are reminded, the earliest reminder first."""
        return tuple(sorted({self.remind_days, *self.remind_again_days}, reverse=True))

    def document(self, code: str) -> DocumentKind | None:
        """Return a kind of document by its code."""
        return next((kind for kind in self.documents if kind.code == code), None)
