"""Who is on duty: the rota, else the leader, else upward, at last the company's duty officer (spec 1, Ownership)."""

from datetime import timedelta

import pytest

from jieli.events.refusals import Invalid, NotAllowed
from jieli.people import actions, queries
from jieli.people.models import Unit
from jieli.people.tests.factories import (
    MONDAY,
    a_company,
    a_deputy,
    a_person,
    a_shift,
    a_unit,
    acting,
    an_absence,
    an_administrator,
    the_root,
)

pytestmark = pytest.mark.django_db


def test_the_person_of_the_rota_is_on_duty_until_the_shift_ends() -> None:
    unit = a_unit()
    person = a_person(unit=unit)
    a_shift(unit, person, hours=8)
    leader = a_person(unit=unit)
    actions.change_unit(unit.pk, leader_id=leader.pk, actor=an_administrator())
    assert queries.duty_officer(unit.pk, MONDAY) == person
    assert queries.duty_officer(unit.pk, MONDAY + timedelta(hours=8)) == leader


def test_a_gap_falls_to_the_leader_then_upward_then_to_the_company() -> None:
    boss = a_company()
    region = a_unit(name="华东")
    unit = a_unit(parent=region)
    lead = a_person(unit=region, name="周强")
    admin = acting(boss)
    actions.change_unit(region.pk, leader_id=lead.pk, actor=admin)
    assert queries.duty(unit.pk, MONDAY).staff == lead
    actions.change_unit(region.pk, without_leader=True, actor=admin)
    actions.change_unit(the_root().pk, without_leader=True, actor=admin)
    found = queries.duty(unit.pk, MONDAY)
    assert (found.staff, found.via) == (boss, "company")


def test_the_rota_of_the_unit_above_comes_before_its_leader() -> None:
    region = a_unit(leader=a_person(), name="华东")
    unit = a_unit(parent=region)
    on_duty = a_person(unit=region)
    a_shift(region, on_duty)
    assert queries.duty(unit.pk, MONDAY) == queries.Duty(on_duty, "rota", region, None)


def test_an_absent_duty_officer_is_replaced_by_the_deputy() -> None:
    unit = a_unit()
    person, deputy = a_person(unit=unit), a_person(unit=unit, name="赵敏")
    a_shift(unit, person)
    a_deputy(person, deputy)
    an_absence(person)
    found = queries.duty(unit.pk, MONDAY)
    assert (found.staff, found.via, found.stands_in_for_id) == (deputy, "rota", person.pk)


def test_an_absent_duty_officer_without_deputy_is_skipped() -> None:
    leader = a_person(name="主管")
    unit = a_unit(leader=leader)
    person = a_person(unit=unit)
    a_shift(unit, person)
    an_absence(person)
    assert queries.duty_officer(unit.pk, MONDAY) == leader


def test_the_company_duty_officer_answers_even_when_away() -> None:
    boss = a_company()
    unit = a_unit()
    an_absence(boss)
    assert queries.duty_officer(unit.pk, MONDAY) == boss


def test_finding_the_duty_officer_costs_three_queries_at_any_depth(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    unit = the_root()
    for _level in range(5):
        unit = a_unit(parent=unit)
    a_shift(unit, a_person(unit=unit))
    with django_assert_num_queries(3):
        queries.duty_officer(unit.pk, MONDAY)


def test_deputies_of_deputies_are_followed_and_circles_end() -> None:
    a, b, c = (a_person(name=name) for name in ("甲", "乙", "丙"))
    a_deputy(a, b)
    a_deputy(b, c)
    a_deputy(c, a)
    an_absence(a)
    an_absence(b)
    assert queries.present(a.pk, MONDAY) == c
    an_absence(c)
    assert queries.present(a.pk, MONDAY) is None
    assert queries.present(a.pk, MONDAY - timedelta(seconds=1)) == a


def test_the_days_of_a_deputy_are_days_of_the_company() -> None:
    person, deputy = a_person(), a_person(name="赵敏")
    on = queries.local_date(MONDAY)
    a_deputy(person, deputy, starts_on=on, ends_on=on)
    midnight = queries.local_midnight(on)
    an_absence(person, starts_at=midnight - timedelta(days=1), days=5)
    assert queries.present(person.pk, midnight - timedelta(seconds=1)) is None
    assert queries.present(person.pk, midnight) == deputy
    assert queries.present(person.pk, midnight + timedelta(hours=23, minutes=59)) == deputy
    assert queries.present(person.pk, midnight + timedelta(days=1)) is None


def test_the_superior_is_the_leader_or_the_leader_above() -> None:
    head, lead = a_person(name="经理"), a_person(name="主管")
    region = a_unit(leader=head)
    unit = a_unit(parent=region, leader=lead)
    agent = a_person(unit=unit)
    actions.change_staff(lead.pk, unit_id=unit.pk, actor=an_administrator())
    lead.refresh_from_db()
    assert queries.superior_of(agent) == lead
    assert queries.superior_of(lead) == head


def test_two_people_cannot_have_the_duty_of_a_unit_at_once() -> None:
    unit = a_unit()
    a_shift(unit, a_person())
    with pytest.raises(actions.ShiftOverlaps):
        a_shift(unit, a_person(), starts_at=MONDAY + timedelta(hours=7))
    a_shift(unit, a_person(), starts_at=MONDAY + timedelta(hours=8))


def test_a_shift_needs_an_end_after_its_start_and_an_active_person() -> None:
    unit = a_unit()
    with pytest.raises(Invalid) as refused:
        a_shift(unit, a_person(), hours=0)
    assert set(refused.value.fields) == {"ends_at"}
    gone = a_person()
    actions.deactivate_staff(gone.pk, actor=an_administrator())
    with pytest.raises(Invalid) as refused:
        a_shift(unit, gone)
    assert set(refused.value.fields) == {"staff"}


def test_supervisors_keep_the_rota_of_their_own_subtree_only() -> None:
    unit, other = a_unit(), a_unit()
    supervisor = acting(a_person(unit=unit, roles=("supervisor",)))
    person = a_person(unit=unit)
    times = {"starts_at": MONDAY, "ends_at": MONDAY + timedelta(hours=1)}
    shift = actions.set_duty_shift(unit.pk, staff_id=person.pk, actor=supervisor, **times)
    with pytest.raises(NotAllowed):
        actions.set_duty_shift(other.pk, staff_id=person.pk, actor=supervisor, **times)
    with pytest.raises(NotAllowed):
        actions.remove_duty_shift(shift.pk, actor=acting(person))
    actions.remove_duty_shift(shift.pk, actor=supervisor)


def test_a_week_of_the_rota_shows_shifts_and_gaps_and_can_be_repeated() -> None:
    unit = a_unit()
    person = a_person(unit=unit)
    a_shift(unit, person, hours=20)  # Monday 10:00 to Tuesday 06:00
    monday = queries.local_date(MONDAY)
    days = queries.rota_week(unit, monday)
    assert [len(day.shifts) for day in days] == [1, 1, 0, 0, 0, 0, 0]
    assert [len(day.gaps) for day in days] == [1, 1, 1, 1, 1, 1, 1]
    following = monday + timedelta(days=7)
    made = actions.copy_duty_week(unit.pk, from_monday=monday, to_monday=following, actor=an_administrator())
    assert [shift.starts_at for shift in made] == [MONDAY + timedelta(days=7)]
    assert actions.copy_duty_week(unit.pk, from_monday=monday, to_monday=following, actor=an_administrator()) == []


def test_nobody_is_on_duty_before_the_company_is_founded() -> None:
    unit = Unit.objects.create(code="HQ", name="总部", kind="headquarters")
    with pytest.raises(queries.NoDutyOfficer):
        queries.duty_officer(unit.pk, MONDAY)
