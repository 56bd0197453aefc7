"""The phone's camera reads our own label of a device, and takes from its address the serial number alone."""

from pathlib import Path

import pytest
import segno
from playwright.sync_api import expect

from jieli.intake.queries.labels import report_url
from jieli.visits.tests.field import Field

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SIZE, WIDTH, HEIGHT = 10, 1280, 720


def film_of_label(text: str) -> bytes:
    """Return a film of a QR code, as the camera of a test browser shows it."""
    rows = [[235 if not cell else 16 for cell in row] for row in segno.make_qr(text, error="m").matrix]
    side = len(rows) * SIZE
    left, top = (WIDTH - side) // 2, (HEIGHT - side) // 2
    blank = bytes([235]) * WIDTH
    lines = [blank] * top
    for row in rows:
        drawn = b"".join(bytes([value]) * SIZE for value in row)
        lines += [(bytes([235]) * left + drawn).ljust(WIDTH, b"\xeb")] * SIZE
    lines += [blank] * (HEIGHT - len(lines))
    frame = b"".join(lines) + bytes([128]) * (WIDTH * HEIGHT // 2)
    return f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420mpeg2\n".encode() + (b"FRAME\n" + frame) * 3


def test_the_label_of_a_device_gives_its_serial(field: Field, tmp_path: Path) -> None:
    phone, order = field.phone, field.order
    camera = tmp_path / "camera.y4m"
    camera.write_bytes(film_of_label(report_url("XQG100/2024-7", "https://service.example.com/")))
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
    expect(phone.page.locator('[data-field="serial"] input')).to_have_value("XQG100/2024-7", timeout=60_000)
