"""Units, staff and keys."""

from ..table import EVERY, ONLY_SOFTWARE, SOFTWARE, Who

KEEPING = Who(unit="AM")

MAY = {
    "may_write": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}", everybody=True),
    "may_see_people": Who(any=EVERY, also=f"concerned receiver {SOFTWARE}", everybody=True),
    "may_see_contact": Who(unit="AMSO", also="concerned"),
    "may_manage_unit": KEEPING,
    "may_manage_staff": KEEPING,
    "may_manage_staff_somewhere": Who(any="AM"),
    "may_grant": KEEPING,
    "may_set_password": Who(unit="A"),
    "may_set_rota": Who(unit="AMSO"),
    "may_set_company_duty": Who(root="AM"),
    "may_close_unit": KEEPING,
    "may_declare_absence": Who(unit="AMSO", also="concerned"),
    "may_name_deputy": Who(unit="AMSO", also="concerned"),
    "may_see_tokens": Who(unit="A", also="concerned"),
    "may_issue_token": Who(unit="A", also="concerned"),
    "may_revoke_token": Who(unit="A", also="concerned"),
    "may_change_own_profile": Who(also="concerned"),
}

ACTIONS = {
    "visible_unit": "may_see_people",
    "make_unit": "may_manage_unit",
    "change_unit": "may_manage_unit",
    "close_unit_on": "may_close_unit",
    "lift_closure": "may_close_unit",
    "ensure_company": ONLY_SOFTWARE,
    "found_company": ONLY_SOFTWARE,
    "import_unit": ONLY_SOFTWARE,
    "import_staff": ONLY_SOFTWARE,
    "visible_staff": "may_see_people",
    "hire": "may_manage_staff",
    "change_staff": "may_manage_staff",
    "deactivate_staff": "may_manage_staff",
    "reactivate_staff": "may_manage_staff",
    "grant_role": "may_grant",
    "revoke_role": "may_see_people may_grant",
    "change_own_password": "may_change_own_profile",
    "choose_language": "may_change_own_profile",
    "set_password": "may_set_password",
    "declare_absence": "may_declare_absence",
    "end_absence": "may_declare_absence",
    "name_deputy": "may_name_deputy",
    "remove_deputy": "may_name_deputy",
    "set_duty_shift": "may_set_rota",
    "remove_duty_shift": "may_see_people may_set_rota",
    "copy_duty_week": "may_set_rota",
    "set_company_duty": "may_set_company_duty",
    "issue_token": "may_issue_token",
    "revoke_token": "may_see_tokens may_revoke_token",
    "token_for_program": ONLY_SOFTWARE,
}
