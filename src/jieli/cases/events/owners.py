"""The case gets another owner: taken, taken over, deputised."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.cases.events.base import CaseFact
from jieli.cases.models.because import becauses
from jieli.events.facts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerChanged(CaseFact):
    """The case went from one person to another, and so to that person's unit."""

    staff_fields: ClassVar[tuple[str, ...]] = ("owner_id", "from_id")

    owner_id: int
    from_id: int
    unit_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTaken(OwnerChanged):
    """A member of the unit took the case from the duty officer."""

    type: ClassVar[str] = "cases.taken"
    sentence: ClassVar = _("%(owner_id)s took it")
    customer_sees: ClassVar = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTakenOver(OwnerChanged):
    """A superior took the case over, with a reason."""

    type: ClassVar[str] = "cases.taken_over"
    sentence: ClassVar = _("%(owner_id)s took it over from %(from_id)s: %(reason)s")

    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeputised(OwnerChanged):
    """The owner is away, and his deputy (or, without one, the duty officer) has the case now."""

    type: ClassVar[str] = "cases.deputised"
    sentence: ClassVar = _("%(owner_id)s stands in for %(from_id)s: %(why)s")
    words: ClassVar = {"why": becauses}

    why: str
    until: datetime | None = None
