"""One outlet beside itself and others: the five zeros, its months, its peers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q

from jieli.policies.schemas import Grade
from jieli.settlement.models import Charge, Incentive, Line, ReckonedResult, Result
from jieli.settlement.queries.months import Month
from jieli.settlement.queries.pages import Source

MONTHS = 12
_WIDTH, _HEIGHT = 560, 150
_LOW, _HIGH = Decimal(0), Decimal(105)


@dataclass(frozen=True, slots=True)
class Zeros:
    """The five zeros of a month: what there should be none of (spec 6, Monthly grade)."""

    complaints: int
    repeats: int
    delays: int
    misjudged: int
    false_charges: int


def zeros(source: Source, result: Result | ReckonedResult) -> Zeros:
    """Return the five zeros of an outlet. Three queries.

    Repeats are orders rejected as repeats of its own repair and, once decided, those of others charged to it.
    """
    whole = source.run or source.preview
    assert whole is not None
    repeats = source.unpaid("rejected").filter(outlet_id=result.outlet_id, gate=Line.Gate.REPEAT).count()
    if source.run is not None:
        repeats += Charge.objects.filter(run=source.run, outlet_id=result.outlet_id, kind=Charge.Kind.CHARGE_BACK).count()
    charges = Incentive.objects.filter(outlet_id=result.outlet_id, month=whole.month, kind="false_charge").count()
    kept, promised = result.facts["on_time"]
    return Zeros(
        complaints=result.facts["complaints"][0],
        repeats=repeats,
        delays=promised - kept,
        misjudged=result.facts["parts_misjudged"][0],
        false_charges=charges,
    )


@dataclass(frozen=True, slots=True)
class TrendMonth:
    """One month of an outlet, with its place in the picture; x and y are None without a score."""

    first: date
    score: Decimal | None
    grade: str
    rank: int | None
    group_size: int
    coefficient: Decimal
    payout_amount: Decimal
    debt_amount: Decimal
    x: int
    y: int | None
    is_here: bool

    @property
    def label(self) -> str:
        """Return it as ``2026-11``."""
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Trend:
    """The last months of an outlet as a line in a box; `edges` are the scores from which A and B begin, with their heights."""

    months: list[TrendMonth]
    edges: list[tuple[str, int]]
    width: int = _WIDTH
    height: int = _HEIGHT

    @property
    def line(self) -> str:
        """Return the line of the scores for the picture."""
        return " ".join(f"{one.x},{one.y}" for one in self.months if one.y is not None)


def _level(score: Decimal, low: Decimal) -> int:
    """Return the height of a score in the picture."""
    return int(_HEIGHT - 18 - (min(max(score, low), _HIGH) - low) / (_HIGH - low) * (_HEIGHT - 36))


def trend(outlet_id: int, month: Month, result: Result | ReckonedResult, policy: Grade) -> Trend:
    """Return the decided months up to this one, the earliest first, and this one. One query."""
    rows = Result.objects.filter(outlet_id=outlet_id, run__month__lt=month.first).select_related("run").order_by("-run__month")
    found: list[tuple[date, Result | ReckonedResult]] = [(month.first, result)]
    found += [(row.run.month, row) for row in rows[: MONTHS - 1]]
    found.reverse()
    low = min([Decimal(60), *(row.score - 5 for _first, row in found if row.score is not None)])
    step = (_WIDTH - 60) // max(MONTHS - 1, 1)
    return Trend(
        [
            TrendMonth(
                first=first,
                score=row.score,
                grade=row.grade,
                rank=row.rank,
                group_size=row.group_size,
                coefficient=row.coefficient,
                payout_amount=row.payout_amount,
                debt_amount=row.debt_amount,
                x=30 + step * (MONTHS - len(found) + place),
                y=_level(row.score, low) if row.score is not None else None,
                is_here=first == month.first,
            )
            for place, (first, row) in enumerate(found)
        ],
        [(f"{letter} {score:f}", _level(score, low)) for letter, score in (("A", policy.grades.a), ("B", policy.grades.b))],
    )


@dataclass(frozen=True, slots=True)
class Peers:
    """The graded peers of an outlet: the places of all in a strip, how many have which grade, the scores at the edges."""

    marks: list[int]
    own: int | None
    best: Decimal | None
    worst: Decimal | None
    middle: Decimal | None
    graded: int
    counts: dict[str, int]


def peers_of(source: Source, result: Result | ReckonedResult) -> Peers:
    """Return how an outlet stands among its peers. One query."""
    same = source.results().filter(peers=result.peers)
    scores = sorted(same.filter(score__isnull=False).values_list("score", flat=True))
    counts = same.aggregate(**{grade: Count("pk", filter=Q(grade=grade)) for grade in "ABC"})
    low = scores[0] if scores else _LOW
    reach = (scores[-1] - low if scores else Decimal(0)) or Decimal(1)
    marks = sorted({int(4 + (score - low) / reach * 552) for score in scores})
    return Peers(
        marks=marks,
        own=int(4 + (result.score - low) / reach * 552) if result.score is not None else None,
        best=scores[-1] if scores else None,
        worst=scores[0] if scores else None,
        middle=scores[len(scores) // 2] if scores else None,
        graded=len(scores),
        counts=counts,
    )
