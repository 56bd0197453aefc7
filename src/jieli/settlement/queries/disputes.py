"""Disputes of statements: in words, one by one, and as a list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from jieli.lib import clock
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.policies.queries import current
from jieli.settlement.models import Charge, Dispute, Ruling, Statement
from jieli.settlement.queries.pages import PAGE, BadCursor, Paths, below
from jieli.settlement.rules.wording import incentive_words

_ABOUT = (
    "statement__run",
    "statement__outlet",
    "order__case",
    "charge__incentive",
    "charge__order__case",
    "opened_by",
    "ruling__decided_by",
)


def line_words(dispute: Dispute) -> str:
    """Return which line is disputed: the number of its order, or what the line of Q is with its amount."""
    if dispute.order is not None:
        return dispute.order.number
    charge = dispute.charge
    assert charge is not None
    name = str(Charge.Kind(charge.kind).label)
    if charge.incentive:
        name = incentive_words(charge.incentive.kind, current("settlement").data)
    number = f" {charge.order.number}" if charge.order else ""
    return f"{name}{number} {charge.amount:.2f}"


def disputes(paths: Paths) -> QuerySet[Dispute]:
    """Return the disputes that somebody sees: those below some units, or all."""
    found = Dispute.objects.filter(below(paths, "statement__outlet__path"))
    return found.select_related(*_ABOUT).defer("statement__document")


def disputes_of(statement_id: int) -> list[Dispute]:
    """Return the disputes of one statement. One query."""
    return list(disputes(None).filter(statement_id=statement_id).order_by("pk"))


@dataclass(frozen=True, slots=True)
class Disputing:
    """The disputes of a statement as its page needs them: by line, whether more may come, and at which address."""

    rows: list[dict[str, Any]]
    by_order: dict[str, Dispute]
    by_charge: dict[int, Dispute]
    may_dispute: bool
    may_confirm: bool
    url: str


def disputing(statement: Statement, *, may_act: bool, url: str) -> Disputing:
    """Return the disputes of a sealed statement. One query."""
    found = disputes_of(statement.pk)
    is_confirmed = getattr(statement, "confirmation", None) is not None
    return Disputing(
        rows=[{"dispute": one, "line": line_words(one)} for one in found],
        by_order={one.order.number: one for one in found if one.order},
        by_charge={one.charge_id: one for one in found if one.charge_id},
        may_dispute=may_act and not is_confirmed and clock.now() <= statement.dispute_until,
        may_confirm=may_act and not is_confirmed,
        url=url,
    )


def open_count(paths: Paths) -> int:
    """Return how many disputes wait for a decision. One query."""
    return disputes(paths).filter(~_ruled()).count()


def _ruled() -> Exists:
    return Exists(Ruling.objects.filter(pk=OuterRef("pk")))


@dataclass(slots=True)
class DisputesPage:
    """One page of disputes, and the cursor of the next, empty at the end."""

    rows: Sequence[Dispute] = field(default_factory=list)
    next: str = ""


STATES = ("open", "granted", "refused", "all")


def disputes_page(paths: Paths, *, state: str = "open", cursor: str = "", limit: int = PAGE) -> DisputesPage:
    """Return one page of disputes, the oldest first of those that wait, else the latest first. One query. Raises BadCursor."""
    found = disputes(paths)
    if state == "open":
        found = found.filter(~_ruled())
    elif state in ("granted", "refused"):
        found = found.filter(ruling__is_granted=state == "granted")
    scope, down = f"settlement.disputes.{state}", state != "open"
    if cursor:
        try:
            (after,) = decode_cursor(cursor, scope=scope)
        except ValueError as error:
            raise BadCursor from error
        found = found.filter(Q(pk__lt=after) if down else Q(pk__gt=after))
    rows = list(found.order_by("-pk" if down else "pk")[: limit + 1])
    if len(rows) <= limit:
        return DisputesPage(rows)
    rows = rows[:limit]
    return DisputesPage(rows, encode_cursor([rows[-1].pk], scope=scope))
