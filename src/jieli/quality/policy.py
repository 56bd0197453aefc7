"""Who calls customers back, who judges what they said, who makes good and spends how much."""

from collections.abc import Iterable

from jieli.cases.models import Case
from jieli.cases.policy import may_handle
from jieli.events.actor import Actor
from jieli.orders.models import WorkOrder
from jieli.quality.models import CallBack

CALLING_ROLES = ("administrator", "manager", "supervisor", "agent", "quality")
JUDGING_ROLES = ("quality", "manager", "administrator")
CONFIRMING_ROLES = ("quality", "supervisor", "manager", "administrator")


def _over(actor: Actor, case: Case, roles: Iterable[str]) -> bool:
    """Tell whether a role is held over the unit of a case or over that of its steward: the front whom the customer knows."""
    asked = tuple(roles)
    return actor.has_role(*asked, unit_path=case.unit.path) or actor.has_role(*asked, unit_path=case.steward.unit.path)


def did_the_work(actor: Actor, case: Case) -> bool:
    """Tell whether somebody was the engineer of the case: nobody asks how he did himself. One query."""
    return actor.is_staff and WorkOrder.objects.filter(case=case, engineer_id=actor.id).exists()


def may_see_callbacks(actor: Actor) -> bool:
    """The list of call-backs is for those who call; each sees those of the cases that he sees."""
    return actor.is_internal or actor.has_role(*CALLING_ROLES)


def may_see_callbacks_of(actor: Actor, case: Case) -> bool:
    """Whoever of the company sees a case sees what its customer said; there is something from the result on."""
    return actor.kind != "customer" and (case.resolved_at is not None or case.reopened > 0)


def may_make_callback(actor: Actor) -> bool:
    """Only the software plans call-backs, gives them up, and drops them."""
    return actor.is_internal


def may_call(actor: Actor, callback: CallBack) -> bool:
    """The front calls: owner, steward, or who has a calling role over the case or its steward; never who did the work.

    The back office never calls the customer itself (spec 4).
    """
    case = callback.case
    if not actor.is_staff or did_the_work(actor, case):
        return False
    if actor.id == case.steward_id or _over(actor, case, CALLING_ROLES):
        return True
    return actor.id == case.owner_id and actor.has_role(*CALLING_ROLES)


def may_call_instead(actor: Actor, callback: CallBack) -> bool:
    """A superior over the case or over its steward takes a call-back from who has it."""
    return actor.is_staff and _over(actor, callback.case, ("administrator", "manager", "supervisor"))


def may_answer(actor: Actor, callback: CallBack) -> bool:
    """Only the customer himself answers by the link."""
    return actor.kind == "customer" and actor.id == callback.case.customer_id


def may_judge(actor: Actor, callback: CallBack) -> bool:
    """A quality officer or a manager says that a dissatisfaction is not about the visit."""
    return actor.is_staff and _over(actor, callback.case, JUDGING_ROLES) and not did_the_work(actor, callback.case)


def may_confirm_delight(actor: Actor, callback: CallBack) -> bool:
    """A quality officer or a superior confirms that a customer was moved; never who did the work."""
    return actor.is_staff and _over(actor, callback.case, CONFIRMING_ROLES) and not did_the_work(actor, callback.case)


def may_recover(actor: Actor, case: Case) -> bool:
    """A person who handles the case makes it good, or a superior over it or over its steward."""
    return actor.is_staff and (may_handle(actor, case) or _over(actor, case, ("administrator", "manager", "supervisor")))


def may_spend(actor: Actor, case: Case) -> bool:
    """A person who handles the case spends up to the limit of his roles; what the limit is, the policy says."""
    return may_recover(actor, case)


def may_decide_amount(actor: Actor, case: Case) -> bool:
    """A manager over the case decides as the second person."""
    return actor.is_staff and _over(actor, case, ("manager",))


def roles_for(actor: Actor, case: Case) -> set[str]:
    """Return the roles that somebody holds over a case or its steward, of which the widest authority counts."""
    return {grant.role for grant in actor.grants if _over(actor, case, (grant.role,))}
