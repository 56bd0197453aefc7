"""Appointments: set, moved, ended; the customer is told, and the promise to arrive follows the window."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from jieli.cases.actions.arriving import beside_arrival
from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.promises import resume_locked, retarget_to, start_promise
from jieli.cases.actions.telling import tell
from jieli.cases.models import Case, Promise
from jieli.cases.models.because import Because
from jieli.cases.rules.promising import given
from jieli.dispatch import notices
from jieli.dispatch.actions.customer import near, tell_window
from jieli.dispatch.events import AppointmentAccepted, AppointmentEnded, AppointmentMoved, AppointmentSet
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.policy import may_end_appointment, may_set_appointment
from jieli.dispatch.queries.candidates import outlets_for
from jieli.dispatch.queries.reading import State, outlet_of, state_of
from jieli.dispatch.queries.slots import window_state
from jieli.dispatch.refusals import (
    AfterPromise,
    BadDispatch,
    CannotBeAsked,
    ClosedThen,
    MovedOften,
    NoAppointment,
    NobodyToSend,
    NotFree,
    NotToBeDispatched,
    TooLateToMove,
    UnderWay,
)
from jieli.dispatch.rules.windows import LONGEST, Window
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.network.models import Outlet
from jieli.network.queries.dispatchable import reasons_against_outlet
from jieli.orders.actions.living import learn
from jieli.people.models import Staff
from jieli.people.queries import company_zone, is_public_holiday, local_date
from jieli.policies.queries import current

BY_APPOINTMENT = "appointment"


@changing
def set_appointment(
    case_id: int,
    *,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    outlet_id: int | None = None,
    agreed: bool = False,
    reason: str = "",
) -> Appointment:
    """Set the window of a visit, or move it: by the desk, the engineer who has the case, or the customer by link.

    Without an outlet it is the one that has the work, is being asked, or would be asked first. What is accepted stays accepted
    in the new window when the same people have room in it. A customer moves within the policy's limits and agrees by choosing.
    Raises BadDispatch, ClosedThen, NotFree, AfterPromise, CannotBeAsked, TooLateToMove, MovedOften, UnderWay.
    """
    case = locked_case(case_id, actor)
    require(may_set_appointment(actor, case))
    now = clock.now()
    refuse_ended(case)
    state = state_of(case.pk)
    is_customer = actor.kind == "customer"
    if state.is_under_way and is_customer:
        raise UnderWay
    if is_customer:
        _refuse_late_moves(case, state.appointment, now)
    window = (starts_at, ends_at)
    outlet = locked_outlet(outlet_id or _own_outlet(case, state, now, window))
    _refuse_outlet(case, outlet, state, starts_at)
    engineer = state.appointment.engineer if state.appointment is not None else None
    if engineer is not None and outlet_id is not None and state.appointment and outlet_id != state.appointment.outlet_id:
        engineer = None
    agreed = agreed or is_customer
    check_window(case, outlet, window, engineer_id=engineer.pk if engineer else None, agreed=agreed, at=now)
    was = state.appointment
    has_work = bool(state.orders) and state.outlet_id == outlet.pk
    made = put_appointment(
        case,
        window,
        outlet=outlet,
        engineer=engineer,
        state=Appointment.State.ACCEPTED if has_work else "offered" if state.pending else Appointment.State.PLANNED,
        orders=max(1, len(state.orders)),
        agreed=agreed,
        by_customer=is_customer,
        reason=reason.strip(),
        actor=actor,
        at=now,
    )
    if was is not None and (was.starts_at, was.ends_at) == window and was.state == made.state:
        return made
    _follow(case, state, made, actor=actor, at=now)
    return made


def move_appointment(
    case_id: int, *, starts_at: datetime, ends_at: datetime, actor: Actor, agreed: bool = False, reason: str = ""
) -> Appointment:
    """Move the appointment of a case to another window. As `set_appointment`; raises NoAppointment when there is none."""
    if not Appointment.objects.current().filter(case_id=case_id).exists():
        # Who may not see the case learns nothing of its appointments.
        if not Case.objects.visible_to(actor).filter(pk=case_id).exists():
            raise NotFound
        raise NoAppointment
    return set_appointment(case_id, starts_at=starts_at, ends_at=ends_at, actor=actor, agreed=agreed, reason=reason)


@changing
def end_appointment(case_id: int, *, state: str, actor: Actor, at: datetime | None = None) -> Appointment | None:
    """End the appointment of a case, if it has one: ``done`` when the work is over, ``cancelled`` when nobody will come.

    One that lies ahead is called off in both cases; one for which somebody came is kept, and raises UnderWay for people who
    would call it off. A second time changes nothing.
    """
    case = locked_case(case_id, actor, must_be_open=False)
    appointment = Appointment.objects.current().select_for_update(of=("self",)).filter(case_id=case.pk).first()
    if appointment is None:
        return None
    appointment.case = case
    require(may_end_appointment(actor, appointment))
    if appointment.arrived_at is not None and state == "cancelled" and not actor.is_internal:
        raise UnderWay
    now = clock.now()
    is_kept = appointment.arrived_at is not None or (state == "done" and appointment.starts_at <= now)
    ended = Appointment.State.DONE if is_kept else Appointment.State.CANCELLED
    end_locked(appointment, ended, actor=actor, at=at or now)
    return appointment


def end_locked(appointment: Appointment, state: Appointment.State, *, actor: Actor, at: datetime) -> None:
    """End a locked appointment: kept, or called off."""
    appointment.state, appointment.changed_at = state, clock.now()
    appointment.save(update_fields=["state", "changed_at"])
    record(
        AppointmentEnded(case_id=appointment.case_id, appointment_id=appointment.pk, state=appointment.state),
        actor=actor,
        at=at,
    )


def next_number(case_id: int) -> int:
    """Return to which coming of a case a new appointment belongs: one more than those that came about. One query."""
    done = Appointment.objects.filter(case_id=case_id, state=Appointment.State.DONE).order_by("-number").first()
    return 1 if done is None else done.number + 1


@changing
def let_time_go(case_id: int, *, actor: Actor) -> bool:
    """Plan the appointment of a case anew which was kept for somebody who is not asked any more; tell whether one was."""
    case = locked_case(case_id, actor, must_be_open=False)
    require(actor.is_internal)
    state = state_of(case.pk)
    found = state.appointment
    if found is None or found.state != Appointment.State.OFFERED or state.pending is not None or state.orders:
        return False
    release(found, clock.now())
    return True


def release(appointment: Appointment, at: datetime) -> None:
    """Let the time that was kept at an outlet go; what the customer wants stays planned, and nobody is on the way any more."""
    appointment.state, appointment.outlet, appointment.engineer = Appointment.State.PLANNED, None, None
    appointment.set_out_at = appointment.expected_at = None
    appointment.changed_at = at
    appointment.save(update_fields=["state", "outlet", "engineer", "set_out_at", "expected_at", "changed_at"])


def refuse_ended(case: Case) -> None:
    """Raise NotToBeDispatched for a case whose work is done, or whose kind is never visited."""
    if case.status == Case.Status.RESOLVED:
        raise NotToBeDispatched(gettext_lazy("The customer was told the result already. Reopen the case first."))
    if case.kind not in (Case.Kind.SERVICE, Case.Kind.COMPLAINT):
        raise NotToBeDispatched(gettext_lazy("A case of this kind needs no visit."))


def _refuse_late_moves(case: Case, appointment: Appointment | None, now: datetime) -> None:
    policy = current("dispatch").data
    if appointment is not None and now > appointment.starts_at - timedelta(minutes=policy.customer_until_minutes):
        raise TooLateToMove
    moves = Appointment.objects.filter(case_id=case.pk, by_customer=True, moved_from__isnull=False).count()
    if moves >= policy.customer_moves:
        raise MovedOften


def _own_outlet(case: Case, state: State, now: datetime, window: Window) -> int:
    known: int | None = state.outlet_id or (state.pending.outlet_id if state.pending else None)
    known = known or (state.appointment.outlet_id if state.appointment else None)
    if known is not None:
        return known
    candidates = outlets_for(case, now, window=window)
    first = next((one for one in candidates if one.is_proposed), None)
    if first is None and any({why.code for why in one.against} <= {"full", "closed_now"} for one in candidates):
        raise NotFree  # whoever was quicker has it
    if first is None:
        raise CannotBeAsked(gettext_lazy("No outlet is known yet that serves this address. We will call to agree on a time."))
    return int(first.outlet.pk)


def locked_outlet(outlet_id: int) -> Outlet:
    """Return an outlet locked for this transaction, so that two who want its last window come one after the other."""
    if not Outlet.objects.filter(pk=outlet_id).select_for_update().values_list("pk").first():
        raise NotFound
    return outlet_of(outlet_id)


def _refuse_outlet(case: Case, outlet: Outlet, state: State, at: datetime) -> None:
    if state.outlet_id == outlet.pk:
        return  # open work is finished or moved, also of an outlet that gets no new orders
    against = reasons_against_outlet(outlet, product_line=case.product_line, service_type=case.service_type, at=at)
    if against:
        raise CannotBeAsked(_("%(name)s cannot take it: %(why)s") % {"name": outlet.unit.name, "why": words_of(against)})


def words_of(reasons: Iterable[object]) -> str:
    """Return reasons in one line."""
    sign = "；" if (get_language() or "").startswith("zh") else "; "
    return sign.join(str(one) for one in reasons)


def check_window(
    case: Case, outlet: Outlet, window: Window, *, engineer_id: int | None, agreed: bool, at: datetime, orders: int = 1
) -> None:
    """Raise unless a window lies ahead, people work in it, there is room, and the promised arrival holds or it was agreed."""
    starts_at, ends_at = window
    wrong = {}
    if ends_at <= starts_at:
        wrong["ends_at"] = gettext_lazy("The time must end after it begins.")
    elif ends_at - starts_at > LONGEST:
        wrong["ends_at"] = gettext_lazy("A window may last a day at most.")
    if starts_at <= at:
        wrong["starts_at"] = gettext_lazy("Choose a time that lies ahead.")
    elif starts_at > at + timedelta(days=current("dispatch").data.slots.most_days_ahead):
        wrong["starts_at"] = gettext_lazy("This is too far ahead.")
    if wrong:
        raise BadDispatch(fields=wrong)
    why = window_state(
        outlet,
        window,
        product_line=case.product_line,
        service_type=case.service_type,
        engineer_id=engineer_id,
        ignoring=case.pk,
        orders=orders,
    )
    if why == "closed":
        raise ClosedThen
    if why == "nobody":
        raise NobodyToSend
    if why:
        raise NotFree
    promise = case.promises.unended().filter(kind=Promise.Kind.ARRIVE, breached_at__isnull=True).first()
    if promise is not None and ends_at > promise.due_at > at and not agreed:
        raise AfterPromise(fields={"agreed": _("The arrival is promised until %(due)s.") % {"due": near(promise.due_at)}})


def put_appointment(
    case: Case,
    window: Window,
    *,
    outlet: Outlet,
    engineer: Staff | None,
    state: str,
    orders: int,
    agreed: bool,
    actor: Actor,
    at: datetime,
    by_customer: bool = False,
    reason: str = "",
) -> Appointment:
    """Make a window the current appointment of a locked case.

    A different one before it stays as moved; one for which somebody came is kept, and the window is that of the next visit.
    """
    before = Appointment.objects.current().select_for_update(of=("self",)).filter(case_id=case.pk).first()
    engineer_id = engineer.pk if engineer is not None else None
    if before is not None and before.arrived_at is not None:
        end_locked(before, Appointment.State.DONE, actor=actor, at=at)
        before = None
    number = before.number if before is not None else next_number(case.pk)
    told = {
        "starts_at": window[0], "ends_at": window[1], "outlet": outlet.unit.name, "engineer_id": engineer_id, "visit": number,
    }  # fmt: skip
    if before is not None and (before.starts_at, before.ends_at) == window:
        made, was = before, (before.state, before.engineer_id)
        made.outlet_id, made.engineer, made.state, made.orders = outlet.pk, engineer, state, orders
        made.agreed, made.changed_at = before.agreed or agreed, at
        if engineer_id != was[1]:
            made.set_out_at = made.expected_at = None
        made.save(update_fields=["outlet", "engineer", "state", "orders", "agreed", "changed_at", "set_out_at", "expected_at"])
        is_new = state == Appointment.State.ACCEPTED and (was[0] != state or engineer_id not in (None, was[1]))
    else:
        if before is not None:
            before.state, before.changed_at = Appointment.State.MOVED, at
            before.save(update_fields=["state", "changed_at"])
        made = Appointment.objects.create(
            case=case,
            outlet_id=outlet.pk,
            engineer=engineer,
            starts_at=window[0],
            ends_at=window[1],
            state=state,
            number=number,
            orders=orders,
            agreed=agreed,
            by_customer=by_customer,
            moved_from=before,
            made_at=at,
            changed_at=at,
        )
        if before is None:
            fact = AppointmentSet(case_id=case.pk, appointment_id=made.pk, by_customer=by_customer, **told)  # type: ignore[arg-type]
            record(fact, actor=actor, at=at)
        else:
            moved = AppointmentMoved(
                case_id=case.pk,
                appointment_id=made.pk,
                old_starts_at=before.starts_at,
                old_ends_at=before.ends_at,
                by_customer=by_customer,
                reason=reason,
                **told,  # type: ignore[arg-type]
            )
            record(moved, actor=actor, at=at)
        is_new = state == Appointment.State.ACCEPTED
    if is_new:
        record(AppointmentAccepted(case_id=case.pk, appointment_id=made.pk, **told), actor=actor, at=at)  # type: ignore[arg-type]
    return made


def _follow(case: Case, state: State, made: Appointment, *, actor: Actor, at: datetime) -> None:
    """Let everything follow a new window: the pending offer, the orders, the promise, and the people."""
    window = (made.starts_at, made.ends_at)
    if state.pending is not None:
        Offer.objects.filter(pk=state.pending.pk).update(starts_at=window[0], ends_at=window[1])
    if state.orders:
        keep_word(case, state, window, actor=actor, at=at)
    if case.status == Case.Status.WAITING and actor.kind == "customer":
        resume_locked(case, actor=actor, at=at, why=Because.TIME_CHOSEN)
    if made.agreed and not state.orders:
        arrival_by(case, window[1], actor=actor, at=at)
    tell_window(case, made, actor=actor, at=at)
    others = {case.owner_id, made.engineer_id, state.pending.baton.receiver_id if state.pending else None} - {actor.id}
    tell(case, others, notices.MOVED)


def keep_word(case: Case, state: State, window: Window, *, actor: Actor, at: datetime) -> None:
    """Write the end of the window into the orders and the promise to arrive.

    An order at which somebody was on site keeps the word given for that: whether it was kept is what its first arrival says.
    """
    for order in state.orders:
        if order.arrived_at is None:
            learn(order.pk, actor=actor, at=at, promised_until=window[1], **hours_of(window[0]))
    arrival_by(case, window[1], actor=actor, at=at)


def hours_of(at: datetime) -> dict[str, bool]:
    """Return what the hour of a visit means for its order: by night, on a public holiday (defaults, surcharges)."""
    hour = at.astimezone(company_zone()).hour
    return {"night": hour >= 20 or hour < 6, "holiday": is_public_holiday(local_date(at))}


def arrival_by(case: Case, until: datetime, *, actor: Actor, at: datetime) -> None:
    """Promise the arrival by the end of the window on a locked case; one that is broken stays so."""
    policy = current("dispatch").version
    running = case.promises.unended().filter(kind=Promise.Kind.ARRIVE).select_for_update(of=("self",)).first()
    if running is None:
        start_promise(
            case,
            given(Promise.Kind.ARRIVE, until, policy=policy, by=BY_APPOINTMENT),
            actor=actor,
            at=at,
            told_how="message",
        )
    elif running.breached_at is not None or running.due_at <= at:
        soon = case.promises.unended().filter(kind=Promise.Kind.NEXT_REPLY, due_at=until)
        if not soon.exists():
            plan = beside_arrival(given(Promise.Kind.NEXT_REPLY, until, policy=policy, by=BY_APPOINTMENT))
            start_promise(case, plan, actor=actor, at=at, told_how="message")
    elif running.due_at != until:
        retarget_to(running, until, rule=BY_APPOINTMENT, actor=actor, at=at)
