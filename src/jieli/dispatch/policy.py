"""Who may do what in dispatch. The matrix test names every function here."""

from jieli.cases.models import Case
from jieli.dispatch.models import Appointment, Offer
from jieli.events.actor import Actor
from jieli.people.models import Unit

DISPATCHING_ROLES = ("administrator", "manager", "supervisor", "dispatcher")
SENDING_ROLES = (*DISPATCHING_ROLES, "outlet_manager")
OWNING_ROLES = ("agent", "specialist", "quality")


def may_dispatch(actor: Actor, case: Case) -> bool:
    """A dispatcher or superior over the unit of the case; who of the desk owns or stewards it; the rule that asks the next."""
    return (
        actor.is_internal
        or actor.has_role(*DISPATCHING_ROLES, unit_path=case.unit.path)
        or (
            actor.is_staff
            and actor.id in (case.owner_id, case.steward_id)
            and actor.has_role(*DISPATCHING_ROLES, *OWNING_ROLES)
        )
    )


def may_send_engineer(actor: Actor, case: Case) -> bool:
    """Who dispatches, and the manager of the outlet that has the case."""
    return may_dispatch(actor, case) or actor.has_role("outlet_manager", unit_path=case.unit.path)


def may_send_from(actor: Actor, case: Case, outlet: Unit) -> bool:
    """Whose engineers one sends: who dispatches sends everybody's, an outlet manager those of his own outlets."""
    return may_dispatch(actor, case) or actor.has_role("outlet_manager", unit_path=outlet.path)


def may_answer_offer(actor: Actor, offer: Offer) -> bool:
    """Only the one to whom it was offered accepts, refuses or names another time."""
    return actor.is_staff and actor.id == offer.baton.receiver_id


def may_answer_counter(actor: Actor, offer: Offer) -> bool:
    """Who offered it, who asked for it, and whoever may dispatch the case says yes or no to another time."""
    return may_send_engineer(actor, offer.case) or (
        actor.is_staff and actor.id in (offer.baton.giver_id, offer.baton.asked_by_id)
    )


def may_set_appointment(actor: Actor, case: Case) -> bool:
    """Who sends engineers, the engineer who has the case, and its customer."""
    if actor.kind == "customer":
        return case.customer_id == actor.id
    return may_send_engineer(actor, case) or (actor.is_staff and actor.id == case.owner_id)


def may_end_appointment(actor: Actor, appointment: Appointment) -> bool:
    """Who could have set it, and the software when the visit is over or the case is called off."""
    return actor.is_internal or (actor.kind != "customer" and may_set_appointment(actor, appointment.case))


def may_see_backlog(actor: Actor) -> bool:
    """Dispatchers, superiors and agents see what waits for dispatch; what of it is asked of the cases."""
    return actor.is_internal or actor.has_role(*DISPATCHING_ROLES, "agent")


def may_see_offers(actor: Actor) -> bool:
    """Outlet managers and engineers see what is offered to them; dispatchers and superiors what they offered."""
    return actor.is_internal or actor.has_role(*SENDING_ROLES, "engineer", "agent")


def may_see_day(actor: Actor, outlet: Unit) -> bool:
    """The day of an outlet's engineers is for its manager and for dispatchers and superiors over it."""
    return actor.is_internal or actor.has_role(*SENDING_ROLES, unit_path=outlet.path)


def may_see_dispatch_of(actor: Actor, case: Case) -> bool:
    """Whoever sees a case that goes, or went, to an outlet sees how."""
    return case.kind in ("service", "complaint") and actor.kind != "customer"
