"""An engineer in the field: his phone, a server that can go away, his pictures, and the way through a visit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import Client
from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler
from PIL import ExifTags, Image
from playwright.sync_api import expect

from jieli.config.testing.ports import free_port
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff
from jieli.visits.tests.phone import Phone

PICTURES = Path("artefacts") / "phone"
UPLOADED, NO_NETWORK = re.compile("已全部上传"), re.compile("没有网络")


class Thread(LiveServerThread):
    """Django's server for tests, at an address that was its own a moment ago."""

    def _create_server(self, connections_override: Any = None) -> ThreadedWSGIServer:
        return ThreadedWSGIServer(
            (self.host, self.port),
            QuietWSGIRequestHandler,
            allow_reuse_address=True,
            connections_override=connections_override,
        )


class Server:
    """A server that can be stopped and started again at the same address."""

    def __init__(self) -> None:
        self.port = free_port()
        self.running: Thread | None = None
        self.start()

    @property
    def url(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Answer."""
        self.running = Thread("127.0.0.1", StaticFilesHandler, port=self.port)
        self.running.daemon = True
        self.running.start()
        self.running.is_ready.wait()
        if self.running.error:
            raise self.running.error

    def stop(self) -> None:
        """Answer no more."""
        if self.running is not None:
            self.running.terminate()
        self.running = None


@dataclass
class Field:
    """An engineer with a phone, a server, and an order."""

    server: Server
    engineer: Staff
    order: WorkOrder
    phone: Phone

    def goes_dark(self) -> None:
        """Take away the server and the network."""
        self.server.stop()
        self.phone.context.set_offline(True)

    def comes_back(self) -> None:
        """Give both back."""
        self.server.start()
        self.phone.context.set_offline(False)

    def uploaded(self) -> None:
        """Wait until the phone says that all has arrived."""
        expect(self.phone.page.locator("#foot .f-sync")).to_have_text(UPLOADED, timeout=60_000)


def a_session(staff: Staff) -> str:
    client = Client()
    client.force_login(staff)
    return str(client.cookies["jieli"].value)


def photographs(folder: Path, count: int, *, size: tuple[int, int] = (1200, 900)) -> list[Path]:
    """Return pictures as a phone's camera makes them: large, each another one, every third turned by its orientation."""
    paths = []
    for turn in range(count):
        picture = Image.effect_noise((40, 30), 80 + turn).convert("RGB").resize(size, Image.Resampling.NEAREST)
        exif = Image.Exif()
        if turn % 3 == 2:
            exif[ExifTags.Base.Orientation] = 6
        paths.append(folder / f"{turn}.jpg")
        picture.save(paths[-1], quality=70, exif=exif)
    return paths


def step_here(phone: Phone) -> str:
    """Return the code of the step on the screen, or nothing."""
    address = str(phone.page.evaluate("location.hash"))
    return address.rpartition("/s/")[2] if "/s/" in address else ""


def walk(phone: Phone, order: WorkOrder, photos: Iterator[list[Path]], until: str = "") -> None:
    """Do the steps from the next one on, as far as the one named, or to the end."""
    phone.to(order.number)
    phone.press()
    while (code := step_here(phone)) and code != until:
        if code == "test_run":
            phone.measure(order=order.number)
            phone.to(order.number, "/s/test_run")
        has_camera = phone.page.locator(".f-camera").count() > 0
        fault = ("排水", "排水泵损坏") if code == "diagnose" else ()
        phone.do_step(next(photos) if has_camera else [], serial=order.device.serial if order.device else "", fault=fault)


def finish(phone: Phone, order: WorkOrder) -> None:
    """Say that it is fixed, and finish."""
    phone.to(order.number, "/t/outcome")
    phone.choose("result", "fixed")
    phone.press()
    phone.to(order.number, "/t/finish")
    expect(phone.page.locator(".f-todo li")).to_have_count(0)
    phone.press()
