"""The gallery in a real browser: both languages, light and dark, desk and phone; keys, drafts, drawer; pictures are kept."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from jieli.lib import clock
from jieli.ui import assets
from jieli.ui.tests.browsing import barriers, settle

pytestmark = [pytest.mark.long(70), pytest.mark.browser, pytest.mark.slow]
PAGES = ("desk", "case", "portal", "follow", "login", "error")
PICTURES = Path("artefacts") / "ui"


class Server(ThreadingMixIn, WSGIServer):
    """Serves the pages without a database: the gallery needs none."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve Jieli with its real middleware and static files."""
    assets.built_name("app.css")
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def gallery(site: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the address of the gallery."""
    settings.DEMO = True
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC))
    return f"{site}/ui/gallery/"


@pytest.fixture
def desk(browser: Browser, gallery: str) -> Iterator[Page]:
    """Give the list page in Chinese, and refuse any complaint of the browser about scripts or their policy."""
    page, complaints = look(browser, gallery, width=1440, language="zh-hans", theme="light")
    page.goto(gallery)
    yield page
    page.context.close()
    assert [text for text in complaints if not text.startswith(("Failed to load resource", "Response Status", "htmx:"))] == []


def look(browser: Browser, url: str, *, width: int, language: str, theme: str) -> tuple[Page, list[str]]:
    """Open a page as somebody with this screen, language and theme."""
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    site = url.removesuffix("/ui/gallery/")
    context.add_cookies([{"name": "language", "value": language, "url": site}, {"name": "theme", "value": theme, "url": site}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    return page, complaints


def fitting(browser: Browser, gallery: str, *, width: int, language: str, theme: str) -> Iterator[Page]:
    """Give each page at rest and keep a picture of it; refuse one that is too wide, and any complaint of the browser."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page, complaints = look(browser, gallery, width=width, language=language, theme=theme)
    excess = []
    for name in PAGES:
        page.goto(f"{gallery}?page={name}")
        settle(page)
        page.screenshot(path=PICTURES / f"{name}-{width}-{language}-{theme}.png", full_page=True)
        excess.append(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
        yield page
    page.context.close()
    assert excess == [0] * len(PAGES)
    assert [text for text in complaints if not text.startswith("htmx:")] == []


@pytest.mark.parametrize(
    ("width", "language", "theme"),
    [(390, "en", "light"), (390, "zh-hans", "dark"), (1440, "zh-hans", "light"), (1440, "en", "dark")],
)
def test_every_page_fits_its_screen_and_can_be_used_by_everyone(
    browser: Browser, gallery: str, width: int, language: str, theme: str
) -> None:
    found: list[str] = []
    for page in fitting(browser, gallery, width=width, language=language, theme=theme):
        found += barriers(page)
    assert found == []


@pytest.mark.parametrize(
    ("width", "language", "theme"),
    [(390, "en", "dark"), (390, "zh-hans", "light"), (1440, "zh-hans", "dark"), (1440, "en", "light")],
)
def test_every_page_fits_its_screen(browser: Browser, gallery: str, width: int, language: str, theme: str) -> None:
    assert len(list(fitting(browser, gallery, width=width, language=language, theme=theme))) == len(PAGES)


@pytest.mark.parametrize("width", [768, 1024, 1280, 1920])
def test_no_width_between_needs_scrolling_sideways(browser: Browser, gallery: str, width: int) -> None:
    page, _ = look(browser, gallery, width=width, language="zh-hans", theme="light")
    wide = []
    for name in PAGES:
        page.goto(f"{gallery}?page={name}")
        wide.append(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
    page.context.close()
    assert wide == [0] * len(PAGES)


def test_a_list_is_worked_by_keys_alone(desk: Page) -> None:
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    expect(desk.locator("#case-2")).to_have_attribute("data-current", "")
    desk.keyboard.press("k")
    expect(desk.locator("#case-1")).to_have_attribute("data-current", "")
    desk.keyboard.press("x")
    expect(desk.locator("[data-bulk-count]")).to_have_text("已选 1 条")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**page=case**")


def test_search_help_and_going_have_keys(desk: Page) -> None:
    desk.keyboard.press("/")
    expect(desk.locator("#search-input")).to_be_focused()
    desk.keyboard.type("E30")
    desk.locator("#suggestions a").first.wait_for()
    desk.keyboard.press("Escape")
    desk.keyboard.press("?")
    expect(desk.locator("#help")).to_be_visible()
    expect(desk.locator("#help")).to_contain_text("部门队列")
    desk.keyboard.press("Escape")
    expect(desk.locator("#help")).to_be_hidden()
    desk.keyboard.press("g")
    desk.keyboard.press("q")
    desk.wait_for_url("**nav=2**")


def test_an_unsent_text_comes_back_until_the_server_took_it(desk: Page, gallery: str) -> None:
    desk.goto(f"{gallery}?page=case")
    desk.keyboard.press("r")
    desk.keyboard.type("今天 15:30 前给您答复")
    desk.goto(gallery)
    desk.goto(f"{gallery}?page=case")
    expect(desk.locator("#reply")).to_have_value("今天 15:30 前给您答复")
    expect(desk.locator(".j-draft-note")).to_contain_text("草稿")
    draft = desk.locator("#reply").evaluate("field => field.form.elements._draft.value")
    desk.context.add_cookies([{"name": "sent_draft", "value": draft, "url": gallery.removesuffix("/ui/gallery/")}])
    desk.goto(f"{gallery}?page=case")
    expect(desk.locator("#reply")).to_have_value("")


def test_a_preview_opens_the_drawer_and_the_focus_returns(desk: Page) -> None:
    desk.locator("[data-bulk-item]").first.check()
    act = desk.locator("[data-bulk-bar] button").first
    act.click()
    expect(desk.locator("#drawer")).to_be_visible()
    expect(desk.locator("#drawer-title")).to_have_text("指派")
    expect(desk.locator("#drawer-body")).to_contain_text("将更改 1 票服务单")
    desk.keyboard.press("Escape")
    expect(desk.locator("#drawer")).to_be_hidden()
    expect(act).to_be_focused()


def test_a_masked_number_is_shown_on_request(desk: Page) -> None:
    expect(desk.locator(".j-masked")).to_contain_text("138****8000")
    desk.locator(".j-masked button").click()
    expect(desk.locator(".j-masked")).to_have_text("13812348000")


def test_a_refusal_is_a_message_which_stays(desk: Page) -> None:
    desk.locator("[hx-post='/ui/gallery/refuse/']").click()
    expect(desk.locator("#toasts .j-toast")).to_contain_text("内容已被他人更改")
    desk.locator("#toasts [data-dismiss]").click()
    expect(desk.locator("#toasts .j-toast")).to_have_count(0)


def test_the_theme_changes_at_once_and_stays(desk: Page, gallery: str) -> None:
    desk.locator("summary.j-me").click()
    desk.locator("[data-theme-form] button[value=dark]").click()
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "dark")
    desk.goto(gallery)
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_language_changes_and_comes_back_to_the_page(desk: Page, gallery: str) -> None:
    desk.locator("summary.j-me").click()
    desk.locator("button[value=en]").click()
    expect(desk.locator("h1")).to_have_text("My cases")
    assert desk.url == gallery


def test_a_lost_connection_shows_a_bar_that_heals_by_itself(desk: Page) -> None:
    desk.context.set_offline(True)
    expect(desk.locator("#offline")).to_be_visible()
    desk.context.set_offline(False)
    expect(desk.locator("#offline")).to_be_hidden()


def test_a_file_that_is_too_big_is_refused_before_it_is_sent(desk: Page) -> None:
    desk.locator("[data-upload]").first.evaluate("box => { box.dataset.limitBytes = '10'; }")
    desk.locator("[data-upload]").first.evaluate("box => { window.htmx.trigger(document.body, 'htmx:load', {elt: box}); }")
    desk.locator("[data-upload] input").first.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"x" * 100})
    expect(desk.locator(".j-upload-file").first).to_contain_text("100 B")


def test_the_gallery_is_hidden_in_production(client: Client, settings: Settings) -> None:
    settings.DEMO = False
    assert client.get("/ui/gallery/").status_code == 404
