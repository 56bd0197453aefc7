"""Reads of evidence."""

import uuid
from collections.abc import Iterator

from jieli.events.actor import Actor
from jieli.files import store
from jieli.files.models import Evidence
from jieli.files.policy import may_see
from jieli.policies.queries import current


def most_bytes() -> int:
    """Return how large one file may be, by the policy in force."""
    return int(current("numbers").data.evidence.file_megabytes) * 1024 * 1024


def most_files() -> int:
    """Return how many files a case may have, by the policy in force."""
    return int(current("numbers").data.evidence.files_per_case)


def kept_kinds() -> frozenset[str]:
    """Return the kinds of file that the policy in force keeps, as `Evidence.Kind` names them."""
    return frozenset("document" if type_ == "pdf" else type_ for type_ in current("numbers").data.evidence.types)


def visible_evidence(actor: Actor, key: uuid.UUID) -> Evidence:
    """Return one piece of evidence; raises Evidence.DoesNotExist, also when hidden from the actor."""
    evidence = Evidence.objects.get(key=key)
    if not may_see(actor, evidence):
        raise Evidence.DoesNotExist
    return evidence


def evidence_of_case(actor: Actor, case_id: int) -> list[Evidence]:
    """Return the evidence of a case which the actor may see, oldest first. One query and one question to the cases."""
    rows = list(Evidence.objects.of_case(case_id))
    if not rows or actor.is_internal:
        return rows
    if actor.kind == "customer":
        rows = [row for row in rows if row.customer_sees]
    return rows if rows and may_see(actor, rows[0]) else []


def damaged_evidence() -> Iterator[tuple[int, str]]:
    """Yield id and fault (``missing`` or ``changed``) of evidence whose bytes are not what they were. Reads every file."""
    for evidence in Evidence.objects.kept().order_by("pk").iterator():
        try:
            if store.digest_of(evidence.path) != evidence.sha256:
                yield evidence.pk, "changed"
        except FileNotFoundError:
            yield evidence.pk, "missing"
