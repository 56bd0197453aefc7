"""An outlet, or an engineer, takes the work: work orders, appointment, promise, stage and the word to the customer."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from jieli.cases.actions.staging import advance
from jieli.cases.models import Case, Promise
from jieli.dispatch.actions.appointing import arrival_by, end_locked, hours_of, put_appointment, release
from jieli.dispatch.actions.customer import tell_window
from jieli.dispatch.models import Appointment
from jieli.dispatch.queries.candidates import road_km
from jieli.dispatch.queries.reading import State
from jieli.dispatch.rules.windows import Window
from jieli.events.actor import Actor
from jieli.lib.geo import haversine_km
from jieli.network.models import Outlet
from jieli.orders.actions.living import cancel_order, learn, make_order
from jieli.people.models import Staff


def take_on(
    case: Case,
    state: State,
    outlet: Outlet,
    engineer: Staff | None,
    window: Window | None,
    *,
    devices: Sequence[int],
    agreed: bool,
    actor: Actor,
    at: datetime,
) -> Appointment | None:
    """Let an outlet (and an engineer) have the work of a locked case; what another outlet had of it is called off.

    Returns the appointment, None while there is no window. The customer is told when there is one.
    """
    engineer_id = engineer.pk if engineer is not None else None
    until = window[1] if window is not None else _promised(case)
    hours = hours_of(window[0]) if window is not None else {"night": False, "holiday": False}
    theirs = [order for order in state.orders if order.outlet_id == outlet.pk]
    for order in state.orders:
        if order.outlet_id != outlet.pk:
            cancel_order(order.pk, actor=actor)
    if theirs:
        for order in theirs:
            # The word given for the first visit stays: by it the order is judged.
            known = {"promised_until": until, **hours} if order.arrived_at is None else {}
            learn(order.pk, actor=actor, at=at, **known, **({} if engineer is None else {"engineer_id": engineer_id}))
    else:
        distance = distance_to(outlet, case)
        every: Sequence[int | None] = list(devices) or [None]
        for device_id in every:
            make_order(
                case.pk,
                outlet_id=outlet.pk,
                device_id=device_id,
                engineer_id=engineer_id,
                promised_until=until,
                distance_km=distance,
                actor=actor,
                at=at,
                night=hours["night"],
                holiday=hours["holiday"],
            )
    case.refresh_from_db(fields=["status", "stage"])
    appointment = None
    if window is not None:
        appointment = put_appointment(
            case,
            window,
            outlet=outlet,
            engineer=engineer,
            state=Appointment.State.ACCEPTED,
            orders=max(1, len(theirs) or len(devices)),
            agreed=agreed,
            actor=actor,
            at=at,
        )
        arrival_by(case, window[1], actor=actor, at=at)
    elif state.appointment is not None and state.appointment.outlet_id not in (None, outlet.pk):
        _let_go(state.appointment, actor=actor, at=at)
    advance(case, *(["visit"] if engineer is not None else ["dispatch"]), actor=actor, at=at)
    if appointment is not None:
        appointment.outlet = outlet.unit
        tell_window(case, appointment, actor=actor, at=at)
    return appointment


def _let_go(appointment: Appointment, *, actor: Actor, at: datetime) -> None:
    """Let go of what another outlet had agreed on: kept when somebody came, else planned anew."""
    if appointment.arrived_at is not None:
        end_locked(appointment, Appointment.State.DONE, actor=actor, at=at)
    else:
        release(appointment, at)


def distance_to(outlet: Outlet, case: Case) -> Decimal | None:
    """Return the way by road from an outlet to the address of a case, or None when one of the places is not known."""
    if None in (outlet.latitude, outlet.longitude, case.latitude, case.longitude):
        return None
    straight = haversine_km(
        float(outlet.latitude or 0), float(outlet.longitude or 0), float(case.latitude or 0), float(case.longitude or 0)
    )
    way = road_km(straight)
    return None if way is None else Decimal(str(way))


def _promised(case: Case) -> datetime | None:
    promise = case.promises.unended().filter(kind=Promise.Kind.ARRIVE).first()
    return promise.due_at if promise is not None else None
