"""Assignment by rule as pure decisions: who comes into question for a case, in which order, and why (spec 1, Ownership)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from jieli.policies.schemas.assignment import AssignmentRule

MOST_TOLD = 20
"""Of so many people an explanation keeps load and reason; of the others only the numbers."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who would receive the case; `stands_in_for` names who is absent, `is_present` is False when nobody stands in.

    `load` is the weight of what the person has in hand or is being offered, `served_at` when a rule last offered a case.
    """

    staff_id: int
    load: Decimal
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    served_at: datetime | None = None
    stands_in_for: int | None = None
    is_present: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """What a case asks of people; an empty need is met by everybody. `weight` is what it would add to a load."""

    weight: Decimal
    skill: str = ""
    language: str = ""
    area: str = ""
    earlier_owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """One person and the outcome: `has` names the needs and preferences met, `out` why not, empty for who may be asked.

    `out` is ``absent``, ``duty`` (has the case already), ``asked`` (was asked before), a need that is not met, or ``full``.
    """

    staff_id: int
    load: Decimal
    has: tuple[str, ...]
    out: str
    stands_in_for: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is to be asked, the first first, and why; `considered` has the same order, then those who are out, by id.

    `decided_by` says what put the first before the second: ``only``, ``earlier_owner``, a preference, ``load`` or ``turn``.
    """

    considered: tuple[Considered, ...]
    decided_by: str = ""

    @property
    def order(self) -> tuple[int, ...]:
        """Return the ids of those who come into question, the first first."""
        return tuple(one.staff_id for one in self.considered if not one.out)

    def reasons(self, rule: AssignmentRule, policy: str) -> dict[str, Any]:
        """Return the explanation as data: the rule and policy version, the numbers, and the first people with their loads."""
        first = self.considered[0] if self.order else None
        return {
            "rule": rule.name,
            "policy": policy,
            "roles": [role.value for role in rule.roles],
            "count": len(self.considered),
            "able": len(self.order),
            "out": dict(sorted(Counter(one.out for one in self.considered if one.out).items())),
            "decided_by": self.decided_by,
            "load": str(first.load) if first else "",
            "stands_in_for": first.stands_in_for if first else None,
            "considered": [
                {"staff_id": one.staff_id, "load": str(one.load), "has": list(one.has), "out": one.out}
                for one in self.considered[:MOST_TOLD]
            ],
        }


def choose(
    candidates: Iterable[Candidate],
    asked: Asked,
    rule: AssignmentRule,
    *,
    duty_id: int | None = None,
    not_again: frozenset[int] = frozenset(),
) -> Choice:
    """Return in which order people are asked: all needs met, present, not the duty officer, not again, not too full.

    Of those the customer's earlier owner comes first where the rule says so, then who meets the preferences in their order,
    then the least load, then who was served longest ago by a rule, at last the lower id. The order of input does not matter.
    """
    people: dict[int, Candidate] = {}
    for one in sorted(candidates, key=lambda one: (one.staff_id, one.stands_in_for or 0, not one.is_present)):
        people.setdefault(one.staff_id, one)
    able: list[tuple[tuple[Any, ...], Considered]] = []
    out: list[Considered] = []
    for one in people.values():
        has = tuple(need for need in (*rule.needs, *rule.prefers) if _meets(one, asked, need))
        reason = _out(one, asked, rule, duty_id, not_again)
        seen = Considered(one.staff_id, one.load, has, reason, one.stands_in_for)
        if reason:
            out.append(seen)
        else:
            able.append((_place(one, asked, rule), seen))
    able.sort(key=lambda pair: pair[0])
    return Choice((*(seen for _key, seen in able), *out), _decided_by([key for key, _seen in able], rule))


def _meets(one: Candidate, asked: Asked, need: str) -> bool:
    wanted, there = {
        "skill": (asked.skill, one.skills),
        "language": (asked.language, one.languages),
        "area": (asked.area, one.areas),
    }[need]
    return not wanted or wanted in there


def _out(one: Candidate, asked: Asked, rule: AssignmentRule, duty_id: int | None, not_again: frozenset[int]) -> str:
    if not one.is_present:
        return "absent"
    if one.staff_id == duty_id:
        return "duty"
    if one.staff_id in not_again:
        return "asked"
    for need in rule.needs:
        if not _meets(one, asked, need):
            return need
    return "full" if rule.most_load is not None and one.load + asked.weight > rule.most_load else ""


def _place(one: Candidate, asked: Asked, rule: AssignmentRule) -> tuple[Any, ...]:
    earlier = (one.staff_id != asked.earlier_owner_id,) if rule.earlier_owner_first else ()
    return (
        *earlier,
        *(not _meets(one, asked, need) for need in rule.prefers),
        one.load,
        one.served_at or _NEVER,
        one.staff_id,
    )


def _decided_by(keys: Sequence[tuple[Any, ...]], rule: AssignmentRule) -> str:
    if len(keys) < 2:
        return "only" if keys else ""
    names: list[str] = ["earlier_owner"] if rule.earlier_owner_first else []
    names += [*rule.prefers, "load", "turn", "turn"]
    return next(name for name, first, second in zip(names, keys[0], keys[1], strict=True) if first != second)


@dataclass(frozen=True, slots=True)
class Step:
    """What happened on a case, as far as assignment goes.

    `came`: it came to the duty officer. `offered`: to `staff_id`, by a rule or by a person. `refused`: that offer was
    declined, or lapsed. `accepted`: it was accepted. `nobody`: a rule found nobody.
    """

    sequence: int
    kind: Literal["came", "offered", "refused", "accepted", "nobody"]
    pass_id: int = 0
    staff_id: int = 0
    is_by_rule: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a rule is to act now, and who is not asked again."""

    is_due: bool
    not_again: frozenset[int] = field(default_factory=frozenset)


def turn_after(steps: Sequence[Step], after: int) -> Turn:
    """Tell whether a rule is to act on the step with sequence `after`; `steps` in their order.

    Not when somebody, a rule or a person, has offered it since, nor when the refused offer was a person's. Nobody is asked
    twice while the case stays with the duty officer, and whoever was asked last and did not accept is not the next, either.
    """
    cause = next((step for step in steps if step.sequence == after), None)
    by_rule = [step for step in steps if step.kind == "offered" and step.is_by_rule]
    ours = {step.pass_id for step in by_rule}
    if cause is None or cause.kind not in ("came", "refused") or (cause.kind == "refused" and cause.pass_id not in ours):
        return Turn(is_due=False)
    if any(step.kind in ("offered", "nobody") and step.sequence > after for step in steps):
        return Turn(is_due=False)
    begins = max((step.sequence for step in steps if step.kind == "came"), default=0)
    again = {step.staff_id for step in by_rule if step.sequence > begins}
    accepted = {step.pass_id for step in steps if step.kind == "accepted"}
    if by_rule and by_rule[-1].pass_id not in accepted:
        again.add(by_rule[-1].staff_id)
    return Turn(is_due=True, not_again=frozenset(again))
