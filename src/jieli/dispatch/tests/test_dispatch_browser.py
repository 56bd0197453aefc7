"""From the desk to the engineer in a real browser: dispatched, accepted, passed on, moved by the customer."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from jieli.dispatch.models import Appointment
from jieli.dispatch.tests.factories import FARTHER, a_ready_case, an_engineer, an_outlet, manager_of
from jieli.intake.views import guarding
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff
from jieli.people.tests.factories import a_person, the_root
from jieli.ui.tests.browsing import barriers, settle, too_small

pytestmark = [pytest.mark.long(60), pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PICTURES = Path("artefacts") / "dispatch"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
Seat = Callable[..., Page]


@pytest.fixture
def seat(browser: Browser, live_server: LiveServer) -> Iterator[Seat]:
    """Give a function that opens a browser for somebody, or for nobody, at a size and in a language."""
    contexts = []
    faults: list[str] = []

    def open_for(staff: Staff | None = None, size: dict[str, int] | None = None, language: str = "zh-hans") -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=size or DESK,  # type: ignore[arg-type]
            locale="zh-CN" if language == "zh-hans" else "en",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        cookies = [{"name": "language", "value": language, "url": live_server.url}]
        if staff is not None:
            client = Client()
            client.force_login(staff)
            cookies.append({"name": "jieli", "value": client.cookies["jieli"].value, "url": live_server.url})
        context.add_cookies(cookies)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    guarding.forget()
    the_root()
    PICTURES.mkdir(parents=True, exist_ok=True)
    yield open_for
    for context in contexts:
        context.close()
    assert faults == []


def look(page: Page, name: str) -> None:
    """Take a picture of a page at rest, and ask whether everybody can use it."""
    settle(page)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert barriers(page) == []


def test_a_case_goes_from_the_desk_to_the_engineer_and_the_customer_moves_it(seat: Seat) -> None:
    outlet = an_outlet("市南网点")
    an_outlet("市北网点", **FARTHER)
    engineer = an_engineer(outlet, "张工")
    an_engineer(outlet, "李工")
    case = a_ready_case(tracking_code="a-code-of-twelve")
    other = a_ready_case()

    agent = seat(case.owner)
    agent.goto(reverse("cases:case", args=[case.number]))
    agent.get_by_role("link", name="派单", exact=True).first.click()
    expect(agent.get_by_role("heading", name="派单")).to_be_visible()
    look(agent, "case-1440")
    agent.locator(".j-slot:has(input)").last.click()  # early in the morning the first is too near to be moved
    agent.locator("#offer_agreed").check()
    agent.get_by_role("button", name="派出").click()
    expect(agent.get_by_text("已派给网点")).to_be_visible()
    look(agent, "offered-1440")

    manager = seat(manager_of(outlet), PHONE)
    manager.goto(reverse("dispatch:offers"))
    look(manager, "offers-390")
    manager.get_by_role("link", name="应答", exact=True).click()
    look(manager, "answer-390")
    manager.get_by_role("button", name="接单").click()
    expect(manager.get_by_text("已接单，现由您负责。")).to_be_visible()
    manager.get_by_label(re.compile("张工")).check()
    look(manager, "engineers-390")
    manager.get_by_role("button", name="派出").click()
    expect(manager.get_by_text("已派给工程师。")).to_be_visible()

    phone = seat(engineer.staff, PHONE)
    phone.goto(reverse("dispatch:offers"))
    phone.get_by_role("link", name="应答", exact=True).click()
    phone.get_by_role("button", name="接单").click()
    expect(phone.get_by_text("已接单，现由您负责。")).to_be_visible()
    assert WorkOrder.objects.get(case=case).engineer == engineer.staff

    customer = seat(size=PHONE)
    customer.goto(f"/t/{case.number}/a-code-of-twelve")
    customer.get_by_role("link", name="预约", exact=True).click()
    look(customer, "portal-390")
    assert too_small(customer) == []
    customer.locator(".j-slot").nth(8).click()
    customer.get_by_role("button", name="改约").click()
    expect(customer.locator("h1")).to_contain_text("您的预约")
    assert Appointment.objects.filter(case=case, by_customer=True).count() == 1

    english = seat(a_person(unit=the_root(), roles=("dispatcher",), name="派单员"), DESK, "en")
    english.goto(reverse("dispatch:backlog"))
    look(english, "backlog-en-1440")
    english.locator(f"#case-{other.pk} [data-bulk-item]").check()
    english.get_by_role("button", name="Dispatch…").click()
    expect(english.get_by_role("button", name="Offer all chosen")).to_be_visible()
    look(english, "preview-en-1440")
    english.get_by_role("button", name="Offer all chosen").click()
    expect(english.get_by_text("1 work orders offered.")).to_be_visible()
    english.goto(reverse("dispatch:day") + f"?outlet={outlet.pk}")
    look(english, "day-en-1440")
    english.goto(reverse("dispatch:case", args=[other.pk]))
    look(english, "case-en-1440")
