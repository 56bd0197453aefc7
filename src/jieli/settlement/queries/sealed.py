"""How far an approved month is, its sealed statements, and what a hash or a file is known as."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Collate

from jieli.lib import clock
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.settlement.models import Approval, Confirmation, Dispute, Result, Run, Statement, StatementCopy
from jieli.settlement.models.sealing import PLACES
from jieli.settlement.queries.pages import PAGE, BadCursor, Paths, below
from jieli.settlement.rules.sealing import digest_of, hashes_named


@dataclass(frozen=True, slots=True)
class Approved:
    """How far a decided month is: its approvals, and how many of its statements are sealed, confirmed, disputed."""

    approvals: list[Approval]
    outlets: int
    sealed: int
    confirmed: int
    disputed: int
    undecided: int
    dispute_until: datetime | None

    @property
    def is_approved(self) -> bool:
        """Tell whether two people approved."""
        return len(self.approvals) == len(PLACES)

    @property
    def is_sealed(self) -> bool:
        """Tell whether every outlet's statement is sealed."""
        return self.is_approved and self.sealed == self.outlets

    def was_by(self, staff_id: int | None) -> bool:
        """Tell whether a person approved."""
        return any(one.staff_id == staff_id for one in self.approvals)


def approved(run: Run) -> Approved:
    """Return how far a decided month is. Four queries."""
    approvals = list(Approval.objects.filter(run=run).select_related("staff").order_by("place"))
    outlets = Result.objects.filter(run=run).count()
    counts = Statement.objects.filter(run=run).aggregate(sealed=Count("pk"), confirmed=Count("confirmation"))
    first = Statement.objects.filter(run=run).values_list("dispute_until", flat=True).first() if counts["sealed"] else None
    disputed = Dispute.objects.filter(statement__run=run).aggregate(
        disputed=Count("pk"), undecided=Count("pk", filter=Q(ruling__isnull=True))
    )
    return Approved(approvals=approvals, outlets=outlets, dispute_until=first, **counts, **disputed)


def sealed_statement(run: Run | None, outlet_id: int) -> Statement | None:
    """Return the sealed statement of an outlet without its document. One query."""
    if run is None:
        return None
    found = Statement.objects.filter(run=run, outlet_id=outlet_id).select_related("confirmation__staff", "outlet", "run")
    return found.defer("document").first()


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A sealed statement in a list."""

    statement: Statement
    is_confirmed: bool
    disputes: int
    undecided: int

    @property
    def state(self) -> str:
        """Return where it stands: disputed, confirmed, accepted (the days are over), open."""
        if self.undecided:
            return "disputed"
        if self.is_confirmed:
            return "confirmed"
        return "accepted" if clock.now() > self.statement.dispute_until else "open"


@dataclass(slots=True)
class StatementsPage:
    """One page of sealed statements, and the cursor of the next, empty at the end."""

    rows: list[StatementRow]
    next: str = ""


_SCOPE = "settlement.statements"


def statements_page(run: Run, paths: Paths, *, cursor: str = "", limit: int = PAGE) -> StatementsPage:
    """Return one page of the sealed statements that somebody sees, by the outlets' codes. One query. Raises BadCursor."""
    found = _counted(run).filter(below(paths)).defer("document").annotate(code=Collate(F("outlet__code"), "C"))
    if cursor:
        try:
            (after,) = decode_cursor(cursor, scope=_SCOPE)
        except ValueError as error:
            raise BadCursor from error
        found = found.filter(code__gt=str(after))
    rows = [StatementRow(one, one.is_confirmed, one.disputed, one.undecided) for one in found.order_by("code")[: limit + 1]]
    if len(rows) <= limit:
        return StatementsPage(rows)
    rows = rows[:limit]
    return StatementsPage(rows, encode_cursor([rows[-1].statement.outlet.code], scope=_SCOPE))


def statement_row(run: Run, outlet_id: int) -> StatementRow | None:
    """Return the sealed statement of one outlet with its document. One query."""
    one = _counted(run).filter(outlet_id=outlet_id).first()
    return StatementRow(one, one.is_confirmed, one.disputed, one.undecided) if one is not None else None


def _counted(run: Run) -> QuerySet[Any]:
    return (
        Statement.objects.filter(run=run)
        .select_related("outlet", "run", "provider")
        .annotate(
            is_confirmed=Exists(Confirmation.objects.filter(pk=OuterRef("pk"))),
            disputed=Count("disputes"),
            undecided=Count("disputes", filter=Q(disputes__isnull=False, disputes__ruling__isnull=True)),
        )
    )


@dataclass(frozen=True, slots=True)
class Check:
    """What a hash or file is known as.

    ``sealed`` is the hash of a statement itself, ``copy`` that of a PDF we handed out, ``changed`` a file that names a seal but
    is not what we handed out, ``unknown`` none of these.
    """

    verdict: str
    statement: Statement | None = None
    language: str = ""


def check_hash(digest: str) -> Check:
    """Return what a hash is known as. At most two queries."""
    statement = _statements().filter(sha256=digest).first()
    if statement is not None:
        return Check("sealed", statement)
    copy = StatementCopy.objects.filter(sha256=digest).first()
    if copy is not None:
        return Check("copy", _statements().get(pk=copy.statement_id), copy.language)
    return Check("unknown")


def check_file(content: bytes) -> Check:
    """Return what a file is known as; of one that is not ours, which seal it names."""
    found = check_hash(digest_of(content))
    if found.statement is not None:
        return found
    named = _statements().filter(sha256__in=hashes_named(content)).first()
    return Check("changed", named) if named is not None else found


def _statements() -> QuerySet[Statement]:
    return Statement.objects.select_related("outlet", "run").defer("document")
