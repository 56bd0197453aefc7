"""Parts in a real browser, on the desk and on a phone: counted, sent, scanned as they come back, found; with pictures."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from jieli.customers.models import Device
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.parts.actions.ordering import order_missing_part
from jieli.parts.actions.returning import receive_old_part
from jieli.parts.actions.using import reserve, use_part
from jieli.parts.models import UsedPart
from jieli.parts.tests.factories import a_part, a_store, a_van, an_engineer, an_order, an_outlet
from jieli.people.models import Staff
from jieli.people.tests.factories import a_person, acting, the_root

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.long(40), pytest.mark.django_db(transaction=True)]

PICTURES = Path("artefacts") / "parts"
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
LINE = [("washing_machine", "XQG100"), ("washing_machine", "XQG80")]


def a_stock() -> tuple[Staff, WorkOrder]:
    """Stock a store and a van, use parts, order one, send two back."""
    engineer = an_engineer(an_outlet())
    names = {"PUMP-01": "排水泵", "BOARD-07": "电脑板", "BELT-03": "皮带", "SEAL-02": "门封圈", "MOTOR-05": "电机"}
    for place, (code, name) in enumerate(names.items()):
        a_part(code, name=name, price_amount=Decimal(38 + 61 * place), fits=LINE, is_returnable=code != "BELT-03")
    a_store(**{"PUMP-01": 40, "BOARD-07": 12, "BELT-03": 60, "SEAL-02": 25, "MOTOR-05": 6})
    van = a_van(engineer, **{"PUMP-01": 6, "BELT-03": 5, "SEAL-02": 2})
    device = Device.objects.create(serial="W100", product_line="washing_machine", model="XQG100", warranty_until="2099-01-01")
    order = an_order(engineer)
    order.device = device
    order.save(update_fields=["device"])
    actor = acting(engineer)
    for number in range(3):
        use_part(order.pk, part_code="PUMP-01", old_serial=f"OLD{number}", new_serial=f"NEW{number}", actor=actor)
    use_part(order.pk, part_code="BELT-03", actor=actor)
    receive_old_part("OLD2", actor=SYSTEM)
    reserve(order.pk, part_code="SEAL-02", quantity=1, place_id=van.pk, actor=actor)
    order_missing_part(order.pk, part_code="BOARD-07", quantity=1, actor=actor)
    order_missing_part(order.pk, part_code="MOTOR-05", due_at=clock.now() + timedelta(days=2), actor=actor)
    return engineer, order


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


@pytest.mark.parametrize("name", list(SIZES))
def test_old_parts_come_back_by_scan_and_the_lab_finds(browser: Browser, live_server: Any, name: str) -> None:
    _engineer, order = a_stock()
    context, page = opened(browser, live_server, a_person(unit=the_root(), roles=("quality",)), SIZES[name])
    page.goto(f"{live_server.url}/parts/returns/")
    expect(page.get_by_label("标签或序列号")).to_be_focused()
    picture(page, f"returns-{name}")
    page.keyboard.type("old0")
    page.keyboard.press("Enter")
    expect(page.locator(".j-toast").first).to_contain_text("已收到")
    page.goto(f"{live_server.url}/parts/returns/?list=lab")
    picture(page, f"lab-{name}")
    page.get_by_role("button", name="未见故障").first.click()
    expect(page.locator(".j-toast").first).to_contain_text("未见故障")
    assert UsedPart.objects.get(old_serial="OLD2").lab_finding == "no_fault"
    page.goto(f"{live_server.url}/parts/work-orders/{order.pk}/")
    picture(page, f"work-order-{name}")
    page.goto(f"{live_server.url}/cases/{order.case.number}/")
    expect(page.get_by_role("link", name="OP-0").first).to_be_visible()
    picture(page, f"case-{name}")
    context.close()


@pytest.mark.parametrize("name", list(SIZES))
def test_a_keeper_counts_moves_and_ships(browser: Browser, live_server: Any, name: str) -> None:
    a_stock()
    context, page = opened(browser, live_server, a_person(unit=the_root(), roles=("specialist",)), SIZES[name])
    page.goto(f"{live_server.url}/parts/")
    picture(page, f"master-{name}")
    page.get_by_role("link", name="PUMP-01").click()
    picture(page, f"part-{name}")
    page.goto(f"{live_server.url}/parts/places/")
    picture(page, f"places-{name}")
    page.get_by_role("link", name="总部", exact=True).first.click()
    page.locator("summary", has_text="盘点").click()
    form = page.locator("form", has=page.locator("#count_part"))
    form.locator("#count_part").fill("PUMP-01")
    form.locator("#count_quantity").fill("39")
    form.locator("#count_reason").fill("月度盘点")
    picture(page, f"place-{name}")
    form.get_by_role("button", name="盘点").click()
    expect(page.get_by_text("月度盘点")).to_be_visible()
    page.goto(f"{live_server.url}/parts/orders/")
    picture(page, f"part-orders-{name}")
    page.get_by_role("button", name="发货").first.click()
    expect(page.locator(".j-toast").first).to_contain_text("已发出")
    page.goto(f"{live_server.url}/parts/orders/?state=shipped")
    expect(page.get_by_text("总部").first).to_be_visible()
    picture(page, f"shipped-{name}")
    context.close()
