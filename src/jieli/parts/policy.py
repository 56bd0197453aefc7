"""Who may do what with parts. The matrix test names every function here."""

from jieli.cases.models import Case
from jieli.events.actor import Actor
from jieli.orders.models import WorkOrder
from jieli.parts.models import Place
from jieli.parts.models.stock import SEEING_ROLES
from jieli.people.models import Unit
from jieli.policies.authority import Limit, limit_of
from jieli.policies.queries import current

LEADING_ROLES = ("administrator", "manager", "supervisor")
KEEPING_ROLES = (*LEADING_ROLES, "specialist", "outlet_manager")
RECEIVING_ROLES = (*LEADING_ROLES, "specialist", "quality")
FINDING_ROLES = ("administrator", "manager", "quality")


def may_keep_master(actor: Actor) -> bool:
    """Those of the whole company who keep its parts, and imports, write the master."""
    if actor.is_internal:
        return True
    root = Unit.objects.filter(parent__isnull=True).values_list("path", flat=True).first() or "/"
    return actor.has_role("administrator", "manager", "specialist", unit_path=root)


def may_see_parts(actor: Actor) -> bool:
    """The desk, outlets and engineers look parts up; where they see stock, `Place.objects.visible_to` says."""
    return actor.is_internal or actor.has_role(*SEEING_ROLES, "engineer")


def may_make_place(actor: Actor, unit: Unit) -> bool:
    """Who keeps the stock of a unit says where it lies."""
    return actor.is_internal or actor.has_role(*KEEPING_ROLES, unit_path=unit.path)


def may_keep_stock(actor: Actor, place: Place) -> bool:
    """Who keeps a place receives there, counts and scraps."""
    return actor.is_internal or (place.unit is not None and actor.has_role(*KEEPING_ROLES, unit_path=place.unit.path))


def may_move_stock(actor: Actor, place: Place) -> bool:
    """The keeper of a place, and an engineer for his own van, take from it and put into it."""
    return may_keep_stock(actor, place) or (actor.is_staff and place.staff_id is not None and place.staff_id == actor.id)


def may_use_part(actor: Actor, order: WorkOrder) -> bool:
    """The engineer of the order, the owner of its case and who leads the outlet book what was put in."""
    if actor.is_internal:
        return True
    if actor.is_staff and actor.id in (order.engineer_id, order.case.owner_id):
        return True
    return actor.has_role(*LEADING_ROLES, "outlet_manager", unit_path=order.outlet.path)


def may_take_from(actor: Actor, place: Place, order: WorkOrder) -> bool:
    """For an order parts come from one's own van, from the outlet's store, or from a place that one keeps."""
    return may_move_stock(actor, place) or (place.kind == Place.Kind.OUTLET and place.unit_id == order.outlet_id)


def may_order_part(actor: Actor, order: WorkOrder) -> bool:
    """Who may use parts for an order, and dispatchers, reserve and order them."""
    return may_use_part(actor, order) or actor.has_role("dispatcher", unit_path=order.outlet.path)


def may_release_part(actor: Actor, order: WorkOrder, place: Place) -> bool:
    """Who reserves for an order, and the keeper of the place, let go of what is kept or on order."""
    return may_order_part(actor, order) or may_keep_stock(actor, place)


def may_receive_old_part(actor: Actor, order: WorkOrder) -> bool:
    """Old parts are received above the outlet: it decides about the outlet's money."""
    return actor.is_internal or actor.has_role(*RECEIVING_ROLES, unit_path=order.outlet.path)


def may_record_finding(actor: Actor, order: WorkOrder) -> bool:
    """The lab's finding is noted by quality."""
    return actor.is_internal or actor.has_role(*FINDING_ROLES, unit_path=order.outlet.path)


def may_correct_finding(actor: Actor, order: WorkOrder) -> bool:
    """A person of quality corrects what the lab found; it changes what is paid."""
    return actor.is_staff and actor.has_role(*FINDING_ROLES, unit_path=order.outlet.path)


def may_ask_machine(actor: Actor, order: WorkOrder) -> bool:
    """Who orders parts for an order asks for a whole machine, too."""
    return may_order_part(actor, order)


def machine_limits() -> tuple[Limit, ...]:
    """Return up to which amount each role approves a whole machine now."""
    return tuple(Limit(one.role.value, one.most_amount) for one in current("numbers").data.machine_authority)


def machine_limit(actor: Actor, order: WorkOrder) -> Limit:
    """Return how far somebody's authority over whole machines of an outlet goes."""
    return limit_of({one.role for one in actor.grants if order.outlet.path.startswith(one.unit_path)}, machine_limits())


def may_decide_machine(actor: Actor, order: WorkOrder) -> bool:
    """A person with a role that has authority over whole machines decides; how far it goes, the policy says."""
    return actor.is_staff and machine_limit(actor, order).role != ""


def may_call_off_machine(actor: Actor, order: WorkOrder) -> bool:
    """Who may ask, and who may decide."""
    return may_ask_machine(actor, order) or may_decide_machine(actor, order)


def may_dispose_machine(actor: Actor, order: WorkOrder) -> bool:
    """Those above the outlet who keep stock say what becomes of a machine that came back, not the lab that looked at it."""
    return actor.is_internal or actor.has_role(*LEADING_ROLES, "specialist", unit_path=order.outlet.path)


def may_see_returns(actor: Actor) -> bool:
    """The returns desk is for those who receive or find; outlets see what they owe there, too."""
    return actor.is_internal or actor.has_role(*RECEIVING_ROLES, "outlet_manager", "finance")


def may_see_parts_of(actor: Actor, case: Case) -> bool:
    """Who has to do with parts sees those of each service case that he sees."""
    return case.kind == Case.Kind.SERVICE and may_see_parts(actor)


def may_bring_parts(actor: Actor) -> bool:
    """Only an import writes the past; who may start one is asked where it is started."""
    return actor.kind == "import"
