"""By which rules a month is calculated when a draft is tried on it."""

from dataclasses import replace
from typing import TypeVar

from jieli.lib import clock
from jieli.policies import queries as policies
from jieli.policies.models import PolicyVersion
from jieli.policies.schemas import Grade, Rates, Settlement
from jieli.settlement.models import Run
from jieli.settlement.queries.decided import month_of_run
from jieli.settlement.queries.months import Month, month_from
from jieli.settlement.queries.rate_tables import RateTable, rate_tables, with_draft
from jieli.settlement.queries.terms import Terms, terms_of

P = TypeVar("P", Grade, Settlement)


def terms_of_trial(month: Month, draft: PolicyVersion, run: Run | None) -> Terms:
    """Return the rules of a month with a draft in the place of its policy; the others are those of the run, if there is one."""
    data = policies.draft_data(draft)
    rates = data if isinstance(data, Rates) else None
    grade = data if isinstance(data, Grade) else None
    settlement = data if isinstance(data, Settlement) else None
    terms = terms_of(month, rates=rates, grade=grade, settlement=settlement)
    if run is None:
        return terms
    tables = tables_of_run(run)
    return replace(
        terms,
        month=month_from(run.month, cut_off_days=settlement.cut_off_days) if settlement else month_of_run(run),
        tables=with_draft(tables, rates) if rates else tables,
        grade=grade or _of(run.grade_policy, Grade) or terms.grade,
        grade_policy=terms.grade_policy if grade else run.grade_policy,
        settlement=settlement or _of(run.settlement_policy, Settlement) or terms.settlement,
        policy=terms.policy if settlement else run.settlement_policy,
    )


def tables_of_run(run: Run) -> list[RateTable]:
    """Return the rate tables that a run used."""
    used = set(run.rates)
    return [table for table in _all_versions() if table.name in used]


def _all_versions() -> list[RateTable]:
    found = []
    for row in policies.versions("rates"):
        if row.number is not None:
            data = policies.version("rates", row.number).data
            assert isinstance(data, Rates)
            found.append(RateTable(row.version, data))
    return sorted(found, key=lambda one: one.data.valid_from)


def known_tables() -> list[RateTable]:
    """Return the tables that hold now."""
    return rate_tables(clock.now())


def _of(label: str, schema: type[P]) -> P | None:
    try:
        data = policies.by_label(label).data
    except policies.NoPolicy:
        return None
    return data if isinstance(data, schema) else None
