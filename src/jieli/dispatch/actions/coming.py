"""What dispatch learns from the visit: who set out, who came, and the appointment of the visit that follows.

All work on a case that the visit has locked, and ask nobody: whoever is on site says so by his phone.
"""

from datetime import datetime

from jieli.cases.actions.telling import tell
from jieli.cases.models import Case
from jieli.dispatch import notices
from jieli.dispatch.actions.appointing import arrival_by, check_window, end_locked, locked_outlet, put_appointment
from jieli.dispatch.actions.customer import tell_window
from jieli.dispatch.events import NextVisitNotSet
from jieli.dispatch.models import Appointment
from jieli.dispatch.queries.candidates import road_km
from jieli.dispatch.queries.reading import state_of
from jieli.dispatch.queries.slots import window_at
from jieli.dispatch.refusals import BadDispatch, ClosedThen, NobodyToSend, NotFree
from jieli.dispatch.rules.travel import expected_arrival, travel_minutes
from jieli.dispatch.rules.windows import Window
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound
from jieli.lib import clock
from jieli.lib.geo import haversine_km
from jieli.network.models import Engineer, Outlet
from jieli.people.models import Staff
from jieli.policies.queries import current

Place = tuple[float, float]
"""Latitude and longitude in degrees."""


def set_out(case: Case, *, engineer_id: int, at: datetime, place: Place | None = None) -> Appointment | None:
    """Note that an engineer set out for the appointment of a locked case, and forecast when he is there.

    `place` is where he set out from, by default his outlet. Without places there is no forecast. None without an appointment.
    """
    appointment = _current(case)
    if appointment is None or appointment.arrived_at is not None:
        return None
    if appointment.set_out_at is None or appointment.engineer_id not in (None, engineer_id):
        appointment.set_out_at, appointment.expected_at = at, _forecast(case, appointment, engineer_id, at, place)
        appointment.save(update_fields=["set_out_at", "expected_at"])
    return appointment


def _forecast(case: Case, appointment: Appointment, engineer_id: int, at: datetime, place: Place | None) -> datetime | None:
    place = place or _place(Outlet.objects.filter(pk=appointment.outlet_id or 0).first())
    there = _place(case) or _place(case.customer)
    if place is None or there is None:
        return None
    vehicle = Engineer.objects.filter(pk=engineer_id).values_list("vehicle", flat=True).first() or ""
    way = road_km(haversine_km(*place, *there)) or 0.0
    return expected_arrival(at, travel_minutes(way, vehicle, current("dispatch").data.travel))


def _place(there: object) -> Place | None:
    latitude, longitude = getattr(there, "latitude", None), getattr(there, "longitude", None)
    return None if latitude is None or longitude is None else (float(latitude), float(longitude))


def came(case: Case, *, at: datetime) -> Appointment | None:
    """Note that somebody came for the appointment of a locked case; it is kept, whatever time is agreed on now."""
    appointment = _current(case)
    if appointment is None or appointment.arrived_at is not None:
        return appointment
    appointment.arrived_at = at
    appointment.save(update_fields=["arrived_at"])
    return appointment


def keep_appointment(case: Case, *, actor: Actor, at: datetime) -> None:
    """End the appointment of a locked case for which somebody came; one that lies ahead is that of the next visit."""
    appointment = _current(case)
    if appointment is not None and appointment.arrived_at is not None:
        end_locked(appointment, Appointment.State.DONE, actor=actor, at=at)


def appoint_again(
    case: Case, *, agreed_at: datetime, agreed_until: datetime | None, engineer: Staff, actor: Actor, at: datetime
) -> Appointment | None:
    """Set the appointment of the next visit to the window in which the time lies that the engineer agreed on with the customer.

    It takes its place as every other; one agreed on before at this visit is moved. Where it is not free, or the case has no
    outlet, None: the word that was given stands as a promise, and those who plan are told. Arrival is promised by its end.
    """
    state, now = state_of(case.pk), clock.now()
    if state.outlet_id is None or state.pending is not None:
        return None
    window = (agreed_at, agreed_until) if agreed_until is not None and agreed_until > agreed_at else window_at(agreed_at)
    keep_appointment(case, actor=actor, at=at)
    before = _current(case)
    why = _why_not(case, state.outlet_id, window, engineer, max(1, len(state.orders)))
    if why:
        record(NextVisitNotSet(case_id=case.pk, agreed_at=agreed_at, why=why), actor=actor, at=now)
        leader = state.orders[0].outlet.leader_id
        tell(case, {case.owner_id, leader} - {engineer.pk, None}, notices.NEXT_NOT_SET)
        return None
    made = put_appointment(
        case,
        window,
        outlet=locked_outlet(state.outlet_id),
        engineer=engineer,
        state=Appointment.State.ACCEPTED,
        orders=max(1, len(state.orders)),
        agreed=True,
        actor=actor,
        at=now,
    )
    if before is None or before.pk != made.pk:
        arrival_by(case, made.ends_at, actor=actor, at=now)
        tell_window(case, made, actor=actor, at=now)
    return made


def _why_not(case: Case, outlet_id: int, window: Window, engineer: Staff, orders: int) -> str:
    try:
        outlet = locked_outlet(outlet_id)
        check_window(case, outlet, window, engineer_id=engineer.pk, agreed=True, at=clock.now(), orders=orders)
    except NotFound:
        return "outlet"
    except ClosedThen:
        return "closed"
    except NobodyToSend:
        return "nobody"
    except NotFree:
        return "full"
    except BadDispatch:
        return "past"
    return ""


def _current(case: Case) -> Appointment | None:
    found = Appointment.objects.current().select_for_update(of=("self",)).filter(case_id=case.pk).first()
    if found is not None:
        found.case = case
    return found
