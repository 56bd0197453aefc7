"""Offering work: to an outlet, to an engineer, and anew."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.owning import withdraw_pending
from jieli.cases.actions.staging import missing_fields
from jieli.cases.models import Case, Pass
from jieli.cases.models.because import Because
from jieli.customers.models import Device
from jieli.dispatch.actions.appointing import (
    check_window,
    locked_outlet,
    refuse_ended,
    words_of,
)
from jieli.dispatch.actions.handing import hand_to_engineer, hand_to_outlet, is_free, refuse_engineer
from jieli.dispatch.actions.taking import take_on
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.policy import may_dispatch, may_send_engineer, may_send_from
from jieli.dispatch.queries.candidates import (
    OutletCandidate,
    judged_engineers,
    outlets_for,
    window_of,
)
from jieli.dispatch.queries.reading import State, engineer_of, state_of
from jieli.dispatch.refusals import BadDispatch, CannotBeAsked, NobodyLeft, UnderWay
from jieli.dispatch.rules.windows import Window
from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.network.models import Outlet

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
    return hand_to_outlet(
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
) -> Offer | Appointment:
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
        refuse_engineer(candidate)
        check_window(case, outlet, window, engineer_id=engineer.pk, agreed=agreed, at=now, orders=max(1, len(chosen)))
        taken = take_on(case, state, outlet, engineer.staff, window, devices=chosen, agreed=agreed, actor=actor, at=now)
        assert taken is not None  # there is a window
        return taken
    return hand_to_engineer(
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
    offered = window if window is None or is_free(case, candidate.outlet, window) else None
    if starts_at is not None:
        offered = window
    return hand_to_outlet(
        case, candidate, offered, state, actor=actor, at=now, agreed=agreed, devices=devices, note=reason.strip()
    )


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
        withdraw_pending(case, actor=actor, at=at, why=Because.DISPATCHED)


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
    found = next((one for one in outlets_for(case, at, window=window, others=True) if one.outlet.pk == outlet.pk), None)
    if found is None:
        raise CannotBeAsked(_("%(name)s does not serve this address or product line.") % {"name": outlet.unit.name})
    if not found.can_be_asked:
        blocking = [one.words for one in found.against if one.blocks]
        raise CannotBeAsked(_("%(name)s cannot take it: %(why)s") % {"name": outlet.unit.name, "why": words_of(blocking)})
    return found
