"""The way itself: stages, hands, offers and promises of a case, from its events and rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

from django.conf import settings
from django.db.models import Max
from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from jieli.cases.events import (
    AssignmentAccepted,
    CaseClosed,
    CaseDeputised,
    CaseImported,
    CaseOpened,
    CaseReopened,
    CaseTaken,
    CaseTakenOver,
    PassAccepted,
    PassImported,
    StageChanged,
)
from jieli.cases.models import Case, Pass, Promise
from jieli.cases.queries.reading import promises_of
from jieli.cases.queries.stories import Story, leading, stories
from jieli.events.models import Event
from jieli.insight.rules.relay import Change, Leg, Span, Station, leg_at, legs, span, stations, stays
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff, Unit
from jieli.policies.queries import current
from jieli.settlement.models import Line

OPENED = (CaseOpened.type, CaseImported.type)
CHANGED = (
    CaseTaken.type,
    CaseTakenOver.type,
    CaseDeputised.type,
    PassAccepted.type,
    AssignmentAccepted.type,
    PassImported.type,
)
MOVED = (StageChanged.type, CaseClosed.type, CaseReopened.type)
HANDS = 60
OFFERS = 100
_HOW: Mapping[str, tuple[str | LazyText, str]] = {
    "opened": (gettext_lazy("on duty when it came in"), "inbox"),
    "imported": (gettext_lazy("brought in by an import"), "database-import"),
    "taken": (pgettext_lazy("how the baton came", "taken"), "hand-grab"),
    "taken_over": (pgettext_lazy("how the baton came", "taken over"), "hand-grab"),
    "deputised": (pgettext_lazy("how the baton came", "stands in as deputy"), "user-share"),
    "pass": (pgettext_lazy("how the baton came", "baton pass accepted"), "hand-grab"),
    "assign": (pgettext_lazy("how the baton came", "assignment accepted"), "user-share"),
    "dispatch": (pgettext_lazy("how the baton came", "work order accepted"), "truck"),
}


@dataclass(frozen=True, slots=True)
class Try:
    """An offer while somebody had the case: to whom, and what became of it."""

    offer: Pass
    answer_due_at: datetime | None

    @property
    def is_pending(self) -> bool:
        """Tell whether it waits for its answer."""
        return self.offer.state == Pass.State.OFFERED


@dataclass(slots=True)
class Hand:
    """One hand of the relay, with the offers that were made meanwhile and the promises that broke in it."""

    leg: Leg
    person: Staff
    unit: str
    giver: Staff | None
    span: Span
    seconds: float
    tries: list[Try] = field(default_factory=list)
    broken: list["Word"] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)

    @property
    def how(self) -> str:
        """Return in words how the baton came."""
        return str(_HOW[self.leg.how][0])

    @property
    def icon(self) -> str:
        """Return the icon of that way."""
        return _HOW[self.leg.how][1]

    @property
    def is_now(self) -> bool:
        """Tell whether the case is in this hand."""
        return self.leg.until is None


@dataclass(slots=True)
class Word:
    """A promise with its story, by how long it was or is broken, in whose hand it broke, and by whom it was kept."""

    story: Story
    is_inside: bool
    late_seconds: float | None = None
    broken_by: Staff | None = None
    kept_by: Staff | None = None

    @property
    def promise(self) -> Promise:
        """Return the promise."""
        return self.story.promise


@dataclass(frozen=True, slots=True)
class Stage:
    """A station with its words and its place on the drawn way."""

    station: Station
    label: str
    is_back: bool
    span: Span | None

    @property
    def state(self) -> str:
        """Return done, now, later or passed."""
        return self.station.state


@dataclass(slots=True)
class Way:
    """How a case came from the first contact to where it is."""

    case: Case
    begin: datetime
    end: datetime
    stages: list[Stage]
    hands: list[Hand]
    words: list[Word]
    hero: Story | None
    pending: Try | None
    orders: list[WorkOrder]

    @property
    def seconds(self) -> float:
        """Return how long the way is."""
        return (self.end - self.begin).total_seconds()

    @property
    def to_customer(self) -> list[Word]:
        """Return the promises on which the customer counts, oldest first."""
        return [one for one in self.words if not one.is_inside]

    @property
    def now(self) -> Stage | None:
        """Return the stage where it is."""
        return next((one for one in self.stages if one.state == "now"), None)


def way_of(case: Case) -> Way:
    """Return the way of a case. Nine queries at most, however long it is."""
    promises = promises_of(case.pk)
    offers = list(Pass.objects.select_related("giver", "receiver").filter(case_id=case.pk).order_by("id")[:OFFERS])
    events = list(Event.objects.of_case(case.pk).filter(type__in=[*OPENED, *CHANGED, *MOVED]))
    orders = list(
        WorkOrder.objects.filter(case_id=case.pk).select_related("outlet", "engineer", "device").order_by("number")[:20]
    )
    ended_at = None if case.is_open else case.closed_at
    settled_at, is_over = _settled(case, orders)
    relay = legs(_changes(case, events, {one.pk: one for one in offers}), ended_at)
    begin, now = relay[0].since if relay else case.opened_at, clock.now()
    end = max(ended_at or now, begin)
    people = Staff.objects.in_bulk({pk for leg in relay for pk in (leg.owner_id, leg.from_id) if pk is not None})
    units = dict(Unit.objects.filter(pk__in={leg.unit_id for leg in relay}).values_list("pk", "name"))
    hands = [
        Hand(
            leg,
            people[leg.owner_id],
            units.get(leg.unit_id, ""),
            people.get(leg.from_id or 0),
            span(leg.since, leg.until or end, begin, end),
            ((leg.until or end) - leg.since).total_seconds(),
        )
        for leg in relay
    ]
    told = stories(promises)
    words = [
        Word(one, one.promise.kind in Promise.INSIDE_KINDS, _late_seconds(one.promise, now))
        for one in sorted(told, key=lambda one: one.promise.pk)
    ]
    by_leg = {hand.leg: hand for hand in hands}
    _put_promises(words, relay, by_leg, begin, end)
    due = {one.offer_id: one.due_at for one in promises if one.offer_id is not None}
    tries = [Try(one, due.get(one.pk)) for one in offers]
    for one in tries:
        leg = leg_at(relay, one.offer.offered_at, one.offer.giver_id)
        if leg is not None and one.offer.state != Pass.State.ACCEPTED:
            by_leg[leg].tries.append(one)
    return Way(
        case=case,
        begin=begin,
        end=end,
        stages=_stages(case, events, (begin, end), settled_at, is_over=is_over),
        hands=hands[-HANDS:],
        words=words,
        hero=leading(case, told) if case.is_open else None,
        pending=next((one for one in tries if one.is_pending), None),
        orders=orders,
    )


def _changes(case: Case, events: Iterable[Event], offers: Mapping[int, Pass]) -> Iterable[Change]:
    for event in events:
        data = event.data
        if event.type in OPENED:
            how = "opened" if event.type == CaseOpened.type else "imported"
            yield Change(event.at, data["owner_id"], data["unit_id"], how)
        elif event.type in CHANGED:
            offer = offers.get(data.get("pass_id") or 0)
            yield Change(
                event.at,
                data["owner_id"],
                data.get("unit_id") or case.unit_id,
                _way(event, offer),
                data.get("from_id"),
                offer.pk if offer is not None else None,
            )


def _way(event: Event, offer: Pass | None) -> str:
    if event.type == PassImported.type:
        return "imported"
    if event.type in (CaseTaken.type, CaseTakenOver.type, CaseDeputised.type):
        return event.type.removeprefix("cases.")
    if offer is not None:
        return str(offer.way)
    return "assign" if event.type == AssignmentAccepted.type else "pass"


def _late_seconds(promise: Promise, now: datetime) -> float | None:
    if promise.outcome == Promise.Outcome.LATE and promise.late_minutes is not None:
        return float(promise.late_minutes) * 60
    if promise.is_running and promise.breached_at is not None:
        return max((now - promise.due_at).total_seconds(), 0.0)
    return None


def _put_promises(
    words: Iterable[Word], relay: Sequence[Leg], hands: Mapping[Leg, Hand], begin: datetime, end: datetime
) -> None:
    for one in words:
        promise = one.promise
        if promise.breached_at is not None and (leg := leg_at(relay, promise.breached_at)) is not None:
            hand = hands[leg]
            one.broken_by = hand.person
            hand.broken.append(one)
            hand.breaks.append(span(promise.breached_at, promise.breached_at, begin, end).x)
        if promise.outcome in (Promise.Outcome.KEPT, Promise.Outcome.LATE) and promise.ended_at is not None:
            kept_in = leg_at(relay, promise.ended_at)
            one.kept_by = hands[kept_in].person if kept_in is not None else None


def _settled(case: Case, orders: Sequence[WorkOrder]) -> tuple[datetime | None, bool]:
    """Return when the last order of an ended case was settled, and whether its way is over. One query."""
    if case.is_open:
        return None, False
    counted = [one.pk for one in orders if one.finished_at is not None]
    if case.stage != Case.Stage.SETTLEMENT or not counted:
        return case.closed_at, True
    found = Line.objects.filter(order_id__in=counted, held_in=0).aggregate(last=Max("run__decided_at"))
    decided = Line.objects.filter(order_id__in=counted, held_in=0).count()
    return (found["last"], True) if decided == len(counted) else (None, False)


def _stages(
    case: Case, events: Sequence[Event], drawn: tuple[datetime, datetime], ended_at: datetime | None, *, is_over: bool
) -> list[Stage]:
    begin, end = drawn
    language = get_language() or settings.LANGUAGE_CODE
    route = current("routes").data.of(case.kind)
    moves, first = _moves(case, [event for event in events if event.type in MOVED])
    stayed = stays(first, begin, moves, ended_at)
    last = "stopped" if case.status == Case.Status.CANCELLED else "done" if is_over else "now"
    found = []
    for station in stations([one.code.value for one in route.stages], stayed, clock.now(), last=last):
        known = route.stage(station.code)
        label = known.label.in_language(language) if known else str(Case.Stage(station.code).label)
        mine = [stay for stay in stayed if stay.code == station.code]
        is_drawn = bool(mine) and mine[0].since <= end
        where = span(mine[0].since, min(mine[-1].until or end, end), begin, end) if is_drawn else None
        found.append(Stage(station, label, known is not None and known.side == "back", where))
    return found


def _moves(case: Case, events: Sequence[Event]) -> tuple[list[tuple[datetime, str]], str]:
    """Return the moves between stages and the first stage; closing and reopening move a case without an event of the stage."""
    codes = [one.code.value for one in current("routes").data.of(case.kind).stages]
    moves: list[tuple[datetime, str]] = []
    first = ""
    for event, following in zip_longest(events, events[1:]):
        if event.type == StageChanged.type:
            first = first or str(event.data["old"])
            moves.append((event.at, str(event.data["new"])))
        elif event.type == CaseClosed.type:
            moves.append((event.at, codes[-1]))
        elif following is None or following.type != StageChanged.type or following.at != event.at:
            moves.append((event.at, "handling" if "handling" in codes else codes[0]))
    if not moves and case.stage in codes:
        return [], case.stage
    if moves and moves[-1][1] != case.stage:
        moves.append((moves[-1][0], case.stage))
    return [one for place, one in enumerate(moves) if place == 0 or one[1] != moves[place - 1][1]], first or codes[0]
