"""Who may do what with a case. The matrix test names every function here."""

from jieli.cases.models import Case, Pass
from jieli.events.actor import Actor
from jieli.policies.schemas.fields import CustomField

DESK_ROLES = ("administrator", "manager", "supervisor", "agent", "dispatcher", "outlet_manager", "specialist", "quality")
LEADING_ROLES = ("administrator", "manager", "supervisor")
CASE_ROLES = (*DESK_ROLES, "engineer", "finance", "employee")


def may_open(actor: Actor) -> bool:
    """Anybody may bring a need: a customer, and everyone of the company."""
    return actor.is_internal or actor.kind == "customer" or actor.has_role(*CASE_ROLES)


def may_see(actor: Actor, case: Case) -> bool:
    """Tell whether the case is visible; the same rule as `visible_to`."""
    return Case.objects.visible_to(actor).filter(pk=case.pk).exists()


def may_write(actor: Actor, case: Case) -> bool:
    """Whoever of the desk sees a case may write on it; the customer writes on his own."""
    if actor.kind == "customer":
        return case.customer_id == actor.id
    return actor.is_internal or actor.has_role(*CASE_ROLES)


def may_handle(actor: Actor, case: Case) -> bool:
    """The owner handles the case; a superior over the unit and a steward may, too."""
    return actor.is_internal or (actor.is_staff and actor.id in (case.owner_id, case.steward_id)) or may_lead(actor, case)


def may_lead(actor: Actor, case: Case) -> bool:
    """A superior over the unit of the case."""
    return actor.has_role(*LEADING_ROLES, unit_path=case.unit.path)


def may_take(actor: Actor, case: Case) -> bool:
    """A member of the unit takes from the duty officer."""
    return actor.has_role(*DESK_ROLES, "engineer", unit_path=case.unit.path)


def may_take_over(actor: Actor, case: Case) -> bool:
    """A superior takes over, with a reason."""
    return may_lead(actor, case)


def may_assign(actor: Actor, case: Case) -> bool:
    """A supervisor or a rule assigns: an offer, until it is accepted."""
    return actor.is_internal or may_lead(actor, case)


def may_offer_pass(actor: Actor, case: Case) -> bool:
    """Only the owner gives the baton away."""
    return actor.is_staff and actor.id == case.owner_id


def may_answer_pass(actor: Actor, offer: Pass) -> bool:
    """Only the one to whom it was offered answers."""
    return actor.is_staff and actor.id == offer.receiver_id


def may_withdraw_pass(actor: Actor, offer: Pass) -> bool:
    """The giver, who asked, or a superior takes an offer back."""
    return actor.is_internal or (
        actor.is_staff and (actor.id in (offer.giver_id, offer.asked_by_id) or may_lead(actor, offer.case))
    )


def may_promise(actor: Actor, case: Case) -> bool:
    """Who handles the case promises times."""
    return may_handle(actor, case)


def may_pause(actor: Actor, case: Case) -> bool:
    """Who handles the case stops its clocks, for listed reasons and with consent."""
    return may_handle(actor, case)


def may_resolve(actor: Actor, case: Case) -> bool:
    """Who handles the case tells the result."""
    return may_handle(actor, case)


def may_close(actor: Actor, case: Case) -> bool:
    """Who handles the case archives it."""
    return may_handle(actor, case)


def may_note_reading(actor: Actor, case: Case) -> bool:
    """Only the customer reads what was written to him, and so brings the automatic close nearer."""
    return actor.is_internal or (actor.kind == "customer" and actor.id == case.customer_id)


def may_cancel(actor: Actor, case: Case) -> bool:
    """Who handles the case, or the customer himself, calls it off."""
    return may_handle(actor, case) or (actor.kind == "customer" and actor.id == case.customer_id)


def may_reopen(actor: Actor, case: Case) -> bool:
    """The customer, and whoever of the desk sees it."""
    return may_write(actor, case)


def may_change(actor: Actor, case: Case) -> bool:
    """The desk corrects what is known of a case."""
    return actor.is_internal or may_handle(actor, case) or actor.has_role(*DESK_ROLES, unit_path=case.unit.path)


def may_relate(actor: Actor, case: Case) -> bool:
    """The desk ties, merges and splits."""
    return may_change(actor, case)


def may_ask_for_link(actor: Actor, case: Case) -> bool:
    """Only the software notes that a link was lost: whoever asks has not proved who he is."""
    return actor.is_internal


def may_renew_link(actor: Actor, case: Case) -> bool:
    """A person of the desk gives a new link, because only a person can check who asks."""
    return actor.is_staff and may_change(actor, case)


def may_import_history(actor: Actor) -> bool:
    """An administrator, and the command line, bring foreign histories in."""
    return actor.is_internal or actor.has_role("administrator")


def may_import(actor: Actor) -> bool:
    """Only an import writes the past; who may start one is asked where it is started."""
    return actor.kind == "import"


def sees_own_field(actor: Actor, one: CustomField) -> bool:
    """A field of the company's own is seen and filled in by the roles it names (none named: all), a customer's by himself."""
    if actor.kind == "customer":
        return one.portal
    return actor.is_internal or not one.sees or actor.has_role(*[role.value for role in one.sees])
