"""Files for tests, small and real."""

from decimal import Decimal
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import ExifTags, Image

from jieli.events.actor import Actor, Grant
from jieli.files import actions
from jieli.files.models import Evidence

AGENT = Actor("staff", 1, "李雷", (Grant("agent", "/"),))
STRANGER = Actor("staff", 2, "周强", (Grant("agent", "/9/"),))
MANAGER = Actor("staff", 3, "韩梅梅", (Grant("manager", "/"),))
CUSTOMER = Actor("customer", 7, "王芳")

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x21" + b"\x00" * 200
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42" + b"\x00" * 200
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 200
HTML = b"<html><script>alert(1)</script></html>"


def a_picture(
    *,
    format_: str = "JPEG",
    size: tuple[int, int] = (64, 48),
    colour: str = "red",
    rotated: bool = False,
    taken: str = "",
    place: tuple[Decimal, Decimal] | None = None,
) -> bytes:
    """Return the bytes of a picture, with what a phone would write into it."""
    picture = Image.new("RGB", size, colour)
    exif = Image.Exif()
    if rotated:
        exif[ExifTags.Base.Orientation] = 6
    if taken:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    if place is not None:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef] = "S" if place[0] < 0 else "N"
        gps[ExifTags.GPS.GPSLatitude] = (float(abs(place[0])), 0.0, 0.0)
        gps[ExifTags.GPS.GPSLongitudeRef] = "W" if place[1] < 0 else "E"
        gps[ExifTags.GPS.GPSLongitude] = (float(abs(place[1])), 0.0, 0.0)
    out = BytesIO()
    picture.save(out, format_, **({"exif": exif} if format_ in ("JPEG", "WEBP", "PNG") else {}))
    return out.getvalue()


def an_upload(content: bytes | None = None, *, name: str = "photo.jpg") -> "ContentFile[bytes]":
    """Return an uploaded file."""
    return ContentFile(a_picture() if content is None else content, name=name)


def evidence(case_id: int = 1, *, content: bytes | None = None, name: str = "photo.jpg", actor: Actor = AGENT) -> Evidence:
    """Keep a file of a case."""
    return actions.keep(an_upload(content, name=name), case_id=case_id, actor=actor)
