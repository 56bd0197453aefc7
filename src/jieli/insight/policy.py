"""Who sees figures."""

from jieli.cases.models.case import SEEING_ROLES
from jieli.events.actor import Actor
from jieli.people.models import Unit

INDICATOR_ROLES = ("administrator", "manager", "supervisor", "quality", "finance", "outlet_manager")


def may_see_histories(actor: Actor) -> bool:
    """Figures of a history count every case of it, so they are for those who see the cases of the whole company."""
    path = Unit.objects.filter(parent__isnull=True).values_list("path", flat=True).first() or "/"
    return actor.is_internal or actor.has_role(*SEEING_ROLES, unit_path=path)


def may_see_indicators(actor: Actor, unit: Unit) -> bool:
    """The indicators of a unit and what lies below it are for those who lead it, watch its quality, or pay it."""
    return actor.is_internal or actor.has_role(*INDICATOR_ROLES, unit_path=unit.path)


def indicator_paths(actor: Actor) -> tuple[str, ...]:
    """Return the subtrees of which somebody sees the indicators, the widest first; none for everybody else."""
    paths = {grant.unit_path for grant in actor.grants if grant.role in INDICATOR_ROLES}
    return tuple(sorted(paths, key=lambda path: (path.count("/"), path)))
