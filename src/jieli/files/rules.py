"""What a file is by its content, not by its name; pure but for reading the picture."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from io import BytesIO
from pathlib import PurePath
from typing import IO, Any

import puremagic
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageOps

from jieli.files.refusals import NotThatKind, PictureBroken

# A photo of 108 million points is the largest that phones on sale make; what claims more is an attack or a scan gone wrong.
MOST_PIXELS = 120_000_000
THUMBNAIL = (480, 480)

_PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
# By the extensions under which the signature tables know the formats.
_BY_SIGNATURE = {
    ".jpg": ("image", "image/jpeg"),
    ".jpeg": ("image", "image/jpeg"),
    ".jfif": ("image", "image/jpeg"),
    ".png": ("image", "image/png"),
    ".webp": ("image", "image/webp"),
    ".gif": ("image", "image/gif"),
    ".heic": ("image", "image/heic"),
    ".heif": ("image", "image/heic"),
    ".pdf": ("document", "application/pdf"),
    ".mp3": ("audio", "audio/mpeg"),
    ".mpga": ("audio", "audio/mpeg"),
    ".m4a": ("audio", "audio/mp4"),
    ".aac": ("audio", "audio/aac"),
    ".amr": ("audio", "audio/amr"),
    ".wav": ("audio", "audio/wav"),
    ".ogg": ("audio", "audio/ogg"),
    ".oga": ("audio", "audio/ogg"),
    ".opus": ("audio", "audio/ogg"),
    ".mp4": ("video", "video/mp4"),
    ".mov": ("video", "video/quicktime"),
    ".3gp": ("video", "video/3gpp"),
    ".3g2": ("video", "video/3gpp"),
    ".webm": ("video", "video/webm"),
}
_BY_NAME = {
    "image": {".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".heic", ".heif"},
    "document": {".pdf"},
    "audio": {".mp3", ".m4a", ".aac", ".amr", ".wav", ".ogg", ".oga", ".opus"},
    "video": {".mp4", ".mov", ".3gp", ".webm"},
}
_EXTENSION = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "application/pdf": ".pdf",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/3gpp": ".3gp",
    "video/webm": ".webm",
}


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the first bytes say: `kind` is image, document, audio or video."""

    kind: str
    content_type: str


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What a picture tells about itself; unknown parts are None."""

    thumbnail: bytes | None = None
    taken_at: datetime | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


def sniff(head: bytes, *, name: str, kept: Collection[str] = tuple(_BY_NAME)) -> Sniffed:
    """Return what a file is by its first bytes; raises NotThatKind in words that say what to do.

    A name that promises another kind than the content is refused: whoever opens it later would be misled.
    """
    found = _signature(head)
    promised = kind_of_name(name)
    shown = clean_name(name)
    if found is None:
        if promised == "image":
            raise NotThatKind(
                _("“%(name)s” is not a picture, although its name says so. Take the photo again or choose another file.")
                % {"name": shown}
            )
        raise _not_kept(shown, kept)
    if promised is not None and promised != found.kind and {promised, found.kind} != {"audio", "video"}:
        raise NotThatKind(
            _("“%(name)s” is named like a %(promised)s but is a %(found)s. Give it the ending %(ending)s and send it again.")
            % {
                "name": shown,
                "promised": kind_name(promised),
                "found": kind_name(found.kind),
                "ending": _EXTENSION[found.content_type],
            }
        )
    if found.kind not in kept:
        raise _not_kept(shown, kept)
    return found


def _not_kept(shown: str, kept: Collection[str]) -> NotThatKind:
    kinds = _(", ").join(kind_name(kind) for kind in _BY_NAME if kind in kept)
    return NotThatKind(_("“%(name)s” is of a kind that is not kept; these are: %(kinds)s.") % {"name": shown, "kinds": kinds})


def _signature(head: bytes) -> Sniffed | None:
    if head.lstrip()[:5] == b"%PDF-":
        return Sniffed("document", "application/pdf")
    try:
        matches: Sequence[Any] = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    for match in matches:
        known = _BY_SIGNATURE.get(match.extension)
        if known is not None:
            return Sniffed(*known)
    return None


def kind_of_name(name: str) -> str | None:
    """Return the kind which the ending of a name promises, or None when it promises nothing."""
    ending = PurePath(name).suffix.lower()
    return next((kind for kind, endings in _BY_NAME.items() if ending in endings), None)


def kind_name(kind: str) -> str:
    """Return the word for a kind of file."""
    return {"image": _("picture"), "document": _("PDF document"), "audio": _("recording"), "video": _("video")}[kind]


def clean_name(name: str) -> str:
    """Return the last part of a name without what would harm a header, a path or a page; at most 200 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(ch for ch in last if ch.isprintable() and ch not in '<>:"|?*').strip(" .")
    if len(kept) > 200:
        ending = PurePath(kept).suffix[:20]
        kept = kept[: 200 - len(ending)] + ending
    return kept or "file"


def with_ending(name: str, content_type: str) -> str:
    """Return the name with the ending of its content when it has none that is known."""
    if kind_of_name(name) is not None:
        return name
    ending = _EXTENSION[content_type]
    return name[: 200 - len(ending)] + ending


def examine_picture(stream: IO[bytes], *, name: str, zone: tzinfo) -> tuple[str, PictureFacts]:
    """Decode a picture to its end and return its true content type, a thumbnail turned upright, and when and where taken.

    Times without an offset are read in `zone`. HEIC comes back as it is, without facts. Raises PictureBroken.
    """
    try:
        with Image.open(stream, formats=list(_PICTURES)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureBroken(
                    _("“%(name)s” has %(count)s million points, too many to be shown. Send a smaller copy.")
                    % {"name": clean_name(name), "count": round(picture.width * picture.height / 1_000_000)}
                )
            content_type = _PICTURES[str(picture.format)]
            exif = picture.getexif()
            taken_at, place = _taken_at(exif, zone), _place(exif)
            stream.seek(0)
        return content_type, PictureFacts(_thumbnail(stream), taken_at, *place)
    except PictureBroken:
        raise
    except (OSError, SyntaxError, ValueError, TypeError, Image.DecompressionBombError, EOFError, MemoryError) as error:
        raise PictureBroken(
            _("“%(name)s” is damaged and cannot be read as a picture. Take the photo again or choose another file.")
            % {"name": clean_name(name)}
        ) from error


def _thumbnail(stream: IO[bytes]) -> bytes:
    with Image.open(stream, formats=list(_PICTURES)) as picture:
        # Reading to the end proves that the picture is whole; a JPEG is decoded no larger than its thumbnail needs, which takes
        # a third of the time for a phone's photo.
        picture.draft(picture.mode, THUMBNAIL)
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail(THUMBNAIL)
        if upright.mode not in ("RGB", "L"):
            flat = Image.new("RGB", upright.size, "white")
            alpha = upright.convert("RGBA")
            flat.paste(alpha, mask=alpha.getchannel("A"))
            upright = flat
        out = BytesIO()
        upright.save(out, "JPEG", quality=82)
        return out.getvalue()


def _taken_at(exif: Image.Exif, zone: tzinfo) -> datetime | None:
    details = exif.get_ifd(ExifTags.IFD.Exif)
    text = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    offset = str(details.get(ExifTags.Base.OffsetTimeOriginal) or "")
    try:
        local = datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - cameras write local time
        if len(offset) == 6 and offset[0] in "+-":
            minutes = int(offset[1:3]) * 60 + int(offset[4:6])
            zone = timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
        return local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _place(exif: Image.Exif) -> tuple[Decimal | None, Decimal | None]:
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], str(gps[ExifTags.GPS.GPSLatitudeRef]), "S")
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], str(gps[ExifTags.GPS.GPSLongitudeRef]), "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None, None
    if abs(latitude) > 90 or abs(longitude) > 180 or latitude == longitude == 0:
        return None, None
    return latitude, longitude


def _degrees(parts: Sequence[Any], reference: str, negative: str) -> Decimal:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return Decimal(str(-value if reference.upper().startswith(negative) else value)).quantize(Decimal("0.000001"))
