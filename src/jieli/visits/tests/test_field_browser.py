"""The engineer's phone in a real browser: work without a network arrives exactly once, whatever happens to the phone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Playwright, expect

from jieli.cases.models import Case
from jieli.dispatch.actions.offering import offer_to_engineer
from jieli.dispatch.models import Appointment
from jieli.dispatch.queries.slots import free_slots
from jieli.dispatch.tests import factories as dispatch
from jieli.files import store
from jieli.files.models import Evidence
from jieli.orders.models import WorkOrder
from jieli.parts.models import UsedPart
from jieli.parts.tests.factories import a_part, a_van
from jieli.people.tests.factories import acting
from jieli.ui.tests.browsing import barriers
from jieli.visits.models import Charge, FieldEntry, Photo, Signature, Visit, VisitOrder
from jieli.visits.tests.factories import an_order
from jieli.visits.tests.field import NO_NETWORK, PICTURES, UPLOADED, Field, Server, a_session, finish, photographs, walk
from jieli.visits.tests.phone import Phone

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

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
    # Whether a target lies under the fixed bars depends on how far the page is scrolled; sizes are measured above.
    assert barriers(page, targets=False) == [], name
