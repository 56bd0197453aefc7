"""J5, the month end in a real browser: decided, approved by two, sealed, printed, disputed, corrected; with pictures."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from jieli.events.actor import SYSTEM
from jieli.people.models import Unit
from jieli.people.tests.factories import a_person, the_root
from jieli.settlement.actions.sealing import seal_statements
from jieli.settlement.models import Charge, Line, Result, Run, Statement
from jieli.settlement.rules.sealing import digest_of
from jieli.settlement.tests.factories import a_rate_table, an_incentive, an_order, an_outlet
from jieli.settlement.tests.test_pages_browser import SIZES, opened, picture, the_job
from jieli.settlement.views import checking

pytestmark = [pytest.mark.long(40), pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def two_months() -> Unit:
    """Write three outlets with a March and an April; return the one that will dispute a line."""
    a_rate_table()
    outlets = [an_outlet(code) for code in ("A", "B", "C")]
    for outlet in outlets:
        for day in range(2, 9):
            an_order(outlet, f"2026-03-{day:02d} 10:00", number=f"W{outlet.code}{day:02d}")
        an_order(outlet, "2026-03-20 10:00", number=f"W{outlet.code}20", part="电磁阀")
        an_order(outlet, "2026-03-21 10:00", number=f"W{outlet.code}21", steps_complete=False)
        an_order(outlet, "2026-04-05 10:00", number=f"W{outlet.code}45")
        an_incentive(outlet, "2026-03", "30.00", reason="质量信息")
    return outlets[0]


def decided(page: Page, live_server: Any, month: str) -> None:
    """Let finance decide a month on its pages."""
    page.goto(f"{live_server.url}/settlement/{month}/")
    expect(page.locator("#month-state")).to_contain_text("正在计算本月", timeout=10_000)
    the_job("preview")
    expect(page.locator("#rows")).to_contain_text("网点A", timeout=15_000)
    page.get_by_role("link", name="结算本月").click()
    page.get_by_role("button", name="正式结算").click()
    expect(page.locator("#month-state")).to_contain_text("正在结算本月")
    the_job("decision")
    expect(page.locator("#month-state")).to_contain_text("已结算", timeout=15_000)


def test_a_month_is_settled_approved_sealed_disputed_and_corrected_in_the_next(browser: Browser, live_server: Any) -> None:
    checking.tries.forget()
    outlet = two_months()
    root = the_root()
    finance, desk = opened(browser, live_server, a_person(unit=root, roles=("finance",), name="陈芳"), SIZES["desk"])
    decided(desk, live_server, "2026-03")
    run = Run.objects.get()
    assert Result.objects.filter(run=run).count() == 3
    desk.get_by_role("row", name="旧件返还").get_by_role("link").first.click()
    expect(desk.locator("#rows")).to_contain_text("保修旧件还没有返还（备件 电磁阀）")
    desk.goto(f"{live_server.url}/settlement/2026-03/")
    desk.get_by_role("button", name="审批本月").click()
    expect(desk.locator("#approved")).to_contain_text("第二次审批由另一个人作出")
    picture(desk, "approved-once-desk")
    expect(desk.get_by_role("button", name="审批")).to_have_count(0)

    second, other = opened(browser, live_server, a_person(unit=root, roles=("manager",), name="林涛"), SIZES["phone"])
    other.goto(f"{live_server.url}/settlement/2026-03/")
    other.get_by_role("button", name="作为第二人审批").click()
    expect(other.locator("#approved")).to_contain_text("林涛")
    seal_statements(run.pk, actor=SYSTEM)
    other.reload()
    expect(other.locator("#approved")).to_contain_text("3 / 3")
    picture(other, "approved-twice-phone")
    other.get_by_role("link", name="已封存的对账单").click()
    picture(other, "statements-phone")
    second.close()

    theirs, phone = opened(browser, live_server, a_person(unit=outlet, roles=("outlet_manager",), name="马丽"), SIZES["phone"])
    phone.goto(f"{live_server.url}/settlement/2026-03/outlets/{outlet.pk}/statement/")
    expect(phone.locator("#sealed")).to_contain_text("已封存")
    picture(phone, "sealed-phone")
    with phone.expect_download() as download:
        phone.get_by_role("link", name="对账单 PDF").click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"%PDF")
    statement = Statement.objects.get(run=run, outlet=outlet)
    assert statement.copies.get().sha256 == digest_of(content)
    phone.locator("tr", has_text="WA21").get_by_role("link", name="提出异议").click()
    phone.get_by_label("您为什么不同意").fill("上门步骤当晚已补报,附照片")
    phone.get_by_label("主张金额").fill("82.00")
    picture(phone, "dispute-phone")
    phone.get_by_role("button", name="对这一行提出异议").click()
    expect(phone.locator("main")).to_contain_text("结算尚未裁定")

    stranger = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", reduced_motion="reduce")
    check = stranger.new_page()
    check.goto(f"{live_server.url}/settlement/check/")
    check.set_input_files("input[type=file]", {"name": "s.pdf", "mimeType": "application/pdf", "buffer": content})
    check.get_by_role("button", name="核验").click()
    expect(check.locator("main")).to_contain_text("这是 网点A（A）2026年3月 的已封存对账单")
    picture(check, "check-ok-phone")
    changed = content.replace(b"/Type", b"/Tipe", 1)
    check.set_input_files("input[type=file]", {"name": "s.pdf", "mimeType": "application/pdf", "buffer": changed})
    check.get_by_role("button", name="核验").click()
    expect(check.locator("main")).to_contain_text("这份文件不是我们封存的那一份")
    picture(check, "check-changed-phone")
    stranger.close()

    desk.goto(f"{live_server.url}/settlement/disputes/")
    picture(desk, "disputes-desk")
    desk.get_by_role("link", name="WA21").click()
    desk.get_by_label("成立", exact=True).check()
    desk.get_by_label("原因").fill("补报属实")
    picture(desk, "ruling-desk")
    desk.get_by_role("button", name="裁定异议").click()
    expect(desk.locator("main")).to_contain_text("记入下一个未结算月份的 Q")

    decided(desk, live_server, "2026-04")
    april = Run.objects.latest("month")
    correction = Charge.objects.get(run=april, kind="adjustment")
    assert (correction.outlet_id, str(correction.amount)) == (outlet.pk, "82.00")
    phone.goto(f"{live_server.url}/settlement/2026-04/outlets/{outlet.pk}/statement/")
    expect(phone.locator("main")).to_contain_text("异议成立： 补报属实")
    picture(phone, "corrected-phone")

    before = (Run.objects.count(), Line.objects.count(), Charge.objects.count(), bytes(statement.document))
    desk.goto(f"{live_server.url}/settlement/2026-03/decide/")
    expect(desk.locator("#month-state")).to_contain_text("已结算")
    seal_statements(run.pk, actor=SYSTEM)
    again = Statement.objects.get(pk=statement.pk)
    assert (Run.objects.count(), Line.objects.count(), Charge.objects.count(), bytes(again.document)) == before
    theirs.close()
    finance.close()


@pytest.mark.parametrize("name", list(SIZES))
def test_pay_is_decided_and_the_engineer_reads_his_slip(browser: Browser, live_server: Any, name: str) -> None:
    outlet = two_months()
    engineer = a_person(unit=outlet, roles=("engineer",), name="周强")
    for number, part in enumerate(("", "水泵", "")):
        an_order(outlet, f"2026-03-1{number} 10:00", engineer=engineer, part=part, service_type="repair")
    an_order(outlet, "2026-03-15 10:00", engineer=engineer, service_type="installation", reported_at=None)
    finance, page = opened(browser, live_server, a_person(unit=the_root(), roles=("finance",)), SIZES[name])
    decided(page, live_server, "2026-03")
    page.get_by_role("link", name="工程师薪资").click()
    page.get_by_role("button", name="确定薪资").click()
    expect(page.locator("main")).to_contain_text("3,079.00")
    picture(page, f"pay-{name}")
    finance.close()
    his, slip = opened(browser, live_server, engineer, SIZES[name])
    slip.goto(f"{live_server.url}/settlement/pay/")
    expect(slip.locator("main")).to_contain_text("结果没有按时返回")
    expect(slip.locator("main")).to_contain_text("18.00 (提成)")
    picture(slip, f"slip-{name}")
    his.close()
