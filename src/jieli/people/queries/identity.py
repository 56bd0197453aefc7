"""Who somebody is and what he may do where."""

from hashlib import sha256

from django.db.models import F

from jieli.events.actor import Actor, Grant
from jieli.people import rules
from jieli.people.models import Grant as GrantRow
from jieli.people.models import Staff, Token, Unit


def root_unit() -> Unit:
    """Return the unit above all others; raises Unit.DoesNotExist before the company is founded."""
    return Unit.objects.get(parent__isnull=True)


def actor_for(staff: Staff) -> Actor:
    """Return the person as an actor with all roles held now. One query; an inactive person has no roles."""
    grants: tuple[Grant, ...] = ()
    if staff.is_active:
        rows = GrantRow.objects.filter(staff=staff).values_list("role", "unit__path").order_by("id")
        grants = tuple(Grant(role, path) for role, path in rows)
    return Actor("staff", staff.pk, staff.name, grants)


def token_digest(plain: str) -> str:
    """Return what is stored of a token: its SHA-256 in hex."""
    return sha256(plain.encode()).hexdigest()


def actor_for_token(plain: str) -> Actor | None:
    """Return the person a token acts as, narrowed to its role, unit and scopes; None when it opens nothing.

    A role which the person lost since is lost for the token too. One query.
    """
    rows = list(
        Token.objects.valid()
        .filter(digest=token_digest(plain), staff__grants__role=F("role"))
        .values_list("staff_id", "staff__name", "role", "scopes", "unit__path", "staff__grants__unit__path")
    )
    grants = tuple(
        dict.fromkeys(
            Grant(role, path)
            for _staff_id, _name, role, _scopes, wanted, granted in rows
            if (path := rules.narrowed_path(granted, wanted)) is not None
        )
    )
    if not grants:
        return None
    staff_id, name, _role, scopes, _wanted, _granted = rows[0]
    return Actor("staff", staff_id, name, grants, frozenset(scopes))


def superior_of(staff: Staff) -> Staff | None:
    """Return the leader of the person's unit, or of the nearest unit above that somebody else leads. One query."""
    unit_ids = rules.ancestor_ids(Unit.objects.values_list("path", flat=True).get(pk=staff.unit_id))
    leaders = (
        Unit.objects.filter(pk__in=unit_ids, leader__is_active=True)
        .exclude(leader_id=staff.pk)
        .select_related("leader")
        .order_by("-path")
    )
    by_id = {unit.pk: unit.leader for unit in leaders}
    return next((by_id[unit_id] for unit_id in unit_ids if unit_id in by_id), None)
