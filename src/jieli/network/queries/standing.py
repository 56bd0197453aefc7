"""How engineers stand by their licence."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Case, Q, When

from jieli.lib import clock
from jieli.network.models import Engineer, LicencePosting
from jieli.network.rules.licence import Line, Standing, additions_in, counted_since, reckon, standing_of
from jieli.policies.queries import current


def engineer_standing(engineer: Engineer, at: datetime | None = None) -> Standing:
    """Return how an engineer stands now, with the additions that count at an instant. One query."""
    return standings([engineer], at)[engineer.pk]


def standings(engineers: Collection[Engineer], at: datetime | None = None) -> dict[int, Standing]:
    """Return how engineers stand, by their ids. One query."""
    policy = current("licence").data
    at = at or clock.now()
    # At fewer than full points the additions decide nothing, but people see them.
    added = (
        LicencePosting.objects.filter(
            engineer__in=[engineer.pk for engineer in engineers], points__gt=0, at__gte=counted_since(at, policy), at__lte=at
        )
        .exclude(appeal__decision="upheld")
        .values_list("engineer_id", flat=True)
    )
    counts = Counter(added)
    return {
        engineer.pk: standing_of(points=engineer.points, additions=counts[engineer.pk], policy=policy) for engineer in engineers
    }


def standings_at(engineer_ids: Collection[int], at: datetime, *, known_until: datetime) -> dict[int, Standing]:
    """Return how the licences stood just before an instant, by the ids of those who had one: read off their ledgers.

    An appeal counts when it was decided until `known_until`. One query; memory for the ledgers.
    """
    policy = current("licence").data
    rows = LicencePosting.objects.filter(engineer__in=engineer_ids, at__lt=at).order_by("engineer_id", "pk")
    upheld = Q(appeal__decision="upheld", appeal__decided_at__lte=known_until)
    columns = rows.annotate(annulled=Case(When(upheld, then=True), default=False)).values_list(
        "engineer_id", "points", "at", "sets_to", "annulled"
    )
    ledgers: dict[int, list[Line]] = {}
    for engineer_id, points, posted_at, sets_to, annulled in columns.iterator(chunk_size=10_000):
        ledgers.setdefault(engineer_id, []).append(Line(points, posted_at, sets_to, is_annulled=annulled))
    return {
        engineer_id: standing_of(
            points=reckon(lines, policy).points, additions=additions_in(lines, at=at, policy=policy), policy=policy
        )
        for engineer_id, lines in ledgers.items()
    }


def lines_of(postings: Iterable[LicencePosting]) -> list[Line]:
    """Return postings, read with their `appeal`, as the reckoning sees them."""
    return [Line(one.points, one.at, one.sets_to, is_annulled=is_annulled(one)) for one in postings]


def is_annulled(posting: LicencePosting) -> bool:
    """Tell whether an upheld appeal took a posting out of the reckoning; free when `appeal` was read with it."""
    appeal = getattr(posting, "appeal", None)
    return appeal is not None and appeal.decision == "upheld"


def ledger(engineer: Engineer) -> list[LicencePosting]:
    """Return the postings of an engineer with their appeals and cases, in their order. One query."""
    return list(engineer.postings.select_related("appeal", "case").order_by("pk"))
