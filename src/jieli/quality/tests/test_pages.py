"""The pages: the list, the caller's page, the recovery, the panel, and the customer's page of a link."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from jieli.customers.models import Customer
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY, a_person, a_unit, acting, the_root
from jieli.quality.actions.linking import send_text_link
from jieli.quality.models import CallBack, Recovery
from jieli.quality.tests.factories import a_callback, a_called, a_recovery

pytestmark = pytest.mark.django_db


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def at(name, *args):
    return reverse(f"quality:{name}", args=args)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_list_shows_what_is_to_call_and_for_whom(language):
    visited, callback = a_callback()
    client = signed_in(visited.agent)
    client.cookies["django_language"] = language
    for name in ("callbacks", "mine"):
        page = client.get(at(name))
        assert page.status_code == 200
        assert f'id="callback-{callback.pk}"' in page.content.decode()
    assert client.get(at("mine_count")).content.decode().strip() == "1"
    assert f'id="callback-{callback.pk}"' not in client.get(at("said")).content.decode()


def test_a_stranger_of_another_unit_sees_an_empty_list_and_no_page():
    _visited, callback = a_callback()
    stranger = a_person(unit=a_unit(name="别处"), roles=("agent",), name="远方")
    client = signed_in(stranger)
    assert f'id="callback-{callback.pk}"' not in client.get(at("callbacks")).content.decode()
    assert client.get(at("callback", callback.pk)).status_code == 404


def test_an_engineer_has_no_list():
    visited, _callback = a_callback()
    assert signed_in(visited.engineer).get(at("callbacks")).status_code == 403


def test_a_caller_notes_the_talk_and_then_the_answer_by_plain_forms():
    visited, callback = a_callback()
    client = signed_in(visited.agent)
    page = client.get(at("callback", callback.pk)).content.decode()
    assert 'value="talked"' in page
    assert 'id="answer"' not in page
    client.post(at("attempt", callback.pk), {"outcome": "talked", "note": ""})
    assert 'id="answer"' in client.get(at("callback", callback.pk)).content.decode()
    said = {"result": "satisfied", "solved": "yes", "on_time": "no", "moved": "thanks", "story": "很耐心"}
    assert client.post(at("callback", callback.pk), said).status_code == 302
    callback.refresh_from_db()
    assert (callback.result, callback.solved, callback.on_time, callback.manners) == ("satisfied", True, False, None)
    assert "很耐心" in client.get(at("callback", callback.pk)).content.decode()


def test_an_answer_that_cannot_be_is_shown_again_with_what_was_typed():
    visited, callback = a_callback()
    client = signed_in(visited.agent)
    client.post(at("attempt", callback.pk), {"outcome": "talked"})
    answer = client.post(at("callback", callback.pk), {"result": "dissatisfied", "wish": "换新机"})
    assert answer.status_code == 422
    assert "换新机" in answer.content.decode()
    assert CallBack.objects.get(pk=callback.pk).state == "open"


def test_a_dissatisfied_customer_leads_to_the_recovery():
    visited, callback = a_callback()
    client = signed_in(visited.agent)
    client.post(at("attempt", callback.pk), {"outcome": "called_us"})
    answer = client.post(at("callback", callback.pk), {"result": "dissatisfied", "what": "还漏"})
    recovery = Recovery.objects.get(callback=callback)
    assert answer["Location"] == at("recovery", recovery.pk)
    page = client.get(at("recovery", recovery.pk)).content.decode()
    assert "还漏" in page
    assert "¥100.00" in page


def test_a_recovery_is_recorded_and_paid_for_by_plain_forms():
    visited, recovery = a_recovery()
    client = signed_in(visited.agent)
    assert client.post(at("spend", recovery.pk), {"amount": "500", "purpose": "花"}).status_code == 422
    assert client.post(at("spend", recovery.pk), {"amount": "50", "purpose": "花"}).status_code == 302
    assert client.post(at("recovery", recovery.pk), {"restored": "换泵", "personal": ""}).status_code == 422
    done = {"restored": "换泵", "personal": "手写卡", "answer": "已换泵"}
    assert client.post(at("recovery", recovery.pk), done).status_code == 302
    assert visited.fresh().status == "resolved"


def test_a_second_manager_decides_on_the_page():
    _visited, recovery = a_recovery()
    first, second = (a_person(unit=the_root(), roles=("manager",), name=name) for name in ("经理一", "经理二"))
    signed_in(first).post(at("spend", recovery.pk), {"amount": "6000", "purpose": "整机"})
    spending = recovery.spendings.get()
    client = signed_in(second)
    assert "整机" in client.get(at("callbacks")).content.decode()
    client.post(at("decide_amount", spending.pk), {"decision": "agree"})
    spending.refresh_from_db()
    assert (spending.state, spending.second_by_id) == ("spent", second.pk)


def test_a_quality_officer_marks_and_confirms_on_the_page():
    officer = a_person(unit=the_root(), roles=("quality",), name="质控")
    _visited, bad = a_called("dissatisfied")
    _visited, moved = a_called(moved="tears", story="半夜来")
    client = signed_in(officer)
    assert client.post(at("judge", bad.pk), {"reason": ""}).status_code == 422
    assert client.post(at("judge", bad.pk), {"reason": "嫌价格高"}).status_code == 302
    assert client.post(at("delight", moved.pk), {"moved": "tears", "story": ""}).status_code == 302
    assert "嫌价格高" in client.get(at("callback", bad.pk)).content.decode()


def test_the_link_is_shown_once_and_the_customer_answers_without_an_account():
    visited, callback = a_callback()
    client = signed_in(visited.agent)
    page = client.post(at("send_link", callback.pk)).content.decode()
    address = page.split('data-copy="')[1].split('"')[0].split("//", 1)[1].split("/", 1)[1]
    assert address not in client.get(at("callback", callback.pk)).content.decode()
    customer = Client()
    asked = customer.get(f"/{address}")
    assert asked.status_code == 200
    assert asked["Cache-Control"] == "no-store"
    assert customer.post(f"/{address}", {"result": "dissatisfied"}).status_code == 422
    answered = customer.post(f"/{address}", {"result": "satisfied", "solved": "yes"}, follow=True)
    assert answered.status_code == 200
    assert answered.redirect_chain[-1][0].endswith("/thanks/")
    assert visited.fresh().status == "closed"
    again = customer.get(f"/{address}")
    assert again.status_code == 200
    assert 'name="result"' not in again.content.decode()


def test_an_expired_link_and_a_wrong_one_say_so():
    visited, callback = a_callback()
    sent = send_text_link(callback.pk, actor=acting(visited.agent))
    with clock.frozen(MONDAY + timedelta(days=8)):
        assert Client().get(at("answer", sent.code)).status_code == 410
        assert Client().post(at("answer", sent.code), {"result": "satisfied"}).status_code == 410
    assert Client().get(at("answer", "nothing")).status_code == 404


def test_at_night_the_page_says_when_customers_are_called():
    visited, callback = a_callback()
    with clock.frozen(datetime(2026, 11, 23, 14, 0, tzinfo=UTC)):
        client = signed_in(visited.agent)
        assert "08:00–20:00" in client.get(at("callback", callback.pk)).content.decode()
        refused = client.post(at("attempt", callback.pk), {"outcome": "busy"})
    assert refused.status_code == 422
    assert "08:00" in refused.content.decode()


def test_the_case_shows_its_call_backs_in_a_panel():
    visited, _callback = a_called("dissatisfied")
    client = signed_in(visited.agent)
    assert at("of_case", visited.case.pk) in client.get(reverse("cases:case", args=[visited.case.number])).content.decode()
    assert "还是漏水" in client.get(at("of_case", visited.case.pk)).content.decode()
    assert client.get(at("of_case_page", visited.case.pk)).status_code == 404
    stranger = a_person(unit=a_unit(name="别处"), roles=("agent",), name="远方")
    assert signed_in(stranger).get(at("of_case", visited.case.pk)).status_code == 404


def test_what_a_customer_typed_cannot_become_markup():
    visited, callback = a_called("dissatisfied", what="<script>x</script>")
    Customer.objects.filter(pk=visited.case.customer_id).update(name="<b>王</b>")
    page = signed_in(visited.agent).get(at("callback", callback.pk)).content.decode()
    assert "<script>x" not in page
    assert "<b>王" not in page
