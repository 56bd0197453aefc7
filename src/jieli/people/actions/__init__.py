"""Every change of people, each one function: lock, permit, check, change, record."""

from jieli.people.actions.absences import declare_absence, end_absence, name_deputy, remove_deputy
from jieli.people.actions.covering import AbsenceOrphansCases
from jieli.people.actions.duty import (
    ShiftOverlaps,
    copy_duty_week,
    remove_duty_shift,
    set_company_duty,
    set_duty_shift,
)
from jieli.people.actions.imports import import_staff, import_unit
from jieli.people.actions.sessions import (
    SignInLockedOut,
    SignInRefused,
    change_own_password,
    choose_language,
    set_password,
    sign_in,
)
from jieli.people.actions.staff import (
    StaffStillNeeded,
    change_staff,
    deactivate_staff,
    grant_role,
    hire,
    reactivate_staff,
    revoke_role,
)
from jieli.people.actions.tokens import issue_token, note_token_use, revoke_token, token_for_program
from jieli.people.actions.units import change_unit, close_unit_on, ensure_company, found_company, lift_closure, make_unit

__all__ = [
    "AbsenceOrphansCases",
    "ShiftOverlaps",
    "SignInLockedOut",
    "SignInRefused",
    "StaffStillNeeded",
    "change_own_password",
    "change_staff",
    "change_unit",
    "choose_language",
    "close_unit_on",
    "copy_duty_week",
    "deactivate_staff",
    "declare_absence",
    "end_absence",
    "ensure_company",
    "found_company",
    "grant_role",
    "hire",
    "import_staff",
    "import_unit",
    "issue_token",
    "lift_closure",
    "make_unit",
    "name_deputy",
    "note_token_use",
    "reactivate_staff",
    "remove_deputy",
    "remove_duty_shift",
    "revoke_role",
    "revoke_token",
    "set_company_duty",
    "set_duty_shift",
    "set_password",
    "sign_in",
    "token_for_program",
]
