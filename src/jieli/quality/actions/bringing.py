"""Call-backs of the past set by set, for the demo and for tests of size: the same rows and events as one by one.

Each happened at its given times; nobody is told, nobody reacts. The facts of the work orders, and their event of the call-back,
are brought with the orders; whoever merges the events of several apps on one chain takes `happened_of` of each call-back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from jieli.cases.actions.past import copy_rows
from jieli.events.actions import Happened, append_history, reserve_ids
from jieli.events.actor import Actor
from jieli.events.facts import Fact
from jieli.events.models import Event
from jieli.events.refusals import require
from jieli.quality.events import (
    AmountSpent,
    CallAttempted,
    CallBackAnswered,
    CallBackPlanned,
    CallBackTaken,
    DelightConfirmed,
    NotAboutVisit,
    RecoveryRecorded,
    RecoveryStarted,
)
from jieli.quality.models import CallBack
from jieli.quality.policy import may_bring
from jieli.quality.rules.answers import Answers
from jieli.quality.rules.calling import half_day_of

RESOLVED = "cases.resolved"


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """One attempt to reach a customer."""

    at: datetime
    outcome: str
    by_id: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class PastSpending:
    """One amount spent on the spot, with the authority by which."""

    at: datetime
    amount: Decimal
    purpose: str
    role: str
    limit_amount: Decimal
    policy: str
    by_id: int


@dataclass(frozen=True, slots=True)
class PastRecovery:
    """What followed a dissatisfied customer; `after` is the number of the call-back that asked about it, with its result."""

    opened_at: datetime
    steward_id: int
    restored: str = ""
    personal: str = ""
    recorded_at: datetime | None = None
    recorded_by_id: int | None = None
    after: int | None = None
    result: str = ""
    result_at: datetime | None = None
    spendings: Sequence[PastSpending] = ()


@dataclass(frozen=True, slots=True)
class PastCallBack:
    """One call-back; open without a result. `sequence` is that of the event that told the result, 0: it is looked for."""

    case_id: int
    about: str
    made_at: datetime
    due_at: datetime
    number: int = 1
    sequence: int = 0
    caller_id: int | None = None
    taken_at: datetime | None = None
    attempts: Sequence[PastAttempt] = ()
    result: str = ""
    result_at: datetime | None = None
    is_by_link: bool = False
    answers: Answers = field(default_factory=Answers)
    order_ids: Sequence[int] = ()
    delight_at: datetime | None = None
    delight_by_id: int | None = None
    excused_at: datetime | None = None
    excused_by_id: int | None = None
    excuse: str = ""
    recovery: PastRecovery | None = None


@dataclass(frozen=True, slots=True)
class Ids:
    """The keys which the rows of one call-back get."""

    callback: int
    recovery: int = 0
    spendings: Sequence[int] = ()


def reserve_callback_ids(callbacks: Sequence[PastCallBack]) -> list[Ids]:
    """Return the keys for call-backs to be brought, rising. Three queries."""
    recoveries = [one.recovery for one in callbacks if one.recovery is not None]
    ids = reserve_ids("quality_callback", len(callbacks))
    recovery_ids = iter(reserve_ids("quality_recovery", len(recoveries)))
    spending_ids = iter(reserve_ids("quality_spending", sum(len(one.spendings) for one in recoveries)))
    return [
        Ids(callback_id)
        if one.recovery is None
        else Ids(callback_id, next(recovery_ids), [next(spending_ids) for _ in one.recovery.spendings])
        for callback_id, one in zip(ids, callbacks, strict=True)
    ]


def happened_of(one: PastCallBack, ids: Ids) -> Iterator[Happened]:
    """Give the facts of one call-back with their times, in the order in which the live actions record them; no query."""
    zone = ZoneInfo(settings.TIME_ZONE)
    named: dict[str, Any] = {"case_id": one.case_id, "callback_id": ids.callback}
    yield Happened(CallBackPlanned(**named, about=one.about, due_at=one.due_at), one.made_at)
    if one.caller_id is not None and one.taken_at is not None:
        yield Happened(CallBackTaken(**named, caller_id=one.caller_id), one.taken_at)
    for number, tried in enumerate(one.attempts, 1):
        half_day = half_day_of(tried.at, zone)
        fact: Fact = CallAttempted(**named, number=number, half_day=half_day, outcome=tried.outcome, note=tried.note)
        yield Happened(fact, tried.at)
    if one.result_at is None:
        return
    by = "nobody" if one.result == CallBack.Result.UNREACHED else "link" if one.is_by_link else "call"
    values = one.answers.as_values(one.result)
    yield Happened(CallBackAnswered(**named, about=one.about, result=one.result, by=by, **values), one.result_at)
    if one.delight_at is not None:
        yield Happened(DelightConfirmed(**named, moved=one.answers.moved), one.delight_at)
    if one.excused_at is not None:
        yield Happened(NotAboutVisit(**named, reason=one.excuse), one.excused_at)
    if one.recovery is not None:
        yield from _recovered(one.recovery, named, ids)


def _recovered(recovery: PastRecovery, named: Mapping[str, Any], ids: Ids) -> Iterator[Happened]:
    here = {"case_id": named["case_id"], "recovery_id": ids.recovery}
    started = RecoveryStarted(**named, recovery_id=ids.recovery, steward_id=recovery.steward_id)
    yield Happened(started, recovery.opened_at)
    for spending_id, spent in zip(ids.spendings, recovery.spendings, strict=True):
        fact = AmountSpent(
            **here,
            spending_id=spending_id,
            amount=spent.amount,
            role=spent.role,
            limit_amount=spent.limit_amount,
            policy=spent.policy,
            purpose=spent.purpose,
        )
        yield Happened(fact, spent.at)
    if recovery.recorded_at is not None:
        done = RecoveryRecorded(**here, restored=recovery.restored, personal=recovery.personal)
        yield Happened(done, recovery.recorded_at)


@transaction.atomic
def bring_callbacks(
    callbacks: Sequence[PastCallBack], *, actor: Actor, ids: Sequence[Ids] | None = None, with_events: bool = True
) -> int:
    """Write call-backs with attempts and recoveries, and return how many events were recorded.

    With `ids` their keys are reserved already; without `with_events` the caller has recorded what `happened_of` gives. Cost: a
    fixed number of statements whatever their number. Raises NotAllowed for anybody but an import.
    """
    require(may_bring(actor))
    if not callbacks:
        return 0
    keys = ids or reserve_callback_ids(callbacks)
    both = list(zip(callbacks, keys, strict=True))
    found = _sequences({one.case_id for one in callbacks if not one.sequence})
    copy_rows("quality_callback", (_row(one, key, found) for one, key in both))
    copy_rows("quality_attempt", (row for one, key in both for row in _attempts(one, key)))
    by_number = {(one.case_id, one.number): key.callback for one, key in both}
    copy_rows("quality_recovery", (_recovery(one, key, by_number) for one, key in both if one.recovery is not None))
    copy_rows("quality_spending", (row for one, key in both for row in _spendings(one, key)))
    if not with_events:
        return 0
    happened = [fact for one, key in both for fact in happened_of(one, key)]
    append_history(happened, actor=actor)
    return len(happened)


def _sequences(case_ids: set[int]) -> dict[int, list[int]]:
    """Return by case the sequences of the events that told its results."""
    found: dict[int, list[int]] = {}
    told = Event.objects.filter(stream="case", stream_id__in=case_ids, type=RESOLVED).order_by("stream_id", "sequence")
    for case_id, sequence in told.values_list("stream_id", "sequence"):
        found.setdefault(case_id, []).append(sequence)
    return found


def _row(one: PastCallBack, ids: Ids, found: Mapping[int, list[int]]) -> dict[str, Any]:
    told = found.get(one.case_id, [])
    sequence = one.sequence or (told[one.number - 1] if len(told) >= one.number else one.number)
    states = {"": CallBack.State.OPEN, "unreached": CallBack.State.UNREACHED}
    return {
        "id": ids.callback,
        "case_id": one.case_id,
        "number": one.number,
        "sequence": sequence,
        "about": one.about,
        "state": str(states.get(one.result, CallBack.State.DONE).value),
        "made_at": one.made_at,
        "due_at": one.due_at,
        "caller_id": one.caller_id,
        "taken_at": one.taken_at,
        "result": one.result,
        "result_at": one.result_at,
        "is_by_link": one.is_by_link,
        **one.answers.as_values(one.result),
        "order_ids": f"{{{','.join(map(str, one.order_ids))}}}",
        "delight_at": one.delight_at,
        "delight_by_id": one.delight_by_id,
        "excused_at": one.excused_at,
        "excused_by_id": one.excused_by_id,
        "excuse": one.excuse,
    }


def _attempts(one: PastCallBack, ids: Ids) -> Iterator[dict[str, Any]]:
    zone = ZoneInfo(settings.TIME_ZONE)
    for number, tried in enumerate(one.attempts, 1):
        yield {
            "callback_id": ids.callback,
            "number": number,
            "at": tried.at,
            "half_day": half_day_of(tried.at, zone),
            "outcome": tried.outcome,
            "note": tried.note,
            "by_id": tried.by_id,
        }


def _recovery(one: PastCallBack, ids: Ids, by_number: Mapping[tuple[int, int], int]) -> dict[str, Any]:
    recovery = one.recovery
    assert recovery is not None
    return {
        "id": ids.recovery,
        "case_id": one.case_id,
        "callback_id": ids.callback,
        "opened_at": recovery.opened_at,
        "restored": recovery.restored,
        "personal": recovery.personal,
        "recorded_at": recovery.recorded_at,
        "recorded_by_id": recovery.recorded_by_id,
        "after_id": by_number[one.case_id, recovery.after] if recovery.after else None,
        "result": recovery.result,
        "result_at": recovery.result_at,
    }


def _spendings(one: PastCallBack, ids: Ids) -> Iterator[dict[str, Any]]:
    if one.recovery is None:
        return
    for spending_id, spent in zip(ids.spendings, one.recovery.spendings, strict=True):
        yield {
            "id": spending_id,
            "recovery_id": ids.recovery,
            "amount": spent.amount,
            "purpose": spent.purpose,
            "role": spent.role,
            "limit_amount": spent.limit_amount,
            "policy": spent.policy,
            "state": "spent",
            "by_id": spent.by_id,
            "at": spent.at,
        }
