"""A phone for tests: Chromium with a profile that outlives it, and a thumb that does what an engineer does."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, expect

SIZE = {"width": 390, "height": 844}
GRACE = 20_000

# What the phone keeps of each entry and photo.
KEPT = """async () => {
    const open = indexedDB.open("jieli-field");
    const database = await new Promise(done => { open.onsuccess = () => done(open.result); });
    const all = await new Promise(done => {
        const ask = database.transaction("items").objectStore("items").getAll();
        ask.onsuccess = () => done(ask.result);
    });
    database.close();
    return all.map(({id, type, kind, state, order, data}) => ({id, type, kind, state, order, sha256: data.sha256 ?? ""}));
}"""


class Phone:
    """One phone: it can be switched off in the middle of anything and on again."""

    def __init__(
        self, playwright: Playwright, folder: Path, launch: dict[str, Any], *, url: str, language: str = "zh-CN"
    ) -> None:
        self.playwright, self.folder, self.launch, self.url, self.language = playwright, folder, launch, url, language
        self.context: BrowserContext
        self.page: Page
        self.errors: list[str] = []
        self.switch_on()

    def switch_on(self) -> None:
        """Open the browser with the profile that it had."""
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder),
            viewport=SIZE,  # type: ignore[arg-type]
            locale=self.language,
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            has_touch=True,
            is_mobile=True,
            device_scale_factor=2,
            **self.launch,
        )
        self.context.set_default_timeout(GRACE)
        self.page = self.context.pages[0]
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if "Content Security Policy" in line.text else None)

    def kill(self) -> None:
        """End the browser as a dead battery does: without a word to the page."""
        mark = f"--user-data-dir={self.folder}".encode()
        for place in Path("/proc").iterdir():
            if place.name.isdigit():
                with suppress(OSError):
                    if mark in (place / "cmdline").read_bytes():
                        os.kill(int(place.name), signal.SIGKILL)
        with suppress(Exception):
            self.context.close()
        for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.folder / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Switch it off."""
        with suppress(Exception):
            self.context.close()

    def signed_in(self, session: str) -> None:
        """Take a session."""
        later = time.time() + 12 * 3600
        self.context.add_cookies([{"name": "jieli", "value": session, "url": self.url, "expires": later}])

    def signed_out(self) -> None:
        """Lose the session."""
        self.context.clear_cookies(name="jieli")

    def open(self, address: str = "") -> None:
        """Open the phone's page at a place."""
        self.page.goto("about:blank")  # another hash alone would not load the page anew
        self.page.goto(f"{self.url}/field/{address}", wait_until="commit")
        expect(self.page.locator("#foot .f-sync")).to_be_visible()

    def is_ready_for_no_network(self) -> None:
        """Wait until the page, all its files and the day are on the phone."""
        self.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        expect(self.page.locator(".f-card").first).to_be_visible()

    def kept(self) -> list[dict[str, str]]:
        """Return what the phone keeps of entries and photos."""
        found: list[dict[str, str]] = self.page.evaluate(KEPT)
        return found

    def waiting(self) -> int:
        """Count what is not uploaded."""
        return sum(1 for item in self.kept() if item["state"] == "waiting")

    def bar(self) -> str:
        """Return what the bar of the queue says."""
        return self.page.locator("#foot .f-sync").inner_text()

    # --- the thumb -------------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the heading of the screen."""
        return self.page.locator("#head h1").inner_text()

    def press(self) -> None:
        """Press the one big button, and wait until the screen is another."""
        before = self.page.evaluate("location.hash")
        self.page.locator("#foot .f-primary").click()
        self.page.wait_for_function("before => location.hash !== before", arg=before)
        self.settled()

    def settled(self) -> None:
        """Wait until the screen of the address is drawn."""
        self.page.wait_for_function("() => document.body.dataset.shown === location.hash")

    def to(self, order: str, rest: str = "") -> None:
        """Go to an order, or to one of its screens, without loading the page anew."""
        self.page.evaluate("hash => { location.hash = hash; }", f"#/o/{order}{rest}")
        self.settled()

    def choose(self, field: str, code: str) -> None:
        """Choose one of the big buttons of a field."""
        self.page.locator(f'[data-field="{field}"] input[value="{code}"] + span').click()

    def type(self, field: str, text: str) -> None:
        """Type into a field."""
        self.page.locator(f'[data-field="{field}"]').locator("input, textarea").first.fill(text)

    def sign(self) -> None:
        """Sign with a finger."""
        box = self.page.locator("canvas.f-sign").bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 40, box["y"] + 60)
        self.page.mouse.down()
        for step in range(12):
            self.page.mouse.move(box["x"] + 40 + step * 18, box["y"] + 60 + (step % 3) * 20)
        self.page.mouse.up()

    def photograph(self, paths: list[Path]) -> None:
        """Take photos, and wait until the phone has kept each."""
        before = self.page.locator(".f-photo").count()
        self.page.locator(".f-camera input").set_input_files([str(path) for path in paths])
        expect(self.page.locator(".f-photo")).to_have_count(before + len(paths), timeout=60_000)

    def measure(self, *, order: str, voltage: str = "221") -> None:
        """Do the electrical safety test."""
        self.to(order, "/t/safety")
        self.type("voltage", voltage)
        self.choose("earth_ok", "yes")
        self.choose("socket_ok", "yes")
        self.press()

    def do_step(self, photos: list[Path], *, serial: str = "", fault: tuple[str, ...] = ()) -> None:
        """Fill in the step on the screen as the standard asks, and press its button."""
        page = self.page
        for name in fault:
            page.locator(".f-tree .f-pick", has_text=name).first.click()
        for field in page.locator("[data-field]").all():
            if field.is_hidden():
                continue
            self._fill(field, serial)
        if page.locator("canvas.f-sign").count():
            self.sign()
        if page.locator(".f-camera").count() and photos:
            self.photograph(photos)
        self.press()

    def _fill(self, field: Any, serial: str) -> None:
        if field.locator("input[type=checkbox]").count():
            field.locator("input[type=checkbox]").check()
        elif field.locator(".f-chip").count():
            field.locator(".f-chip span").first.click()
        elif field.locator("input[type=time]").count():
            field.locator("button").click()
        elif field.locator(".f-scan-button").count():
            field.locator("input").fill(serial)
        elif field.locator(".f-number").count():
            field.locator("input").fill("30")
        elif not field.locator("textarea").input_value():
            field.locator("textarea").fill("已和用户说定，一切正常")
