"""The policy `routes`: the stages of each kind of case (spec 1, Stage)."""

from typing import Annotated, Literal

from django.utils.translation import gettext_noop
from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from jieli.policies.codes import Kind, PromiseKind, Role, Stage
from jieli.policies.schemas.base import Label, Name, Strict, refuse_doubled

CASE_FIELDS = (
    "subject",
    "description",
    "customer",
    "contact",
    "device",
    "product_line",
    "fault_code",
    "address",
    "severity",
    "service_type",
    "language",
    "answer",
)


def _is_field(name: str) -> str:
    if name not in CASE_FIELDS and not (name.startswith("custom.") and len(name) > 7):
        raise PydanticCustomError(
            "field", "is no field of a case; one of {fields}, or custom.<name>", {"fields": ", ".join(CASE_FIELDS)}
        )
    return name


class RouteStage(Strict):
    """One station: who may own the case there, which promises begin there, and what must be filled before it is left."""

    code: Stage = Field(title=gettext_noop("Stage"))
    label: Label = Field(title=gettext_noop("Label"))
    side: Literal["front", "back"] = Field(title=gettext_noop("Side of the line of visibility"))
    owners: tuple[Role, ...] = Field(title=gettext_noop("Owners"), min_length=1)
    promises: tuple[PromiseKind, ...] = Field(default=(), title=gettext_noop("Promises that begin here"))
    required: tuple[Annotated[str, AfterValidator(_is_field)], ...] = Field(
        default=(), title=gettext_noop("To be filled before leaving")
    )


class Route(Strict):
    """The ordered stages of some kinds of case."""

    name: Name = Field(title=gettext_noop("Route"))
    label: Label = Field(title=gettext_noop("Label"))
    kinds: tuple[Kind, ...] = Field(title=gettext_noop("Kinds of case"), min_length=1)
    stages: tuple[RouteStage, ...] = Field(title=gettext_noop("Stages"), min_length=1)

    @model_validator(mode="after")
    def _stages_once(self) -> "Route":
        refuse_doubled(stage.code.value for stage in self.stages)
        return self

    def stage(self, code: str) -> RouteStage | None:
        """Return a stage by code, or None when the route does not go there."""
        return next((stage for stage in self.stages if stage.code == code), None)

    def after(self, code: str) -> RouteStage | None:
        """Return the stage that follows, or None at the end or for a stage that is not on the route."""
        codes = [stage.code.value for stage in self.stages]
        place = codes.index(code) + 1 if code in codes else len(codes)
        return self.stages[place] if place < len(self.stages) else None


class Routes(Strict):
    """All routes; each kind of case has exactly one."""

    routes: tuple[Route, ...] = Field(title=gettext_noop("Routes"), min_length=1)

    @model_validator(mode="after")
    def _one_for_each_kind(self) -> "Routes":
        refuse_doubled(route.name for route in self.routes)
        kinds = [kind.value for route in self.routes for kind in route.kinds]
        refuse_doubled(kinds)
        missing = [kind.value for kind in Kind if kind.value not in kinds]
        if missing:
            raise PydanticCustomError("no_route", "no route for {kinds}", {"kinds": ", ".join(missing)})
        return self

    def of(self, kind: str) -> Route:
        """Return the route of a kind of case."""
        return next(route for route in self.routes if kind in [item.value for item in route.kinds])

    def named(self, name: str) -> Route | None:
        """Return a route by name."""
        return next((route for route in self.routes if route.name == name), None)
