"""The policy `grade`: how outlets are scored, graded and ranked (spec 6, Monthly grade)."""

from decimal import Decimal
from typing import Annotated

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from jieli.policies.schemas.base import Strict

Points = Annotated[Decimal, Field(ge=0, le=1000)]
Share = Annotated[Decimal, Field(ge=0, le=1)]
Score = Annotated[Decimal, Field(ge=0, le=1000, max_digits=6, decimal_places=2)]
Coefficient = Annotated[Decimal, Field(ge=0, le=10, max_digits=5, decimal_places=2)]


class Part(Strict):
    """One part of the score: all points at `full_at`, none at `zero_at`, linear between, cut off beyond."""

    points: Points = Field(title=gettext_noop("Points"))
    full_at: Share = Field(title=gettext_noop("Full mark at"))
    zero_at: Share = Field(title=gettext_noop("Zero at"))

    @model_validator(mode="after")
    def _apart(self) -> "Part":
        if self.full_at == self.zero_at:
            raise PydanticCustomError("marks", "the full mark and the zero must differ")
        return self


class Parts(Strict):
    """The seven parts; a part with no cases in the month gives its full points."""

    satisfaction: Part = Field(title=gettext_noop("Satisfaction: satisfied ÷ reached call-backs"))
    on_time: Part = Field(title=gettext_noop("On time: arrivals kept ÷ arrivals promised"))
    fixed_first: Part = Field(title=gettext_noop("Fixed on first arrival ÷ finished repairs"))
    information: Part = Field(title=gettext_noop("Information: results returned in time ÷ finished"))
    backlog: Part = Field(title=gettext_noop("Backlog: overdue unfinished ÷ dispatched"))
    complaints: Part = Field(title=gettext_noop("Complaints ÷ finished orders"))
    parts_misjudged: Part = Field(title=gettext_noop("Parts misjudged ÷ parts inspected in the lab"))


class Bonus(Strict):
    """Points above the parts for each confirmed moving story and each accepted information."""

    each: Points = Field(title=gettext_noop("Points each"))
    most: Points = Field(title=gettext_noop("At most"))


class Grades(Strict):
    """The score from which an outlet is A (demonstration) or B (up to standard); below it is C."""

    a: Score = Field(title=gettext_noop("A (demonstration) from"))
    b: Score = Field(title=gettext_noop("B (up to standard) from"))

    @model_validator(mode="after")
    def _falling(self) -> "Grades":
        if not self.a > self.b:
            raise PydanticCustomError("grades", "A must begin above B")
        return self


class Places(Strict):
    """How many places of a peer group: a share of its graded outlets, rounded down, or a count."""

    share: Share | None = Field(default=None, title=gettext_noop("Share of the graded"))
    count: Annotated[int, Field(ge=0, le=100_000)] | None = Field(default=None, title=gettext_noop("Number of outlets"))

    @model_validator(mode="after")
    def _one_of_both(self) -> "Places":
        if (self.share is None) == (self.count is None):
            raise PydanticCustomError("places", "needs either share or count")
        return self

    def of(self, graded: int) -> int:
        """Return the places among so many graded outlets."""
        return int(self.share * graded) if self.share is not None else self.count or 0


class Coefficients(Strict):
    """What the labour amount is multiplied by: A among the best, C among the worst, everyone else."""

    best: Coefficient = Field(title=gettext_noop("A among the best"))
    worst: Coefficient = Field(title=gettext_noop("C among the worst"))


class Grade(Strict):
    """The monthly grade; an outlet with too few finished orders is not graded and keeps the coefficient 1."""

    least_orders: Annotated[int, Field(ge=0, le=1_000_000)] = Field(title=gettext_noop("Graded from so many finished orders"))
    information_hours: Annotated[int, Field(ge=1, le=1000)] = Field(title=gettext_noop("Results returned within (hours)"))
    parts: Parts = Field(title=gettext_noop("Parts of the score"))
    bonus: Bonus = Field(title=gettext_noop("Bonus"))
    grades: Grades = Field(title=gettext_noop("Grades"))
    best: Places = Field(title=gettext_noop("Best places of a peer group"))
    worst: Places = Field(title=gettext_noop("Worst places of a peer group"))
    coefficients: Coefficients = Field(title=gettext_noop("Coefficients"))
