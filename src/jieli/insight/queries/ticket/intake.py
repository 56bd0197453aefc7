"""How the need came in: by which door, what was checked, how much was said."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from jieli.cases.actions.staging import is_filled
from jieli.cases.models import Case, Message
from jieli.cases.queries.timeline import field_label
from jieli.policies.queries import current

_NOTHING: tuple[int, datetime | None] = (0, None)


@dataclass(frozen=True, slots=True)
class Check:
    """A field that the first stage asks for."""

    label: str
    is_filled: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """The facts of the first stage."""

    case: Case
    checks: list[Check]
    incoming: int
    outgoing: int
    notes: int
    answered_at: datetime | None

    @property
    def channel(self) -> str:
        """Return the door by which the customer came."""
        return str(Case.Channel(self.case.channel).label)

    @property
    def is_complete(self) -> bool:
        """Tell whether everything that is asked for is known."""
        return all(one.is_filled for one in self.checks)

    @property
    def missing(self) -> list[str]:
        """Return what is not known."""
        return [one.label for one in self.checks if not one.is_filled]


def intake_of(case: Case) -> Intake:
    """Return how a case came in. One query."""
    first = current("routes").data.of(case.kind).stages[0]
    rows = Message.objects.filter(case_id=case.pk).values_list("direction").annotate(n=Count("pk"), first=Min("at"))
    said: dict[str, tuple[int, datetime | None]] = {side: (number, first_at) for side, number, first_at in rows}
    return Intake(
        case=case,
        checks=[Check(field_label(name), is_filled(case, name)) for name in first.required],
        incoming=said.get("in", _NOTHING)[0],
        outgoing=said.get("out", _NOTHING)[0],
        notes=said.get("note", _NOTHING)[0],
        answered_at=said.get("out", _NOTHING)[1],
    )
