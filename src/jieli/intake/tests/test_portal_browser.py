"""Portal → desk → answer in a real browser: a customer on the phone, an agent at the desk, both see the same truth."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from jieli.cases.actions.progressing import resolve_case
from jieli.cases.models import Case, Message
from jieli.cases.tests.factories import a_case, an_agent
from jieli.files.models import Evidence
from jieli.files.tests.factories import a_picture
from jieli.intake.views import guarding
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.people.queries import company_zone
from jieli.people.tests.factories import acting, the_root
from jieli.ui.tests.browsing import barriers, settle, too_small

pytestmark = [pytest.mark.long(50), pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PICTURES = Path("artefacts") / "portal"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture(autouse=True)
def calm() -> None:
    """Let every address try again, and found the company."""
    guarding.forget()
    the_root()
    PICTURES.mkdir(parents=True, exist_ok=True)


def a_browser(browser: Browser, size: dict[str, int], language: str = "zh-CN", who: Staff | None = None, url: str = "") -> Any:
    """Open a browser of a size and language, signed in when somebody is named."""
    context: BrowserContext = browser.new_context(
        viewport=size,
        locale=language,
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",  # type: ignore[arg-type]
    )
    if who is not None:
        client = Client()
        client.force_login(who)
        context.add_cookies([{"name": "jieli", "value": client.cookies["jieli"].value, "url": url}])
    return context


def watched(context: BrowserContext) -> Page:
    """Return a page on which an error of a script or of the content policy fails the test."""
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda line: pytest.fail(line.text) if "Content Security Policy" in line.text else None)
    return page


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, and refuse sideways scrolling and what people with poor sight cannot use."""
    settle(page)
    page.evaluate("document.querySelectorAll('.j-toast').forEach(toast => toast.remove())")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert barriers(page) == [], name
    if "-390-" in name:
        assert too_small(page) == [], name


def test_a_customer_reports_an_agent_answers_and_the_customer_writes_back(
    browser: Browser, live_server: Any, tmp_path: Path
) -> None:
    lilei = an_agent("李雷")
    photo = tmp_path / "drum.jpg"
    photo.write_bytes(a_picture(size=(640, 480)))
    customer = a_browser(browser, PHONE)
    page = watched(customer)

    page.goto(live_server.url)
    picture(page, "entry-390-zh")
    page.get_by_role("link", name="提交需求").first.click()
    picture(page, "choose-390-zh")
    page.get_by_role("link", name="报修 工程师上门维修").click()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_label("是什么产品？")).to_be_focused()
    page.get_by_label("是什么产品？").fill("洗衣机")
    picture(page, "report-device-390-zh")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("出了什么问题？").fill("洗衣机不排水，显示 E30。孩子的校服还在里面。")
    page.get_by_label("否", exact=True).check()
    picture(page, "report-what-390-zh")
    page.get_by_role("button", name="下一步").click()
    page.locator("input[type=file]").set_input_files(photo)
    picture(page, "report-photos-390-zh")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("上门地址是哪里？").fill("杭州市西湖区文三路 123 号 2 幢 501")
    picture(page, "report-address-390-zh")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("您的姓名").fill("王芳")
    page.get_by_label("您的手机号").fill("138 1234 8000")
    page.go_back()
    expect(page.get_by_label("上门地址是哪里？")).to_be_visible()
    page.go_forward()
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("[data-review]")).to_contain_text("文三路")
    expect(page.locator("[data-review]")).to_contain_text("drum.jpg")
    picture(page, "report-review-390-zh")
    page.get_by_role("button", name="发送").click()
    page.wait_for_url(re.compile("/thanks$"))
    case = Case.objects.get()
    expect(page.get_by_text(case.number, exact=True)).to_be_visible()
    assert Evidence.objects.filter(case_id=case.pk, kind="image").exists()
    picture(page, "thanks-390-zh")
    link = page.url.removesuffix("/thanks")

    desk = a_browser(browser, DESK, who=lilei, url=live_server.url)
    work = watched(desk)
    work.goto(live_server.url + reverse("cases:act", args=[case.number, "take"]))
    work.locator("main form button[type=submit], main form .btn-primary").first.click()
    expect(work.locator("main")).to_contain_text("李雷")
    until = (clock.now() + timedelta(hours=3)).astimezone(company_zone())
    work.goto(live_server.url + reverse("cases:case", args=[case.number]))
    work.locator("textarea[name=body]").fill("王女士您好，请先关闭进水阀。稍后给您上门时间。")
    work.locator("[name=next_reply_at]").fill(f"{until:%Y-%m-%dT%H:%M}")
    work.locator("#composer [data-send]").click()
    expect(work.locator(".j-bubble[data-side=staff]").last).to_contain_text("进水阀")
    work.screenshot(path=PICTURES / "desk-1440-zh.png")

    page.goto(link)
    expect(page.locator("h1")).to_contain_text("李雷")
    expect(page.locator("h1")).to_contain_text(f"{until:%H:%M} 前给您答复")
    expect(page.locator(".j-bubble[data-side=staff]")).to_contain_text("进水阀")
    picture(page, "case-390-zh")
    expect(page.get_by_role("button", name="我已看到答复")).to_have_count(0, timeout=6000)
    assert Message.objects.filter(case=case, direction="out", read_at__isnull=False).exists()
    page.get_by_label("给我们留言").fill("好的，下午在家。")
    page.locator("#write button[type=submit]").click()
    expect(page.locator(".j-bubble[data-side=customer]").last).to_contain_text("下午在家")
    work.reload()
    expect(work.locator(".j-bubble[data-side=customer]").last).to_contain_text("下午在家")

    abroad = watched(a_browser(browser, DESK, "en-GB"))
    abroad.goto(link)
    expect(abroad.locator("h1")).to_contain_text("answers you by")
    picture(abroad, "case-1440-en")
    abroad.set_viewport_size(PHONE)  # type: ignore[arg-type]
    picture(abroad, "case-390-en")
    resolve_case(case.pk, answer="排水泵已更换，试机正常。", actor=acting(lilei))
    page.goto(link)
    picture(page, "resolved-390-zh")


def test_the_form_works_as_one_page_without_scripts(browser: Browser, live_server: Any) -> None:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live_server.url}/report/repair/")
    page.get_by_label("是什么产品？").fill("冰箱")
    page.get_by_label("出了什么问题？").fill("冰箱不制冷")
    page.get_by_label("上门地址是哪里？").fill("上海市徐汇区漕溪北路 1 号")
    page.get_by_label("您的姓名").fill("陈伟")
    page.get_by_label("您的手机号").fill("123")
    page.screenshot(path=PICTURES / "report-unscripted-390-zh.png", full_page=True)
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("alert")).to_contain_text("这不像电话号码")
    page.get_by_label("您的手机号").fill("13900001111")
    page.get_by_role("button", name="发送").click()
    page.wait_for_url(re.compile("/thanks$"))
    assert Case.objects.get().customer.name == "陈伟"


@pytest.mark.parametrize(("language", "size"), [("en-GB", PHONE), ("en-GB", DESK), ("zh-CN", DESK)])
def test_every_page_reads_well_in_both_languages_and_sizes(
    browser: Browser, live_server: Any, language: str, size: dict[str, int]
) -> None:
    case = a_case()
    page = watched(a_browser(browser, size, language))
    mark = f"{size['width']}-{language[:2]}"
    for name, address in {
        "entry": "/",
        "choose": "/report/",
        "follow": "/follow/",
        "wrong-code": f"/t/{case.number}/wrong",
        "wrong-number": f"/t/{case.number[:-1]}{(int(case.number[-1]) + 1) % 10}/wrong",
        "joined": f"/report/joined/{case.number}/",
        "report": "/report/complaint/?about=" + case.number,
    }.items():
        page.goto(live_server.url + address)
        picture(page, f"{name}-{mark}")
