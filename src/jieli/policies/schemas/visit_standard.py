"""The policy `visit-standard`: what is done on site, step by step, with its records and evidence (spec 3, The visit)."""

from functools import cached_property
from typing import Annotated, Literal

from django.utils.translation import gettext_noop
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from jieli.policies.codes import Role, ServiceType
from jieli.policies.schemas.base import Code, Label, Name, Strict, refuse_doubled
from jieli.policies.schemas.fields import Choice

EntryKind = Literal["offer_accept", "contact", "set_out", "arrive", "diagnosis", "charge", "signature", "information"]
Condition = Literal["part_used", "charged", "in_warranty", "out_of_warranty", "not_genuine"]


class Sentence(Label):
    """A longer text in both languages, such as a hint."""

    zh: Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
    en: Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]


class Phase(Strict):
    """A part of the visit; the phone folds the steps by it."""

    code: Name = Field(title=gettext_noop("Code"))
    label: Label = Field(title=gettext_noop("Label"))


class SkipReason(Strict):
    """Why a step may be left out; one that `costs_points` is honest, and still not the standard."""

    code: Name = Field(title=gettext_noop("Code"))
    label: Label = Field(title=gettext_noop("Label"))
    costs_points: bool = Field(default=False, title=gettext_noop("Costs licence points"))


class StepRecord(Strict):
    """A value that is recorded at a step."""

    name: Name = Field(title=gettext_noop("Name of the field"))
    label: Label = Field(title=gettext_noop("Label"))
    type: Literal["text", "number", "choice", "check", "time", "scan"] = Field(title=gettext_noop("Type"))
    unit: Annotated[str, StringConstraints(max_length=20)] = Field(default="", title=gettext_noop("Unit"))
    choices: tuple[Choice, ...] = Field(default=(), title=gettext_noop("Choices"))
    required: bool = Field(default=False, title=gettext_noop("Required"))

    @model_validator(mode="after")
    def _choices_fit(self) -> "StepRecord":
        if (self.type == "choice") != bool(self.choices):
            raise PydanticCustomError("choices", 'choices belong to type = "choice", which needs at least one')
        refuse_doubled(choice.code for choice in self.choices)
        return self


class StepEvidence(Strict):
    """What proves a step: at least so many photos or scans, or a signature; `required_when` asks for it only then."""

    kind: Literal["photo", "signature", "scan"] = Field(title=gettext_noop("Kind"))
    least: Annotated[int, Field(ge=1, le=20)] = Field(default=1, title=gettext_noop("At least"))
    required_when: Condition | None = Field(default=None, title=gettext_noop("Only when"))


class Step(Strict):
    """One step. `entry` names the entry of the phone which does it; `by` says whose it is: the phone has the engineer's alone.

    The conditions `service_types` and `in_warranty` say to which work it applies; left out, to all.
    """

    code: Name = Field(title=gettext_noop("Code"))
    label: Label = Field(title=gettext_noop("Step"))
    phase: Name = Field(title=gettext_noop("Phase"))
    hint: Sentence = Field(title=gettext_noop("What usually goes wrong"))
    mandatory: bool = Field(default=True, title=gettext_noop("Mandatory"))
    by: Literal["engineer", "quality"] = Field(default="engineer", title=gettext_noop("Done by"))
    entry: EntryKind | None = Field(default=None, title=gettext_noop("Done with"))
    records: tuple[StepRecord, ...] = Field(title=gettext_noop("What is recorded"), min_length=1)
    evidence: tuple[StepEvidence, ...] = Field(default=(), title=gettext_noop("Evidence"))
    skips: tuple[Name, ...] = Field(default=(), title=gettext_noop("May be skipped because"))
    service_types: tuple[ServiceType, ...] = Field(default=(), title=gettext_noop("Service type"))
    in_warranty: bool | None = Field(default=None, title=gettext_noop("In warranty"))

    @model_validator(mode="after")
    def _names_once(self) -> "Step":
        refuse_doubled(record.name for record in self.records)
        refuse_doubled(self.skips)
        return self

    def record(self, name: str) -> StepRecord | None:
        """Return what is recorded under a name."""
        return next((record for record in self.records if record.name == name), None)

    def applies_to(self, service_types: set[str], in_warranty: bool | None) -> bool:
        """Tell whether the step belongs to work of these service types; an unknown warranty leaves nothing out."""
        if self.service_types and not service_types & {str(one) for one in self.service_types}:
            return False
        return self.in_warranty is None or in_warranty is None or self.in_warranty == in_warranty


class Conduct(Strict):
    """One of the ten do's or ten don'ts, shown at its step and scored at inspection."""

    code: Name = Field(title=gettext_noop("Code"))
    label: Sentence = Field(title=gettext_noop("Rule of conduct"))
    sign: Literal["do", "dont"] = Field(title=gettext_noop("Do or don't"))
    step: Name = Field(title=gettext_noop("Step"))


class Safety(Strict):
    """The electrical safety test: what a socket must have, before installing and after repairing (spec 3).

    Voltage between the two bounds, earth at most `most_earth_ohm` when measured; a refused test needs the signed risk.
    It is asked for unless `step` was skipped.
    """

    step: Name = Field(title=gettext_noop("Belongs to the step"))
    hint: Sentence = Field(title=gettext_noop("What usually goes wrong"))
    least_volt: Annotated[int, Field(ge=1, le=1000)] = Field(title=gettext_noop("Voltage at least"))
    most_volt: Annotated[int, Field(ge=1, le=1000)] = Field(title=gettext_noop("Voltage at most"))
    most_earth_ohm: Annotated[int, Field(ge=1, le=1000)] = Field(title=gettext_noop("Earth at most (ohm)"))
    service_types: tuple[ServiceType, ...] = Field(title=gettext_noop("Asked for"))


class Routing(Strict):
    """Where a kind of information goes, and within how many working days it is accepted or refused."""

    code: Name = Field(title=gettext_noop("Kind"))
    label: Label = Field(title=gettext_noop("Label"))
    unit: Code | None = Field(default=None, title=gettext_noop("Unit"))
    role: Role = Field(title=gettext_noop("Role"))
    answer_days: Annotated[int, Field(ge=1, le=90)] = Field(title=gettext_noop("Answer within (working days)"))


class NotFixed(Strict):
    """Why the work could not be done at this visit; one that `costs_points` costs the licence when somebody comes again."""

    code: Name = Field(title=gettext_noop("Code"))
    label: Label = Field(title=gettext_noop("Label"))
    costs_points: bool = Field(default=True, title=gettext_noop("Costs licence points"))


class VisitStandard(Strict):
    """The whole standard. A visit keeps the version with which it began."""

    clock_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(title=gettext_noop("Phone's clock corrected from (minutes)"))
    most_photos: Annotated[int, Field(ge=1, le=500)] = Field(title=gettext_noop("Photos a visit"))
    phases: tuple[Phase, ...] = Field(title=gettext_noop("Phases"), min_length=1)
    skip_reasons: tuple[SkipReason, ...] = Field(title=gettext_noop("Reasons to skip"), min_length=1)
    steps: tuple[Step, ...] = Field(title=gettext_noop("Steps"), min_length=1)
    conduct: tuple[Conduct, ...] = Field(title=gettext_noop("Rules of conduct"))
    safety: Safety = Field(title=gettext_noop("Electrical safety test"))
    not_fixed: tuple[NotFixed, ...] = Field(title=gettext_noop("Why not fixed"), min_length=1)
    information: tuple[Routing, ...] = Field(title=gettext_noop("Information returned"), min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> "VisitStandard":
        for codes in (self.phases, self.skip_reasons, self.steps, self.conduct, self.not_fixed, self.information):
            refuse_doubled(one.code for one in codes)
        phases = {phase.code for phase in self.phases}
        reasons = {reason.code for reason in self.skip_reasons}
        for step in self.steps:
            if step.phase not in phases:
                raise PydanticCustomError(
                    "phase", "{step}: there is no phase {phase}", {"step": step.code, "phase": step.phase}
                )
            for skip in step.skips:
                if skip not in reasons:
                    raise PydanticCustomError("skip", "{step}: no reason to skip {skip}", {"step": step.code, "skip": skip})
        order = [phase.code for phase in self.phases]
        places = [order.index(step.phase) for step in self.steps]
        if places != sorted(places):
            raise PydanticCustomError("phases", "the steps of a phase must stand together, in the order of the phases")
        if self.step(self.safety.step) is None:
            raise PydanticCustomError("safety", "the safety test: there is no step {step}", {"step": self.safety.step})
        for rule in self.conduct:
            if self.step(rule.step) is None:
                raise PydanticCustomError("conduct", "{rule}: there is no step {step}", {"rule": rule.code, "step": rule.step})
        return self

    def reason_not_fixed(self, code: str) -> NotFixed | None:
        """Return why not fixed, by its code."""
        return next((one for one in self.not_fixed if one.code == code), None)

    @cached_property
    def _steps(self) -> dict[str, Step]:
        return {step.code: step for step in self.steps}

    def step(self, code: str) -> Step | None:
        """Return a step by its code."""
        return self._steps.get(code)

    def place(self, code: str) -> int:
        """Return the number of a step, from 1."""
        return self.steps.index(self._steps[code]) + 1

    def steps_of(self, service_types: set[str], in_warranty: bool | None) -> tuple[Step, ...]:
        """Return the engineer's steps that apply to a visit, in their order."""
        return tuple(step for step in self.steps if step.by == "engineer" and step.applies_to(service_types, in_warranty))

    def done_with(self, entry: str) -> tuple[Step, ...]:
        """Return the steps that an entry of the phone does."""
        return tuple(step for step in self.steps if step.entry == entry)

    def skip_reason(self, code: str) -> SkipReason | None:
        """Return a reason to skip by its code."""
        return next((reason for reason in self.skip_reasons if reason.code == code), None)

    def routing(self, code: str) -> Routing | None:
        """Return where a kind of information goes."""
        return next((one for one in self.information if one.code == code), None)
