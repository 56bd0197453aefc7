"""Calculations that take longer than a page may: asked for by people, done by a job, kept for the pages.

A month of millions of orders takes most of a minute: no browser waits for that, and no page view calculates. Of each thing
one calculation at most is unfinished, so ten impatient clicks start one job; a decision is besides decided once whatever
happens (`decide_month`).
"""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as queue

from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.events.refusals import NotFound, Refused, require
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.people.queries import actor_for
from jieli.policies.models import PolicyVersion
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.models import ReckonedResult, Reckoning, Result, Run
from jieli.settlement.policy import may_ask_preview, may_settle, may_try_month
from jieli.settlement.queries import statements
from jieli.settlement.queries.adjustments import open_adjustments
from jieli.settlement.queries.calculating import WORK_MEMORY, Calculation, calculation, open_incentives
from jieli.settlement.queries.months import Month, month_from
from jieli.settlement.queries.narrowing import known_to_run
from jieli.settlement.queries.previews import TRIED
from jieli.settlement.queries.shapes import OutletResult
from jieli.settlement.queries.terms import Terms, require_begun, require_not_passed, terms_of
from jieli.settlement.queries.trying import terms_of_trial
from jieli.settlement.refusals import MonthBeforeCutOff
from jieli.settlement.rules.comparing import Outcome, causes, difference

_STORE = f"""
stored as (
  insert into settlement_reckonedline (reckoning_id, order_id, outlet_id, decision, gate, earlier_id, finished_at)
  select %(reckoning)s, line.order_id, line.outlet_id, {statements.DECISION}, line.earlier_id, line.finished_at
  from line where line.gate > 0
)"""  # noqa: S608  # made of constants


def ask_preview(month: Month, *, actor: Actor) -> Reckoning:
    """Let a job calculate what a run would decide now. Raises NotAllowed, MonthNotBegun, MonthAlreadyPassed."""
    require(may_ask_preview(actor))
    require_begun(month)
    require_not_passed(month)
    return _ask(Reckoning(kind=Reckoning.Kind.PREVIEW, month=month.first), actor)


def ask_decision(month: Month, *, actor: Actor) -> Reckoning | None:
    """Let a job decide a month; None when it is decided. Raises NotAllowed and what `decide_month` would raise now."""
    require(may_settle(actor))
    if Run.objects.filter(month=month.first).exists():
        return None
    require_begun(month)
    require_not_passed(month)
    if clock.now() <= month.cut_off:
        raise MonthBeforeCutOff
    return _ask(Reckoning(kind=Reckoning.Kind.DECISION, month=month.first), actor)


def ask_trial(draft_id: int, *, month: Month, actor: Actor) -> Reckoning:
    """Let a job calculate a month under a draft of a policy, to be held against what was decided, or what would be.

    Raises NotAllowed, NotFound for what is no draft of `rates`, `grade` or `settlement`, MonthNotBegun, MonthAlreadyPassed.
    """
    require(may_try_month(actor))
    draft = PolicyVersion.objects.filter(pk=draft_id, name__in=TRIED).first()
    if draft is None:
        raise NotFound
    require_begun(month)
    require_not_passed(month)
    wanted = Reckoning(kind=Reckoning.Kind.TRIAL, month=month.first, draft_id=draft.pk, draft_revision=draft.revision)
    return _ask(wanted, actor)


@transaction.atomic
def _ask(wanted: Reckoning, actor: Actor) -> Reckoning:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('settlement.ask'))")
    same = Reckoning.objects.filter(kind=wanted.kind, month=wanted.month, draft_id=wanted.draft_id)
    unfinished = same.filter(state__in=Reckoning.UNFINISHED).first()
    if unfinished is not None:
        return unfinished
    wanted.asked_by_id = actor.id if actor.is_staff else None
    wanted.asked_at = clock.now()
    wanted.save(force_insert=True)
    queue.configure_task("settlement.reckon").defer(reckoning_id=wanted.pk)
    return wanted


def reckon(reckoning_id: int) -> None:
    """Do one calculation that was asked for; a repeat after a killed job does it again, a finished one is left alone."""
    row = Reckoning.objects.filter(pk=reckoning_id).first()
    if row is None or not row.is_unfinished:
        return
    row.state, row.began_at = Reckoning.State.WORKING, clock.now()
    row.save(update_fields=["state", "began_at"])
    asker = Staff.objects.filter(pk=row.asked_by_id).first() if row.asked_by_id else None
    with translation.override(asker.language if asker and asker.language else settings.LANGUAGE_CODE):
        try:
            _WAYS[row.kind](row, asker)
        except Refused as refused:
            _end(row, Reckoning.State.REFUSED, reason=str(refused.message))
        except Exception:
            _end(row, Reckoning.State.REFUSED, reason=_("Something went wrong on our side; the log says what. Try again."))
            raise


def _decide(row: Reckoning, asker: Staff | None) -> None:
    if asker is None:
        raise NotFound
    decide_month(month_from(row.month), actor=actor_for(asker))
    _end(row, Reckoning.State.DONE)


def _preview(row: Reckoning, _asker: Staff | None) -> None:
    month = month_from(row.month)
    require_begun(month)
    require_not_passed(month)
    with transaction.atomic():
        _fill_preview(row)


def _fill_preview(row: Reckoning) -> None:
    row.seen_event = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    terms = terms_of(month_from(row.month))
    _keep(row, _calculated(terms, statements.settled(_STORE), {"reckoning": row.pk}))
    # Trials that were held against an older one go with it.
    older = Reckoning.objects.filter(kind=row.kind, month=row.month, pk__lt=row.pk)
    older.exclude(state__in=Reckoning.UNFINISHED).delete()


def _trial(row: Reckoning, _asker: Staff | None) -> None:
    draft = PolicyVersion.objects.filter(pk=row.draft_id).first()
    if draft is None:
        raise NotFound
    run = Run.objects.filter(month=row.month).first()
    with transaction.atomic():
        row.draft_revision = draft.revision
        if run is None:
            # Both sides from the facts of one moment: what differs comes from the draft.
            now = clock.now()
            row.base = Reckoning.objects.create(
                kind=Reckoning.Kind.PREVIEW, month=row.month, asked_at=now, began_at=now, state=Reckoning.State.DONE
            )
            _fill_preview(row.base)
        terms = terms_of_trial(month_from(row.month), draft, run)
        statement = statements.settled()
        if run is not None:
            statement = known_to_run(statement)
        found = _calculated(terms, statement, {"run": run.pk if run else 0}, run)
        before = Result.objects.filter(run=run) if run else ReckonedResult.objects.filter(reckoning=row.base)
        _keep(row, found, {one.outlet_id: one for one in before})
        Reckoning.objects.filter(kind=row.kind, month=row.month, draft_id=row.draft_id, pk__lt=row.pk).exclude(
            state__in=Reckoning.UNFINISHED
        ).delete()


_WAYS: dict[str, Callable[[Reckoning, Staff | None], None]] = {
    Reckoning.Kind.PREVIEW: _preview,
    Reckoning.Kind.DECISION: _decide,
    Reckoning.Kind.TRIAL: _trial,
}


def _calculated(terms: Terms, statement: str, parameters: dict[str, int], run: Run | None = None) -> Calculation:
    incentives = [one for one in open_incentives(terms) if run is None or one.recorded_at <= run.decided_at]
    adjustments = [one for one in open_adjustments(terms) if run is None or one.decided_at <= run.decided_at]
    with connection.cursor() as cursor:
        cursor.execute(WORK_MEMORY)
        cursor.execute(statement, terms.parameters | parameters)
        return calculation(terms, cursor.fetchall(), incentives, adjustments)


def _keep(row: Reckoning, found: Calculation, old: Mapping[int, Outcome] | None = None) -> None:
    results = [_result(row, one) for one in found.outlets]
    for one in results if old is not None else ():
        before = old.get(one.outlet_id) if old else None
        if before is not None:
            one.difference_amount, one.causes = difference(before, one), causes(before, one)
    ReckonedResult.objects.bulk_create(results, batch_size=2_000)
    row.settlement_policy, row.grade_policy, row.rates = found.policy, found.grade_policy, list(found.rates)
    row.earlier_orders = found.earlier_orders
    _end(row, Reckoning.State.DONE)


def _result(row: Reckoning, one: OutletResult) -> ReckonedResult:
    return ReckonedResult(
        reckoning_id=row.pk,
        outlet_id=one.outlet_id,
        payable=one.payable,
        held=one.held,
        rejected=one.rejected,
        labour_amount=one.labour_amount,
        coefficient=one.coefficient,
        incentives_amount=one.incentives_amount,
        payout_amount=one.payout_amount,
        debt_amount=one.debt_amount,
        finished=one.grade.finished,
        facts={name: list(share) for name, share in one.grade.facts.items()},
        parts={name: str(points) for name, points in one.grade.parts.items()},
        score=one.grade.score,
        grade=one.grade.grade,
        rank=one.grade.rank,
        group_size=one.grade.group_size,
        peers=one.grade.peers,
    )


def _end(row: Reckoning, state: str, *, reason: str = "") -> None:
    row.state, row.reason, row.ended_at = state, reason[:400], clock.now()
    row.save()
