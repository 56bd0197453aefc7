"""The facts that intake records."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact


@dataclass(frozen=True, slots=True)
class HistoryImported(Fact):
    """A foreign history was brought in, or more of it: from which bytes, by which mapping, in which zone, drawn when."""

    type: ClassVar[str] = "intake.history_imported"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("%(cases)s cases and %(events)s events came in from %(source)s")

    company_id: int
    source: str
    title: str
    form: str
    file_digest: str
    mapping_digest: str
    time_zone: str
    rows: int
    cases: int
    events: int
    rejected: int
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExchangeFileImported(Fact):
    """An exchange file was brought in."""

    type: ClassVar[str] = "intake.exchange_file_imported"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("%(imported)s rows of %(kind)s came in")

    company_id: int
    kind: str
    file_digest: str
    rows: int
    imported: int
    rejected: int
