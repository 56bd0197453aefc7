"""Sealed evidence, and its certified erasure (spec 1, Evidence and Erasure)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from django.db import DatabaseError, connection, transaction

from jieli.events.actions import record
from jieli.events.actor import SYSTEM
from jieli.events.facts import fact_class
from jieli.events.models import Event
from jieli.events.refusals import Invalid, NotAllowed
from jieli.files import actions
from jieli.files.models import Evidence
from jieli.files.tests.factories import AGENT, CUSTOMER, MANAGER, STRANGER, evidence


@dataclass(frozen=True, slots=True)
class Erased:
    """Stands for the fact of the app above, which records it first in every erasure."""

    type: ClassVar[str] = "customers.erased"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar[str] = ""

    customer_id: int = 7
    certificate_id: int = 1

    @property
    def stream_id(self) -> int:
        """Return the chain's id."""
        return self.customer_id


def an_erasure_runs() -> None:
    known = fact_class("customers.erased")
    record(known(customer_id=7, certificate_id=1) if known else Erased(), actor=SYSTEM)  # type: ignore[call-arg, arg-type]


def test_closing_seals_what_is_there(db: None) -> None:
    evidence()
    evidence()
    other = evidence(2)
    assert actions.seal_case_evidence(1, actor=AGENT) == 2
    assert actions.seal_case_evidence(1, actor=AGENT) == 0
    assert Event.objects.filter(type="files.sealed", stream_id=1).count() == 1
    other.refresh_from_db()
    assert other.sealed_at is None
    with pytest.raises(NotAllowed):
        actions.seal_case_evidence(2, actor=STRANGER)


def test_after_a_reopening_new_evidence_comes_in_and_the_old_stays_sealed(db: None) -> None:
    old = evidence()
    actions.seal_case_evidence(1, actor=AGENT)
    new = evidence()
    assert Evidence.objects.get(pk=old.pk).sealed_at is not None
    assert Evidence.objects.get(pk=new.pk).sealed_at is None


def test_whether_the_customer_sees_a_file_can_change_until_it_is_sealed(db: None) -> None:
    kept = evidence()
    assert actions.show_to_customer(kept.pk, shown=True, actor=AGENT).customer_sees
    with pytest.raises(NotAllowed):
        actions.show_to_customer(kept.pk, shown=False, actor=CUSTOMER)
    actions.seal_case_evidence(1, actor=AGENT)
    with pytest.raises(Invalid):
        actions.show_to_customer(kept.pk, shown=False, actor=AGENT)


SET = {
    "digest": "sha256 = repeat('0', 64)",
    "size": "size = 1",
    "case": "case_id = 9",
    "path": "path = 'x'",
    "name": "name = 'x'",
    "uploader": "uploaded_by_name = 'x'",
    "time": "uploaded_at = now()",
    "erasure": "erased_at = now(), name = '', path = '', thumbnail = '', uploaded_by_name = ''",
}


@pytest.mark.parametrize("change", SET.values(), ids=SET)
@pytest.mark.parametrize("sealed", [False, True], ids=["open", "sealed"])
def test_the_database_keeps_evidence_as_it_was(db: None, change: str, sealed: bool) -> None:
    kept = evidence()
    if sealed:
        actions.seal_case_evidence(1, actor=AGENT)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"update files_evidence set {change} where id = %s", [kept.pk])


@pytest.mark.parametrize(
    "attack",
    [
        "update files_evidence set sealed_at = null",
        "update files_evidence set customer_sees = not customer_sees",
        "update files_evidence set thumbnail = ''",
        "delete from files_evidence",
        "truncate files_evidence",
    ],
)
def test_the_database_keeps_the_seal(db: None, attack: str) -> None:
    evidence()
    actions.seal_case_evidence(1, actor=AGENT)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


def test_a_certified_erasure_removes_the_bytes_and_keeps_the_digest(
    db: None, folder: Path, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    kept = evidence()
    other = evidence(2)
    actions.seal_case_evidence(1, actor=AGENT)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():  # type: ignore[attr-defined]
        an_erasure_runs()
        assert actions.erase_evidence_of_cases([1], certificate_id=1, actor=MANAGER) == 1
        assert (folder / kept.path).exists()
    row = Evidence.objects.get(pk=kept.pk)
    assert (row.sha256, row.size) == (kept.sha256, kept.size)
    assert (row.name, row.path, row.thumbnail, row.uploaded_by_name) == ("", "", "", "")
    assert not (folder / kept.path).exists()
    assert not (folder / kept.thumbnail).exists()
    assert (folder / other.path).exists()
    event = Event.objects.get(type="files.erased")
    assert (event.stream_id, event.data["sha256"]) == (1, kept.sha256)


def test_without_a_certified_erasure_the_database_refuses(db: None, folder: Path) -> None:
    kept = evidence()
    with pytest.raises(DatabaseError, match="certified erasure"), transaction.atomic():
        actions.erase_evidence_of_cases([1], certificate_id=1, actor=MANAGER)
    assert (folder / kept.path).exists()
    with pytest.raises(NotAllowed):
        actions.erase_evidence_of_cases([1], certificate_id=1, actor=AGENT)
