"""Whether an outlet or an engineer may be sent, and to how many orders a day: the reasons against, in words."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import get_language

from jieli.network.models import Document, Engineer, Outlet, Provider, Skill
from jieli.network.models.documents import DocumentQuerySet
from jieli.network.queries.shifts import windows_of
from jieli.network.queries.standing import standings
from jieli.network.rules import reasons
from jieli.network.rules.licence import dispatch_share
from jieli.network.rules.reasons import Reason, expired_papers, is_within
from jieli.people.models import Absence
from jieli.people.queries import local_date
from jieli.policies.queries import current


def reasons_against_outlet(outlet: Outlet, *, product_line: str, service_type: str, at: datetime) -> list[Reason]:
    """Return why an outlet cannot take an order for work at an instant; nothing against it: an empty list."""
    return reasons_against_outlets([outlet], product_line=product_line, service_type=service_type, at=at)[outlet.pk]


def reasons_against_outlets(
    outlets: Collection[Outlet], *, product_line: str, service_type: str, at: datetime
) -> dict[int, list[Reason]]:
    """Return the reasons against each outlet, by id. One query, when `provider` was read with them."""
    on = local_date(at)
    papers = _papers_of_outlets(outlets, on)
    found = {}
    for outlet in outlets:
        against = _against_status(outlet, on)
        if product_line and outlet.product_lines and product_line not in outlet.product_lines:
            against.append(reasons.PRODUCT_LINE)
        against += expired_papers(papers[outlet.pk], product_line=product_line, service_type=service_type, on=on)
        found[outlet.pk] = against
    return found


def reasons_against_engineer(engineer: Engineer, *, product_line: str, service_type: str, at: datetime) -> list[Reason]:
    """Return why an engineer cannot be sent to work at an instant; nothing against it: an empty list."""
    return reasons_against_engineers([engineer], product_line=product_line, service_type=service_type, at=at)[engineer.pk]


def reasons_against_engineers(
    engineers: Collection[Engineer], *, product_line: str, service_type: str, at: datetime
) -> dict[int, list[Reason]]:
    """Return the reasons against each engineer, by id.

    Cost: seven queries whatever the number, when `staff`, `outlet__unit` and `outlet__provider` were read with them.
    """
    on = local_date(at)
    hours = windows_of(engineers, on)
    # A shift that began yesterday may run over midnight.
    nights = windows_of(engineers, on - timedelta(days=1)) if any(one.shifts for one in engineers) else {}
    ids = [one.pk for one in engineers]
    away = set(Absence.objects.at(at).filter(staff__in=ids).values_list("staff_id", flat=True))
    skills = _skills(engineers)
    papers = _papers_of_engineers(engineers, on)
    found = {}
    for engineer in engineers:
        against = _against_person(engineer, on)
        if engineer.outlet is None:
            against.append(reasons.NO_OUTLET)
        else:
            against += _against_status(engineer.outlet, on)
        if product_line:
            against += _against_skill(skills[engineer.pk].get(product_line), service_type, on)
        against += expired_papers(papers[engineer.pk], product_line=product_line, service_type=service_type, on=on)
        if engineer.pk in away:
            against.append(reasons.ABSENT)
        elif not is_within(at, [*hours[engineer.pk], *nights.get(engineer.pk, [])]):
            against.append(reasons.NOT_ON_SHIFT)
        found[engineer.pk] = against
    return found


def capacity_of(engineer: Engineer, on: date) -> int:
    """Return how many orders an engineer gets on a day. As `capacities_of`."""
    return capacities_of([engineer], on)[engineer.pk]


def capacities_of(engineers: Collection[Engineer], on: date) -> dict[int, int]:
    """Return how many orders engineers get on a day, by id: half in warning, rounded up; none off shift or without a licence.

    Cost: as `windows_of` and one query.
    """
    hours, shares = windows_of(engineers, on), shares_of(engineers)
    return {one.pk: shares[one.pk] if hours[one.pk] and not _has_expired(one, on) else 0 for one in engineers}


def shares_of(engineers: Collection[Engineer]) -> dict[int, int]:
    """Return how many orders engineers get on a day on which they work, by id: half in warning, rounded up. As `standings`."""
    policy = current("licence").data
    stand = standings(engineers) if engineers else {}
    return {
        one.pk: dispatch_share(
            policy.capacity_per_day if one.capacity_per_day is None else one.capacity_per_day, stand[one.pk].code, policy
        )
        for one in engineers
    }


def _against_status(outlet: Outlet, on: date) -> list[Reason]:
    against = []
    if outlet.status == Outlet.Status.SUSPENDED:
        against.append(reasons.OUTLET_SUSPENDED)
    if outlet.status == Outlet.Status.ENDED:
        against.append(reasons.OUTLET_ENDED)
    if outlet.contract_until is not None and outlet.contract_until < on:
        against.append(reasons.CONTRACT_OVER)
    if outlet.provider is not None and outlet.provider.status == Provider.Status.ENDED:
        against.append(reasons.PROVIDER_ENDED)
    return against


def _against_person(engineer: Engineer, on: date) -> list[Reason]:
    against = []
    if not engineer.staff.is_active or (engineer.ended_on is not None and engineer.ended_on < on):
        against.append(reasons.LEFT)
    if engineer.revoked_at is not None:
        against.append(reasons.LICENCE_REVOKED)
    if _has_expired(engineer, on):
        against.append(reasons.LICENCE_EXPIRED)
    return against


def _has_expired(engineer: Engineer, on: date) -> bool:
    return engineer.licence_expires_on is not None and engineer.licence_expires_on < on


_Skill = tuple[list[str], date | None]


def _against_skill(skill: _Skill | None, service_type: str, on: date) -> list[Reason]:
    if skill is None:
        return [reasons.NO_SKILL]
    types, valid_until = skill
    if types and service_type and service_type not in types:
        return [reasons.NO_SKILL]
    return [reasons.SKILL_EXPIRED] if valid_until is not None and valid_until < on else []


def _skills(engineers: Collection[Engineer]) -> dict[int, dict[str, _Skill]]:
    found: dict[int, dict[str, _Skill]] = defaultdict(dict)
    rows = Skill.objects.filter(engineer__in=[one.pk for one in engineers])
    for engineer_id, line, types, until in rows.values_list("engineer_id", "product_line", "service_types", "valid_until"):
        found[engineer_id][line] = (types, until)
    return found


_Papers = dict[int, list[tuple[str, Document]]]


def _papers_of_outlets(outlets: Collection[Outlet], on: date) -> _Papers:
    ids = [outlet.pk for outlet in outlets]
    providers: dict[int, list[int]] = defaultdict(list)
    for outlet in outlets:
        if outlet.provider_id is not None:
            providers[outlet.provider_id].append(outlet.pk)
    expired = _expired(on).filter(Q(outlet__in=ids) | Q(provider__in=list(providers)))
    found: _Papers = defaultdict(list)
    for paper, name in _named(expired):
        for outlet_id in [paper.outlet_id] if paper.outlet_id is not None else providers[paper.provider_id or 0]:
            found[outlet_id].append((name, paper))
    return found


def _papers_of_engineers(engineers: Collection[Engineer], on: date) -> _Papers:
    found: _Papers = defaultdict(list)
    for paper, name in _named(_expired(on).filter(engineer__in=[one.pk for one in engineers])):
        if paper.engineer_id is not None:
            found[paper.engineer_id].append((name, paper))
    return found


def _expired(on: date) -> DocumentQuerySet:
    return Document.objects.current().expired(on).filter(blocks=True).order_by("pk")


def _named(papers: Iterable[Document]) -> list[tuple[Document, str]]:
    kinds = {kind.code: kind.label.in_language(get_language() or "") for kind in current("network").data.documents}
    return [(paper, kinds.get(paper.kind, paper.kind)) for paper in papers]
