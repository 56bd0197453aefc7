"""What the phone keeps when the session, the room, the order or the engineer is not there any more; in a real browser."""

import re
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from jieli.events.actor import SYSTEM
from jieli.orders.actions.living import cancel_order
from jieli.people.tests.factories import PASSWORD, a_person
from jieli.visits.models import FieldEntry
from jieli.visits.tests.field import PICTURES, UPLOADED, Field, a_session, step_here, walk
from jieli.visits.tests.phone import KEPT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_an_expired_session_says_so_and_nothing_is_lost(field: Field) -> None:
    phone, order = field.phone, field.order
    Session.objects.all().delete()
    phone.to(order.number, "/t/note")
    phone.type("text", "楼道没有信号")
    phone.press()
    expect(phone.page.locator("#foot .f-sync")).to_have_text(re.compile("登录已过期 · 1 项待上传"))
    phone.open("#/")
    phone.page.get_by_role("link", name="重新登录").click()
    phone.page.locator("#id_username").fill(field.engineer.code)
    phone.page.locator("#id_password").fill(PASSWORD)
    phone.page.locator("button[type=submit]").first.click()
    phone.page.wait_for_url("**/field/**")
    field.uploaded()
    assert FieldEntry.objects.get().data == {"text": "楼道没有信号"}


def test_a_full_phone_says_so_keeps_what_is_there_and_drops_nothing_silently(field: Field, tmp_path: Path) -> None:
    phone, order = field.phone, field.order
    field.goes_dark()
    phone.to(order.number, "/t/note")
    phone.type("text", "第一条")
    phone.press()
    phone.close()
    phone.switch_on()
    session = phone.context.new_cdp_session(phone.page)
    full = {"origin": field.server.url, "quotaSize": 1}
    session.send("Storage.overrideQuotaForOrigin", full)
    phone.context.set_offline(True)
    phone.open(f"#/o/{order.number}/t/note")
    phone.type("text", "第二条")
    phone.page.locator("#foot .f-primary").click()
    expect(phone.page.get_by_role("alert")).to_contain_text("手机存储空间已满")
    phone.page.screenshot(path=PICTURES / "storage-full.png")
    assert [item["kind"] for item in phone.kept()] == ["note"]
    expect(phone.page.locator('[data-field="text"] textarea')).to_have_value("第二条")
    session.send("Storage.overrideQuotaForOrigin", {"origin": field.server.url})
    phone.press()
    field.comes_back()
    field.uploaded()
    assert [entry.data["text"] for entry in FieldEntry.objects.order_by("pk")] == ["第一条", "第二条"]


def test_work_on_an_order_that_was_called_off_meanwhile_is_kept_and_the_servers_words_stand_at_it(field: Field) -> None:
    phone, order = field.phone, field.order
    field.goes_dark()
    phone.to(order.number, "/s/contact")
    phone.type("text", "约好 10 点到")
    phone.press()
    cancel_order(order.pk, actor=SYSTEM)
    field.comes_back()
    expect(phone.page.locator("#foot .f-sync")).to_have_text(re.compile("1 条被退回"), timeout=60_000)
    phone.to(order.number)
    expect(phone.page.locator("#problems")).to_contain_text("联系客户")
    entry = FieldEntry.objects.get()
    assert (entry.state, entry.data["text"]) == ("conflict", "约好 10 点到")
    expect(phone.page.locator("#problems")).to_contain_text(entry.message)
    phone.page.screenshot(path=PICTURES / "refused.png")
    phone.page.get_by_role("button", name="知道了").click()
    expect(phone.page.locator("#foot .f-sync")).to_have_text(UPLOADED)
    assert phone.kept() == []


def test_another_engineer_on_the_same_phone_sends_nothing_of_the_first(field: Field) -> None:
    phone, order = field.phone, field.order
    field.goes_dark()
    phone.to(order.number, "/t/note")
    phone.type("text", "周强的")
    phone.press()
    other = a_person(unit=field.engineer.unit, roles=("engineer",), name="李雷")
    phone.signed_in(a_session(other))
    field.comes_back()
    expect(phone.page.locator("#field")).to_contain_text(f"{field.engineer.code} 还有 1 项没有上传")
    expect(phone.page.locator(".f-card")).to_have_count(0)
    assert not FieldEntry.objects.exists()
    phone.signed_in(a_session(field.engineer))
    phone.open("#/")
    expect(phone.page.locator(".f-card")).to_have_count(1)
    field.uploaded()
    assert FieldEntry.objects.get().staff == field.engineer


def test_a_form_that_stands_while_the_day_is_read_anew_goes_on_to_the_next_step(field: Field) -> None:
    phone, order = field.phone, field.order
    walk(phone, order, iter([]), until="contact")
    field.uploaded()
    phone.page.evaluate("dispatchEvent(new Event('online'))")  # reads the day, as it does each minute
    phone.page.wait_for_function(f"async () => !(await ({KEPT})()).length")
    phone.do_step([])
    assert step_here(phone) == "prepare"
