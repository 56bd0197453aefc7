"""What the policies say for a case: its facts, plans, calendars and numbers."""

from collections.abc import Iterable
from datetime import datetime

from jieli.cases.models import Case, Promise, Segment
from jieli.cases.rules.promising import (
    ALWAYS,
    CalendarOf,
    Change,
    Derived,
    Plan,
    alarm_times,
    derive,
    next_alarm,
    plan_for,
    plans_at,
)
from jieli.lib.business_time import WorkingCalendar
from jieli.people.queries import working_calendar
from jieli.policies.queries import Loaded, current
from jieli.policies.schemas.numbers import Numbers
from jieli.policies.schemas.promises import Promises

INSIDE_KINDS = ("internal_request", "internal_complaint", "improvement")


def promises_policy(at: datetime | None = None) -> Loaded[Promises]:
    """Return the policy `promises` in force."""
    return current("promises", at)


def numbers() -> Loaded[Numbers]:
    """Return the policy `numbers` in force: grace, limits, shares and days."""
    return current("numbers")


def facts_of(
    *,
    kind: str,
    service_type: str = "",
    severity: int | None = None,
    tier: str = "standard",
    product_line: str = "",
    channel: str = "",
    unit: str = "",
) -> dict[str, object]:
    """Return what rules may match on."""
    return {
        "kind": kind,
        "service_type": service_type,
        "severity": severity or 0,
        "tier": tier,
        "product_line": product_line,
        "channel": channel,
        "unit": unit,
        "inside": kind in INSIDE_KINDS,
    }


def facts_of_case(case: Case) -> dict[str, object]:
    """Return what rules may match on for a case. Reads its customer and unit."""
    return facts_of(
        kind=case.kind,
        service_type=case.service_type,
        severity=case.severity,
        tier=case.customer.tier,
        product_line=case.product_line,
        channel=case.channel,
        unit=case.unit.code,
    )


def plans_starting(starts: str, facts: dict[str, object]) -> list[Plan]:
    """Return the promises that begin at a point of the way, by the policy in force."""
    policy = promises_policy()
    return plans_at(starts, facts, policy.data, version=policy.version)


def plan_of_kind(kind: str, facts: dict[str, object], *, starts: str | None = None) -> Plan | None:
    """Return the time the policy in force sets for one kind of promise."""
    policy = promises_policy()
    return plan_for(kind, facts, policy.data, version=policy.version, starts=starts)


def calendars_of(unit_id: int) -> CalendarOf:
    """Return the working calendars of a unit, its closures included, by code."""

    def calendar_of(code: str) -> WorkingCalendar:
        return working_calendar(unit_id, None if code == "unit" else code)

    return calendar_of


def first_plan(promise: Promise) -> Plan:
    """Return the first segment of a promise, as its own row keeps it."""
    return Plan(
        promise.kind,
        promise.mode,
        promise.target,
        promise.given_due_at,
        promise.calendar,
        promise.rule,
        promise.policy,
        promise.facts,
    )


def changes_of(segments: Iterable[Segment], kind: str) -> list[Change]:
    """Return the later segments of a promise as the replay reads them."""
    return [
        Change(
            segment.kind,
            segment.at,
            segment.until,
            Plan(
                kind,
                segment.mode,
                segment.target,
                segment.given_due_at,
                segment.calendar,
                segment.rule,
                segment.policy,
                segment.facts,
            )
            if segment.kind == Segment.Kind.RETARGET
            else None,
        )
        for segment in sorted(segments, key=lambda one: one.sequence)
    ]


def derive_promise(promise: Promise, segments: Iterable[Segment]) -> Derived:
    """Replay a promise from its rows."""
    return derive(
        promise.started_at,
        first_plan(promise),
        changes_of(segments, promise.kind),
        calendars_of(promise.calendar_unit_id),
    )


def first_alarm(started_at: datetime, derived: Derived, unit_id: int, rung: frozenset[int] = frozenset()) -> datetime | None:
    """Return when the sweep must look at a promise next."""
    times = alarm_times(started_at, derived, [step.percent for step in numbers().data.warnings], calendars_of(unit_id))
    return next_alarm(times, rung=rung, paused_until=derived.paused_until)


__all__ = [
    "ALWAYS",
    "calendars_of",
    "changes_of",
    "derive_promise",
    "facts_of",
    "facts_of_case",
    "first_alarm",
    "first_plan",
    "numbers",
    "plan_of_kind",
    "plans_starting",
    "promises_policy",
]
