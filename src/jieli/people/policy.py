"""Who may see and change what about people.

Administrators and managers change units and staff below their unit; supervisors and outlet managers keep rota, absences
and deputies of theirs; everyone keeps own deputies and absences. The software itself (an import, a rule) passes only where
an action says so.
"""

from jieli.events.actor import Actor
from jieli.people.models import Role, Staff, Token, Unit

KEEPERS = (Role.ADMINISTRATOR, Role.MANAGER)
LEADERS = (*KEEPERS, Role.SUPERVISOR, Role.OUTLET_MANAGER)


def may_write(actor: Actor) -> bool:
    """Say whether the actor's token, if any, allows changes."""
    return not actor.scopes or "write" in actor.scopes


def is_same_person(actor: Actor, staff: Staff) -> bool:
    """Say whether the actor is this member of staff."""
    return actor.is_staff and actor.id == staff.pk


def may_see_people(actor: Actor) -> bool:
    """Colleagues see each other's names, units, roles and presence; customers see none of it."""
    return actor.is_staff or actor.is_internal


def may_see_contact(actor: Actor, staff: Staff) -> bool:
    """Phone and e-mail of a colleague are for himself and for those who lead him."""
    return is_same_person(actor, staff) or actor.has_role(*LEADERS, unit_path=staff.unit.path)


def may_manage_unit(actor: Actor, unit: Unit) -> bool:
    """Administrators and managers change a unit of their subtree, and make units below it."""
    return may_write(actor) and actor.has_role(*KEEPERS, unit_path=unit.path)


def may_manage_staff(actor: Actor, unit: Unit) -> bool:
    """Administrators and managers hire into and change the staff of their subtree."""
    return may_write(actor) and actor.has_role(*KEEPERS, unit_path=unit.path)


def may_manage_staff_somewhere(actor: Actor) -> bool:
    """Say whether the actor may hire into any unit at all."""
    return may_write(actor) and actor.has_role(*KEEPERS)


def may_grant(actor: Actor, role: str, unit: Unit) -> bool:
    """Nobody gives more than he has: administrators give every role below their unit, managers all but that one."""
    if not may_write(actor):
        return False
    if role == Role.ADMINISTRATOR:
        return actor.has_role(Role.ADMINISTRATOR, unit_path=unit.path)
    return actor.has_role(*KEEPERS, unit_path=unit.path)


def may_set_password(actor: Actor, staff: Staff) -> bool:
    """Only administrators set another person's password."""
    return may_write(actor) and actor.has_role(Role.ADMINISTRATOR, unit_path=staff.unit.path)


def may_set_rota(actor: Actor, unit: Unit) -> bool:
    """Leaders keep the duty rota of their subtree."""
    return may_write(actor) and actor.has_role(*LEADERS, unit_path=unit.path)


def may_set_company_duty(actor: Actor, root: Unit) -> bool:
    """Only administrators and managers of the whole company name its duty officer."""
    return may_write(actor) and actor.has_role(*KEEPERS, unit_path=root.path)


def may_close_unit(actor: Actor, unit: Unit) -> bool:
    """Administrators and managers change opening hours: they move every due time of the unit."""
    return may_write(actor) and actor.has_role(*KEEPERS, unit_path=unit.path)


def may_declare_absence(actor: Actor, staff: Staff) -> bool:
    """Everyone declares own absences; leaders those of their people."""
    return may_write(actor) and (is_same_person(actor, staff) or actor.has_role(*LEADERS, unit_path=staff.unit.path))


def may_name_deputy(actor: Actor, staff: Staff) -> bool:
    """Everyone names own deputies; leaders those of their people."""
    return may_declare_absence(actor, staff)


def may_see_tokens(actor: Actor, staff: Staff) -> bool:
    """Tokens are seen by the person they act as, and by administrators above."""
    return is_same_person(actor, staff) or actor.has_role(Role.ADMINISTRATOR, unit_path=staff.unit.path)


def may_issue_token(actor: Actor, staff: Staff) -> bool:
    """Everyone issues keys to act as himself; administrators for their people."""
    return may_write(actor) and may_see_tokens(actor, staff)


def may_revoke_token(actor: Actor, token: Token) -> bool:
    """Who may see a key may also withdraw it."""
    return may_write(actor) and may_see_tokens(actor, token.staff)


def may_change_own_profile(actor: Actor, staff: Staff) -> bool:
    """Everyone chooses own language and password."""
    return may_write(actor) and is_same_person(actor, staff)
