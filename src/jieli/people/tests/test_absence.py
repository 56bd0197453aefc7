"""Nobody who owns open cases is away without a deputy who is present then (spec 1, Deputies)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from jieli.events.models import Event
from jieli.events.refusals import Invalid, NotAllowed
from jieli.people import actions, orphans
from jieli.people.models import Absence, Deputy
from jieli.people.tests.factories import MONDAY, a_deputy, a_person, a_unit, acting, an_absence

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_frozen_on_monday")]

owned: dict[int, list[str]] = {}


@pytest.fixture
def _frozen_on_monday(db: None, frozen) -> Iterator[None]:  # type: ignore[no-untyped-def]
    frozen(MONDAY - timedelta(days=1))
    orphans.register(_cases_of)
    owned.clear()
    yield
    orphans._finders.remove(_cases_of)


def _cases_of(staff_id: int) -> list[str]:
    return owned.get(staff_id, [])


def test_an_owner_of_open_cases_cannot_leave_without_a_deputy_and_learns_which_cases() -> None:
    person = a_person(name="李雷")
    owned[person.pk] = ["J-1048-2263-7 洗衣机不排水", "J-1048-2264-5 安装改期"]
    with pytest.raises(actions.AbsenceOrphansCases) as refused:
        an_absence(person)
    assert refused.value.orphans == owned[person.pk]
    assert "J-1048-2263-7" in str(refused.value)
    assert "2026-11-23 10:00" in str(refused.value)
    a_deputy(person, a_person(name="赵敏"))
    absence = an_absence(person)
    assert Event.objects.filter(type="people.absence_declared", stream_id=person.pk).count() == 1
    assert absence.reason == "年假"


def test_without_open_cases_nobody_needs_a_deputy() -> None:
    assert an_absence(a_person()).pk


def test_a_deputy_who_leaves_within_the_absence_is_not_enough() -> None:
    person, deputy = a_person(), a_person()
    owned[person.pk] = ["J-1"]
    a_deputy(person, deputy)
    an_absence(deputy, starts_at=MONDAY + timedelta(days=2), days=1)
    with pytest.raises(actions.AbsenceOrphansCases):
        an_absence(person)


def test_the_deputy_of_somebody_absent_with_cases_cannot_leave_too() -> None:
    person, deputy = a_person(), a_person()
    owned[person.pk] = ["J-1"]
    a_deputy(person, deputy)
    an_absence(person)
    with pytest.raises(actions.AbsenceOrphansCases) as refused:
        an_absence(deputy)
    assert refused.value.orphans == ["J-1"]


def test_two_in_a_circle_cannot_both_be_away_with_cases() -> None:
    first, second = a_person(), a_person()
    owned.update({first.pk: ["J-1"], second.pk: ["J-2"]})
    a_deputy(first, second)
    a_deputy(second, first)
    an_absence(first)
    with pytest.raises(actions.AbsenceOrphansCases) as refused:
        an_absence(second)
    assert refused.value.orphans == ["J-1", "J-2"]


def test_the_last_deputy_of_somebody_absent_cannot_be_removed() -> None:
    person, deputy = a_person(), a_person()
    owned[person.pk] = ["J-1"]
    row = a_deputy(person, deputy)
    an_absence(person)
    with pytest.raises(actions.AbsenceOrphansCases):
        actions.remove_deputy(row.pk, actor=acting(person))
    a_deputy(person, a_person(), order=2)
    actions.remove_deputy(row.pk, actor=acting(person))
    assert not Deputy.objects.filter(pk=row.pk).exists()


def test_an_absence_ends_early_or_is_called_off(frozen) -> None:  # type: ignore[no-untyped-def]
    person = a_person()
    coming, running = an_absence(person, starts_at=MONDAY + timedelta(days=30)), an_absence(person)
    frozen(MONDAY + timedelta(days=1))
    actions.end_absence(coming.pk, actor=acting(person))
    actions.end_absence(running.pk, actor=acting(person))
    left = Absence.objects.get(staff=person)
    assert (left.pk, left.ends_at) == (running.pk, MONDAY + timedelta(days=1))
    actions.end_absence(running.pk, actor=acting(person))
    assert Event.objects.filter(type="people.absence_ended").count() == 2


def test_an_absence_ends_after_its_start_and_in_the_future() -> None:
    person = a_person()
    with pytest.raises(Invalid):
        an_absence(person, days=-1)
    with pytest.raises(Invalid):
        an_absence(person, starts_at=MONDAY - timedelta(days=30), days=2)


def test_own_absence_for_everyone_and_that_of_others_for_their_leaders() -> None:
    unit = a_unit()
    person, colleague = a_person(unit=unit), a_person(unit=unit)
    supervisor = a_person(unit=unit, roles=("supervisor",))
    times = {"starts_at": MONDAY, "ends_at": MONDAY + timedelta(days=1)}
    with pytest.raises(NotAllowed):
        actions.declare_absence(person.pk, actor=acting(colleague), **times)
    actions.declare_absence(person.pk, actor=acting(supervisor), **times)
    with pytest.raises(NotAllowed):
        actions.name_deputy(person.pk, deputy_id=colleague.pk, starts_on=MONDAY.date(), actor=acting(colleague))
    with pytest.raises(Invalid) as refused:
        actions.name_deputy(person.pk, deputy_id=person.pk, starts_on=MONDAY.date(), actor=acting(person))
    assert set(refused.value.fields) == {"deputy"}
