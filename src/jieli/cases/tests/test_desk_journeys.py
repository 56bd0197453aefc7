"""The desk in a real browser: the baton that cannot drop, and people who work on one case at once."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from jieli.cases.actions.owning import take_over_case
from jieli.cases.models import Case, Pass, Promise
from jieli.cases.tests.factories import a_case, a_customer, a_taken_case, an_agent
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.people.models import Staff
from jieli.people.tests.factories import a_person, a_shift, acting, the_root
from jieli.ui.tests.browsing import barriers, settle

pytestmark = [pytest.mark.long(70), pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PICTURES = Path("artefacts") / "desk"
SHANGHAI = ZoneInfo("Asia/Shanghai")
Desk = Callable[[Staff], Page]


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, settings: Settings) -> Iterator[Desk]:
    """Give a function that seats a person at a desk of his own; no page may complain about scripts or their policy."""
    settings.DEMO = True
    complaints: list[str] = []
    contexts = []

    def seat(staff: Staff) -> Page:
        client = Client()
        client.force_login(staff)
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": 1440, "height": 900},
            reduced_motion="reduce",
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.add_cookies(
            [
                {"name": "jieli", "value": client.cookies["jieli"].value, "url": live_server.url},
                {"name": "language", "value": "zh-hans", "url": live_server.url},
            ]
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        return page

    yield seat
    for context in contexts:
        context.close()
    # A page that is left while its counts are on their way ends their requests.
    harmless = ("Failed to load resource", "Response Status", "htmx:")
    assert [text for text in complaints if not text.startswith(harmless)] == []


def next_monday(hour: int, minute: int) -> datetime:
    """Return a time on the Monday after the company's today, so that the desk is open whenever the test runs."""
    today = clock.now().astimezone(SHANGHAI)
    return (today + timedelta(days=7 - today.weekday())).replace(hour=hour, minute=minute, second=0, microsecond=0)


def move_clock_to(page: Page, at: datetime) -> None:
    """Move the company clock by its page."""
    page.goto(reverse("cases:clock"))
    page.get_by_label("或拨到").fill(at.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="拨动时钟").click()
    expect(page.locator("[data-toast], .j-toast").first).to_contain_text("时钟已拨动")


def test_the_dropped_baton_that_cannot_drop(desk: Desk) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    root = the_root()
    lilei, hanmei = an_agent("李雷"), an_agent("赵敏")
    officer = a_person(roles=("supervisor",), name="周强")
    admin = desk(a_person(roles=("administrator",), name="管理员"))
    closing = next_monday(17, 30)
    a_shift(root, hanmei, starts_at=closing - timedelta(hours=8), hours=8.5)
    a_shift(root, officer, starts_at=closing + timedelta(minutes=30), hours=12)
    move_clock_to(admin, closing)

    agent = desk(lilei)
    agent.goto(reverse("cases:new"))
    agent.locator("#id_phone").fill("13812348000")
    agent.get_by_label("姓名").fill("王芳")
    agent.get_by_label("事由").fill("洗衣机不排水")
    agent.get_by_role("button", name="建单").click()
    expect(agent.locator("h1")).to_contain_text("洗衣机不排水")
    case = Case.objects.get()
    assert (case.owner_id, case.is_on_duty) == (lilei.pk, False)

    tomorrow = closing + timedelta(hours=16)
    agent.locator("#id_body").fill("王女士您好，明天 9:30 前给您上门时间。")
    agent.locator("#id_next_reply_at").fill(tomorrow.strftime("%Y-%m-%dT%H:%M"))
    agent.keyboard.press("Control+Enter")
    expect(agent.locator(".j-bubble[data-side=staff]")).to_contain_text("明天 9:30 前")

    agent.wait_for_load_state()  # the page came anew with the message, and listens to keys when all of it is there
    agent.keyboard.press("b")
    agent.get_by_label("给谁").fill(f"赵敏 ({hanmei.code})")
    agent.get_by_label("已完成").fill("已受理，指导关闭水龙头")
    agent.get_by_label("下一步做什么").fill("明天 9:30 前约上门")
    agent.screenshot(path=PICTURES / "j2-offer.png")
    agent.locator("#drawer").get_by_role("button", name="提出交接").click()
    expect(agent.locator("#case-head .j-reach")).to_contain_text("赵敏")
    case.refresh_from_db()
    assert case.owner_id == lilei.pk
    offer = Pass.objects.get()

    move_clock_to(admin, closing + timedelta(minutes=32))
    offer.refresh_from_db()
    case.refresh_from_db()
    assert (offer.state, case.owner_id) == ("lapsed", lilei.pk)
    told = Notice.objects.filter(kind="cases.pass_lapsed").values_list("staff_id", flat=True)
    assert {lilei.pk, officer.pk} <= set(told)
    promise = Promise.objects.unended().get(kind="next_reply")
    assert clock.now() < promise.due_at
    assert promise.breached_at is None

    on_duty = desk(officer)
    on_duty.goto(reverse("cases:case", args=[case.number]))
    expect(on_duty.locator("#case-talk")).to_contain_text("未按时应答；仍由 李雷 负责")
    on_duty.screenshot(path=PICTURES / "j2-lapsed.png")


def test_two_sessions_editing_one_case_lose_nothing(desk: Desk) -> None:
    lilei, boss = an_agent("李雷"), a_person(roles=("supervisor",), name="周强")
    case = a_taken_case(lilei, customer=a_customer())
    one, two = desk(lilei), desk(boss)
    edit = reverse("cases:edit", args=[case.number])
    one.goto(edit)
    two.goto(edit)
    two.get_by_label("主题").fill("洗衣机漏水到楼下")
    two.get_by_role("button", name="保存").click()
    expect(two.locator("h1")).to_contain_text("洗衣机漏水到楼下")
    one.get_by_label("主题").fill("洗衣机不排水也不脱水")
    one.get_by_label("故障代码").fill("E30")
    one.get_by_role("button", name="保存").click()
    conflict = one.locator(".j-conflict")
    expect(conflict).to_contain_text("周强")
    expect(conflict).to_contain_text("洗衣机漏水到楼下")
    expect(conflict).to_contain_text("洗衣机不排水也不脱水")
    expect(one.get_by_label("故障代码")).to_have_value("E30")
    PICTURES.mkdir(parents=True, exist_ok=True)
    one.screenshot(path=PICTURES / "conflict.png")
    one.get_by_role("button", name="保留我的").click()
    expect(one.locator("h1")).to_contain_text("洗衣机不排水也不脱水")
    case.refresh_from_db()
    assert (case.subject, case.fault_code) == ("洗衣机不排水也不脱水", "E30")


def test_an_unsent_reply_outlives_a_take_over(desk: Desk) -> None:
    lilei, boss = an_agent("李雷"), a_person(roles=("supervisor",), name="周强")
    case = a_taken_case(lilei, customer=a_customer())
    page = desk(lilei)
    url = reverse("cases:case", args=[case.number])
    page.goto(url)
    page.locator("#id_body").fill("我正在写的回复")
    take_over_case(case.pk, reason="客户是媒体", actor=acting(boss))
    page.goto(reverse("cases:mine"))
    page.goto(url)
    expect(page.locator("#id_body")).to_have_value("我正在写的回复")
    expect(page.locator("#case-head")).to_contain_text("周强")


def test_colleagues_on_one_case_see_each_other_and_what_happens(desk: Desk) -> None:
    lilei, hanmei = an_agent("李雷"), an_agent("赵敏")
    case = a_taken_case(lilei, customer=a_customer())
    url = reverse("cases:case", args=[case.number])
    one, two = desk(lilei), desk(hanmei)
    one.goto(url)
    with one.expect_response(
        lambda answer: answer.url.endswith("/presence/") and "writing" in (answer.request.post_data or "")
    ):
        one.locator("#id_body").press_sequentially("您好")
    two.goto(url)
    expect(two.locator("#presence")).to_contain_text("李雷 正在这里输入")
    one.keyboard.press("Control+Enter")
    expect(one.locator(".j-bubble[data-side=staff]")).to_contain_text("您好")
    two.evaluate("htmx.trigger('#case-talk', 'refresh')")
    expect(two.locator(".j-bubble[data-side=staff]")).to_contain_text("您好")


def test_a_call_becomes_a_case_without_a_mouse(desk: Desk) -> None:
    lilei = an_agent("李雷")
    customer = a_customer("刘洋", phone="13912345678")
    page = desk(lilei)
    page.goto(reverse("cases:mine"))
    page.keyboard.press("n")
    expect(page.locator("#id_phone")).to_be_focused()
    page.keyboard.type("13912")
    expect(page.locator("[data-caller]")).to_contain_text("刘洋")
    page.keyboard.press("Enter")
    expect(page.locator("#caller")).to_contain_text("刘洋")
    expect(page.locator("#id_subject")).to_be_focused()
    page.keyboard.type("空调不制冷")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("空调不制冷")
    case = Case.objects.get()
    assert (case.customer_id, case.owner_id, case.channel) == (customer.pk, lilei.pk, "phone")


def test_a_list_is_walked_and_taken_by_keys(desk: Desk) -> None:
    lilei = an_agent("李雷")
    cases = [a_case(), a_case()]
    page = desk(lilei)
    page.goto(reverse("cases:queue"))
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("button", name="领取").click()
    preview = page.locator("#drawer-body")
    expect(preview).to_contain_text(cases[1].number)
    preview.get_by_role("button", name="领取").click()
    expect(page.locator(".j-toast").first).to_contain_text("2 票")
    assert Case.objects.owned_by(lilei.pk).count() == 2


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_the_desk_fits_and_can_be_read(desk: Desk, live_server: LiveServer, width: int, language: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    lilei = a_person(roles=("supervisor",), name="李雷")
    case = a_taken_case(lilei, customer=a_customer())
    page = desk(lilei)
    page.set_viewport_size({"width": width, "height": 900})
    page.context.add_cookies([{"name": "language", "value": language, "url": live_server.url}])
    found: dict[tuple[str, str], object] = {}
    addresses = {
        "mine": reverse("cases:mine"),
        "queue": reverse("cases:queue"),
        "case": reverse("cases:case", args=[case.number]),
        "pass": reverse("cases:act", args=[case.number, "pass"]),
        "pause": reverse("cases:act", args=[case.number, "pause"]),
        "edit": reverse("cases:edit", args=[case.number]),
        "new": reverse("cases:new"),
        "views": reverse("cases:views"),
        "search": f"{reverse('cases:search')}?q=排水",
    }
    for name, address in addresses.items():
        page.goto(address)
        settle(page)
        page.screenshot(path=PICTURES / f"{name}-{width}-{language}.png", full_page=True)
        found[name, "too wide"] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[name, "barriers"] = barriers(page)
    assert {key: value for key, value in found.items() if value} == {}
