"""Dispatches of the past, many at once: for the demo company and for tests of size; the same rows and event types as live ones.

The passes behind the offers, with their promises and events, are those of cases; here are the offers' own rows, the
appointments, and what dispatch records of both. Cost: a COPY per table and one statement for the events.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from jieli.cases.actions.past import copy_rows
from jieli.dispatch.events import (
    AppointmentAccepted,
    AppointmentEnded,
    AppointmentMoved,
    AppointmentSet,
    CounterAnswered,
    TimeCountered,
    WorkOffered,
)
from jieli.dispatch.models import Appointment
from jieli.dispatch.policy import may_bring_dispatches
from jieli.dispatch.rules.windows import Window
from jieli.events.actions import Batch, append_batch, encoded, reserve_ids
from jieli.events.actor import Actor
from jieli.events.facts import plain
from jieli.events.refusals import require
from jieli.policies.queries import current

Later = tuple[datetime, str, str]
"""When an event happened, its type and its data as JSON."""


@dataclass(frozen=True, slots=True)
class BroughtOffer:
    """One offer with the id of its pass; `reasons` as an offer keeps them, `refusal` a code of the policy."""

    pass_id: int
    outlet_id: int
    outlet: str
    offered_at: datetime
    answer_due_at: datetime
    engineer_id: int | None = None
    window: Window | None = None
    distance_km: Decimal | None = None
    reasons: Mapping[str, Any] = field(default_factory=dict)
    refusal: str = ""
    by_itself: bool = False
    counter: Window | None = None
    counter_at: datetime | None = None
    counter_answered_at: datetime | None = None
    counter_agreed: bool = False


@dataclass(frozen=True, slots=True)
class BroughtAppointment:
    """One appointment of a case; the next of the same case takes the place of the one before.

    `accepted` are the times at which an outlet, then an engineer (by id), accepted; it ended `ended_at` as ``done`` or
    ``cancelled``, empty while it is to come about.
    """

    window: Window
    made_at: datetime
    outlet_id: int | None = None
    outlet: str = ""
    by_customer: bool = False
    agreed: bool = True
    accepted: Sequence[tuple[datetime, int | None]] = ()
    ended_at: datetime | None = None
    ended: str = ""


@dataclass(frozen=True, slots=True)
class BroughtDispatch:
    """The dispatch of one case: its offers and its appointments in the order of time; `orders` is how many work orders."""

    case_id: int
    offers: Sequence[BroughtOffer] = ()
    appointments: Sequence[BroughtAppointment] = ()
    orders: int = 1


@transaction.atomic
def bring_dispatches(dispatches: Iterable[BroughtDispatch], *, actor: Actor, tell: bool = True) -> dict[int, list[Later]]:
    """Write dispatches of the past and return their events by case, in the order in which they happened.

    With `tell` the events are appended here; without, the caller puts them among the other events of each case, so that a
    chain runs in the order of time. The passes of the offers must be there when the transaction ends. Raises NotAllowed.
    """
    require(may_bring_dispatches(actor))
    brought = list(dispatches)
    ids = iter(reserve_ids("dispatch_appointment", sum(len(one.appointments) for one in brought)))
    offers: list[dict[str, Any]] = []
    appointments: list[dict[str, Any]] = []
    stories: dict[int, list[Later]] = {}
    for one in brought:
        events: list[Later] = []
        for offer in one.offers:
            offers.append(_offer_row(one, offer))
            events += _offer_events(offer)
        before: tuple[int, BroughtAppointment] | None = None
        for place, appointment in enumerate(one.appointments):
            appointment_id = next(ids)
            is_last = place == len(one.appointments) - 1
            appointments.append(_appointment_row(one, appointment, appointment_id, before, is_last=is_last))
            events += _appointment_events(appointment, appointment_id, before)
            before = (appointment_id, appointment)
        events.sort(key=lambda event: event[0])
        stories.setdefault(one.case_id, []).extend(events)
    copy_rows("dispatch_appointment", appointments)
    copy_rows("dispatch_offer", offers)
    if tell:
        batch = Batch()
        for case_id, told in stories.items():
            for at, type_, data in told:
                batch.add("case", case_id, at, type_, data)
        append_batch(batch, actor=actor)
    return stories


def _data(**values: Any) -> str:
    return encoded({name: plain(value) for name, value in values.items()})


def _offer_row(one: BroughtDispatch, offer: BroughtOffer) -> dict[str, Any]:
    window, counter = offer.window or (None, None), offer.counter or (None, None)
    answer = "agreed" if offer.counter_agreed else "refused"
    return {
        "baton_id": offer.pass_id,
        "case_id": one.case_id,
        "outlet_id": offer.outlet_id,
        "engineer_id": offer.engineer_id,
        "starts_at": window[0],
        "ends_at": window[1],
        "answer_due_at": offer.answer_due_at,
        "devices": "[]",
        "distance_km": offer.distance_km,
        "reasons": encoded(plain(dict(offer.reasons))),
        "policy": current("dispatch", offer.offered_at).version,
        "by_itself": offer.by_itself,
        "refusal": offer.refusal,
        "counter_starts_at": counter[0],
        "counter_ends_at": counter[1],
        "counter_at": offer.counter_at,
        "counter_state": "" if offer.counter is None else answer if offer.counter_answered_at else "asked",
    }


def _offer_events(offer: BroughtOffer) -> list[Later]:
    starts_at, ends_at = offer.window or (None, None)
    events = [
        (
            offer.offered_at,
            WorkOffered.type,
            _data(
                pass_id=offer.pass_id,
                side="outlet" if offer.engineer_id is None else "engineer",
                outlet=offer.outlet,
                outlet_id=offer.outlet_id,
                engineer_id=offer.engineer_id,
                starts_at=starts_at,
                ends_at=ends_at,
                policy=current("dispatch", offer.offered_at).version,
                by_itself=offer.by_itself,
                grounds=dict(offer.reasons),
            ),
        )
    ]
    if offer.counter is not None and offer.counter_at is not None:
        times = {"starts_at": offer.counter[0], "ends_at": offer.counter[1]}
        events.append((offer.counter_at, TimeCountered.type, _data(pass_id=offer.pass_id, **times)))
        if offer.counter_answered_at is not None:
            answer = "agreed" if offer.counter_agreed else "refused"
            events.append((offer.counter_answered_at, CounterAnswered.type, _data(pass_id=offer.pass_id, answer=answer)))
    return events


Before = tuple[int, BroughtAppointment] | None


def _appointment_row(
    one: BroughtDispatch, appointment: BroughtAppointment, appointment_id: int, before: Before, *, is_last: bool
) -> dict[str, Any]:
    if not is_last:
        state = Appointment.State.MOVED
    elif appointment.ended:
        state = Appointment.State(appointment.ended)
    else:
        state = Appointment.State.ACCEPTED if appointment.accepted else Appointment.State.PLANNED
    times = [appointment.made_at, *(at for at, _engineer in appointment.accepted), appointment.ended_at]
    engineer_id = next((engineer for _at, engineer in reversed(appointment.accepted) if engineer is not None), None)
    return {
        "id": appointment_id,
        "case_id": one.case_id,
        "outlet_id": appointment.outlet_id,
        "engineer_id": engineer_id,
        "starts_at": appointment.window[0],
        "ends_at": appointment.window[1],
        "state": state.value,
        "orders": one.orders,
        "agreed": appointment.agreed,
        "by_customer": appointment.by_customer,
        "moved_from_id": before[0] if before is not None else None,
        "made_at": appointment.made_at,
        "changed_at": max(at for at in times if at is not None),
    }


def _appointment_events(appointment: BroughtAppointment, appointment_id: int, before: Before) -> list[Later]:
    starts_at, ends_at = appointment.window
    told = {"starts_at": starts_at, "ends_at": ends_at, "outlet": appointment.outlet}
    first = {"appointment_id": appointment_id, **told, "engineer_id": None, "by_customer": appointment.by_customer}
    if before is None:
        events = [(appointment.made_at, AppointmentSet.type, _data(**first))]
    else:
        old = {"old_starts_at": before[1].window[0], "old_ends_at": before[1].window[1]}
        events = [(appointment.made_at, AppointmentMoved.type, _data(**first, **old))]
    for at, engineer_id in appointment.accepted:
        data = _data(appointment_id=appointment_id, **told, engineer_id=engineer_id)
        events.append((at, AppointmentAccepted.type, data))
    if appointment.ended_at is not None and appointment.ended:
        data = _data(appointment_id=appointment_id, state=appointment.ended)
        events.append((appointment.ended_at, AppointmentEnded.type, data))
    return events
