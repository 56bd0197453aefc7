"""One import as people start it: a file or a folder, by kind or by mapping."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieli.events.actor import Actor
from jieli.events.refusals import Refused, require
from jieli.intake.actions import exchange
from jieli.intake.actions.histories import Progress, import_history, usable_mapping
from jieli.intake.policy import may_import_files
from jieli.intake.refusals import BadMapping, NotReadable
from jieli.intake.rules.mapping import EXCHANGE_EVENTS
from jieli.intake.rules.reports import FileReport

FORMS = ("events", "updates", "cases")
SUFFIXES = (".csv", ".csv.gz", ".xlsx")


@dataclass(slots=True)
class ImportReport:
    """What came of an import; `refused` are files that were not taken at all, with the reason."""

    files: list[FileReport] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Tell whether every row of every file was taken."""
        return not self.refused and not any(one.rejected for one in self.files)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON (interfaces, `jieli import`)."""
        return {
            "files": [one.as_dict() for one in self.files],
            "cases": sum(one.cases for one in self.files),
            "events": sum(one.events for one in self.files),
            "seconds": round(self.seconds, 3),
            "refused": [{"file": name, "reason": reason} for name, reason in self.refused],
        }


class _NothingIsKept(Exception):
    """Ends a dry run."""


def import_path(
    path: Path,
    *,
    actor: Actor,
    kind: str = "",
    mapping_text: str = "",
    dry_run: bool = False,
    progress: Progress = lambda _done, _total, _what: None,
) -> ImportReport:
    """Bring in a file or a folder of exchange files and return what came of each file.

    `kind` is a kind of exchange file or a form of mapping; without it the file's name or the mapping says it. A dry run does
    everything and keeps nothing. A file that cannot be taken is named in the report; the others are taken all the same.
    Raises NotAllowed, NotReadable when there is nothing at `path`.
    """
    require(may_import_files(actor))
    began = monotonic()
    report = ImportReport()
    if not path.exists():
        raise NotReadable(_("There is no file %(path)s.") % {"path": path})
    todo = list(_files(path, kind, mapping_text))
    try:
        with transaction.atomic() if dry_run else _each_by_itself():
            for file, file_kind, text in todo:
                _take(report, file, file_kind, text, actor=actor, dry_run=dry_run, progress=progress)
            if dry_run:
                raise _NothingIsKept
    except _NothingIsKept:
        pass
    report.seconds = monotonic() - began
    return report


class _each_by_itself:  # noqa: N801 - used like a function
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _files(path: Path, kind: str, mapping_text: str) -> Iterable[tuple[Path, str, str]]:
    """Give each file with its kind and mapping, in the order of import; kind "" when nothing says it."""
    if path.is_dir():
        found = {_stem(file): file for file in sorted(path.iterdir()) if file.is_file() and _is_table(file)}
        for name in exchange.KINDS:
            if name in found:
                file = found.pop(name)
                yield file, name, EXCHANGE_EVENTS if name == "events" else ""
        for file in found.values():
            yield file, "", ""
        return
    if mapping_text:
        yield path, kind if kind in FORMS else usable_mapping(mapping_text).form, mapping_text
    else:
        name = kind or _stem(path)
        yield path, name, EXCHANGE_EVENTS if name == "events" else ""


def _take(
    report: ImportReport, file: Path, kind: str, mapping_text: str, *, actor: Actor, dry_run: bool, progress: Progress
) -> None:
    try:
        if kind in FORMS:
            if not mapping_text:
                raise BadMapping(_("A history of this form needs a mapping: --mapping FILE."))
            one = import_history(file, mapping_text=mapping_text, form=kind, actor=actor, dry_run=dry_run, progress=progress)
        elif kind in exchange.importers:
            one = exchange.import_exchange_file(file, kind=kind, actor=actor, progress=progress)
        elif kind in exchange.KINDS:
            raise NotReadable(_("Files of the kind %(kind)s are not known yet.") % {"kind": kind})
        else:
            raise NotReadable(
                _("Nothing says what this file is: name it like one of %(kinds)s, or use --as, or a mapping.")
                % {"kinds": ", ".join(f"{name}.csv" for name in exchange.KINDS)}
            )
    except Refused as refused:
        report.refused.append((file.name, str(refused)))
        return
    report.files.append(one)


def _is_table(file: Path) -> bool:
    return file.name.lower().endswith(SUFFIXES)


def _stem(file: Path) -> str:
    return file.name.lower().split(".", 1)[0]


__all__ = ["FORMS", "FileReport", "ImportReport", "import_path"]
