"""An import in a real browser, at the desk and on a phone, with pictures."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from jieli.intake.actions import uploads
from jieli.intake.models import Upload
from jieli.intake.tests.factories import SMALL_HEADER, SMALL_MAPPING, SMALL_ROWS, a_file
from jieli.people.tests.factories import a_company

pytestmark = [pytest.mark.long(15), pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PICTURES = Path("artefacts") / "imports"
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(("name", "size"), [("desk", (1440, 900)), ("phone", (390, 844))])
def test_a_file_is_checked_started_and_there(
    browser: Browser, live_server: Any, tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    boss = a_company()
    client = Client()
    client.force_login(boss)
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    context.add_cookies([{"name": "jieli", "value": client.cookies["jieli"].value, "url": live_server.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    rows = [
        *SMALL_ROWS,
        ("9", "昨天", "open", "Ann", "first", "Firm", "1"),
        ("2", "2020-03-01", "danced", "Ann", "first", "B", "1"),
    ]
    log = a_file(tmp_path / "工单记录.csv", rows, SMALL_HEADER)
    (tmp_path / "mapping.toml").write_text(SMALL_MAPPING, encoding="utf-8")
    page.goto(f"{live_server.url}/import/")
    page.set_input_files("input[name=file]", log)
    page.set_input_files("input[name=mapping_file]", tmp_path / "mapping.toml")
    _picture(page, f"form-{name}")
    page.get_by_role("button", name="检查文件").click()
    expect(page.locator("#upload")).to_contain_text("正在检查文件")
    upload = Upload.objects.get()
    uploads.check_upload(upload.pk)
    expect(page.get_by_role("button", name="导入没有问题的行")).to_be_visible(timeout=10_000)
    expect(page.locator("#upload")).to_contain_text("昨天")
    expect(page.locator("#upload")).to_contain_text("danced")
    _picture(page, f"checked-{name}")
    page.get_by_role("button", name="导入没有问题的行").click()
    expect(page.locator("#upload")).to_contain_text("正在导入")
    _picture(page, f"importing-{name}")
    uploads.bring_in_upload(upload.pk)
    expect(page.locator("#upload")).to_contain_text("已导入", timeout=10_000)
    page.goto(f"{live_server.url}/import/")
    expect(page.locator("#rows")).to_contain_text("工单记录.csv")
    _picture(page, f"list-{name}")
    context.close()


def _picture(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert page.evaluate(WIDTH) <= 0
