"""A draft of the policy `promises` tried on a past month: every promise of the month, planned again under it."""

from collections.abc import Iterator
from datetime import date, datetime, time

from jieli.cases.models import Case, Promise, Segment
from jieli.cases.queries.links import case_path
from jieli.cases.queries.planning import calendars_of, changes_of, facts_of
from jieli.cases.rules.promising import Plan, derive, plan_for
from jieli.lib import clock
from jieli.lib.business_time import CalendarRefusal
from jieli.people.queries import company_zone
from jieli.policies.dry_run import Row
from jieli.policies.models import PolicyVersion
from jieli.policies.queries import NoPolicy, by_label
from jieli.policies.schemas.promises import PromiseRule, Promises
from jieli.policies.sources import read_body


def replay_month(draft: PolicyVersion, month: date) -> Iterator[Row]:
    """Yield each rule-made promise that began in a month, with what the draft would have made of it, by case.

    Pauses are kept; a promise is judged by when it really ended. Left out are times that no rule made: those that people gave,
    and those of appointments. Reads in chunks, so that any month can be tried.
    """
    policy = read_body(draft.body, Promises)
    assert isinstance(policy, Promises)
    version = f"{draft.name} v{draft.number}"
    zone = company_zone()
    begin = datetime.combine(month, time(), tzinfo=zone)
    end = datetime.combine(date(month.year + month.month // 12, month.month % 12 + 1, 1), time(), tzinfo=zone)
    month_promises = (
        Promise.objects.filter(started_at__gte=begin, started_at__lt=end, by_import=False, case__source="")
        .exclude(mode=Promise.Mode.INSTANT)
        .exclude(kind__in=Promise.INSIDE_KINDS)
        .select_related("case__customer", "case__unit")
        .prefetch_related("history")
        .order_by("case_id", "id")
    )
    now = clock.now()
    for promise in month_promises.iterator(chunk_size=2000):
        rule = _rule(promise)
        if rule is not None:
            yield _row(promise, rule, policy, version, now)


def _rule(promise: Promise) -> PromiseRule | None:
    """Return the rule that made a promise, in the version that held then; None when something else set its time."""
    try:
        data = by_label(promise.policy).data
    except NoPolicy:
        return None
    return data.rule(promise.rule) if isinstance(data, Promises) else None


def _row(promise: Promise, rule: PromiseRule, policy: Promises, version: str, now: datetime) -> Row:
    case = promise.case
    plan = plan_for(promise.kind, _facts(promise, case), policy, version=version, starts=rule.starts.value)
    if plan is None:
        plan = plan_for(promise.kind, _facts(promise, case), policy, version=version)
    new_due = _due(promise, plan) if plan is not None else None
    return Row(
        case_number=case.number,
        url=case_path(case.pk),
        promise_kind=promise.kind,
        old_due=promise.due_at,
        new_due=new_due,
        old_verdict=_verdict(promise, promise.due_at, now),
        new_verdict=_verdict(promise, new_due, now) if new_due is not None else "",
        old_rule=promise.rule,
        new_rule=plan.rule if plan is not None else "",
    )


def _facts(promise: Promise, case: Case) -> dict[str, object]:
    """Return what the promise was planned on: the facts kept with it, filled up by those of the case."""
    facts = facts_of(
        kind=case.kind,
        service_type=case.service_type,
        severity=case.severity,
        tier=case.customer.tier,
        product_line=case.product_line,
        channel=case.channel,
        unit=case.unit.code,
    )
    return {**facts, **{name: value for name, value in promise.facts.items() if name in facts}}


def _due(promise: Promise, plan: Plan) -> datetime | None:
    pauses = [segment for segment in promise.history.all() if segment.kind != Segment.Kind.RETARGET]
    try:
        derived = derive(promise.started_at, plan, changes_of(pauses, promise.kind), calendars_of(promise.calendar_unit_id))
    except CalendarRefusal:
        return None
    return derived.due_at


def _verdict(promise: Promise, due_at: datetime, now: datetime) -> str:
    if promise.outcome == Promise.Outcome.CANCELLED:
        return "cancelled"
    if promise.ended_at is not None:
        return "kept" if promise.ended_at <= due_at else "late"
    return "late" if due_at < now else "running"
