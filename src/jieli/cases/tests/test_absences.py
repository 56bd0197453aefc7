"""Deputies (spec 1): new batons and due promises go to the deputy, long absence moves the open cases, none is orphaned."""

from datetime import date, timedelta

import pytest
from django.test import Client

from jieli.cases.actions.absences import move_cases_of_absent, sweep_absences
from jieli.cases.actions.linking import ask_for_link
from jieli.cases.actions.passing import offer_pass
from jieli.cases.actions.promises import pause_case
from jieli.cases.events import CaseDeputised
from jieli.cases.handlers import hand_to_deputy
from jieli.cases.models import Case
from jieli.cases.queries.verifying import findings
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.events.actor import rule_actor
from jieli.events.models import Event
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.people.actions import AbsenceOrphansCases, deactivate_staff, declare_absence, name_deputy
from jieli.people.models import Absence, Staff
from jieli.people.tests.factories import MONDAY, a_deputy, a_person, acting, an_absence, on_company_duty

pytestmark = pytest.mark.django_db
HOURS = 1 / 24


@pytest.fixture
def lilei() -> Staff:
    return an_agent("李雷")


@pytest.fixture
def deputy(lilei: Staff) -> Staff:
    found = an_agent("赵敏")
    a_deputy(lilei, found)
    return found


def owner(case: Case) -> Staff:
    return Case.objects.get(pk=case.pk).owner


def deputised(case: Case) -> int:
    return Event.objects.of_case(case.pk).filter(type=CaseDeputised.type).count()


def back_before_its_time(case: Case) -> float:
    """Return a length in days that ends before the next promised time of a case."""
    due = Case.objects.get(pk=case.pk).next_due_at
    assert due is not None
    return (due - MONDAY) / timedelta(days=1) / 2


def test_a_new_baton_goes_to_the_deputy(lilei: Staff, deputy: Staff) -> None:
    giver = an_agent("韩梅")
    case = a_taken_case(giver)
    an_absence(lilei, days=2 * HOURS)
    assert offer_pass(case.pk, to=lilei, done="问过", next="约", actor=acting(giver)).receiver == deputy


def test_what_falls_due_while_away_goes_to_the_deputy_by_one_act_each(lilei: Staff, deputy: Staff) -> None:
    first, second = a_taken_case(lilei), a_taken_case(lilei)
    an_absence(lilei, days=1.5)
    assert sweep_absences() == 2
    assert (owner(first), owner(second)) == (deputy, deputy)
    assert (deputised(first), deputised(second)) == (1, 1)
    assert Notice.objects.filter(staff=deputy, kind="cases.deputised").count() == 2
    assert sweep_absences() == 0
    assert list(findings()) == []


def test_what_falls_due_after_the_return_waits_for_its_owner(lilei: Staff, deputy: Staff) -> None:
    case = a_taken_case(lilei)
    an_absence(lilei, days=back_before_its_time(case))
    assert sweep_absences() == 0
    assert owner(case) == lilei


def test_a_long_absence_moves_every_open_case(lilei: Staff, deputy: Staff) -> None:
    case = a_taken_case(lilei)
    pause_case(case.pk, reason="customer", until=MONDAY + timedelta(days=10), consent=True, actor=acting(lilei))
    short = an_absence(lilei, days=2)
    assert sweep_absences() == 0
    Absence.objects.filter(pk=short.pk).update(ends_at=MONDAY + timedelta(days=3))
    assert sweep_absences() == 1
    assert owner(case) == deputy


def test_two_absences_that_follow_each_other_are_one_long_one(lilei: Staff, deputy: Staff) -> None:
    case = a_taken_case(lilei)
    days = back_before_its_time(case)
    an_absence(lilei, days=days)
    an_absence(lilei, starts_at=MONDAY + timedelta(days=days), days=5)
    assert move_cases_of_absent(lilei.pk) == 1
    assert owner(case) == deputy


def test_an_absence_that_begins_now_moves_them_at_once(lilei: Staff, deputy: Staff) -> None:
    case = a_taken_case(lilei)
    an_absence(lilei)
    hand_to_deputy(Event.objects.get(type="people.absence_declared"))
    assert owner(case) == deputy


def test_a_coming_absence_moves_nothing_before_it_begins(lilei: Staff, deputy: Staff) -> None:
    case = a_taken_case(lilei)
    an_absence(lilei, starts_at=MONDAY + timedelta(days=1))
    hand_to_deputy(Event.objects.get(type="people.absence_declared"))
    assert (sweep_absences(), owner(case)) == (0, lilei)
    with clock.frozen(MONDAY + timedelta(days=1)):
        assert sweep_absences() == 1
    assert owner(case) == deputy


def test_without_a_deputy_the_owner_of_open_cases_cannot_be_absent_and_learns_which_they_are(lilei: Staff) -> None:
    case = a_taken_case(lilei)
    with pytest.raises(AbsenceOrphansCases) as refused:
        an_absence(lilei)
    assert refused.value.orphans == [f"{case.number} {case.subject}"]


def test_the_page_says_which_cases_would_have_nobody(lilei: Staff) -> None:
    case = a_taken_case(lilei)
    client = Client(headers={"accept-language": "en"})
    client.force_login(lilei)
    values = {"starts_at": "2026-11-24T09:00", "ends_at": "2026-11-27T18:00", "reason": "年假"}
    answer = client.post(f"/staff/{lilei.pk}/absences/", values)
    assert answer.status_code == 422
    assert case.number in answer.content.decode()
    assert not Absence.objects.exists()


def test_who_took_cases_after_saying_so_without_a_deputy_leaves_them_to_the_duty_officer(lilei: Staff) -> None:
    officer = a_person(name="值班")
    on_company_duty(officer)
    an_absence(lilei, starts_at=MONDAY + timedelta(hours=1))
    case = a_taken_case(lilei)
    with clock.frozen(MONDAY + timedelta(hours=1)):
        sweep_absences()
    assert owner(case) != lilei
    assert Case.objects.get(pk=case.pk).is_on_duty


def test_the_only_deputy_of_somebody_away_cannot_be_deactivated(lilei: Staff, deputy: Staff) -> None:
    later = MONDAY + timedelta(days=7)
    a_taken_case(lilei)
    declare_absence(lilei.pk, starts_at=later, ends_at=later + timedelta(days=1), actor=acting(lilei))
    with pytest.raises(AbsenceOrphansCases):
        deactivate_staff(deputy.pk, actor=acting(a_person(roles=("administrator",))))
    assert Staff.objects.get(pk=deputy.pk).is_active
    name_deputy(lilei.pk, deputy_id=an_agent("韩梅").pk, starts_on=date(2026, 11, 1), order=2, actor=acting(lilei))
    deactivate_staff(deputy.pk, actor=acting(a_person(roles=("administrator",))))


def test_nobody_is_moved_when_nobody_is_there(lilei: Staff) -> None:
    on_company_duty(lilei)
    an_absence(lilei, starts_at=MONDAY + timedelta(hours=1))
    case = a_taken_case(lilei)
    for person in Staff.objects.exclude(pk=lilei.pk):
        an_absence(person, starts_at=MONDAY + timedelta(minutes=59))
    with clock.frozen(MONDAY + timedelta(hours=1)):
        assert sweep_absences() == 0
    assert owner(case) == lilei


def test_a_lost_link_is_told_to_who_stands_in(lilei: Staff, deputy: Staff) -> None:
    case = a_taken_case(lilei)
    an_absence(lilei, days=back_before_its_time(case))
    ask_for_link(case.pk, actor=rule_actor("portal"))
    assert list(Notice.objects.filter(kind="cases.link_asked").values_list("staff", flat=True)) == [deputy.pk]
