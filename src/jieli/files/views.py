"""Bytes of evidence, shown or downloaded by whom their case allows; the list of a case's files and the upload."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieli.events.actor import Actor
from jieli.events.refusals import Refused
from jieli.files import access, actions, queries, store
from jieli.files.models import Evidence
from jieli.files.policy import may_keep
from jieli.files.refusals import FileGone

# Nothing in a file may run or load anything, whatever its bytes turn out to be.
_CSP = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_SHOWN_IN_THE_PAGE = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/gif", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/aac",
     "video/mp4", "video/webm", "video/quicktime"}
)  # fmt: skip
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def _actor(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@login_required
@require_GET
def file(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Show or download a file; ``?download`` always downloads."""
    return _bytes(request, _visible(_actor(request), key))


@login_required
@require_GET
def thumbnail(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Show the small picture of a picture."""
    return _small(_visible(_actor(request), key))


@require_GET
def tracked_file(request: HttpRequest, token: str, key: uuid.UUID) -> HttpResponseBase:
    """Show a customer, who has come by his tracking link, a file that is meant for him."""
    return _bytes(request, _tracked(token, key))


@require_GET
def tracked_thumbnail(request: HttpRequest, token: str, key: uuid.UUID) -> HttpResponseBase:
    """Show the same customer the small picture."""
    return _small(_tracked(token, key))


def _visible(actor: Actor, key: uuid.UUID) -> Evidence:
    try:
        return queries.visible_evidence(actor, key)
    except Evidence.DoesNotExist:
        raise Http404 from None


def _tracked(token: str, key: uuid.UUID) -> Evidence:
    opened = access.opened_by(token)
    if opened is None:
        raise Http404
    actor, case_id = opened
    evidence = _visible(actor, key)
    if evidence.case_id != case_id:
        raise Http404
    return evidence


def _path(stored: str) -> Path:
    if not stored or not (path := store.full_path(stored)).is_file():
        raise FileGone
    return path


def _bytes(request: HttpRequest, evidence: Evidence) -> HttpResponseBase:
    path = _path(evidence.path)
    is_shown = evidence.content_type in _SHOWN_IN_THE_PAGE and "download" not in request.GET
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


def _small(evidence: Evidence) -> HttpResponseBase:
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


@login_required
@require_http_methods(["GET", "POST"])
def of_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """List the files of a case as a fragment; a POST adds the files it brings.

    The upload control sends each file by itself and puts the answered line into the list; a plain form goes back to `next`.
    """
    actor = _actor(request)
    if not access.may_see_case(actor, case_id):
        raise Http404
    if request.method == "GET":
        return render(request, "files/_evidence.html", evidence_context(actor, case_id))
    kept = [actions.keep(upload, case_id=case_id, actor=actor) for upload in request.FILES.getlist("files")]
    if not kept:
        raise Refused(_("Choose a file first."))
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return render(request, "files/_items.html", {"evidence": kept}, status=201)


def evidence_context(actor: Actor, case_id: int) -> dict[str, object]:
    """Return what ``files/_evidence.html`` shows of a case."""
    return {
        "case_id": case_id,
        "evidence": queries.evidence_of_case(actor, case_id),
        "may_keep": may_keep(actor, case_id),
        "limit_bytes": queries.most_bytes(),
        "most_files": queries.most_files(),
    }


@login_required
@require_POST
def show(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Let the customer see a file, or no longer."""
    actor = _actor(request)
    evidence = get_object_or_404(Evidence, key=key)
    _visible(actor, key)
    shown = actions.show_to_customer(evidence.pk, shown=request.POST.get("shown") == "true", actor=actor)
    return render(request, "files/_items.html", {"evidence": [shown]})
