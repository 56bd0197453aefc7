"""What ends is listed, and reminded of once at each of the policy's days; an appeal reaches its judges, also when late."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from jieli.cases.tests.factories import a_case
from jieli.events.actor import SYSTEM
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.network.actions.documents import put_document_away, renew_document
from jieli.network.actions.licence import appeal_posting, decide_appeal, review_licence
from jieli.network.actions.outlets import end_outlet
from jieli.network.actions.providers import change_provider
from jieli.network.actions.reminding import remind_of_ending, sweep
from jieli.network.models import Engineer, Reminder
from jieli.network.queries.endings import endings_page
from jieli.network.tests.factories import a_document, a_posting, a_provider, an_engineer, an_outlet
from jieli.notify.models import Notice
from jieli.people.models import Staff
from jieli.people.tests.factories import MONDAY, a_person, acting, the_root
from jieli.policies.tests.factories import changed, make_version

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
MARKED = "</svg>overdue</span>"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def keeper(**facts):
    return a_person(unit=the_root(), roles=("manager",), **facts)


def told(person: Staff) -> list[str]:
    return list(Notice.objects.filter(staff_id=person.pk).order_by("pk").values_list("kind", flat=True))


def days_from_now(days: int):
    return clock.frozen(MONDAY + timedelta(days=days))


def test_a_document_is_reminded_of_thirty_and_seven_days_before_and_on_its_last_day_once_each():
    manager, outlet = keeper(), an_outlet(leader=True)
    a_document(kind="site_lease", expires_on=TODAY + timedelta(days=31), outlet_id=outlet.pk)
    counts = []
    for day in (0, 1, 1, 2, 23, 24, 24, 30, 31, 31, 40):
        with days_from_now(day):
            counts.append(sweep())
    assert counts == [0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0]
    assert told(manager) == told(outlet.unit.leader) == ["network.document_ends"] * 3
    assert list(Reminder.objects.order_by("pk").values_list("days_before", flat=True)) == [30, 7, 0]


def test_the_notice_names_the_paper_in_the_language_of_its_reader_and_leads_to_its_page():
    manager, outlet = keeper(), an_outlet(leader=True)
    Staff.objects.filter(pk=manager.pk).update(language="en")
    a_document(kind="site_lease", expires_on=TODAY + timedelta(days=5), outlet_id=outlet.pk)
    sweep()
    theirs = Notice.objects.get(staff_id=outlet.unit.leader_id)
    mine = Notice.objects.get(staff_id=manager.pk)
    assert (mine.params["document"], theirs.params["document"]) == ("lease of the site", "场地租赁合同")
    assert mine.params["day"] == "2026-11-28"
    client = Client()
    client.force_login(manager)
    answer = client.post(reverse("notify:open", args=[mine.pk]))
    assert answer["Location"] == reverse("network:outlet", args=[outlet.pk])


def test_reminders_that_were_missed_are_not_made_up_for_one_by_one():
    manager, outlet = keeper(), an_outlet()
    a_document(kind="site_lease", expires_on=TODAY + timedelta(days=3), outlet_id=outlet.pk)
    a_document(kind="business_licence", expires_on=TODAY - timedelta(days=5), outlet_id=outlet.pk)
    a_document(kind="liability_insurance", expires_on=TODAY - timedelta(days=31), outlet_id=outlet.pk)
    assert sweep() == 2
    assert told(manager) == ["network.document_ends"] * 2
    assert sorted(Reminder.objects.values_list("days_before", flat=True)) == [0, 7]


def test_a_renewed_paper_is_reminded_of_anew_and_one_put_away_no_more():
    outlet = an_outlet(leader=True)
    renewed = a_document(kind="site_lease", expires_on=TODAY + timedelta(days=3), outlet_id=outlet.pk)
    gone = a_document(kind="business_licence", expires_on=TODAY + timedelta(days=60), outlet_id=outlet.pk)
    assert sweep() == 1
    renew_document(renewed.pk, expires_on=TODAY + timedelta(days=368), actor=SYSTEM)
    put_document_away(gone.pk, actor=SYSTEM)
    with days_from_now(55):
        assert sweep() == 0
    with days_from_now(361):
        assert sweep() == 1
    assert told(outlet.unit.leader) == ["network.document_ends"] * 2


def test_contracts_of_outlets_and_providers_and_licences_are_reminded_of_too():
    manager = keeper()
    provider = a_provider(contract_until=TODAY + timedelta(days=20))
    outlet = an_outlet(leader=True, contract_until=TODAY + timedelta(days=20), provider_id=provider.pk)
    engineer = an_engineer(outlet, licence_expires_on=TODAY + timedelta(days=20))
    assert sweep() == 3
    assert sorted(told(manager)) == ["network.contract_ends", "network.contract_ends", "network.licence_ends"]
    assert sorted(told(outlet.unit.leader)) == ["network.contract_ends", "network.licence_ends"]
    assert told(engineer.staff) == ["network.licence_ends"]


def test_what_has_ended_is_not_reminded_of():
    outlet, provider = an_outlet(contract_until=TODAY + timedelta(days=5)), a_provider(contract_until=TODAY)
    a_document(kind="site_lease", expires_on=TODAY + timedelta(days=5), outlet_id=outlet.pk)
    end_outlet(outlet.pk, reason="到期", actor=SYSTEM)
    change_provider(provider.pk, values={"status": "ended"}, actor=SYSTEM)
    assert sweep() == 0


def test_the_days_are_those_of_the_policy():
    keeper()
    outlet = an_outlet(contract_until=TODAY + timedelta(days=50))
    make_version("network", changed("network", "remind_days = 30", "remind_days = 60"))
    assert sweep() == 1
    assert Reminder.objects.get().days_before == 60
    assert [one.holder for one in endings_page(SYSTEM).rows] == [outlet]


def test_the_nearest_keeper_is_told_and_an_administrator_only_where_there_is_none():
    chief, near = keeper(), an_outlet(leader=True, contract_until=TODAY)
    boss = a_person(unit=near.unit, roles=("manager",))
    admin = a_person(unit=the_root(), roles=("administrator",))
    sweep()
    assert (told(boss), told(chief), told(admin)) == (["network.contract_ends"], [], [])


def test_reminding_is_for_the_software_and_the_row_stays():
    outlet = an_outlet(contract_until=TODAY)
    with pytest.raises(NotAllowed):
        remind_of_ending("outlet_contract", outlet.pk, days_before=0, actor=acting(keeper()))
    assert remind_of_ending("outlet_contract", outlet.pk, days_before=0, actor=SYSTEM) is not None
    assert remind_of_ending("outlet_contract", outlet.pk, days_before=0, actor=SYSTEM) is None
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into network_reminder (about, about_id, last_day, days_before, told, at) "
            "select about, about_id, last_day, days_before, told, at from network_reminder"
        )


def test_the_list_shows_what_ended_and_what_ends_to_each_as_far_as_he_sees_it(client):
    provider = a_provider(name="海风公司", contract_until=TODAY + timedelta(days=9))
    mine, other = an_outlet(name="我的", leader=True), an_outlet(name="别人的", provider_id=provider.pk)
    a_document(kind="site_lease", expires_on=TODAY - timedelta(days=90), outlet_id=mine.pk)
    a_document(kind="site_lease", expires_on=TODAY + timedelta(days=30), outlet_id=other.pk)
    a_document(kind="site_lease", expires_on=TODAY + timedelta(days=31), outlet_id=other.pk)
    engineer = an_engineer(mine, name="我的人", licence_expires_on=TODAY + timedelta(days=2))
    assert [(one.whose, one.is_over) for one in endings_page(acting(keeper())).rows] == [
        ("我的", True),
        ("我的人", False),
        ("海风公司", False),
        ("别人的", False),
    ]
    assert [one.whose for one in endings_page(acting(mine.unit.leader)).rows] == ["我的", "我的人"]
    client.force_login(mine.unit.leader)
    page = client.get(reverse("network:expiring")).content.decode()
    assert "场地租赁合同" in page
    assert "别人的" not in page
    assert "海风公司" not in page
    client.force_login(engineer.staff)
    assert client.get(reverse("network:expiring")).status_code == 404


def test_the_list_comes_page_by_page_and_leaves_nothing_out(monkeypatch):
    monkeypatch.setattr("jieli.network.queries.endings.PAGE", 2)
    for number in range(3):
        outlet = an_outlet(name=f"网点{number}", contract_until=TODAY)
        a_document(kind="site_lease", expires_on=TODAY, outlet_id=outlet.pk)
    seen, after = [], ""
    for _page in range(3):
        page = endings_page(SYSTEM, after=after)
        seen += [(one.about, one.pk) for one in page.rows]
        after = page.next
    assert len(set(seen)) == 6
    assert after == ""
    with pytest.raises(ValueError, match="cursor"):
        endings_page(SYSTEM, after="made up")


def appealed(engineer: Engineer, judge: Staff | None = None):
    posting = a_posting(engineer, case_id=a_case().pk)
    return appeal_posting(posting.pk, reason="堵车", actor=acting(judge or engineer.staff))


def test_an_appeal_is_told_to_those_who_may_decide_it_and_to_nobody_concerned():
    engineer = an_engineer(an_outlet(leader=True))
    quality, manager = a_person(unit=the_root(), roles=("quality",)), keeper()
    admin, agent = a_person(unit=the_root(), roles=("administrator",)), a_person(unit=the_root(), roles=("agent",))
    elsewhere = a_person(unit=an_outlet().unit, roles=("supervisor",))
    appeal = appealed(engineer)
    assert told(quality) == told(manager) == ["network.appeal_made"]
    assert told(admin) == told(agent) == told(elsewhere) == []
    notice = Notice.objects.get(staff_id=quality.pk)
    assert notice.params["until"] == "2026-11-24 10:00"
    assert notice.params["link"] == reverse("network:decide_appeal", args=[appeal.pk])


def test_where_only_an_administrator_may_decide_he_is_told():
    admin = a_person(unit=the_root(), roles=("administrator",))
    appealed(an_engineer())
    assert told(admin) == ["network.appeal_made"]


def test_an_appeal_that_nobody_decided_in_time_is_told_once_more_and_marked():
    engineer, quality = an_engineer(), a_person(unit=the_root(), roles=("quality",))
    appeal = appealed(engineer)
    with clock.frozen(appeal.decide_until):
        assert sweep() == 0
    with clock.frozen(appeal.decide_until + timedelta(seconds=1)):
        assert [sweep(), sweep()] == [1, 0]
        assert told(quality) == ["network.appeal_made", "network.appeal_overdue"]
        client = Client(headers={"accept-language": "en"})
        client.force_login(quality)
        client.post("/language/", {"language": "en"})
        for address in (reverse("network:appeals"), reverse("network:engineer", args=[engineer.pk])):
            assert MARKED in client.get(address).content.decode()
        decide_appeal(appeal.pk, upheld=False, reason="没有提前告知", actor=acting(quality))
        assert MARKED not in client.get(reverse("network:engineer", args=[engineer.pk])).content.decode()


def test_a_decided_appeal_is_not_reminded_of():
    engineer, quality = an_engineer(), a_person(unit=the_root(), roles=("quality",))
    appeal = appealed(engineer)
    decide_appeal(appeal.pk, upheld=False, reason="没有提前告知", actor=acting(quality))
    with clock.frozen(appeal.decide_until + timedelta(days=1)):
        assert sweep() == 0


def test_the_annual_review_refills_the_points_and_ends_the_reminders():
    engineer, quality = an_engineer(), a_person(unit=the_root(), roles=("quality",))
    a_posting(engineer, case_id=a_case().pk)
    with days_from_now(340):
        assert sweep() == 1
        review_licence(engineer.pk, actor=acting(quality))
        assert sweep() == 0
    engineer.refresh_from_db()
    assert (engineer.points, engineer.licence_expires_on) == (12, date(2028, 10, 29))
