"""Assignment by rule: what the policy says, who comes into question with which load, and the words of an explanation."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from jieli.cases.events import (
    AssignmentAccepted,
    CaseDeputised,
    CaseOpened,
    CaseReopened,
    NobodyFound,
    PassDeclined,
    PassLapsed,
    PassOffered,
)
from jieli.cases.models import Case, Pass
from jieli.cases.models.because import reason_words
from jieli.cases.queries.planning import facts_of_case, numbers
from jieli.cases.rules.assigning import Asked, Candidate, Step
from jieli.events.models import Event
from jieli.lib.text import main_language
from jieli.people.models import Grant, Role, Staff, Unit
from jieli.people.queries import absent_ids, present
from jieli.people.rules import ancestor_ids
from jieli.policies.matching import best_rule
from jieli.policies.queries import NoPolicy, by_label, current
from jieli.policies.schemas import Assignment
from jieli.policies.schemas.assignment import AssignmentRule


def has_automatic_rule(_fact_type: str = "") -> bool:
    """Tell whether the policy `assignment` in force offers anything by itself. No query."""
    try:
        rules = current("assignment").data.rules
    except NoPolicy:
        return False
    return any(rule.automatic for rule in rules)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The rule that decides about a case, with its policy version such as ``assignment v2``."""

    rule: AssignmentRule
    policy: str


def ruling_for(case: Case, area: str, at: datetime) -> Ruling | None:
    """Return the rule in force for a case, or None. Reads its customer and unit."""
    soon = at + timedelta(minutes=numbers().data.passes.urgent_within_minutes)
    policy = current("assignment")
    match = best_rule(
        policy.data.rules,
        {
            **facts_of_case(case),
            "language": language_of(case),
            "area": area,
            "urgent": case.next_due_at is not None and case.next_due_at <= soon,
        },
    )
    return Ruling(match.rule, policy.version) if match is not None else None


def language_of(case: Case) -> str:
    """Return the language in which the customer wants to be answered, such as ``zh``; empty when nobody knows."""
    return main_language(case.language or case.customer.language)


def asked_by(case: Case, rule: AssignmentRule, area: str) -> Asked:
    """Return what a case asks of whoever is to have it. One query, only where the earlier owner comes first."""
    earlier = None
    if rule.earlier_owner_first:
        before = Case.objects.filter(customer_id=case.customer_id, is_on_duty=False, source="").exclude(pk=case.pk)
        earlier = before.order_by("-id").values_list("owner_id", flat=True).first()
    return Asked(
        weight=numbers().data.load_weights.of(case.kind, case.severity),
        skill=case.product_line,
        language=language_of(case),
        area=area,
        earlier_owner_id=earlier,
    )


def candidates_for(unit: Unit, roles: Collection[str], at: datetime) -> list[Candidate]:
    """Return who would receive a case of a unit: holders of the roles over it or below it, for the absent who stands in.

    Five queries whatever their number, two more for each who is absent.
    """
    held = Grant.objects.filter(staff_id=OuterRef("pk"), role__in=roles).filter(
        Q(unit_id__in=ancestor_ids(unit.path)) | Q(unit__path__startswith=unit.path)
    )
    holders = list(Staff.objects.active().filter(Exists(held)).select_related("unit").order_by("pk"))
    away = absent_ids(at)
    there: dict[int, tuple[Staff, int | None]] = {one.pk: (one, None) for one in holders if one.pk not in away}
    nobody = []
    for one in holders:
        if one.pk in away:
            stand_in = present(one.pk, at)
            if stand_in is None:
                nobody.append(Candidate(one.pk, Decimal(0), is_present=False))
            else:
                there.setdefault(stand_in.pk, (stand_in, one.pk))
    loads, served = loads_of(there), _served(there)
    return nobody + [
        Candidate(
            pk,
            loads.get(pk, Decimal(0)),
            skills=frozenset(person.product_lines),
            languages=person.spoken_languages,
            areas=person.served_areas,
            served_at=served.get(pk),
            stands_in_for=absent_id,
        )
        for pk, (person, absent_id) in there.items()
    ]


def loads_of(staff_ids: Collection[int]) -> dict[int, Decimal]:
    """Return the weighted load of people: open cases in hand, and those being offered to them. Two queries.

    What somebody holds as the duty officer is the queue's, not his.
    """
    weights = numbers().data.load_weights
    has = Case.objects.open().filter(owner_id__in=staff_ids, is_on_duty=False)
    offered = Pass.objects.filter(state=Pass.State.OFFERED, receiver_id__in=staff_ids).exclude(way=Pass.Way.UPWARD)
    loads: defaultdict[int, Decimal] = defaultdict(Decimal)
    for rows in (
        has.order_by().values_list("owner_id", "kind", "severity").annotate(cases=Count("pk")),
        offered.order_by().values_list("receiver_id", "case__kind", "case__severity").annotate(cases=Count("pk")),
    ):
        for staff_id, kind, severity, number in rows:
            loads[staff_id] += weights.of(kind, severity) * number
    return dict(loads)


def _served(staff_ids: Collection[int]) -> dict[int, datetime]:
    last = Pass.objects.filter(receiver_id=OuterRef("pk"), way=Pass.Way.ASSIGN, reasons__isnull=False).order_by("-offered_at")
    rows = Staff.objects.filter(pk__in=staff_ids).values_list("pk", Subquery(last.values("offered_at")[:1]))
    return {pk: at for pk, at in rows if at is not None}


_STEPS = {
    CaseOpened.type: "came",
    CaseReopened.type: "came",
    CaseDeputised.type: "came",
    PassOffered.type: "offered",
    PassDeclined.type: "refused",
    PassLapsed.type: "refused",
    AssignmentAccepted.type: "accepted",
    NobodyFound.type: "nobody",
}


def steps_of(case: Case) -> tuple[list[Step], str]:
    """Return what happened on a case as far as assignment goes, and its area: as told at intake, else its unit's region.

    One query.
    """
    area = case.unit.region
    steps = []
    rows = Event.objects.of_case(case.pk).filter(type__in=_STEPS).values_list("sequence", "type", "data")
    for sequence, type_, data in rows:
        if type_ == CaseOpened.type:
            area = data.get("area") or area
        steps.append(
            Step(
                sequence,
                _STEPS[type_],  # type: ignore[arg-type]
                pass_id=data.get("pass_id") or 0,
                staff_id=data.get("receiver_id") or 0,
                is_by_rule=bool(data.get("reasons")),
            )
        )
    return steps, area


# --- in words

_NEED_WORDS = {
    "skill": lambda: _("the skill"),
    "language": lambda: _("the language"),
    "area": lambda: _("the area"),
}


def rule_name(reasons: Mapping[str, Any]) -> str:
    """Return the label of the rule that decided, in the language of the moment."""
    name = str(reasons.get("rule", ""))
    try:
        data = by_label(str(reasons.get("policy", ""))).data
    except NoPolicy:
        return name
    rules = data.rules if isinstance(data, Assignment) else ()
    rule = next((one for one in rules if one.name == name), None)
    return rule.label.in_language(get_language() or settings.LANGUAGE_CODE) if rule is not None else name


def why_chosen(reasons: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """Return why somebody was chosen, or nobody, in the language of the moment; `names` of staff by id. No query."""
    roles = _between([str(Role(role).label) for role in reasons["roles"]])
    if not reasons["count"]:
        return _("nobody has the role here: %(roles)s") % {"roles": roles}
    numbers_ = {"count": reasons["count"], "able": reasons["able"], "roles": roles}
    if not reasons["able"]:
        outs = _between([out_words(out, number) for out, number in reasons["out"].items()])
        return _("of %(count)s (%(roles)s) none: %(outs)s") % {**numbers_, "outs": outs}
    parts = [_("%(able)s of %(count)s (%(roles)s) come into question") % numbers_, _decided_words(reasons)]
    absent = names.get(reasons.get("stands_in_for") or 0)
    if absent:
        parts.append(_("stands in for %(name)s") % {"name": absent})
    return _between(parts)


def _between(parts: Sequence[str]) -> str:
    return pgettext("between the reasons of an assignment", ", ").join(part for part in parts if part)


def _decided_words(reasons: Mapping[str, Any]) -> str:
    by, load = reasons["decided_by"], load_text(reasons["load"])
    if by in _NEED_WORDS:
        return _("the first with %(need)s, load %(load)s") % {"need": _NEED_WORDS[by](), "load": load}
    return {
        "only": _("the only one, load %(load)s"),
        "earlier_owner": _("had this customer's last case, load %(load)s"),
        "load": _("least load %(load)s"),
        "turn": _("load %(load)s like others, and the longest without a turn"),
    }[by] % {"load": load}


def load_text(load: str) -> str:
    """Return a load as people read it: ``3`` or ``2.5``."""
    return f"{Decimal(load).normalize():f}" if load else ""


def out_words(out: str, number: int = 1) -> str:
    """Return why so many people do not come into question."""
    return {
        "absent": _("%(number)s absent"),
        "duty": _("%(number)s on duty, who has it already"),
        "asked": _("%(number)s asked before"),
        "skill": _("%(number)s without the product line"),
        "language": _("%(number)s without the language"),
        "area": _("%(number)s not in the area"),
        "full": _("%(number)s with too much in hand"),
    }[out] % {"number": number}


@dataclass(frozen=True, slots=True)
class ConsideredRow:
    """One person of an explanation, for the page."""

    name: str
    load: str
    words: str
    is_out: bool


def considered_rows(reasons: Mapping[str, Any], names: Mapping[int, str]) -> list[ConsideredRow]:
    """Return who was considered with load and reason, at most as many as the event keeps. No query."""
    return [
        ConsideredRow(
            names.get(one["staff_id"], ""),
            load_text(one["load"]),
            _out_word(one["out"]) if one["out"] else _between([_NEED_WORDS[need]() for need in one["has"]]),
            bool(one["out"]),
        )
        for one in reasons["considered"]
    ]


def _out_word(out: str) -> str:
    return {
        "absent": _("absent"),
        "duty": _("on duty, has it already"),
        "asked": _("asked before"),
        "skill": _("without the product line"),
        "language": _("without the language"),
        "area": _("not in the area"),
        "full": _("too much in hand"),
    }[out]


def staff_in_reasons(reasons: Mapping[str, Any] | None) -> set[int]:
    """Return the ids of the people whom an explanation names."""
    if not reasons:
        return set()
    ids = {one["staff_id"] for one in reasons.get("considered", ())}
    return ids | {reasons["stands_in_for"]} if reasons.get("stands_in_for") else ids


def why_offered(offer: Pass) -> str:
    """Return why an offer came about: the rule with its reasons, or what was written. One query when somebody stands in."""
    reasons = offer.reasons
    if not reasons:
        return reason_words(offer.explanation)
    absent_id = reasons.get("stands_in_for")
    names = dict(Staff.objects.filter(pk=absent_id).values_list("pk", "name")) if absent_id else {}
    return _("%(rule)s (%(policy)s): %(why)s") % {
        "rule": rule_name(reasons),
        "policy": reasons["policy"],
        "why": why_chosen(reasons, names),
    }
