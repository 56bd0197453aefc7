"""Months as pages show them: totals, what is held and rejected, outlets by keyset; from stored rows alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Count, F, Func, Q, QuerySet, Sum, Value
from django.db.models.functions import Abs, Coalesce, Collate

from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.network.models import Outlet
from jieli.people.models import Unit
from jieli.settlement.models import Line, ReckonedLine, ReckonedResult, Reckoning, Result, Run
from jieli.settlement.queries.months import Month
from jieli.settlement.rules.comparing import CAUSES

PAGE = 50
Paths = tuple[str, ...] | None
"""Below which units somebody sees; None for the whole company."""

Row = Result | ReckonedResult


class BadCursor(ValueError):
    """The cursor was not made by this list."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a month are: those of its run, else those of its latest preview."""

    run: Run | None
    preview: Reckoning | None = None

    def results(self) -> QuerySet[Any]:
        """Return the outcomes."""
        if self.run is not None:
            return Result.objects.filter(run=self.run)
        return ReckonedResult.objects.filter(reckoning=self.preview)

    def unpaid(self, decision: str) -> QuerySet[Any]:
        """Return the orders that are held, or rejected."""
        if self.run is not None:
            return Line.objects.filter(~Q(decision="payable"), run=self.run, decision=decision)
        return ReckonedLine.objects.filter(reckoning=self.preview, decision=decision)

    @property
    def earlier_orders(self) -> int:
        """Return how many of the orders looked at were finished in earlier months and are in no run before."""
        whole = self.run or self.preview
        return whole.earlier_orders if whole else 0

    @property
    def policies(self) -> list[str]:
        """Return the names of the policies and rate tables used."""
        whole = self.run or self.preview
        return [whole.settlement_policy, whole.grade_policy, *whole.rates] if whole else []


def below(paths: Paths, column: str = "outlet__path") -> Q:
    """Return the condition that an outlet lies below one of some units."""
    if paths is None:
        return Q()
    condition = Q(**{f"{column.rpartition('path')[0]}id__in": []})
    for path in paths:
        condition |= Q(**{f"{column}__startswith": path})
    return condition


@dataclass(frozen=True, slots=True)
class Totals:
    """What the outlets of a month come to together."""

    outlets: int
    payable: int
    held: int
    rejected: int
    labour_amount: Decimal
    incentives_amount: Decimal
    payout_amount: Decimal
    debt_amount: Decimal
    a: int
    b: int
    c: int
    ungraded: int
    best: int
    worst: int

    @property
    def orders(self) -> int:
        """Return how many orders were looked at."""
        return self.payable + self.held + self.rejected

    @property
    def coefficient_amount(self) -> Decimal:
        """Return what T adds or takes: R is L × T + Q, and what R lacks of zero is carried."""
        return self.payout_amount - self.debt_amount - self.labour_amount - self.incentives_amount


def totals(source: Source, paths: Paths, query: "OutletsQuery | None" = None) -> Totals:
    """Return the sums over the outlets that somebody sees, and asks for. One query."""
    results = source.results().filter(below(paths))
    if query is not None:
        results = query.narrow(results)
    nothing = Value(Decimal("0.00"))
    sums = {
        name: Coalesce(Sum(name), nothing) for name in ("labour_amount", "incentives_amount", "payout_amount", "debt_amount")
    }
    counts = {name: Coalesce(Sum(name), 0) for name in ("payable", "held", "rejected")}
    found = results.aggregate(
        outlets=Count("pk"),
        **{f"sum_{name}": one for name, one in (sums | counts).items()},
        a=Count("pk", filter=Q(grade="A")),
        b=Count("pk", filter=Q(grade="B")),
        c=Count("pk", filter=Q(grade="C")),
        ungraded=Count("pk", filter=Q(grade="")),
        best=Count("pk", filter=Q(coefficient__gt=1)),
        worst=Count("pk", filter=Q(coefficient__lt=1)),
    )
    return Totals(**{name.removeprefix("sum_"): value for name, value in found.items()})


@dataclass(frozen=True, slots=True)
class GateCount:
    """How many orders a gate holds or rejects."""

    decision: str
    gate: str
    orders: int


def by_gate(source: Source, paths: Paths, outlet_id: int | None = None) -> tuple[GateCount, ...]:
    """Return how many orders each gate holds and rejects, in the order of the gates.

    Two queries, none for a decided month that this process counted before: what was decided never changes.
    """
    if source.run is None:
        return _by_gate(source, paths, outlet_id)
    return _decided_by_gate(source.run.pk, source.run.digest, paths, outlet_id)


@lru_cache(maxsize=1024)
def _decided_by_gate(run_id: int, _digest: str, paths: Paths, outlet_id: int | None) -> tuple[GateCount, ...]:
    return _by_gate(Source(Run(pk=run_id)), paths, outlet_id)


def _by_gate(source: Source, paths: Paths, outlet_id: int | None) -> tuple[GateCount, ...]:
    order = {gate: place for place, gate in enumerate(Line.Gate.values)}
    found: list[GateCount] = []
    for decision in ("held", "rejected"):
        rows = source.unpaid(decision).filter(below(paths))
        if outlet_id is not None:
            rows = rows.filter(outlet_id=outlet_id)
        counted = rows.order_by().values_list("gate").annotate(Count("order_id"))
        found += sorted((GateCount(decision, gate, orders) for gate, orders in counted), key=lambda one: order[one.gate])
    return tuple(found)


@dataclass(frozen=True, slots=True)
class OutletsQuery:
    """What the list of outlets shows; `sort` is one of SORTS, with a ``-`` for the largest first."""

    region: str = ""
    grade: str = ""
    text: str = ""
    sort: str = "code"
    cursor: str = ""
    limit: int = PAGE

    @property
    def is_narrowed(self) -> bool:
        """Tell whether some outlets are left out."""
        return bool(self.region or self.grade or self.text)

    def narrow(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the outcomes that are asked for."""
        if self.region:
            found = found.filter(peers__in=[f"{tier} · {self.region}" for tier in Outlet.Tier.values])
        if self.grade:
            found = found.filter(grade="" if self.grade == "none" else self.grade)
        if self.text:
            found = found.filter(Q(outlet__code__icontains=self.text) | Q(outlet__name__icontains=self.text))
        return found


SORTS: Mapping[str, Any] = {
    "code": None,
    "finished": F("finished"),
    "score": Coalesce(F("score"), Value(Decimal(-1))),
    "labour": F("labour_amount"),
    "coefficient": F("coefficient"),
    "incentives": F("incentives_amount"),
    "payout": F("payout_amount") - F("debt_amount"),
    "payable": F("payable"),
    "held": F("held"),
    "rejected": F("rejected"),
}


@dataclass(slots=True)
class OutletsPage:
    """One page of outlets, and the cursor of the next, empty at the end."""

    rows: list[Row] = field(default_factory=list)
    next: str = ""


def outlets_page(source: Source, query: OutletsQuery, paths: Paths) -> OutletsPage:
    """Return one page of outlets. One query. Raises BadCursor."""
    found = query.narrow(source.results().filter(below(paths)).select_related("outlet"))
    found = found.annotate(code=Collate(F("outlet__code"), "C"))
    return _paged(found, _Sorting(query.sort, SORTS, "outlets"), query.cursor, query.limit)


class _Sorting(NamedTuple):
    """By which of some expressions a list is sorted, ``-`` for the largest first; `scope` names the list for its cursors."""

    sort: str
    sorts: Mapping[str, Any]
    scope: str


def _paged(found: QuerySet[Any], sorting: _Sorting, cursor: str, limit: int) -> OutletsPage:
    name, down = sorting.sort.removeprefix("-"), sorting.sort.startswith("-")
    if name not in sorting.sorts:
        name, down = "code", False
    value = sorting.sorts[name]
    scope = f"settlement.{sorting.scope}.{'-' * down}{name}"
    way = "lt" if down else "gt"
    if value is not None:
        found = found.annotate(sorted_by=value)
    if cursor:
        try:
            values = decode_cursor(cursor, scope=scope)
            code = str(values[-1])
            if value is None:
                found = found.filter(**{f"code__{way}": code})
            else:
                edge = Decimal(str(values[0]))
                found = found.filter(Q(**{f"sorted_by__{way}": edge}) | Q(sorted_by=edge, code__gt=code))
        except (ValueError, ArithmeticError, IndexError) as error:
            raise BadCursor from error
    sign = "-" if down else ""
    found = found.order_by(f"{sign}code") if value is None else found.order_by(f"{sign}sorted_by", "code")
    rows = list(found[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    if not more:
        return OutletsPage(rows)
    last = rows[-1]
    edge_values = [last.outlet.code] if value is None else [str(last.sorted_by), last.outlet.code]
    return OutletsPage(rows, encode_cursor(edge_values, scope=scope))


def regions() -> list[str]:
    """Return the regions of the outlets."""
    found = Outlet.objects.exclude(region="").order_by("region").values_list("region", flat=True).distinct()
    return list(found)


@dataclass(slots=True)
class UnpaidPage:
    """One page of orders that are held or rejected, and the cursor of the next, empty at the end."""

    rows: list[Any] = field(default_factory=list)
    next: str = ""


def unpaid_page(
    source: Source,
    paths: Paths,
    *,
    decision: str,
    gate: str = "",
    outlet: str = "",
    cursor: str = "",
    limit: int = PAGE,
) -> UnpaidPage:
    """Return one page of held or rejected orders, by gate, outlet and order. One query. Raises BadCursor."""
    found = source.unpaid(decision).filter(below(paths))
    if gate:
        found = found.filter(gate=gate)
    if outlet:
        found = found.filter(Q(outlet__code=outlet) | Q(outlet__name__icontains=outlet))
    scope = f"settlement.unpaid.{decision}"
    if cursor:
        try:
            last_gate, last_outlet, last_order = decode_cursor(cursor, scope=scope)
        except ValueError as error:
            raise BadCursor from error
        found = found.filter(
            Q(gate__gt=last_gate)
            | Q(gate=last_gate, outlet_id__gt=last_outlet)
            | Q(gate=last_gate, outlet_id=last_outlet, order_id__gt=last_order),
            gate__gte=last_gate,
        )
    ordered = found.order_by("gate", "outlet_id", "order_id").select_related("order", "outlet", "earlier")
    rows = list(ordered[: limit + 1])
    if len(rows) <= limit:
        return UnpaidPage(rows)
    rows = rows[:limit]
    last = rows[-1]
    return UnpaidPage(rows, encode_cursor([last.gate, last.outlet_id, last.order_id], scope=scope))


def earlier_run(month: Month) -> Run | None:
    """Return the latest decided month before this one."""
    return Run.objects.filter(month__lt=month.first).order_by("-month").first()


def known_months() -> list[Run]:
    """Return the decided months, the latest first."""
    return list(Run.objects.order_by("-month").only("month", "decided_at"))


@dataclass(frozen=True, slots=True)
class Difference:
    """The outcome of an outlet as it is, and as it would be under a draft."""

    old: Row
    new: ReckonedResult


@dataclass(slots=True)
class DifferencesPage:
    """One page of outlets under a draft, and the cursor of the next, empty at the end."""

    rows: list[Difference] = field(default_factory=list)
    next: str = ""


TRIAL_SORTS: Mapping[str, Any] = {"code": None, "difference": F("difference_amount"), "size": Abs(F("difference_amount"))}


def differences_page(
    source: Source, trial: Reckoning, *, show: str = "changed", sort: str = "-size", cursor: str = "", limit: int = PAGE
) -> DifferencesPage:
    """Return outlets with what changes; `show` is changed or all. Two queries. Raises BadCursor."""
    found = ReckonedResult.objects.filter(reckoning=trial).select_related("outlet")
    found = found.annotate(code=Collate(F("outlet__code"), "C"))
    if show != "all":
        found = found.exclude(causes=[])
    page = _paged(found, _Sorting(sort, TRIAL_SORTS, f"trial.{show}"), cursor, limit)
    old = {row.outlet_id: row for row in source.results().filter(outlet_id__in=[row.outlet_id for row in page.rows])}
    rows = [
        Difference(old[row.outlet_id], row) for row in page.rows if isinstance(row, ReckonedResult) and row.outlet_id in old
    ]
    return DifferencesPage(rows, page.next)


@dataclass(frozen=True, slots=True)
class TrialSums:
    """How many outlets a draft changes, how many get more and less, and what by which rule."""

    changed: int
    more: int
    less: int
    causes: list[tuple[str, int]]


def trial_sums(trial: Reckoning) -> TrialSums:
    """Return what a draft changes. Two queries."""
    found = ReckonedResult.objects.filter(reckoning=trial)
    counts = found.aggregate(
        changed=Count("pk", filter=~Q(causes=[])),
        more=Count("pk", filter=Q(difference_amount__gt=0)),
        less=Count("pk", filter=Q(difference_amount__lt=0)),
    )
    each = found.annotate(cause=Func(F("causes"), function="unnest")).order_by().values_list("cause").annotate(Count("pk"))
    causes = sorted(each, key=lambda one: CAUSES.index(one[0]) if one[0] in CAUSES else len(CAUSES))
    return TrialSums(**counts, causes=causes)


def outlets_of(paths: Sequence[str]) -> list[Unit]:
    """Return the outlets below some units."""
    known = Outlet.objects.values("unit_id")
    return list(Unit.objects.filter(below(tuple(paths), "path"), pk__in=known).order_by("code"))
