"""Who may do what with customers and devices."""

from jieli.customers.models import Customer
from jieli.customers.visibility import DESK_ROLES
from jieli.events.actor import Actor

MASKED_FIELDS = ("phone", "email", "address")


def may_see_customers(actor: Actor) -> bool:
    """Whoever works at the desk sees the list; the others only customers they have to do with."""
    return actor.is_internal or actor.has_role(*DESK_ROLES)


def may_see_customer(actor: Actor, customer: Customer) -> bool:
    """Tell whether this one is visible; costs a query for those outside the desk."""
    return may_see_customers(actor) or Customer.objects.visible_to(actor).filter(pk=customer.pk).exists()


def may_make_customer(actor: Actor) -> bool:
    """Everybody of the company, and a customer himself, may be the first to name a customer."""
    return actor.is_internal or actor.is_staff or actor.kind == "customer"


def may_change_customer(actor: Actor) -> bool:
    """Those who talk with customers keep their data right."""
    return actor.is_internal or actor.has_role("agent", "dispatcher", "supervisor", "manager", "administrator")


def may_judge_customer(actor: Actor) -> bool:
    """Value, importance and potential decide the tier: a superior's judgement."""
    return actor.is_internal or actor.has_role("supervisor", "manager", "administrator")


def may_change_device(actor: Actor) -> bool:
    """The desk and the engineer in front of the device."""
    return may_change_customer(actor) or actor.has_role("engineer", "outlet_manager", "specialist")


def may_make_device(actor: Actor) -> bool:
    """Whoever may name a customer may name a device."""
    return may_make_customer(actor)


def may_unmask(actor: Actor) -> bool:
    """Those who must reach the customer may look at phone, mail and address; each look is an event."""
    return actor.has_role("agent", "dispatcher", "supervisor", "manager", "administrator", "quality", "engineer")


def may_merge_customers(actor: Actor) -> bool:
    """Merging is a superior's act."""
    return actor.is_internal or actor.has_role("supervisor", "manager", "administrator")


def may_erase_customer(actor: Actor) -> bool:
    """Erasure cannot be undone: a service manager's or administrator's act."""
    return actor.has_role("manager", "administrator")


def may_hold_customer(actor: Actor) -> bool:
    """A legal hold is set and lifted by those who could erase."""
    return actor.has_role("manager", "administrator")


def may_record_consent(actor: Actor) -> bool:
    """The desk notes what a customer said, a customer says it himself."""
    return may_change_customer(actor) or actor.kind == "customer"


def may_keep_segment(actor: Actor) -> bool:
    """Segments decide whom the company writes to: superiors save and remove them, the desk uses them."""
    return actor.has_role("supervisor", "manager", "administrator")
