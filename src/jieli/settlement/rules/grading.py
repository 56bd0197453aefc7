"""From the facts of a month to score, grade, rank and coefficient (spec 6, Monthly grade, and its exact readings).

Sums are exact fractions of the counts and of the policy's decimals, and rounded once, half-up, to two decimals.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from jieli.policies.schemas import Grade
from jieli.policies.schemas.grade import Part

PARTS = ("satisfaction", "on_time", "fixed_first", "information", "backlog", "complaints", "parts_misjudged")
"""The parts of the score, in the order of the spec's table."""

ONE = Decimal("1.00")


class Share(NamedTuple):
    """A share as it was counted; without cases it is unknown."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """Return the share for people and programs, null without cases; never used for the score."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Scored:
    """The points of each part as they add up, the bonus, and the score rounded to two decimals."""

    parts: dict[str, Fraction]
    bonus: Fraction
    score: Decimal


@dataclass(frozen=True, slots=True)
class Placed:
    """The place of a graded outlet within its peer group, and the coefficient that follows."""

    grade: str
    rank: int
    coefficient: Decimal


def half_up(value: Fraction, places: int = 2) -> Decimal:
    """Return an exact value rounded half-up, away from zero."""
    scale = 10**places
    scaled = abs(value) * scale
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


def points(share: Share, part: Part) -> Fraction:
    """Return the points of a part: linear between its zero and its full mark, cut off beyond, full without cases."""
    full = Fraction(part.points)
    if not share.denominator:
        return full
    zero_at, full_at = Fraction(part.zero_at), Fraction(part.full_at)
    reached = (Fraction(share.numerator, share.denominator) - zero_at) / (full_at - zero_at)
    return full * min(max(reached, Fraction(0)), Fraction(1))


def scored(shares: Mapping[str, Share], bonuses: int, policy: Grade) -> Scored:
    """Return the score of a month from its shares and the number of moving stories and accepted informations."""
    parts = {name: points(shares[name], getattr(policy.parts, name)) for name in PARTS}
    bonus = min(Fraction(policy.bonus.each) * bonuses, Fraction(policy.bonus.most))
    return Scored(parts, bonus, half_up(sum(parts.values(), bonus)))


def grade_of(score: Decimal, policy: Grade) -> str:
    """Return A, B or C."""
    if score >= policy.grades.a:
        return "A"
    return "B" if score >= policy.grades.b else "C"


def placed(scores: Iterable[tuple[int, Decimal]], policy: Grade) -> dict[int, Placed]:
    """Return the places of one peer group from (outlet, score) of its graded outlets.

    Ranks are those of a competition (1, 2, 2, 4). A tie at the edge of the best places is let in, one that does not fit wholly
    into the worst places is spared.
    """
    found = sorted(scores, key=lambda one: -one[1])
    best, worst = policy.best.of(len(found)), policy.worst.of(len(found))
    ranks: dict[Decimal, int] = {}
    not_better: dict[Decimal, int] = {}
    for place, (_outlet, score) in enumerate(found):
        ranks.setdefault(score, place + 1)
        not_better.setdefault(score, len(found) - place)
    places = {}
    for outlet, score in found:
        grade, coefficient = grade_of(score, policy), ONE
        if grade == "A" and ranks[score] <= best:
            coefficient = policy.coefficients.best
        elif grade == "C" and not_better[score] <= worst:
            coefficient = policy.coefficients.worst
        places[outlet] = Placed(grade, ranks[score], coefficient)
    return places
