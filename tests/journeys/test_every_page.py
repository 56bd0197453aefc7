"""Every page that stands in a menu, its tabs and one page behind each of its lists, as the person who uses it sees it.

On the phone in English and at the desk in Chinese, with the demo's company in it: nothing is wider than the window, nothing
moves while it loads, whoever sees little or uses a keyboard can use it, and its labels speak the reader's language.
"""

import json
import re
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from jieli.config.commands import demo
from jieli.config.database import Addresses, point
from jieli.config.demo import quarter
from jieli.config.demo.plots import PLOTS
from jieli.config.nav import ITEMS, PERSON
from jieli.people.models import Staff
from jieli.ui.tests.browsing import AXE, settle

from .company import DESK, PHONE

pytestmark = [pytest.mark.long(120), pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PICTURES = Path("artefacts") / "every-page"
USERS = {
    "engineer": "engineer", "outlet_manager": "owner-01", "dispatcher": "dispatcher", "finance": "finance",
    "quality": "quality", "specialist": "specialist", "agent": "agent", "supervisor": "supervisor", "manager": "manager",
    "administrator": "admin",
}  # fmt: skip
"""Who looks at a page: the first who has it in his menu, so that nobody looks at another's work."""

LIVED = {"part_changed", "dissatisfied", "late", "installed", "with_gaps"}
"""The stories of past weeks that are enough to put something on every page."""

WATCH = """window.shifts = [];
new PerformanceObserver(list => list.getEntries().forEach(one => { if (!one.hadRecentInput) shifts.push(one); }))
    .observe({type: "layout-shift", buffered: true});"""
LOOK = """async () => {
    const axed = await axe.run({
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        rules: {"target-size": {enabled: false}},  // depends on what lies under the bar at the foot; sizes are measured below
        resultTypes: ["violations"],
    });
    const shown = one => one.getClientRects().length > 0;
    const own = one => [...one.childNodes].filter(part => part.nodeType === 3).map(part => part.textContent).join(" ").trim();
    const labels = "th, dt, label, legend, button, summary, .btn, .j-tabs a, .form-label, .j-hint, .j-count-line, .j-empty";
    return {
        wide: document.documentElement.scrollWidth - innerWidth,
        shift: shifts.reduce((sum, one) => sum + one.value, 0),
        moved: shifts.flatMap(one => one.sources.map(part => part.node?.outerHTML?.slice(0, 80) ?? "")).slice(0, 4),
        is_list: document.querySelector("main .j-list") !== null,
        wcag: axed.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target} ${n.any[0]?.message ?? ""}`)),
        labels: [...document.querySelectorAll(labels)].filter(one => shown(one) && !one.closest("form [lang]"))
            .map(own).filter(text => text !== ""),
        small: [...document.querySelectorAll("main :is(button, .btn, input, select, textarea, summary)")]
            .filter(one => shown(one) && !one.matches("[type=hidden], [type=radio], [type=checkbox], .visually-hidden *"))
            .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
            .filter(([, box]) => box.width > 0 && box.height > 1 && box.height < 43.5)
            .map(([text, box]) => `${text} ${Math.round(box.width)}x${Math.round(box.height)}`),
        next: [...document.querySelectorAll("main .j-tabs a, main tr [data-open], main .j-list a, main td a")]
            .filter(shown).map(one => one.getAttribute("href")).slice(0, 60),
    };
}"""
HAN, LATIN = re.compile("[一-鿿]"), re.compile("[A-Za-z]{4,}")
MEANT = re.compile(
    r"XLSX|\.csv|\.gz|\.xlsx|Jieli|Ctrl|HTML|JSON|TOML|English|SHA-256|WeChat|OSRM|POST|https?:|[A-Z]{2}-[A-Z]+|J-\d|\bv\d"
)

TAB = re.compile(r"(list|state|settled|decision)=\w+")


@dataclass
class Looking:
    """What was seen: each page once by the name of its address, and what is wrong with it."""

    language: str
    seen: set[str] = field(default_factory=set)
    wrong: dict[str, object] = field(default_factory=dict)

    def is_new(self, address: str) -> bool:
        """Tell whether no page of this kind was seen; another tab is another kind."""
        path, query = urlsplit(address).path, urlsplit(address).query
        try:
            kind = resolve(path).view_name + (f"?{query}" if TAB.fullmatch(query) else "")
        except Resolver404:
            return False
        if kind in self.seen or "." in path:
            return False
        self.seen.add(kind)
        return True

    def around(self, page: Page, address: str, *, as_: str) -> None:
        """Look at a page, and at one of each kind to which its tabs and rows lead."""
        if not self.is_new(address):
            return
        for behind in self.at(page, address, as_=as_):
            further = address + behind if behind.startswith("?") else behind
            if self.is_new(further):
                self.at(page, further, as_=as_)

    def at(self, page: Page, address: str, *, as_: str) -> list[str]:
        """Open a page, note what is wrong with it, and return where it leads."""
        answer = page.goto(address)
        page.evaluate(AXE.read_text(encoding="utf-8"))  # while parts of the page are on their way
        settle(page)
        found = page.evaluate(LOOK)
        still = 0.01 if found["is_list"] else 0.05
        foreign = HAN if self.language == "en" else LATIN
        faults = {
            "status": answer.status if answer and answer.status != 200 else 0,
            "wider than the window by": max(found["wide"], 0),
            "moves while it loads": (round(found["shift"], 3), found["moved"]) if found["shift"] > still else 0,
            "not for everybody": found["wcag"],
            "in the other language": [one for one in found["labels"] if foreign.search(MEANT.sub("", one))],
            "too small for a thumb": found["small"] if self.language == "en" else [],
        }
        if faults := {name: what for name, what in faults.items() if what}:
            self.wrong[f"{as_} {address}"] = faults
            PICTURES.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=PICTURES / f"{self.language}{re.sub(r'[^a-z0-9]+', '-', address)}.png", full_page=True)
        return [one for one in found["next"] if one and one.startswith(("/", "?"))]


@pytest.fixture
def demo_company(database_urls: Addresses, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill the database with the demo's company, as small as it can be."""
    settings.DEMO, settings.DATABASE_IS_EXTERNAL, settings.DATABASE_ADDRESSES = True, True, database_urls
    given = Namespace(outlets=1, customers=60, orders=12, months=3, weeks=1, seed=1, progress=lambda *_: None)
    monkeypatch.setattr(quarter, "PLOTS", [plot for plot in PLOTS if plot.tell.__name__ in LIVED])
    assert demo.run(given) == 0
    point(database_urls, pool=0)


def test_every_page_fits_stands_still_and_can_be_used(demo_company: None, browser: Browser, live_server: LiveServer) -> None:
    wrong: dict[str, object] = {}
    for language, size in (("en", PHONE), ("zh-hans", DESK)):
        looking = Looking(language)
        for role, addresses in addresses_by_role().items():
            page = seat(browser, live_server, role, language, size)
            for address in addresses:
                looking.around(page, address, as_=role)
            page.context.close()
        assert len(looking.seen) > 50
        wrong |= {f"{language} {name}": what for name, what in looking.wrong.items()}
    assert wrong == {}, json.dumps(wrong, indent=1, ensure_ascii=False)


def addresses_by_role() -> dict[str, list[str]]:
    """Return the pages of the menus, each for the first of the roles that have it."""
    found: dict[str, list[str]] = {role: [] for role in USERS}
    for item in [*ITEMS, *PERSON]:
        found[next(role for role in USERS if not item.roles or role in item.roles)].append(reverse(item.url_name))
    return found


def seat(browser: Browser, live_server: LiveServer, role: str, language: str, size: dict[str, int]) -> Page:
    """Open a browser for the demo's person of a role."""
    client = Client()
    client.force_login(Staff.objects.get(code=USERS[role]))
    context = browser.new_context(
        base_url=live_server.url,
        viewport=size,  # type: ignore[arg-type]
        locale="en" if language == "en" else "zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    context.add_init_script(WATCH)
    for name, value in (("language", language), ("jieli", client.cookies["jieli"].value)):
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    return context.new_page()
