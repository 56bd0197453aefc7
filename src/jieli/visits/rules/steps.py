"""What a step must hold, and what a visit still lacks before it may be finished (spec 3, One-visit completeness); pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils.functional import Promise as Lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jieli.policies.schemas.visit_standard import Safety, Step, StepEvidence, StepRecord, VisitStandard

LONGEST_TEXT = 2000
MOST_PHOTOS_A_STEP = 30
EXEMPTING = ("remote", "no_fault")
"""Results that are themselves a reason to skip, where a step knows that reason."""


@dataclass(frozen=True, slots=True)
class DoneStep:
    """A step as it stands: done or skipped, with its photos."""

    code: str
    is_done: bool
    records: Mapping[str, Any] = field(default_factory=dict)
    photos: Collection[UUID] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """What else is known of a visit when its steps are judged."""

    service_types: frozenset[str]
    in_warranty: bool | None
    results: frozenset[str] = frozenset()
    photos_here: frozenset[UUID] = frozenset()
    is_signed: bool = False
    is_part_used: bool = False
    is_charged: bool = False
    is_genuine: bool | None = None
    safety_passed: bool | None = None
    is_risk_signed: bool = False

    def holds(self, condition: str | None) -> bool:
        """Tell whether the condition of a piece of evidence holds."""
        return {
            None: True,
            "part_used": self.is_part_used,
            "charged": self.is_charged,
            "in_warranty": self.in_warranty is True,
            "out_of_warranty": self.in_warranty is False,
            "not_genuine": self.is_genuine is False,
        }[condition]


OWN_STEPS = frozenset({"genuine"})
"""Steps asked of each device of a set, because the settlement asks their answer of each line."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A step that keeps a visit from being finished, and why."""

    code: str
    place: int
    step: Step
    why: str | Lazy


def records_of(step: Step, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str | Lazy]]:
    """Return the values recorded at a step as they are stored, and by name what is wrong with them."""
    kept: dict[str, Any] = {}
    wrong: dict[str, str | Lazy] = {}
    for name in values:
        if step.record(str(name)) is None:
            wrong[str(name)[:60]] = _("The standard does not ask for this.")
    for record in step.records:
        value = values.get(record.name)
        if value is None or value == "":
            if record.required:
                wrong[record.name] = _("This must be recorded.")
            continue
        try:
            kept[record.name] = _value(record, value)
        except (ValueError, InvalidOperation):
            wrong[record.name] = _NOT_A[record.type]
    return kept, wrong


_NOT_A: dict[str, Lazy] = {
    "text": _("This is too long."),
    "scan": _("This is too long."),
    "number": _("This is not a number."),
    "check": _("This is neither yes nor no."),
    "choice": _("This is none of the choices."),
    "time": _("This is not a time."),
}


def _value(record: StepRecord, value: Any) -> Any:
    match record.type:
        case "number":
            number = Decimal(str(value))
            if isinstance(value, bool) or not number.is_finite() or abs(number) > 1_000_000_000:
                raise ValueError
            return str(number)
        case "check":
            if value is not True and value is not False:
                raise ValueError
            return value
        case "choice":
            if value not in {choice.code for choice in record.choices}:
                raise ValueError
            return value
        case "time":
            return datetime.fromisoformat(str(value)).isoformat()
        case _:
            if not isinstance(value, str) or len(value) > LONGEST_TEXT:
                raise ValueError
            return value.strip()


def missing_steps(standard: VisitStandard, done: Mapping[str, DoneStep], work: Work) -> list[Missing]:
    """Return the steps that still lack something, in their order; with none of them the visit may be finished."""
    found = []
    for step in standard.steps_of(set(work.service_types), work.in_warranty):
        why = _lacks(step, done.get(step.code), work) or _safety_lacks(standard.safety, step, done.get(step.code), work)
        if why is not None:
            found.append(Missing(step.code, standard.place(step.code), step, why))
    return found


def _lacks(step: Step, done: DoneStep | None, work: Work) -> str | Lazy | None:
    if done is None:
        return _("not done") if step.mandatory and not _is_exempt(step, work) else None
    if not done.is_done:
        return None
    for record in step.records:
        if record.required and done.records.get(record.name) in (None, ""):
            return str(_("“%(what)s” is not recorded")) % {"what": _words(record)}
    for evidence in step.evidence:
        if work.holds(evidence.required_when) and (why := _proof_lacks(step, evidence, done, work)):
            return why
    return None


def _is_exempt(step: Step, work: Work) -> bool:
    return bool(work.results) and all(result in EXEMPTING and result in step.skips for result in work.results)


def _words(record: StepRecord) -> str:
    return record.label.in_language(get_language() or "zh-hans")


def _proof_lacks(step: Step, evidence: StepEvidence, done: DoneStep, work: Work) -> str | Lazy | None:
    match evidence.kind:
        case "signature":
            return None if work.is_signed else _("the signature is missing")
        case "scan":
            scanned = sum(1 for record in step.records if record.type == "scan" and done.records.get(record.name))
            return None if scanned >= evidence.least else _("the scan is missing")
        case _:
            here = sum(1 for photo in set(done.photos) if photo in work.photos_here)
            if here >= evidence.least:
                return None
            if len(set(done.photos)) >= evidence.least:
                return _("its photos have not arrived yet")
            words = _("photos missing: %(count)s")
            return str(words) % {"count": evidence.least - here}


def _safety_lacks(safety: Safety, step: Step, done: DoneStep | None, work: Work) -> str | Lazy | None:
    """The safety test belongs to one step; where that is skipped it is not asked for."""
    if step.code != safety.step or not work.service_types & {str(one) for one in safety.service_types}:
        return None
    if (done is None and _is_exempt(step, work)) or (done is not None and not done.is_done):
        return None
    if work.safety_passed is None:
        return _("the electrical safety test is missing")
    if not work.safety_passed and not work.is_risk_signed:
        return _("the safety test was not passed, and the customer has not signed the risk")
    return None


def is_safe(safety: Safety, *, voltage: Decimal, earth_ok: bool | None, earth_ohm: Decimal | None, socket_ok: bool) -> bool:
    """Tell whether a socket passes: voltage within bounds, earth by its resistance or as seen, socket sound (spec 3)."""
    earth = earth_ohm <= safety.most_earth_ohm if earth_ohm is not None else earth_ok is True
    return safety.least_volt <= voltage <= safety.most_volt and earth and socket_ok
