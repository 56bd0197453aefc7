"""Bytes of evidence for programs."""

import uuid
from typing import Any

from django.http import HttpResponseBase
from ninja import Router

from jieli.events.refusals import NotFound
from jieli.files import queries, serving
from jieli.files.models import Evidence
from jieli.lib.http import REFUSALS, ApiRequest, Refusal

router = Router(tags=["cases"])
_BYTES: dict[str, Any] = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
_ANSWERS: dict[int, Any] = {
    200: {"description": "The file.", **_BYTES},
    206: {"description": "The range of bytes that was asked for.", **_BYTES},
    416: {"description": "There is no such range."},
}


@router.get(
    "/evidence/{uuid:key}",
    response={frozenset(REFUSALS): Refusal},
    operation_id="get_evidence",
    summary="The bytes of a file",
    openapi_extra={"responses": _ANSWERS},
)
def get_evidence(request: ApiRequest, key: uuid.UUID) -> HttpResponseBase:
    """Return the bytes of a file of a case which the token may see; `key` is in the case's list of files.

    Always as a download (`Content-Disposition: attachment`), whole or by `Range`. 404 `file_gone` when the bytes were erased.
    """
    try:
        evidence = queries.visible_evidence(request.auth, key)
    except Evidence.DoesNotExist:
        raise NotFound from None
    return serving.answer(request, evidence, downloaded=True)
