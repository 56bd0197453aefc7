"""Appointments: set, moved, ended; the customer is told, and the promise to arrive follows the window."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.conversing import say
from jieli.cases.actions.promises import end_running, resume_locked, retarget_to, start_promise
from jieli.cases.actions.telling import tell
from jieli.cases.models import Case, Message, Promise
from jieli.cases.rules.promising import given
from jieli.dispatch import notices
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
    NotFree,
    NotToBeDispatched,
    TooLateToMove,
    UnderWay,
)
from jieli.dispatch.rules.windows import LONGEST, Window
from jieli.events.actions import record
from jieli.events.actor import Actor, rule_actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.network.models import Outlet
from jieli.network.queries.dispatchable import reasons_against_outlet
from jieli.orders.actions.living import learn
from jieli.people.models import Staff
from jieli.people.queries import company_zone
from jieli.policies.queries import current
from jieli.ui import display

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
    """End the appointment of a case, if it has one: ``done`` when somebody was there, ``cancelled`` when nobody will come.

    A second time changes nothing.
    """
    case = locked_case(case_id, actor, must_be_open=False)
    appointment = Appointment.objects.current().select_for_update(of=("self",)).filter(case_id=case.pk).first()
    if appointment is None:
        return None
    appointment.case = case
    require(may_end_appointment(actor, appointment))
    appointment.state = Appointment.State.DONE if state == "done" else Appointment.State.CANCELLED
    appointment.changed_at = clock.now()
    appointment.save(update_fields=["state", "changed_at"])
    record(
        AppointmentEnded(case_id=case.pk, appointment_id=appointment.pk, state=appointment.state),
        actor=actor,
        at=at or clock.now(),
    )
    return appointment


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
    if why:
        raise NotFree
    promise = case.promises.unended().filter(kind=Promise.Kind.ARRIVE, breached_at__isnull=True).first()
    if promise is not None and ends_at > promise.due_at > at and not agreed:
        raise AfterPromise(fields={"agreed": _("The arrival is promised until %(due)s.") % {"due": near(promise.due_at)}})


def near(at: datetime) -> str:
    """Write an instant as people say it."""
    return display.near_text(at, now=clock.now(), zone=company_zone(), language=get_language() or settings.LANGUAGE_CODE)


def window_words(window: Window) -> str:
    """Write a window as people say it: ``tomorrow 14:00–16:00``."""
    return f"{near(window[0])}–{window[1].astimezone(company_zone()):%H:%M}"


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
    """Make a window the current appointment of a locked case; a different one before it stays as moved."""
    before = Appointment.objects.current().select_for_update(of=("self",)).filter(case_id=case.pk).first()
    engineer_id = engineer.pk if engineer is not None else None
    told = {"starts_at": window[0], "ends_at": window[1], "outlet": outlet.unit.name, "engineer_id": engineer_id}
    if before is not None and (before.starts_at, before.ends_at) == window:
        made, was = before, (before.state, before.engineer_id)
        made.outlet_id, made.engineer, made.state, made.orders = outlet.pk, engineer, state, orders
        made.agreed, made.changed_at = before.agreed or agreed, at
        made.save(update_fields=["outlet", "engineer", "state", "orders", "agreed", "changed_at"])
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
        resume_locked(case, actor=actor, at=at, why=str(_("the customer chose a time")))
    if made.agreed and not state.orders:
        arrival_by(case, window[1], actor=actor, at=at)
    tell_customer(case, made, actor=actor, at=at)
    others = {case.owner_id, made.engineer_id, state.pending.baton.receiver_id if state.pending else None} - {actor.id}
    tell(case, others, notices.MOVED)


def keep_word(case: Case, state: State, window: Window, *, actor: Actor, at: datetime) -> None:
    """Write the end of the window into the orders and the promise to arrive."""
    for order in state.orders:
        learn(order.pk, actor=actor, at=at, promised_until=window[1], night=is_night(window[0]))
    arrival_by(case, window[1], actor=actor, at=at)


def is_night(at: datetime) -> bool:
    """Tell whether a visit that begins then is one by night (defaults, surcharges: 20:00 to 06:00)."""
    hour = at.astimezone(company_zone()).hour
    return hour >= 20 or hour < 6


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
            plan = given(Promise.Kind.NEXT_REPLY, until, policy=policy, by=BY_APPOINTMENT)
            start_promise(case, plan, actor=actor, at=at, told_how="message")
    elif running.due_at != until:
        retarget_to(running, until, rule=BY_APPOINTMENT, actor=actor, at=at)


@contextmanager
def customers_language(case: Case) -> Iterator[None]:
    """Speak the customer's language."""
    with override(case.language or case.customer.language or settings.LANGUAGE_CODE):
        yield


def tell_customer(case: Case, appointment: Appointment, *, actor: Actor, at: datetime) -> None:
    """Tell the customer the window, and who comes, by a message on the locked case; what was to be answered is answered."""
    window = (appointment.starts_at, appointment.ends_at)
    with customers_language(case):
        values = {
            "window": window_words(window),
            "outlet": appointment.outlet.name if appointment.outlet is not None else "",
            "engineer": appointment.engineer.name if appointment.engineer is not None else "",
        }
        if appointment.state != Appointment.State.ACCEPTED:
            text = _("We have noted your appointment: %(window)s. We confirm it as soon as an outlet has accepted.") % values
        elif appointment.engineer is not None:
            text = _("Your appointment is confirmed: %(window)s. %(engineer)s from %(outlet)s will be with you.") % values
        else:
            text = _("Your appointment is confirmed: %(window)s, %(outlet)s. You will be told who comes.") % values
    by = actor if actor.is_staff else rule_actor("dispatch")
    say(case, text, direction=Message.Direction.OUT, actor=by, at=at)
    if appointment.state == Appointment.State.ACCEPTED:
        answered = [Promise.Kind.FIRST_REPLY, Promise.Kind.NEXT_REPLY]
        running = case.promises.unended().filter(kind__in=answered, due_at=appointment.ends_at)
        if not running.exists():
            end_running(case, answered, actor=by, at=at)
