"""What every fact of a case has."""

from dataclasses import dataclass
from typing import ClassVar

from jieli.events.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact(Fact):
    """A fact of one case."""

    stream: ClassVar[str] = "case"

    case_id: int
