"""The company in which journeys happen: its server, its clock, its worker, and a seat for each person."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob

from jieli.lib import clock
from jieli.people.models import Staff
from jieli.people.queries import company_zone, working_calendar
from jieli.people.tests.factories import the_root
from jieli.ui.tests.browsing import settle
from jieli.visits.tests.field import Server
from jieli.visits.tests.phone import Phone

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# The phone's own clock goes with the company's, as it does where no demo has moved it.
GO_WITH = """shift => {
    const True = window.TrueDate ??= Date;
    window.Date = class extends True {
        constructor(...given) { given.length ? super(...given) : super(True.now() + shift); }
        static now() { return True.now() + shift; }
    };
}"""


class Clock:
    """The movable clock of a demo: an administrator moves it on its page, and what falls due happens."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, day: date, time: str) -> None:
        """Move on to a time of the company's day."""
        self.page.goto(reverse("cases:clock"))
        self.page.get_by_label("或拨到").fill(f"{day}T{time}")
        self.page.get_by_role("button", name="拨动时钟").click()
        expect(self.page.locator(".j-toast").first).to_contain_text("时钟已拨动")


class Worker:
    """The queue, worked off when it is told to, so that nobody waits for it; what reacts to what happened runs here."""

    def __init__(self) -> None:
        self.done: set[int] = set()

    def works_off(self) -> None:
        """Do every job that waits, and those that follow from them."""
        while jobs := list(ProcrastinateJob.objects.filter(status="todo").exclude(pk__in=self.done).order_by("pk")):
            for job in jobs:
                self.done.add(job.pk)
                with clock.read_once():
                    queue.tasks[job.task_name].func(**job.args)


class Company:
    """Seats for people who work at once, each in a browser of his own."""

    def __init__(self, browser: Browser, playwright: Playwright, launch: dict[str, Any], server: Server, folder: Path) -> None:
        self.browser, self.playwright, self.launch, self.server, self.folder = browser, playwright, launch, server, folder
        self.worker = Worker()
        self.contexts: list[BrowserContext] = []
        self.phones: list[Phone] = []
        self.faults: list[str] = []

    def seat(self, staff: Staff | None = None, size: dict[str, int] | None = None, **values: Any) -> Page:
        """Open a browser for somebody who is signed in, or for nobody."""
        context = self.browser.new_context(
            base_url=self.server.url,
            viewport=size or DESK,  # type: ignore[arg-type]
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **values,
        )
        if staff is not None:
            context.add_cookies([{"name": "jieli", "value": session_of(staff), "url": self.server.url}])
        self.contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: self.faults.append(line.text) if "Content Security Policy" in line.text else None)
        return page

    def phone(self, staff: Staff) -> Phone:
        """Give an engineer a phone, signed in, with the page and the day on it."""
        phone = Phone(self.playwright, self.folder / staff.code, self.launch, url=self.server.url)
        shift = clock.now() - datetime.now(UTC)
        phone.context.add_init_script(f"({GO_WITH})({round(shift / timedelta(milliseconds=1))})")
        phone.signed_in(session_of(staff))
        self.phones.append(phone)
        return phone

    @staticmethod
    def phone_clock(phone: Phone, at: datetime) -> None:
        """Let the phone's own clock, which nobody sees but its page, be at an instant."""
        phone.page.evaluate(GO_WITH, round((at - datetime.now(UTC)) / timedelta(milliseconds=1)))

    def loses_the_network(self, phone: Phone) -> None:
        """Take away the server and the network from a phone."""
        self.server.stop()
        phone.context.set_offline(True)

    def close(self) -> None:
        """Send everybody home."""
        for context in self.contexts:
            context.close()
        for phone in self.phones:
            self.faults += phone.errors
            phone.close()


def session_of(staff: Staff) -> str:
    """Sign somebody in."""
    client = Client()
    client.force_login(staff)
    return str(client.cookies["jieli"].value)


def next_working_monday() -> date:
    """Return a Monday of the future after which two more days are worked, so that no holiday stands in the way."""
    calendar = working_calendar(the_root().pk)
    monday = clock.now().astimezone(company_zone()).replace(hour=10, minute=0, second=0, microsecond=0)
    monday += timedelta(days=7 - monday.weekday())
    while not all(calendar.is_open(monday + timedelta(days=more)) for more in range(3)):
        monday += timedelta(days=7)
    return monday.date()


def picture(page: Page, path: Path) -> None:
    """Keep a picture of a page at rest, which must not be wider than its window."""
    settle(page)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True)
    assert page.evaluate(WIDTH) <= 0, path.name
