"""An offer handed out on a locked case: the pass with its clock, why this one is asked, and the time kept for who is asked."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jieli.cases.actions.passing import offer_locked
from jieli.cases.actions.promises import start_promise
from jieli.cases.actions.staging import advance
from jieli.cases.models import Case, Pass, Promise
from jieli.cases.queries.planning import facts_of_case, plans_starting
from jieli.cases.rules.promising import given
from jieli.dispatch import notices
from jieli.dispatch.actions.appointing import (
    check_window,
    keep_word,
    put_appointment,
    release,
    words_of,
)
from jieli.dispatch.actions.customer import tell_window
from jieli.dispatch.events import WorkOffered
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.queries.candidates import (
    EngineerCandidate,
    OutletCandidate,
)
from jieli.dispatch.queries.reading import State
from jieli.dispatch.queries.receiving import answer_by, calendar_of_engineer, calendar_of_outlet
from jieli.dispatch.queries.slots import window_state
from jieli.dispatch.refusals import CannotBeAsked
from jieli.dispatch.rules.windows import Window
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.network.models import Outlet
from jieli.people.models import Staff
from jieli.policies.queries import current

BY_DISPATCH = "dispatch"


def hand_to_outlet(
    case: Case,
    candidate: OutletCandidate,
    window: Window | None,
    state: State,
    *,
    actor: Actor,
    at: datetime,
    agreed: bool,
    devices: list[int],
    note: str,
    by_itself: bool = False,
) -> Offer:
    """Offer the work of a locked case to an outlet: the pass, the offer, and the time that is kept for it.

    Raises CannotBeAsked, ClosedThen, NotFree, AfterPromise, PassPending.
    """
    outlet, receiver = candidate.outlet, candidate.receiver
    if receiver is None:
        raise CannotBeAsked(_("%(name)s: nobody is there who could accept.") % {"name": outlet.unit.name})
    orders = max(1, len(devices))
    if window is not None:
        agreed = agreed or (state.appointment is not None and state.appointment.agreed and _same(state.appointment, window))
        check_window(case, outlet, window, engineer_id=None, agreed=agreed, at=at, orders=orders)
    clocks = current("dispatch").data.clocks
    due = answer_by(case, calendar_of_outlet(outlet), clocks.outlet_minutes, receiver.pk, at)
    if window is not None:
        due = min(due, max(window[0], at))
    asked = _Asked(receiver, outlet, None, window, due, candidate.as_json(), candidate.distance_km)
    return _hand_out(case, asked, state, actor=actor, at=at, agreed=agreed, devices=devices, note=note, by_itself=by_itself)


def hand_to_engineer(
    case: Case,
    candidate: EngineerCandidate,
    outlet: Outlet,
    window: Window,
    state: State,
    *,
    actor: Actor,
    at: datetime,
    agreed: bool,
    devices: list[int],
    note: str,
    by_itself: bool = False,
) -> Offer:
    """Offer the work of a locked case to an engineer for a window; as `hand_to_outlet`."""
    refuse_engineer(candidate)
    engineer = candidate.engineer
    agreed = agreed or (state.appointment is not None and state.appointment.agreed and _same(state.appointment, window))
    check_window(case, outlet, window, engineer_id=engineer.pk, agreed=agreed, at=at, orders=max(1, len(devices)))
    clocks = current("dispatch").data.clocks
    due = answer_by(case, calendar_of_engineer(engineer), clocks.engineer_minutes, engineer.pk, at)
    due = min(due, max(window[0], at))
    asked = _Asked(engineer.staff, outlet, engineer.staff, window, due, candidate.as_json(), None)
    return _hand_out(case, asked, state, actor=actor, at=at, agreed=agreed, devices=devices, note=note, by_itself=by_itself)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who is asked for what, until when, and why."""

    receiver: Staff
    outlet: Outlet
    engineer: Staff | None
    window: Window | None
    due: datetime
    reasons: dict[str, Any]
    distance_km: float | None


def refuse_engineer(candidate: EngineerCandidate) -> None:
    """Raise CannotBeAsked, with the reasons, for an engineer who may not get the work."""
    if not candidate.can_be_asked:
        blocking = [one.words for one in candidate.against if one.blocks]
        values = {"name": candidate.engineer.staff.name, "why": words_of(blocking)}
        raise CannotBeAsked(_("%(name)s cannot take it: %(why)s") % values)


def is_free(case: Case, outlet: Outlet, window: Window) -> bool:
    """Tell whether a window is free at an outlet for a case."""
    why = window_state(outlet, window, product_line=case.product_line, service_type=case.service_type, ignoring=case.pk)
    return not why


def _same(appointment: Appointment, window: Window) -> bool:
    return (appointment.starts_at, appointment.ends_at) == window


def _hand_out(
    case: Case,
    asked: _Asked,
    state: State,
    *,
    actor: Actor,
    at: datetime,
    agreed: bool,
    devices: list[int],
    note: str,
    by_itself: bool,
) -> Offer:
    outlet, engineer, window = asked.outlet, asked.engineer, asked.window
    policy = current("dispatch").version
    baton = offer_locked(
        case,
        asked.receiver,
        actor=actor,
        at=at,
        way=Pass.Way.DISPATCH,
        done=note.strip(),
        answer=given(Promise.Kind.PASS_ANSWER, asked.due, policy=policy, by=BY_DISPATCH),
        notice=notices.OFFERED,
    )
    offer = Offer.objects.create(
        baton=baton,
        case=case,
        outlet_id=outlet.pk,
        engineer=engineer,
        starts_at=window[0] if window is not None else None,
        ends_at=window[1] if window is not None else None,
        answer_due_at=asked.due,
        devices=devices,
        distance_km=None if asked.distance_km is None else Decimal(str(asked.distance_km)),
        reasons=asked.reasons,
        policy=policy,
        by_itself=by_itself,
    )
    record(
        WorkOffered(
            case_id=case.pk,
            pass_id=baton.pk,
            side="outlet" if engineer is None else "engineer",
            outlet=outlet.unit.name,
            outlet_id=outlet.pk,
            engineer_id=engineer.pk if engineer is not None else None,
            starts_at=offer.starts_at,
            ends_at=offer.ends_at,
            policy=policy,
            by_itself=by_itself,
            grounds=asked.reasons,
        ),
        actor=actor,
        at=at,
    )
    _hold(case, outlet, window, state, orders=max(1, len(devices)), agreed=agreed, actor=actor, at=at)
    advance(case, "dispatch", actor=actor, at=at)
    for plan in plans_starting("dispatched", facts_of_case(case)):
        if not case.promises.unended().filter(kind=plan.kind).exists():
            start_promise(case, plan, actor=actor, at=at)
    return offer


def _hold(
    case: Case,
    outlet: Outlet,
    window: Window | None,
    state: State,
    *,
    orders: int,
    agreed: bool,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep the window for the one who is asked. Work that an outlet has keeps its appointment until another accepts."""
    before = state.appointment
    if state.orders and state.outlet_id != outlet.pk:
        return
    if window is None:
        if before is not None and not state.orders:
            release(before, at)
        return
    keeps = state.orders and before is not None and _same(before, window)
    made = put_appointment(
        case,
        window,
        outlet=outlet,
        engineer=before.engineer if keeps and before is not None else None,
        state=Appointment.State.ACCEPTED if state.orders else Appointment.State.OFFERED,
        orders=orders,
        agreed=agreed,
        actor=actor,
        at=at,
    )
    if state.orders and not keeps:
        keep_word(case, state, window, actor=actor, at=at)
        tell_window(case, made, actor=actor, at=at)
