"""Who is to call a customer, in which hours, and what an attempt still needs: what the policy says, put to a case."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from jieli.cases.models import Case
from jieli.cases.queries.assigning import candidates_for
from jieli.cases.queries.planning import numbers
from jieli.orders.models import WorkOrder
from jieli.people.queries import duty_officer
from jieli.policies.authority import Limit
from jieli.policies.schemas.numbers import Callback
from jieli.quality.models import Attempt, CallBack
from jieli.quality.rules.calling import Hours, half_days_used, hours_of

MOST_OFFICERS = 5


def callback_policy() -> Callback:
    """Return what the policy `numbers` says about call-backs now."""
    policy: Callback = numbers().data.callback
    return policy


def calling_hours() -> Hours:
    """Return in which hours customers are called, in the company's zone."""
    policy = callback_policy()
    return hours_of(policy.calls_from, policy.calls_until, ZoneInfo(settings.TIME_ZONE))


def authorities() -> tuple[Limit, ...]:
    """Return what each role may spend by itself now."""
    return tuple(Limit(one.role.value, one.most_amount) for one in numbers().data.authority)


def used(callback: CallBack) -> int:
    """Return on how many different half-days somebody tried to reach the customer. One query."""
    return half_days_used(Attempt.objects.filter(callback=callback).values_list("half_day", flat=True))


def finished_orders(case_id: int) -> list[WorkOrder]:
    """Return the finished work orders of a case, in order of their ids. One query."""
    found = WorkOrder.objects.filter(case_id=case_id, finished_at__isnull=False, cancelled_at__isnull=True)
    return list(found.order_by("pk"))


def callers_for(case: Case, at: datetime) -> Sequence[int]:
    """Return who is asked to call, in turn: the steward, quality officers over the steward's unit by load, the duty officer.

    Nobody who did the work himself. About seven queries.
    """
    officers = [one for one in candidates_for(case.steward.unit, ["quality"], at) if one.is_present]
    officers.sort(key=lambda one: (one.load, one.staff_id))
    turn = [case.steward_id, *(one.staff_id for one in officers[:MOST_OFFICERS]), duty_officer(case.steward.unit_id, at).pk]
    workers = set(WorkOrder.objects.filter(case=case, engineer_id__in=turn).values_list("engineer_id", flat=True))
    return [staff_id for staff_id in dict.fromkeys(turn) if staff_id not in workers]
