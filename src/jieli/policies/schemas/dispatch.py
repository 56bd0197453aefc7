"""The policy `dispatch`: slots, clocks of offers, and how outlets and engineers are put in order (spec 3, Dispatch)."""

from decimal import Decimal
from typing import Annotated

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from jieli.policies.schemas.base import ClockTime, Label, Name, Strict, refuse_doubled

Minutes = Annotated[int, Field(ge=1, le=100_000)]
Weight = Annotated[Decimal, Field(ge=0, le=100)]


class Slots(Strict):
    """The windows in which visits are promised; they begin at `first_from` and follow each other until `last_until`."""

    minutes: Annotated[int, Field(ge=15, le=720)] = Field(title=gettext_noop("Length of a window (minutes)"))
    first_from: ClockTime = Field(title=gettext_noop("First window from"))
    last_until: ClockTime = Field(title=gettext_noop("Last window until"))
    orders_per_engineer: Annotated[int, Field(ge=1, le=20)] = Field(title=gettext_noop("Orders of an engineer in a window"))
    orders_a_day: Annotated[int, Field(ge=1, le=200)] = Field(
        title=gettext_noop("Orders of an outlet a day when it says nothing")
    )
    days_shown: Annotated[int, Field(ge=1, le=31)] = Field(title=gettext_noop("Days shown"))
    most_days_ahead: Annotated[int, Field(ge=1, le=366)] = Field(title=gettext_noop("Most days ahead"))
    notice_minutes: Annotated[int, Field(ge=0, le=10_000)] = Field(title=gettext_noop("Least notice before a window (minutes)"))

    @model_validator(mode="after")
    def _in_order(self) -> "Slots":
        if self.first_from >= self.last_until:
            raise PydanticCustomError("slots", "the first window must begin before the last one ends")
        return self


class Clocks(Strict):
    """How long an offer waits in the working hours of whom it asks.

    An offer ends `before_promise_minutes` before the next time promised to the customer in any case, so that there is time for
    the next; when that time is nearer, it waits `urgent_minutes` by the clock.
    """

    outlet_minutes: Minutes = Field(title=gettext_noop("Outlet answers within (minutes)"))
    engineer_minutes: Minutes = Field(title=gettext_noop("Engineer answers within (minutes)"))
    counter_minutes: Minutes = Field(title=gettext_noop("Answer to another time within (minutes)"))
    before_promise_minutes: Annotated[int, Field(ge=0, le=1440)] = Field(
        title=gettext_noop("Ends before the customer's promise (minutes)")
    )
    urgent_minutes: Minutes = Field(title=gettext_noop("Urgent offers wait (minutes)"))


class Weights(Strict):
    """How much each side of a candidate weighs; each counts from 0 to 1."""

    distance: Weight = Field(title=gettext_noop("Near the address"))
    capacity: Weight = Field(title=gettext_noop("Room that day"))
    grade: Weight = Field(title=gettext_noop("Grade of last month, or licence"))
    earlier: Weight = Field(title=gettext_noop("Was with this customer, who was content"))


class Telling(Strict):
    """When the customer is reminded of a visit; in the quiet hours, which may pass midnight, nobody is."""

    reminds: bool = Field(title=gettext_noop("The customer is reminded"))
    reminder_hours: Annotated[Decimal, Field(gt=0, le=72)] = Field(title=gettext_noop("Hours before the window"))
    quiet_from: ClockTime = Field(title=gettext_noop("Quiet hours from"))
    quiet_until: ClockTime = Field(title=gettext_noop("Quiet hours until"))


class Travel(Strict):
    """How fast engineers are on their way, by the class of their vehicle, from door to door."""

    car_kmh: Annotated[Decimal, Field(gt=0, le=200)] = Field(title=gettext_noop("By car (km/h)"))
    motorcycle_kmh: Annotated[Decimal, Field(gt=0, le=200)] = Field(title=gettext_noop("By motorcycle (km/h)"))
    least_minutes: Annotated[int, Field(ge=0, le=240)] = Field(title=gettext_noop("Least time of a way (minutes)"))


class Refusal(Strict):
    """Why an outlet or an engineer may refuse."""

    code: Name = Field(title=gettext_noop("Code"))
    label: Label = Field(title=gettext_noop("Label"))


class Dispatch(Strict):
    """Who is asked first, for how long, and which times are offered."""

    slots: Slots = Field(title=gettext_noop("Windows"))
    clocks: Clocks = Field(title=gettext_noop("Clocks of offers"))
    weights: Weights = Field(title=gettext_noop("Weights"))
    telling: Telling = Field(title=gettext_noop("What customers are told"))
    travel: Travel = Field(title=gettext_noop("Ways of engineers"))
    detour_factor: Annotated[Decimal, Field(ge=1, le=5)] = Field(title=gettext_noop("Way by road ÷ straight line"))
    far_km: Annotated[Decimal, Field(gt=0, le=2000)] = Field(title=gettext_noop("Far from here on (km by road)"))
    asks_next: bool = Field(title=gettext_noop("The next candidate is asked by itself"))
    most_asked: Annotated[int, Field(ge=1, le=50)] = Field(title=gettext_noop("Most candidates asked by themselves"))
    customer_until_minutes: Annotated[int, Field(ge=0, le=100_000)] = Field(
        title=gettext_noop("The customer may move it until (minutes before)")
    )
    customer_moves: Annotated[int, Field(ge=0, le=50)] = Field(title=gettext_noop("The customer may move it so many times"))
    refusals: tuple[Refusal, ...] = Field(title=gettext_noop("Reasons to refuse"), min_length=1)

    @model_validator(mode="after")
    def _codes_once(self) -> "Dispatch":
        refuse_doubled(one.code for one in self.refusals)
        return self

    def refusal(self, code: str) -> Refusal | None:
        """Return one of the reasons to refuse, or None."""
        return next((one for one in self.refusals if one.code == code), None)
