"""Staff: hired, changed, moved, given roles, deactivated."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import Invalid, NotFound, Refused, require
from jieli.lib import clock
from jieli.lib.text import main_language
from jieli.people import orphans, policy, queries, rules
from jieli.people.actions.covering import HORIZON, queue_behind_others, require_covered
from jieli.people.actions.duty import set_company_duty
from jieli.people.events import (
    RoleGranted,
    RoleRevoked,
    StaffChanged,
    StaffDeactivated,
    StaffHired,
    StaffMoved,
    StaffReactivated,
)
from jieli.people.models import CompanyDuty, DutyShift, Grant, Role, Staff, Token, Unit


class StaffStillNeeded(Refused):
    """The person owns open work, leads a unit or is the company's duty officer, so the account must stay active."""

    code = "staff_still_needed"
    message = _("This person is still needed and cannot be deactivated.")


def visible_staff(staff_id: int, *, actor: Actor) -> Staff:
    """Return a member of staff locked for this transaction; raises NotFound, also when hidden from the actor."""
    if not policy.may_see_people(actor):
        raise NotFound
    try:
        return Staff.objects.lock(staff_id)
    except Staff.DoesNotExist:
        raise NotFound from None


def checked_password(password: str, staff: Staff) -> str:
    """Return the password when it is good enough; raises Invalid with the reasons."""
    try:
        validate_password(password, staff)
    except ValidationError as error:
        raise Invalid(fields={"password": " ".join(str(message) for message in error.messages)}) from error
    return password


def _checked_email(email: str) -> str:
    email = email.strip()
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise Invalid(fields={"email": _("This is not an e-mail address.")}) from error
    return email


def _checked_phone(phone: str) -> str:
    phone = phone.strip()
    if len(phone) > 40:
        raise Invalid(fields={"phone": _("This phone number is too long.")})
    return phone


def _checked_language(language: str) -> str:
    if language not in ("zh-hans", "en"):
        raise Invalid(fields={"language": _("Choose one of the languages.")})
    return language


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 200:
        raise Invalid(fields={"name": _("Enter a name of 1 to 200 characters.")})
    return name


def _checked_codes(field: str, codes: Iterable[str], longest: int = 60) -> list[str]:
    found = list(dict.fromkeys(code.strip() for code in codes if code.strip()))
    if len(found) > 200 or any(len(code) > longest or "\x00" in code for code in found):
        raise Invalid(fields={field: _("At most 200 codes of %(longest)s characters.") % {"longest": longest}})
    return found


def _checked_languages(codes: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(main_language(code) for code in _checked_codes("languages", codes, 10)))
    wrong = rules.not_languages(found)
    if wrong:
        raise Invalid(
            fields={"languages": _("This is no language code such as zh or en: %(codes)s.") % {"codes": ", ".join(wrong)}}
        )
    return found


def _active_unit(unit_id: int) -> Unit:
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None or not unit.is_active:
        raise Invalid(fields={"unit": _("There is no such active unit.")})
    return unit


@transaction.atomic
def hire(
    *,
    code: str,
    name: str,
    unit_id: int,
    actor: Actor,
    roles: Iterable[str] = (),
    password: str | None = None,
    email: str = "",
    phone: str = "",
    language: str = "zh-hans",
    hired_on: date | None = None,
    product_lines: Iterable[str] = (),
    languages: Iterable[str] = (),
    areas: Iterable[str] = (),
    custom: Mapping[str, Any] | None = None,
) -> Staff:
    """Take a person into a unit, with roles there; without a password nobody can log in until one is set.

    Imports and the system pass without a role. Raises NotAllowed, Invalid (fields code, name, unit, email, phone, roles,
    product_lines, languages, areas, password).
    """
    unit = _active_unit(unit_id)
    require(actor.is_internal or policy.may_manage_staff(actor, unit))
    code = code.strip()
    if not code or len(code) > 64:
        raise Invalid(fields={"code": _("Enter a code of 1 to 64 characters.")})
    if Staff.objects.filter(code=code).exists():
        raise Invalid(fields={"code": _("This code is taken.")})
    staff = Staff(
        code=code,
        name=_checked_name(name),
        unit=unit,
        email=_checked_email(email),
        phone=_checked_phone(phone),
        language=_checked_language(language),
        hired_on=hired_on,
        product_lines=_checked_codes("product_lines", product_lines),
        languages=_checked_languages(languages),
        areas=_checked_codes("areas", areas),
        custom=dict(custom or {}),
    )
    if password is None:
        staff.set_unusable_password()
    else:
        staff.set_password(checked_password(password, staff))
    staff.save(force_insert=True)
    record(StaffHired(staff_id=staff.pk, code=staff.code, name=staff.name, unit_id=unit.pk, unit=unit.name), actor=actor)
    for role in roles:
        grant_role(staff.pk, role=role, unit_id=unit.pk, actor=actor)
    if not CompanyDuty.objects.exists():
        # Every case needs an owner from the first day (invariant 1): the first person is it until another is named.
        set_company_duty(staff_id=staff.pk, actor=SYSTEM)
    return staff


@transaction.atomic
def change_staff(
    staff_id: int,
    *,
    actor: Actor,
    name: str | None = None,
    unit_id: int | None = None,
    email: str | None = None,
    phone: str | None = None,
    language: str | None = None,
    hired_on: date | None = None,
    product_lines: Iterable[str] | None = None,
    languages: Iterable[str] | None = None,
    areas: Iterable[str] | None = None,
    custom: Mapping[str, Any] | None = None,
) -> Staff:
    """Change what is given and leave the rest; a move to another unit is an event of its own.

    Imports pass without a role. Raises NotAllowed, NotFound, Invalid.
    """
    staff = visible_staff(staff_id, actor=actor)
    require(actor.is_internal or policy.may_manage_staff(actor, staff.unit))
    wanted: dict[str, Any] = {}
    if name is not None:
        wanted["name"] = _checked_name(name)
    if email is not None:
        wanted["email"] = _checked_email(email)
    if phone is not None:
        wanted["phone"] = _checked_phone(phone)
    if language is not None:
        wanted["language"] = _checked_language(language)
    if hired_on is not None:
        wanted["hired_on"] = hired_on
    if product_lines is not None:
        wanted["product_lines"] = _checked_codes("product_lines", product_lines)
    if languages is not None:
        wanted["languages"] = _checked_languages(languages)
    if areas is not None:
        wanted["areas"] = _checked_codes("areas", areas)
    if custom is not None:
        wanted["custom"] = {**staff.custom, **custom}
    changed = tuple(field for field, value in wanted.items() if getattr(staff, field) != value)
    if changed:
        before = _shown(staff, changed)
        for field in changed:
            setattr(staff, field, wanted[field])
        staff.save(update_fields=list(changed))
        after = _shown(staff, changed)
        record(StaffChanged(staff_id=staff.pk, changed=changed, before=before, after=after), actor=actor)
    if unit_id is not None and unit_id != staff.unit_id:
        _move(staff, _active_unit(unit_id), actor=actor)
    return staff


def _shown(staff: Staff, fields: Iterable[str]) -> str:
    """Return the values of some fields as JSON."""
    values = {field: getattr(staff, field) for field in fields}
    return json.dumps({field: _as_text(value) for field, value in values.items()}, ensure_ascii=False)


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)


def _move(staff: Staff, unit: Unit, *, actor: Actor) -> None:
    require(actor.is_internal or policy.may_manage_staff(actor, unit))
    former = staff.unit
    staff.unit = unit
    staff.save(update_fields=["unit"])
    record(
        StaffMoved(staff_id=staff.pk, from_unit_id=former.pk, from_unit=former.name, unit_id=unit.pk, unit=unit.name),
        actor=actor,
    )


@transaction.atomic
def grant_role(staff_id: int, *, role: str, unit_id: int, actor: Actor) -> Grant:
    """Give a person a role in a unit and below; a role already held stays as it is.

    Imports and the system pass without a role. Raises NotAllowed, NotFound, Invalid (field role or unit).
    """
    if role not in Role.values:
        raise Invalid(fields={"role": _("This role is not known.")})
    staff = visible_staff(staff_id, actor=actor)
    unit = _active_unit(unit_id)
    require(actor.is_internal or policy.may_grant(actor, role, unit))
    if not staff.is_active:
        raise Invalid(fields={"staff": _("This person is not active.")})
    grant, made = Grant.objects.get_or_create(staff=staff, role=role, unit=unit)
    if made:
        record(RoleGranted(staff_id=staff.pk, role=role, unit_id=unit.pk, unit=unit.name), actor=actor)
    return grant


@transaction.atomic
def revoke_role(grant_id: int, *, actor: Actor) -> None:
    """Take a role away again. Raises NotFound, NotAllowed, StaffStillNeeded for the company's last administrator."""
    grant = Grant.objects.select_related("staff", "unit").filter(pk=grant_id).first()
    if grant is None or not policy.may_see_people(actor):
        raise NotFound
    require(policy.may_grant(actor, grant.role, grant.unit))
    if grant.role == Role.ADMINISTRATOR:
        # Two administrators revoking each other at once must not leave none: both queue on the same rows.
        others = Grant.objects.select_for_update(of=("self",)).filter(
            role=Role.ADMINISTRATOR, unit__parent__isnull=True, staff__is_active=True
        )
        if {other.pk for other in others.order_by("pk")} == {grant.pk}:
            raise StaffStillNeeded(_("The company needs at least one administrator."))
    staff, unit, role = grant.staff, grant.unit, grant.role
    deleted, _rows = Grant.objects.filter(pk=grant_id).delete()
    if deleted:
        record(RoleRevoked(staff_id=staff.pk, role=role, unit_id=unit.pk, unit=unit.name), actor=actor)


@transaction.atomic
def deactivate_staff(staff_id: int, *, actor: Actor) -> Staff:
    """Close a person's account: no login, tokens revoked, coming duty shifts removed; the record stays.

    The database refuses it for owners of open cases and for the company's duty officer; the refusal names what holds the
    person. Nor does the only deputy go of somebody who is away and owns open cases. Raises NotFound, NotAllowed,
    StaffStillNeeded, AbsenceOrphansCases.
    """
    queue_behind_others()
    # The company's duty row before the person's row: the order in which the database's own check locks them.
    company = CompanyDuty.objects.select_for_update(of=("self",)).first()
    staff = visible_staff(staff_id, actor=actor)
    require(policy.may_manage_staff(actor, staff.unit))
    if not staff.is_active:
        return staff
    if company is not None and company.staff_id == staff.pk:
        raise StaffStillNeeded(_("This person is the duty officer of the company. Name another one first."))
    led = list(Unit.objects.active().filter(leader=staff).values_list("name", flat=True))
    if led:
        raise StaffStillNeeded(_("This person leads: %(units)s. Name another leader first.") % {"units": ", ".join(led)})
    now = clock.now()
    before = queries.uncovered(starts_at=now, ends_at=now + HORIZON)
    staff.is_active = False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            staff.save(update_fields=["is_active"])
            # The rules about open cases are checked at commit; asked here, so that the answer reaches the person.
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")
    except IntegrityError as error:
        raise StaffStillNeeded(_still_owned(staff.pk)) from error
    after = queries.uncovered(starts_at=now, ends_at=now + HORIZON)
    require_covered({person: at for person, at in after.items() if person not in before or at < before[person]})
    tokens = Token.objects.filter(staff=staff, revoked_at__isnull=True).update(revoked_at=now)
    shifts, _rows = DutyShift.objects.filter(staff=staff, starts_at__gt=now).delete()
    record(StaffDeactivated(staff_id=staff.pk, tokens=tokens, shifts=shifts), actor=actor)
    return staff


def _still_owned(staff_id: int) -> str:
    names = orphans.owned_by(staff_id)
    if not names:
        return str(StaffStillNeeded.message)
    return str(
        _("This person still owns %(count)s open cases: %(cases)s. Pass them on first.")
        % {"count": len(names), "cases": ", ".join(names[:20])}
    )


@transaction.atomic
def reactivate_staff(staff_id: int, *, actor: Actor) -> Staff:
    """Open a closed account again, with the roles it had. Raises NotFound, NotAllowed."""
    staff = visible_staff(staff_id, actor=actor)
    require(policy.may_manage_staff(actor, staff.unit))
    if not staff.is_active:
        staff.is_active = True
        staff.save(update_fields=["is_active"])
        record(StaffReactivated(staff_id=staff.pk), actor=actor)
    return staff
