"""A manager shortens one promise in a draft, tries it on the past month, and opens a case that would have been late."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from jieli.cases.actions.conversing import write_message
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.cases.tests.test_desk_journeys import PICTURES, Desk, desk, next_monday  # noqa: F401
from jieli.lib import clock
from jieli.people.tests.factories import a_person, acting

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_draft_is_tried_on_a_month_and_a_changed_case_is_opened(desk: Desk) -> None:  # noqa: F811
    PICTURES.mkdir(parents=True, exist_ok=True)
    monday = next_monday(10, 0)
    with clock.frozen(monday):
        agent = an_agent("李雷")
        case = a_taken_case(agent)
    with clock.frozen(monday + timedelta(minutes=20)):
        write_message(case.pk, body="明天上午上门", visible=True, actor=acting(agent))

    page = desk(a_person(roles=("manager",), name="林志远"))
    page.goto(reverse("policies:new", args=["promises"]))
    text = page.locator("#id_source")
    source = text.input_value()
    rule = source.index('name = "service-first-reply"')
    target = source.index("target = 30", rule)
    text.fill(source[:target] + "target = 10" + source[target + len("target = 30") :])
    page.locator("#id_note").fill("首次回复缩短到 10 分钟")
    page.locator("main form button[type=submit]").first.click()
    page.get_by_role("link", name="试运行").first.click()
    page.locator("input[type=month]").fill(f"{monday:%Y-%m}")
    page.locator("input[type=month]").press("Enter")
    row = page.locator("tbody tr").filter(has_text=case.number)
    expect(row).to_contain_text("service-first-reply")
    page.screenshot(path=PICTURES / "dry-run.png")
    row.get_by_role("link").click()
    expect(page.locator("h1")).to_contain_text("洗衣机不排水")
