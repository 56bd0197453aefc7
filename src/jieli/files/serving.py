"""Bytes of evidence as answers: in armour, in parts for players, and small pictures."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from jieli.files import store
from jieli.files.models import Evidence
from jieli.files.refusals import FileGone

# Nothing in a file may run or load anything, whatever its bytes turn out to be.
_CSP = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_SHOWN_IN_THE_PAGE = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/gif", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/aac",
     "video/mp4", "video/webm", "video/quicktime"}
)  # fmt: skip
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def _path(stored: str) -> Path:
    if not stored or not (path := store.full_path(stored)).is_file():
        raise FileGone
    return path


def answer(request: HttpRequest, evidence: Evidence, *, downloaded: bool = False) -> HttpResponseBase:
    """Return a file, or the range of bytes that is asked for; `downloaded`, or ``?download``, never shows it in the page.

    Whether it may be seen is asked before. Raises FileGone.
    """
    path = _path(evidence.path)
    is_shown = evidence.content_type in _SHOWN_IN_THE_PAGE and not downloaded and "download" not in request.GET
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    response: HttpResponseBase
    if found and evidence.size:
        response = _part(path, evidence.size, *found.groups())
    else:
        response = FileResponse(path.open("rb"))
        response["Content-Length"] = str(evidence.size)
    response["Content-Type"] = evidence.content_type
    response["Content-Disposition"] = content_disposition_header(not is_shown, evidence.name) or "attachment"
    response["Accept-Ranges"] = "bytes"
    return _guarded(response)


def _part(path: Path, size: int, first: str, last: str) -> HttpResponseBase:
    """Answer one range of bytes: players of recordings and videos ask so."""
    if first:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
    else:
        start, end = max(size - int(last or 0), 0), size - 1
    if start > end or start >= size:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{size}"
        return refused
    response = StreamingHttpResponse(_chunks(path, start, end - start + 1), status=206)
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Content-Length"] = str(end - start + 1)
    return response


def _chunks(path: Path, start: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as stream:
        stream.seek(start)
        while length > 0 and (chunk := stream.read(min(length, 1 << 16))):
            length -= len(chunk)
            yield chunk


def small_answer(evidence: Evidence) -> HttpResponseBase:
    """Return the small picture of a picture; raises Http404 for what has none, FileGone."""
    if not evidence.thumbnail:
        raise Http404
    response = FileResponse(_path(evidence.thumbnail).open("rb"))
    response["Content-Type"] = "image/jpeg"
    response["Content-Disposition"] = "inline"
    return _guarded(response)


def _guarded(response: HttpResponseBase) -> HttpResponseBase:
    response["Content-Security-Policy"] = _CSP
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=300"
    return response
