"""Months are calculated by jobs that pages ask for: once at a time, kept, and held against drafts."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from jieli.events.actor import Actor
from jieli.lib import clock
from jieli.people.tests.factories import a_person, acting, the_root
from jieli.policies.tests.factories import changed, make_draft
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.reckoning import ask_decision, ask_preview, ask_trial, reckon
from jieli.settlement.models import ReckonedResult, Reckoning, Run
from jieli.settlement.queries import pages, previews
from jieli.settlement.queries.calculating import calculate
from jieli.settlement.queries.months import month_of
from jieli.settlement.queries.pages import Source
from jieli.settlement.queries.statement import statement
from jieli.settlement.refusals import MonthBeforeCutOff
from jieli.settlement.tests.factories import (
    a_device,
    a_rate_table,
    an_incentive,
    an_order,
    an_outlet,
    at,
)

pytestmark = pytest.mark.django_db

AFTER = at("2026-04-10 09:00")


@pytest.fixture(autouse=True)
def after_the_cut_off() -> Iterator[None]:
    with clock.frozen(AFTER):
        yield


def a_small_month() -> None:
    """Write two outlets with what a statement can hold: payable, held, rejected, a charge-back, an incentive."""
    first, second = an_outlet("A"), an_outlet("B")
    a_rate_table()
    shared = a_device()
    an_order(first, "2026-03-02 10:00", device=shared, number="W1")
    an_order(second, "2026-03-20 10:00", device=shared, number="W2", night=True)
    an_order(first, "2026-03-03 10:00", number="W3", callback_result="", callback_at=None)
    an_order(first, "2026-03-04 10:00", number="W4", steps_complete=False)
    for day in range(1, 12):
        an_order(second, f"2026-03-{day:02d} 12:00")
    an_incentive(first, "2026-03", "30.00", reason="提醒设计缺陷")


def test_a_preview_is_calculated_once_however_often_it_is_asked_for() -> None:
    a_small_month()
    month = month_of("2026-03")
    first, second = ask_preview(month, actor=finance()), ask_preview(month, actor=finance())
    assert first.pk == second.pk
    assert ProcrastinateJob.objects.filter(task_name="settlement.reckon").count() == 1
    reckon(first.pk)
    reckon(first.pk)
    found = previews.standing(month)
    assert found.preview == first
    assert not found.is_old
    expected = calculate(month)
    rows = {row.outlet.code: row for row in ReckonedResult.objects.filter(reckoning=first).select_related("outlet")}
    for one in expected.outlets:
        assert rows[one.outlet].payout_amount == one.payout_amount
    gates = [(one.decision, one.gate, one.orders) for one in pages.by_gate(Source(None, first), None)]
    assert gates == [("held", "callback", 1), ("rejected", "steps", 1)]


def finance() -> Actor:
    """Return somebody of finance for the whole company."""
    return acting(a_person(unit=the_root(), roles=("finance",)))


def test_a_statement_says_the_same_before_and_after_the_decision() -> None:
    a_small_month()
    month, actor = month_of("2026-03"), finance()
    preview = ask_preview(month, actor=actor)
    reckon(preview.pk)
    before = {}
    for row in Source(None, Reckoning.objects.get(pk=preview.pk)).results().select_related("outlet"):
        before[row.outlet.code] = statement(Source(None, preview), row)
    run = decide_month(month, actor=actor)
    for row in Source(run).results().select_related("outlet"):
        after = statement(Source(run), row)
        assert after.lines == before[row.outlet.code].lines
        assert sorted(after.charges, key=str) == sorted(before[row.outlet.code].charges, key=str)
        assert after.exact_amount == before[row.outlet.code].exact_amount
        assert after.pays.payout_amount == row.payout_amount
    lines = {line.number: line for line in before["A"].lines}
    assert lines["W1"].explanation.startswith("82.00 = ")
    assert {charge.kind for charge in before["A"].charges} == {"charge_back", "incentive"}
    assert before["A"].incentives_amount == Decimal("30.00") - Decimal("102.00")
    back = next(charge for charge in before["A"].charges if charge.kind == "charge_back")
    assert (back.order, back.earlier) == ("W2", "W1")


def test_a_decision_asked_for_twice_decides_once() -> None:
    a_small_month()
    actor = finance()
    with clock.frozen(at("2026-04-07 12:00")), pytest.raises(MonthBeforeCutOff):
        ask_decision(month_of("2026-03"), actor=actor)
    month = month_of("2026-03")
    first, second = ask_decision(month, actor=actor), ask_decision(month, actor=actor)
    assert first is not None
    assert first == second
    assert previews.standing(month).deciding == first
    reckon(first.pk)
    assert Run.objects.get().month == month.first
    assert ask_decision(month, actor=actor) is None


def test_a_draft_is_tried_on_a_decided_month() -> None:
    a_small_month()
    actor = finance()
    month = month_of("2026-03")
    run = decide_month(month, actor=actor)
    draft = make_draft("settlement", changed("settlement", "night = 20.00", "night = 25.00"))
    late = an_order(an_outlet("A2"), "2026-03-09 10:00")
    trial = ask_trial(draft.pk, month=month, actor=actor)
    reckon(trial.pk)
    trial.refresh_from_db()
    assert trial.state == Reckoning.State.DONE
    rows = {row.new.outlet.code: row.new for row in pages.differences_page(Source(run), trial).rows}
    assert set(rows) == {"A", "B"}
    assert rows["B"].causes == ["fee"]
    assert rows["B"].difference_amount == Decimal("5.00")
    assert rows["A"].causes == ["incentives"]
    assert late.outlet.code not in rows
    assert pages.trial_sums(trial).changed == 2
