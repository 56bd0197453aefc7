"""Steps of foreign histories."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.cases.events.base import CaseFact


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedStep(CaseFact):
    """A step of a foreign history; the figures of a history are computed from these fields alone.

    `actor` acted there; `holder` is whose change counts as a hand-over; `group` is the queue; `state` is what the step made
    of the case (empty: no change); `due_at` and `verdict` (met, missed) are the source's own; `handovers` and `reopenings`
    are its own counters where it has them; `line` is the line of the file, `mark` tells the same step in a later export.
    """

    activity: str
    actor: str = ""
    holder: str = ""
    group: str = ""
    state: str = ""
    due_at: datetime | None = None
    verdict: str = ""
    handovers: int | None = None
    reopenings: int | None = None
    line: int = 0
    mark: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseImported(ImportedStep):
    """A case came in from a foreign history, with its first step there."""

    type: ClassVar[str] = "cases.imported"
    sentence: ClassVar = _("Imported from %(source)s as %(source_key)s: %(activity)s; owner %(owner_id)s")
    staff_fields: ClassVar = ("owner_id",)

    source: str
    source_key: str
    owner_id: int
    unit_id: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityImported(ImportedStep):
    """A step of a foreign history which leaves the case with its owner."""

    type: ClassVar[str] = "cases.activity_imported"
    sentence: ClassVar = _("%(activity)s (from the imported history)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassImported(ImportedStep):
    """A step of a foreign history by which the case came to another person or unit."""

    type: ClassVar[str] = "cases.pass_imported"
    sentence: ClassVar = _("%(activity)s; handed over to %(owner_id)s (from the imported history)")
    staff_fields: ClassVar = ("owner_id", "from_id")

    owner_id: int
    from_id: int
    unit_id: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageImported(CaseFact):
    """A text of a foreign history; the body lies in the message, the event holds its digest."""

    type: ClassVar[str] = "cases.message_imported"
    sentence: ClassVar = _("A text came with the imported history")

    message_id: int
    body_digest: str
