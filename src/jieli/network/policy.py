"""Who may see and change what of the network.

The desk of the whole company sees all of it; an outlet manager his outlet and its people; an engineer his own record.
Administrators and managers change what lies below their unit, outlet managers the daily things of their people.
"""

from django.db.models import Q

from jieli.events.actor import Actor
from jieli.network.models import Engineer, LicenceAppeal, Outlet
from jieli.people.models import Unit
from jieli.people.policy import may_write

SEE_ALL = ("administrator", "manager", "supervisor", "dispatcher", "quality", "finance")
KEEPERS = ("administrator", "manager")
JUDGES = ("administrator", "manager", "supervisor", "quality")


def may_see_network(actor: Actor) -> bool:
    """The desk sees every outlet; an outlet manager the list with his own."""
    return actor.is_internal or actor.has_role(*SEE_ALL, "outlet_manager")


def may_see_outlet(actor: Actor, outlet: Outlet) -> bool:
    """The same rule as `visible_outlets`, for one whose unit was read."""
    return sees_all(actor) or actor.has_role("outlet_manager", unit_path=outlet.unit.path)


def may_see_engineer(actor: Actor, engineer: Engineer) -> bool:
    """The desk, the manager of his outlet, and he himself."""
    if sees_all(actor) or (actor.is_staff and actor.id == engineer.pk):
        return True
    return actor.has_role("outlet_manager", unit_path=_unit_of(engineer).path)


def may_see_providers(actor: Actor) -> bool:
    """Contracts of legal entities are for those who make and pay them."""
    return actor.is_internal or actor.has_role("administrator", "manager", "finance")


def may_see_account(actor: Actor) -> bool:
    """Bank accounts in full are for those who pay and those who make contracts."""
    return actor.has_role("administrator", "finance")


def may_see_home(actor: Actor, engineer: Engineer) -> bool:
    """Where an engineer lives is for him, his outlet's manager and those who plan routes."""
    is_own = actor.is_staff and actor.id == engineer.pk
    planners = actor.has_role("administrator", "manager", "dispatcher")
    return is_own or planners or actor.has_role("outlet_manager", unit_path=_unit_of(engineer).path)


def may_keep_provider(actor: Actor) -> bool:
    """Administrators and managers make contracts."""
    return may_write(actor) and (actor.is_internal or actor.has_role(*KEEPERS))


def may_keep_outlet(actor: Actor, unit: Unit) -> bool:
    """Administrators and managers over the unit make and change outlets, their areas and documents."""
    return may_write(actor) and (actor.is_internal or actor.has_role(*KEEPERS, unit_path=unit.path))


def may_suspend_outlet(actor: Actor, outlet: Outlet) -> bool:
    """Suspending, lifting and ending are decisions of those who keep the outlet."""
    return may_keep_outlet(actor, outlet.unit)


def may_keep_engineer(actor: Actor, engineer: Engineer) -> bool:
    """Those who keep his outlet keep his record, skills and documents."""
    return may_keep_outlet(actor, _unit_of(engineer))


def may_make_engineer(actor: Actor, unit: Unit) -> bool:
    """Those who keep an outlet make engineers of its people."""
    return may_keep_outlet(actor, unit)


def may_set_shifts(actor: Actor, engineer: Engineer) -> bool:
    """The manager of his outlet plans his week, too."""
    if may_keep_engineer(actor, engineer):
        return True
    return may_write(actor) and actor.has_role("outlet_manager", unit_path=_unit_of(engineer).path)


def may_post_points(actor: Actor, engineer: Engineer) -> bool:
    """Superiors and quality post by hand what no event posts; nobody to himself."""
    return may_write(actor) and actor.has_role(*JUDGES) and actor.id != engineer.pk


def may_appeal_posting(actor: Actor, engineer: Engineer) -> bool:
    """The engineer himself, and the manager of his outlet for him."""
    is_own = actor.is_staff and actor.id == engineer.pk
    return may_write(actor) and (is_own or actor.has_role("outlet_manager", unit_path=_unit_of(engineer).path))


def may_decide_appeal(actor: Actor, appeal: LicenceAppeal) -> bool:
    """A superior or quality who neither made the posting nor the appeal, and is not concerned."""
    posting = appeal.posting
    concerned = {posting.engineer_id, appeal.by_id, posting.by_id if posting.by_kind == "staff" else None}
    return may_write(actor) and actor.has_role(*JUDGES) and actor.id not in concerned


def may_review_licence(actor: Actor, engineer: Engineer) -> bool:
    """Superiors and quality hold the annual review and the re-examination; nobody his own."""
    return may_write(actor) and actor.has_role("administrator", "manager", "quality") and actor.id != engineer.pk


def may_import_outlets(actor: Actor) -> bool:
    """Only an import writes many at once; who may start one is asked where it is started."""
    return actor.kind == "import"


def may_bring_network(actor: Actor) -> bool:
    """Only the software makes a network set by set."""
    return actor.is_internal


def may_remind(actor: Actor) -> bool:
    """Only the software reminds."""
    return actor.is_internal


def sees_all(actor: Actor) -> bool:
    """Tell whether no outlet is hidden from the actor."""
    return actor.is_internal or actor.has_role(*SEE_ALL)


def visible_outlets(actor: Actor) -> Q:
    """Return which outlets an actor sees."""
    if sees_all(actor):
        return Q()
    units = Unit.objects.under_paths(actor.unit_paths("outlet_manager"))
    return Q(unit__in=units.values("pk"))


def visible_engineers(actor: Actor) -> Q:
    """Return which engineers an actor sees."""
    if sees_all(actor):
        return Q()
    seen = Q(staff__unit__in=Unit.objects.under_paths(actor.unit_paths("outlet_manager")).values("pk"))
    seen |= Q(outlet__unit__in=Unit.objects.under_paths(actor.unit_paths("outlet_manager")).values("pk"))
    return seen | Q(pk=actor.id) if actor.is_staff else seen


def _unit_of(engineer: Engineer) -> Unit:
    return engineer.outlet.unit if engineer.outlet is not None else engineer.staff.unit
