"""Files by the browser: kept, checked by a job without keeping anything, and brought in by a job when told to."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as queue

from jieli.events.actor import Actor, import_actor
from jieli.events.refusals import Invalid, NotFound, Refused, require
from jieli.intake.actions.exchange import import_exchange_file, importers
from jieli.intake.actions.histories import import_history, usable_mapping
from jieli.intake.models import Upload
from jieli.intake.policy import may_import_files
from jieli.intake.rules.reports import FileReport
from jieli.lib import clock
from jieli.people.models import Staff

LARGEST_UPLOAD = 200 * 1024 * 1024
FORMS = ("events", "updates", "cases")


def folder() -> Path:
    """Return where uploads wait."""
    return Path(settings.DATA) / "imports"


def keep_upload(chunks: Iterable[bytes], *, file_name: str, kind: str, mapping: str, actor: Actor) -> Upload:
    """Keep a file and let a job check it.

    Raises NotAllowed, Invalid for an empty or too large file, BadMapping.
    """
    require(may_import_files(actor))
    if mapping.strip():
        kind = usable_mapping(mapping).form
    elif kind not in importers:
        raise Invalid(fields={"mapping": _("A foreign history needs a mapping.")})
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / f"{secrets.token_hex(16)}{_suffix(file_name)}"
    size = 0
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST_UPLOAD:
                    raise Invalid(fields={"file": _("The file is too large; use the command line: jieli import.")})
                file.write(chunk)
        if not size:
            raise Invalid(fields={"file": _("The file is empty.")})
        with transaction.atomic():
            upload = Upload.objects.create(
                file_name=Path(file_name).name[:200],
                path=path.name,
                size=size,
                kind=kind,
                mapping=mapping,
                by_id=actor.id or 0,
                at=clock.now(),
                changed_at=clock.now(),
            )
            queue.configure_task("intake.check_upload").defer(upload_id=upload.pk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return upload


@transaction.atomic
def start_upload(upload_id: int, *, actor: Actor) -> Upload:
    """Let a job bring in a checked file; once it runs, nothing happens. Raises NotAllowed, NotFound."""
    require(may_import_files(actor))
    upload = Upload.objects.select_for_update().filter(pk=upload_id).first()
    if upload is None:
        raise NotFound
    if upload.state == Upload.State.CHECKED:
        upload.state, upload.changed_at, upload.done = Upload.State.IMPORTING, clock.now(), 0
        upload.save(update_fields=["state", "changed_at", "done"])
        queue.configure_task("intake.bring_in_upload").defer(upload_id=upload.pk)
    return upload


def check_upload(upload_id: int) -> None:
    """Do everything with a kept file and keep nothing; the report says what would come of it."""
    upload = Upload.objects.get(pk=upload_id)
    if upload.state == Upload.State.CHECKING:
        _run(upload, dry_run=True)


def bring_in_upload(upload_id: int) -> None:
    """Bring in a file that was checked and started; a repeat goes on where a killed job stopped."""
    upload = Upload.objects.get(pk=upload_id)
    if upload.state == Upload.State.IMPORTING:
        _run(upload, dry_run=False)


class _NothingIsKept(Exception):
    """Ends a check."""


def _run(upload: Upload, *, dry_run: bool) -> None:
    language = Staff.objects.filter(pk=upload.by_id).values_list("language", flat=True).first()
    with translation.override(language or settings.LANGUAGE_CODE):
        try:
            report = _imported(upload, dry_run=dry_run)
        except Refused as refused:
            _settle(upload, Upload.State.REFUSED, reason=str(refused))
            return
        except Exception:
            _settle(upload, Upload.State.REFUSED, reason=_("Something went wrong on our side; the log says what. Try again."))
            raise
    upload.report = {**report.as_dict(), "cases": report.cases, "events": report.events}
    _settle(upload, Upload.State.CHECKED if dry_run else Upload.State.DONE)
    if not dry_run:
        (folder() / upload.path).unlink(missing_ok=True)


def _imported(upload: Upload, *, dry_run: bool) -> FileReport:
    path = folder() / upload.path
    actor = import_actor(f"upload {upload.pk}")

    def progress(done: int, total: int | None, _what: str) -> None:
        # While rows are read the connection is busy with COPY; a check is one transaction, whose word nobody would see.
        if total is not None and not dry_run:
            Upload.objects.filter(pk=upload.pk).update(done=done, total=total)

    if upload.kind in FORMS:
        return import_history(
            path, mapping_text=upload.mapping, actor=actor, file_name=upload.file_name, dry_run=dry_run, progress=progress
        )
    if not dry_run:
        return import_exchange_file(path, kind=upload.kind, actor=actor, file_name=upload.file_name, progress=progress)
    report: FileReport | None = None
    try:
        with transaction.atomic():
            report = import_exchange_file(path, kind=upload.kind, actor=actor, file_name=upload.file_name)
            raise _NothingIsKept
    except _NothingIsKept:
        pass
    assert report is not None
    return report


def _settle(upload: Upload, state: str, *, reason: str = "") -> None:
    upload.state, upload.reason, upload.changed_at = state, reason, clock.now()
    upload.save(update_fields=["state", "reason", "changed_at", "report"])


def _suffix(name: str) -> str:
    low = name.lower()
    return next((suffix for suffix in (".csv.gz", ".csv", ".xlsx") if low.endswith(suffix)), ".csv")
