"""The policy `calendars`: working hours per weekday, holidays and make-up days (spec 1, Calendars)."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext_noop
from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from jieli.policies.schemas.base import ClockTime, Label, Name, Strict


def _is_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise PydanticCustomError("zone", "is not a time zone such as Asia/Shanghai")
    ZoneInfo(zone)
    return zone


Interval = tuple[ClockTime, ClockTime]


def _in_order(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    before = ""
    for opens, closes in intervals:
        if opens >= closes:
            raise PydanticCustomError("interval", "{opens} to {closes} is no interval", {"opens": opens, "closes": closes})
        if opens < before:
            raise PydanticCustomError("interval_order", "{opens} begins before the interval ahead of it ends", {"opens": opens})
        before = closes
    return intervals


Intervals = Annotated[tuple[Interval, ...], AfterValidator(_in_order)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class DayException(Strict):
    """One date with hours of its own; no intervals means closed."""

    on: date = Field(title=gettext_noop("Date"))
    intervals: Intervals = Field(default=(), title=gettext_noop("Hours"))
    note: str = Field(default="", max_length=200, title=gettext_noop("Note"))


class Calendar(Strict):
    """The working hours of those who use this calendar; ``holidays = "CN"`` adds China's holidays and make-up working days."""

    label: Label = Field(title=gettext_noop("Label"))
    zone: Annotated[str, AfterValidator(_is_zone)] = Field(title=gettext_noop("Time zone"))
    always: bool = Field(default=False, title=gettext_noop("Around the clock"))
    weekly: dict[Weekday, Intervals] = Field(default_factory=dict, title=gettext_noop("Hours of the week"))
    holidays: Literal["CN"] | None = Field(default=None, title=gettext_noop("Public holidays of"))
    exceptions: tuple[DayException, ...] = Field(default=(), title=gettext_noop("Days of their own"))

    @model_validator(mode="after")
    def _open_at_some_time(self) -> "Calendar":
        if self.always == any(self.weekly.values()):
            raise PydanticCustomError("hours", "needs hours of the week, or always = true, and not both")
        return self


class Calendars(Strict):
    """The calendars by code; a unit names the one it works by."""

    calendars: dict[Name, Calendar] = Field(title=gettext_noop("Calendars"), min_length=1)
