"""The router of the operations of visits, and what several of them share."""

from typing import Annotated, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router
from pydantic import Field

from jieli.events.refusals import Invalid
from jieli.files.models import Evidence
from jieli.lib.http import Instant, Out
from jieli.lib.keyset import decode_cursor

router = Router(tags=["visits"])

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Cursor = Annotated[str, Query(max_length=4096, description="`next` of the page before.")]


class FileOut(Out):
    """A photo; `content_url` is where its bytes are."""

    key: str
    name: str
    content_type: str
    sha256: str
    taken_at: Instant | None
    content_url: str


def file_out(evidence: Evidence) -> FileOut:
    """Return a file as programs see it."""
    return FileOut(
        key=str(evidence.key),
        name=evidence.name,
        content_type=evidence.content_type,
        sha256=evidence.sha256,
        taken_at=evidence.taken_at,
        content_url=reverse("api:get_evidence", args=[evidence.key]),
    )


def keys_of(cursor: str, scope: str, *kinds: type) -> list[Any]:
    """Return the values of a cursor, none of an empty one; raises Invalid for what is no cursor of this list."""
    if not cursor:
        return []
    try:
        found = decode_cursor(cursor, scope=scope)
    except ValueError:
        found = []
    if len(found) != len(kinds) or not all(isinstance(one, kind) for one, kind in zip(found, kinds, strict=True)):
        raise Invalid(fields={"cursor": _("This is no cursor of this list.")})
    return list(found)
