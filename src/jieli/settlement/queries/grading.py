"""The grades of a month, calculated from the facts of all outlets or read from what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from jieli.lib import clock
from jieli.policies.schemas import Grade
from jieli.settlement.models import Run
from jieli.settlement.queries import statements
from jieli.settlement.queries.decided import decided_grades
from jieli.settlement.queries.months import Month
from jieli.settlement.queries.shapes import OutletGrade
from jieli.settlement.queries.terms import require_begun, terms_of
from jieli.settlement.rules import grading as rules
from jieli.settlement.rules.grading import ONE, PARTS, Share

FACT_COLUMNS = 6 + 2 * len(PARTS) + 1
"""How many columns of a row are about the grade; totals follow."""


@dataclass(frozen=True, slots=True)
class MonthGrades:
    """The grades of a month in the order of the outlets' codes, and the policy that made them."""

    month: Month
    policy: str
    is_decided: bool
    is_provisional: bool
    outlets: list[OutletGrade]


def grades(month: Month, *, grade: Grade | None = None) -> MonthGrades:
    """Return the grades of a month: the stored ones when it is decided, else those of the facts known now.

    A draft of the policy, when given, grades the facts anew. Raises MonthNotBegun. Two queries.
    """
    require_begun(month)
    run = Run.objects.filter(month=month.first).first()
    if run is not None and grade is None:
        return MonthGrades(month, run.grade_policy, True, False, decided_grades(run))
    terms = terms_of(month, grade=grade)
    with connection.cursor() as cursor:
        cursor.execute(statements.graded(), terms.parameters)
        rows = cursor.fetchall()
    is_provisional = clock.now() <= terms.month.cut_off
    return MonthGrades(terms.month, terms.grade_policy, False, is_provisional, graded(rows, terms.grade))


def graded(rows: Sequence[Sequence[Any]], policy: Grade) -> list[OutletGrade]:
    """Return the grades of all outlets from the rows of a statement, in their order."""
    scored: dict[int, rules.Scored] = {}
    groups: dict[tuple[str, str], list[tuple[int, Any]]] = {}
    for row in rows:
        if row[5] >= policy.least_orders:
            found = scored[row[0]] = rules.scored(_shares(row), row[FACT_COLUMNS - 1], policy)
            groups.setdefault((row[3], row[4]), []).append((row[0], found.score))
    places: dict[int, rules.Placed] = {}
    for group in groups.values():
        places |= rules.placed(group, policy)
    return [_grade(row, scored.get(row[0]), places.get(row[0]), len(groups.get((row[3], row[4]), ()))) for row in rows]


def _shares(row: Sequence[Any]) -> dict[str, Share]:
    return {name: Share(row[6 + 2 * place], row[7 + 2 * place]) for place, name in enumerate(PARTS)}


def _grade(row: Sequence[Any], scored: rules.Scored | None, place: rules.Placed | None, group_size: int) -> OutletGrade:
    parts = {name: rules.half_up(points) for name, points in scored.parts.items()} if scored else {}
    if scored:
        parts["bonus"] = rules.half_up(scored.bonus)
    return OutletGrade(
        outlet_id=row[0],
        outlet=row[1],
        name=row[2],
        tier=row[3],
        region=row[4],
        finished=row[5],
        facts=_shares(row),
        parts=parts,
        score=scored.score if scored else None,
        grade=place.grade if place else "",
        rank=place.rank if place else None,
        group_size=group_size,
        coefficient=place.coefficient if place else ONE,
    )
