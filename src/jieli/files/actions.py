"""Every change of evidence: kept, shown to the customer, sealed, erased; and what nobody owns is swept up."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.files import store
from jieli.files.events import EvidenceErased, EvidenceKept, EvidenceSealed, EvidenceShown
from jieli.files.models import Evidence
from jieli.files.policy import may_erase, may_keep, may_seal, may_see
from jieli.files.queries import kept_kinds, most_bytes, most_files
from jieli.files.refusals import FileEmpty, FileTooLarge, TooManyFiles
from jieli.files.rules import PictureFacts, clean_name, examine_picture, sniff, with_ending
from jieli.lib import clock


class Upload(Protocol):
    """What is needed of an uploaded file; Django's `UploadedFile` and `ContentFile` have it."""

    name: str | None

    @property
    def size(self) -> int | None:
        """Return the number of bytes, when known."""
        ...

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from the start."""
        ...


def keep(
    upload: Upload,
    *,
    case_id: int,
    actor: Actor,
    message_id: int | None = None,
    customer_sees: bool = False,
    taken_at: datetime | None = None,
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    most: int | None = None,
) -> Evidence:
    """Keep one file of a case: limits, sniffed content, digest, thumbnail, row and event.

    The bytes are written before the row, outside a transaction of its own: a refusal or rollback leaves at most a file
    which `sweep` removes. When and where it was taken come from the picture unless given. What a customer sends, he sees.
    `most` is how many files the case may then have, when the caller counts by a policy of its own.
    Raises NotAllowed, FileTooLarge, FileEmpty, NotThatKind, PictureBroken, TooManyFiles.
    """
    require(may_keep(actor, case_id))
    name = clean_name(upload.name or "")
    limit = most_bytes()
    if upload.size is not None and upload.size > limit:
        raise _too_large(name, upload.size, limit)
    most = most_files() if most is None else most
    if Evidence.objects.filter(case_id=case_id).count() >= most:
        raise _too_many(most)
    try:
        stored = store.write(upload.chunks(), most_bytes=limit)
    except store.TooLong:
        raise _too_large(name, upload.size, limit) from None
    written = [stored.path]
    with _removed_on_failure(written):
        if stored.size == 0:
            raise FileEmpty(_("“%(name)s” is empty.") % {"name": name})
        with store.full_path(stored.path).open("rb") as file:
            sniffed = sniff(file.read(8192), name=name, kept=kept_kinds())
            content_type, facts = sniffed.content_type, PictureFacts()
            if sniffed.kind == "image" and content_type != "image/heic":
                file.seek(0)
                content_type, facts = examine_picture(file, name=name, zone=timezone.get_default_timezone())
        thumbnail = ""
        if facts.thumbnail:
            thumbnail = store.write([facts.thumbnail], most_bytes=limit, beside=stored.path).path
            written.append(thumbnail)
        if latitude is None or longitude is None:
            latitude, longitude = facts.latitude, facts.longitude
        with transaction.atomic():
            _hold_case(case_id)
            if Evidence.objects.filter(case_id=case_id).count() >= most:
                raise _too_many(most)
            evidence = Evidence.objects.create(
                case_id=case_id,
                message_id=message_id,
                name=with_ending(name, content_type),
                kind=sniffed.kind,
                content_type=content_type,
                size=stored.size,
                sha256=stored.sha256,
                path=stored.path,
                thumbnail=thumbnail,
                uploaded_by_kind=actor.kind,
                uploaded_by_id=actor.id,
                uploaded_by_name=actor.name[:120],
                uploaded_at=clock.now(),
                taken_at=taken_at or facts.taken_at,
                latitude=latitude,
                longitude=longitude,
                customer_sees=customer_sees or actor.kind == "customer",
            )
            record(
                EvidenceKept(
                    case_id=case_id,
                    evidence_id=evidence.pk,
                    sha256=evidence.sha256,
                    size=evidence.size,
                    content_type=content_type,
                    is_shown=evidence.customer_sees,
                    name=evidence.name,
                ),
                actor=actor,
            )
    return evidence


@transaction.atomic
def show_to_customer(evidence_id: int, *, shown: bool, actor: Actor) -> Evidence:
    """Let the customer see a file, or no longer. Raises Evidence.DoesNotExist, NotAllowed, Invalid when sealed or erased."""
    evidence = Evidence.objects.select_for_update().get(pk=evidence_id)
    require(actor.kind != "customer" and may_see(actor, evidence) and may_keep(actor, evidence.case_id))
    if evidence.sealed_at is not None or evidence.erased_at is not None:
        raise Invalid(_("This file is sealed."))
    if evidence.customer_sees != shown:
        evidence.customer_sees = shown
        evidence.save(update_fields=["customer_sees"])
        record(EvidenceShown(case_id=evidence.case_id, evidence_id=evidence.pk, is_shown=shown), actor=actor)
    return evidence


@transaction.atomic
def seal_case_evidence(case_id: int, *, actor: Actor) -> int:
    """Seal what a case has and return how many files that were; from now on only a certified erasure touches them.

    Called in the transaction that closes the case; sealing again seals only what came since. Raises NotAllowed.
    """
    require(may_seal(actor, case_id))
    count = Evidence.objects.filter(case_id=case_id, sealed_at=None, erased_at=None).update(sealed_at=clock.now())
    if count:
        record(EvidenceSealed(case_id=case_id, count=count), actor=actor)
    return count


@transaction.atomic
def erase_evidence_of_cases(case_ids: Iterable[int], *, certificate_id: int, actor: Actor) -> int:
    """Remove the bytes of all evidence of these cases and return how many files; digest and size stay (spec 1, Erasure).

    Works only inside the transaction of a certified erasure: the database refuses it anywhere else. The bytes go after
    the commit; if the process dies before, `sweep` removes them. Raises NotAllowed.
    """
    require(may_erase(actor))
    rows = list(Evidence.objects.select_for_update().kept().filter(case_id__in=list(case_ids)).order_by("pk"))
    paths = [path for row in rows for path in (row.path, row.thumbnail) if path]
    now = clock.now()
    for row in rows:
        row.name = row.path = row.thumbnail = row.uploaded_by_name = ""
        row.latitude = row.longitude = None
        row.erased_at = now
        row.save(update_fields=["name", "path", "thumbnail", "uploaded_by_name", "latitude", "longitude", "erased_at"])
        fact = EvidenceErased(
            case_id=row.case_id,
            evidence_id=row.pk,
            sha256=row.sha256,
            size=row.size,
            certificate_id=certificate_id,
        )
        record(fact, actor=actor)
    transaction.on_commit(lambda: store.remove(*paths))
    return len(rows)


def sweep(*, older_than: float) -> int:
    """Remove files on the disk that no row names (uploads that were refused or rolled back, erased bytes); return how many.

    `older_than` in seconds since 1970 leaves uploads alone whose transaction may still be open.
    """
    removed = 0
    batch: list[str] = []
    for path in store.stored_paths(older_than=older_than):
        batch.append(path)
        if len(batch) == 500:
            removed += _remove_unnamed(batch)
            batch = []
    return removed + _remove_unnamed(batch)


def _remove_unnamed(paths: list[str]) -> int:
    named = set(Evidence.objects.filter(path__in=paths).values_list("path", flat=True))
    named |= set(Evidence.objects.filter(thumbnail__in=paths).values_list("thumbnail", flat=True))
    lost = [path for path in paths if path not in named]
    store.remove(*lost)
    return len(lost)


@contextmanager
def _removed_on_failure(paths: list[str]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        store.remove(*paths)
        raise


def _hold_case(case_id: int) -> None:
    """Let one upload at a time count the files of a case; the case's own row belongs to the app above."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 20301))", [f"evidence of case {case_id}"])


def _too_large(name: str, size: int | None, limit: int) -> FileTooLarge:
    most = round(limit / 1024 / 1024)
    if size is None:
        message = _("“%(name)s” is larger than %(most)s MB, the most that one file may have. Send a smaller copy.")
        return FileTooLarge(message % {"name": name, "most": most})
    message = _("“%(name)s” has %(size)s MB; one file may have at most %(most)s MB. Send a smaller copy.")
    return FileTooLarge(message % {"name": name, "size": round(size / 1024 / 1024, 1), "most": most})


def _too_many(most: int) -> TooManyFiles:
    return TooManyFiles(_("This case has %(most)s files already, the most that a case may have.") % {"most": most})
