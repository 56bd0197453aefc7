"""Who may do what on visits. The matrix test names every function here."""

from jieli.cases.models import Case
from jieli.events.actor import Actor
from jieli.orders.models import WorkOrder
from jieli.visits.models import FieldEntry, Information, Visit

LEADING_ROLES = ("administrator", "manager", "supervisor")
WORKING_ROLES = ("engineer", "outlet_manager")


def may_use_phone(actor: Actor) -> bool:
    """Engineers, and managers of outlets who go themselves."""
    return actor.is_staff and actor.has_role(*WORKING_ROLES)


def may_work_on(actor: Actor, order: WorkOrder) -> bool:
    """Only the engineer of an order works on it."""
    return actor.is_staff and actor.id == order.engineer_id


def may_add_photo(actor: Actor, order: WorkOrder) -> bool:
    """The engineer of an order, and who made a visit for it: photos may come late."""
    return may_work_on(actor, order) or (
        actor.is_staff and Visit.objects.filter(case_id=order.case_id, engineer_id=actor.id).exists()
    )


def may_see_files_of(actor: Actor, case_id: int) -> bool:
    """Who is or was on site for a case sees and adds to its files, also when somebody else has the case by now."""
    if not actor.is_staff:
        return False
    return (
        WorkOrder.objects.filter(case_id=case_id, engineer_id=actor.id, cancelled_at__isnull=True).exists()
        or Visit.objects.filter(case_id=case_id, engineer_id=actor.id).exists()
    )


def may_see_visits_of(actor: Actor, case: Case) -> bool:
    """Whoever of the company sees a case of a kind that is visited sees its visits."""
    return case.kind in ("service", "complaint") and (actor.is_internal or actor.is_staff)


def may_finish_with_gaps(actor: Actor, case: Case) -> bool:
    """A superior over the unit of the case, never the engineer himself (spec 3)."""
    return actor.is_staff and actor.has_role(*LEADING_ROLES, unit_path=case.unit.path)


def may_see_conflicts(actor: Actor) -> bool:
    """Superiors see what phones sent in vain; of their own people, `visible_to` says."""
    return actor.is_internal or actor.has_role(*LEADING_ROLES)


def may_settle_entry(actor: Actor, entry: FieldEntry) -> bool:
    """A superior over the engineer's unit."""
    return actor.is_staff and actor.has_role(*LEADING_ROLES, unit_path=entry.staff.unit.path)


def may_decide_information(actor: Actor, information: Information) -> bool:
    """Who holds the role to which it is routed, in the unit named when one is, and managers over the case; never its author."""
    if not actor.is_staff or actor.id == information.staff_id:
        return False
    unit = information.unit
    if actor.has_role(information.role, unit_path=None if unit is None else unit.path):
        return True
    return actor.has_role("administrator", "manager", unit_path=information.case.unit.path)


def may_see_information(actor: Actor) -> bool:
    """Whoever may be asked, and engineers who ask what became of theirs; what they see of it `visible_to` says."""
    return actor.is_internal or (actor.is_staff and bool(actor.grants))
