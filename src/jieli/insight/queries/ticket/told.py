"""The ticket as its customer is told it: the same facts as on the desk, in plain words, and nothing from inside."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from jieli.cases.models import Case, Promise
from jieli.dispatch.models import Appointment
from jieli.dispatch.queries.portal import appointment_words
from jieli.files.models import Evidence
from jieli.insight.queries.ticket.quality import Asked, asked
from jieli.insight.queries.ticket.sent import appointments_of
from jieli.insight.queries.ticket.visits import Parts, Visited, parts_of, visits_of
from jieli.insight.queries.ticket.way import Stage, Way, Word, way_of
from jieli.intake.queries.following import promise_title, state_words
from jieli.quality.models import CallBack, Spending


@dataclass(frozen=True, slots=True)
class Promised:
    """What was promised to the customer, and whether the word was kept; `tone` ok, bad, or grey."""

    title: str
    word: Word
    state: str
    tone: str
    icon: str

    @property
    def promise(self) -> Promise:
        """Return the promise."""
        return self.word.promise


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or paper that the customer may see."""

    name: str
    url: str
    thumbnail_url: str


@dataclass(slots=True)
class Told:
    """Everything the customer's page says."""

    way: Way
    sentence: str
    detail: str
    promised: list[Promised]
    appointments: list[Appointment]
    visited: Visited
    parts: Parts
    asked: Asked
    pictures: list[Picture] = field(default_factory=list)

    @property
    def case(self) -> Case:
        """Return the case."""
        return self.way.case

    @property
    def appointment(self) -> Appointment | None:
        """Return the appointment that is still to come about."""
        return next((one for one in self.appointments if one.is_current), None)

    @property
    def on_the_way(self) -> str:
        """Return that somebody is on the way, or there, in words; empty before."""
        come = self.appointment
        return appointment_words(come) if come is not None and come.set_out_at is not None else ""

    @property
    def moved(self) -> list[Appointment]:
        """Return the windows that were moved, oldest first."""
        return [one for one in self.appointments if one.state == Appointment.State.MOVED]

    @property
    def charged_amount(self) -> Decimal:
        """Return what the customer paid on site."""
        return sum((one.charge.total_amount for visit in self.visited.visits for one in visit.charges), Decimal(0))

    @property
    def was_visited(self) -> bool:
        """Tell whether a visit is over."""
        return any(visit.visit.finished_at is not None for visit in self.visited.visits)

    @property
    def compensation_amount(self) -> Decimal:
        """Return what the customer got to make it good."""
        return sum(
            (spent.amount for call in self.asked.calls for spent in call.spendings if spent.state == Spending.State.SPENT),
            Decimal(0),
        )

    @property
    def answers(self) -> list[CallBack]:
        """Return the call-backs that the customer answered, oldest first."""
        return [one.callback for one in self.asked.calls if one.callback.state == CallBack.State.DONE]

    @property
    def callback(self) -> CallBack | None:
        """Return the call-back that is still to be made."""
        return next((one.callback for one in self.asked.calls if one.callback.state == CallBack.State.OPEN), None)

    @property
    def stages(self) -> list[Stage]:
        """Return the stages, as on the desk."""
        return self.way.stages


def told(case: Case, token: str) -> Told:
    """Return what the customer of a case is told; `token` opens his files. About 25 queries, however much hangs on it."""
    way = way_of(case)
    seen = list(Evidence.objects.of_case(case.pk).kept().filter(customer_sees=True))
    running = sorted((one.promise for one in way.to_customer if one.promise.is_running), key=lambda one: (one.due_at, one.pk))
    sentence, detail = state_words(case, running[0] if running else None, running)
    return Told(
        way=way,
        sentence=sentence,
        detail=detail,
        promised=[_promised(one) for one in way.to_customer],
        appointments=appointments_of(case.pk),
        visited=visits_of(case.pk, way.orders, seen),
        parts=parts_of(case.pk),
        asked=asked(case.pk, way.orders),
        pictures=list(_pictures(seen, token)),
    )


def _promised(word: Word) -> Promised:
    promise = word.promise
    state, tone, icon = {
        "kept": (_("kept"), "ok", "circle-check"),
        "late": (_("kept, but late"), "bad", "circle-x"),
        "cancelled": (_("no longer needed"), "grey", "circle-minus"),
    }.get(promise.outcome, (_("still to be kept"), "grey", "clock"))
    if promise.outcome == "cancelled" and promise.breached_at is not None:
        state, tone, icon = _("not kept"), "bad", "circle-x"
    elif promise.is_running and promise.breached_at is not None:
        state, tone, icon = _("we are late"), "bad", "flame"
    elif promise.is_running and promise.paused_until is not None:
        state, icon = _("waits, as agreed"), "player-pause"
    return Promised(promise_title(promise.kind), word, state, tone, icon)


def _pictures(seen: Iterable[Evidence], token: str) -> Iterable[Picture]:
    for one in seen:
        small = reverse("files:tracked_thumbnail", args=[token, one.key]) if one.thumbnail else ""
        yield Picture(one.name, reverse("files:tracked_file", args=[token, one.key]), small)
