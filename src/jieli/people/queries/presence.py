"""Who is there, and who stands in for whom."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from jieli.people import rules
from jieli.people.models import Absence, Deputy, Staff
from jieli.people.queries.days import local_date, local_midnight


def _with_presence(at: datetime) -> dict[str, Exists]:
    return {"is_away": Exists(Absence.objects.at(at).filter(staff_id=OuterRef("pk")))}


def present(staff_id: int, at: datetime) -> Staff | None:
    """Return the person when present at the instant, else the nearest present deputy (deputies of deputies too).

    None when nobody is left. Days of deputies are the company's days. Cost: one query, two more per step of deputies.
    """
    people: dict[int, Staff] = {}
    named: dict[int, list[int]] = {}
    on = local_date(at)

    def learn(ids: Iterable[int]) -> None:
        unknown = set(ids) - people.keys()
        if unknown:
            found = Staff.objects.filter(pk__in=unknown).annotate(**_with_presence(at))
            people.update({person.pk: person for person in found})

    def is_present(person_id: int) -> bool:
        learn([person_id])
        person = people.get(person_id)
        return person is not None and person.is_active and not person.is_away  # type: ignore[attr-defined]

    def deputies_of(person_id: int) -> list[int]:
        if person_id not in named:
            named[person_id] = list(Deputy.objects.on(on).filter(staff_id=person_id).values_list("deputy_id", flat=True))
            learn(named[person_id])
        return named[person_id]

    found = rules.stand_in(staff_id, is_present=is_present, deputies_of=deputies_of)
    return None if found is None else people[found]


def absent_ids(at: datetime) -> set[int]:
    """Return the ids of everybody who is away at the instant, for lists. One query."""
    return set(Absence.objects.at(at).values_list("staff_id", flat=True))


def away_stretches(at: datetime) -> dict[int, tuple[datetime, datetime]]:
    """Return who is away at the instant, since when and until when; absences that follow each other count as one. One query."""
    by_person: dict[int, list[rules.Away]] = {}
    for row in Absence.objects.filter(staff__in=Absence.objects.at(at).values("staff")):
        by_person.setdefault(row.staff_id, []).append(rules.Away(row.staff_id, row.starts_at, row.ends_at))
    found = {staff_id: rules.stretch_at(absences, at) for staff_id, absences in by_person.items()}
    return {staff_id: stretch for staff_id, stretch in found.items() if stretch is not None}


def uncovered(
    *,
    starts_at: datetime,
    ends_at: datetime,
    planned: Sequence[rules.Away] = (),
    without_deputy_row: int | None = None,
) -> dict[int, datetime]:
    """Return who is away in the stretch with no present deputy, and the first instant of it.

    `planned` counts absences that are not stored yet; `without_deputy_row` leaves out one Deputy row. Three queries.
    """
    stored = Absence.objects.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
    absences = [rules.Away(row.staff_id, row.starts_at, row.ends_at) for row in stored] + list(planned)
    rows = Deputy.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=local_date(starts_at)), starts_on__lte=local_date(ends_at)
    ).order_by("order", "id")
    deputies = [
        rules.StandsIn(
            staff_id=row.staff_id,
            deputy_id=row.deputy_id,
            starts_at=local_midnight(row.starts_on),
            ends_at=None if row.ends_on is None else local_midnight(row.ends_on + timedelta(days=1)),
            order=row.order,
        )
        for row in rows
        if row.pk != without_deputy_row
    ]
    inactive = frozenset(
        Staff.objects.filter(is_active=False, pk__in={naming.deputy_id for naming in deputies}).values_list("pk", flat=True)
    )
    gaps: dict[int, datetime] = {}
    for absence in absences:
        gap = rules.first_gap(
            absence.staff_id,
            starts_at=max(absence.starts_at, starts_at),
            ends_at=min(absence.ends_at, ends_at),
            absences=absences,
            deputies=deputies,
            inactive=inactive,
        )
        if gap is not None:
            gaps[absence.staff_id] = min(gap, gaps.get(absence.staff_id, gap))
    return gaps
