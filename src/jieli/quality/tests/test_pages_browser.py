"""A call-back in a real browser, at the desk and on the phone: the talk, the answer, the recovery, the customer's link."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from jieli.lib import clock
from jieli.people.models import Staff
from jieli.people.tests.factories import acting
from jieli.quality.actions.linking import send_text_link
from jieli.quality.models import CallBack, Recovery
from jieli.quality.tests.factories import a_callback

pytestmark = [pytest.mark.long(20), pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PICTURES = Path("artefacts") / "quality"
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll('.q-choice label, .q-buttons .btn, .j-ways .btn-primary')]
  .filter(one => one.offsetParent && one.getBoundingClientRect().height < 44).length"""
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


def opened(browser: Browser, live_server: Any, person: Staff | None, size: tuple[int, int]) -> tuple[BrowserContext, Page]:
    """Return a page of somebody who is logged in, or of a stranger."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    if person is not None:
        client = Client()
        client.force_login(person)
        context.add_cookies([{"name": "jieli", "value": client.cookies["jieli"].value, "url": live_server.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return context, page


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page, which must not be wider than its window."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert page.evaluate(WIDTH) <= 0


@pytest.mark.parametrize("name", list(SIZES))
def test_a_caller_hears_that_the_customer_is_dissatisfied_and_makes_it_good(
    browser: Browser, live_server: Any, name: str
) -> None:
    visited, callback = a_callback()
    context, page = opened(browser, live_server, visited.agent, SIZES[name])
    page.goto(f"{live_server.url}/call-backs/mine/")
    picture(page, f"mine-{name}")
    page.get_by_role("link", name=visited.case.number).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("回访")
    picture(page, f"call-{name}")
    # The customer may call at any hour, whenever this test runs.
    page.get_by_role("button", name="客户来电").click()
    page.locator("label", has_text="不满意").first.click()
    picture(page, f"script-{name}")
    if name == "phone":
        assert page.evaluate(SMALL) == 0
    page.get_by_label("哪里不满意？").fill("洗衣机还在漏水")
    page.get_by_role("button", name="记录回答").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("补救")
    picture(page, f"recovery-{name}")
    page.get_by_label("金额").fill("60")
    page.get_by_label("用途").fill("鲜花")
    page.get_by_role("button", name="支出").click()
    expect(page.locator("main")).to_contain_text("¥40.00")
    page.get_by_label("缺失的是怎样补上的？").fill("当天换泵")
    page.get_by_label("做了哪些个性关怀？").fill("手写道歉卡")
    page.get_by_label("告知客户的内容").fill("已为您换泵")
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.locator(".j-toasts, [data-toasts]").first).to_contain_text("已记录")
    recovery = Recovery.objects.get(callback=callback)
    assert (recovery.personal, recovery.case.status) == ("手写道歉卡", "resolved")
    page.goto(f"{live_server.url}/cases/{visited.case.number}/")
    picture(page, f"case-{name}")
    context.close()


@pytest.mark.parametrize("name", list(SIZES))
def test_a_customer_answers_by_the_link_without_an_account(browser: Browser, live_server: Any, name: str) -> None:
    visited, callback = a_callback()
    with clock.frozen(clock.now().replace(hour=2, minute=0)):
        sent = send_text_link(callback.pk, actor=acting(visited.agent))
    context, page = opened(browser, live_server, None, SIZES[name])
    page.goto(f"{live_server.url}/call-backs/answer/{sent.code}/")
    picture(page, f"link-{name}")
    page.locator(".q-result label", has_text="满意").first.click()
    page.locator("fieldset", has_text="问题解决了吗？").get_by_text("是", exact=True).click()
    page.get_by_role("button", name="提交回答").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("谢谢")
    picture(page, f"thanks-{name}")
    page.goto(f"{live_server.url}/call-backs/answer/{sent.code}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("您已经回答过了")
    assert CallBack.objects.get(pk=callback.pk).result == "satisfied"
    context.close()
