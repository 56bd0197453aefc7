"""The stations of one ticket, each as somebody goes through it on the pages: reported, promised, offered … sealed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from django.urls import reverse
from playwright.sync_api import Page, expect

from jieli.cases.models import Case
from jieli.customers.tests.factories import a_customer, a_device
from jieli.dispatch.tests import factories as dispatch
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.parts.tests.factories import a_part, a_van
from jieli.people.models import Staff
from jieli.people.queries import company_zone, local_date
from jieli.people.tests.factories import a_person, the_root
from jieli.settlement.models import Statement
from jieli.settlement.tests.factories import a_rate_table
from jieli.visits.tests.field import UPLOADED, finish, step_here
from jieli.visits.tests.phone import Phone

from .company import Company, picture

PICTURES = Path("artefacts") / "one-ticket"
SERIAL = "WM-2024-001"


@dataclass
class Cast:
    """Who plays."""

    agent: Staff
    manager: Staff
    engineer: Staff
    keeper: Staff
    lab: Staff
    finance: Staff
    superior: Staff
    outlet: Any


def a_cast() -> Cast:
    """Hire who is needed, and give them a device that was sold, a part on the van and a price."""
    outlet = dispatch.an_outlet("市南网点")
    engineer = dispatch.an_engineer(outlet, "张工").staff
    buyer = a_customer(name="王芳", phone="13812348000")
    sold = a_device(buyer, serial=SERIAL)
    type(sold).objects.filter(pk=sold.pk).update(warranty_until=clock.now().date() + timedelta(days=400))
    a_part("PUMP", fits=[("washing_machine", "XQG100")], price_amount=Decimal(120))
    a_van(engineer, PUMP=2)
    a_rate_table("washing_machine repair true 0 - 82.00")
    root = the_root()
    return Cast(
        agent=a_person(unit=root, roles=("agent",), name="李雷"),
        manager=dispatch.manager_of(outlet),
        engineer=engineer,
        keeper=a_person(unit=root, roles=("specialist",), name="仓管"),
        lab=a_person(unit=root, roles=("quality",), name="质检"),
        finance=a_person(unit=root, roles=("finance",), name="陈芳"),
        superior=a_person(unit=root, roles=("manager",), name="林涛"),
        outlet=outlet,
    )


def keep(page: Page, name: str) -> None:
    picture(page, PICTURES / f"{name}.png")


def menu(page: Page, name: str) -> None:
    """Go by the menu of the desk."""
    page.locator("#nav").get_by_role("link", name=name).click()


def local(day: date, hour: str) -> datetime:
    """Return an instant of the company's day."""
    return datetime.combine(day, time.fromisoformat(hour), company_zone()).astimezone(UTC)


def month_of(order: WorkOrder) -> date:
    """Return the first day of the month in which an order was finished."""
    assert order.finished_at is not None
    return local_date(order.finished_at).replace(day=1)


def reported(page: Page) -> Case:
    """Let the customer report on the phone what is broken."""
    page.goto("/")
    page.get_by_role("link", name="提交需求").first.click()
    page.get_by_role("link", name="报修 工程师上门维修").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("是什么产品？").fill("洗衣机")
    page.get_by_label("序列号").fill(SERIAL)
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("出了什么问题？").fill("洗衣机不排水，显示 E30。孩子的校服还在里面。")
    keep(page, "1-report-390")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("上门地址是哪里？").fill("青岛市市南区香港中路 1 号 2 单元 501")
    page.get_by_role("button", name="加上我现在的位置").click()
    expect(page.locator("#id_latitude")).to_have_value("36.120000")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("您的姓名").fill("王芳")
    page.get_by_label("您的手机号").fill("13812348000")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="发送").click()
    page.wait_for_url(re.compile("/thanks$"))
    case = Case.objects.get()
    expect(page.get_by_text(case.number, exact=True)).to_be_visible()
    keep(page, "2-thanks-390")
    return case


def promised(page: Page, case: Case, until: datetime) -> None:
    """Let the agent take the case from the queue and promise a time."""
    page.goto("/")
    menu(page, "部门队列")
    page.get_by_role("link", name="洗衣机不排水").first.click()
    page.get_by_role("button", name="领取").first.click()
    expect(page.locator("#case-head .j-baton")).to_contain_text("李雷")
    page.locator("#id_body").fill("王女士您好，请先关闭进水阀。马上给您安排上门。")
    page.locator("#id_next_reply_at").fill(f"{until.astimezone(company_zone()):%Y-%m-%dT%H:%M}")
    page.locator("#composer [data-send]").click()
    expect(page.locator(".j-bubble[data-side=staff]").last).to_contain_text("进水阀")
    keep(page, "3-promised-1440")


def offered(page: Page, visit_day: date) -> None:
    """Let the agent offer a window that is really free to the outlet that the rule proposes."""
    page.get_by_role("link", name="派单", exact=True).first.click()
    expect(page.get_by_role("heading", name="派单")).to_be_visible()
    day = page.get_by_role("group", name=f"{visit_day.month}月{visit_day.day}日")
    day.locator(".j-slot", has_text="10:00–12:00").click()
    page.get_by_role("checkbox", name="已与客户约定").check()
    keep(page, "4-dispatch-1440")
    page.get_by_role("button", name="派出").click()
    expect(page.get_by_text("已派给网点")).to_be_visible()


def sent_on(page: Page, engineer: Staff) -> None:
    """Let the outlet accept and send its engineer."""
    page.goto("/")
    menu(page, "待应答派单")
    page.get_by_role("link", name="应答", exact=True).click()
    keep(page, "5-outlet-1440")
    page.get_by_role("button", name="接单").click()
    expect(page.get_by_text("已接单，现由您负责。")).to_be_visible()
    page.get_by_label(re.compile(engineer.name)).check()
    page.get_by_role("button", name="派出").click()
    expect(page.get_by_text("已派给工程师。")).to_be_visible()


def accepted(phone: Phone) -> None:
    """Let the engineer accept on the phone."""
    phone.open()
    phone.page.locator(".f-card", has_text="待接单").click()
    phone.page.screenshot(path=PICTURES / "6-offer-390.png")
    with phone.page.expect_response("**/field/bundle/"):
        phone.page.get_by_role("button", name="接单").click()
    expect(phone.page.locator("#foot .f-sync")).to_have_text(UPLOADED)


PHOTOS = {"genuine": 1, "repair": 2, "test_run": 1, "tidy": 1}
"""How many photos he takes at which step."""

AT = {"ready": "10:05", "genuine": "10:12", "repair": "10:25", "tidy": "10:50"}
"""When the engineer comes to some of the steps, by his phone's clock."""


def worked(company: Company, phone: Phone, order: WorkOrder, photos: Iterator[Path], day: date) -> None:
    """Let the engineer do every step of the standard without a network, and change a part."""
    phone.to(order.number)
    phone.press()
    while code := step_here(phone):
        if code == "repair" and not any(item["kind"] == "part_used" for item in phone.kept()):
            phone.to(order.number, "/t/part_used")
            phone.page.locator(".f-pick", has_text="PUMP").click()
            phone.type("new_serial", "NEW-1")
            phone.type("old_serial", "OLD-1")
            phone.press()
            phone.to(order.number, "/s/repair")
        if code == "test_run":
            phone.measure(order=order.number)
            phone.to(order.number, "/s/test_run")
        fault = ("排水", "排水泵损坏") if code == "diagnose" else ()
        if code in AT:
            company.phone_clock(phone, local(day, AT[code]))
        if code in ("genuine", "repair", "sign"):
            phone.page.screenshot(path=PICTURES / f"7-{code}-390.png")
        phone.do_step(list(islice(photos, PHOTOS.get(code, 0))), serial=SERIAL, fault=fault)
    finish(phone, order)
    phone.page.screenshot(path=PICTURES / "8-finished-390.png")


def called_back(page: Page, case: Case) -> None:
    """Let the steward take the call-back and hear that all is well."""
    page.goto("/")
    menu(page, "回访")
    page.get_by_role("link", name=case.number).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("回访")
    page.get_by_role("button", name="已交谈").click()
    page.locator("label", has_text="满意").first.click()
    keep(page, "9-callback-1440")
    page.get_by_role("button", name="记录回答").click()
    expect(page.locator(".j-toast").first).to_contain_text("满意")


def came_back(page: Page) -> None:
    """Let the store receive the old part by its code."""
    page.goto("/")
    menu(page, "备件")
    page.get_by_role("link", name="旧件返还").first.click()
    expect(page.get_by_label("标签或序列号")).to_be_focused()
    page.keyboard.type("old-1")
    page.keyboard.press("Enter")
    expect(page.locator(".j-toast").first).to_contain_text("已收到")
    keep(page, "10-returned-1440")


def confirmed(page: Page) -> None:
    """Let the lab find what the engineer found."""
    page.goto(reverse("parts:returns") + "?list=lab")
    page.get_by_role("button", name="故障属实").first.click()
    expect(page.locator(".j-toast").first).to_contain_text("故障属实")
    keep(page, "11-lab-1440")


def settled(company: Company, desk: Page, second: Page, month: str) -> None:
    """Let finance decide the month and approve it, a second person, too; then the statements are sealed."""
    work = company.worker.works_off
    desk.goto("/")
    menu(desk, "月结")
    desk.wait_for_url(f"**/settlement/{month}/")
    expect(desk.locator("#month-state")).to_contain_text("正在计算本月")
    work()
    expect(desk.locator("#rows")).to_contain_text("市南网点", timeout=15_000)
    desk.get_by_role("link", name="结算本月").click()
    desk.get_by_role("button", name="正式结算").click()
    expect(desk.locator("#month-state")).to_contain_text("正在结算本月")
    work()
    expect(desk.locator("#month-state")).to_contain_text("已结算", timeout=15_000)
    desk.get_by_role("button", name="审批本月").click()
    expect(desk.locator("#approved")).to_contain_text("第二次审批由另一个人作出")
    second.goto(f"/settlement/{month}/")
    second.get_by_role("button", name="作为第二人审批").click()
    work()
    second.reload()
    expect(second.locator("#approved")).to_contain_text("1 / 1")
    keep(second, "12-approved-1440")


def the_whole_way(page: Page, case: Case, order: WorkOrder, statement: Statement) -> None:
    """Show all of it on one page: every stage, hand, promise, step, part, answer and amount."""
    page.goto(reverse("cases:case", args=[case.number]))
    page.get_by_role("link", name="走完一票").first.click()
    way = page.locator("main")
    for text in (case.number, "李雷", "网点经理", "张工", order.number, "OP-", "故障属实", "82.00", statement.sha256):
        expect(way).to_contain_text(text)
    expect(page.locator(".j-ticket-head")).to_be_visible()
    keep(page, "14-the-whole-way-1440")
