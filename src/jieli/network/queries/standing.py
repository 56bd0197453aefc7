"""How engineers stand by their licence."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from jieli.lib import clock
from jieli.network.models import Engineer, LicencePosting
from jieli.network.rules.licence import Line, Standing, counted_since, standing_of
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
