"""Each page: it works for whom it is meant, refuses others, hides what is hidden; and its queries do not grow with rows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from jieli.events.actor import SYSTEM
from jieli.people import actions, queries
from jieli.people.models import Absence, CompanyDuty, Deputy, DutyShift, Grant, Staff, Token, Unit, UnitClosure
from jieli.people.tests.factories import MONDAY, PASSWORD, a_company, a_person, a_shift, a_unit, acting, the_root

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client: Client) -> Staff:
    """Log the founder in: administrator of the whole company."""
    person = a_company(password=PASSWORD)
    client.force_login(person)
    return person


@pytest.fixture
def agent(db: None) -> Staff:
    return a_person(unit=a_unit(name="客服一组"), name="李雷")


def _as(person: Staff) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:3000]
    return str(response.content.decode())


PAGES = [
    "/me/",
    "/me/password/",
    "/staff/",
    "/staff/new/",
    "/units/",
    "/units/new/",
    "/tokens/",
    "/calendars/office/",
    "/calendars/desk/",
]


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_open_in_both_languages(client: Client, boss: Staff, address: str, language: str) -> None:
    client.cookies["language"] = language
    _text(client.get(address))


@pytest.mark.parametrize("address", [*PAGES, "/rota/"])
def test_strangers_are_asked_to_log_in(client: Client, address: str) -> None:
    assert client.get(address).headers["Location"].startswith("/login/?next=")


def test_a_person_finds_the_way_to_own_rota_and_calendar(client: Client, boss: Staff) -> None:
    assert client.get("/rota/").headers["Location"] == f"/rota/{boss.unit_id}/"
    assert client.get("/calendars/").headers["Location"] == "/calendars/desk/"
    assert client.get("/me/absences/").headers["Location"] == "/me/#absences"


def test_the_list_of_staff_is_filtered_and_turned_by_pages(client: Client, boss: Staff) -> None:
    unit = a_unit()
    for number in range(55):
        a_person(unit=unit, name=f"员工{number:02}", code=f"e{number:02}")
    first = _text(client.get("/staff/", {"unit": unit.pk}))
    assert "员工00" in first
    assert "员工54" not in first
    _rows, cursor = queries.staff_page(at=MONDAY, unit=unit)
    assert "员工54" in _text(client.get("/staff/", {"unit": unit.pk, "after": cursor}))
    assert "员工54" in _text(client.get("/staff/", {"q": "54"}))
    assert "员工54" not in _text(client.get("/staff/", {"role": "finance"}))
    _text(client.get("/staff/", {"after": "made up"}))


def test_the_list_of_staff_costs_the_same_for_one_and_for_fifty(
    client: Client, boss: Staff, django_assert_max_num_queries: Any
) -> None:
    for _number in range(49):
        a_person()
    with django_assert_max_num_queries(9):
        client.get("/staff/")


def test_the_tree_of_units_costs_the_same_for_one_and_for_thirty(
    client: Client, boss: Staff, django_assert_max_num_queries: Any
) -> None:
    for _number in range(30):
        a_unit()
    with django_assert_max_num_queries(6):
        client.get("/units/")


def test_the_page_of_a_person_and_that_of_a_unit_keep_their_budget(
    client: Client, boss: Staff, agent: Staff, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(26):
        client.get(f"/staff/{agent.pk}/")
    with django_assert_max_num_queries(20):
        client.get(f"/units/{agent.unit_id}/")
    with django_assert_max_num_queries(17):
        client.get(f"/rota/{agent.unit_id}/")


def test_an_administrator_hires_changes_and_deactivates(client: Client, boss: Staff) -> None:
    values = {"code": "new", "name": "新人", "unit": boss.unit_id, "roles": ["agent"], "language": "zh-hans"}
    wrong = client.post("/staff/new/", {**values, "password": "short"})
    assert "密码" in _text(wrong, 422)
    assert client.post("/staff/new/", {**values, "password": PASSWORD}).status_code == 302
    person = Staff.objects.get(code="new")
    changed = {"name": "新人二", "unit": boss.unit_id, "language": "en", "phone": "13800138000"}
    assert client.post(f"/staff/{person.pk}/change/", changed).status_code == 302
    page = _text(client.get(f"/staff/{person.pk}/"))
    assert "新人二" in page
    assert "13800138000" in page
    client.post(f"/staff/{person.pk}/deactivate/")
    person.refresh_from_db()
    assert not person.is_active
    client.post(f"/staff/{person.pk}/reactivate/")
    person.refresh_from_db()
    assert person.is_active


def test_a_refusal_to_deactivate_is_told(client: Client, boss: Staff) -> None:
    page = client.post(f"/staff/{boss.pk}/deactivate/", follow=True)
    assert "值班" in _text(page)
    assert Staff.objects.get(pk=boss.pk).is_active


def test_colleagues_see_each_other_but_neither_phone_nor_tokens_nor_buttons(agent: Staff) -> None:
    other = a_person(unit=agent.unit, name="赵敏")
    actions.change_staff(other.pk, phone="13900139000", actor=SYSTEM)
    page = _text(_as(agent).get(f"/staff/{other.pk}/"))
    assert "13900139000" not in page
    assert "139****9000" in page
    assert "/deactivate" not in page
    refused = ["change", "deactivate", "roles", "password", "absences", "deputies"]
    answers = {
        part: _as(agent).post(f"/staff/{other.pk}/{part}/", {"role": "agent", "unit": agent.unit_id}).status_code
        for part in refused
    }
    assert answers["change"] == answers["deactivate"] == 403
    assert Grant.objects.filter(staff=other).count() == 1
    assert _as(agent).get("/staff/new/").status_code == 403
    assert _as(agent).get(f"/staff/{other.pk}/tokens/").status_code == 404
    assert _as(agent).get("/staff/999999/").status_code == 404


def test_roles_are_granted_and_revoked(client: Client, boss: Staff, agent: Staff) -> None:
    client.post(f"/staff/{agent.pk}/roles/", {"role": "quality", "unit": agent.unit_id})
    row = Grant.objects.get(staff=agent, role="quality")
    client.post(f"/staff/{agent.pk}/roles/{row.pk}/revoke/")
    assert not Grant.objects.filter(pk=row.pk).exists()


def test_everyone_declares_own_absences_and_names_deputies_on_the_own_page(agent: Staff) -> None:
    deputy = a_person(unit=agent.unit, name="赵敏", code="zhaomin")
    client = _as(agent)
    named = {"from": "me", "deputy": "赵敏 (zhaomin)", "starts_on": "2026-11-23", "order": 1}
    assert client.post(f"/staff/{agent.pk}/deputies/", named).headers["Location"] == "/me/#deputies"
    away = {"from": "me", "starts_at": "2026-11-24T09:00", "ends_at": "2026-11-25T18:00", "reason": "年假"}
    assert client.post(f"/staff/{agent.pk}/absences/", away).headers["Location"] == "/me/#absences"
    absence = Absence.objects.get(staff=agent)
    assert absence.starts_at == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    page = _text(client.get("/me/"))
    assert "年假" in page
    assert "赵敏" in page
    wrong = client.post(f"/staff/{agent.pk}/deputies/", {**named, "deputy": "谁也不是"})
    assert "登录名" in _text(wrong, 422)
    client.post(f"/absences/{absence.pk}/end/", {"from": "me"})
    client.post(f"/deputies/{Deputy.objects.get().pk}/remove/", {"from": "me"})
    assert (Absence.objects.count(), Deputy.objects.count()) == (0, 0)
    assert deputy.is_active


def test_who_stands_in_is_shown(client: Client, boss: Staff, agent: Staff) -> None:
    deputy = a_person(unit=agent.unit, name="赵敏")
    actions.name_deputy(agent.pk, deputy_id=deputy.pk, starts_on=date(2026, 1, 1), actor=acting(agent))
    times = {"starts_at": MONDAY - timedelta(hours=1), "ends_at": MONDAY + timedelta(hours=1)}
    actions.declare_absence(agent.pk, actor=acting(agent), **times)
    assert "由赵敏代理" in _text(client.get(f"/staff/{agent.pk}/"))


def test_the_language_is_kept_for_the_person_and_the_browser(client: Client, boss: Staff) -> None:
    answer = client.post("/me/language/", {"language": "en"})
    assert answer.cookies["language"].value == "en"
    assert "My page" in _text(client.get("/me/"))
    boss.refresh_from_db()
    assert boss.language == "en"


def test_a_changed_password_keeps_this_session_and_ends_the_others(agent: Staff) -> None:
    agent = actions.set_password(agent.pk, password=PASSWORD, actor=SYSTEM)
    here, there = _as(agent), _as(agent)
    wrong = {"old": PASSWORD, "password": "quite another one", "again": "something else"}
    _text(here.post("/me/password/", wrong), 422)
    assert here.post("/me/password/", {**wrong, "again": "quite another one"}).status_code == 302
    assert here.get("/me/").status_code == 200
    assert there.get("/me/").status_code == 302


def test_a_token_is_shown_once_and_revoked(client: Client, boss: Staff) -> None:
    values = {"name": "夜间导入", "role": "administrator", "unit": boss.unit_id, "scopes": ["read"]}
    page = _text(client.post(f"/staff/{boss.pk}/tokens/", values), 201)
    plain = page.split('value="jieli_')[1].split('"')[0]
    actor = queries.actor_for_token(f"jieli_{plain}")
    assert actor is not None
    listed = _text(client.get("/tokens/"))
    assert "夜间导入" in listed
    assert plain not in listed
    client.post(f"/tokens/{Token.objects.get().pk}/revoke/")
    assert queries.actor_for_token(f"jieli_{plain}") is None


def test_units_are_made_changed_and_moved(client: Client, boss: Staff) -> None:
    root = the_root()
    values = {
        "code": "SH",
        "name": "上海",
        "kind": "regional_centre",
        "parent": root.pk,
        "calendar": "office",
        "region": "华东",
    }
    assert client.post("/units/new/", values).status_code == 302
    unit = Unit.objects.get(code="SH")
    leader = a_person(unit=unit, name="周强", code="zhou")
    changed = {**values, "leader": "zhou", "is_active": "on", "name": "上海中心"}
    assert client.post(f"/units/{unit.pk}/change/", changed).status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.leader, unit.is_active) == ("上海中心", leader, True)
    page = _text(client.get(f"/units/{unit.pk}/"))
    assert "周强" in page
    below = {**changed, "parent": unit.pk}
    assert "下级" in _text(client.post(f"/units/{unit.pk}/change/", below), 422)


def test_a_unit_keeps_other_hours_on_a_day(client: Client, boss: Staff) -> None:
    unit = a_unit(calendar="office")
    wrong = client.post(f"/units/{unit.pk}/closures/", {"on": "2026-11-24", "hours": "nine to five"})
    assert "nine" in _text(wrong, 422)
    client.post(f"/units/{unit.pk}/closures/", {"on": "2026-11-24", "hours": "10:00-12:00", "note": "盘点"})
    calendar = queries.working_calendar(unit.pk)
    assert calendar.add_minutes(datetime(2026, 11, 24, 1, 0, tzinfo=UTC), 60) == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    assert "盘点" in _text(client.get(f"/units/{unit.pk}/"))
    assert "盘点" in _text(client.get("/calendars/office/"))
    client.post(f"/closures/{UnitClosure.objects.get().pk}/lift/")
    calendar = queries.working_calendar(unit.pk)
    assert calendar.add_minutes(datetime(2026, 11, 24, 1, 0, tzinfo=UTC), 60) == datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def test_agents_change_neither_units_nor_closures_nor_the_rota(agent: Staff) -> None:
    client, unit = _as(agent), agent.unit_id
    assert client.get(f"/units/{unit}/").status_code == 200
    assert client.get(f"/units/{unit}/change/").status_code == 403
    assert client.post(f"/units/{unit}/closures/", {"on": "2026-11-24"}).status_code == 422
    shift = {"staff": agent.code, "on": "2026-11-24", "starts": "08:00", "ends": "20:00"}
    assert client.post(f"/rota/{unit}/shifts/", shift).status_code == 422
    assert (UnitClosure.objects.count(), DutyShift.objects.count()) == (0, 0)
    assert client.get("/units/999999/").status_code == 404


def test_shifts_are_added_for_several_nights_and_removed(client: Client, boss: Staff, agent: Staff) -> None:
    shift = {"staff": agent.code, "on": "2026-11-24", "starts": "20:00", "ends": "08:00", "days": 3}
    answer = client.post(f"/rota/{agent.unit_id}/shifts/", shift)
    assert answer.headers["Location"] == f"/rota/{agent.unit_id}/?week=2026-11-23"
    shifts = DutyShift.objects.order_by("starts_at")
    assert [row.ends_at - row.starts_at for row in shifts] == [timedelta(hours=12)] * 3
    page = _text(client.get(f"/rota/{agent.unit_id}/?week=2026-11-26"))
    assert "李雷" in page
    assert "08:00–20:00" in page
    clash = client.post(f"/rota/{agent.unit_id}/shifts/", {**shift, "on": "2026-11-25"})
    assert "已经" in _text(clash, 422)
    assert DutyShift.objects.count() == 3
    client.post(f"/shifts/{shifts[0].pk}/remove/")
    assert DutyShift.objects.count() == 2
    client.post(f"/rota/{agent.unit_id}/copy/", {"week": "2026-11-23"})
    assert DutyShift.objects.count() == 4


def test_the_duty_officer_of_the_company_is_named_on_the_rota_of_the_root(client: Client, boss: Staff, agent: Staff) -> None:
    a_shift(agent.unit, agent)
    assert client.post("/rota/company/", {"staff": agent.code}).status_code == 302
    assert CompanyDuty.objects.get().staff == agent
    assert "李雷" in _text(client.get(f"/rota/{the_root().pk}/"))


def test_the_tester_of_a_calendar_answers_with_the_lunch_break(client: Client, boss: Staff) -> None:
    question = {"start": "2026-11-23T11:30", "amount": 60, "mode": "minutes"}
    assert "13:30" in _text(client.get("/calendars/office/", question))
    days = {"start": "2026-09-30T17:00", "amount": 1, "mode": "days"}
    assert "10月8日" in _text(client.get("/calendars/office/", days))
    _text(client.get("/calendars/office/", {**question, "start": "soon"}))
    assert client.get("/calendars/moon/").status_code == 404


def test_the_year_of_a_calendar_shows_holidays_and_make_up_days(client: Client, boss: Staff) -> None:
    page = _text(client.get("/calendars/office/", {"year": "2026"}))
    assert "国庆" in page or "假日" in page
    assert "10月10日" in page
    assert "248" in page


def test_what_a_person_can_handle_is_typed_with_commas_and_shown(client: Client, boss: Staff, agent: Staff) -> None:
    form = {"name": agent.name, "unit": agent.unit_id, "language": "zh-hans", "product_lines": "tv,冰箱, tv", "areas": "east"}
    refused = client.post(f"/staff/{agent.pk}/change/", {**form, "languages": "Chinese"})
    assert "Chinese" in _text(refused, 422)
    assert client.post(f"/staff/{agent.pk}/change/", {**form, "languages": "en;ja"}).status_code == 302
    agent.refresh_from_db()
    assert (agent.product_lines, agent.languages, agent.areas) == (["tv", "冰箱"], ["en", "ja"], ["east"])
    assert "tv, 冰箱" in _text(client.get(f"/staff/{agent.pk}/"))
    assert "tv, 冰箱" in _text(client.get(f"/staff/{agent.pk}/change/"))
