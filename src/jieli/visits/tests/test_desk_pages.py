"""The desk: the panel and the page of a visit, gaps, entries that wait for a person, information to decide on."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieli.cases.models import Case
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed, Refused
from jieli.lib import clock
from jieli.network.models import LicencePosting
from jieli.people.tests.factories import MONDAY, a_person, a_unit, acting, the_root
from jieli.visits.actions.finishing import finish_with_gaps
from jieli.visits.actions.informing import decide_information, note_outcome
from jieli.visits.actions.settling import settle_entry
from jieli.visits.models import FieldEntry, Information, Visit
from jieli.visits.tests.factories import an_engineer, an_order, sent, take, whole_visit

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=2)


@pytest.fixture
def engineer():
    return an_engineer()


@pytest.fixture
def order(engineer):
    return an_order(engineer)


@pytest.fixture
def supervisor(engineer):
    return a_person(unit=the_root(), roles=("supervisor",), name="赵敏")


@pytest.fixture
def quality(engineer):
    return a_person(unit=the_root(), roles=("quality",), name="钱质")


def at_desk(staff, language="zh-hans"):
    client = Client(headers={"accept-language": language})
    client.force_login(staff)
    return client


def a_begun_visit(order, engineer):
    with clock.frozen(NOON):
        take(engineer, *[one for one in whole_visit(order, engineer, photos=False) if one.kind != "finish"])
    return Visit.objects.get()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_panel_and_the_page_show_what_was_done(order, engineer, supervisor, language):
    with clock.frozen(NOON):
        take(engineer, *whole_visit(order, engineer), sent(order, "information", kind="product_idea", text="门把手太低"))
        client = at_desk(supervisor, language)
        panel = client.get(f"/visits/cases/{order.case_id}/").content.decode()
        page = client.get(f"/visits/{Visit.objects.get().pk}/").content.decode()
    assert "周强" in panel
    assert "228" in panel
    assert "门把手太低" in panel
    assert "<polyline" in page
    assert "thumbnail" in page
    assert ("耐心听取" if language == "zh-hans" else "Hear the customer out") in page


def test_who_does_not_see_the_case_sees_no_visit(order, engineer):
    visit = a_begun_visit(order, engineer)
    with clock.frozen(NOON):
        stranger = at_desk(a_person(unit=a_unit(), roles=("agent",)))
        assert stranger.get(f"/visits/{visit.pk}/").status_code == 404
        assert stranger.get(f"/visits/cases/{order.case_id}/").status_code == 404


def test_a_supervisor_finishes_with_gaps_and_the_steps_are_incomplete(order, engineer, supervisor):
    visit = a_begun_visit(order, engineer)
    with clock.frozen(NOON):
        client = at_desk(supervisor)
        page = client.get(f"/visits/{visit.pk}/").content.decode()
        assert 'name="reason"' in page
        refused = client.post(f"/visits/{visit.pk}/gaps/", {"result": "fixed", "reason": ""})
        answer = client.post(f"/visits/{visit.pk}/gaps/", {"result": "fixed", "reason": "手机坏了,照片在旧手机里"})
    order.refresh_from_db()
    visit.refresh_from_db()
    assert (refused.status_code, answer.status_code) == (422, 302)
    assert (order.steps_complete, visit.steps_complete, visit.gaps_by) == (False, False, supervisor)
    assert order.finished_at is not None
    types = list(Event.objects.of_case(order.case_id).values_list("type", flat=True))
    assert "visits.finished_with_gaps" in types
    assert "visits.finished" in types


def test_the_engineer_cannot_finish_with_gaps_himself(order, engineer):
    visit = a_begun_visit(order, engineer)
    with clock.frozen(NOON), pytest.raises(NotAllowed):
        finish_with_gaps(visit.pk, reason="赶时间", actor=acting(engineer))


def test_what_a_phone_sends_after_that_is_a_conflict_for_a_person(order, engineer, supervisor):
    visit = a_begun_visit(order, engineer)
    with clock.frozen(NOON):
        finish_with_gaps(visit.pk, reason="手机坏了", actor=acting(supervisor))
        result = take(engineer, sent(order, "step", code="one_stop", records={"found": "冰箱滤网脏"}))[0]
        client = at_desk(supervisor)
        page = client.get("/visits/conflicts/").content.decode()
        assert client.get("/visits/conflicts/count/").content.strip() == b"1"
        entry = FieldEntry.objects.get(state="conflict")
        bad = client.post(f"/visits/conflicts/{entry.pk}/settle/", {"way": "set_aside", "reason": ""})
        good = client.post(f"/visits/conflicts/{entry.pk}/settle/", {"way": "taken_over", "reason": "已补记"})
        with pytest.raises(Refused):
            settle_entry(entry.pk, way="set_aside", reason="x", actor=acting(supervisor))
    entry.refresh_from_db()
    assert result.state == "conflict"
    assert "冰箱滤网脏" in page
    assert (bad.status_code, good.status_code) == (422, 302)
    assert (entry.state, entry.settled_by, entry.data["records"]) == ("taken_over", supervisor, {"found": "冰箱滤网脏"})


def test_conflicts_of_other_peoples_engineers_stay_hidden(order, engineer):
    with clock.frozen(NOON):
        take(engineer, sent(order, "step", code="dance"))
        elsewhere = a_person(unit=a_unit(), roles=("supervisor",), name="别处主管")
        page = at_desk(elsewhere).get("/visits/conflicts/").content.decode()
        entry = FieldEntry.objects.get()
        answer = at_desk(elsewhere).post(f"/visits/conflicts/{entry.pk}/settle/", {"way": "set_aside", "reason": "x"})
        agent = at_desk(a_person(roles=("agent",))).get("/visits/conflicts/")
    assert entry.order_number not in page
    assert answer.status_code == 404
    assert agent.status_code == 403


def test_information_goes_to_its_role_is_accepted_and_counts_for_the_order(order, engineer, quality):
    with clock.frozen(NOON):
        take(engineer, sent(order, "information", kind="product_fault", text="排水泵三个月坏了两台"))
        row = Information.objects.get()
        client = at_desk(quality)
        page = client.get("/visits/information/").content.decode()
        answer = client.post(f"/visits/information/{row.pk}/decide/", {"decision": "accept", "reason": ""})
        note_outcome(row.pk, outcome="改用新密封圈", actor=acting(quality))
    order.refresh_from_db()
    row.refresh_from_db()
    assert "排水泵三个月坏了两台" in page
    assert answer.status_code == 302
    assert (row.state, row.decided_by, row.outcome) == ("accepted", quality, "改用新密封圈")
    assert order.information_accepted is True
    assert row.role == "quality"


def test_a_refusal_needs_a_reason_and_does_not_count(order, engineer, quality):
    with clock.frozen(NOON):
        take(engineer, sent(order, "information", kind="product_fault", text="颜色不好看"))
        row = Information.objects.get()
        client = at_desk(quality)
        bad = client.post(f"/visits/information/{row.pk}/decide/", {"decision": "refuse", "reason": ""})
        good = client.post(f"/visits/information/{row.pk}/decide/", {"decision": "refuse", "reason": "不是缺陷"})
        with pytest.raises(Refused):
            decide_information(row.pk, accepted=True, reason="", actor=acting(quality))
    order.refresh_from_db()
    assert (bad.status_code, good.status_code) == (422, 302)
    assert order.information_accepted is False


def test_its_author_does_not_decide_on_information(order, engineer):
    with clock.frozen(NOON):
        take(engineer, sent(order, "information", kind="competitor", text="隔壁降价"))
        with pytest.raises(Refused):
            decide_information(Information.objects.get().pk, accepted=True, reason="", actor=acting(engineer))


def test_information_may_come_after_the_case_has_closed(order, engineer):
    from jieli.cases.actions.progressing import close_case

    with clock.frozen(NOON):
        take(engineer, *whole_visit(order, engineer))
        close_case(order.case_id, actor=acting(engineer))
        result = take(engineer, sent(order, "information", kind="latent_need", text="想换大冰箱"))[0]
    assert Case.objects.get(pk=order.case_id).status == "closed"
    assert result.state == "done"


def test_the_pages_cost_the_same_for_more_rows(order, engineer, supervisor):
    client = at_desk(supervisor)

    def cost(address):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    addresses = ("/visits/conflicts/", "/visits/information/?state=open", f"/visits/cases/{order.case_id}/")
    with clock.frozen(NOON):
        take(
            engineer,
            sent(order, "arrive"),
            sent(order, "step", code="dance"),
            sent(order, "information", kind="competitor", text="隔壁"),
        )
        first = [cost(address) for address in addresses for _ in (1, 2)][1::2]
        for _ in range(6):
            take(engineer, sent(order, "step", code="dance"), sent(order, "information", kind="competitor", text="隔壁"))
        assert [cost(address) for address in addresses] == first
    assert max(first) <= 25


def test_nobody_is_posted_points_who_has_no_licence(order, engineer, supervisor):
    visit = a_begun_visit(order, engineer)
    with clock.frozen(NOON):
        finish_with_gaps(visit.pk, reason="手机坏了", actor=acting(supervisor))
    assert LicencePosting.objects.count() == 0
