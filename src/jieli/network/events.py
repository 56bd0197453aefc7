"""The facts that this app records: of an outlet on its unit's chain, of an engineer on the person's, else on the company's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.events.facts import Fact, Text, Words


def _kinds() -> Words:
    return {
        "promise_not_kept": _("promise not kept"),
        "standard_not_followed": _("standard not followed"),
        "visited_again": _("not fixed at first and visited again"),
        "part_misjudged": _("part misjudged"),
        "improper_charge": _("improper charge"),
        "insult_or_fraud": _("insult or fraud"),
        "customer_moved": _("customer moved"),
        "adopted_improvement": _("adopted improvement"),
        "issued": pgettext_lazy("licence", "issued"),
        "imported": pgettext_lazy("licence", "imported"),
        "reviewed": _("annual review"),
        "reexamined": _("re-examination"),
    }


def _standings() -> Words:
    return {
        "demonstration": pgettext_lazy("licence", "demonstration"),
        "normal": pgettext_lazy("licence", "normal"),
        "warning": pgettext_lazy("licence", "warning"),
        "revoked": pgettext_lazy("licence", "revoked"),
    }


def _decisions() -> Words:
    return {"upheld": pgettext_lazy("an appeal", "upheld"), "refused": pgettext_lazy("an appeal", "refused")}


def _changes() -> Words:
    return {
        "added": pgettext_lazy("a document", "added"),
        "renewed": pgettext_lazy("a document", "renewed"),
        "put_away": pgettext_lazy("a document", "put away"),
    }


@dataclass(frozen=True, slots=True)
class ProviderMade(Fact):
    """A legal entity became a provider; what is personal or secret of it stands in `private`, as JSON."""

    type: ClassVar[str] = "network.provider_made"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("The provider %(name)s (%(code)s) was added")

    company_id: int
    provider_id: int
    code: str
    name: str
    values: dict[str, Any]
    private: Text = ""


@dataclass(frozen=True, slots=True)
class ProviderChanged(Fact):
    """Fields of a provider changed; `changes` and `private` are ``{field: [old, new]}``."""

    type: ClassVar[str] = "network.provider_changed"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("Data of the provider %(code)s were changed: %(fields)s")

    company_id: int
    provider_id: int
    code: str
    fields: str
    changes: dict[str, Any]
    private: Text = ""


@dataclass(frozen=True, slots=True)
class OutletMade(Fact):
    """A unit became an outlet of the network; `values` are its type, tier, region and the other fields."""

    type: ClassVar[str] = "network.outlet_made"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("Became an outlet: %(summary)s")

    unit_id: int
    summary: str
    values: dict[str, Any]
    private: Text = ""


@dataclass(frozen=True, slots=True)
class OutletChanged(Fact):
    """Fields of an outlet changed; `changes` is ``{field: [old, new]}``, `private` the same for personal ones, as JSON."""

    type: ClassVar[str] = "network.outlet_changed"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("Data of the outlet were changed: %(fields)s")

    unit_id: int
    fields: str
    changes: dict[str, Any]
    private: Text = ""


@dataclass(frozen=True, slots=True)
class OutletSuspended(Fact):
    """An outlet gets no new orders until the suspension is lifted."""

    type: ClassVar[str] = "network.outlet_suspended"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("Suspended for rectification: %(reason)s")
    icon: ClassVar[tuple[str, str]] = ("player-pause", "red")

    unit_id: int
    reason: Text


@dataclass(frozen=True, slots=True)
class SuspensionLifted(Fact):
    """A suspended outlet gets orders again."""

    type: ClassVar[str] = "network.suspension_lifted"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("The suspension was lifted: %(reason)s")

    unit_id: int
    reason: Text


@dataclass(frozen=True, slots=True)
class OutletEnded(Fact):
    """The contract of an outlet ended for good."""

    type: ClassVar[str] = "network.outlet_ended"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("The contract of the outlet ended: %(reason)s")

    unit_id: int
    reason: Text


@dataclass(frozen=True, slots=True)
class AreaAdded(Fact):
    """An outlet serves one more area."""

    type: ClassVar[str] = "network.area_added"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("Serves the area %(name)s")

    unit_id: int
    area_id: int
    name: str
    kind: str
    district: str
    polygon: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class AreaRemoved(Fact):
    """An outlet no longer serves an area."""

    type: ClassVar[str] = "network.area_removed"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = _("No longer serves the area %(name)s")

    unit_id: int
    area_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFact(Fact):
    """What every fact of a paper says: which, and whether it was added, renewed or put away (`change`)."""

    sentence: ClassVar = _("Document %(name)s %(number)s: %(change)s")
    words: ClassVar[Mapping[str, Any]] = {"change": _changes}

    document_id: int
    name: str
    number: str
    change: str
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDocument(DocumentFact):
    """A document of a provider was added, renewed or put away."""

    type: ClassVar[str] = "network.provider_document"
    stream: ClassVar[str] = "company"

    company_id: int
    provider_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletDocument(DocumentFact):
    """A document of an outlet was added, renewed or put away."""

    type: ClassVar[str] = "network.outlet_document"
    stream: ClassVar[str] = "unit"

    unit_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineerDocument(DocumentFact):
    """A document of an engineer was added, renewed or put away."""

    type: ClassVar[str] = "network.engineer_document"
    stream: ClassVar[str] = "staff"

    staff_id: int


@dataclass(frozen=True, slots=True)
class EngineerMade(Fact):
    """A member of staff became an engineer, with a licence."""

    type: ClassVar[str] = "network.engineer_made"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Became an engineer of %(outlet)s")

    staff_id: int
    outlet_id: int | None
    outlet: str
    values: dict[str, Any]
    private: Text = ""


@dataclass(frozen=True, slots=True)
class EngineerChanged(Fact):
    """Fields of an engineer changed; `changes` is ``{field: [old, new]}``, `private` the same for personal ones, as JSON."""

    type: ClassVar[str] = "network.engineer_changed"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Data of the engineer were changed: %(fields)s")

    staff_id: int
    fields: str
    changes: dict[str, Any]
    private: Text = ""


@dataclass(frozen=True, slots=True)
class SkillSet(Fact):
    """An engineer may work on a product line, at a level and until a day."""

    type: ClassVar[str] = "network.skill_set"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Skill %(product_line)s: %(level)s")

    staff_id: int
    product_line: str
    level: int
    service_types: tuple[str, ...]
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class SkillRemoved(Fact):
    """An engineer no longer works on a product line."""

    type: ClassVar[str] = "network.skill_removed"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("No longer has the skill %(product_line)s")

    staff_id: int
    product_line: str


@dataclass(frozen=True, slots=True)
class LicencePosted(Fact):
    """Points were taken off a licence or given, for a case; `balance` is what it came to."""

    type: ClassVar[str] = "network.licence_posted"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Licence: %(kind)s %(points)s, now %(balance)s points")
    words: ClassVar[Mapping[str, Any]] = {"kind": _kinds}

    staff_id: int
    posting_id: int
    kind: str
    points: int
    balance: int
    case_id: int | None
    source: str
    policy: str
    note: Text = ""


@dataclass(frozen=True, slots=True)
class LicenceBegun(Fact):
    """The points of a licence began anew: issued, imported, reviewed or after a re-examination."""

    type: ClassVar[str] = "network.licence_begun"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Licence: %(kind)s, now %(balance)s points")
    words: ClassVar[Mapping[str, Any]] = {"kind": _kinds}

    staff_id: int
    posting_id: int
    kind: str
    balance: int
    expires_on: date | None
    policy: str
    note: Text = ""


@dataclass(frozen=True, slots=True)
class StandingChanged(Fact):
    """The points brought an engineer into warning, out of it, to a revoked licence or back."""

    type: ClassVar[str] = "network.standing_changed"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Standing of the licence: from %(old)s to %(new)s")
    words: ClassVar[Mapping[str, Any]] = {"old": _standings, "new": _standings}

    staff_id: int
    old: str
    new: str
    points: int


@dataclass(frozen=True, slots=True)
class CoachAssigned(Fact):
    """An engineer has a coach, or no longer (None)."""

    type: ClassVar[str] = "network.coach_assigned"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Coach: %(coach_id)s")
    staff_fields: ClassVar[tuple[str, ...]] = ("coach_id",)

    staff_id: int
    coach_id: int | None


@dataclass(frozen=True, slots=True)
class LicenceAppealed(Fact):
    """Somebody appealed against a posting."""

    type: ClassVar[str] = "network.licence_appealed"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Appeal against %(kind)s: %(reason)s")
    words: ClassVar[Mapping[str, Any]] = {"kind": _kinds}

    staff_id: int
    posting_id: int
    appeal_id: int
    kind: str
    reason: Text


@dataclass(frozen=True, slots=True)
class AppealDecided(Fact):
    """An appeal was decided; upheld, its posting no longer counts and the points are what the rest comes to."""

    type: ClassVar[str] = "network.appeal_decided"
    stream: ClassVar[str] = "staff"
    sentence: ClassVar = _("Appeal against %(kind)s %(decision)s: %(reason)s")
    words: ClassVar[Mapping[str, Any]] = {"kind": _kinds, "decision": _decisions}

    staff_id: int
    posting_id: int
    appeal_id: int
    kind: str
    decision: str
    balance: int
    reason: Text
