"""Why an outlet or an engineer gets no work; pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.network.rules.shifts import Window


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason against: a stable code and the words for people."""

    code: str
    words: str | Lazy

    def __str__(self) -> str:
        return str(self.words)


class Paper(Protocol):
    """What is asked of a document."""

    expires_on: date | None
    blocks: bool
    product_lines: list[str]
    service_types: list[str]


OUTLET_SUSPENDED = Reason("outlet_suspended", _("the outlet is suspended"))
OUTLET_ENDED = Reason("outlet_ended", _("the contract of the outlet has ended"))
CONTRACT_OVER = Reason("contract_over", _("the contract has run out"))
PROVIDER_ENDED = Reason("provider_ended", _("the contract of the provider has ended"))
PRODUCT_LINE = Reason("product_line", _("the outlet does not serve this product line"))
NO_OUTLET = Reason("no_outlet", _("belongs to no outlet"))
LEFT = Reason("left", _("has left"))
LICENCE_REVOKED = Reason("licence_revoked", _("the licence is revoked"))
LICENCE_EXPIRED = Reason("licence_expired", _("the licence has expired"))
NO_SKILL = Reason("no_skill", _("has no skill in this product line"))
SKILL_EXPIRED = Reason("skill_expired", _("the skill in this product line has expired"))
NOT_ON_SHIFT = Reason("not_on_shift", _("is not on shift at that time"))
ABSENT = Reason("absent", _("is absent at that time"))


def needs(paper: Paper, *, product_line: str, service_type: str) -> bool:
    """Tell whether a work needs a paper; an empty list of the paper stands for all, an unknown work for any."""
    lines, types = paper.product_lines, paper.service_types
    return (not lines or not product_line or product_line in lines) and (not types or not service_type or service_type in types)


def document_expired(kind: str) -> Reason:
    """Return the reason of an expired document, with its name."""
    return Reason("document_expired", _("expired: %(document)s") % {"document": kind})


def expired_papers(papers: Collection[tuple[str, Paper]], *, product_line: str, service_type: str, on: date) -> list[Reason]:
    """Return a reason for each named paper that the work needs and whose last day is over."""
    return [
        document_expired(name)
        for name, paper in papers
        if paper.blocks
        and paper.expires_on is not None
        and paper.expires_on < on
        and needs(paper, product_line=product_line, service_type=service_type)
    ]


def is_within(at: datetime, windows: Sequence[Window]) -> bool:
    """Tell whether an instant lies in one of the stretches."""
    return any(start <= at < end for start, end in windows)
