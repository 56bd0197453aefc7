"""Waiting in a browser until a page has nothing more to do, and asking whether everybody can use it."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path("node_modules") / "axe-core" / "axe.min.js"

# A part that comes "on load" is asked for at most 200 ms after it, or never where another window has just asked; what comes
# after seconds is no part of the page. Fifty milliseconds are three pictures for scripts that draw once the page is there.
_SETTLED = """() => {
    const [opened] = performance.getEntriesByType("navigation");
    const since = performance.now() - opened.loadEventEnd;
    if (opened.loadEventEnd === 0 || since < 50 || document.fonts.status !== "loaded"
        || document.querySelector(".htmx-request, .htmx-settling") !== null) return false;
    const came = new Set(performance.getEntriesByType("resource").map(one => one.name.split("?")[0]));
    const address = one => new URL(one.getAttribute("hx-get") ?? one.getAttribute("hx-post"), location).href.split("?")[0];
    return since > 250 || [...document.querySelectorAll("[hx-get], [hx-post]")]
        .filter(one => /\\bload\\b(?! delay:[0-9]+s)/.test(one.getAttribute("hx-trigger") ?? ""))
        .every(one => came.has(address(one)));
}"""


def settle(page: Page) -> None:
    """Wait until a page is there with its fonts and the parts that it asks for by itself."""
    page.wait_for_function(_SETTLED, polling=20)


# Only violations are asked for: to describe what is in order takes axe half as long again.
_BARRIERS = """targets => axe.run({
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    rules: {"target-size": {enabled: targets}},
    resultTypes: ["violations"],
}).then(found => found.violations.flatMap(v => v.nodes.map(n =>
    `${location.pathname}${location.search} ${v.id}: ${n.target} ${n.any[0]?.message ?? ""}`)))"""


def barriers(page: Page, *, targets: bool = True) -> list[str]:
    """Return what keeps somebody from using a page (WCAG 2.2 AA); `targets` is off where sizes are measured otherwise."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(_BARRIERS, targets)
    return found


# A link in a line of words is as high as the line (WCAG 2.5.8 excepts it); radios and boxes are pressed by their labels.
_TOO_SMALL = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary, label:has(> input)")]
    .filter(one => !one.matches("[type=radio], [type=checkbox], [type=file], [type=hidden], .visually-hidden *"))
    .filter(one => one.matches("button, .btn") || getComputedStyle(one).display !== "inline")
    .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && box.height > 1 && box.bottom > 0 && (box.width < 43.5 || box.height < 43.5))
    .map(([text, box]) => `${text} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


def too_small(page: Page) -> list[str]:
    """Return what is smaller than a thumb needs, 44 by 44 pixels."""
    found: list[str] = page.evaluate(_TOO_SMALL)
    return found
