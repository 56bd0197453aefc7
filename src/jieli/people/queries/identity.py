"""Who somebody is and what he may do where."""

from collections.abc import Collection
from hashlib import sha256

from jieli.events.actor import Actor, Grant
from jieli.events.recent import keep, kept_a_moment
from jieli.lib.sql import rows
from jieli.people import rules
from jieli.people.models import Grant as GrantRow
from jieli.people.models import Staff, Unit


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


_OPENED_BY = """
select s.id, s.name, t.role, t.unit_id, t.scopes from people_token t join people_staff s on s.id = t.staff_id
where t.digest = %s and t.revoked_at is null and s.is_active
"""


def actor_for_token(plain: str) -> Actor | None:
    """Return the person a token acts as, narrowed to its role, unit and scopes; None when it opens nothing.

    A role which the person lost since is lost for the token too, within a second; a revoked token opens nothing at once.
    One query.
    """
    found = rows(_OPENED_BY, [token_digest(plain)])
    if not found:
        return None
    ((staff_id, name, role, unit_id, scopes),) = found
    grants = _narrowed_grants(staff_id, role, unit_id)
    return Actor("staff", staff_id, name, grants, frozenset(scopes)) if grants else None


@kept_a_moment
def _narrowed_grants(staff_id: int, role: str, unit_id: int) -> tuple[Grant, ...]:
    wanted = Unit.objects.values_list("path", flat=True).get(pk=unit_id)
    held = GrantRow.objects.filter(staff_id=staff_id, role=role).values_list("unit__path", flat=True).order_by("id")
    paths = (rules.narrowed_path(path, wanted) for path in held)
    return tuple(dict.fromkeys(Grant(role, path) for path in paths if path is not None))


def _leaders_of(unit_ids: Collection[int]) -> dict[int, tuple[Staff, ...]]:
    """Return for each unit the active leaders of it and of the units above it, the nearest first. Two queries."""
    above = {pk: rules.ancestor_ids(path) for pk, path in Unit.objects.filter(pk__in=unit_ids).values_list("pk", "path")}
    wanted = {one for ids in above.values() for one in ids}
    led = Unit.objects.filter(pk__in=wanted, leader__is_active=True).select_related("leader")
    leaders = {unit.pk: unit.leader for unit in led if unit.leader is not None}
    return {pk: tuple(leaders[one] for one in ids if one in leaders) for pk, ids in above.items()}


@kept_a_moment
def _leaders_upward(unit_id: int) -> tuple[Staff, ...]:
    return _leaders_of([unit_id])[unit_id]


def read_leaders(unit_ids: Collection[int]) -> None:
    """Read the leaders above many units at once, so that `superior_of` answers from memory for a moment. Two queries."""
    for unit_id, leaders in _leaders_of(unit_ids).items():
        keep(_leaders_upward, leaders, unit_id)


def superior_of(staff: Staff) -> Staff | None:
    """Return the leader of the person's unit, or of the nearest unit above that somebody else leads.

    Two queries, kept for a moment.
    """
    return next((leader for leader in _leaders_upward(staff.unit_id) if leader.pk != staff.pk), None)
