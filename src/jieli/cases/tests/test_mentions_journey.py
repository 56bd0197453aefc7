"""A colleague is mentioned by the keyboard alone, in a real browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from jieli.cases.models import Mention
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.cases.tests.test_desk_journeys import PICTURES, Desk, desk  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_an_at_offers_colleagues_and_the_keyboard_takes_one(desk: Desk) -> None:  # noqa: F811
    lilei, hanmei = an_agent("李雷"), an_agent("赵敏")
    an_agent("赵雪")
    case = a_taken_case(lilei)
    page = desk(lilei)
    page.goto(reverse("cases:case", args=[case.number]))
    words, options = page.locator("#id_body"), page.locator("#mentions [role=option]")
    words.press_sequentially("请@赵")
    page.wait_for_timeout(400)
    expect(options).to_have_count(0)  # to the customer nobody is mentioned
    page.locator("[name=side][value=note]").check(force=True)
    words.press_sequentially("敏")
    expect(options).to_have_count(1)
    words.press("Backspace")
    expect(options).to_have_count(2)
    words.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "mentions.png")
    words.press("ArrowUp")
    words.press("Enter")
    expect(options).to_have_count(0)
    expect(words).to_have_value("请@赵敏 ")
    words.press_sequentially("看一下 @赵")
    expect(options).to_have_count(2)
    words.press("Escape")
    expect(options).to_have_count(0)
    expect(words).to_be_focused()
    words.press("Control+Enter")
    expect(page.locator(".j-bubble").last).to_contain_text("看一下")
    assert list(Mention.objects.values_list("staff_id", flat=True)) == [hanmei.pk]
