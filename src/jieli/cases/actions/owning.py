"""The ways in which an owner changes without a pass: take, takeover, deputy. Each is one act and an event of its own."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from jieli.cases import notices
from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.promises import end_promise, end_running
from jieli.cases.actions.staging import advance
from jieli.cases.actions.telling import leader_of, tell
from jieli.cases.events import CaseDeputised, CaseTaken, CaseTakenOver, PassWithdrawn, StewardNamed
from jieli.cases.models import Case, HeldBy, Pass
from jieli.cases.models.because import Because
from jieli.cases.policy import may_assign, may_take, may_take_over
from jieli.cases.refusals import AlreadyTaken, BadCase, OwnerIsReceiver, ReceiverNotActive
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.people.queries import duty_officer, present


def give_to(case: Case, owner: Staff, event: Event, *, on_duty: bool = False) -> None:
    """Make somebody the owner of a locked case, as the event says; the units that held it may go on reading."""
    HeldBy.objects.bulk_create([HeldBy(case_id=case.pk, unit_id=case.unit_id)], ignore_conflicts=True)
    case.owner = owner
    case.owner_event = event
    case.is_on_duty = on_duty
    if not on_duty:
        case.unit = owner.unit
    case.save(update_fields=["owner", "owner_event", "is_on_duty", "unit"])


def name_steward(case: Case, staff_id: int, *, actor: Actor, at: datetime) -> None:
    """Make the first person who took or answered the steward of a locked case, once."""
    if case.is_steward_provisional:
        case.steward_id = staff_id
        case.is_steward_provisional = False
        case.save(update_fields=["steward", "is_steward_provisional"])
        record(StewardNamed(case_id=case.pk, steward_id=staff_id), actor=actor, at=at)


def withdraw_pending(case: Case, *, actor: Actor, at: datetime, why: str) -> Pass | None:
    """Settle the pending pass of a locked case because the case went another way; its receiver is told."""
    offer = case.pass_offers.select_for_update(of=("self",)).filter(state=Pass.State.OFFERED).first()
    if offer is None:
        return None
    event = record(
        PassWithdrawn(case_id=case.pk, pass_id=offer.pk, giver_id=offer.giver_id, receiver_id=offer.receiver_id, why=why),
        actor=actor,
        at=at,
    )
    settle(offer, Pass.State.WITHDRAWN, event, at, actor=actor, reason=why)
    tell(case, [offer.receiver_id], notices.PASS_WITHDRAWN)
    return offer


def settle(offer: Pass, state: str, event: Event, at: datetime, *, actor: Actor, **values: str) -> None:
    """End a pending pass in one state, and with it the promise to answer it."""
    offer.state, offer.settled_event, offer.settled_at = state, event, at
    for name, value in values.items():
        setattr(offer, name, value)
    offer.save(update_fields=["state", "settled_event", "settled_at", *values])
    cancelled = Because.OFFER_WITHDRAWN if state == Pass.State.WITHDRAWN else ""
    for promise in offer.promises.unended():
        end_promise(promise, actor=actor, at=at, cancelled_because=cancelled, case=offer.case)


@changing
def take_case(case_id: int, *, actor: Actor) -> Case:
    """Take a case from the duty officer; one of many who try at once gets it, the others AlreadyTaken."""
    case = locked_case(case_id, actor)
    require(actor.is_staff and may_take(actor, case))
    if not case.is_on_duty:
        raise AlreadyTaken
    now = clock.now()
    taker = Staff.objects.select_related("unit").get(pk=actor.id or 0)
    withdraw_pending(case, actor=actor, at=now, why=Because.SOMEBODY_TOOK_IT)
    event = record(
        CaseTaken(case_id=case.pk, owner_id=taker.pk, from_id=case.owner_id, unit_id=taker.unit_id), actor=actor, at=now
    )
    give_to(case, taker, event)
    name_steward(case, taker.pk, actor=actor, at=now)
    end_running(case, ["accept"], actor=actor, at=now)
    advance(case, "handling", actor=actor, at=now)
    return case


@changing
def take_over_case(case_id: int, *, reason: str, actor: Actor) -> Case:
    """Take a case over as a superior, with a reason; the former owner and the steward are told."""
    case = locked_case(case_id, actor)
    require(actor.is_staff and may_take_over(actor, case))
    if not reason.strip():
        raise BadCase(fields={"reason": _("Say why you take it over.")})
    if case.owner_id == actor.id and not case.is_on_duty:
        raise OwnerIsReceiver
    now = clock.now()
    former_id = case.owner_id
    owner = Staff.objects.select_related("unit").get(pk=actor.id or 0)
    withdraw_pending(case, actor=actor, at=now, why=Because.TAKEN_OVER)
    event = record(
        CaseTakenOver(case_id=case.pk, owner_id=owner.pk, from_id=former_id, unit_id=owner.unit_id, reason=reason.strip()),
        actor=actor,
        at=now,
    )
    give_to(case, owner, event)
    name_steward(case, owner.pk, actor=actor, at=now)
    end_running(case, ["accept"], actor=actor, at=now)
    advance(case, "handling", actor=actor, at=now)
    tell(case, [former_id, owner.pk], notices.TAKEN_OVER, owner=owner.name)
    return case


@changing
def move_to_deputy(case_id: int, *, actor: Actor, until: datetime | None = None) -> Case:
    """Give the case of an absent owner to the deputy who is present, else to the duty officer; both are told.

    Raises OwnerIsReceiver when the owner is present, ReceiverNotActive when nobody stands in.
    """
    case = locked_case(case_id, actor)
    require(may_assign(actor, case) or actor.id == case.owner_id)
    move_locked_to_deputy(case, actor=actor, at=clock.now(), until=until)
    return case


def give_to_who_is_there(case: Case, *, actor: Actor, at: datetime) -> None:
    """Give a locked case that goes on again to somebody present, when its owner is away or gone."""
    here = present(case.owner_id, at)
    if here is None or here.pk != case.owner_id:
        move_locked_to_deputy(case, actor=actor, at=at)


def move_locked_to_deputy(case: Case, *, actor: Actor, at: datetime, until: datetime | None = None) -> None:
    """Give a locked case to the present deputy of its absent owner, else to the duty officer of its unit."""
    former = case.owner
    deputy = present(former.pk, at)
    if deputy is not None and deputy.pk == former.pk:
        raise OwnerIsReceiver
    on_duty = deputy is None or case.is_on_duty
    if on_duty:
        deputy = duty_officer(case.unit_id, at)
        if deputy.pk == former.pk:
            raise ReceiverNotActive
    assert deputy is not None
    withdraw_pending(case, actor=actor, at=at, why=Because.OWNER_AWAY)
    event = record(
        CaseDeputised(
            case_id=case.pk,
            owner_id=deputy.pk,
            from_id=former.pk,
            unit_id=case.unit_id if on_duty else deputy.unit_id,
            why=Because.NO_DEPUTY if on_duty else Because.DEPUTY,
            until=until,
        ),
        actor=actor,
        at=at,
    )
    give_to(case, deputy, event, on_duty=on_duty)
    tell(
        case,
        [former.pk, deputy.pk, leader_of(former)],
        notices.DEPUTISED,
        owner=deputy.name,
        giver=former.name,
    )
