"""A month end in a real browser: previewed, decided, read by the outlet, and a draft tried on it; with pictures."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from jieli.people.models import Staff
from jieli.people.tests.factories import a_person, the_root
from jieli.policies.tests.factories import default_source
from jieli.settlement.actions import reckoning
from jieli.settlement.models import Reckoning, Run
from jieli.settlement.tests.factories import a_device, a_rate_table, an_incentive, an_order, an_outlet, at

pytestmark = [pytest.mark.long(20), pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PICTURES = Path("artefacts") / "settlement"
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


def a_month() -> None:
    """Write three outlets of a group, each better than the one before, and what a statement can hold."""
    a_rate_table()
    shared = a_device()
    for place, code in enumerate(("A", "B", "C")):
        outlet = an_outlet(code)
        for number in range(12):
            late = number < 2 - place
            when = at("2026-03-02 10:00") + timedelta(days=number)
            result = "dissatisfied" if late else "satisfied"
            an_order(outlet, when, callback_result=result, device=shared if number == 5 else None, night=number == 7)
        an_order(outlet, "2026-03-20 10:00", part="电磁阀")
        an_incentive(outlet, "2026-03", "30.00", reason="质量信息")


def opened(browser: Browser, live_server: Any, person: Staff, size: tuple[int, int]) -> tuple[BrowserContext, Page]:
    """Return a page of somebody who is logged in."""
    client = Client()
    client.force_login(person)
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    context.add_cookies([{"name": "jieli", "value": client.cookies["jieli"].value, "url": live_server.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return context, page


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page, which must not be wider than its window."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert page.evaluate(WIDTH) <= 0


def the_job(kind: str) -> None:
    """Do the calculation that waits, as the worker does."""
    reckoning.reckon(Reckoning.objects.get(kind=kind, state=Reckoning.State.WAITING).pk)


@pytest.mark.parametrize("name", list(SIZES))
def test_a_month_is_previewed_decided_and_read(browser: Browser, live_server: Any, name: str) -> None:
    a_month()
    context, page = opened(browser, live_server, a_person(unit=the_root(), roles=("finance",)), SIZES[name])
    page.goto(f"{live_server.url}/settlement/2026-03/")  # the server has the real clock
    expect(page.locator("#month-state")).to_contain_text("正在计算本月", timeout=10_000)
    the_job("preview")
    expect(page.locator("#rows")).to_contain_text("网点A", timeout=15_000)
    picture(page, f"preview-{name}")
    page.get_by_role("link", name="结算本月").click()
    picture(page, f"decide-{name}")
    page.get_by_role("button", name="正式结算").click()
    expect(page.locator("#month-state")).to_contain_text("正在结算本月")
    the_job("decision")
    expect(page.locator("#month-state")).to_contain_text("已结算", timeout=15_000)
    assert Run.objects.count() == 1
    picture(page, f"decided-{name}")
    page.get_by_role("link", name="网点A").click()
    expect(page.locator(".j-parts")).to_contain_text("满意")
    picture(page, f"outlet-{name}")
    page.get_by_role("link", name="对账单", exact=True).click()
    expect(page.locator(".j-lines")).to_contain_text("82.00 = 洗衣机、维修、保修期内")
    picture(page, f"statement-{name}")
    page.goto(f"{live_server.url}/settlement/2026-03/unpaid/")
    expect(page.locator("#rows")).to_contain_text("等到 2026-06-18，之后拒付")
    picture(page, f"held-{name}")
    context.close()


def test_one_number_of_a_draft_is_changed_and_the_differences_are_seen(browser: Browser, live_server: Any) -> None:
    a_month()
    context, page = opened(browser, live_server, a_person(unit=the_root(), roles=("manager",)), SIZES["desk"])
    page.goto(f"{live_server.url}/policies/grade/new/")
    source = default_source("grade")
    page.locator("textarea[name=source]").fill(source.replace("[best]\nshare = 0.10", "[best]\ncount = 1", 1))
    page.locator("form.j-form button.btn-primary").click()
    page.get_by_role("link", name="用过去的月份试算").click()
    page.goto(page.url.replace(page.url.split("/")[4], "2026-03"))
    page.get_by_role("button", name="用草稿试算本月").click()
    expect(page.locator("#trial")).to_contain_text("正在按草稿计算本月")
    the_job("trial")
    expect(page.locator("#rows")).to_contain_text("网点C", timeout=15_000)
    expect(page.locator("#rows .j-was").first).to_have_text("1.00")
    expect(page.locator("#rows")).to_contain_text("系数")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    picture(page, "trial-desk")
    page.locator("select[name=show]").select_option("all")
    expect(page.locator("#rows tbody tr")).to_have_count(3)
    context.close()
