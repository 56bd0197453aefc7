"""Units, staff and keys."""

from datetime import date, timedelta

from jieli.people import actions
from jieli.people.actions.staff import visible_staff
from jieli.people.actions.units import visible_unit
from jieli.people.models import Grant
from jieli.people.tests.factories import MONDAY, PASSWORD, a_deputy, a_person, a_shift, an_absence

from ..table import EVERY, ONLY_SOFTWARE, SOFTWARE, Try, Who

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
    "visible_unit": Try("may_see_people", lambda world, actor: visible_unit(world.unit.pk, actor=actor)),
    "make_unit": Try(
        "may_manage_unit",
        lambda world, actor: actions.make_unit(code="neu", name="新组", parent_id=world.unit.pk, actor=actor),
        also=SOFTWARE,
    ),
    "change_unit": [
        Try(
            "may_manage_unit", lambda world, actor: actions.change_unit(world.unit.pk, name="乙组", actor=actor), also=SOFTWARE
        ),
        # a move needs the right over both places
        Try(
            "may_set_company_duty",
            lambda world, actor: actions.change_unit(world.unit.pk, parent_id=world.elsewhere.pk, actor=actor),
            also=SOFTWARE,
        ),
    ],
    "close_unit_on": Try(
        "may_close_unit", lambda world, actor: actions.close_unit_on(world.unit.pk, on=MONDAY.date(), actor=actor)
    ),
    "lift_closure": Try("may_close_unit", lambda world, actor: actions.lift_closure(world.closure.pk, actor=actor)),
    "ensure_company": Try(ONLY_SOFTWARE, lambda world, actor: actions.ensure_company(actor=actor)),
    "found_company": Try(
        ONLY_SOFTWARE,
        lambda world, actor: actions.found_company(unit_code="HQ", unit_name="总部", code="b", name="张伟", actor=actor),
        ends="company_exists",
    ),
    "import_unit": Try(ONLY_SOFTWARE, lambda world, actor: actions.import_unit({"code": "neu", "name": "新组"}, actor=actor)),
    "import_staff": Try(
        ONLY_SOFTWARE,
        lambda world, actor: actions.import_staff({"code": "neu", "name": "张伟", "unit": world.unit.code}, actor=actor),
    ),
    "visible_staff": Try("may_see_people", lambda world, actor: visible_staff(world.staff.pk, actor=actor)),
    "hire": [
        Try(
            "may_manage_staff",
            lambda world, actor: actions.hire(code="neu", name="张伟", unit_id=world.unit.pk, actor=actor),
            also=SOFTWARE,
        ),
        Try(
            "may_manage_staff may_grant",
            lambda world, actor: actions.hire(code="neu", name="张伟", unit_id=world.unit.pk, roles=[world.role], actor=actor),
            also=SOFTWARE,
        ),
        # only who has it gives the highest role
        Try(
            "may_manage_staff may_set_password",
            lambda world, actor: actions.hire(
                code="neu", name="张伟", unit_id=world.unit.pk, roles=["administrator"], actor=actor
            ),
            also=SOFTWARE,
        ),
    ],
    "change_staff": [
        Try(
            "may_manage_staff",
            lambda world, actor: actions.change_staff(world.idle.pk, name="张伟", actor=actor),
            also=SOFTWARE,
        ),
        # a move needs the right over both places
        Try(
            "may_set_company_duty",
            lambda world, actor: actions.change_staff(world.idle.pk, unit_id=world.elsewhere.pk, actor=actor),
            also=SOFTWARE,
        ),
    ],
    "deactivate_staff": Try("may_manage_staff", lambda world, actor: actions.deactivate_staff(world.idle.pk, actor=actor)),
    "reactivate_staff": Try("may_manage_staff", lambda world, actor: actions.reactivate_staff(world.gone.pk, actor=actor)),
    "grant_role": [
        Try(
            "may_grant",
            lambda world, actor: actions.grant_role(world.idle.pk, role="quality", unit_id=world.unit.pk, actor=actor),
            also=SOFTWARE,
        ),
        Try(
            "may_set_password",
            lambda world, actor: actions.grant_role(world.idle.pk, role="administrator", unit_id=world.unit.pk, actor=actor),
            also=SOFTWARE,
        ),
    ],
    "revoke_role": Try("may_see_people may_grant", lambda world, actor: actions.revoke_role(world.grant.pk, actor=actor)),
    "change_own_password": Try(
        "may_change_own_profile",
        lambda world, actor: actions.change_own_password(world.staff.pk, old=PASSWORD, new="quite another one", actor=actor),
    ),
    "choose_language": Try(
        "may_change_own_profile", lambda world, actor: actions.choose_language(world.staff.pk, language="en", actor=actor)
    ),
    "set_password": Try(
        "may_set_password",
        lambda world, actor: actions.set_password(world.staff.pk, password="quite another one", actor=actor),
        also=SOFTWARE,
    ),
    "declare_absence": Try(
        "may_declare_absence",
        lambda world, actor: actions.declare_absence(
            world.staff.pk, starts_at=MONDAY + timedelta(days=30), ends_at=MONDAY + timedelta(days=31), actor=actor
        ),
    ),
    "end_absence": Try("may_declare_absence", lambda world, actor: actions.end_absence(world.absence.pk, actor=actor)),
    "name_deputy": Try(
        "may_name_deputy",
        lambda world, actor: actions.name_deputy(
            world.staff.pk, deputy_id=world.idle.pk, starts_on=date(2027, 1, 1), actor=actor
        ),
    ),
    "remove_deputy": Try("may_name_deputy", lambda world, actor: actions.remove_deputy(world.second_deputy.pk, actor=actor)),
    "set_duty_shift": Try(
        "may_set_rota",
        lambda world, actor: actions.set_duty_shift(
            world.unit.pk,
            staff_id=world.idle.pk,
            starts_at=MONDAY + timedelta(days=2),
            ends_at=MONDAY + timedelta(days=2, hours=8),
            actor=actor,
        ),
        also=SOFTWARE,
    ),
    "remove_duty_shift": Try(
        "may_see_people may_set_rota", lambda world, actor: actions.remove_duty_shift(world.shift.pk, actor=actor)
    ),
    "copy_duty_week": Try(
        "may_set_rota",
        lambda world, actor: actions.copy_duty_week(
            world.unit.pk, from_monday=MONDAY.date(), to_monday=MONDAY.date() + timedelta(days=7), actor=actor
        ),
    ),
    "set_company_duty": Try(
        "may_set_company_duty",
        lambda world, actor: actions.set_company_duty(staff_id=world.idle.pk, actor=actor),
        also=SOFTWARE,
    ),
    "issue_token": Try(
        "may_issue_token",
        lambda world, actor: actions.issue_token(world.staff.pk, name="neu", role="agent", unit_id=world.unit.pk, actor=actor),
        also=SOFTWARE,
    ),
    "revoke_token": Try(
        "may_see_tokens may_revoke_token", lambda world, actor: actions.revoke_token(world.token.pk, actor=actor)
    ),
    "token_for_program": Try(ONLY_SOFTWARE, lambda world, actor: actions.token_for_program("neu", role="agent", actor=actor)),
}


def rows(world):
    idle, gone = a_person(unit=world.unit, name="闲人"), a_person(unit=world.unit, name="走人")
    actions.deactivate_staff(gone.pk, actor=world.with_role("administrator", "root"))
    actions.set_password(world.staff.pk, password=PASSWORD, actor=world.actors["system"])
    deputy = a_deputy(world.staff, idle)
    return {
        "idle": idle,
        "gone": gone,
        "grant": Grant.objects.get(staff=idle),
        "second_deputy": a_deputy(world.staff, world.receiver, order=2),
        "deputy": deputy,
        "absence": an_absence(world.staff, starts_at=MONDAY + timedelta(days=3)),
        "shift": a_shift(world.unit, idle),
        "closure": actions.close_unit_on(world.unit.pk, on=date(2026, 12, 24), actor=world.with_role("administrator", "root")),
    }
