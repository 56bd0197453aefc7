"""Pages of the network: what is seen by whom, what is done on them, and what is said when it does not work."""

import json
from datetime import date, timedelta

import pytest
from django.urls import reverse

from jieli.cases.tests.factories import a_case
from jieli.network.models import Document, Engineer, LicenceAppeal, Outlet, Provider, Skill
from jieli.network.tests.factories import (
    SQUARE,
    a_document,
    a_posting,
    a_provider,
    an_area,
    an_engineer,
    an_outlet,
)
from jieli.people.models import Staff
from jieli.people.tests.factories import MONDAY, a_person, the_root

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def keeper(client):
    return signed_in(client, a_person(unit=the_root(), roles=("administrator",), name="管理员"))


def signed_in(client, person):
    Staff.objects.filter(pk=person.pk).update(language="en")
    client.force_login(person)
    client.cookies["language"] = "en"
    return client


def text(response):
    return response.content.decode()


def test_the_list_shows_outlets_and_narrows(keeper):
    an_outlet(name="市南", tier="star_centre", region="青岛")
    an_outlet(name="历下", region="济南", product_lines=["television"])
    page = text(keeper.get(reverse("network:outlets")))
    assert "市南" in page
    assert "历下" in page
    page = text(keeper.get(reverse("network:outlets"), {"region": "济南", "product_line": "television"}))
    assert "市南" not in page
    assert "历下" in page
    assert "No outlet found" in text(keeper.get(reverse("network:outlets"), {"q": "天津"}))
    assert keeper.get(reverse("network:outlets"), {"after": "made up"}).status_code == 200


def test_many_outlets_come_page_by_page(keeper, monkeypatch):
    monkeypatch.setattr("jieli.network.queries.pages.PAGE", 2)
    for number in range(3):
        an_outlet(name=f"网点{number}")
    first = keeper.get(reverse("network:outlets"))
    second = keeper.get(reverse("network:outlets"), {"after": first.context["next_cursor"]})
    seen = [row.unit.name for page in (first, second) for row in page.context["rows"]]
    assert seen == ["网点0", "网点1", "网点2"]


def test_the_record_shows_areas_documents_engineers_and_why_it_gets_no_orders(keeper):
    outlet = an_outlet(
        latitude=36.1, longitude=120.4, provider_id=a_provider().pk, bank_account="6222020000001234", leader=True
    )
    an_area(outlet, polygon=SQUARE)
    an_area(outlet, district="370202")
    engineer = an_engineer(outlet)
    a_document(kind="business_licence", expires_on=TODAY - timedelta(days=1), outlet_id=outlet.pk)
    page = text(keeper.get(reverse("network:outlet", args=[outlet.pk])))
    for words in ("<svg", "370202", "business licence", engineer.staff.name, "expired: business licence", "6222020000001234"):
        assert words in page


def test_an_outlet_manager_sees_his_outlet_alone_and_no_account(client):
    outlet, other = an_outlet(name="我的", bank_account="6222020000001234", leader=True), an_outlet(name="别人的")
    mine, theirs = an_engineer(outlet, name="我的人"), an_engineer(other, name="别人的人")
    signed_in(client, outlet.unit.leader)
    page = text(client.get(reverse("network:outlets")))
    assert "我的" in page
    assert "别人的" not in page
    record = text(client.get(reverse("network:outlet", args=[outlet.pk])))
    assert "•••• 1234" in record
    assert "6222020000001234" not in record
    assert client.get(reverse("network:outlet", args=[other.pk])).status_code == 404
    assert client.get(reverse("network:engineer", args=[mine.pk])).status_code == 200
    assert client.get(reverse("network:engineer", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("network:edit_outlet", args=[outlet.pk])).status_code == 403
    assert client.get(reverse("network:providers")).status_code == 404


def test_an_engineer_sees_his_own_record_alone(client):
    engineer, other = an_engineer(home_address="香港中路 1 号"), an_engineer()
    signed_in(client, engineer.staff)
    assert client.get(reverse("network:me")).url == reverse("network:engineer", args=[engineer.pk])
    assert "香港中路 1 号" in text(client.get(reverse("network:engineer", args=[engineer.pk])))
    assert client.get(reverse("network:engineer", args=[other.pk])).status_code == 404
    for name in ("outlets", "engineers", "providers", "appeals"):
        assert client.get(reverse(f"network:{name}")).status_code == 404


def test_who_has_nothing_to_do_with_it_sees_nothing(client):
    outlet, engineer = an_outlet(), an_engineer()
    signed_in(client, a_person(roles=("employee",)))
    assert client.get(reverse("network:outlets")).status_code == 404
    assert client.get(reverse("network:outlet", args=[outlet.pk])).status_code == 404
    assert client.get(reverse("network:engineer", args=[engineer.pk])).status_code == 404
    assert client.get(reverse("network:me")).status_code == 404


def test_an_outlet_is_entered_and_changed(keeper):
    root = the_root()
    answer = keeper.post(
        reverse("network:new_outlet"),
        {
            "code": "QD1",
            "name": "青岛一店",
            "parent": root.pk,
            "type": "core",
            "tier": "star_centre",
            "product_lines": "washing_machine、television",
            "hours": "mon-sat 08:00-18:00",
            "latitude": "36.1",
            "longitude": "120.4",
        },
    )
    outlet = Outlet.objects.select_related("unit").get()
    assert answer.url == reverse("network:outlet", args=[outlet.pk])
    assert (outlet.unit.name, outlet.unit.kind, outlet.product_lines) == (
        "青岛一店",
        "star_centre",
        ["washing_machine", "television"],
    )
    assert outlet.hours["sat"] == [["08:00", "18:00"]]
    edit = reverse("network:edit_outlet", args=[outlet.pk])
    form = keeper.get(edit).context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    assert keeper.post(edit, {**values, "capacity_per_day": "12"}).status_code == 302
    outlet.refresh_from_db()
    assert (outlet.capacity_per_day, outlet.hours["sat"]) == (12, [["08:00", "18:00"]])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"latitude": "36.1"}, "longitude"),
        ({"hours": "always"}, "hours"),
        ({"contract_from": "2026-01-01", "contract_until": "2025-01-01"}, "contract_until"),
        ({"radius_km": "500"}, "radius_km"),
        ({"code": ""}, "code"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(keeper, given, field):
    base = {"code": "QD1", "name": "青岛一店", "parent": the_root().pk, "type": "core", "tier": "outlet"}
    answer = keeper.post(reverse("network:new_outlet"), {**base, **given})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "青岛一店" in text(answer)
    assert not Outlet.objects.exists()


def test_who_saves_second_is_told(keeper):
    outlet = an_outlet()
    edit = reverse("network:edit_outlet", args=[outlet.pk])
    values = {"type": "core", "tier": "outlet", "seen_at": (MONDAY - timedelta(hours=1)).isoformat()}
    answer = keeper.post(edit, values)
    assert answer.status_code == 422
    assert "Somebody else changed this" in text(answer)


def test_suspending_lifting_and_ending_ask_for_a_reason(keeper):
    outlet = an_outlet()
    suspend = reverse("network:suspend", args=[outlet.pk])
    assert keeper.post(suspend, {"reason": ""}).status_code == 422
    for name, status in (("suspend", "suspended"), ("lift", "active"), ("end", "ended")):
        keeper.post(reverse(f"network:{name}", args=[outlet.pk]), {"reason": "原因"})
        outlet.refresh_from_db()
        assert outlet.status == status
    assert keeper.post(reverse("network:lift", args=[outlet.pk]), {"reason": "原因"}).status_code == 422


def test_areas_are_added_and_removed(keeper):
    outlet = an_outlet()
    new = reverse("network:new_area", args=[outlet.pk])
    assert keeper.post(new, {"polygon": json.dumps(SQUARE), "name": "老城"}).status_code == 302
    assert keeper.post(new, {"polygon": "[1, 2"}).status_code == 422
    assert keeper.post(new, {"polygon": "{}", "district": "370202"}).status_code == 422
    area = outlet.areas.get()
    assert area.name == "老城"
    keeper.post(reverse("network:remove_area", args=[area.pk]))
    assert not outlet.areas.exists()


def test_documents_are_kept_renewed_and_put_away(keeper):
    engineer = an_engineer()
    new = reverse("network:new_engineer_document", args=[engineer.pk])
    assert keeper.post(new, {"kind": "business_licence", "number": "1"}).status_code == 422
    assert keeper.post(new, {"kind": "electrician_permit", "number": "1", "expires_on": "2026-11-30"}).status_code == 302
    document = Document.objects.get()
    assert document.service_types == ["installation", "repair", "maintenance"]
    keeper.post(reverse("network:renew_document", args=[document.pk]), {"number": "2", "expires_on": "2027-11-30"})
    document.refresh_from_db()
    assert (document.number, document.expires_on) == ("2", date(2027, 11, 30))
    keeper.post(reverse("network:put_document_away", args=[document.pk]))
    document.refresh_from_db()
    assert document.ended_at == MONDAY


def test_a_provider_is_entered_shown_and_changed(keeper):
    keeper.post(reverse("network:new_provider"), {"code": "PR", "name": "海风", "status": "active", "bank_account": "62221234"})
    provider = Provider.objects.get()
    assert "海风" in text(keeper.get(reverse("network:providers")))
    assert "62221234" in text(keeper.get(reverse("network:provider", args=[provider.pk])))
    again = keeper.post(reverse("network:new_provider"), {"code": "PR", "name": "海浪", "status": "active"})
    assert list(again.context["form"].errors) == ["code"]
    edit = reverse("network:edit_provider", args=[provider.pk])
    keeper.post(edit, {"code": "PR", "name": "海风二", "status": "ended"})
    provider.refresh_from_db()
    assert (provider.name, provider.status) == ("海风二", "ended")


def test_an_engineer_is_made_and_changed_with_skills_and_shifts(keeper):
    outlet = an_outlet()
    person = a_person(unit=outlet.unit, roles=("engineer",), name="王工")
    answer = keeper.post(
        reverse("network:new_engineer"),
        {"person": person.code, "level": "senior", "vehicle": "car", "licence_issued_on": "2026-11-01"},
    )
    engineer = Engineer.objects.get()
    assert answer.url == reverse("network:engineer", args=[engineer.pk])
    assert (engineer.outlet_id, engineer.licence_expires_on) == (outlet.pk, date(2027, 11, 1))
    twice = keeper.post(reverse("network:new_engineer"), {"person": person.code, "level": "senior", "vehicle": "car"})
    assert "is an engineer already" in text(twice)
    keeper.post(
        reverse("network:new_skill", args=[engineer.pk]),
        {"product_line": "television", "level": "3", "service_types": ["repair"]},
    )
    skill = Skill.objects.get()
    assert (skill.level, skill.service_types) == (3, ["repair"])
    keeper.post(reverse("network:edit_shifts", args=[engineer.pk]), {"shifts": "mon-fri 09:00-17:00"})
    engineer.refresh_from_db()
    assert engineer.shifts["fri"] == [["09:00", "17:00"]]
    keeper.post(reverse("network:remove_skill", args=[skill.pk]))
    assert not Skill.objects.exists()


def test_the_list_of_engineers_narrows_by_standing(keeper):
    good, bad = an_engineer(name="好的"), an_engineer(name="差的")
    a_posting(bad, kind="improper_charge", case_id=a_case().pk)
    assert good.points == 12
    page = text(keeper.get(reverse("network:engineers"), {"standing": "warning"}))
    assert "差的" in page
    assert "好的" not in page


def test_the_record_explains_the_standing_and_links_to_the_case(keeper):
    engineer, case = an_engineer(), a_case()
    a_posting(engineer, kind="improper_charge", case_id=case.pk)
    page = text(keeper.get(reverse("network:engineer", args=[engineer.pk])))
    assert "Warning: 6 points or fewer. Dispatch falls to 50% of the usual orders, rounded up, and a coach helps." in page
    assert case.number in page


def test_an_engineer_appeals_and_another_decides(client):
    engineer, case = an_engineer(), a_case()
    posting = a_posting(engineer, case_id=case.pk)
    signed_in(client, engineer.staff)
    assert client.post(reverse("network:appeal", args=[posting.pk]), {"reason": ""}).status_code == 422
    client.post(reverse("network:appeal", args=[posting.pk]), {"reason": "用户不在家"})
    appeal = LicenceAppeal.objects.get()
    assert client.get(reverse("network:decide_appeal", args=[appeal.pk])).status_code == 403
    signed_in(client, a_person(unit=the_root(), roles=("quality",)))
    assert "用户不在家" in text(client.get(reverse("network:appeals")))
    decide = reverse("network:decide_appeal", args=[appeal.pk])
    assert client.post(decide, {"decision": "upheld"}).status_code == 422
    client.post(decide, {"decision": "upheld", "reason": "电话记录证实"})
    engineer.refresh_from_db()
    assert engineer.points == 12


def test_points_by_hand_a_review_and_a_coach(client):
    engineer, case, colleague = an_engineer(), a_case(), a_person(name="老师傅")
    signed_in(client, a_person(unit=the_root(), roles=("manager",)))
    points = reverse("network:post_points", args=[engineer.pk])
    assert client.post(points, {"kind": "insult_or_fraud", "case_number": "nonsense", "note": "骂人"}).status_code == 422
    client.post(points, {"kind": "insult_or_fraud", "case_number": case.number, "note": "骂人"})
    engineer.refresh_from_db()
    assert engineer.revoked_at is not None
    client.post(reverse("network:review_licence", args=[engineer.pk]))
    client.post(reverse("network:reexamine", args=[engineer.pk]), {"note": "补训合格"})
    client.post(reverse("network:coach", args=[engineer.pk]), {"coach": colleague.code})
    engineer.refresh_from_db()
    assert (engineer.points, engineer.coach_id) == (6, colleague.pk)
    client.post(reverse("network:review_licence", args=[engineer.pk]))
    engineer.refresh_from_db()
    assert engineer.points == 12
