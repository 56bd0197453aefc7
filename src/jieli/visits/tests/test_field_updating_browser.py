"""A new version of the phone's page comes without losing what waits to be sent; in a real browser."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from jieli.visits.models import FieldEntry
from jieli.visits.tests.field import (
    Field,
    a_session,
)
from jieli.visits.views import shell

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_new_version_waits_for_the_queue_and_comes_without_a_network(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, order = field.phone, field.order
    before = phone.page.evaluate("document.body.dataset.version")
    Session.objects.all().delete()
    phone.to(order.number, "/t/note")
    phone.type("text", "更新之前")
    phone.press()
    monkeypatch.setattr(shell, "build", lambda: "new-version")
    phone.page.evaluate("() => navigator.serviceWorker.getRegistration().then(one => one.update())")
    phone.to(order.number)
    phone.page.evaluate("() => { location.hash = '#/queue'; }")
    expect(phone.page.locator("#field")).to_contain_text("新版本已下载好，等 1 项上传完再更新")
    assert phone.page.evaluate("document.body.dataset.version") == before

    field.goes_dark()
    phone.kill()
    phone.switch_on()
    phone.context.set_offline(True)
    phone.open()
    assert phone.page.evaluate("document.body.dataset.version") == "new-version"
    assert phone.waiting() == 1

    field.comes_back()
    phone.signed_in(a_session(field.engineer))
    phone.open()
    field.uploaded()
    assert FieldEntry.objects.get().data == {"text": "更新之前"}


def test_a_server_that_asks_for_a_newer_page_gets_it_and_nothing_is_lost(field: Field) -> None:
    phone, order = field.phone, field.order
    old = {"code": "update", "message": "", "fields": {}}
    phone.page.route("**/field/bundle/", lambda route: route.fulfill(status=409, json=old))
    phone.to(order.number, "/t/note")
    phone.type("text", "旧版本")
    phone.press()
    expect(phone.page.locator("#foot .f-sync")).to_have_text(re.compile("需要更新版本 · 1 项待上传"))
    phone.page.unroute("**/field/bundle/")
    phone.page.evaluate("() => { location.hash = '#/queue'; }")
    phone.page.get_by_role("button", name="现在更新").click()
    field.uploaded()
    assert FieldEntry.objects.get().data == {"text": "旧版本"}
