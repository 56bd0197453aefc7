"""Figures about service with their number of answers and their interval; sources and worked examples: spec, statistics.md.

A figure is never only a number: it says how many answers it rests on and between which limits the truth probably lies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, sqrt

Z95 = 1.959964
"""The 97.5 % point of the normal distribution: a two-sided interval of 95 %."""

LEAST_ANSWERS = 30
"""Below so many answers a score is not shown, only the counts (statistics.md, line 15)."""

# Constants of control charts for moving ranges of two values (E2 = 3 / d2, d2 = 1.128; D4 = 3.267).
_D2 = 1.128
_D4 = 3.267


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the number of answers behind it and its interval."""

    value: float
    n: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Shares of the satisfied (4 and 5 of 5) and the dissatisfied (1 and 2) among those who answered; skips only counted."""

    top: Estimate
    bottom: Estimate
    n: int
    skipped: int


@dataclass(frozen=True, slots=True)
class PromoterScore:
    """A net promoter score from -100 to +100, its standard error and interval; `variance` is that of one answer."""

    score: float
    n: int
    low: float
    high: float
    standard_error: float
    variance: float
    promoters: int
    passives: int
    detractors: int

    @property
    def is_shown(self) -> bool:
        """Whether there are answers enough to show a score; otherwise show the counts."""
        return self.n >= LEAST_ANSWERS


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One point of a control chart with its own limits."""

    value: float
    n: int
    low: float
    high: float

    @property
    def is_outside(self) -> bool:
        """Whether the point lies beyond its limits: a signal, not noise."""
        return not self.low <= self.value <= self.high


@dataclass(frozen=True, slots=True)
class ShareChart:
    """A p-chart: the pooled share and each point with the limits of its own size."""

    centre: float
    n: int
    points: tuple[ChartPoint, ...]


@dataclass(frozen=True, slots=True)
class ValueChart:
    """An XmR chart: single values round their mean, by their mean moving range."""

    centre: float
    n: int
    low: float
    high: float
    mean_range: float
    range_high: float
    points: tuple[ChartPoint, ...]


def wilson(successes: int, n: int, z: float = Z95) -> Estimate:
    """Return a share and its score interval (E. B. Wilson, 1927; line 12). Raises ValueError unless 0 <= successes <= n > 0."""
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"{successes} of {n} is not a share")
    share = successes / n
    square = z * z
    half = z * sqrt(share * (1 - share) / n + square / (4 * n * n))
    middle = share + square / (2 * n)
    scale = 1 + square / n
    # At the ends the interval reaches 0 or 1 exactly; floating point misses it by an ulp.
    low = 0.0 if successes == 0 else max(0.0, (middle - half) / scale)
    high = 1.0 if successes == n else min(1.0, (middle + half) / scale)
    return Estimate(share, n, low, high)


def csat(answers: Iterable[int | None], z: float = Z95) -> Satisfaction:
    """Return the satisfaction of answers from 1 to 5; None is a skip and never in the denominator (line 11).

    Raises ValueError for an answer off the scale, and when nobody answered.
    """
    given = skipped = top = bottom = 0
    for answer in answers:
        if answer is None:
            skipped += 1
            continue
        if answer not in {1, 2, 3, 4, 5}:
            raise ValueError(f"{answer!r} is not an answer from 1 to 5")
        given += 1
        top += answer >= 4
        bottom += answer <= 2
    return Satisfaction(wilson(top, given, z), wilson(bottom, given, z), given, skipped)


def nps(promoters: int, passives: int, detractors: int, z: float = Z95) -> PromoterScore:
    """Return the net promoter score of counted answers: promoters 9 and 10, detractors 0 to 6 (line 13).

    Raises ValueError for a negative count and when nobody answered.
    """
    return _promoter_score((promoters, passives, detractors), (promoters, passives, detractors), z)


def nps_adjusted(promoters: int, passives: int, detractors: int, z: float = Z95) -> PromoterScore:
    """Return the net promoter score of few answers by the adjusted Wald method: three answers more, 3/4, 3/2, 3/4 (line 15)."""
    return _promoter_score((promoters, passives, detractors), (promoters + 0.75, passives + 1.5, detractors + 0.75), z)


def nps_of(answers: Iterable[int | None], z: float = Z95) -> PromoterScore:
    """Return the net promoter score of answers from 0 to 10; None is a skip. Raises ValueError for any other answer."""
    counts = [0, 0, 0]
    for answer in answers:
        if answer is None:
            continue
        if isinstance(answer, bool) or not isinstance(answer, int) or not 0 <= answer <= 10:
            raise ValueError(f"{answer!r} is not an answer from 0 to 10")
        counts[0 if answer >= 9 else 1 if answer >= 7 else 2] += 1
    promoters, passives, detractors = counts
    return nps(promoters, passives, detractors, z)


def nps_change(before: PromoterScore, after: PromoterScore) -> float:
    """Return the change in units of its standard error: an arrow is shown only beyond 1.96 either way (line 14)."""
    error = sqrt(before.standard_error**2 + after.standard_error**2)
    if error == 0:
        raise ValueError("two scores without any spread cannot be compared")
    return (after.score - before.score) / error


def _promoter_score(counts: tuple[int, int, int], weights: tuple[float, float, float], z: float) -> PromoterScore:
    n = sum(counts)
    if min(counts) < 0 or n == 0:
        raise ValueError("a promoter score needs answers, and no negative counts")
    total = sum(weights)
    promoting, detracting = weights[0] / total, weights[2] / total
    net = promoting - detracting
    variance = promoting + detracting - net * net
    error = 100 * sqrt(variance / total)
    score = 100 * net
    return PromoterScore(score, n, max(-100.0, score - z * error), min(100.0, score + z * error), error, variance, *counts)


def p_chart(points: Sequence[tuple[int, int]]) -> ShareChart:
    """Return the control chart of shares given as (count, size): three standard errors, each point by its own size (line 31).

    Source: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.2. Raises ValueError for no points or an impossible one.
    """
    if not points or any(not 0 <= count <= size or size == 0 for count, size in points):
        raise ValueError("a chart of shares needs points (count, size) with 0 <= count <= size > 0")
    total = sum(size for _, size in points)
    centre = sum(count for count, _ in points) / total

    def point(count: int, size: int) -> ChartPoint:
        reach = 3 * sqrt(centre * (1 - centre) / size)
        return ChartPoint(count / size, size, max(0.0, centre - reach), min(1.0, centre + reach))

    return ShareChart(centre, total, tuple(point(count, size) for count, size in points))


def xmr(values: Sequence[float], factor: float = 3 / _D2) -> ValueChart:
    """Return the control chart of single values by their moving ranges (line 33).

    `factor` times the mean range is the reach of the limits: 3/1.128, which is printed as 2.66. Source: NIST/SEMATECH
    e-Handbook, 6.3.2.2; D. J. Wheeler. Raises ValueError for fewer than two values.
    """
    if len(values) < 2:
        raise ValueError("a chart of single values needs two of them")
    centre = sum(values) / len(values)
    mean_range = sum(abs(after - before) for before, after in pairwise(values)) / (len(values) - 1)
    low, high = centre - factor * mean_range, centre + factor * mean_range
    points = tuple(ChartPoint(value, 1, low, high) for value in values)
    return ValueChart(centre, len(values), low, high, mean_range, _D4 * mean_range, points)


def median(values: Iterable[float]) -> float:
    """Return the middle value, or the mean of the two in the middle. Raises ValueError for no values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values have no median")
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def percentile(values: Iterable[float], percent: float) -> float:
    """Return the nearest-rank percentile: the smallest value with at least `percent` of 100 values at or below it.

    Always one of the values, as in the walk-through's SQL. Raises ValueError for no values or a percentage off 0..100.
    """
    ordered = sorted(values)
    if not ordered or not 0 <= percent <= 100:
        raise ValueError("a percentile needs values and a percentage from 0 to 100")
    rank = ceil(Fraction(str(percent)) * len(ordered) / 100)
    return ordered[max(rank, 1) - 1]
