"""How the work was sent out: who was asked and why, who comes when, and how the appointment moved."""

from dataclasses import dataclass

from jieli.cases.models import Pass
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.queries.reading import offers_of
from jieli.dispatch.rules.reasons import from_json

APPOINTMENTS = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """An offer with its reasons in words."""

    offer: Offer
    reasons_for: list[str]
    reasons_against: list[str]

    @property
    def baton(self) -> Pass:
        """Return the pass that carries it."""
        return self.offer.baton


@dataclass(frozen=True, slots=True)
class Sent:
    """The stage of dispatch: offers and appointments, oldest first."""

    offers: list[Asked]
    appointments: list[Appointment]

    @property
    def current(self) -> Appointment | None:
        """Return the appointment that holds, or came about."""
        return next((one for one in reversed(self.appointments) if one.is_current or one.state == one.State.DONE), None)

    @property
    def is_of_many(self) -> bool:
        """Tell whether there is more than one visit, each with an appointment of its own."""
        return any(one.number > 1 for one in self.appointments)

    @property
    def moves(self) -> int:
        """Return how often it was moved."""
        return sum(one.state == one.State.MOVED for one in self.appointments)


def sent(case_id: int) -> Sent:
    """Return how a case was dispatched. Two queries."""
    offers = [
        Asked(
            one,
            [why.words for why in from_json(one.reasons.get("for", []))],
            [why.words for why in from_json(one.reasons.get("against", []))],
        )
        for one in reversed(offers_of(case_id))
    ]
    return Sent(offers, appointments_of(case_id))


def appointments_of(case_id: int) -> list[Appointment]:
    """Return the appointments of a case, oldest first. One query."""
    found = Appointment.objects.filter(case_id=case_id).select_related("outlet", "engineer").order_by("-id")[:APPOINTMENTS]
    return list(found)[::-1]
