"""The files of a case."""

from django.urls import reverse

from jieli.files.models import Evidence
from jieli.lib.http import Instant, Out


class EvidenceOut(Out):
    """A file of the case with its digest; `content_url` is where its bytes are."""

    id: int
    key: str
    content_url: str
    name: str
    kind: str
    content_type: str
    size: int
    sha256: str
    uploaded_at: Instant
    taken_at: Instant | None
    customer_sees: bool
    is_sealed: bool


def evidence_out(evidence: Evidence) -> EvidenceOut:
    """Return a file's row."""
    return EvidenceOut(
        id=evidence.pk,
        key=str(evidence.key),
        content_url=reverse("api:get_evidence", args=[evidence.key]),
        name=evidence.name,
        kind=evidence.kind,
        content_type=evidence.content_type,
        size=evidence.size,
        sha256=evidence.sha256,
        uploaded_at=evidence.uploaded_at,
        taken_at=evidence.taken_at,
        customer_sees=evidence.customer_sees,
        is_sealed=evidence.sealed_at is not None,
    )
