"""Offering work: to an outlet, to an engineer, anew, many at once, and to the next when one refuses or does not answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.owning import withdraw_pending
from jieli.cases.actions.passing import offer_locked
from jieli.cases.actions.promises import start_promise
from jieli.cases.actions.staging import advance, missing_fields
from jieli.cases.actions.telling import leader_of, officer_of, tell
from jieli.cases.models import Case, Pass, Promise
from jieli.cases.queries.planning import facts_of_case, plans_starting
from jieli.cases.rules.promising import given
from jieli.customers.models import Device
from jieli.dispatch import notices
from jieli.dispatch.actions.appointing import (
    check_window,
    keep_word,
    locked_outlet,
    put_appointment,
    refuse_ended,
    release,
    words_of,
)
from jieli.dispatch.actions.customer import tell_window, window_words
from jieli.dispatch.actions.taking import take_on
from jieli.dispatch.events import NobodyToAsk, WorkOffered
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.policy import may_dispatch, may_send_engineer, may_send_from
from jieli.dispatch.queries.candidates import (
    EngineerCandidate,
    OutletCandidate,
    judged_engineers,
    outlets_for,
    window_of,
)
from jieli.dispatch.queries.reading import State, engineer_of, state_of
from jieli.dispatch.queries.receiving import answer_by, calendar_of_engineer, calendar_of_outlet
from jieli.dispatch.queries.slots import window_state
from jieli.dispatch.refusals import BadDispatch, CannotBeAsked, NobodyLeft, UnderWay
from jieli.dispatch.rules.windows import Window
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.events.refusals import Refused, require
from jieli.lib import clock
from jieli.network.models import Engineer, Outlet
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff
from jieli.policies.queries import current

BY_DISPATCH = "dispatch"
MOST_DEVICES = 20


@changing
def offer_to_outlet(
    case_id: int,
    *,
    outlet_id: int,
    actor: Actor,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    agreed: bool = False,
    devices: Sequence[int] = (),
    note: str = "",
) -> Offer:
    """Offer the work of a case to an outlet; who has the case keeps it until the outlet accepts.

    Without a window the appointment of the case is asked for, or else the outlet finds a time. Several `devices` are a set: one
    work order each, one appointment. Raises BadDispatch, NotToBeDispatched, UnderWay, CannotBeAsked, ClosedThen, NotFree,
    AfterPromise, PassPending.
    """
    case = locked_case(case_id, actor)
    require(may_dispatch(actor, case))
    now = clock.now()
    state = _ready(case)
    _make_way(case, actor=actor, at=now)
    window = _window(starts_at, ends_at) or window_of(state.appointment)
    outlet = locked_outlet(outlet_id)
    candidate = _outlet_candidate(case, outlet, now, window)
    return _offer_outlet(
        case, candidate, window, state, actor=actor, at=now, agreed=agreed, devices=_devices(case, devices, state), note=note
    )


@changing
def offer_to_engineer(
    case_id: int,
    *,
    engineer_id: int,
    actor: Actor,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    agreed: bool = False,
    devices: Sequence[int] = (),
    note: str = "",
) -> Offer | Appointment | None:
    """Offer the work of a case to an engineer, for a window: by the outlet that has it, or straight by dispatch.

    Who has the case already (an outlet manager who goes himself) takes the appointment at once; it is returned then.
    Raises as `offer_to_outlet`; BadDispatch without a window.
    """
    case = locked_case(case_id, actor)
    require(may_send_engineer(actor, case))
    now = clock.now()
    state = _ready(case)
    engineer = engineer_of(engineer_id)
    if engineer.outlet is None:
        raise CannotBeAsked(gettext_lazy("This engineer belongs to no outlet."))
    require(may_send_from(actor, case, engineer.outlet.unit))
    _make_way(case, actor=actor, at=now)
    window = _window(starts_at, ends_at) or window_of(state.appointment)
    if window is None:
        raise BadDispatch(fields={"starts_at": gettext_lazy("Choose the time of the visit.")})
    outlet = locked_outlet(engineer.outlet.pk)
    candidate = judged_engineers(case, [engineer], window, ignoring=case.pk)[0]
    chosen = _devices(case, devices, state)
    if engineer.pk == case.owner_id:
        _refuse_engineer(candidate)
        check_window(case, outlet, window, engineer_id=engineer.pk, agreed=agreed, at=now, orders=max(1, len(chosen)))
        return take_on(case, state, outlet, engineer.staff, window, devices=chosen, agreed=agreed, actor=actor, at=now)
    return _offer_engineer(
        case, candidate, outlet, window, state, actor=actor, at=now, agreed=agreed, devices=chosen, note=note
    )


@changing
def redispatch(
    case_id: int,
    *,
    reason: str,
    actor: Actor,
    outlet_id: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    agreed: bool = False,
) -> Offer:
    """Offer the work to another outlet (the one named, else who would be asked first); a pending offer is taken back.

    Work that an outlet has accepted stays with it until the next one accepts; then a visit that runs is called off, and what
    was recorded at it stays. Raises as `offer_to_outlet`, NobodyLeft.
    """
    case = locked_case(case_id, actor)
    require(may_dispatch(actor, case))
    if not reason.strip():
        raise BadDispatch(fields={"reason": gettext_lazy("Say why.")})
    now = clock.now()
    state = _ready(case, may_be_under_way=True)
    if state.pending is not None:
        withdraw_pending(case, actor=actor, at=now, why=reason.strip()[:200])
    _make_way(case, actor=actor, at=now)
    window = _window(starts_at, ends_at) or (None if state.is_under_way else window_of(state.appointment))
    if outlet_id is None:
        has = state.outlet_id or (state.pending.outlet_id if state.pending else None)
        candidates = [one for one in outlets_for(case, now, window=window) if one.is_proposed and one.outlet.pk != has]
        if not candidates:
            raise NobodyLeft
        outlet_id = candidates[0].outlet.pk
    outlet = locked_outlet(outlet_id)
    candidate = _outlet_candidate(case, outlet, now, window)
    devices = list(state.pending.devices) if state.pending else _devices(case, (), state)
    offered = window if window is None or _is_free(case, candidate.outlet, window) else None
    if starts_at is not None:
        offered = window
    return _offer_outlet(
        case, candidate, offered, state, actor=actor, at=now, agreed=agreed, devices=devices, note=reason.strip()
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of many: a case, the outlet to ask and the window."""

    case_id: int
    outlet_id: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line: the offer, or why not."""

    case_id: int
    offer: Offer | None = None
    refused: str = ""


def dispatch_many(lines: Iterable[Wanted], *, actor: Actor) -> list[Outcome]:
    """Offer many cases, each by itself: what is refused says why and does not hold up the others."""
    outcomes = []
    for line in lines:
        try:
            offer = offer_to_outlet(
                line.case_id, outlet_id=line.outlet_id, starts_at=line.starts_at, ends_at=line.ends_at, actor=actor
            )
            outcomes.append(Outcome(line.case_id, offer))
        except Refused as refused:
            more = [str(one) for one in refused.fields.values()]
            outcomes.append(Outcome(line.case_id, refused=" ".join([str(refused.message), *more])))
    return outcomes


# --- the next one


@changing
def ask_next(pass_id: int, *, actor: Actor) -> Offer | None:
    """Offer work to the next candidate, because the one asked refused or did not answer; a second time changes nothing.

    None when there is nothing to do: the work went another way meanwhile, or nobody is left, which the people are told.
    """
    found = Offer.objects.filter(pk=pass_id).values_list("case_id", flat=True).first()
    if found is None:
        return None
    case = locked_case(found, actor, must_be_open=False)
    require(actor.is_internal)
    last = Offer.objects.select_related("baton", "outlet", "engineer").get(pk=pass_id)
    if not _may_go_on(case, last):
        return None
    return _go_on(case, last, actor=actor, at=clock.now())


def _go_on(case: Case, last: Offer, *, actor: Actor, at: datetime) -> Offer | None:
    """Ask the next after one who was asked for a locked case; tell the people when nobody is left."""
    policy, state = current("dispatch"), state_of(case.pk)
    window = None if last.starts_at is None or last.ends_at is None else (last.starts_at, last.ends_at)
    if window is not None and window[0] <= at:
        window = None
    asked = _asked_in_a_row(case.pk)
    if policy.data.asks_next and asked < policy.data.most_asked:
        following = _next_outlet if last.engineer_id is None else _next_engineer
        offer = following(case, last, window, state, actor=actor, at=at)
        if offer is not None:
            return offer
    if state.appointment is not None and not state.orders:
        release(state.appointment, at)
    record(NobodyToAsk(case_id=case.pk, pass_id=last.pk, asked=asked, policy=policy.version), actor=actor, at=at)
    tell(case, [case.owner_id, case.steward_id, last.baton.asked_by_id, officer_of(case, at)], notices.NOBODY)
    return None


def cases_at_outlet(outlet_id: int) -> list[int]:
    """Return the cases which an outlet is asked for, or has and did not begin, by id. Two queries."""
    asked = Offer.objects.filter(outlet_id=outlet_id, engineer__isnull=True, baton__state=Pass.State.OFFERED)
    has = WorkOrder.objects.filter(
        outlet_id=outlet_id, finished_at__isnull=True, cancelled_at__isnull=True, arrived_at__isnull=True
    ).filter(case__status__in=[Case.Status.OPEN, Case.Status.WAITING])
    return sorted({*asked.values_list("case_id", flat=True), *has.values_list("case_id", flat=True)})


@changing
def replace_outlet(case_id: int, *, outlet_id: int, actor: Actor) -> Offer | None:
    """Go on without an outlet that gets no new orders: if it is being asked, the next is asked instead.

    Work that it has stays with it, to be finished or moved: first-contact owner and leader are told. A second time changes
    nothing but the telling.
    """
    case = locked_case(case_id, actor, must_be_open=False)
    require(actor.is_internal)
    if case.status not in (Case.Status.OPEN, Case.Status.WAITING):
        return None
    state, now = state_of(case.pk), clock.now()
    if state.pending is not None and state.pending.outlet_id == outlet_id and state.pending.engineer_id is None:
        withdraw_pending(case, actor=actor, at=now, why=str(_("the outlet takes no orders now")))
        return _go_on(case, state.pending, actor=actor, at=now)
    if state.outlet_id == outlet_id and not state.is_under_way:
        name = state.orders[0].outlet.name
        tell(case, [case.steward_id, leader_of(case.owner)], notices.OUTLET_OUT, outlet=name)
    return None


def _may_go_on(case: Case, last: Offer) -> bool:
    if case.status not in (Case.Status.OPEN, Case.Status.WAITING) or case.owner_id != last.baton.giver_id:
        return False
    if last.baton.state not in (Pass.State.DECLINED, Pass.State.LAPSED):
        return False
    if case.pass_offers.filter(pk__gt=last.pk).exists() or case.pass_offers.filter(state=Pass.State.OFFERED).exists():
        return False
    told = Event.objects.of_case(case.pk).filter(type=NobodyToAsk.type, data__pass_id=last.pk)
    return not told.exists()


def _asked_in_a_row(case_id: int) -> int:
    rows = Offer.objects.filter(case_id=case_id).order_by("-baton_id").values_list("baton__state", flat=True)[:60]
    count = 0
    for state in rows:
        if state == Pass.State.ACCEPTED:
            break
        count += 1
    return count


def _next_outlet(case: Case, last: Offer, window: Window | None, state: State, *, actor: Actor, at: datetime) -> Offer | None:
    candidates = [one for one in outlets_for(case, at, window=window) if one.is_proposed and one.outlet.pk != last.outlet_id]
    if not candidates:
        return None
    free = next((one for one in candidates if window is not None and _is_free(case, one.outlet, window)), None)
    chosen = free or candidates[0]
    locked_outlet(chosen.outlet.pk)
    offered = window if free is not None and window is not None and _is_free(case, chosen.outlet, window) else None
    return _offer_outlet(
        case, chosen, offered, state, actor=actor, at=at, agreed=True, devices=list(last.devices), note="", by_itself=True
    )


def _next_engineer(case: Case, last: Offer, window: Window | None, state: State, *, actor: Actor, at: datetime) -> Offer | None:
    if window is None:
        return None
    outlet = locked_outlet(last.outlet_id)
    theirs = Engineer.objects.working().filter(outlet=outlet).exclude(pk__in=[last.engineer_id, case.owner_id])
    engineers = list(theirs.select_related("staff__unit", "outlet__unit", "outlet__provider").order_by("staff__code"))
    chosen = next((one for one in judged_engineers(case, engineers, window, ignoring=case.pk) if one.is_proposed), None)
    if chosen is None:
        return None
    return _offer_engineer(
        case,
        chosen,
        outlet,
        window,
        state,
        actor=actor,
        at=at,
        agreed=True,
        devices=list(last.devices),
        note="",
        by_itself=True,
    )


def _is_free(case: Case, outlet: Outlet, window: Window) -> bool:
    why = window_state(outlet, window, product_line=case.product_line, service_type=case.service_type, ignoring=case.pk)
    return not why


# --- shared steps on a locked case


def _window(starts_at: datetime | None, ends_at: datetime | None) -> Window | None:
    if starts_at is None and ends_at is None:
        return None
    if starts_at is None or ends_at is None:
        raise BadDispatch(fields={"ends_at": gettext_lazy("A window has a beginning and an end.")})
    return starts_at, ends_at


def _ready(case: Case, *, may_be_under_way: bool = False) -> State:
    """Return where the dispatch of a locked case stands, if it can go on; raises NotToBeDispatched, BadDispatch, UnderWay."""
    refuse_ended(case)
    missing = {name: gettext_lazy("To be filled before the case can be dispatched.") for name in _missing(case)}
    if missing:
        raise BadDispatch(fields=missing)
    state = state_of(case.pk)
    if state.is_under_way and not may_be_under_way:
        raise UnderWay
    return state


def _missing(case: Case) -> list[str]:
    asked = missing_fields(case) if case.stage == Case.Stage.INTAKE else []
    always = [name for name in ("product_line", "address") if not getattr(case, name)]
    return list(dict.fromkeys([*asked, *always]))


def _make_way(case: Case, *, actor: Actor, at: datetime) -> None:
    """Take back what a rule offered on a locked case: dispatch goes before it."""
    pending = case.pass_offers.filter(state=Pass.State.OFFERED, way=Pass.Way.ASSIGN, reasons__isnull=False)
    if pending.exists():
        withdraw_pending(case, actor=actor, at=at, why=str(_("it was dispatched")))


def _devices(case: Case, asked: Sequence[int], state: State) -> list[int]:
    """Return the devices of a set, each of the case's customer; those of the open orders when none are named."""
    if not asked:
        known = [order.device_id for order in state.orders if order.device_id is not None]
        return known if len(known) > 1 else []
    wanted = list(dict.fromkeys(asked))
    theirs = Device.objects.filter(pk__in=wanted, customer_id=case.customer_id).count()
    if theirs != len(wanted) or len(wanted) > MOST_DEVICES:
        raise BadDispatch(fields={"devices": gettext_lazy("A set has devices of this customer, twenty at most.")})
    return wanted


def _outlet_candidate(case: Case, outlet: Outlet, at: datetime, window: Window | None) -> OutletCandidate:
    found = next((one for one in outlets_for(case, at, window=window) if one.outlet.pk == outlet.pk), None)
    if found is None:
        raise CannotBeAsked(_("%(name)s does not serve this address or product line.") % {"name": outlet.unit.name})
    if not found.can_be_asked:
        blocking = [one.words for one in found.against if one.blocks]
        raise CannotBeAsked(_("%(name)s cannot take it: %(why)s") % {"name": outlet.unit.name, "why": words_of(blocking)})
    return found


def _refuse_engineer(candidate: EngineerCandidate) -> None:
    if not candidate.can_be_asked:
        blocking = [one.words for one in candidate.against if one.blocks]
        values = {"name": candidate.engineer.staff.name, "why": words_of(blocking)}
        raise CannotBeAsked(_("%(name)s cannot take it: %(why)s") % values)


def _offer_outlet(
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


def _offer_engineer(
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
    _refuse_engineer(candidate)
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
    values = {"outlet": outlet.unit.name, "window": window_words(window) if window is not None else _("time to be agreed")}
    baton = offer_locked(
        case,
        asked.receiver,
        actor=actor,
        at=at,
        way=Pass.Way.DISPATCH,
        done=note.strip(),
        next=str(_("Visit the customer: %(window)s") % values),
        explanation=str(_("work order for %(outlet)s, %(window)s") % values),
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
