"""The mapping: a TOML text that says what the columns and values of a foreign history mean (interfaces, Foreign histories)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from jieli.lib.dates import DateReader
from jieli.policies.codes import Kind, ServiceType
from jieli.policies.sources import SourceProblems, read_source

Form = Literal["events", "updates", "cases"]
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class Does(StrEnum):
    """What a value, or a time, does to a case."""

    OPENS = "opens"
    PAUSES = "pauses"
    RESOLVES = "resolves"
    REOPENS = "reopens"
    CLOSES = "closes"
    CANCELS = "cancels"
    KEEPS = "keeps"


STATE_OF: dict[Does, str] = {
    Does.OPENS: "open",
    Does.REOPENS: "open",
    Does.PAUSES: "waiting",
    Does.RESOLVES: "resolved",
    Does.CLOSES: "closed",
    Does.CANCELS: "cancelled",
    Does.KEEPS: "",
}


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("zone", "is not a time zone such as Asia/Shanghai")
    return name


def _usable_format(text: str) -> str:
    try:
        DateReader([text])
    except ValueError as error:
        raise PydanticCustomError("time_format", "{reason}", {"reason": str(error)}) from None
    return text


class Part(BaseModel):
    """A part of a mapping: unknown keys are refused and values are not bent to fit."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Columns(Part):
    """Which column holds what. The second column of a name is called name_2.

    `person` is who has the case after the row and `actor` who did the step; one given alone stands for both. `handovers` and
    `reopenings` are the source's own counters. `attributes` are codes kept with every step; `keep` goes to the case only.
    """

    case: ColumnName
    at: ColumnName | None = None
    activity: ColumnName | None = None
    state: ColumnName | None = None
    actor: ColumnName | None = None
    person: ColumnName | None = None
    group: ColumnName | None = None
    due: ColumnName | None = None
    customer: ColumnName | None = None
    subject: ColumnName | None = None
    text: ColumnName | None = None
    product_line: ColumnName | None = None
    address: ColumnName | None = None
    latitude: ColumnName | None = None
    longitude: ColumnName | None = None
    handovers: ColumnName | None = None
    reopenings: ColumnName | None = None
    attributes: tuple[ColumnName, ...] = ()
    keep: tuple[ColumnName, ...] = ()
    ignore: tuple[ColumnName, ...] = ()

    def single(self) -> dict[str, str]:
        """Return the columns named for one purpose each, by purpose."""
        return {
            name: value
            for name in type(self).model_fields
            if name not in ("attributes", "keep", "ignore") and (value := getattr(self, name)) is not None
        }


class Values(Part):
    """What the values of the state (else of the activity) do to a case. A value named nowhere is reported and keeps it."""

    opens: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    resolves: tuple[str, ...] = ()
    reopens: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        seen: set[str] = set()
        for name in type(self).model_fields:
            for value in getattr(self, name):
                if value in seen:
                    raise PydanticCustomError("doubled", "the name “{name}” is used twice", {"name": value})
                seen.add(value)
        return self

    def by_value(self) -> dict[str, Does]:
        """Return what each value does."""
        return {value: Does(name) for name in type(self).model_fields for value in getattr(self, name)}


class Verdict(Part):
    """Where the source says whether its due time was met: a column of its own, or the due time against the closing time."""

    column: ColumnName | None = None
    met: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    by_time: bool = False
    only_with_due: bool = False
    only_closed: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.by_time == bool(self.column):
            raise PydanticCustomError("verdict", "needs a column with its values, or by_time = true, and not both")
        if self.column and not (self.met and self.missed):
            raise PydanticCustomError("verdict_values", "needs the values that say met and those that say missed")
        return self


class Moment(Part):
    """One column of times of the form `cases`: an activity, and what it does to the case."""

    column: ColumnName
    activity: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    does: Does
    actor: ColumnName | None = None


class Mapping(Part):
    """A whole mapping.

    `hand_over` says what counts as a pass: a change of person, of group, of either, or nothing; where `handovers` names a
    counter of the source, the counter counts. `unknown` are the values by which the source says that it does not know.
    """

    form: Form
    source: SourceName
    title: Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
    kind: Kind = Kind.ENQUIRY
    service_type: ServiceType | None = None
    language: Literal["", "zh-hans", "en"] = ""
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    times: Annotated[tuple[Annotated[str, AfterValidator(_usable_format)], ...], Field(min_length=1)]
    as_of: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    earliest: date = date(1970, 1, 1)
    encodings: tuple[str, ...] = ()
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    sheet: str | None = None
    unknown: tuple[str, ...] = ()
    hand_over: Literal["person", "group", "either", "none"] = "person"
    staff_codes: bool = False
    unit_codes: bool = False
    columns: Columns
    values: Values = Values()
    verdict: Verdict | None = None
    moments: tuple[Moment, ...] = ()

    @model_validator(mode="after")
    def _fits_its_form(self) -> Self:
        columns = self.columns
        if self.form == "cases":
            if not self.moments or columns.at or columns.activity:
                raise PydanticCustomError(
                    "form_cases", "a mapping of the form cases has moments, and no columns at and activity"
                )
        else:
            if self.moments:
                raise PydanticCustomError("form_rows", "moments belong to the form cases")
            if not columns.at or not (columns.activity or columns.state):
                raise PydanticCustomError("form_columns", "columns needs at, and activity or state")
            if self.form == "updates" and not columns.state:
                raise PydanticCustomError("form_updates", "a mapping of the form updates names the column of the state")
        return self

    def columns_used(self) -> set[str]:
        """Return every column that the mapping names, except those it tells to ignore."""
        used = {*self.columns.single().values(), *self.columns.attributes, *self.columns.keep}
        used |= {moment.column for moment in self.moments} | {moment.actor for moment in self.moments if moment.actor}
        if self.verdict and self.verdict.column:
            used.add(self.verdict.column)
        return used


def read_mapping(text: str) -> Mapping:
    """Return the mapping that a TOML text holds. Raises SourceProblems, each with its line."""
    mapping = read_source(text, Mapping)
    assert isinstance(mapping, Mapping)
    return mapping


def problems_text(error: SourceProblems) -> str:
    """Return what is wrong with a mapping, one problem a line."""
    return "\n".join(str(problem) for problem in error.problems) or _("This is no mapping.")


EXCHANGE_EVENTS = """
form = "events"
source = "events"
title = "events.csv"
time_zone = "UTC"
times = ["iso"]
staff_codes = true
unit_codes = true

[columns]
case = "case"
activity = "activity"
at = "at"
actor = "actor"
group = "unit"

[values]
opens = ["opened", "open"]
pauses = ["waiting"]
resolves = ["resolved"]
reopens = ["reopened"]
closes = ["closed"]
cancels = ["cancelled"]
"""
"""The mapping of the exchange file events.csv."""
