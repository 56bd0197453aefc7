"""The next one is asked when one refuses, does not answer, or falls out."""

from datetime import datetime

from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.owning import withdraw_pending
from jieli.cases.actions.telling import leader_of, officer_of, tell
from jieli.cases.models import Case, Pass
from jieli.cases.models.because import Because
from jieli.dispatch import notices
from jieli.dispatch.actions.appointing import (
    locked_outlet,
    release,
)
from jieli.dispatch.actions.handing import hand_to_engineer, hand_to_outlet, is_free
from jieli.dispatch.events import NobodyToAsk
from jieli.dispatch.models import Offer
from jieli.dispatch.queries.candidates import (
    judged_engineers,
    outlets_for,
)
from jieli.dispatch.queries.reading import State, state_of
from jieli.dispatch.rules.windows import Window
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.network.models import Engineer
from jieli.orders.models import WorkOrder
from jieli.policies.queries import current


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
        withdraw_pending(case, actor=actor, at=now, why=Because.OUTLET_OUT)
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
    free = next((one for one in candidates if window is not None and is_free(case, one.outlet, window)), None)
    chosen = free or candidates[0]
    locked_outlet(chosen.outlet.pk)
    offered = window if free is not None and window is not None and is_free(case, chosen.outlet, window) else None
    return hand_to_outlet(
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
    return hand_to_engineer(
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
