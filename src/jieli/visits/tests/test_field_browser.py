"""The engineer's phone in a real browser: work without a network arrives exactly once, whatever happens to the phone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import Client
from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler
from PIL import ExifTags, Image
from playwright.sync_api import Playwright, expect

from jieli.cases.models import Case
from jieli.dispatch.actions.offering import offer_to_engineer
from jieli.dispatch.models import Appointment
from jieli.dispatch.queries.slots import free_slots
from jieli.dispatch.tests import factories as dispatch
from jieli.events.actor import SYSTEM
from jieli.files import store
from jieli.files.models import Evidence
from jieli.orders.actions.living import cancel_order
from jieli.orders.models import WorkOrder
from jieli.parts.models import UsedPart
from jieli.parts.tests.factories import a_part, a_van
from jieli.people.models import Staff
from jieli.people.tests.factories import PASSWORD, a_person, acting, the_root
from jieli.visits.models import Charge, FieldEntry, Photo, Signature, Visit, VisitOrder
from jieli.visits.tests.factories import an_order, an_outlet
from jieli.visits.tests.phone import Phone, free_port
from jieli.visits.views import shell

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PICTURES = Path("artefacts") / "phone"
AXE = Path("node_modules") / "axe-core" / "axe.min.js"
# Whether a target lies under the fixed bars depends on how far the page is scrolled; sizes are measured below.
WCAG_AA = """axe.run({
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], rules: {"target-size": {enabled: false}}
}).then(result => result.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target} ${n.any[0]?.message ?? ""}`)))"""
TOO_SMALL = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary, .f-chip, .f-check, .f-camera")]
    .filter(one => !one.matches("[type=radio], [type=checkbox], [type=file]"))
    .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && box.height > 0 && (box.width < 44 || box.height < 44))
    .map(([text, box]) => `${text} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
SHIFT = """() => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => list.getEntries().forEach(one => { if (!one.hadRecentInput) sum += one.value; }))
        .observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(sum), 300);
})"""
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


@pytest.fixture
def server() -> Iterator[Server]:
    the_root()
    made = Server()
    yield made
    made.stop()


def a_session(staff: Staff) -> str:
    client = Client()
    client.force_login(staff)
    return str(client.cookies["jieli"].value)


@pytest.fixture
def field(server: Server, playwright: Playwright, browser_type_launch_args: dict[str, Any], tmp_path: Path) -> Iterator[Field]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    engineer = a_person(unit=an_outlet(), roles=("engineer",), name="周强", password=PASSWORD)
    order = an_order(engineer)
    phone = Phone(playwright, tmp_path / "phone", browser_type_launch_args, url=server.url)
    phone.signed_in(a_session(engineer))
    phone.open()
    phone.is_ready_for_no_network()
    yield Field(server, engineer, order, phone)
    assert phone.errors == []
    phone.close()


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


# Code 39 of the letters used: bars and gaps in turn, wide or narrow.
CODE_39 = {
    "0": "nnnwwnwnn", "1": "wnnwnnnnw", "2": "nnwwnnnnw", "4": "nnnwwnnnw", "G": "nnnnnwwnw", "Q": "nnnnnnwww",
    "X": "nwnnwnnnw", "-": "nwnnnnwnw", "*": "nwnnwnwnn",
}  # fmt: skip


def film_of(text: str, width: int = 1280, height: int = 720) -> bytes:
    """Return a film of a barcode, as the camera of a test browser shows it."""
    row = b"".join(
        b"".join(
            bytes([16 if place % 2 == 0 else 235]) * (3 if size == "n" else 8) for place, size in enumerate(CODE_39[letter])
        )
        + bytes([235]) * 3
        for letter in f"*{text}*"
    )
    edge = bytes([235]) * ((width - len(row)) // 2)
    line, blank = (edge + row + edge).ljust(width, b"\xeb"), bytes([235]) * width
    frame = b"".join(line if 200 < at < 520 else blank for at in range(height)) + bytes([128]) * (width * height // 2)
    return f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420mpeg2\n".encode() + (b"FRAME\n" + frame) * 3


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


def test_a_whole_visit_without_a_network_survives_a_dead_battery_and_arrives_exactly_once(field: Field, tmp_path: Path) -> None:
    phone, order = field.phone, field.order
    twelve_megapixels = photographs(tmp_path, 30, size=(4000, 3000))
    photos = iter([twelve_megapixels[turn : turn + 8] for turn in range(0, 30, 8)])
    field.goes_dark()
    phone.open()
    expect(phone.page.locator("#foot .f-sync")).to_have_text(NO_NETWORK)
    walk(phone, order, photos, until="repair")
    phone.type("done", "更换排水泵")
    phone.photograph(next(photos))
    phone.page.wait_for_timeout(400)
    phone.kill()

    phone.switch_on()
    phone.context.set_offline(True)
    phone.signed_in(a_session(field.engineer))  # browsers write cookies to the disk only every half minute
    phone.open(f"#/o/{order.number}/s/repair")
    expect(phone.page.locator('[data-field="done"] textarea')).to_have_value("更换排水泵")
    expect(phone.page.locator(".f-photo")).to_have_count(8)
    phone.press()
    walk(phone, order, photos)
    finish(phone, order)
    kept = phone.kept()
    assert {item["state"] for item in kept} == {"waiting"}
    phone.page.screenshot(path=PICTURES / "finished-offline.png")

    field.comes_back()
    field.uploaded()
    order.refresh_from_db()
    visit = Visit.objects.get(case_id=order.case_id)
    assert (order.finished_at is not None, order.steps_complete, visit.state) == (True, True, "finished")
    assert Case.objects.get(pk=order.case_id).status == "resolved"
    entries = [item["id"] for item in kept if item["type"] == "entry"]
    assert sorted(str(one) for one in FieldEntry.objects.values_list("client_id", flat=True)) == sorted(entries)
    assert set(FieldEntry.objects.values_list("state", flat=True)) == {"done"}
    on_phone = {item["id"]: item["sha256"] for item in kept if item["type"] == "photo"}
    assert len(on_phone) == 31
    assert {str(photo.client_id): photo.sha256 for photo in Photo.objects.all()} == on_phone
    assert {store.digest_of(one.path) for one in Evidence.objects.filter(case_id=order.case_id)} >= set(on_phone.values())
    assert Signature.objects.get().visit == visit


def test_photos_arrive_upright_and_no_larger_than_a_page(field: Field, tmp_path: Path) -> None:
    phone, order = field.phone, field.order
    [_, _, turned] = photographs(tmp_path, 3, size=(2400, 1800))
    phone.to(order.number, "/s/tidy")
    phone.photograph([turned])
    field.uploaded()
    [photo] = Photo.objects.select_related("evidence")
    with store.full_path(photo.evidence.path).open("rb") as bytes_:
        picture = Image.open(BytesIO(bytes_.read()))
    assert picture.size == (1200, 1600)
    assert picture.getexif().get(ExifTags.Base.Orientation, 1) == 1


def test_what_is_no_photo_is_refused_in_words_and_the_step_waits(field: Field, tmp_path: Path) -> None:
    phone = field.phone
    no_photos = {
        "paper.jpg": b"%PDF-1.7\n" + b"0" * 2000,
        # An iPhone's own format, turned or not: no browser but Apple's can read it.
        "IMG_1.HEIC": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 2000,
    }
    for language, words in (("English", "is not a usable photo"), ("中文", "不是能用的照片")):
        phone.page.evaluate("() => { location.hash = '#/queue'; }")
        phone.page.get_by_role("button", name=language).click()
        for name, body in no_photos.items():
            (tmp_path / name).write_bytes(body)
            phone.to(field.order.number, "/s/tidy")
            phone.page.locator(".f-camera input").set_input_files([str(tmp_path / name)])
            expect(phone.page.get_by_role("alert").last).to_contain_text(words)
            phone.to(field.order.number)
    phone.to(field.order.number, "/s/tidy")
    phone.page.locator('[data-field="tools_counted"] input').check()
    phone.page.locator("#foot .f-primary").click()
    expect(phone.page.get_by_role("alert").last).to_contain_text("还要 1 张照片")
    assert phone.kept() == []


def test_an_expired_session_says_so_and_nothing_is_lost(field: Field) -> None:
    phone, order = field.phone, field.order
    Session.objects.all().delete()
    phone.to(order.number, "/t/note")
    phone.type("text", "楼道没有信号")
    phone.press()
    expect(phone.page.locator("#foot .f-sync")).to_have_text(re.compile("登录已过期 · 1 项待上传"))
    phone.open("#/")
    phone.page.get_by_role("link", name="重新登录").click()
    phone.page.locator("#id_username").fill(field.engineer.code)
    phone.page.locator("#id_password").fill(PASSWORD)
    phone.page.locator("button[type=submit]").first.click()
    phone.page.wait_for_url("**/field/**")
    field.uploaded()
    assert FieldEntry.objects.get().data == {"text": "楼道没有信号"}


def test_a_full_phone_says_so_keeps_what_is_there_and_drops_nothing_silently(field: Field, tmp_path: Path) -> None:
    phone, order = field.phone, field.order
    field.goes_dark()
    phone.to(order.number, "/t/note")
    phone.type("text", "第一条")
    phone.press()
    phone.close()
    phone.switch_on()
    session = phone.context.new_cdp_session(phone.page)
    full = {"origin": field.server.url, "quotaSize": 1}
    session.send("Storage.overrideQuotaForOrigin", full)
    phone.context.set_offline(True)
    phone.open(f"#/o/{order.number}/t/note")
    phone.type("text", "第二条")
    phone.page.locator("#foot .f-primary").click()
    expect(phone.page.get_by_role("alert")).to_contain_text("手机存储空间已满")
    phone.page.screenshot(path=PICTURES / "storage-full.png")
    assert [item["kind"] for item in phone.kept()] == ["note"]
    expect(phone.page.locator('[data-field="text"] textarea')).to_have_value("第二条")
    session.send("Storage.overrideQuotaForOrigin", {"origin": field.server.url})
    phone.press()
    field.comes_back()
    field.uploaded()
    assert [entry.data["text"] for entry in FieldEntry.objects.order_by("pk")] == ["第一条", "第二条"]


def test_a_new_version_waits_for_the_queue_and_comes_without_a_network(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, order = field.phone, field.order
    before = phone.page.evaluate("document.body.dataset.version")
    Session.objects.all().delete()
    phone.to(order.number, "/t/note")
    phone.type("text", "更新之前")
    phone.press()
    monkeypatch.setattr(shell, "build", lambda: "new-version")
    phone.page.evaluate("() => navigator.serviceWorker.getRegistration().then(one => one.update())")
    phone.to(order.number)
    phone.page.evaluate("() => { location.hash = '#/queue'; }")
    expect(phone.page.locator("#field")).to_contain_text("新版本已下载好，等 1 项上传完再更新")
    assert phone.page.evaluate("document.body.dataset.version") == before

    field.goes_dark()
    phone.kill()
    phone.switch_on()
    phone.context.set_offline(True)
    phone.open()
    assert phone.page.evaluate("document.body.dataset.version") == "new-version"
    assert phone.waiting() == 1

    field.comes_back()
    phone.signed_in(a_session(field.engineer))
    phone.open()
    field.uploaded()
    assert FieldEntry.objects.get().data == {"text": "更新之前"}


def test_work_on_an_order_that_was_called_off_meanwhile_is_kept_and_the_servers_words_stand_at_it(field: Field) -> None:
    phone, order = field.phone, field.order
    field.goes_dark()
    phone.to(order.number, "/s/contact")
    phone.type("text", "约好 10 点到")
    phone.press()
    cancel_order(order.pk, actor=SYSTEM)
    field.comes_back()
    expect(phone.page.locator("#foot .f-sync")).to_have_text(re.compile("1 条被退回"), timeout=60_000)
    phone.to(order.number)
    expect(phone.page.locator("#problems")).to_contain_text("联系客户")
    entry = FieldEntry.objects.get()
    assert (entry.state, entry.data["text"]) == ("conflict", "约好 10 点到")
    expect(phone.page.locator("#problems")).to_contain_text(entry.message)
    phone.page.screenshot(path=PICTURES / "refused.png")
    phone.page.get_by_role("button", name="知道了").click()
    expect(phone.page.locator("#foot .f-sync")).to_have_text(UPLOADED)
    assert phone.kept() == []


def test_an_offer_for_another_day_is_answered_on_the_phone(
    server: Server, playwright: Playwright, browser_type_launch_args: dict[str, Any], tmp_path: Path
) -> None:
    outlet = dispatch.an_outlet()
    engineer = dispatch.an_engineer(outlet)
    case = dispatch.a_ready_case()
    *_, slot = free_slots(outlet.pk, product_line="washing_machine", engineer_id=engineer.pk)
    dispatch.accepted(case, outlet, (slot.starts_at, slot.ends_at))
    offer_to_engineer(case.pk, engineer_id=engineer.pk, actor=acting(dispatch.manager_of(outlet)))
    phone = Phone(playwright, tmp_path / "phone", browser_type_launch_args, url=server.url)
    phone.signed_in(a_session(engineer.staff))
    phone.open()
    phone.page.locator(".f-card", has_text="待接单").click()
    phone.page.screenshot(path=PICTURES / "offer.png")
    with phone.page.expect_response("**/field/bundle/"):
        phone.page.get_by_role("button", name="接单").click()
    expect(phone.page.locator("#foot .f-sync")).to_have_text(UPLOADED)
    expect(phone.page.locator("#field")).to_contain_text("排在以后的会在前一天出现")
    assert WorkOrder.objects.get().engineer == engineer.staff
    assert phone.errors == []
    phone.close()


def test_a_server_that_asks_for_a_newer_page_gets_it_and_nothing_is_lost(field: Field) -> None:
    phone, order = field.phone, field.order
    old = {"code": "update", "message": "", "fields": {}}
    phone.page.route("**/field/bundle/", lambda route: route.fulfill(status=409, json=old))
    phone.to(order.number, "/t/note")
    phone.type("text", "旧版本")
    phone.press()
    expect(phone.page.locator("#foot .f-sync")).to_have_text(re.compile("需要更新版本 · 1 项待上传"))
    phone.page.unroute("**/field/bundle/")
    phone.page.evaluate("() => { location.hash = '#/queue'; }")
    phone.page.get_by_role("button", name="现在更新").click()
    field.uploaded()
    assert FieldEntry.objects.get().data == {"text": "旧版本"}


def test_another_engineer_on_the_same_phone_sends_nothing_of_the_first(field: Field) -> None:
    phone, order = field.phone, field.order
    field.goes_dark()
    phone.to(order.number, "/t/note")
    phone.type("text", "周强的")
    phone.press()
    other = a_person(unit=field.engineer.unit, roles=("engineer",), name="李雷")
    phone.signed_in(a_session(other))
    field.comes_back()
    expect(phone.page.locator("#field")).to_contain_text(f"{field.engineer.code} 还有 1 项没有上传")
    expect(phone.page.locator(".f-card")).to_have_count(0)
    assert not FieldEntry.objects.exists()
    phone.signed_in(a_session(field.engineer))
    phone.open("#/")
    expect(phone.page.locator(".f-card")).to_have_count(1)
    field.uploaded()
    assert FieldEntry.objects.get().staff == field.engineer


def test_a_code_is_read_by_the_camera_without_a_network(field: Field, tmp_path: Path) -> None:
    phone, order = field.phone, field.order
    camera = tmp_path / "camera.y4m"
    camera.write_bytes(film_of("XQG100-2024"))
    phone.close()
    phone.launch["args"] = [
        *phone.launch["args"],
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ]
    phone.switch_on()
    field.goes_dark()
    phone.open(f"#/o/{order.number}/s/genuine")
    phone.page.get_by_role("button", name="扫码").click()
    expect(phone.page.locator('[data-field="serial"] input')).to_have_value("XQG100-2024", timeout=60_000)


def test_out_of_warranty_a_part_is_changed_and_charged_and_a_second_visit_agreed(field: Field) -> None:
    phone, engineer = field.phone, field.engineer
    a_part("PUMP", fits=[("washing_machine", "XQG100")], price_amount=Decimal(120))
    a_van(engineer, PUMP=2)
    order = an_order(engineer, in_warranty=False)
    phone.open("#/")
    expect(phone.page.locator(".f-card")).to_have_count(2)
    field.goes_dark()
    for code in ("set_out", "ready"):
        phone.to(order.number, f"/s/{code}")
        phone.do_step([])
    phone.to(order.number, "/t/part_used")
    phone.page.locator(".f-pick", has_text="PUMP").click()
    phone.type("new_serial", "NEW-1")
    phone.type("old_serial", "OLD-1")
    phone.press()
    phone.to(order.number, "/s/charge")
    for name in ("上门费", "排水泵"):
        phone.page.get_by_role("button", name=f"+ {name}").click()
    expect(phone.page.locator(".f-total")).to_have_text("¥150.00")
    phone.choose("paid_by", "wechat")
    phone.press()
    phone.to(order.number, "/t/outcome")
    phone.choose("result", "not_fixed")
    phone.page.locator("#foot .f-primary").click()
    expect(phone.page.get_by_role("alert")).to_contain_text("没有修好的原因")
    phone.choose("reason", "part")
    phone.type("next", f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%dT10:00}")
    phone.press()
    phone.to(order.number, "/t/finish")
    phone.press()
    field.comes_back()
    field.uploaded()
    assert FieldEntry.objects.exclude(state="done").count() == 0
    used, paid = UsedPart.objects.get(order=order), Charge.objects.get(order=order)
    assert (used.new_serial, used.old_serial, paid.total_amount, paid.paid_by) == ("NEW-1", "OLD-1", Decimal(150), "wechat")
    told = VisitOrder.objects.get(order=order)
    assert (told.result, told.reason, told.finished_at is not None) == ("not_fixed", "part", True)
    assert Case.objects.get(pk=order.case_id).is_open


def test_with_a_network_the_second_visit_is_chosen_among_the_windows_that_are_free(field: Field) -> None:
    phone, order = field.phone, field.order
    phone.open("#/")
    expect(phone.page.locator(".f-card")).to_have_count(1)
    phone.to(order.number, "/s/ready")
    phone.do_step([])
    phone.to(order.number, "/t/outcome")
    phone.choose("result", "not_fixed")
    phone.choose("reason", "part")
    windows = phone.page.locator("#next-window")
    expect(windows).to_be_visible(timeout=30_000)
    windows.select_option(index=3)
    chosen = windows.input_value()
    expect(phone.page.locator('[data-field="next"]')).to_be_hidden()
    phone.press()
    phone.to(order.number, "/t/finish")
    phone.press()
    field.uploaded()
    again = Appointment.objects.current().get(case=order.case_id)
    starts_at, ends_at = (datetime.fromisoformat(text) for text in chosen.split("/"))
    assert (again.starts_at, again.ends_at, again.engineer_id) == (starts_at, ends_at, field.engineer.pk)


def test_the_page_opens_at_once_from_the_phone_and_every_screen_can_be_used_with_a_thumb(field: Field) -> None:
    phone, order = field.phone, field.order
    field.goes_dark()
    shown = []
    for _ in range(3):  # the best of three: a busy machine is no slow page
        phone.open()
        expect(phone.page.locator(".f-card").first).to_be_visible()
        shown.append(phone.page.evaluate("performance.getEntriesByName('field-shown')[0].startTime"))
    assert min(shown) < 1000
    assert phone.page.evaluate(SHIFT) < 0.01
    for rest in [
        "",
        "/s/contact",
        "/s/genuine",
        "/s/diagnose",
        "/s/sign",
        "/t/safety",
        "/t/part_used",
        "/t/outcome",
        "/t/finish",
        "/k/knock",
    ]:
        phone.to(order.number, rest)
        usable(phone, rest)
    phone.page.evaluate("() => { location.hash = '#/queue'; }")
    phone.settled()
    usable(phone, "queue")
    phone.page.get_by_role("button", name="English").click()
    for scheme in ("light", "dark"):
        phone.page.emulate_media(color_scheme=scheme)
        for rest in ["", "/s/sign", "/t/safety"]:
            phone.to(order.number, rest)
            usable(phone, f"{rest} {scheme}")
            phone.page.screenshot(path=PICTURES / f"en-{scheme}{rest.replace('/', '-')}.png")


def usable(phone: Phone, name: str) -> None:
    """Refuse sideways scrolling, targets too small for a thumb, and what people with poor sight cannot use."""
    page = phone.page
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    assert page.evaluate(TOO_SMALL) == [], name
    page.evaluate(AXE.read_text())
    assert page.evaluate(WCAG_AA) == [], name
