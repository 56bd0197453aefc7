"""Promises as pure arithmetic: which rule sets the time, when it falls due, when to ring before it (spec 1, Promises)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from jieli.lib.business_time import WorkingCalendar
from jieli.lib.promise_clock import Days, Instant, Minutes, Target, replay
from jieli.policies.matching import best_rule
from jieli.policies.schemas.promises import Promises

ALWAYS = "always"
BESIDE = "beside"
"""The fact of a plan that names the kind of promise beside which it stands: a second time, while the first still counts."""

CalendarOf = Callable[[str], WorkingCalendar]


@dataclass(frozen=True, slots=True)
class Plan:
    """A time that a rule, or a person, sets: the first segment of a promise.

    `target` counts minutes or working days; `given_due_at` stands for it when a person gave the time. `facts` is what the
    rule matched on: with `rule` and `policy` it explains the time.
    """

    kind: str
    mode: str
    target: Decimal | None
    given_due_at: datetime | None
    calendar: str
    rule: str
    policy: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One later segment: a pause with its end, a resumption, or a re-targeting."""

    kind: str
    at: datetime
    until: datetime | None = None
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """What the replay of all segments says now."""

    due_at: datetime
    paused_until: datetime | None
    plan: Plan
    pauses: tuple[tuple[datetime, datetime], ...]


def plans_at(starts: str, facts: Mapping[str, object], policy: Promises, *, version: str) -> list[Plan]:
    """Return the promises that begin at a point of the way (``opened``, ``dispatched`` …), one per kind, by their best rule."""
    plans = (plan_for(kind, facts, policy, version=version, starts=starts) for kind in policy.kinds_starting(starts))
    return [plan for plan in plans if plan is not None]


def plan_for(
    kind: str, facts: Mapping[str, object], policy: Promises, *, version: str, starts: str | None = None
) -> Plan | None:
    """Return the time that the most specific rule sets for one kind of promise, or None when no rule sets one.

    The customer's tier shortens minutes by its factor, never days and never a legal term (defaults, Tier).
    """
    match = best_rule(policy.rules_for(kind, starts), facts)
    if match is None:
        return None
    rule = match.rule
    tier = str(facts.get("tier") or "") or None
    target = policy.target_for(rule, tier).quantize(Decimal("0.01"))
    used: dict[str, Any] = {name: facts[name] for name in FACTS if facts.get(name) not in (None, "")}
    if target != rule.target:
        used["tier_factor"] = str(target / rule.target)
    return Plan(kind, rule.mode, target, None, rule.calendar, rule.name, version, used)


FACTS = ("kind", "service_type", "severity", "tier", "product_line", "channel", "unit", "inside", "urgent")


def given(kind: str, due_at: datetime, *, policy: str, by: str) -> Plan:
    """Return the plan of a time that a person gave."""
    return Plan(kind, "instant", None, due_at, ALWAYS, by, policy)


def target_of(plan: Plan) -> Target:
    """Return the target of a plan as the clock's arithmetic wants it."""
    if plan.mode == "instant":
        assert plan.given_due_at is not None
        return Instant(plan.given_due_at)
    assert plan.target is not None
    return Minutes(float(plan.target)) if plan.mode == "minutes" else Days(int(plan.target))


def derive(started_at: datetime, first: Plan, changes: Iterable[Change], calendar_of: CalendarOf) -> Derived:
    """Replay a promise from its first segment through every change: the only way a due time comes about.

    A re-targeting replays everything from the start and keeps earlier pauses; an open pause counts to its agreed end.
    """
    plan = first
    pauses: list[tuple[datetime, datetime]] = []
    open_from: datetime | None = None
    open_until: datetime | None = None
    for change in changes:
        if change.kind == "pause":
            assert change.until is not None
            open_from, open_until = change.at, change.until
        elif change.kind == "resume" and open_from is not None and open_until is not None:
            pauses.append((open_from, min(change.at, open_until)))
            open_from = open_until = None
        elif change.kind == "retarget" and change.plan is not None:
            plan = change.plan
    if open_from is not None and open_until is not None:
        pauses.append((open_from, open_until))
    due_at = replay(started_at, target_of(plan), pauses, calendar_of(plan.calendar))
    return Derived(due_at, open_until if open_from is not None else None, plan, tuple(pauses))


def alarm_times(
    started_at: datetime, derived: Derived, shares: Sequence[int], calendar_of: CalendarOf
) -> list[tuple[int, datetime]]:
    """Return when each share (in per cent) of a promise's time is used up, in working time, pauses left out, in order."""
    calendar = calendar_of(derived.plan.calendar)
    paused = sum(calendar.minutes_between(begin, end) for begin, end in derived.pauses)
    total = max(calendar.minutes_between(started_at, derived.due_at) - paused, 0.0)
    times: list[tuple[int, datetime]] = []
    for share in sorted({*shares, 100}):
        if share == 100 or total == 0:
            at = derived.due_at
        elif share < 100:
            at = min(replay(started_at, Minutes(total * share / 100), list(derived.pauses), calendar), derived.due_at)
        else:
            at = calendar.add_minutes(derived.due_at, total * (share - 100) / 100)
        times.append((share, at))
    return times


def next_alarm(
    times: Sequence[tuple[int, datetime]],
    *,
    rung: frozenset[int] | set[int],
    paused_until: datetime | None,
) -> datetime | None:
    """Return when the sweep must look at a promise next: the first share not rung yet, or the end of its pause."""
    if paused_until is not None:
        return paused_until
    due = [at for share, at in times if share not in rung]
    return min(due) if due else None


def lateness_minutes(due_at: datetime, ended_at: datetime) -> Decimal | None:
    """Return by how many clock minutes a promise was late, or None when it was kept."""
    if ended_at <= due_at:
        return None
    return (Decimal((ended_at - due_at) / timedelta(microseconds=1)) / 60_000_000).quantize(Decimal("0.01"))
