"""Hiring, changing, granting, deactivating; the unit tree; and the rows of units.csv and staff.csv."""

from collections.abc import Iterator

import pytest

from jieli.events.actor import SYSTEM, import_actor
from jieli.events.models import Event
from jieli.events.refusals import Invalid, NotAllowed, NotFound
from jieli.people import actions, orphans, queries
from jieli.people.actions.units import CompanyExists, UnitBelowItself, UnitInUse
from jieli.people.models import Grant, Staff, Unit
from jieli.people.tests.factories import (
    MONDAY,
    a_company,
    a_person,
    a_shift,
    a_unit,
    acting,
    an_administrator,
    on_company_duty,
    the_root,
)

pytestmark = pytest.mark.django_db
IMPORT = import_actor("units.csv")


def test_a_company_is_founded_once() -> None:
    boss = a_company()
    assert queries.actor_for(boss).has_role("administrator", unit_path=the_root().path)
    with pytest.raises(CompanyExists):
        a_company()


def test_managers_hire_below_their_unit_and_give_no_more_than_they_have() -> None:
    mine, other = a_unit(), a_unit()
    manager = acting(a_person(unit=mine, roles=("manager",)))
    hired = actions.hire(code="new", name="新人", unit_id=mine.pk, roles=["agent"], actor=manager)
    with pytest.raises(NotAllowed):
        actions.hire(code="new2", name="新人", unit_id=other.pk, actor=manager)
    with pytest.raises(NotAllowed):
        actions.grant_role(hired.pk, role="administrator", unit_id=mine.pk, actor=manager)
    with pytest.raises(NotAllowed):
        actions.grant_role(hired.pk, role="agent", unit_id=the_root().pk, actor=manager)


@pytest.mark.parametrize(
    ("field", "value"), [("code", ""), ("name", " "), ("email", "no mail"), ("language", "fr"), ("password", "short")]
)
def test_bad_values_are_named(field: str, value: str) -> None:
    values = {"code": "p", "name": "李雷", field: value}
    with pytest.raises(Invalid) as refused:
        actions.hire(unit_id=the_root().pk, actor=SYSTEM, **values)  # type: ignore[arg-type]
    assert set(refused.value.fields) == {field}


def test_a_change_is_recorded_with_old_and_new_and_a_move_by_itself() -> None:
    person = a_person(name="李雷")
    admin, unit = an_administrator(), a_unit(name="客服二组")
    actions.change_staff(person.pk, name="李磊", unit_id=unit.pk, actor=admin)
    texts = [entry.text for entry in queries.history("staff", person.pk)]
    assert any("客服二组" in text for text in texts)
    assert any("李磊" in text and "李雷" in text for text in texts)
    actions.change_staff(person.pk, name="李磊", actor=admin)
    assert Event.objects.filter(type="people.staff_changed").count() == 1


def test_the_last_administrator_stays() -> None:
    boss = a_company()
    with pytest.raises(actions.StaffStillNeeded):
        actions.revoke_role(Grant.objects.get(staff=boss, role="administrator").pk, actor=acting(boss))


def test_leavers_lose_tokens_and_coming_shifts_and_nothing_else(frozen) -> None:  # type: ignore[no-untyped-def]
    frozen(MONDAY)
    unit, person = a_unit(), a_person()
    a_shift(unit, person, starts_at=MONDAY.replace(day=24))
    actions.issue_token(person.pk, name="t", role="agent", unit_id=person.unit_id, actor=acting(person))
    actions.deactivate_staff(person.pk, actor=an_administrator())
    event = Event.objects.get(type="people.staff_deactivated")
    assert event.data == {"tokens": 1, "shifts": 1}
    assert queries.actor_for(Staff.objects.get(pk=person.pk)).grants == ()
    actions.reactivate_staff(person.pk, actor=an_administrator())
    assert queries.actor_for(Staff.objects.get(pk=person.pk)).has_role("agent")


def test_the_company_duty_officer_and_leaders_cannot_be_deactivated() -> None:
    admin = an_administrator()
    leader, officer = a_person(), a_person()
    a_unit(leader=leader)
    on_company_duty(officer)
    for person in (leader, officer):
        with pytest.raises(actions.StaffStillNeeded):
            actions.deactivate_staff(person.pk, actor=admin)


@pytest.fixture
def _nobody_may_leave(owner_connection) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """Stand in for the app above: its rule in the database, checked at commit, and its names of what people own."""
    owner_connection.execute(
        """
        create function nobody_leaves() returns trigger language plpgsql as
            $$ begin raise exception 'owns open cases' using errcode = 'check_violation'; end $$;
        create constraint trigger nobody_leaves after update of is_active on people_staff
            deferrable initially deferred for each row execute function nobody_leaves();
        """
    )
    orphans.register(_cases)
    yield
    orphans._finders.remove(_cases)


def _cases(staff_id: int) -> list[str]:
    return ["J-1048-2263-7"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_nobody_may_leave")
def test_a_refusal_by_the_database_becomes_one_that_names_the_cases() -> None:
    person, admin = a_person(), an_administrator()
    with pytest.raises(actions.StaffStillNeeded, match="J-1048-2263-7"):
        actions.deactivate_staff(person.pk, actor=admin)
    assert Staff.objects.get(pk=person.pk).is_active


def test_a_unit_moves_with_everything_below_but_never_below_itself() -> None:
    admin = an_administrator()
    east, west = a_unit(name="华东"), a_unit(name="华西")
    shanghai = a_unit(parent=east, name="上海")
    actions.change_unit(east.pk, parent_id=west.pk, actor=admin)
    shanghai.refresh_from_db()
    assert shanghai.path == f"{west.path}{east.pk}/{shanghai.pk}/"
    with pytest.raises(UnitBelowItself):
        actions.change_unit(west.pk, parent_id=shanghai.pk, actor=admin)


def test_a_unit_with_people_or_units_cannot_be_closed_down() -> None:
    admin = an_administrator()
    unit = a_unit()
    person = a_person(unit=unit)
    with pytest.raises(UnitInUse):
        actions.change_unit(unit.pk, is_active=False, actor=admin)
    actions.deactivate_staff(person.pk, actor=admin)
    assert not actions.change_unit(unit.pk, is_active=False, actor=admin).is_active


def test_managers_change_their_own_subtree_only() -> None:
    mine, other = a_unit(), a_unit()
    manager = acting(a_person(unit=mine, roles=("manager",)))
    actions.make_unit(code="below", name="下属", parent_id=mine.pk, actor=manager)
    with pytest.raises(NotAllowed):
        actions.make_unit(code="beside", name="旁边", parent_id=other.pk, actor=manager)
    with pytest.raises(NotAllowed):
        actions.change_unit(mine.pk, parent_id=other.pk, actor=manager)
    with pytest.raises(NotAllowed):
        actions.change_unit(mine.pk, name="x", actor=acting(a_person(unit=mine, roles=("supervisor",))))
    with pytest.raises(NotFound):
        actions.change_unit(10**9, name="x", actor=manager)


def test_a_calendar_must_be_in_the_policy() -> None:
    with pytest.raises(Invalid) as refused:
        a_unit(calendar="moon")
    assert set(refused.value.fields) == {"calendar"}


def test_a_row_of_units_is_imported_once_and_changed_by_what_it_says() -> None:
    root = the_root()
    row = {"code": "SH", "name": "上海网点", "kind": "outlet", "parent": "", "region": "华东", "colour": "red"}
    assert actions.import_unit(row, IMPORT) == "imported"
    unit = Unit.objects.get(code="SH")
    assert (unit.parent, unit.kind, unit.custom) == (root, "outlet", {"colour": "red"})
    assert actions.import_unit(row, IMPORT) == "unchanged"
    assert actions.import_unit({"code": "SH", "region": "华南"}, IMPORT) == "imported"
    assert Unit.objects.get(code="SH").name == "上海网点"


@pytest.mark.parametrize(
    ("change", "column"),
    [({"code": ""}, "code"), ({"name": ""}, "name"), ({"kind": "palace"}, "kind"), ({"parent": "NOWHERE"}, "parent")],
)
def test_bad_rows_of_units_name_the_column(change: dict[str, str], column: str) -> None:
    the_root()
    with pytest.raises(Invalid) as refused:
        actions.import_unit({"code": "SH", "name": "上海", "kind": "outlet", "parent": "", "region": "", **change}, IMPORT)
    assert set(refused.value.fields) == {column}


def test_a_row_of_staff_is_imported_once_and_adds_roles() -> None:
    unit = a_unit(code="SH")
    row = {
        "code": "E1",
        "name": "周强",
        "unit": "SH",
        "roles": "engineer; employee",
        "email": "",
        "phone": "13800138000",
        "hired_on": "2020-05-06",
        "product_lines": "washing_machine; refrigerator;washing_machine",
        "licence_level": "2",
    }
    assert actions.import_staff(row, IMPORT) == "imported"
    person = Staff.objects.get(code="E1")
    assert (person.unit, person.custom) == (unit, {"licence_level": "2"})
    assert person.product_lines == ["washing_machine", "refrigerator"]
    assert sorted(person.grants.values_list("role", flat=True)) == ["employee", "engineer"]
    assert actions.import_staff(row, IMPORT) == "unchanged"
    assert actions.import_staff({**row, "roles": "agent"}, IMPORT) == "imported"
    assert person.grants.count() == 3


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"unit": "NOWHERE"}, "unit"),
        ({"unit": ""}, "unit"),
        ({"roles": "engineer;king"}, "roles"),
        ({"hired_on": "6.5.2020"}, "hired_on"),
        ({"email": "nobody"}, "email"),
        ({"product_lines": "x" * 61}, "product_lines"),
        ({"languages": "zh;Mandarin"}, "languages"),
        ({"areas": "a\x00b"}, "areas"),
        ({"name": ""}, "name"),
    ],
)
def test_bad_rows_of_staff_name_the_column(change: dict[str, str], column: str) -> None:
    a_unit(code="SH")
    with pytest.raises(Invalid) as refused:
        actions.import_staff({"code": "E1", "name": "周强", "unit": "SH", "roles": "", **change}, IMPORT)
    assert set(refused.value.fields) == {column}


def test_what_a_person_can_handle_is_kept_and_told_in_words() -> None:
    unit = actions.change_unit(a_unit().pk, region="east", actor=SYSTEM)
    person = actions.hire(code="e", name="Emma", unit_id=unit.pk, language="en", languages=["zh-Hans", "ja"], actor=SYSTEM)
    assert person.languages == ["zh", "ja"]
    assert person.spoken_languages == {"en", "zh", "ja"}
    assert person.served_areas == {"east"}
    actions.change_staff(person.pk, product_lines=["tv", "tv", " ", "ac"], areas=["south"], actor=SYSTEM)
    person.refresh_from_db()
    assert (person.product_lines, person.languages, person.served_areas) == (["tv", "ac"], ["zh", "ja"], {"east", "south"})
    told = queries.history("staff", person.pk)[0].text
    assert "tv, ac" in told
    assert "south" in told
    actions.change_staff(person.pk, areas=[], actor=SYSTEM)
    assert Staff.objects.get(pk=person.pk).areas == []


def test_people_cannot_call_the_importers() -> None:
    with pytest.raises(NotAllowed):
        actions.import_unit({"code": "x", "name": "x"}, an_administrator())
