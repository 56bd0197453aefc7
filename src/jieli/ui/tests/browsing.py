"""Waiting in a browser until a page has nothing more to do."""

from playwright.sync_api import Page

# Parts that come "on load" are asked for at most 200 ms after it.
_SETTLED = """() => {
    const [opened] = performance.getEntriesByType("navigation");
    return opened.loadEventEnd > 0 && performance.now() > opened.loadEventEnd + 250
        && document.fonts.status === "loaded" && document.querySelector(".htmx-request") === null;
}"""


def settle(page: Page) -> None:
    """Wait until a page is there with its fonts and the parts that it asks for by itself."""
    page.wait_for_function(_SETTLED)
