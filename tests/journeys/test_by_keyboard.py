"""J1 on the desk (spec, README), from the queue to the sealed statement, by keyboard alone: whoever has no mouse gets there.

The engineer's phone and the customer's portal are worked by thumb; what they do here is done by their actions.
"""

import re
from datetime import datetime, timedelta
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, expect

from jieli.cases.models import Case
from jieli.cases.tests.factories import a_case
from jieli.customers.models import Device
from jieli.dispatch.actions.answering import accept_offer
from jieli.dispatch.models import Offer
from jieli.dispatch.tests import factories as dispatch
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.parts.actions.using import use_part
from jieli.parts.models import UsedPart
from jieli.people.queries import company_zone
from jieli.people.tests.factories import a_person, acting, the_root
from jieli.quality.models import CallBack
from jieli.settlement.models import Statement
from jieli.visits.tests.factories import take, whole_visit

from .company import Clock, Company, next_working_monday
from .stations import SERIAL, a_cast, local, month_of

pytestmark = [pytest.mark.long(60), pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FAR = 120
"""So often Tab may be pressed until something is reached; the busiest page, dispatch with its windows, needs some fifty."""
IS_HERE = "one => one === document.activeElement"
# A ring around the element, or around the label of a box that is drawn by its label.
HAS_RING = """one => [one, one.closest("label")].some(shown => {
    if (!shown) return false;
    const style = getComputedStyle(shown);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
})"""


class Keys:
    """A person at a keyboard without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.goto("/")

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def to(self, target: Locator) -> None:
        """Press Tab until the target has the focus, which must be seen."""
        expect(target).to_be_visible()
        for _turn in count():
            if target.evaluate(IS_HERE):
                break
            assert _turn < FAR, f"not reached by Tab: {target}"
            self.press("Tab")
        assert target.evaluate(HAS_RING), f"has the focus, and nobody sees it: {target}"

    def use(self, target: Locator, key: str = "Enter") -> None:
        """Go to a button or a link and press it."""
        self.to(target)
        self.press(key)

    def writes(self, target: Locator, text: str) -> None:
        """Go to a field and type."""
        self.to(target)
        self.page.keyboard.type(text)

    def writes_time(self, target: Locator, at: datetime) -> None:
        """Go to a field of day and time and type it in the order of the browser's own language."""
        self.to(target)
        for parts in ([f"{at:%m%d%Y}", f"{at:%I%M%p}"], [f"{at:%Y}", f"{at:%m%d%I%M%p}"]):
            for part in parts:
                self.page.keyboard.type(part)
                self.press("ArrowRight")
            if target.input_value() == f"{at:%Y-%m-%dT%H:%M}":
                return
            self.press(*["ArrowLeft"] * 6)
        raise AssertionError(target.input_value())

    def menu(self, name: str) -> None:
        """Go by the menu of the desk."""
        self.use(self.page.locator("#nav").get_by_role("link", name=re.compile(f"^{name}")))
        self.page.wait_for_load_state()

    def heading(self, words: str) -> None:
        """Wait for a page."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)


def takes_and_answers(agent: Keys, until: datetime) -> None:
    """Take the case from the queue and promise a time."""
    page = agent.page
    agent.press("g", "q")
    page.wait_for_url("**/cases/queue/")
    agent.press("j", "Enter")
    agent.heading("洗衣机不排水")
    agent.press("e")
    expect(page.locator("#case-head .j-baton")).to_contain_text("李雷")
    agent.press("r")
    expect(page.locator("#id_body")).to_be_focused()
    page.keyboard.type("王女士您好，请先关闭进水阀。马上给您安排上门。")
    agent.writes_time(page.locator("#id_next_reply_at"), until)
    agent.press("Control+Enter")
    expect(page.locator(".j-bubble[data-side=staff]").last).to_contain_text("进水阀")


def offers(agent: Keys, window: str) -> None:
    """Offer a free window to the outlet that the rule proposes."""
    page = agent.page
    agent.use(page.get_by_role("link", name="派单", exact=True).first)
    agent.heading("派单")
    # The windows are one group: Tab comes to it once, the arrows move in it.
    agent.to(page.locator(".j-slot input").first)
    agent.press("Space")
    wanted = page.locator(f".j-slot input[value^='{window}']")
    while not wanted.is_checked():
        agent.press("ArrowRight")
    agent.use(page.get_by_role("checkbox", name="已与客户约定"), "Space")
    agent.use(page.get_by_role("button", name="派出"))
    expect(page.get_by_text("已派给网点")).to_be_visible()


def accepts_and_sends(outlet: Keys, engineer: str) -> None:
    """Accept for the outlet, and send its engineer."""
    page = outlet.page
    outlet.menu("待应答派单")
    outlet.use(page.get_by_role("link", name="应答", exact=True))
    outlet.use(page.get_by_role("button", name="接单"))
    expect(page.get_by_text("已接单，现由您负责。")).to_be_visible()
    outlet.use(page.get_by_label(re.compile(engineer)), "Space")
    outlet.use(page.get_by_role("button", name="派出"))
    expect(page.get_by_text("已派给工程师。")).to_be_visible()


def calls_back(agent: Keys) -> None:
    """Take the call-back and hear that all is well."""
    page = agent.page
    page.goto("/")
    agent.press("g", "b")
    page.wait_for_url("**/call-backs/mine/")
    agent.press("j", "Enter")
    agent.heading("回访")
    agent.use(page.get_by_role("button", name="已交谈"))
    agent.use(page.get_by_role("radio", name=re.compile("^满意")), "Space")
    agent.press("Control+Enter")
    expect(page.locator(".j-toast").first).to_contain_text("满意")


def receives(keeper: Keys) -> None:
    """Receive the old part: the field of the scanner has the focus already."""
    page = keeper.page
    keeper.menu("备件")
    keeper.use(page.get_by_role("link", name="旧件返还").first)
    expect(page.get_by_label("标签或序列号")).to_be_focused()
    page.keyboard.type("old-1")
    keeper.press("Enter")
    expect(page.locator(".j-toast").first).to_contain_text("已收到")


def finds(lab: Keys) -> None:
    """Find in the lab what the engineer found."""
    page = lab.page
    lab.menu("备件")
    lab.use(page.get_by_role("link", name="旧件返还").first)
    lab.use(page.get_by_role("link", name=re.compile("^待检测")).first)
    lab.use(page.get_by_role("button", name="故障属实").first)
    expect(page.locator(".j-toast").first).to_contain_text("故障属实")


def settles(company: Company, finance: Keys, second: Keys) -> None:
    """Decide the month and approve it, two people."""
    work, desk = company.worker.works_off, finance.page
    finance.menu("月结")
    expect(desk.locator("#month-state")).to_contain_text("正在计算本月")
    work()
    expect(desk.locator("#rows")).to_contain_text("市南网点", timeout=15_000)
    finance.use(desk.get_by_role("link", name="结算本月"))
    finance.use(desk.get_by_role("button", name="正式结算"))
    expect(desk.locator("#month-state")).to_contain_text("正在结算本月")
    work()
    expect(desk.locator("#month-state")).to_contain_text("已结算", timeout=15_000)
    finance.use(desk.get_by_role("button", name="审批本月"))
    expect(desk.locator("#approved")).to_contain_text("第二次审批由另一个人作出")
    second.menu("月结")
    second.use(second.page.get_by_role("button", name="作为第二人审批"))
    expect(second.page.locator("#approved")).to_contain_text("0 / 1")
    work()


def reads_the_statement(outlet: Keys) -> None:
    """Read the sealed statement and take its PDF."""
    page = outlet.page
    page.goto("/")
    outlet.menu("月结")
    outlet.use(page.get_by_role("link", name="对账单", exact=True))
    expect(page.locator("#sealed")).to_contain_text("已封存")
    with page.expect_download() as download:
        outlet.use(page.get_by_role("link", name="对账单 PDF"))
    assert download.value.path().read_bytes().startswith(b"%PDF")


def test_one_ticket_is_carried_over_the_desks_by_keyboard_alone(company: Company) -> None:
    cast, monday = a_cast(), next_working_monday()
    tuesday = monday + timedelta(days=1)
    demo = Clock(company.seat(a_person(unit=the_root(), roles=("administrator",), name="管理员")))
    demo.to(monday, "09:05")
    sold = Device.objects.get(serial=SERIAL)
    case = a_case(
        customer=sold.customer,
        device=sold,
        product_line=sold.product_line,
        address="香港中路 1 号",
        latitude=dispatch.HERE["latitude"],
        longitude=dispatch.HERE["longitude"],
    )
    company.worker.works_off()

    agent = Keys(company.seat(cast.agent))
    takes_and_answers(agent, local(monday, "11:30").astimezone(company_zone()))
    offers(agent, f"{local(tuesday, '10:00').astimezone(company_zone()):%FT%H}")
    company.worker.works_off()
    accepts_and_sends(Keys(company.seat(cast.manager)), cast.engineer.name)
    accept_offer(Offer.objects.filter(case=case).latest("pk").pk, actor=acting(cast.engineer))
    company.worker.works_off()

    demo.to(tuesday, "11:00")
    order = WorkOrder.objects.get(case=case)
    begun = clock.now() - timedelta(hours=1)
    *steps, outcome, finish = whole_visit(order, cast.engineer, start=begun)
    take(cast.engineer, *steps)
    use_part(order.pk, part_code="PUMP", new_serial="NEW-1", old_serial="OLD-1", actor=acting(cast.engineer))
    assert [one.state for one in take(cast.engineer, outcome, finish)] == ["done", "done"]
    company.worker.works_off()

    calls_back(Keys(company.seat(cast.agent)))
    company.worker.works_off()
    assert CallBack.objects.get().result == "satisfied"
    assert Case.objects.get().status == "closed"

    demo.to(monday + timedelta(days=7), "14:00")
    receives(Keys(company.seat(cast.keeper)))
    finds(Keys(company.seat(cast.lab)))
    assert UsedPart.objects.get().lab_finding == "confirmed"
    company.worker.works_off()

    order.refresh_from_db()
    first = month_of(order)
    demo.to((first + timedelta(days=32)).replace(day=9), "09:00")
    settles(company, Keys(company.seat(cast.finance)), Keys(company.seat(cast.superior)))
    assert Statement.objects.get().outlet == cast.outlet.unit
    reads_the_statement(Keys(company.seat(cast.manager)))
