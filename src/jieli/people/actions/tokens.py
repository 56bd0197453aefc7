"""API tokens: issued once, stored as a digest, revoked."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, NotFound, require
from jieli.lib import clock
from jieli.people import policy, queries, rules
from jieli.people.actions.staff import grant_role, hire, visible_staff
from jieli.people.actions.units import ensure_company
from jieli.people.events import TokenIssued, TokenRevoked
from jieli.people.models import Grant, Role, Staff, Token, Unit

SCOPES = ("read", "write", "settle")


@transaction.atomic
def issue_token(
    staff_id: int, *, name: str, role: str, unit_id: int, actor: Actor, scopes: Iterable[str] = ()
) -> tuple[Token, str]:
    """Make a key by which a program acts as a person, narrowed to a role the person holds; returns the row and the key.

    The key is shown once and never stored. The system passes without a role. Raises NotFound, NotAllowed, Invalid (fields
    name, role, unit, scopes).
    """
    staff = visible_staff(staff_id, actor=actor)
    require(actor.is_internal or policy.may_issue_token(actor, staff))
    name = name.strip()
    if not name or len(name) > 120:
        raise Invalid(fields={"name": _("Enter a name of 1 to 120 characters.")})
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None:
        raise Invalid(fields={"unit": _("There is no such active unit.")})
    wanted = tuple(dict.fromkeys(scopes))
    if set(wanted) - set(SCOPES):
        raise Invalid(fields={"scopes": _("A scope is read, write or settle.")})
    if not staff.is_active:
        raise Invalid(fields={"staff": _("This person is not active.")})
    held = Grant.objects.filter(staff=staff, role=role).values_list("unit__path", flat=True)
    if not any(rules.narrowed_path(path, unit.path) for path in held):
        raise Invalid(fields={"role": _("%(name)s does not hold this role there.") % {"name": staff.name}})
    plain = f"jieli_{secrets.token_urlsafe(32)}"
    token = Token.objects.create(
        name=name,
        staff=staff,
        role=role,
        unit=unit,
        scopes=list(wanted),
        digest=queries.token_digest(plain),
        created_at=clock.now(),
    )
    record(
        TokenIssued(
            staff_id=staff.pk,
            token_id=token.pk,
            name=name,
            role=role,
            unit_id=unit.pk,
            unit=unit.name,
            scopes=wanted,
        ),
        actor=actor,
    )
    return token, plain


@transaction.atomic
def token_for_program(
    name: str, *, role: str, actor: Actor, unit_code: str = "", scopes: Iterable[str] = ()
) -> tuple[Token, str]:
    """Issue a token by the name of a person, or of a program, for which a person without a login is made.

    So every act has a person. A real person keeps to the roles held; a program's person receives the role asked for. Raises
    NotAllowed, Invalid (fields role, unit, …).
    """
    require(actor.is_internal)
    if role not in Role.values:
        raise Invalid(fields={"role": _("This role is not known.")})
    unit = Unit.objects.filter(code=unit_code).first() if unit_code else ensure_company(actor=actor)
    if unit is None:
        raise Invalid(fields={"unit": _("There is no such active unit.")})
    staff = Staff.objects.filter(code=name.strip()).first()
    if staff is None:
        staff = hire(code=name, name=name.strip(), unit_id=unit.pk, roles=[role], custom={"program": True}, actor=actor)
    elif staff.custom.get("program") and staff.is_active:
        grant_role(staff.pk, role=role, unit_id=unit.pk, actor=actor)
    return issue_token(staff.pk, name=name, role=role, unit_id=unit.pk, scopes=scopes, actor=actor)


@transaction.atomic
def revoke_token(token_id: int, *, actor: Actor) -> Token:
    """Let a key open nothing any more, at once. Raises NotFound (also when hidden from the actor), NotAllowed."""
    token = Token.objects.select_related("staff__unit").select_for_update(of=("self",)).filter(pk=token_id).first()
    if token is None or not policy.may_see_tokens(actor, token.staff):
        raise NotFound
    require(policy.may_revoke_token(actor, token))
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        record(TokenRevoked(staff_id=token.staff_id, token_id=token.pk, name=token.name), actor=actor)
    return token


def note_token_use(plain: str) -> None:
    """Keep when a key was last used, to the minute: one conditional update, no event."""
    now = clock.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - timedelta(minutes=1))
    Token.objects.filter(stale, digest=queries.token_digest(plain)).update(last_used_at=now)
