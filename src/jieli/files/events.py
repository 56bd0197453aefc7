"""The facts that this app records; names of files are texts, kept outside the hash."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact, Text


@dataclass(frozen=True, slots=True)
class EvidenceKept(Fact):
    """A file was added to a case; its digest is part of the chain."""

    type: ClassVar[str] = "files.kept"
    stream: ClassVar[str] = "case"
    sentence: ClassVar = _("File “%(name)s” was added")

    case_id: int
    evidence_id: int
    sha256: str
    size: int
    content_type: str
    is_shown: bool
    name: Text


@dataclass(frozen=True, slots=True)
class EvidenceShown(Fact):
    """A file became visible to the customer, or was hidden from him again."""

    type: ClassVar[str] = "files.shown"
    stream: ClassVar[str] = "case"
    sentence: ClassVar = _("Whether the customer sees a file was changed")

    case_id: int
    evidence_id: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class EvidenceSealed(Fact):
    """The evidence of a case was sealed."""

    type: ClassVar[str] = "files.sealed"
    stream: ClassVar[str] = "case"
    sentence: ClassVar = _("The evidence was sealed (%(count)s files)")

    case_id: int
    count: int


@dataclass(frozen=True, slots=True)
class EvidenceErased(Fact):
    """The bytes of a file were removed by a certified erasure; digest and size stay."""

    type: ClassVar[str] = "files.erased"
    stream: ClassVar[str] = "case"
    sentence: ClassVar = _("A file was erased (certificate %(certificate_id)s)")

    case_id: int
    evidence_id: int
    sha256: str
    size: int
    certificate_id: int
