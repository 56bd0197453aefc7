"""Cases belong together, and no longer."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.cases.events.base import CaseFact


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tie(CaseFact):
    other_id: int
    other_number: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Merge(CaseFact):
    customer_sees: ClassVar = True

    into_id: int
    into_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesRelated(_Tie):
    """Two cases were tied together."""

    type: ClassVar[str] = "cases.related"
    sentence: ClassVar = _("Tied to %(other_number)s (%(kind)s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationUndone(_Tie):
    """A tie between two cases was undone."""

    type: ClassVar[str] = "cases.relation_undone"
    sentence: ClassVar = _("No longer tied to %(other_number)s (%(kind)s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMerged(_Merge):
    """The case was merged into another; both histories are kept and both customers are told."""

    type: ClassVar[str] = "cases.merged"
    sentence: ClassVar = _("Goes on under %(into_number)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeUndone(_Merge):
    """A merge was undone; the case goes on by itself as it was."""

    type: ClassVar[str] = "cases.merge_undone"
    sentence: ClassVar = _("Goes on by itself again, no longer under %(into_number)s")
