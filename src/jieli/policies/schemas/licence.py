"""The policy `licence`: points, standing and review of the engineers' licence (spec 6, Engineers)."""

from decimal import Decimal
from typing import Annotated

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from jieli.policies.schemas.base import Strict

Balance = Annotated[int, Field(ge=0, le=12)]
Taken = Annotated[int, Field(ge=-12, le=-1)]
Given = Annotated[int, Field(ge=1, le=12)]
Days = Annotated[int, Field(ge=1, le=3660)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Share = Annotated[Decimal, Field(ge=0, le=1)]


class LicencePoints(Strict):
    """What each fact takes off the points or gives."""

    promise_not_kept: Taken = Field(title=gettext_noop("Promise not kept"))
    standard_not_followed: Taken = Field(title=gettext_noop("Standard not followed"))
    visited_again: Taken = Field(title=gettext_noop("Not fixed at first and visited again"))
    part_misjudged: Taken = Field(title=gettext_noop("Part misjudged"))
    improper_charge: Taken = Field(title=gettext_noop("Improper charge"))
    insult_or_fraud: Taken = Field(title=gettext_noop("Insult or fraud"))
    customer_moved: Given = Field(title=gettext_noop("Customer moved"))
    adopted_improvement: Given = Field(title=gettext_noop("Adopted improvement"))

    def of(self, kind: str) -> int:
        """Return the points of a kind of posting; raises KeyError for one that posts none."""
        if kind not in type(self).model_fields:
            raise KeyError(kind)
        return int(getattr(self, kind))


class Demonstration(Strict):
    """Full points, and so many additions within so many days; additions at full points count, too."""

    additions: Count = Field(title=gettext_noop("Additions"))
    within_days: Days = Field(title=gettext_noop("Within days"))


class LicenceWarning(Strict):
    """From how few points on the engineer is warned, and to which share of the capacity dispatch falls, rounded up."""

    at_points: Balance = Field(title=gettext_noop("At so many points or fewer"))
    share: Share = Field(title=gettext_noop("Share of dispatch"))


class LicenceAppeals(Strict):
    """How long a posting may be appealed, and how soon that is decided."""

    within_days: Days = Field(title=gettext_noop("Appeal within (days)"))
    decide_working_days: Annotated[int, Field(ge=1, le=60)] = Field(title=gettext_noop("Decided within (working days)"))


class LicencePromotion(Strict):
    """What the next level asks besides the examination."""

    months_at_level: Count = Field(title=gettext_noop("Months at the level"))
    points: Balance = Field(title=gettext_noop("Points"))
    satisfaction: Share = Field(title=gettext_noop("Satisfied customers"))
    call_backs: Count = Field(title=gettext_noop("Call-backs"))


class Licence(Strict):
    """The licence of an engineer, like a driving licence: points off and on, standing, annual review."""

    full_points: Annotated[int, Field(ge=1, le=12)] = Field(title=gettext_noop("Points of a full licence"))
    valid_months: Annotated[int, Field(ge=1, le=120)] = Field(title=gettext_noop("Reviewed after (months)"))
    reexamined_points: Annotated[int, Field(ge=1, le=12)] = Field(title=gettext_noop("Points after a re-examination"))
    capacity_per_day: Annotated[int, Field(ge=0, le=1000)] = Field(title=gettext_noop("Orders a day when none is set"))
    points: LicencePoints = Field(title=gettext_noop("Points"))
    demonstration: Demonstration = Field(title=gettext_noop("Demonstration"))
    warning: LicenceWarning = Field(title=gettext_noop("Warning"))
    appeals: LicenceAppeals = Field(title=gettext_noop("Appeals"))
    promotion: LicencePromotion = Field(title=gettext_noop("Promotion"))

    @model_validator(mode="after")
    def _within(self) -> "Licence":
        if self.warning.at_points >= self.full_points or self.reexamined_points > self.full_points:
            raise PydanticCustomError("licence_points", "a warning and a re-examination lie below the full points")
        return self
