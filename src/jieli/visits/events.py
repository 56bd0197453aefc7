"""The facts that this app records, on the chain of the case: what a reader of the case wants to know of a visit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact, Text, Words
from jieli.policies.queries import NoPolicy, current


def _standard(name: str) -> Callable[[], Words]:
    """Return the words for the codes of a list of the standard in force; codes of older ones show as they are."""

    def words() -> Words:
        try:
            listed: Any = getattr(current("visit-standard").data, name)
        except NoPolicy:
            return {}
        language = get_language() or "zh-hans"
        return {one.code: one.label.in_language(language) for one in listed}

    return words


def _results() -> Mapping[str, Any]:
    return {
        "fixed": pgettext_lazy("a visit", "fixed"),
        "not_fixed": pgettext_lazy("a visit", "not fixed"),
        "remote": _("solved remotely"),
        "no_fault": pgettext_lazy("a visit", "no fault found"),
    }


def _passed() -> Mapping[Any, Any]:
    return {True: _("passed"), False: _("not passed")}


def _answers() -> Mapping[str, Any]:
    return {"accepted": pgettext_lazy("information", "accepted"), "refused": pgettext_lazy("information", "refused")}


FLAGS: Mapping[str, Any] = {
    "clock_off": _("the phone's clock was off"),
    "in_the_future": _("the phone's time lay in the future"),
    "before_the_order": _("arrived before the order was made"),
    "finished_before_arrived": _("finished before arriving"),
    "arrived_before_set_out": _("arrived before setting out"),
    "worked_before_arrived": _("worked before arriving"),
    "other_device": _("the serial number is another device's"),
    "long_on_the_phone": _("reached us more than a day later"),
}
"""What is odd about an entry or a visit, in words."""


def _flags() -> Mapping[str, Any]:
    return FLAGS


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFact(Fact):
    """A fact of a visit, told on the chain of its case."""

    stream: ClassVar[str] = "case"

    case_id: int
    visit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStarted(VisitFact):
    """An engineer began a visit; `visit` is its number on the case, `standard` the version that it keeps."""

    type: ClassVar[str] = "visits.started"
    icon: ClassVar = ("tool", "accent")
    sentence: ClassVar = _("Visit %(visit)s was begun by %(engineer_id)s (visit standard v%(standard)s)")
    staff_fields: ClassVar = ("engineer_id",)

    engineer_id: int
    standard: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineerSetOut(VisitFact):
    """The engineer is on the way; `expected_at` is when he will probably be there, when that can be forecast."""

    type: ClassVar[str] = "visits.set_out"
    icon: ClassVar = ("car", "accent")
    sentence: ClassVar = _("The engineer is on the way (visit %(visit)s)")
    customer_sees: ClassVar = True

    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineerArrived(VisitFact):
    """The engineer came again; the first coming is told by the work order."""

    type: ClassVar[str] = "visits.arrived_again"
    icon: ClassVar = ("map-pin", "accent")
    sentence: ClassVar = _("Arrived on site again (visit %(visit)s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseDone(VisitFact):
    """The last step of a phase was done or skipped; `skipped` is ``{step: reason}``."""

    type: ClassVar[str] = "visits.phase_done"
    icon: ClassVar = ("list-check", "grey")
    sentence: ClassVar = _("Steps done: %(phase)s (%(count)s)")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"phase": _standard("phases")}

    phase: str
    count: int
    skipped: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyTested(VisitFact):
    """Voltage, earth and socket were measured."""

    type: ClassVar[str] = "visits.safety_tested"
    icon: ClassVar = ("bolt", "grey")
    sentence: ClassVar = _("Electrical safety test %(passed)s: %(voltage)s V")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"passed": _passed}

    passed: bool
    voltage: str
    earth_ohm: str | None
    socket_ok: bool
    risk_signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultDiagnosed(VisitFact):
    """The engineer said what is wrong."""

    type: ClassVar[str] = "visits.diagnosed"
    icon: ClassVar = ("stethoscope", "grey")
    sentence: ClassVar = _("Diagnosis: %(label)s (%(fault)s)")

    number: str
    fault: str
    group: str
    label: str
    genuine: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCharged(VisitFact):
    """The customer paid on site, by the price list of that version."""

    type: ClassVar[str] = "visits.charged"
    icon: ClassVar = ("cash", "grey")
    sentence: ClassVar = _("¥%(amount)s was charged by the price list v%(prices)s")

    number: str
    amount: str
    prices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSigned(VisitFact):
    """The customer signed; `sha256` is that of the strokes."""

    type: ClassVar[str] = "visits.signed"
    icon: ClassVar = ("signature", "ok")
    sentence: ClassVar = _("The customer signed (visit %(visit)s)")

    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTold(VisitFact):
    """The engineer said how it went with one work order."""

    type: ClassVar[str] = "visits.outcome"
    icon: ClassVar = ("flag", "accent")
    sentence: ClassVar = _("Result of work order %(number)s: %(result)s %(reason)s")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"result": _results, "reason": _standard("not_fixed")}

    number: str
    result: str
    reason: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFinished(VisitFact):
    """The visit is over. `digest` is the SHA-256 over its steps, photos, tests and signatures."""

    type: ClassVar[str] = "visits.finished"
    icon: ClassVar = ("circle-check", "ok")
    sentence: ClassVar = _("Visit %(visit)s is finished")

    steps_complete: bool
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedWithGaps(VisitFact):
    """A supervisor let a visit end although steps are missing."""

    type: ClassVar[str] = "visits.finished_with_gaps"
    icon: ClassVar = ("circle-dashed", "risk")
    sentence: ClassVar = _("Visit %(visit)s was finished with gaps: %(reason)s")

    missing: list[str]
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCalledOff(VisitFact):
    """A visit that was begun goes no further: another engineer comes, or nobody."""

    type: ClassVar[str] = "visits.called_off"
    icon: ClassVar = ("ban", "grey")
    sentence: ClassVar = _("Visit %(visit)s was called off")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesContradict(VisitFact):
    """Times of the phone contradict each other or the server's; both are kept."""

    type: ClassVar[str] = "visits.times_contradict"
    icon: ClassVar = ("clock-exclamation", "risk")
    sentence: ClassVar = _("To be looked at: %(flags)s")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"flags": _flags}

    flags: list[str]
    phone_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKeptAside(Fact):
    """An entry of a phone could not be taken in; it is kept for a person to look at."""

    type: ClassVar[str] = "visits.entry_kept_aside"
    stream: ClassVar[str] = "case"
    icon: ClassVar = ("alert-triangle", "risk")
    sentence: ClassVar = _("An entry of the phone was not taken in and waits for a person: %(why)s")

    case_id: int
    entry_id: int
    kind: str
    state: str
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySettled(Fact):
    """A person settled an entry that was not taken in."""

    type: ClassVar[str] = "visits.entry_settled"
    stream: ClassVar[str] = "case"
    icon: ClassVar = ("checks", "grey")
    sentence: ClassVar = _("An entry of the phone was settled: %(reason)s")

    case_id: int
    entry_id: int
    state: str
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationReturned(Fact):
    """Information came back from the field."""

    type: ClassVar[str] = "visits.information_returned"
    stream: ClassVar[str] = "case"
    icon: ClassVar = ("bulb", "accent")
    sentence: ClassVar = _("Information returned: %(kind)s")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"kind": _standard("information")}

    case_id: int
    information_id: int
    kind: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationDecided(Fact):
    """Information was accepted, or refused with a reason."""

    type: ClassVar[str] = "visits.information_decided"
    stream: ClassVar[str] = "case"
    icon: ClassVar = ("bulb", "ok")
    sentence: ClassVar = _("Information %(answer)s: %(reason)s")
    words: ClassVar[Mapping[str, Callable[[], Words]]] = {"answer": _answers}

    case_id: int
    information_id: int
    answer: str
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationBore(Fact):
    """What came of accepted information."""

    type: ClassVar[str] = "visits.information_bore"
    stream: ClassVar[str] = "case"
    icon: ClassVar = ("seedling", "ok")
    sentence: ClassVar = _("What came of the information: %(outcome)s")

    case_id: int
    information_id: int
    outcome: Text
