"""Who settles and who sees what is paid."""

from django.db.models import Exists, OuterRef, Q

from jieli.cases.models import Case
from jieli.events.actor import Actor
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff, Unit
from jieli.settlement.models import Incentive

SETTLING_ROLES = ("finance", "manager", "administrator")


def _of_company(actor: Actor, *roles: str) -> bool:
    root = Unit.objects.filter(parent__isnull=True).values_list("path", flat=True).first() or "/"
    return actor.has_role(*roles, unit_path=root)


def may_settle(actor: Actor) -> bool:
    """Finance, managers and administrators of the whole company settle; a token needs the scope for it."""
    if actor.scopes and "settle" not in actor.scopes:
        return False
    return actor.is_internal or _of_company(actor, *SETTLING_ROLES)


def may_see_month(actor: Actor, unit: Unit | None = None) -> bool:
    """Who settles sees the whole month; a supervisor, like those, sees it of his own units and what lies below them."""
    if actor.is_internal or _of_company(actor, *SETTLING_ROLES):
        return True
    if unit is None:
        return actor.has_role(*SETTLING_ROLES, "supervisor")
    return actor.has_role(*SETTLING_ROLES, "supervisor", unit_path=unit.path)


def may_see_statement(actor: Actor, outlet: Unit) -> bool:
    """The statement of an outlet is for those who see its month and for its own manager."""
    return may_see_month(actor, outlet) or actor.has_role("outlet_manager", unit_path=outlet.path)


def may_record_incentive(actor: Actor) -> bool:
    """Only an import writes them so far; who may start one is asked where it is started."""
    return actor.kind == "import"


def may_bring_rates(actor: Actor) -> bool:
    """Rate tables come in by imports; by hand they are drafted and started as every policy."""
    return actor.kind == "import"


def may_see_settlement_of(actor: Actor, case: Case) -> bool:
    """The money of a case's work, known or foreseen, is for those who see the statement of an outlet that did some of it.

    It can be foreseen once the work is finished; before, an incentive may name the order. Two queries at most.
    """
    paths = disputed_paths(actor)
    if paths == ():
        return False
    orders = WorkOrder.objects.filter(case_id=case.pk, cancelled_at__isnull=True)
    if paths is not None:
        orders = orders.filter(outlet__in=Unit.objects.under_paths(paths))
    return orders.filter(Q(finished_at__isnull=False) | Exists(Incentive.objects.filter(order_id=OuterRef("pk")))).exists()


def may_read_case_behind(actor: Actor, case: Case) -> bool:
    """Finance reads how a case went whose money it sees, also where it does not see cases: it decides what is disputed.

    It reads the whole way and the evidence, and does nothing on the case.
    """
    is_finance = actor.is_staff and actor.has_role("finance")
    return is_finance and case.kind != Case.Kind.INTERNAL_COMPLAINT and may_see_settlement_of(actor, case)


def may_see_files_behind(actor: Actor, case_id: int) -> bool:
    """The evidence of a case is for those who read the case behind a line."""
    if not actor.has_role("finance"):
        return False
    case = Case.objects.filter(pk=case_id).first()
    return case is not None and may_read_case_behind(actor, case)


def may_ask_preview(actor: Actor) -> bool:
    """Everybody who sees something of a month may have it calculated anew."""
    return actor.is_internal or actor.has_role(*SETTLING_ROLES, "supervisor", "outlet_manager")


def may_try_month(actor: Actor) -> bool:
    """Who settles tries drafts of the rules on past months."""
    return may_settle(actor)


def seen_paths(actor: Actor) -> tuple[str, ...] | None:
    """Return below which units somebody sees months; None for the whole company."""
    if actor.is_internal or _of_company(actor, *SETTLING_ROLES):
        return None
    return actor.unit_paths(*SETTLING_ROLES, "supervisor")


def may_approve(actor: Actor) -> bool:
    """People who settle approve, by themselves or by their token; the software does not."""
    return actor.is_staff and may_settle(actor)


def may_seal(actor: Actor) -> bool:
    """The software seals what two people approved."""
    return actor.is_internal


def may_confirm(actor: Actor, outlet: Unit) -> bool:
    """The outlet's own manager confirms its statement and disputes its lines."""
    return actor.is_staff and actor.has_role("outlet_manager", unit_path=outlet.path)


def may_rule(actor: Actor) -> bool:
    """Finance and managers of the whole company decide disputes; a token needs the scope `settle`."""
    if actor.scopes and "settle" not in actor.scopes:
        return False
    return actor.is_staff and _of_company(actor, "finance", "manager")


def may_see_accounts(actor: Actor) -> bool:
    """Bank accounts are written out for finance alone."""
    return _of_company(actor, "finance")


def may_see_pay(actor: Actor) -> bool:
    """Who settles sees everybody's pay."""
    return actor.is_internal or _of_company(actor, *SETTLING_ROLES)


def may_see_slip(actor: Actor, staff: Staff) -> bool:
    """A pay slip is for those who see all of them and for the engineer himself."""
    return may_see_pay(actor) or (actor.is_staff and actor.id == staff.pk)


def disputed_paths(actor: Actor) -> tuple[str, ...] | None:
    """Return below which units somebody sees statements and disputes; None for the whole company."""
    paths = seen_paths(actor)
    return None if paths is None else (*paths, *actor.unit_paths("outlet_manager"))
