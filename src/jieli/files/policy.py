"""Who may keep, see and erase evidence."""

from jieli.events.actor import Actor
from jieli.files import access
from jieli.files.models import Evidence


def may_see(actor: Actor, evidence: Evidence) -> bool:
    """Whoever sees the case sees its evidence; a customer only what is meant for customers."""
    if actor.is_internal:
        return True
    if actor.kind == "customer" and not evidence.customer_sees:
        return False
    return access.may_see_case(actor, evidence.case_id)


def may_keep(actor: Actor, case_id: int) -> bool:
    """Whoever may add to the case, and the software itself (mail, import)."""
    return actor.is_internal or access.may_add_to_case(actor, case_id)


def may_seal(actor: Actor, case_id: int) -> bool:
    """Sealing follows the closing of the case, which its own rules allowed."""
    return actor.is_internal or access.may_see_case(actor, case_id)


def may_erase(actor: Actor) -> bool:
    """Only a certified erasure erases bytes: a service manager's or administrator's act."""
    return actor.is_internal or actor.has_role("manager", "administrator")
