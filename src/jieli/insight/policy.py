"""Who sees figures."""

from jieli.cases.models.case import SEEING_ROLES
from jieli.events.actor import Actor
from jieli.people.models import Unit


def may_see_histories(actor: Actor) -> bool:
    """Figures of a history count every case of it, so they are for those who see the cases of the whole company."""
    path = Unit.objects.filter(parent__isnull=True).values_list("path", flat=True).first() or "/"
    return actor.is_internal or actor.has_role(*SEEING_ROLES, unit_path=path)
