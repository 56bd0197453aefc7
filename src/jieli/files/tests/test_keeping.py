"""Keeping evidence (spec 1, Evidence)."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import translation
from PIL import Image

from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.files import actions, store
from jieli.files.models import Evidence
from jieli.files.refusals import FileEmpty, FileRefused, FileTooLarge, NotThatKind, PictureBroken, TooManyFiles
from jieli.files.tests.factories import (
    AGENT,
    CUSTOMER,
    HEIC,
    HTML,
    MP3,
    MP4,
    PDF,
    STRANGER,
    a_picture,
    an_upload,
    evidence,
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Read messages in English."""
    with translation.override("en"):
        yield


def on_disk(folder: Path) -> list[Path]:
    return [Path(top) / name for top, _folders, names in os.walk(folder) for name in names]


def test_bytes_digest_and_origin_are_kept(db: None, folder: Path) -> None:
    content = a_picture()
    kept = evidence(content=content, name="漏水 现场.jpg")
    assert (kept.sha256, kept.size) == (sha256(content).hexdigest(), len(content))
    assert (kept.name, kept.kind, kept.content_type) == ("漏水 现场.jpg", "image", "image/jpeg")
    assert (kept.uploaded_by_kind, kept.uploaded_by_id) == ("staff", AGENT.id)
    assert (folder / kept.path).read_bytes() == content
    assert kept.path.startswith(f"{kept.sha256[:2]}/{kept.sha256[2:4]}/{kept.sha256}-")
    event = Event.objects.get(type="files.kept")
    assert (event.stream, event.stream_id, event.data["sha256"]) == ("case", 1, kept.sha256)
    assert "漏水" not in str(event.data)


def test_the_same_bytes_twice_lie_in_two_files(db: None) -> None:
    one, two = evidence(), evidence()
    assert one.sha256 == two.sha256
    assert one.path != two.path


@pytest.mark.parametrize(
    ("content", "name", "kind", "content_type", "kept_name"),
    [
        (a_picture(format_="PNG"), "a.png", "image", "image/png", "a.png"),
        (a_picture(format_="WEBP"), "a.webp", "image", "image/webp", "a.webp"),
        (a_picture(format_="GIF"), "a.gif", "image", "image/gif", "a.gif"),
        (a_picture(format_="PNG"), "a.jpg", "image", "image/png", "a.jpg"),
        (a_picture(), "a", "image", "image/jpeg", "a.jpg"),
        (HEIC, "a.heic", "image", "image/heic", "a.heic"),
        (PDF, "bill.pdf", "document", "application/pdf", "bill.pdf"),
        (MP3, "call.mp3", "audio", "audio/mpeg", "call.mp3"),
        (MP4, "leak.mp4", "video", "video/mp4", "leak.mp4"),
    ],
)
def test_what_policy_allows_is_kept(db: None, content: bytes, name: str, kind: str, content_type: str, kept_name: str) -> None:
    kept = evidence(content=content, name=name)
    assert (kept.kind, kept.content_type, kept.name) == (kind, content_type, kept_name)


@pytest.mark.parametrize(
    ("content", "name", "refusal", "words"),
    [
        (b"this is not a picture", "photo.jpg", NotThatKind, "“photo.jpg” is not a picture, although its name says so"),
        (HTML, "photo.png", NotThatKind, "“photo.png” is not a picture"),
        (PDF, "photo.jpg", NotThatKind, "named like a picture but is a PDF document. Give it the ending .pdf"),
        (a_picture(), "bill.pdf", NotThatKind, "named like a PDF document but is a picture. Give it the ending .jpg"),
        (HTML, "page.html", NotThatKind, "not kept; these are: picture, PDF document, recording, video"),
        (b"MZ" + b"\x00" * 300, "setup.exe", NotThatKind, "not kept"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", NotThatKind, "not kept"),
        (a_picture()[:-200], "photo.jpg", PictureBroken, "“photo.jpg” is damaged"),
        (a_picture(format_="PNG")[:60], "photo.png", PictureBroken, "damaged"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 500, "photo.jpg", PictureBroken, "damaged"),
        (b"", "photo.jpg", FileEmpty, "“photo.jpg” is empty"),
    ],
    ids=range(11),
)
def test_what_is_refused_says_what_to_do(
    db: None, folder: Path, content: bytes, name: str, refusal: type[FileRefused], words: str
) -> None:
    with pytest.raises(refusal, match=words) as refused:
        evidence(content=content, name=name)
    assert set(refused.value.fields) == {"file"}
    assert not Evidence.objects.exists()
    assert on_disk(folder) == []


def test_a_photo_of_40_mb_is_refused_with_both_numbers(db: None, folder: Path) -> None:
    upload = an_upload(a_picture() + b"\x00" * (40 * 1024 * 1024), name="photo.jpg")
    with pytest.raises(FileTooLarge, match=r"“photo\.jpg” has 40\.0 MB; one file may have at most 20 MB"):
        actions.keep(upload, case_id=1, actor=AGENT)
    assert on_disk(folder) == []


def test_a_stream_that_hides_its_size_is_cut_off(db: None, folder: Path) -> None:
    class Endless:
        name = "zeros.mp4"
        size = None

        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            while True:
                yield b"\x00" * 65536

    with pytest.raises(FileTooLarge, match="larger than 20 MB"):
        actions.keep(Endless(), case_id=1, actor=AGENT)
    assert on_disk(folder) == []


def a_bomb() -> bytes:
    """Return a small PNG that claims 20,000 × 20,000 points."""
    plain = bytearray(a_picture(format_="PNG", size=(1, 1)))
    at = plain.index(b"IHDR")
    plain[at + 4 : at + 12] = (20000).to_bytes(4) + (20000).to_bytes(4)
    import zlib

    plain[at + 17 : at + 21] = zlib.crc32(bytes(plain[at : at + 17])).to_bytes(4)
    return bytes(plain)


def test_a_picture_that_claims_too_many_points_is_not_decoded(db: None) -> None:
    began = time.perf_counter()
    with pytest.raises(PictureBroken, match=r"400 million points|damaged"):
        evidence(content=a_bomb(), name="bomb.png")
    assert time.perf_counter() - began < 2


def test_a_case_has_room_for_thirty_files(db: None) -> None:
    for _number in range(30):
        evidence(content=PDF, name="a.pdf")
    with pytest.raises(TooManyFiles, match="30 files already"):
        evidence(content=PDF, name="a.pdf")
    assert evidence(2, content=PDF, name="a.pdf").case_id == 2


def test_two_uploads_at_once_do_not_pass_the_limit(transactional_db: None) -> None:
    for _number in range(28):
        evidence(content=PDF, name="a.pdf")
    start, refused = threading.Barrier(6), []

    def upload() -> None:
        try:
            start.wait()
            evidence(content=PDF, name="a.pdf")
        except TooManyFiles as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=upload) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Evidence.objects.filter(case_id=1).count() == 30
    assert len(refused) == 4


def test_a_thumbnail_stands_upright_and_tells_nothing(db: None, folder: Path) -> None:
    content = a_picture(size=(1200, 800), rotated=True, taken="2026:11:20 10:00:00")
    kept = evidence(content=content)
    with Image.open(folder / kept.thumbnail) as small:
        assert small.height > small.width
        assert max(small.size) <= 480
        assert not small.getexif()


def test_when_and_where_come_from_the_picture(db: None) -> None:
    content = a_picture(taken="2026:11:20 10:00:00", place=(Decimal(31), Decimal(121)))
    kept = evidence(content=content)
    assert kept.taken_at == datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    assert (kept.latitude, kept.longitude) == (Decimal("31.000000"), Decimal("121.000000"))


def test_what_the_phone_says_comes_before_the_picture(db: None) -> None:
    upload = an_upload(a_picture(place=(Decimal(31), Decimal(121))))
    kept = actions.keep(upload, case_id=1, actor=AGENT, latitude=Decimal(-5), longitude=Decimal(6))
    assert (kept.latitude, kept.longitude) == (Decimal(-5), Decimal(6))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\fotos\\a.jpg", "a.jpg"),
        ('x"\r\nSet-Cookie: a.jpg', "xSet-Cookie a.jpg"),
        ("王" * 300 + ".jpg", "王" * 196 + ".jpg"),
        ("...", "file.jpg"),
    ],
)
def test_a_name_cannot_do_harm(db: None, given: str, kept: str) -> None:
    upload = ContentFile(a_picture())
    upload.name = given
    assert actions.keep(upload, case_id=1, actor=AGENT).name == kept


def test_who_does_not_see_the_case_adds_nothing(db: None, folder: Path) -> None:
    with pytest.raises(NotAllowed):
        evidence(actor=STRANGER)
    with pytest.raises(NotAllowed):
        evidence(2, actor=CUSTOMER)
    assert on_disk(folder) == []


def test_a_customer_sees_what_he_sent(db: None) -> None:
    assert evidence(actor=CUSTOMER).customer_sees
    assert not evidence(actor=AGENT).customer_sees


def test_what_a_rolled_back_upload_leaves_is_swept_up(db: None, folder: Path) -> None:
    kept = evidence()
    with transaction.atomic():
        evidence()
        transaction.set_rollback(True)
    assert len(on_disk(folder)) == 4
    assert actions.sweep(older_than=time.time() - 3600) == 0
    assert actions.sweep(older_than=time.time() + 1) == 2
    assert store.digest_of(kept.path) == kept.sha256
    assert len(on_disk(folder)) == 2


def test_bytes_that_changed_are_found(db: None, folder: Path) -> None:
    from jieli.files.queries import damaged_evidence

    whole, changed, gone = evidence(), evidence(), evidence()
    (folder / changed.path).write_bytes(b"other")
    (folder / gone.path).unlink()
    assert list(damaged_evidence()) == [(changed.pk, "changed"), (gone.pk, "missing")]
    assert whole.pk not in dict(damaged_evidence())
